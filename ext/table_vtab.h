/* Module `dynamo`: CREATE VIRTUAL TABLE t USING dynamo(...). */
#ifndef EXT_TABLE_VTAB_H
#define EXT_TABLE_VTAB_H

#include "base/sqlite.h"
#include "engine/definition.h"
#include "engine/session.h"

/* Takes over the reference to session, also when it fails. */
int table_vtab_register(sqlite3 *db, dyn_session *session);

/* Tell SQLite the columns of a table. Fails as bridge_fail() does. */
dyn_status table_declare(dyn_call *call, sqlite3 *db,
                         const dyn_definition *declared, const char *collation);

/* xFindFunction. */
int table_find_function(sqlite3_vtab *vtab, int argc, const char *name,
                        void (**function)(sqlite3_context *, int,
                                          sqlite3_value **),
                        void **argument);

#endif
