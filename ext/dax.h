/*
 * DAX tables: what a connection has of them, and the table behind each.
 *
 * It outlives the virtual table: SQLite closes that, and opens it again, when
 * another connection changes the schema. It holds what is cached (ops/dax.h),
 * and what is known of the table behind it, so that what is cached can be
 * planned for and read without touching the file of that.
 */
#ifndef EXT_DAX_H
#define EXT_DAX_H

#include "ops/dax.h"
#include "table_plan.h"

typedef struct dax_table {
    struct dax_table *next; /* of the session */
    int references;    /* the session's, while it lists it, and one for each
                        * virtual table */
    char *name;        /* owned, as are the members below */
    char *base_schema; /* of the table behind it */
    char *base_name;
    dyn_dax *dax;
    dyn_call *columns; /* memory of declared */
    dyn_definition declared;
    dyn_call *memory; /* of known; NULL: nothing is known yet */
    plan_table known;
    int64_t load;       /* what is known is that of this load number */
    bool is_new;        /* made in the transaction that is open */
    bool is_to_prepare; /* statements go by what was known before */
} dax_table;

/* Make a DAX table of count arguments of CREATE VIRTUAL TABLE, in place of one
 * of that name; *out is the session's. Fails with DYN_INVALID, and as
 * tables_find() and dyn_table_refresh() do. */
dyn_status dax_create(dyn_call *call, dyn_session *session, const char *name,
                      const char *const *texts, size_t count, dax_table **out);

/* The one of that name, or NULL. */
dax_table *dax_find(const dyn_session *session, const char *name);

/* Fails with DYN_NOMEM. */
dyn_status dax_rename(dyn_call *call, dax_table *dax, const char *name);

/* Give a reference back; take the table out of the session's list. */
void dax_release(dax_table *dax);
void dax_remove(dyn_session *session, dax_table *dax);

/* ------------------------------------------------------ the table behind -- */

/* The table behind, as the transaction sees it: hold keeps a read transaction
 * open until it is reset or finalized. What is known is then what there is.
 * Fails with DYN_NOT_FOUND when it is not there, DYN_INVALID when it has other
 * columns by now, and as dyn_table_refresh() does. */
dyn_status dax_open_to_read(dyn_call *call, dyn_session *session,
                            dax_table *dax, sqlite3_stmt **hold,
                            dyn_table **out);

/* How a virtual table has the table behind take part in what it writes. */
typedef struct dax_join {
    sqlite3_stmt *statement; /* owned by the virtual table, or NULL */
    bool is_done;            /* since the last savepoint, also that which SQLite
                              * makes of a statement: that is for the files that
                              * the statement itself names, which is not the one
                              * behind, unless this has begun to write there */
} dax_join;

/* The same to write: it takes part in the transaction. */
dyn_status dax_open_to_write(dyn_call *call, dyn_session *session,
                             dax_table *dax, dax_join *join, dyn_table **out);

/* Have statements prepared anew that go by what was known before, when one has
 * read. */
void dax_prepare_anew(dyn_session *session, dax_table *dax);

/* The table behind that is open while a hold is, or NULL. */
dyn_table *dax_open_table(const dyn_session *session, const dax_table *dax);

/* Whether what is read of it is committed. */
bool dax_is_committed(const dyn_session *session, const dax_table *dax);

#endif
