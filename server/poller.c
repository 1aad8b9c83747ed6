/* Threads that do HTTP; the contract is in poller.h. */
#include "poller.h"

#include <limits.h>
#include <microhttpd.h>
#include <sched.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

enum { SOON_US = 250 }; /* how long is looked for what comes soon */

/* Of this thread. */
static _Thread_local struct {
    server_poller *own;
    int64_t since_us; /* something is expected */
    bool is_quick;    /* the last request came soon */
} watch;

static int64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void poller_note_request(void)
{
    watch.is_quick = now_us() - watch.since_us <= SOON_US;
}

void poller_expect_soon(void)
{
    watch.since_us = now_us();
}

/* Whether to look again rather than to sleep. */
static bool is_to_look(const poller_orders *orders)
{
    if (!watch.is_quick || !orders->is_alone(orders->context)) return false;
    watch.is_quick = now_us() - watch.since_us <= SOON_US;
    return watch.is_quick;
}

/* ---------------------------------------------------------------- sleeping --
 */

/* How long the daemon may be left alone; -1: until something happens. */
static int timeout_ms(struct MHD_Daemon *daemon)
{
    MHD_UNSIGNED_LONG_LONG timeout = 0;
    if (MHD_get_timeout(daemon, &timeout) != MHD_YES) return -1;
    return timeout > INT_MAX ? INT_MAX : (int)timeout;
}

/* Unless it has been woken since that many times. Whoever wakes it counts
 * before he looks whether it is asleep; the first one who finds it so tells. */
static void sleep_on(server_poller *poller, unsigned wakes)
{
    struct epoll_event event;
    eventfd_t count = 0;
    int timeout = timeout_ms(poller->daemon);
    atomic_store(&poller->is_asleep, true);
    bool is_woken = atomic_load(&poller->wakes) == wakes &&
                    epoll_wait(poller->events, &event, 1, timeout) == 1 &&
                    event.data.fd == poller->waking;
    atomic_store(&poller->is_asleep, false);
    if (is_woken) eventfd_read(poller->waking, &count); /* it is 0 again */
}

void poller_wake(server_poller *poller)
{
    atomic_fetch_add(&poller->wakes, 1);
    if (!atomic_exchange(&poller->is_asleep, false)) return;
    eventfd_write(poller->waking, 1);
}

static void *run(void *context)
{
    server_poller *poller = context;
    const poller_orders *orders = poller->orders;
    bool has_others = sysconf(_SC_NPROCESSORS_ONLN) > 1; /* processors */
    watch.own = poller;
    while (!atomic_load(&orders->is_over)) {
        unsigned wakes = atomic_load(&poller->wakes);
        MHD_run_wait(poller->daemon, 0);
        if (has_others && is_to_look(orders))
            sched_yield(); /* who waits for this processor */
        else
            sleep_on(poller, wakes);
    }
    return NULL;
}

/* ------------------------------------------------------ beginning, ending --
 */

server_poller *poller_own(void)
{
    return watch.own;
}

static bool watch_for(const server_poller *poller, int events)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = events};
    return events >= 0 &&
           epoll_ctl(poller->events, EPOLL_CTL_ADD, events, &event) == 0;
}

static void close_events(const server_poller *poller)
{
    if (poller->events >= 0) close(poller->events);
    if (poller->waking >= 0) close(poller->waking);
}

bool poller_start(server_poller *poller)
{
    const union MHD_DaemonInfo *daemon =
        MHD_get_daemon_info(poller->daemon, MHD_DAEMON_INFO_EPOLL_FD);
    poller->events = epoll_create1(EPOLL_CLOEXEC);
    poller->waking = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (poller->events >= 0 && daemon != NULL &&
        watch_for(poller, daemon->epoll_fd) &&
        watch_for(poller, poller->waking) &&
        pthread_create(&poller->thread, NULL, run, poller) == 0)
        return true;
    close_events(poller);
    return false;
}

void poller_join(server_poller *poller)
{
    pthread_join(poller->thread, NULL);
    close_events(poller);
}
