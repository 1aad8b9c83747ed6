/*
 * Shadow-table access. Statements are prepared on first use, kept by their tree
 * and number in the store, and always reset before a function returns.
 */
#include "engine/store_internal.h"

#include "base/buffer.h"
#include "base/exception.h"
#include "base/sqlite_text.h"

#include <inttypes.h>

/* ------------------------------------------------------------ statements -- */

dyn_status dyn_store_fail(dyn_call *call, dyn_store *store, int code)
{
    if (store->has_written) call->error.torn = true;
    switch (code & 0xff) {
    case SQLITE_ERROR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return dyn_fail(call, DYN_CORRUPT, "shadow tables are damaged: %s",
                        sqlite3_errmsg(store->db));
    default:
        return dyn_fail_sqlite(call, code, sqlite3_errmsg(store->db));
    }
}

dyn_status dyn_store_fail_damaged(dyn_call *call, dyn_store *store,
                                  const char *table)
{
    if (store->has_written) call->error.torn = true;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: a row of %s_%s is of no "
                    "known form",
                    store->table, table);
}

/* The text of a statement with {schema}, {table} and {new} replaced, each
 * escaped for use between double quotes. NULL when out of memory; freed by the
 * caller with sqlite3_free(). */
static char *store_sql(dyn_store *store, enum dyn_sql number, const char *new)
{
    sqlite3_str *sql = sqlite3_str_new(store->db);
    const char *rest = dyn_sql_text[number];
    for (const char *brace; (brace = strchr(rest, '{')) != NULL;) {
        const char *name = brace + 1;
        const char *value = *name == 's'   ? store->schema
                            : *name == 't' ? store->table
                                           : new;
        sqlite3_str_append(sql, rest, (int)(brace - rest));
        sqlite3_str_appendf(sql, "%w", value);
        rest = strchr(name, '}') + 1;
    }
    sqlite3_str_appendall(sql, rest);
    return sqlite3_str_finish(sql);
}

static dyn_status store_exec(dyn_call *call, dyn_store *store,
                             enum dyn_sql number, const char *new)
{
    char *sql = store_sql(store, number, new);
    if (sql == NULL) return dyn_fail_nomem(call);
    store->edits++;
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    if (rc == SQLITE_OK) return DYN_OK;
    return dyn_fail_sqlite(call, sqlite3_extended_errcode(store->db),
                           sqlite3_errmsg(store->db));
}

dyn_status dyn_store_run(dyn_call *call, dyn_store *store, enum dyn_sql number)
{
    return store_exec(call, store, number, NULL);
}

bool dyn_store_has_transaction(const dyn_store *store)
{
    return !sqlite3_get_autocommit(store->db);
}

bool dyn_store_is_written(const dyn_store *store)
{
    return sqlite3_txn_state(store->db, store->schema) == SQLITE_TXN_WRITE;
}

dyn_status dyn_store_change_schema(dyn_call *call, dyn_store *store)
{
    return dyn_store_run(call, store, DYN_SQL_CHANGE_SCHEMA);
}

static dyn_status read_schema_version(dyn_call *call, dyn_store *store,
                                      int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_SCHEMA_VERSION, &statement));
    DYN_TRY(dyn_store_get_row(call, store, statement));
    *out = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return DYN_OK;
}

/* In its defensive mode SQLite has the version never set, for who sets it back
 * hides what has changed. Here it goes on. */
static dyn_status set_schema_version(dyn_call *call, dyn_store *store,
                                     int64_t version)
{
    int is_defensive = 0;
    const char *text = dyn_format(call, "%" PRId64, version);
    if (text == NULL) return DYN_NOMEM;
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, -1, &is_defensive);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    dyn_status status =
        store_exec(call, store, DYN_SQL_SET_SCHEMA_VERSION, text);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, is_defensive, NULL);
    return status;
}

dyn_status dyn_store_reload_schema(dyn_call *call, dyn_store *store)
{
    int64_t version = 0;
    DYN_TRY(dyn_store_change_schema(call, store));
    DYN_TRY(read_schema_version(call, store, &version));
    return set_schema_version(call, store,
                              version < INT32_MAX ? version + 1 : 1);
}

dyn_status dyn_store_statement(dyn_call *call, dyn_store *store,
                               enum dyn_sql number, sqlite3_stmt **out)
{
    sqlite3_stmt **slot = &store->statements[number];
    if (*slot == NULL) {
        char *sql = store_sql(store, number, NULL);
        if (sql == NULL) return dyn_fail_nomem(call);
        int rc = sqlite3_prepare_v3(store->db, sql, -1,
                                    SQLITE_PREPARE_PERSISTENT, slot, NULL);
        sqlite3_free(sql);
        if (rc != SQLITE_OK) return dyn_store_fail(call, store, rc);
    }
    *out = *slot;
    return DYN_OK;
}

