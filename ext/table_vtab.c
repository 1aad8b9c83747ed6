/*
 * Module `dynamo`. Each method converts its arguments, calls into ops/, and
 * converts the result back. The rules of DynamoDB are below it.
 */
#include "table_vtab.h"

#include "bridge.h"
#include "engine/declaration.h"
#include "ops/check.h"
#include "ops/delete_table.h"
#include "ops/due.h"
#include "ops/get_item.h"
#include "ops/query.h"
#include "table.h"
#include "table_columns.h"
#include "table_plan.h"
#include "table_write.h"
#include "text_order.h"

#include <assert.h>

/* A cursor holds two calls: one for the plan, until the next xFilter, and one
 * for the rows of a page, until the next page. */
struct table_cursor {
    sqlite3_vtab_cursor base; /* first, as SQLite requires */
    dyn_call plan;
    dyn_call page;
    dyn_bytes mode; /* as given: SQLite compares it again behind an OR */
    dyn_query query;
    bool is_query; /* what query holds is to be finished */
    dyn_query_page rows;
    size_t at; /* row of the page */
    bool is_end;
    dyn_bytes key; /* of the current row; no data: not asked for yet */
    dyn_view item; /* or what an index has of it */
    bool is_whole; /* it is the item */
};

/* ----------------------------------------------------------- declaration -- */

/* The arguments are copied: what they say outlives them. */
static dyn_status parse_arguments(dyn_call *call, int argc,
                                  const char *const *argv, dyn_definition *out)
{
    enum { FIRST_ARGUMENT = 3 };
    const char **arguments = dyn_alloc(call, (size_t)argc * sizeof(char *));
    if (arguments == NULL) return DYN_NOMEM;
    size_t count = 0;
    for (int i = FIRST_ARGUMENT; i < argc; i++) {
        dyn_bytes copy = {NULL, 0};
        DYN_TRY(dyn_copy(call, dyn_bytes_text(argv[i]), &copy));
        arguments[count++] = (const char *)copy.data;
    }
    return dyn_declaration_parse(call, arguments, count, out);
}

/* -------------------------------------------------------- table lifetime -- */

static int table_disconnect(sqlite3_vtab *vtab)
{
    table_vtab *table = (table_vtab *)vtab;
    row_forget_condition(&table->condition);
    sqlite3_free(table->spare);
    dyn_table_close(table->table);
    if (table->memory != NULL) dyn_call_end(table->memory);
    sqlite3_free(table->memory);
    sqlite3_free(table);
    return SQLITE_OK;
}

/* An index that was added may have a key that is declared nowhere. */
static dyn_status take_attributes(dyn_call *memory,
                                  const dyn_definition *definition,
                                  dyn_definition *declared)
{
    size_t first = declared->column_count;
    size_t count = definition->attribute_count;
    dyn_column *columns = dyn_alloc(memory, count * sizeof(*columns));
    if (columns == NULL) return DYN_NOMEM;
    memcpy(columns, declared->columns, first * sizeof(*columns));
    for (size_t i = first; i < count; i++) {
        columns[i] = definition->columns[i];
        DYN_TRY(
            dyn_copy(memory, definition->columns[i].name, &columns[i].name));
    }
    declared->columns = columns;
    declared->attribute_count = count;
    return DYN_OK;
}

/* One that is damaged has what is declared, so that it can be named. So has one
 * whose schema has just changed: SQLite does not read it anew while it connects
 * a table, but before the statement runs, and then it connects the table again.
 */
static dyn_status find_attributes(dyn_call *call, table_vtab *table)
{
    dyn_call reading;
    dyn_call_begin(&reading);
    dyn_status status = dyn_table_refresh(&reading, table->table);
    bool is_stale = status == DYN_SQLITE &&
                    (reading.error.sqlite_code & 0xff) == SQLITE_SCHEMA;
    bool is_unknown = is_stale || status == DYN_CORRUPT;
    if (!is_unknown) dyn_call_take_error(call, &reading);
    dyn_call_end(&reading);
    if (is_unknown) return DYN_OK;
    if (status != DYN_OK) return status;
    status = take_attributes(table->memory, dyn_table_definition(table->table),
                             &table->declared);
    return status == DYN_OK ? DYN_OK : dyn_fail_nomem(call);
}

