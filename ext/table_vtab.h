/* Module `dynamo`: CREATE VIRTUAL TABLE t USING dynamo(...). */
#ifndef EXT_TABLE_VTAB_H
#define EXT_TABLE_VTAB_H

#include "base/sqlite.h"
#include "engine/session.h"

/* Takes over the reference to session, also when it fails. */
int table_vtab_register(sqlite3 *db, dyn_session *session);

#endif