void dyn_store_bind(sqlite3_stmt *statement, int position, dyn_bytes bytes)
{
    sqlite3_bind_blob64(statement, position, bytes.data, bytes.size_bytes,
                        SQLITE_STATIC);
}

/* What a statement has changed is ours, with what its triggers have. */
static void count_own(dyn_store *store, int64_t total_before, int64_t rows)
{
    dyn_own_changes *own = &store->shared->own;
    own->counted += sqlite3_total_changes64(store->db) - total_before;
    own->rows = rows;
}

dyn_status dyn_store_write(dyn_call *call, dyn_store *store,
                           sqlite3_stmt *statement)
{
    int64_t total = sqlite3_total_changes64(store->db);
    int64_t rows = store->shared->own.rows;
    int64_t users = sqlite3_last_insert_rowid(store->db);
    sqlite3_step(statement);
    int rc = sqlite3_reset(statement);
    store->inserted_id = sqlite3_last_insert_rowid(store->db);
    sqlite3_set_last_insert_rowid(store->db, users);
    count_own(store, total, rows);
    if (rc != SQLITE_OK) {
        return dyn_store_fail(call, store, sqlite3_extended_errcode(store->db));
    }
    store->has_written = true;
    return DYN_OK;
}

/* Making the text in the encoding of the database may fail. */
dyn_status dyn_store_bind_text(dyn_call *call, dyn_store *store,
                               sqlite3_stmt *statement, int position,
                               dyn_bytes text)
{
    dyn_sqlite_text given = dyn_sqlite_text_of(text, SQLITE_STATIC);
    if (given.data == NULL) return dyn_fail_nomem(call);
    int rc =
        sqlite3_bind_text64(statement, position, given.data, given.size_bytes,
                            given.destructor, given.encoding);
    return rc == SQLITE_OK ? DYN_OK : dyn_store_fail(call, store, rc);
}

dyn_status dyn_store_bind_text_or_null(dyn_call *call, dyn_store *store,
                                       sqlite3_stmt *statement, int position,
                                       dyn_bytes text)
{
    if (text.data != NULL)
        return dyn_store_bind_text(call, store, statement, position, text);
    sqlite3_bind_null(statement, position);
    return DYN_OK;
}

dyn_status dyn_store_get_row(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement)
{
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) return DYN_OK;
    dyn_status status = dyn_store_fail(call, store, rc);
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_store_read_all(dyn_call *call, dyn_store *store,
                              sqlite3_stmt *statement, dyn_store_read_row *read,
                              size_t row_bytes, void **rows, size_t *count)
{
    dyn_buffer all;
    dyn_buffer_begin(&all, call, 8 * row_bytes);
    dyn_status status = DYN_OK;
    int rc = SQLITE_ROW;
    *count = 0;
    while (status == DYN_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        void *row = dyn_buffer_reserve(&all, row_bytes);
        status = row == NULL ? dyn_fail_nomem(call)
                             : read(call, store, statement, row);
        (*count)++;
    }
    if (status == DYN_OK && rc != SQLITE_DONE) {
        status = dyn_store_fail(call, store, rc);
    }
    sqlite3_reset(statement);
    *rows = all.data;
    return status;
}

/* The value is read without locks: whoever steps a statement of ours holds the
 * mutex of the connection. */
dyn_bytes dyn_store_column(sqlite3_stmt *statement, int column)
{
    sqlite3_value *value = sqlite3_column_value(statement, column);
    const void *data = sqlite3_value_blob(value);
    int size = sqlite3_value_bytes(value);
    return (dyn_bytes){data, data == NULL ? 0 : (size_t)size};
}

/* ------------------------------------------------------------- lifetime -- */

dyn_status dyn_store_open(dyn_call *call, struct sqlite3 *db,
                          const char *schema, const char *table,
                          dyn_store **out)
{
    *out = NULL;
    dyn_store *store = sqlite3_malloc64(sizeof(*store));
    if (store == NULL) return dyn_fail_nomem(call);
    memset(store, 0, sizeof(*store));
    store->db = db;
    store->shared = &store->alone;
    store->schema = sqlite3_mprintf("%s", schema);
    store->table = sqlite3_mprintf("%s", table);
    store->leaves = sqlite3_mprintf("%s_leaves", table);
    store->large = sqlite3_mprintf("%s_large", table);
    if (store->schema == NULL || store->table == NULL ||
        store->leaves == NULL || store->large == NULL) {
        dyn_store_close(store);
        return dyn_fail_nomem(call);
    }
    *out = store;
    return DYN_OK;
}

void dyn_store_share(dyn_store *store, dyn_store_shared *shared)
{
    store->shared = shared;
}

static void finalize_all(dyn_store *store)
{
    for (int i = 0; i < DYN_SQL_COUNT; i++) {
        sqlite3_finalize(store->statements[i]);
        store->statements[i] = NULL;
    }
}

