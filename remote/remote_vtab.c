/*
 * Module `dynamo_remote`. Each method converts its arguments, sends requests by
 * reader or row_write, and converts the answer back. The planner is that of the
 * tables of module dynamo (ext/table_plan.h), so the same queries are refused.
 */
#include "remote_vtab.h"

#include "bridge.h"
#include "engine/item_key.h"
#include "item/item_json.h"
#include "key_lists.h"
#include "reader.h"
#include "row_write.h"
#include "text_order.h"

typedef struct remote_cursor {
    sqlite3_vtab_cursor base; /* first, as SQLite requires */
    dyn_call plan;            /* of the range or the keys */
    remote_reader reader;
    dyn_bytes mode;      /* as given: SQLite compares it again behind an OR */
    const bool *holds;   /* which columns are in rows; NULL: rows are items */
    const dyn_map *item; /* the current row; NULL: the end */
    dyn_call row;        /* of what is found out about the row */
    bool is_whole;       /* it is the item */
    dyn_map whole;       /* the item, when it had to be fetched */
} remote_cursor;

static remote_table *table_of(sqlite3_vtab_cursor *base)
{
    return (remote_table *)base->pVtab;
}

/* Report how an operation on the table ended, with its name in front. */
static int result(remote_table *table, dyn_call *call, dyn_status status)
{
    int rc = bridge_error(call, status, table->name, &table->base.zErrMsg);
    dyn_call_end(call);
    return rc;
}

/* -------------------------------------------------------------- lifetime -- */

static int remote_disconnect(sqlite3_vtab *base)
{
    remote_table_close((remote_table *)base);
    return SQLITE_OK;
}

static dyn_status check_schema(dyn_call *call, const char *schema,
                               const char *name)
{
    if (strcmp(schema, "temp") == 0) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "where a table is belongs to a connection, not into a "
                    "file: CREATE VIRTUAL TABLE temp.\"%s\" USING "
                    "dynamo_remote(...)",
                    name);
}

static dyn_status open_table(dyn_call *call, remote_session *session, int argc,
                             const char *const *argv, remote_table **out)
{
    enum { FIRST_ARGUMENT = 3 };
    sqlite3 *db = session->statements->db;
    DYN_TRY(check_schema(call, argv[1], argv[2]));
    DYN_TRY(remote_table_open(call, session, argv[2], argv + FIRST_ARGUMENT,
                              (size_t)(argc - FIRST_ARGUMENT), out));
    dyn_status status = text_order_find(call, db, &(*out)->collation);
    if (status == DYN_OK)
        status = table_declare(call, db, &(*out)->there.definition,
                               (*out)->collation);
    if (status == DYN_OK) return DYN_OK;
    remote_table_close(*out);
    return status;
}

static int remote_create(sqlite3 *db, void *aux, int argc,
                         const char *const *argv, sqlite3_vtab **out,
                         char **message)
{
    dyn_call call;
    remote_table *table = NULL;
    dyn_call_begin(&call);
    dyn_status status = open_table(&call, aux, argc, argv, &table);
    int rc = bridge_error(&call, status, argv[2], message);
    dyn_call_end(&call);
    if (rc != SQLITE_OK) return rc;
    sqlite3_vtab_config(db, SQLITE_VTAB_CONSTRAINT_SUPPORT, 1);
    sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
    *out = &table->base;
    return SQLITE_OK;
}

/* Another function than xCreate: else the module would have a table without
 * arguments. */
static int remote_connect(sqlite3 *db, void *aux, int argc,
                          const char *const *argv, sqlite3_vtab **out,
                          char **message)
{
    return remote_create(db, aux, argc, argv, out, message);
}

static int remote_rename(sqlite3_vtab *base, const char *name)
{
    remote_table *table = (remote_table *)base;
    dyn_call call;
    dyn_call_begin(&call);
    dyn_status status =
        dyn_fail(&call, DYN_INVALID,
                 "a remote table keeps its name: drop it, which leaves the "
                 "table of the server as it is, and create temp.\"%s\"",
                 name);
    return result(table, &call, status);
}

/* --------------------------------------------------------------- reading -- */

static int remote_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    plan_table known = remote_table_known((remote_table *)base);
    return plan_best_index(&known, info);
}

static int remote_open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    remote_table *table = (remote_table *)base;
    remote_cursor *cursor = sqlite3_malloc64(sizeof(*cursor));
    if (cursor == NULL) return SQLITE_NOMEM;
    cursor->base.pVtab = base;
    dyn_call_begin(&cursor->plan);
    dyn_call_begin(&cursor->row);
    remote_reader_begin(&cursor->reader, table);
    cursor->mode = (dyn_bytes){NULL, 0};
    cursor->item = NULL;
    dyn_statement_read_begins(table->session->statements);
    *out = &cursor->base;
    return SQLITE_OK;
}

static int remote_close_cursor(sqlite3_vtab_cursor *base)
{
    remote_cursor *cursor = (remote_cursor *)base;
    dyn_statement_read_ends(table_of(base)->session->statements);
    remote_reader_end(&cursor->reader);
    dyn_call_end(&cursor->plan);
    dyn_call_end(&cursor->row);
    sqlite3_free(cursor);
    return SQLITE_OK;
}