/* Tell SQLite the columns, once all are known. */
static dyn_status declare(dyn_call *call, table_vtab *table)
{
    if (dyn_definition_order(table->memory, &table->declared) != DYN_OK)
        return dyn_fail_nomem(call);
    return table_declare(call, table->session->db, &table->declared,
                         table->collation);
}

/* The columns are told before anything is stored. */
static dyn_status create_table(dyn_call *call, const char *schema,
                               const char *name, table_vtab *table)
{
    dyn_session *session = table->session;
    DYN_TRY(declare(call, table));
    DYN_TRY(dyn_table_create(call, session, schema, name, &table->declared));
    DYN_TRY(dyn_table_open(call, session, schema, name, &table->table));
    dyn_table_declare(table->table, &table->declared);
    dyn_table_set_writing(table->table, true); /* without xBegin */
    return dyn_table_begin(call, table->table, &table->declared);
}

static dyn_status connect_table(dyn_call *call, const char *schema,
                                const char *name, table_vtab *table)
{
    DYN_TRY(dyn_table_open(call, table->session, schema, name, &table->table));
    dyn_table_declare(table->table, &table->declared);
    DYN_TRY(find_attributes(call, table));
    return declare(call, table);
}

static dyn_status open_table(dyn_call *call, dyn_session *session, int argc,
                             const char *const *argv, bool create,
                             table_vtab *table)
{
    table->session = session;
    table->memory = sqlite3_malloc64(sizeof(dyn_call));
    if (table->memory == NULL) return dyn_fail_nomem(call);
    dyn_call_begin(table->memory);
    dyn_status status =
        parse_arguments(table->memory, argc, argv, &table->declared);
    if (status != DYN_OK) {
        return dyn_fail(call, status, "%s", table->memory->error.message);
    }
    DYN_TRY(text_order_find(call, session->db, &table->collation));
    return create ? create_table(call, argv[1], argv[2], table)
                  : connect_table(call, argv[1], argv[2], table);
}

static int table_open(sqlite3 *db, void *aux, int argc, const char *const *argv,
                      bool create, sqlite3_vtab **out, char **message)
{
    table_vtab *table = sqlite3_malloc64(sizeof(*table));
    if (table == NULL) return SQLITE_NOMEM;
    memset(table, 0, sizeof(*table));
    dyn_call call;
    dyn_call_begin(&call);
    /* argv is gone when creating shadow tables fails and SQLite rolls back */
    char *name = dyn_format(&call, "%s", argv[2]);
    dyn_status status = name == NULL
                            ? DYN_NOMEM
                            : open_table(&call, aux, argc, argv, create, table);
    int rc = bridge_error(&call, status, name, message);
    dyn_call_end(&call);
    if (rc != SQLITE_OK) {
        table_disconnect(&table->base);
        return rc;
    }
    sqlite3_vtab_config(db, SQLITE_VTAB_CONSTRAINT_SUPPORT, 1);
    sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
    *out = &table->base;
    return SQLITE_OK;
}

static int table_create(sqlite3 *db, void *aux, int argc,
                        const char *const *argv, sqlite3_vtab **out,
                        char **message)
{
    return table_open(db, aux, argc, argv, true, out, message);
}

static int table_connect(sqlite3 *db, void *aux, int argc,
                         const char *const *argv, sqlite3_vtab **out,
                         char **message)
{
    return table_open(db, aux, argc, argv, false, out, message);
}

/* Report how an operation on the table ended, with its name in front. */
static int table_result(table_vtab *table, dyn_call *call, dyn_status status)
{
    int rc = bridge_error(call, status, dyn_table_name(table->table),
                          &table->base.zErrMsg);
    dyn_call_end(call);
    return rc;
}

/* SQLite shows the text of the code, and does not take ours. */
static int table_destroy(sqlite3_vtab *vtab)
{
    table_vtab *table = (table_vtab *)vtab;
    dyn_call call;
    dyn_call_begin(&call);
    dyn_status status = dyn_delete_table(&call, table->table);
    int rc = table_result(table, &call, status);
    sqlite3_free(vtab->zErrMsg);
    vtab->zErrMsg = NULL;
    if (status == DYN_INVALID) return SQLITE_PERM;
    return rc == SQLITE_OK ? table_disconnect(vtab) : rc;
}

