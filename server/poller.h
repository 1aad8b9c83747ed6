/*
 * A thread that does HTTP for a daemon of libmicrohttpd.
 *
 * To wake a thread takes longer than to answer most requests, above all on a
 * virtual machine. So when a client sends its requests one soon after the
 * other, and is alone, the thread looks for the next one for a moment before it
 * sleeps. When none comes, it sleeps at once until clients are quick again.
 */
#ifndef SERVER_POLLER_H
#define SERVER_POLLER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct MHD_Daemon;

/* For all threads of a server. */
typedef struct poller_orders {
    bool (*is_alone)(const void *context); /* one client, with one request */
    const void *context;
    atomic_bool is_over; /* end; to be told by poller_wake() */
} poller_orders;

typedef struct server_poller {
    struct MHD_Daemon *daemon;   /* borrowed; nobody else runs it */
    const poller_orders *orders; /* borrowed */
    pthread_t thread;
    int events;        /* an epoll of all that wakes it */
    int waking;        /* an eventfd, by which others do */
    atomic_uint wakes; /* how often they did */
    atomic_bool is_asleep;
} server_poller;

/* daemon and orders are given. Returns whether the thread runs. */
bool poller_start(server_poller *poller);

/* Wait for its end, when it is over. */
void poller_join(server_poller *poller);

/* From any thread: the daemon has something to do, as connections that have
 * been resumed. */
void poller_wake(server_poller *poller);

/* That of this thread. */
server_poller *poller_own(void);

/* On its thread: a request has come; or the next thing is likely to happen
 * soon, as after an answer. */
void poller_note_request(void);
void poller_expect_soon(void);

#endif
