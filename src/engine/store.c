/*
 * Shadow-table access. Statements are prepared on first use, kept by their tree
 * and number in the store, and always reset before a function returns.
 */
#include "engine/store_internal.h"

#include "base/buffer.h"
#include "base/exception.h"
#include "base/sqlite_text.h"
#include "item/key.h"

#include <stdlib.h>

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
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    if (rc == SQLITE_OK) return DYN_OK;
    return dyn_fail_sqlite(call, sqlite3_extended_errcode(store->db),
                           sqlite3_errmsg(store->db));
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

/* Text goes in the encoding of the database: making that may fail. */
static dyn_status bind_text(dyn_call *call, dyn_store *store,
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

static dyn_status bind_name(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, const char *name)
{
    return bind_text(call, store, statement, 1, dyn_bytes_text(name));
}

static void bind_hash(sqlite3_stmt *statement, int position, uint64_t hash)
{
    unsigned char bytes[DYN_KEY_HASH_BYTES];
    dyn_key_write_hash(hash, bytes);
    sqlite3_bind_blob(statement, position, bytes, sizeof(bytes),
                      SQLITE_TRANSIENT);
}

dyn_status dyn_store_write(dyn_call *call, dyn_store *store,
                           sqlite3_stmt *statement)
{
    sqlite3_step(statement);
    int rc = sqlite3_reset(statement);
    if (rc != SQLITE_OK) {
        return dyn_store_fail(call, store, sqlite3_extended_errcode(store->db));
    }
    store->has_written = true;
    return DYN_OK;
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

/* A column's text as UTF-8, whatever the encoding of the database is, in the
 * memory of call. */
static dyn_status column_text(dyn_call *call, sqlite3_stmt *statement,
                              int column, dyn_bytes *out)
{
    bool is_null = sqlite3_column_type(statement, column) == SQLITE_NULL;
    const unsigned char *text = sqlite3_column_text(statement, column);
    int size = sqlite3_column_bytes(statement, column);
    if (text == NULL && !is_null) return dyn_fail_nomem(call);
    return dyn_copy(call, (dyn_bytes){text, text == NULL ? 0 : (size_t)size},
                    out);
}

static bool column_hash(sqlite3_stmt *statement, int column, uint64_t *out)
{
    dyn_bytes bytes = dyn_store_column(statement, column);
    if (bytes.size_bytes != DYN_KEY_HASH_BYTES) return false;
    *out = dyn_key_hash(bytes);
    return true;
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
    store->schema = sqlite3_mprintf("%s", schema);
    store->table = sqlite3_mprintf("%s", table);
    store->leaves = sqlite3_mprintf("%s_leaves", table);
    if (store->schema == NULL || store->table == NULL ||
        store->leaves == NULL) {
        dyn_store_close(store);
        return dyn_fail_nomem(call);
    }
    *out = store;
    return DYN_OK;
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
    sqlite3_free(store->schema);
    sqlite3_free(store->table);
    sqlite3_free(store->leaves);
    sqlite3_free(store);
}

dyn_status dyn_store_create(dyn_call *call, dyn_store *store)
{
    return store_exec(call, store, DYN_SQL_CREATE, NULL);
}

dyn_status dyn_store_drop(dyn_call *call, dyn_store *store)
{
    finalize_all(store);
    return store_exec(call, store, DYN_SQL_DROP, NULL);
}

dyn_status dyn_store_exists(dyn_call *call, const dyn_store *store,
                            bool *exists)
{
    int rc =
        sqlite3_table_column_metadata(store->db, store->schema, store->leaves,
                                      NULL, NULL, NULL, NULL, NULL, NULL);
    *exists = rc != SQLITE_ERROR;
    return rc == SQLITE_NOMEM ? dyn_fail_nomem(call) : DYN_OK;
}

dyn_status dyn_store_rename(dyn_call *call, dyn_store *store, const char *table)
{
    char *name = sqlite3_mprintf("%s", table);
    char *leaves = sqlite3_mprintf("%s_leaves", table);
    finalize_all(store);
    dyn_status status = name == NULL || leaves == NULL
                            ? dyn_fail_nomem(call)
                            : store_exec(call, store, DYN_SQL_RENAME, table);
    if (status != DYN_OK) {
        sqlite3_free(name);
        sqlite3_free(leaves);
        return status;
    }
    sqlite3_free(store->table);
    sqlite3_free(store->leaves);
    store->table = name;
    store->leaves = leaves;
    return DYN_OK;
}

const char *dyn_store_file(const dyn_store *store)
{
    const char *file = sqlite3_db_filename(store->db, store->schema);
    return file == NULL ? "" : file;
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
    dyn_hints_forget(store->hints);
}

void dyn_store_begin_write(dyn_store *store)
{
    store->has_written = false;
}

/* ------------------------------------------------- partitions and usage -- */

/* Collect all rows of a statement, each read by a function, as an array. */
typedef dyn_status read_row(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, void *row);

static dyn_status read_all(dyn_call *call, dyn_store *store,
                           sqlite3_stmt *statement, read_row *read,
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

static dyn_status read_partition(dyn_call *call, dyn_store *store,
                                 sqlite3_stmt *statement, void *row)
{
    dyn_partition_row *out = row;
    out->partition = sqlite3_column_int64(statement, 0);
    out->items = sqlite3_column_int64(statement, 2);
    out->bytes = sqlite3_column_int64(statement, 3);
    out->is_walked = sqlite3_column_type(statement, 4) != SQLITE_NULL;
    out->walked = 0;
    out->left_items = sqlite3_column_int64(statement, 5);
    out->left_bytes = sqlite3_column_int64(statement, 6);
    out->give_up_bytes = sqlite3_column_int64(statement, 7);
    out->is_charged = false;
    out->minute = sqlite3_column_int64(statement, 8);
    out->read_halves = sqlite3_column_int64(statement, 9);
    out->write_units = sqlite3_column_int64(statement, 10);
    if (!column_hash(statement, 1, &out->low) ||
        (out->is_walked && !column_hash(statement, 4, &out->walked))) {
        return dyn_store_fail_damaged(call, store, "partitions");
    }
    return DYN_OK;
}

dyn_status dyn_store_partitions(dyn_call *call, dyn_store *store, int64_t tree,
                                dyn_partition_row **rows, size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_PARTITION_LIST, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    DYN_TRY(read_all(call, store, statement, read_partition,
                     sizeof(dyn_partition_row), &all, count));
    for (size_t i = 0; i < *count; i++)
        ((dyn_partition_row *)all)[i].tree = tree;
    *rows = all;
    return DYN_OK;
}

dyn_status dyn_store_partition_insert(dyn_call *call, dyn_store *store,
                                      const dyn_partition_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_PARTITION_INSERT, &statement));
    sqlite3_bind_int64(statement, 1, row->tree);
    bind_hash(statement, 2, row->low);
    sqlite3_bind_int64(statement, 3, row->items);
    sqlite3_bind_int64(statement, 4, row->bytes);
    return dyn_store_write(call, store, statement);
}

/* Run a statement whose one parameter is a tree. */
static dyn_status write_for_tree(dyn_call *call, dyn_store *store,
                                 enum dyn_sql number, int64_t tree)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, number, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_store_partitions_delete(dyn_call *call, dyn_store *store,
                                       int64_t tree)
{
    return write_for_tree(call, store, DYN_SQL_PARTITION_DELETE, tree);
}

dyn_status dyn_store_partition_add(dyn_call *call, dyn_store *store,
                                   const dyn_partition_row *difference)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_PARTITION_ADD, &statement));
    sqlite3_bind_int64(statement, 1, difference->partition);
    sqlite3_bind_int64(statement, 2, difference->items);
    sqlite3_bind_int64(statement, 3, difference->bytes);
    sqlite3_bind_int64(statement, 4, difference->left_items);
    sqlite3_bind_int64(statement, 5, difference->left_bytes);
    if (difference->is_charged) {
        sqlite3_bind_int64(statement, 6, difference->minute);
    } else {
        sqlite3_bind_null(statement, 6);
    }
    sqlite3_bind_int64(statement, 7, difference->read_halves);
    sqlite3_bind_int64(statement, 8, difference->write_units);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_store_partition_set(dyn_call *call, dyn_store *store,
                                   const dyn_partition_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_PARTITION_SET, &statement));
    sqlite3_bind_int64(statement, 1, row->partition);
    sqlite3_bind_int64(statement, 2, row->items);
    sqlite3_bind_int64(statement, 3, row->bytes);
    if (row->is_walked) {
        bind_hash(statement, 4, row->walked);
    } else {
        sqlite3_bind_null(statement, 4);
    }
    sqlite3_bind_int64(statement, 5, row->left_items);
    sqlite3_bind_int64(statement, 6, row->left_bytes);
    sqlite3_bind_int64(statement, 7, row->give_up_bytes);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_store_usage_add(dyn_call *call, dyn_store *store,
                               const dyn_usage_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_USAGE_ADD, &statement));
    sqlite3_bind_int64(statement, 1, row->minute);
    DYN_TRY(bind_text(call, store, statement, 2, row->name));
    sqlite3_bind_int64(statement, 3, row->read_halves);
    sqlite3_bind_int64(statement, 4, row->write_units);
    return dyn_store_write(call, store, statement);
}