static int table_rename(sqlite3_vtab *vtab, const char *name)
{
    table_vtab *table = (table_vtab *)vtab;
    dyn_call call;
    dyn_call_begin(&call);
    return table_result(table, &call,
                        dyn_table_rename(&call, table->table, name));
}

static int table_shadow_name(const char *suffix)
{
    static const char *const suffixes[] = {
        "directory", "indexes", "large",      "leaves",      "loads",
        "log",       "meta",    "partitions", "provisioned", "readers",
        "shards",    "usage",   "versions"};
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        if (sqlite3_stricmp(suffix, suffixes[i]) == 0) return 1;
    }
    return 0;
}

/* --------------------------------------------------------------- reading -- */

/* What is known of the table. One that is damaged has no indexes here: that it
 * is damaged is told by xFilter, so that it can be named in statements. */
static plan_table plan_table_of(const table_vtab *table, bool is_damaged)
{
    const dyn_table *engine = table->table;
    plan_table out = {
        .name = dyn_table_name(engine),
        .collation = table->collation,
        .declared = &table->declared,
        .definition = &table->declared,
    };
    if (is_damaged) return out;
    out.definition = dyn_table_definition(engine);
    out.index_count = out.definition->index_count;
    if (out.index_count > 0) out.indexes = dyn_table_index(engine, 0);
    out.map = dyn_table_map(engine);
    return out;
}

static int table_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    table_vtab *table = (table_vtab *)vtab;
    dyn_call call;
    dyn_call_begin(&call);
    bool is_damaged = dyn_table_refresh(&call, table->table) != DYN_OK;
    plan_table known = plan_table_of(table, is_damaged);
    int rc = plan_best_index(&known, info);
    dyn_call_end(&call);
    return rc;
}

/* A point read takes little more than to allocate its cursor, which is large:
 * so one that is closed is kept. */
static table_cursor *take_cursor(table_vtab *table)
{
    table_cursor *spare = table->spare;
    table->spare = NULL;
    return spare != NULL ? spare : sqlite3_malloc64(sizeof(table_cursor));
}

static void give_back(table_vtab *table, table_cursor *cursor)
{
    if (table->spare == NULL)
        table->spare = cursor;
    else
        sqlite3_free(cursor);
}

static int table_open_cursor(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    table_vtab *table = (table_vtab *)vtab;
    table_cursor *cursor = take_cursor(table);
    if (cursor == NULL) return SQLITE_NOMEM;
    cursor->base.pVtab = vtab;
    dyn_call_begin(&cursor->plan);
    dyn_call_begin(&cursor->page);
    cursor->mode = (dyn_bytes){NULL, 0};
    cursor->is_query = false;
    cursor->is_end = true;
    dyn_statement_read_begins(table->session);
    *out = &cursor->base;
    return SQLITE_OK;
}

static void finish_query(table_cursor *cursor)
{
    table_vtab *table = (table_vtab *)cursor->base.pVtab;
    if (cursor->is_query) dyn_query_finish(table->table, &cursor->query);
    cursor->is_query = false;
}

static int table_close_cursor(sqlite3_vtab_cursor *base)
{
    table_cursor *cursor = (table_cursor *)base;
    table_vtab *table = (table_vtab *)base->pVtab;
    finish_query(cursor);
    dyn_statement_read_ends(table->session);
    dyn_call_end(&cursor->plan);
    dyn_call_end(&cursor->page);
    give_back(table, cursor);
    return SQLITE_OK;
}

/* Evaluate the row at cursor->at, from the next page if need be. */
static dyn_status evaluate_row(dyn_table *table, table_cursor *cursor,
                               bool *is_shown)
{
    if (cursor->at == cursor->rows.count) {
        dyn_call_end(&cursor->page);
        dyn_call_begin(&cursor->page);
        cursor->at = 0;
        DYN_TRY(dyn_query_next(&cursor->page, table, &cursor->query,
                               &cursor->rows));
    }
    cursor->is_end = cursor->at == cursor->rows.count;
    if (cursor->is_end) return DYN_OK;
    cursor->is_whole = dyn_query_is_whole(table, &cursor->query);
    cursor->key = (dyn_bytes){NULL, 0};
    return dyn_query_evaluate(&cursor->page, table, &cursor->query,
                              &cursor->rows.rows[cursor->at], is_shown,
                              &cursor->item);
}