/* Which declared columns the rows of a range have. */
static dyn_status find_holds(remote_cursor *cursor, const plan_range *range)
{
    const dyn_definition *definition =
        &table_of(&cursor->base)->there.definition;
    cursor->holds = NULL;
    if (range->request.index < 0 || range->request.is_fetching) return DYN_OK;
    const dyn_index *index = &definition->indexes[range->request.index];
    if (index->project == DYN_PROJECT_ALL) return DYN_OK;
    bool *holds =
        dyn_alloc(&cursor->plan, definition->column_count * sizeof(bool));
    if (holds == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < definition->column_count; i++) {
        holds[i] =
            dyn_index_projects(definition, index, definition->columns[i].name);
    }
    cursor->holds = holds;
    return DYN_OK;
}

static dyn_status start_range(remote_cursor *cursor, const plan_range *range)
{
    DYN_TRY(find_holds(cursor, range));
    return remote_reader_range(&cursor->plan, &cursor->reader, range);
}

static dyn_status start_keys(remote_cursor *cursor, const key_list *keys)
{
    cursor->holds = NULL;
    return remote_reader_keys(&cursor->plan, &cursor->reader, keys->keys,
                              keys->count);
}

/* A global index is never read strongly. */
static void set_mode(remote_cursor *cursor, const plan_range *range)
{
    const remote_table *table = table_of(&cursor->base);
    int index = range->request.index;
    bool is_global =
        index >= 0 && !table->there.definition.indexes[index].is_local;
    cursor->mode = range->mode;
    cursor->reader.is_live = range->request.is_live;
    cursor->reader.is_strong =
        range->request.is_strong || (table->is_writing && !is_global);
}

static dyn_status next_row(remote_cursor *cursor)
{
    dyn_call_end(&cursor->row);
    dyn_call_begin(&cursor->row);
    cursor->is_whole = cursor->holds == NULL;
    return remote_reader_next(&cursor->row, &cursor->reader, &cursor->item);
}

static dyn_status start(remote_cursor *cursor, int plan, const char *sentence,
                        int argc, sqlite3_value **argv)
{
    remote_table *table = table_of(&cursor->base);
    plan_table known = remote_table_known(table);
    plan_range range;
    key_list keys = {NULL, 0};
    DYN_TRY(key_lists_resolve(&cursor->plan, &known, plan, sentence, argc, argv,
                              &range, &keys));
    set_mode(cursor, &range);
    if (range.access == PLAN_NOTHING) {
        DYN_TRY(start_keys(cursor, &(key_list){NULL, 0}));
    } else if (range.access == PLAN_GET) {
        DYN_TRY(start_keys(cursor, &keys));
    } else {
        DYN_TRY(start_range(cursor, &range));
    }
    return DYN_OK;
}

/* The end of a call that lives on. */
static int cursor_result(remote_cursor *cursor, const dyn_call *call,
                         dyn_status status)
{
    remote_table *table = table_of(&cursor->base);
    if (status != DYN_OK) cursor->item = NULL;
    return bridge_error(call, status, table->name, &table->base.zErrMsg);
}

static int remote_filter(sqlite3_vtab_cursor *base, int plan,
                         const char *sentence, int argc, sqlite3_value **argv)
{
    remote_cursor *cursor = (remote_cursor *)base;
    dyn_call_end(&cursor->plan);
    dyn_call_begin(&cursor->plan);
    cursor->item = NULL;
    dyn_status status = start(cursor, plan, sentence, argc, argv);
    if (status != DYN_OK) return cursor_result(cursor, &cursor->plan, status);
    return cursor_result(cursor, &cursor->row, next_row(cursor));
}

static int remote_next(sqlite3_vtab_cursor *base)
{
    remote_cursor *cursor = (remote_cursor *)base;
    dyn_status status = next_row(cursor);
    return cursor_result(cursor, &cursor->row, status);
}

static int remote_eof(sqlite3_vtab_cursor *base)
{
    return ((remote_cursor *)base)->item == NULL;
}

/* --------------------------------------------------------------- columns -- */

static dyn_status key_of_row(remote_cursor *cursor, dyn_bytes *out)
{
    const remote_table *table = table_of(&cursor->base);
    dyn_status status =
        dyn_item_key(&cursor->row, &table->there.definition, cursor->item, out);
    return status == DYN_INVALID
               ? remote_fail_answer(&cursor->row, table->service, "a read",
                                    "an item has no key")
               : status;
}

/* The item of a row that an index has a part of. One that is gone by now stays
 * what the index has. */
static dyn_status fetch_item(remote_cursor *cursor)
{
    bool found = false;
    dyn_bytes key = {NULL, 0};
    if (cursor->is_whole) return DYN_OK;
    DYN_TRY(key_of_row(cursor, &key));
    DYN_TRY(remote_get(&cursor->row, table_of(&cursor->base), key,
                       cursor->reader.is_strong, &found, &cursor->whole));
    if (found) cursor->item = &cursor->whole;
    cursor->is_whole = true;
    return DYN_OK;
}

