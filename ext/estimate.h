/* dynamo_estimate(): what a statement or a request of the API would cost. */
#ifndef EXT_ESTIMATE_H
#define EXT_ESTIMATE_H

#include "base/sqlite.h"
#include "engine/session.h"

/* Register the function with a connection. Returns a SQLite code. */
int estimate_register(sqlite3 *db, dyn_session *session);

#endif
