/*
 * The tables to look at, dynamo_tables and others. They are eponymous virtual
 * tables. Their argument is the name of a table; without one they show all
 * tables.
 */
#ifndef EXT_LOOK_VTAB_H
#define EXT_LOOK_VTAB_H

#include "base/sqlite.h"
#include "engine/table.h"

/* Takes a reference to session for each table. */
int look_vtab_register(sqlite3 *db, dyn_session *session);

#endif