/* Make the row at cursor->at the current one, or the next that is shown. */
static dyn_status show_row(dyn_table *table, table_cursor *cursor)
{
    bool is_shown = false;
    DYN_TRY(evaluate_row(table, cursor, &is_shown));
    while (!cursor->is_end && !is_shown) {
        cursor->at++;
        DYN_TRY(evaluate_row(table, cursor, &is_shown));
    }
    return DYN_OK;
}

static dyn_status start_get(dyn_table *table, table_cursor *cursor,
                            const plan_range *range)
{
    dyn_get_request request = {.key = range->request.low,
                               .is_strong = range->request.is_strong,
                               .is_live = range->request.is_live};
    dyn_get_response response;
    DYN_TRY(dyn_get_item(&cursor->page, table, &request, &response));
    table_vtab *vtab = (table_vtab *)cursor->base.pVtab;
    vtab->lookup = response.lookup;
    vtab->lookup_statement = vtab->session->statement;
    cursor->is_end = !response.found;
    cursor->key = range->request.low;
    cursor->item = response.item;
    cursor->is_whole = true;
    return DYN_OK;
}

static dyn_status start_query(dyn_table *table, table_cursor *cursor,
                              const plan_range *range)
{
    DYN_TRY(
        dyn_query_begin(&cursor->page, table, &range->request, &cursor->query));
    cursor->is_query = true;
    cursor->rows.count = 0;
    cursor->at = 0;
    return show_row(table, cursor);
}

static dyn_status start(table_cursor *cursor, int plan, const char *sentence,
                        sqlite3_value **argv)
{
    table_vtab *table = (table_vtab *)cursor->base.pVtab;
    plan_range range;
    DYN_TRY(dyn_table_refresh(&cursor->page, table->table));
    plan_table known = plan_table_of(table, false);
    DYN_TRY(plan_resolve(&cursor->page, &known, plan, sentence, argv, &range));
    cursor->mode = range.mode;
    if (range.mode.data != NULL) {
        DYN_TRY(dyn_copy(&cursor->plan, range.mode, &cursor->mode));
    }
    switch (range.access) {
    case PLAN_NOTHING:
        return DYN_OK;
    case PLAN_GET:
        /* the key stays while the row does */
        return start_get(table->table, cursor, &range);
    case PLAN_RANGE:
        break;
    }
    return start_query(table->table, cursor, &range);
}

static int cursor_result(table_cursor *cursor, dyn_status status)
{
    table_vtab *table = (table_vtab *)cursor->base.pVtab;
    return bridge_error(&cursor->page, status, dyn_table_name(table->table),
                        &table->base.zErrMsg);
}

static int table_filter(sqlite3_vtab_cursor *base, int plan, const char *text,
                        int argc, sqlite3_value **argv)
{
    (void)argc;
    table_cursor *cursor = (table_cursor *)base;
    finish_query(cursor);
    dyn_call_end(&cursor->plan);
    dyn_call_begin(&cursor->plan);
    dyn_call_end(&cursor->page);
    dyn_call_begin(&cursor->page);
    cursor->is_end = true;
    return cursor_result(cursor, start(cursor, plan, text, argv));
}

static int table_next(sqlite3_vtab_cursor *base)
{
    table_cursor *cursor = (table_cursor *)base;
    if (!cursor->is_query) {
        cursor->is_end = true;
        return SQLITE_OK;
    }
    cursor->at++;
    dyn_table *table = ((table_vtab *)base->pVtab)->table;
    return cursor_result(cursor, show_row(table, cursor));
}

static int table_eof(sqlite3_vtab_cursor *base)
{
    return ((table_cursor *)base)->is_end;
}