void dyn_store_close(dyn_store *store)
{
    if (store == NULL) return;
    finalize_all(store);
    dyn_hints_close(store->hints);
    dyn_leaf_cache_close(store->cache);
    sqlite3_free(store->schema);
    sqlite3_free(store->table);
    sqlite3_free(store->leaves);
    sqlite3_free(store->large);
    sqlite3_free(store);
}

dyn_status dyn_store_create(dyn_call *call, dyn_store *store)
{
    return store_exec(call, store, DYN_SQL_CREATE, NULL);
}

dyn_status dyn_store_drop(dyn_call *call, dyn_store *store)
{
    finalize_all(store);
    dyn_leaf_cache_discard(store->cache);
    return store_exec(call, store, DYN_SQL_DROP, NULL);
}

static dyn_status has_table(dyn_call *call, const dyn_store *store,
                            const char *name, bool *has)
{
    int rc = sqlite3_table_column_metadata(store->db, store->schema, name, NULL,
                                           NULL, NULL, NULL, NULL, NULL);
    *has = rc != SQLITE_ERROR;
    return rc == SQLITE_NOMEM ? dyn_fail_nomem(call) : DYN_OK;
}

dyn_status dyn_store_exists(dyn_call *call, const dyn_store *store,
                            bool *exists)
{
    return has_table(call, store, store->leaves, exists);
}

dyn_status dyn_store_has_meta(dyn_call *call, const dyn_store *store, bool *has)
{
    const char *meta = dyn_format(call, "%s_meta", store->table);
    return meta == NULL ? DYN_NOMEM : has_table(call, store, meta, has);
}

dyn_status dyn_store_rename(dyn_call *call, dyn_store *store, const char *table)
{
    char *name = sqlite3_mprintf("%s", table);
    char *leaves = sqlite3_mprintf("%s_leaves", table);
    char *large = sqlite3_mprintf("%s_large", table);
    finalize_all(store);
    dyn_status status = name == NULL || leaves == NULL || large == NULL
                            ? dyn_fail_nomem(call)
                            : store_exec(call, store, DYN_SQL_RENAME, table);
    if (status != DYN_OK) {
        sqlite3_free(name);
        sqlite3_free(leaves);
        sqlite3_free(large);
        return status;
    }
    finalize_all(store); /* what savepoints of the renaming have prepared */
    sqlite3_free(store->table);
    sqlite3_free(store->leaves);
    sqlite3_free(store->large);
    store->table = name;
    store->leaves = leaves;
    store->large = large;
    return DYN_OK;
}

const char *dyn_store_file(const dyn_store *store)
{
    const char *file = sqlite3_db_filename(store->db, store->schema);
    return file == NULL ? "" : file;
}

dyn_status dyn_store_hold(dyn_call *call, dyn_store *store, sqlite3_stmt **out)
{
    sqlite3_stmt *statement = NULL;
    *out = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_HOLD, &statement));
    if (sqlite3_stmt_busy(statement)) return DYN_OK;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        *out = statement;
        return DYN_OK;
    }
    sqlite3_reset(statement);
    return dyn_fail_sqlite(call, sqlite3_extended_errcode(store->db),
                           sqlite3_errmsg(store->db));
}

dyn_status dyn_store_version(dyn_call *call, dyn_store *store,
                             unsigned *version)
{
    int rc = sqlite3_file_control(store->db, store->schema,
                                  SQLITE_FCNTL_DATA_VERSION, version);
    return rc == SQLITE_OK ? DYN_OK : dyn_store_fail(call, store, rc);
}

void dyn_store_forget(dyn_store *store)
{
    dyn_leaf_cache_forget(store->cache);
    store->log_state++;
}

void dyn_store_forget_trees(dyn_store *store)
{
    dyn_hints_close(store->hints);
    store->hints = NULL;
}

void dyn_store_defer(dyn_store *store, bool is_deferring)
{
    store->is_deferring = is_deferring;
}

void dyn_store_discard(dyn_store *store)
{
    dyn_leaf_cache_discard(store->cache);
    store->edits++;
    dyn_store_forget(store);
}

dyn_leaf_cache_counts dyn_store_cache_counts(const dyn_store *store)
{
    return dyn_leaf_cache_counts_of(store->cache);
}

int64_t dyn_store_changes(const dyn_store *store)
{
    return sqlite3_total_changes64(store->db) + store->edits;
}

int64_t dyn_store_foreign_changes(const dyn_store *store)
{
    return dyn_foreign_changes(&store->shared->own,
                               sqlite3_total_changes64(store->db));
}

dyn_leaf_cache *dyn_store_cache(dyn_store *store)
{
    if (store->cache == NULL)
        store->cache = dyn_leaf_cache_open(&store->shared->leaves);
    return store->cache;
}

void dyn_store_begin_write(dyn_store *store)
{
    store->has_written = false;
}
