/*
 * What a request is for: the one place that knows which paths and targets the
 * server has.
 *
 * POST is DynamoDB's API, on any path but those of the console. GET / is the
 * console for a browser, and for all others a page that says that the server is
 * there.
 */
#ifndef SERVER_ROUTER_H
#define SERVER_ROUTER_H

#include "base/call.h"
#include "credentials.h"
#include "database.h"
#include "lane.h"
#include "request.h"

/* What holds for all requests. */
typedef struct router_settings {
    const credential_list *credentials; /* NULL: nobody has to sign */
    bool has_console;
    const char *host; /* that is listened on */
} router_settings;

/* The lane of a request. */
server_lane router_lane(const http_request *request);

/* Answer a request. The answer is in the memory of call, or has literals. It
 * cannot fail: a failure is an answer. */
void router_answer(dyn_call *call, server_database *database,
                   const router_settings *settings, const http_request *request,
                   http_answer *answer);

#endif
