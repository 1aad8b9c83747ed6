/* Changing a table; the contract is in change_table.h. */
#include "change_table.h"

#include "bridge.h"
#include "tables.h"
#include "undo.h"

/* A table is changed within a transaction, which begins before the table is
 * looked for: SQLite does not read its schema anew in there. When a change of
 * the schema fails it forgets all tables, but for those that a statement is
 * prepared for: so one is, until all is done. */
static dyn_status change_in_transaction(dyn_call *call, dyn_session *session,
                                        const char *name,
                                        change_of_table *change,
                                        const void *context)
{
    dyn_table *table = NULL;
    sqlite3_stmt *hold = NULL;
    sqlite3_stmt *joined = NULL;
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status = tables_find(call, session, name, &table);
    if (status == DYN_OK) {
        status = dyn_table_refresh(call, table);
        if (status == DYN_OK) status = tables_join(call, table, &joined);
        status = tables_name_failure(call, table, status);
    }
    sqlite3_finalize(hold);
    if (status == DYN_OK) {
        status = change(call, table, context);
        status = tables_name_failure(call, table, status);
    }
    sqlite3_finalize(joined);
    return status;
}

static dyn_status check_no_write(dyn_call *call, sqlite3 *db,
                                 const char *function)
{
    if (!bridge_is_writing(db)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "%s() has no place in a statement that writes", function);
}

dyn_status change_table(dyn_call *call, dyn_session *session,
                        const char *function, const char *name,
                        change_of_table *change, const void *context)
{
    sqlite3 *db = session->db;
    undo_steps steps;
    bool is_own = false;
    DYN_TRY(tables_settle(call, session));
    DYN_TRY(check_no_write(call, db, function));
    dyn_status status =
        undo_begin(call, session, function, true, &steps, &is_own);
    if (status != DYN_OK) goto done;
    status = change_in_transaction(call, session, name, change, context);
    if (status == DYN_OK) status = undo_keep(call, session, function, is_own);
    if (status != DYN_OK) undo_run(&steps, is_own);
done:
    undo_free(&steps);
    return status;
}