/* What a column holds: for a value that has to be made, memory of its own. */
static dyn_status find_key(table_cursor *cursor)
{
    const dyn_table *table = ((table_vtab *)cursor->base.pVtab)->table;
    if (cursor->key.data != NULL) return DYN_OK;
    return dyn_query_key(&cursor->page, table, &cursor->query,
                         &cursor->rows.rows[cursor->at], &cursor->key);
}

static dyn_status show_key(sqlite3_context *context, dyn_call *call,
                           table_cursor *cursor)
{
    dyn_status status = find_key(cursor);
    if (status != DYN_OK) {
        call->error = cursor->page.error;
        return status;
    }
    sqlite3_result_blob64(context, cursor->key.data, cursor->key.size_bytes,
                          SQLITE_TRANSIENT);
    return DYN_OK;
}

/* An UPDATE may read through an index and use what that does not hold. */
static dyn_status fetch_item(dyn_call *call, table_cursor *cursor)
{
    dyn_table *table = ((table_vtab *)cursor->base.pVtab)->table;
    dyn_status status = find_key(cursor);
    if (status == DYN_OK) {
        status = dyn_query_fetch(&cursor->page, table, &cursor->query,
                                 cursor->key, &cursor->item);
    }
    cursor->is_whole = status == DYN_OK;
    if (status == DYN_OK) return DYN_OK;
    call->error = cursor->page.error;
    return status;
}

static dyn_status show_attribute(sqlite3_context *context, dyn_call *call,
                                 table_cursor *cursor, int attribute)
{
    const table_vtab *vtab = (table_vtab *)cursor->base.pVtab;
    const dyn_table *table = vtab->table;
    dyn_bytes name = vtab->declared.columns[attribute].name;
    bool found = false;
    dyn_value value;
    DYN_TRY(dyn_view_column(call, &cursor->item, (size_t)attribute, name,
                            &found, &value));
    if (!found && !cursor->is_whole &&
        !dyn_query_holds(table, &cursor->query, name)) {
        DYN_TRY(fetch_item(call, cursor));
        DYN_TRY(dyn_view_find(call, &cursor->item, name, &found, &value));
    }
    if (found) bridge_result_value(context, call, &value);
    return DYN_OK;
}

static dyn_status show_item(sqlite3_context *context, dyn_call *call,
                            table_cursor *cursor)
{
    if (!cursor->is_whole) DYN_TRY(fetch_item(call, cursor));
    return bridge_result_item(context, call, &cursor->item);
}

static int table_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                        int column)
{
    table_cursor *cursor = (table_cursor *)base;
    table_vtab *table = (table_vtab *)base->pVtab;
    int attribute = table_attribute(&table->declared, column);
    int hidden = column - (int)table->declared.column_count;
    if (hidden != HIDDEN_KEY && sqlite3_vtab_nochange(context))
        return SQLITE_OK;
    dyn_call call;
    dyn_status status = DYN_OK;
    dyn_call_begin(&call);
    if (attribute != TABLE_NO_ATTRIBUTE) {
        status = show_attribute(context, &call, cursor, attribute);
    } else if (hidden == HIDDEN_KEY) {
        status = show_key(context, &call, cursor);
    } else if (hidden == HIDDEN_ITEM) {
        status = show_item(context, &call, cursor);
    } else if (hidden == HIDDEN_MODE && cursor->mode.data != NULL) {
        bridge_result_text(context, cursor->mode);
    }
    return table_result(table, &call, status);
}

static int table_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    (void)base, (void)rowid;
    return SQLITE_ERROR; /* WITHOUT ROWID: never called */
}

/* ---------------------------------------------------------- transactions -- */

static int table_begin(sqlite3_vtab *vtab)
{
    dyn_table *table = ((table_vtab *)vtab)->table;
    dyn_table_set_joined(table, true);
    dyn_table_set_writing(table, true);
    return SQLITE_OK;
}

static int table_sync(sqlite3_vtab *vtab)
{
    table_vtab *table = (table_vtab *)vtab;
    dyn_call call;
    dyn_call_begin(&call);
    return table_result(table, &call, dyn_due_sync(&call, table->table));
}

static int table_commit(sqlite3_vtab *vtab)
{
    dyn_table *table = ((table_vtab *)vtab)->table;
    dyn_table_set_joined(table, false);
    dyn_table_set_writing(table, false);
    dyn_table_committed(table);
    return SQLITE_OK;
}

