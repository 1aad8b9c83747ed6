/* The host of the API (api/host.h): tables by their names, and SQLite's
 * transactions. */
#ifndef EXT_API_HOST_H
#define EXT_API_HOST_H

#include "api/host.h"

/* Run one operation, as a statement of its own for dynamo_cost() but where a
 * statement that reads a dynamo table makes it. Fails as dyn_api_call() and
 * tables_settle() do. */
dyn_status api_host_call(dyn_call *call, dyn_session *session,
                         dyn_bytes operation, dyn_bytes request,
                         dyn_bytes *response);

/* Run other work of a SQL function in the same way, as an operation that host
 * serves (api/host.h). function is its name, for messages. Fails as the work
 * and tables_settle() do. */
typedef dyn_status api_host_work(dyn_call *call, const dyn_host *host,
                                 void *context);
dyn_status api_host_run(dyn_call *call, dyn_session *session,
                        const char *function, api_host_work *work,
                        void *context);

#endif
