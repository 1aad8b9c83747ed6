/*
 * A statement that finds SQLite's schema older than the file has it read again.
 * In xCreate that frees the table of `temp` that is being created: SQLite knows
 * of no other statement that holds it.
 */
#ifndef EXT_STALE_SCHEMA_H
#define EXT_STALE_SCHEMA_H

#include "base/sqlite.h"
#include "engine/session.h"

/* Statements that each hold a read transaction, in the memory of a call. */
typedef struct held_schemas {
    sqlite3_stmt **statements;
    size_t count;
} held_schemas;

/* Hold the schemas of all databases as SQLite has them in memory, until
 * held_schemas_end(), which is for the caller to call in any case. Fails with
 * SQLITE_SCHEMA where one was older than its file: it is read again then, what
 * SQLite gave to xCreate is gone, and SQLite begins anew; and as SQLite does.
 */
dyn_status held_schemas_begin(dyn_call *call, dyn_session *session,
                              held_schemas *out);
void held_schemas_end(held_schemas *held);

#endif
