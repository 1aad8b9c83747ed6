/* dynamo_export(table, path [, options]) and dynamo_import(table, path [,
 * options]). */
#ifndef EXT_TRANSFER_FUNCTION_H
#define EXT_TRANSFER_FUNCTION_H

#include "base/sqlite.h"
#include "engine/session.h"

/* Returns SQLite's code. */
int transfer_function_register(sqlite3 *db, dyn_session *session);

#endif
