/*
 * One request and its answer, while it lives: from its first line to the last
 * byte of the answer. The thread of HTTP fills it in, a worker answers it, the
 * thread of HTTP sends that: never two at a time.
 */
#ifndef SERVER_EXCHANGE_H
#define SERVER_EXCHANGE_H

#include "base/call.h"
#include "request.h"
#include "workers.h"

#include <stdatomic.h>

typedef enum exchange_stage {
    EXCHANGE_BEGUN,    /* the first line has come */
    EXCHANGE_ARRIVING, /* the headers have come */
    EXCHANGE_WORKING,  /* all has come */
    EXCHANGE_ANSWERED,
    EXCHANGE_REFUSED, /* the server stops */
} exchange_stage;

typedef struct server_exchange {
    server_work work; /* what the workers have of it */
    exchange_stage stage;
    void *owner;      /* of the thread of HTTP */
    void *connection; /* the same */
    dyn_call call;    /* memory of all that follows, but for the body */
    struct server_poller *poller; /* whose connection it is */
    http_request request;
    http_answer answer;
    unsigned char *body;
    size_t body_room_bytes;
    atomic_size_t *budget_bytes; /* what large bodies of all exchanges
                                  * may yet take */
} server_exchange;

/* A new exchange for a URI, which is copied; NULL when out of memory. */
server_exchange *exchange_begin(const char *uri, atomic_size_t *budget_bytes);
void exchange_end(server_exchange *exchange);

/* More of the body has come. One that is too large, or that
 * there is no memory for, is given up. */
void exchange_add_body(server_exchange *exchange, const void *data,
                       size_t size_bytes);

#endif
