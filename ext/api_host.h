/* The host of the API (api/host.h): tables by their names, and SQLite's
 * transactions. */
#ifndef EXT_API_HOST_H
#define EXT_API_HOST_H

#include "engine/session.h"

/* Run one operation, as a statement of its own for dynamo_cost() but where a
 * statement that reads a dynamo table makes it. Fails as dyn_api_call() and
 * tables_settle() do. */
dyn_status api_host_call(dyn_call *call, dyn_session *session,
                         dyn_bytes operation, dyn_bytes request,
                         dyn_bytes *response);

#endif
