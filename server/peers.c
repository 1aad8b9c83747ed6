/* Time limits of connections; the contract is in peers.h. */
#include "peers.h"

#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

struct server_peer {
    server_peer *next;
    server_peer **link; /* what points to this one */
    int socket;
    int64_t until_ms; /* PEER_NO_LIMIT: for ever */
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int peers_begin(server_peers *peers)
{
    peers->first = NULL;
    return pthread_mutex_init(&peers->mutex, NULL) == 0;
}

void peers_end(server_peers *peers)
{
    pthread_mutex_destroy(&peers->mutex);
}

server_peer *peers_add(server_peers *peers, int socket, int64_t limit_ms)
{
    server_peer *added = malloc(sizeof(*added));
    if (added == NULL) return NULL;
    added->socket = socket;
    added->until_ms = now_ms() + limit_ms;
    pthread_mutex_lock(&peers->mutex);
    added->next = peers->first;
    added->link = &peers->first;
    if (added->next != NULL) added->next->link = &added->next;
    peers->first = added;
    pthread_mutex_unlock(&peers->mutex);
    return added;
}

void peers_remove(server_peers *peers, server_peer *peer)
{
    if (peer == NULL) return;
    pthread_mutex_lock(&peers->mutex);
    *peer->link = peer->next;
    if (peer->next != NULL) peer->next->link = peer->link;
    pthread_mutex_unlock(&peers->mutex);
    free(peer);
}

void peers_expect(server_peers *peers, server_peer *peer, int64_t limit_ms)
{
    if (peer == NULL) return;
    int64_t until_ms =
        limit_ms == PEER_NO_LIMIT ? PEER_NO_LIMIT : now_ms() + limit_ms;
    pthread_mutex_lock(&peers->mutex);
    peer->until_ms = until_ms;
    pthread_mutex_unlock(&peers->mutex);
}

void peers_shut_late(server_peers *peers)
{
    int64_t now = now_ms();
    pthread_mutex_lock(&peers->mutex);
    for (server_peer *peer = peers->first; peer != NULL; peer = peer->next) {
        if (peer->until_ms == PEER_NO_LIMIT || peer->until_ms > now) continue;
        shutdown(peer->socket, SHUT_RDWR);
        peer->until_ms = PEER_NO_LIMIT;
    }
    pthread_mutex_unlock(&peers->mutex);
}
