/*
 * What a request is for: the one place that knows which paths and targets the
 * server has.
 *
 * POST is DynamoDB's API, on any path. GET / is a page that says that the
 * server is there.
 */
#ifndef SERVER_ROUTER_H
#define SERVER_ROUTER_H

#include "base/call.h"
#include "credentials.h"
#include "database.h"
#include "lane.h"
#include "request.h"

/* The lane of a request. */
server_lane router_lane(const http_request *request);

/* Answer a request; credentials are NULL when nobody has to sign. The answer is
 * in the memory of call, or has literals. It cannot fail: a failure is an
 * answer. */
void router_answer(dyn_call *call, server_database *database,
                   const credential_list *credentials,
                   const http_request *request, http_answer *answer);

#endif
