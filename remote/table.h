/* A virtual table of module `dynamo_remote`, as SQLite has it open. */
#ifndef REMOTE_TABLE_H
#define REMOTE_TABLE_H

#include "description.h"
#include "row_input.h"
#include "session.h"
#include "table_plan.h"

struct remote_table {
    sqlite3_vtab base; /* first, as SQLite requires */
    remote_session *session;
    remote_table *next; /* of the session */
    dyn_call memory;    /* of what is below */
    const char *name;   /* in SQL */
    remote_settings settings;
    remote_service *service; /* owned */
    remote_description there;
    const char *collation; /* of the columns: the order of keys */
    bool knows_ttl;        /* the definition has it, if there is one */
    bool is_writing;       /* the transaction has written to the table, or this
                            * statement does: it is read strongly */
    row_condition *condition; /* owned; that of the last write that had one, or
                               * NULL */
};

/* What is planned for. */
plan_table remote_table_known(const remote_table *table);

/* The definition with the attribute of time to live, which is asked for once.
 * Fails as remote_service_call(). */
dyn_status remote_table_find_ttl(dyn_call *call, remote_table *table);

/* Run an operation on the table: members are those of the request behind
 * TableName, with a comma before each. What it consumes is counted in the cost
 * of the statement. *out is the answer. Fails as remote_service_call(). */
dyn_status remote_table_call(dyn_call *call, remote_table *table,
                             const char *operation, dyn_bytes members,
                             const dyn_json **out);

/* The same with a request that names the table itself. */
dyn_status remote_table_send(dyn_call *call, remote_table *table,
                             const char *operation, dyn_bytes request,
                             const dyn_json **out);

/* Open a table of the session, and close it. arguments are those of CREATE
 * VIRTUAL TABLE. Fails as remote_describe(). */
dyn_status remote_table_open(dyn_call *call, remote_session *session,
                             const char *name, const char *const *arguments,
                             size_t count, remote_table **out);
void remote_table_close(remote_table *table);

/* The one of that name that is open, or NULL. */
remote_table *remote_table_named(const remote_session *session,
                                 const char *name);

#endif