static dyn_status show_attribute(sqlite3_context *context, dyn_call *call,
                                 remote_cursor *cursor, int column)
{
    const dyn_definition *definition =
        &table_of(&cursor->base)->there.definition;
    if (!cursor->is_whole && !cursor->holds[column])
        DYN_TRY(fetch_item(cursor));
    const dyn_value *value =
        dyn_map_find(cursor->item, definition->columns[column].name);
    if (value != NULL) bridge_result_value(context, call, value);
    return DYN_OK;
}

static dyn_status show_item(sqlite3_context *context, dyn_call *call,
                            remote_cursor *cursor)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(fetch_item(cursor));
    dyn_buffer_begin(&text, call, 1024);
    dyn_item_to_json(&text, cursor->item, DYN_JSON_PLAIN);
    if (dyn_buffer_end(&text, &bytes) != DYN_OK)
        return dyn_fail_nomem(&cursor->row);
    bridge_result_text(context, bytes);
    return DYN_OK;
}

static dyn_status show_key(sqlite3_context *context, remote_cursor *cursor)
{
    dyn_bytes key = {NULL, 0};
    DYN_TRY(key_of_row(cursor, &key));
    sqlite3_result_blob64(context, key.data, key.size_bytes, SQLITE_TRANSIENT);
    return DYN_OK;
}

/* What fails does so in the memory of the row. */
static int remote_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                         int column)
{
    remote_cursor *cursor = (remote_cursor *)base;
    remote_table *table = table_of(base);
    int hidden = column - (int)table->there.definition.column_count;
    if (hidden != HIDDEN_KEY && sqlite3_vtab_nochange(context))
        return SQLITE_OK;
    dyn_call call;
    dyn_status status = DYN_OK;
    dyn_call_begin(&call);
    if (hidden < 0) {
        status = show_attribute(context, &call, cursor, column);
    } else if (hidden == HIDDEN_KEY) {
        status = show_key(context, cursor);
    } else if (hidden == HIDDEN_ITEM) {
        status = show_item(context, &call, cursor);
    } else if (hidden == HIDDEN_MODE && cursor->mode.data != NULL) {
        bridge_result_text(context, cursor->mode);
    }
    dyn_call_end(&call);
    return bridge_error(&cursor->row, status, table->name,
                        &table->base.zErrMsg);
}

static int remote_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    (void)base, (void)rowid;
    return SQLITE_ERROR; /* WITHOUT ROWID: never called */
}

/* --------------------------------------------------------------- writing -- */

static int remote_update(sqlite3_vtab *base, int argc, sqlite3_value **argv,
                         sqlite3_int64 *rowid)
{
    remote_table *table = (remote_table *)base;
    dyn_session *statements = table->session->statements;
    *rowid = sqlite3_last_insert_rowid(statements->db); /* stays */
    bool inserts = argc > 1 && sqlite3_value_type(argv[0]) == SQLITE_NULL;
    dyn_call call;
    dyn_call_begin(&call);
    dyn_statement_write_begins(statements, inserts,
                               sqlite3_total_changes(statements->db));
    dyn_status status = remote_write_row(&call, table, argc, argv);
    bool goes_on = status == DYN_OK ||
                   sqlite3_vtab_on_conflict(statements->db) == SQLITE_IGNORE;
    dyn_statement_write_ends(statements, inserts && goes_on,
                             sqlite3_total_changes(statements->db));
    return result(table, &call, status);
}

/* From here on the transaction reads what it has written. */
static int remote_begin(sqlite3_vtab *base)
{
    ((remote_table *)base)->is_writing = true;
    return SQLITE_OK;
}

/* Also where it is rolled back: what was written is written. */
static int remote_end(sqlite3_vtab *base)
{
    ((remote_table *)base)->is_writing = false;
    return SQLITE_OK;
}

static const sqlite3_module remote_module = {
    .iVersion = 1,
    .xCreate = remote_create,
    .xConnect = remote_connect,
    .xBestIndex = remote_best_index,
    .xDisconnect = remote_disconnect,
    .xDestroy = remote_disconnect,
    .xOpen = remote_open_cursor,
    .xClose = remote_close_cursor,
    .xFilter = remote_filter,
    .xNext = remote_next,
    .xEof = remote_eof,
    .xColumn = remote_column,
    .xRowid = remote_rowid,
    .xUpdate = remote_update,
    .xBegin = remote_begin,
    .xCommit = remote_end,
    .xRollback = remote_end,
    .xFindFunction = table_find_function,
    .xRename = remote_rename,
};

int remote_vtab_register(sqlite3 *db, remote_session *session)
{
    int rc = table_columns_register(db);
    if (rc == SQLITE_OK) rc = text_order_register(db);
    if (rc != SQLITE_OK) {
        remote_session_release(session);
        return rc;
    }
    return sqlite3_create_module_v2(db, "dynamo_remote", &remote_module,
                                    session,
                                    (void (*)(void *))remote_session_release);
}
