/*
 * HTTP: one connection to an endpoint, which is kept open, and requests that
 * are signed (AWS Signature Version 4). It knows nothing of DynamoDB, and tries
 * nothing twice.
 */
#ifndef REMOTE_HTTP_H
#define REMOTE_HTTP_H

#include "base/call.h"
#include "credentials.h"

typedef struct http_connection http_connection;

typedef struct http_request {
    const char *url;
    const char *region;
    const remote_credentials *credentials;
    const char *target; /* X-Amz-Target */
    dyn_bytes body;
    int64_t timeout_ms; /* for all of it */
} http_request;

typedef struct http_answer {
    const char *problem; /* why there is no answer; NULL: there is one. In the
                          * memory of the call */
    bool is_passing;     /* the problem may be gone at another try */
    long status;         /* HTTP's */
    dyn_bytes body;      /* followed by a zero byte */
    int sent; /* how often the request was sent: once more, when a connection
               * that was open ended instead of an answer */
} http_answer;

/* A connection that is not open yet. Fails with DYN_NOMEM. */
dyn_status http_open(dyn_call *call, http_connection **out);
void http_close(http_connection *connection); /* NULL is allowed */

/* Post a body; *out is in the memory of call. Fails with DYN_NOMEM. */
dyn_status http_post(dyn_call *call, http_connection *connection,
                     const http_request *request, http_answer *out);

#endif
