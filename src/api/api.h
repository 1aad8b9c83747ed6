/*
 * DynamoDB's low-level JSON protocol: a request in, a response out.
 *
 * Layer: api.
 */
#ifndef DYN_API_API_H
#define DYN_API_API_H

#include "api/host.h"

/*
 * Run an operation, `PutItem`, on a request, which is JSON. *response is JSON
 * in the memory of call; call may be ended when it has been read.
 *
 * Fails as DynamoDB does; dyn_exception_text() has it as text.
 */
dyn_status dyn_api_call(dyn_call *call, const dyn_host *host,
                        dyn_bytes operation, dyn_bytes request,
                        dyn_bytes *response);

#endif
