/* xUpdate: INSERT, UPDATE and DELETE of rows become puts, updates and deletes
 * of items. */
#include "table_write.h"

#include "bridge.h"
#include "expr/condition.h"
#include "item/item_json.h"
#include "ops/delete_item.h"
#include "ops/handle.h"
#include "ops/put_item.h"
#include "ops/update_item.h"
#include "replicas.h"
#include "undo.h"

/* The item column of a write, if it is given. */
static dyn_status read_item(dyn_call *call, sqlite3_value *value,
                            bool *is_given, dyn_map *out)
{
    *is_given = !sqlite3_value_nochange(value) &&
                sqlite3_value_type(value) != SQLITE_NULL;
    if (!*is_given) return DYN_OK;
    dyn_bytes text = {NULL, 0};
    if (sqlite3_value_type(value) != SQLITE_TEXT) {
        return dyn_fail(call, DYN_INVALID,
                        "the item column takes an item as JSON text");
    }
    DYN_TRY(bridge_text(call, value, &text));
    return dyn_item_from_text(call, text, out);
}

/* The declared columns of a write that are given, as changes; a NULL removes.
 */
static dyn_status read_columns(dyn_call *call, const table_vtab *table,
                               sqlite3_value **columns,
                               dyn_assignment **changes, size_t *count)
{
    const dyn_definition *declared = &table->declared;
    *count = 0;
    *changes = dyn_alloc(call, declared->column_count * sizeof(dyn_assignment));
    dyn_value *values =
        dyn_alloc(call, declared->column_count * sizeof(dyn_value));
    if (*changes == NULL || values == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < declared->column_count; i++) {
        if (sqlite3_value_nochange(columns[i])) continue;
        bool is_null = false;
        DYN_TRY(bridge_value(call, columns[i], &declared->columns[i], &is_null,
                             &values[i]));
        (*changes)[(*count)++] = (dyn_assignment){declared->columns[i].name,
                                                  is_null ? NULL : &values[i]};
    }
    return DYN_OK;
}

/* The item of an INSERT: columns that are given win over the item column. */
static dyn_status read_new_item(dyn_call *call, const table_vtab *table,
                                sqlite3_value **columns, dyn_map *out)
{
    bool is_given = false;
    dyn_map base = {NULL, 0};
    dyn_assignment *changes = NULL;
    size_t count = 0;
    DYN_TRY(read_item(call, columns[table->declared.column_count + HIDDEN_ITEM],
                      &is_given, &base));
    DYN_TRY(read_columns(call, table, columns, &changes, &count));
    out->attributes =
        dyn_alloc(call, (base.count + count) * sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    out->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (changes[i].value == NULL) continue;
        dyn_value *old = dyn_map_find(&base, changes[i].name);
        if (old != NULL) {
            *old = *changes[i].value;
        } else {
            out->attributes[out->count++] =
                (dyn_attribute){changes[i].name, *changes[i].value};
        }
    }
    for (size_t i = 0; i < base.count; i++) {
        out->attributes[out->count++] = base.attributes[i];
    }
    return dyn_map_sort(call, out);
}

/* ------------------------------------------------------------- condition -- */

/* What was read last stays: the rows of a statement share their condition. */
struct table_condition {
    dyn_call memory;
    dyn_bytes text;
    dyn_condition condition;
};

void table_forget_condition(table_vtab *table)
{
    if (table->condition == NULL) return;
    dyn_call_end(&table->condition->memory);
    sqlite3_free(table->condition);
    table->condition = NULL;
}

static dyn_status parse_condition(dyn_call *call, table_vtab *table,
                                  dyn_bytes text)
{
    table_forget_condition(table);
    table->condition = sqlite3_malloc64(sizeof(*table->condition));
    if (table->condition == NULL) return dyn_fail_nomem(call);
    dyn_call *memory = &table->condition->memory;
    dyn_call_begin(memory);
    dyn_status status = dyn_copy(memory, text, &table->condition->text);
    if (status == DYN_OK) {
        status = dyn_condition_parse(memory, DYN_EXPRESSION_SQL_CONDITION,
                                     table->condition->text, NULL,
                                     &table->condition->condition);
    }
    if (status == DYN_OK) return DYN_OK;
    call->error = memory->error;
    table_forget_condition(table);
    return status;
}

/* The condition column of a write; *out is NULL when it is not given. */
static dyn_status read_condition(dyn_call *call, table_vtab *table,
                                 sqlite3_value **columns,
                                 const dyn_condition **out)
{
    sqlite3_value *value =
        columns[table->declared.column_count + HIDDEN_CONDITION];
    dyn_bytes text = {NULL, 0};
    *out = NULL;
    if (sqlite3_value_nochange(value) ||
        sqlite3_value_type(value) == SQLITE_NULL) {
        return DYN_OK;
    }
    if (sqlite3_value_type(value) != SQLITE_TEXT) {
        return dyn_fail(call, DYN_INVALID,
                        "the condition column takes a condition as text, as "
                        "in 'version = 3'");
    }
    DYN_TRY(bridge_text(call, value, &text));
    if (table->condition == NULL ||
        !dyn_bytes_equal(table->condition->text, text)) {
        DYN_TRY(parse_condition(call, table, text));
    }
    *out = &table->condition->condition;
    return DYN_OK;
}

/* Other hidden columns that a write cannot take. SQLite gives the condition as
 * unchanged in an UPDATE that does not set it, and never in UPDATE ... FROM. */
static dyn_status check_hidden(dyn_call *call, const table_vtab *table,
                               sqlite3_value **columns, bool is_update)
{
    sqlite3_value **hidden = columns + table->declared.column_count;
    if (sqlite3_value_nochange(hidden[HIDDEN_MODE])) return DYN_OK;
    if (is_update && !sqlite3_value_nochange(hidden[HIDDEN_CONDITION])) {
        /* SQLite gives all columns as if each were set to what it shows, which
         * would turn BOOL into numbers and sets into texts. */
        return dyn_fail(call, DYN_INVALID,
                        "UPDATE ... FROM is not possible; use SET column = "
                        "(SELECT ...)");
    }
    if (sqlite3_value_type(hidden[HIDDEN_MODE]) != SQLITE_NULL) {
        return dyn_fail(call, DYN_INVALID, "the mode column is for reading");
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- writing -- */

static dyn_status insert(dyn_call *call, table_vtab *table,
                         sqlite3_value **columns, dyn_bytes *key)
{
    dyn_map item = {NULL, 0};
    dyn_put_response response;
    DYN_TRY(check_hidden(call, table, columns, false));
    DYN_TRY(read_new_item(call, table, columns, &item));
    dyn_put_request request = {
        .item = &item,
        .only_if_absent =
            sqlite3_vtab_on_conflict(table->session->db) != SQLITE_REPLACE,
    };
    DYN_TRY(read_condition(call, table, columns, &request.condition));
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
    DYN_TRY(check_hidden(call, table, columns, true));
    DYN_TRY(read_condition(call, table, columns, &request.condition));
    DYN_TRY(read_item(call, columns[table->declared.column_count + HIDDEN_ITEM],
                      &is_given, &base));
    DYN_TRY(
        read_columns(call, table, columns, &changes, &request.change_count));
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
    return is_torn ? undo_statement(session, rc) : rc;
}

int table_write(sqlite3_vtab *vtab, int argc, sqlite3_value **argv,
                sqlite3_int64 *rowid)
{
    (void)rowid;
    table_vtab *table = (table_vtab *)vtab;
    return table_write_with(table, dyn_table_name(table->table),
                            table_write_row, argc, argv);
}