static int table_rollback(sqlite3_vtab *vtab)
{
    dyn_table *table = ((table_vtab *)vtab)->table;
    dyn_table_set_joined(table, false);
    dyn_table_set_writing(table, false);
    dyn_session_settle(dyn_table_session(table), false);
    dyn_table_rolled_back(table);
    return SQLITE_OK;
}

/* If it cannot be begun, SQLite goes back to it nevertheless, and what was in
 * memory would be lost without the rest of the transaction. After an interrupt
 * SQLite may have rolled back all of it already. */
static int table_savepoint(sqlite3_vtab *vtab, int number)
{
    table_vtab *table = (table_vtab *)vtab;
    dyn_call call;
    dyn_call_begin(&call);
    dyn_status status = dyn_table_savepoint(&call, table->table, number);
    if (status != DYN_OK && !sqlite3_get_autocommit(table->session->db))
        table->session->must_roll_back = true;
    return table_result(table, &call, status);
}

static int table_release(sqlite3_vtab *vtab, int number)
{
    (void)vtab, (void)number;
    return SQLITE_OK;
}

static int table_rollback_to(sqlite3_vtab *vtab, int number)
{
    dyn_table *table = ((table_vtab *)vtab)->table;
    dyn_table_set_joined(table,
                         false); /* SQLite may go on with another object */
    dyn_table_rolled_back_to(table, number);
    return SQLITE_OK;
}

/* ----------------------------------------------------------------- other -- */

/* PRAGMA integrity_check, from SQLite 3.44 on. */
static int table_integrity(sqlite3_vtab *vtab, const char *schema,
                           const char *name, int flags, char **problem)
{
    (void)schema, (void)flags;
    table_vtab *table = (table_vtab *)vtab;
    dyn_call call;
    dyn_bytes report = {NULL, 0};
    dyn_call_begin(&call);
    dyn_status status = dyn_check_table(&call, table->table, &report);
    if (status == DYN_OK && !dyn_bytes_equal_text(report, "ok")) {
        *problem = sqlite3_mprintf("%s: %s", name, (const char *)report.data);
    } else if (status == DYN_CORRUPT) {
        *problem = sqlite3_mprintf("%s: %s", name, call.error.message);
        status = DYN_OK;
    }
    return table_result(table, &call, status);
}

/* SQLite before 3.44 has no xIntegrity, and its header no such member. */
typedef struct table_methods {
    sqlite3_module base;
#if SQLITE_VERSION_NUMBER < 3044000
    int (*xIntegrity)(sqlite3_vtab *vtab, const char *schema, const char *name,
                      int flags, char **problem);
#endif
} table_methods;

static const table_methods table_module = {
    .base =
        {
            .iVersion = 4,
            .xCreate = table_create,
            .xConnect = table_connect,
            .xBestIndex = table_best_index,
            .xDisconnect = table_disconnect,
            .xDestroy = table_destroy,
            .xOpen = table_open_cursor,
            .xClose = table_close_cursor,
            .xFilter = table_filter,
            .xNext = table_next,
            .xEof = table_eof,
            .xColumn = table_column,
            .xRowid = table_rowid,
            .xUpdate = table_write,
            .xBegin = table_begin,
            .xSync = table_sync,
            .xCommit = table_commit,
            .xRollback = table_rollback,
            .xFindFunction = table_find_function,
            .xRename = table_rename,
            .xSavepoint = table_savepoint,
            .xRelease = table_release,
            .xRollbackTo = table_rollback_to,
            .xShadowName = table_shadow_name,
#if SQLITE_VERSION_NUMBER >= 3044000
            .xIntegrity = table_integrity,
#endif
        },
#if SQLITE_VERSION_NUMBER < 3044000
    .xIntegrity = table_integrity,
#endif
};

int table_vtab_register(sqlite3 *db, dyn_session *session)
{
    int rc = table_columns_register(db);
    if (rc != SQLITE_OK) return rc;
    return sqlite3_create_module_v2(db, "dynamo", &table_module.base, session,
                                    (void (*)(void *))dyn_session_release);
}