static dyn_status read_usage(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, void *row)
{
    static const int64_t most = INT64_C(1) << 50; /* sums do not overflow */
    dyn_usage_row *out = row;
    out->minute = sqlite3_column_int64(statement, 0);
    out->read_halves = sqlite3_column_int64(statement, 2);
    out->write_units = sqlite3_column_int64(statement, 3);
    if (out->minute < -most || out->minute > most || out->read_halves < 0 ||
        out->read_halves > most || out->write_units < 0 ||
        out->write_units > most) {
        return dyn_store_fail_damaged(call, store, "usage");
    }
    return column_text(call, statement, 1, &out->name);
}

dyn_status dyn_store_usage(dyn_call *call, dyn_store *store,
                           dyn_usage_row **rows, size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_USAGE_LIST, &statement));
    DYN_TRY(read_all(call, store, statement, read_usage, sizeof(dyn_usage_row),
                     &all, count));
    *rows = all;
    return DYN_OK;
}

dyn_status dyn_store_usage_prune(dyn_call *call, dyn_store *store,
                                 int64_t minute)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_USAGE_PRUNE, &statement));
    sqlite3_bind_int64(statement, 1, minute);
    return dyn_store_write(call, store, statement);
}

/* --------------------------------------------------------------- indexes -- */

static dyn_status read_index(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, void *row)
{
    dyn_index_row *out = row;
    dyn_bytes declaration = {NULL, 0};
    out->tree = sqlite3_column_int64(statement, 0);
    out->is_filling = sqlite3_column_type(statement, 2) != SQLITE_NULL;
    out->skipped = sqlite3_column_int64(statement, 3);
    if (out->tree < 1 || out->tree > DYN_TREE_MAX || out->skipped < 0 ||
        sqlite3_column_type(statement, 1) != SQLITE_TEXT) {
        return dyn_store_fail_damaged(call, store, "indexes");
    }
    DYN_TRY(column_text(call, statement, 1, &declaration));
    out->declaration = (const char *)declaration.data;
    return dyn_copy(call, dyn_store_column(statement, 2), &out->position);
}

