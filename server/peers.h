/*
 * The connections of clients, and until when each of them has to do what is
 * expected of it. Whoever sends a byte now and then keeps no connection open.
 */
#ifndef SERVER_PEERS_H
#define SERVER_PEERS_H

#include <pthread.h>
#include <stdint.h>

typedef struct server_peer server_peer;

typedef struct server_peers {
    pthread_mutex_t mutex; /* guards all peers */
    server_peer *first;
} server_peers;

enum { PEER_NO_LIMIT = 0 };

/* Returns whether there was a lock. */
int peers_begin(server_peers *peers);
void peers_end(server_peers *peers); /* when all have been removed */

/* A connection, with its socket. It has limit_ms from now on. NULL when out of
 * memory. */
server_peer *peers_add(server_peers *peers, int socket, int64_t limit_ms);

/* Before the socket is closed. NULL is allowed. */
void peers_remove(server_peers *peers, server_peer *peer);

/* The next thing is expected within limit_ms from now on, or PEER_NO_LIMIT.
 * NULL is allowed. */
void peers_expect(server_peers *peers, server_peer *peer, int64_t limit_ms);

/* Shut the sockets of those that are late; whoever reads from them closes
 * them. */
void peers_shut_late(server_peers *peers);

#endif
