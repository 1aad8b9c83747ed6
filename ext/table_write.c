/* xUpdate: INSERT, UPDATE and DELETE of rows become puts, updates and deletes
 * of items. */
#include "table_write.h"

#include "bridge.h"
#include "ops/delete_item.h"
#include "ops/handle.h"
#include "ops/put_item.h"
#include "ops/update_item.h"
#include "replicas.h"
#include "undo.h"

/* --------------------------------------------------------------- writing -- */

static dyn_status insert(dyn_call *call, table_vtab *table,
                         sqlite3_value **columns, dyn_bytes *key)
{
    dyn_map item = {NULL, 0};
    dyn_put_response response;
    DYN_TRY(row_check_hidden(call, &table->declared, columns, false));
    DYN_TRY(row_read_new_item(call, &table->declared, columns, &item));
    dyn_put_request request = {
        .item = &item,
        .only_if_absent =
            sqlite3_vtab_on_conflict(table->session->db) != SQLITE_REPLACE,
    };
    DYN_TRY(row_read_condition(call, &table->condition, &table->declared,
                               columns, &request.condition));
    DYN_TRY(dyn_put_item(call, table->table, &request, &response));
    *key = response.key;
    return DYN_OK;
}

/* What the statement has read to find the item that it writes. */
static const dyn_lookup *lookup_of(const table_vtab *table)
{
    return table->lookup_statement == table->session->statement ? &table->lookup
                                                                : NULL;
}

static dyn_status update(dyn_call *call, table_vtab *table, dyn_bytes key,
                         sqlite3_value **columns)
{
    bool is_given = false;
    dyn_map base = {NULL, 0};
    dyn_assignment *changes = NULL;
    dyn_update_response response;
    dyn_update_request request = {.key = key};
    DYN_TRY(row_check_hidden(call, &table->declared, columns, true));
    DYN_TRY(row_read_condition(call, &table->condition, &table->declared,
                               columns, &request.condition));
    DYN_TRY(row_read_item(call, &table->declared, columns, &is_given, &base));
    DYN_TRY(row_read_changes(call, &table->declared, columns, &changes,
                             &request.change_count));
    request.base = is_given ? &base : NULL;
    request.lookup = lookup_of(table);
    request.changes = changes;
    return dyn_update_item(call, table->table, &request, &response);
}

static dyn_status delete (dyn_call *call, table_vtab *table, dyn_bytes key)
{
    dyn_before before;
    dyn_delete_request request = {.key = key, .lookup = lookup_of(table)};
    return dyn_delete_item(call, table->table, &request, &before);
}

static bool is_insert(int argc, sqlite3_value **argv)
{
    return argc > 1 && sqlite3_value_type(argv[0]) == SQLITE_NULL;
}

/* argv[0] is the old key (NULL: INSERT), argv[1] the new one; the columns
 * follow. One argument alone: DELETE. */
dyn_status table_write_row(dyn_call *call, table_vtab *table, int argc,
                           sqlite3_value **argv, dyn_bytes *key)
{
    DYN_TRY(dyn_table_refresh(call, table->table));
    if (is_insert(argc, argv)) {
        DYN_TRY(insert(call, table, argv + 2, key));
    } else {
        DYN_TRY(bridge_blob(call, argv[0], key));
        DYN_TRY(argc > 1 ? update(call, table, *key, argv + 2)
                         : delete (call, table, *key));
    }
    DYN_TRY(replicas_sync(call, table->table));
    return dyn_handle_sync(call, table->table);
}

int table_write_with(table_vtab *table, const char *name, table_writer *writer,
                     int argc, sqlite3_value **argv)
{
    dyn_session *session = table->session;
    dyn_call call;
    dyn_bytes key = {NULL, 0};
    bool inserts = is_insert(argc, argv);
    dyn_call_begin(&call);
    dyn_statement_write_begins(session, inserts,
                               sqlite3_total_changes(session->db));
    dyn_status status = writer(&call, table, argc, argv, &key);
    table->lookup.read_halves = 0; /* it is part of this write */
    bool goes_on = status == DYN_OK ||
                   sqlite3_vtab_on_conflict(session->db) == SQLITE_IGNORE;
    dyn_statement_write_ends(session, inserts && goes_on,
                             sqlite3_total_changes(session->db));
    bool is_torn = status != DYN_OK && call.error.torn;
    int rc = bridge_error(&call, status, name, &table->base.zErrMsg);
    dyn_call_end(&call);
    if (rc == SQLITE_OK) dyn_own_changes_add_row(&session->shared.own);
    return is_torn ? undo_statement(session, rc) : rc;
}

int table_write(sqlite3_vtab *vtab, int argc, sqlite3_value **argv,
                sqlite3_int64 *rowid)
{
    table_vtab *table = (table_vtab *)vtab;
    *rowid = sqlite3_last_insert_rowid(table->session->db); /* stays */
    return table_write_with(table, dyn_table_name(table->table),
                            table_write_row, argc, argv);
}