dyn_status dyn_store_indexes(dyn_call *call, dyn_store *store,
                             dyn_index_row **rows, size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_INDEX_LIST, &statement));
    DYN_TRY(read_all(call, store, statement, read_index, sizeof(dyn_index_row),
                     &all, count));
    *rows = all;
    return DYN_OK;
}

static void bind_position(sqlite3_stmt *statement, int position,
                          const dyn_index_row *row)
{
    if (!row->is_filling) {
        sqlite3_bind_null(statement, position);
    } else {
        dyn_store_bind(statement, position,
                       row->position.size_bytes == 0 ? dyn_bytes_text("")
                                                     : row->position);
    }
}

/* Remove a tree, but no leaf that damage has made another tree's, too. */
static dyn_status delete_tree(dyn_call *call, dyn_store *store, int64_t tree)
{
    dyn_store_forget(store);
    DYN_TRY(write_for_tree(call, store, DYN_SQL_TREE_LEAVES_DELETE, tree));
    return write_for_tree(call, store, DYN_SQL_TREE_DELETE, tree);
}

dyn_status dyn_store_index_insert(dyn_call *call, dyn_store *store,
                                  const dyn_index_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(delete_tree(call, store, row->tree));
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_INDEX_INSERT, &statement));
    sqlite3_bind_int64(statement, 1, row->tree);
    DYN_TRY(
        bind_text(call, store, statement, 2, dyn_bytes_text(row->declaration)));
    bind_position(statement, 3, row);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_store_index_delete(dyn_call *call, dyn_store *store,
                                  int64_t tree)
{
    DYN_TRY(write_for_tree(call, store, DYN_SQL_INDEX_DELETE, tree));
    return delete_tree(call, store, tree);
}

