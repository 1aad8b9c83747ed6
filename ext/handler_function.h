/* dynamo_on_change(): making and removing handlers. */
#ifndef EXT_HANDLER_FUNCTION_H
#define EXT_HANDLER_FUNCTION_H

#include "base/sqlite.h"
#include "engine/session.h"

/* Returns a SQLite result code. */
int handler_function_register(sqlite3 *db, dyn_session *session);

#endif
