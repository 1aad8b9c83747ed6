/* The SQL functions dynamo_backup() and dynamo_restore(). */
#ifndef EXT_BACKUP_FUNCTIONS_H
#define EXT_BACKUP_FUNCTIONS_H

#include "base/sqlite.h"
#include "engine/session.h"

int backup_functions_register(sqlite3 *db, dyn_session *session);

#endif