dyn_status dyn_store_index_set(dyn_call *call, dyn_store *store,
                               const dyn_index_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_INDEX_SET, &statement));
    sqlite3_bind_int64(statement, 1, row->tree);
    bind_position(statement, 2, row);
    sqlite3_bind_int64(statement, 3, row->skipped);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_store_index_declare(dyn_call *call, dyn_store *store,
                                   int64_t tree, const char *declaration)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_INDEX_DECLARE, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    DYN_TRY(bind_text(call, store, statement, 2, dyn_bytes_text(declaration)));
    return dyn_store_write(call, store, statement);
}

/* Run a statement without parameters. */
static dyn_status write_plain(dyn_call *call, dyn_store *store,
                              enum dyn_sql number)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, number, &statement));
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_store_index_clear(dyn_call *call, dyn_store *store, int64_t tree)
{
    DYN_TRY(delete_tree(call, store, tree));
    DYN_TRY(write_plain(call, store, DYN_SQL_DIRECTORY_SWEEP));
    return write_plain(call, store, DYN_SQL_LEAVES_SWEEP);
}

/* ------------------------------------------------------------------ meta -- */

dyn_status dyn_store_meta(dyn_call *call, dyn_store *store, const char *name,
                          bool *found, dyn_bytes *text, int64_t *number)
{
    *found = false;
    *number = 0;
    *text = (dyn_bytes){NULL, 0};
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_GET, &statement));
    DYN_TRY(bind_name(call, store, statement, name));
    dyn_status status = DYN_OK;
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        *found = true;
        *number = sqlite3_column_int64(statement, 0);
        status = column_text(call, statement, 0, text);
    } else if (rc != SQLITE_DONE) {
        status = dyn_store_fail(call, store, rc);
    }
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_store_set_meta_text(dyn_call *call, dyn_store *store,
                                   const char *name, const char *text)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_PUT, &statement));
    DYN_TRY(bind_name(call, store, statement, name));
    DYN_TRY(bind_text(call, store, statement, 2, dyn_bytes_text(text)));
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_store_set_meta_number(dyn_call *call, dyn_store *store,
                                     const char *name, int64_t number)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_PUT, &statement));
    DYN_TRY(bind_name(call, store, statement, name));
    sqlite3_bind_int64(statement, 2, number);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_store_delete_meta(dyn_call *call, dyn_store *store,
                                 const char *name)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_DELETE, &statement));
    DYN_TRY(bind_name(call, store, statement, name));
    return dyn_store_write(call, store, statement);
}

static dyn_status read_meta(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, void *row)
{
    (void)store;
    dyn_meta_row *out = row;
    DYN_TRY(column_text(call, statement, 0, &out->name));
    return column_text(call, statement, 1, &out->text);
}

/* SQLite's order is that of the bytes in the encoding of the database. */
static int compare_meta(const void *left, const void *right)
{
    const dyn_meta_row *a = left;
    const dyn_meta_row *b = right;
    return dyn_bytes_compare(a->name, b->name);
}

dyn_status dyn_store_meta_list(dyn_call *call, dyn_store *store,
                               const char *prefix, dyn_meta_row **rows,
                               size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_LIST, &statement));
    DYN_TRY(bind_name(call, store, statement, prefix));
    DYN_TRY(read_all(call, store, statement, read_meta, sizeof(dyn_meta_row),
                     &all, count));
    if (*count > 1) qsort(all, *count, sizeof(dyn_meta_row), compare_meta);
    *rows = all;
    return DYN_OK;
}

dyn_status dyn_store_meta_prune(dyn_call *call, dyn_store *store,
                                const char *prefix, int64_t least)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_META_PRUNE, &statement));
    DYN_TRY(bind_name(call, store, statement, prefix));
    sqlite3_bind_int64(statement, 2, least);
    return dyn_store_write(call, store, statement);
}
