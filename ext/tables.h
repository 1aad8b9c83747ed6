/* Finding the dynamo tables of a connection by their names. */
#ifndef EXT_TABLES_H
#define EXT_TABLES_H

#include "base/sqlite.h"
#include "engine/table.h"

typedef struct table_name {
    const char *schema;
    const char *name;
} table_name;

/* Roll back what an operation has left open when memory ran out. To be called
 * where an operation begins. Fails with DYN_INVALID when the transaction is the
 * user's to roll back, DYN_SQLITE, DYN_NOMEM. */
dyn_status tables_settle(dyn_call *call, dyn_session *session);

/* Settle, and begin a read transaction on all schemas, to be ended with
 * sqlite3_finalize(hold). Where no statement holds one already, it has to
 * enclose the functions below and the use of what they give: otherwise a
 * schema that another process changes is read again, and that closes tables.
 * Fails with DYN_SQLITE, DYN_NOMEM. */
dyn_status tables_hold(dyn_call *call, dyn_session *session,
                       struct sqlite3_stmt **hold);

/* The names of all schemas of the connection, in the memory of call. Fails with
 * DYN_SQLITE, DYN_NOMEM. */
dyn_status tables_schemas(dyn_call *call, dyn_session *session,
                          const char ***schemas, size_t *count);

/* The dynamo tables of all schemas of the connection, in the memory of call.
 * Fails with DYN_SQLITE, DYN_NOMEM. */
dyn_status tables_list(dyn_call *call, dyn_session *session,
                       const table_name **names, size_t *count);

/* Have SQLite connect the table of a schema: *out is NULL when it is not there.
 * Fails with DYN_SQLITE, DYN_NOMEM. */
dyn_status tables_connect(dyn_call *call, dyn_session *session,
                          const char *schema, const char *name,
                          dyn_table **out);

/* The one of a schema that is open by now, or NULL: it need not be there any
 * more. */
dyn_table *tables_open(const dyn_session *session, const char *schema,
                       const char *name);

/* The open table of that name: `orders`, or `schema.orders`.
 * Fails with DYN_NOT_FOUND and a message that says what to do; DYN_SQLITE,
 * DYN_NOMEM. */
dyn_status tables_find(dyn_call *call, dyn_session *session, const char *name,
                       dyn_table **out);

/* A write to the table that writes no item, in the memory of call: the table
 * takes part in the transaction, and the work that is due is done when that
 * ends. Fails with DYN_NOMEM. */
dyn_status tables_join_sql(dyn_call *call, const dyn_table *table,
                           const char **sql);

/* Have the table take part in the transaction, so that SQLite lets it end its
 * work with that. *out is for the caller to finalize, also after a failure: a
 * table that a statement is prepared for stays open when SQLite forgets all
 * others. Fails as bridge_run() does. */
dyn_status tables_join(dyn_call *call, const dyn_table *table,
                       struct sqlite3_stmt **out);

/* Put the name of the table before the message of a failure. */
dyn_status tables_name_failure(dyn_call *call, const dyn_table *table,
                               dyn_status status);

#endif
