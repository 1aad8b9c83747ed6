/* The SQL functions dynamo_...(). */
#ifndef EXT_FUNCTIONS_H
#define EXT_FUNCTIONS_H

#include "base/sqlite.h"
#include "engine/table.h"

/* Takes a reference to session for each function. */
int functions_register(sqlite3 *db, dyn_session *session);

#endif
