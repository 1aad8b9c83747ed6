/*
 * HTTP by libmicrohttpd: connections, requests from bytes, answers to bytes.
 *
 * A few threads do all of that, each for its own connections, and never wait: a
 * request that has arrived is suspended, workers answer it, and it is resumed.
 */
#ifndef SERVER_HTTP_H
#define SERVER_HTTP_H

#include "base/call.h"
#include "router.h"
#include "workers.h"

typedef struct server_http server_http;

typedef struct http_settings {
    const char *host; /* an address, or a name of one */
    int port;         /* 0: a free one */
    int threads;
    int timeout_seconds;
    router_settings router;
    server_workers *workers; /* http_stop() stops them */
} http_settings;

/* Begin to listen. *out is to be stopped. Fails with DYN_INVALID, which says
 * why; DYN_NOMEM. */
dyn_status http_start(dyn_call *call, const http_settings *settings,
                      server_http **out);

/* The port that is listened on. */
int http_port(const server_http *http);

/* End the connections whose time is over; to be called about once a second. */
void http_sweep(server_http *http);

/* Take no more requests, have the workers stop, which answers what has arrived,
 * send these answers, close all connections, and free http. */
void http_stop(server_http *http);

#endif
