/*
 * Shadow-table access. Statements are prepared on first use, kept by their
 * number in the store, and always reset before a function returns.
 */
#include "engine/store.h"

#include "base/buffer.h"
#include "base/sqlite.h"
#include "item/key.h"
#include "sql.h"

#include <assert.h>

struct dyn_store {
    sqlite3 *db; /* borrowed */
    char *schema;
    char *table;
    size_t row_bytes_max; /* of key and item beside each other; 0: not known */
    bool has_written;     /* since dyn_store_begin_write() */
    sqlite3_stmt *statements[DYN_SQL_COUNT];
};

/* ------------------------------------------------------------ statements -- */

/* Leave SQLite's own message in call. What the shadow tables cannot answer
 * because they are not as they should be is damage. */
static dyn_status store_fail(dyn_call *call, dyn_store *store, int code)
{
    if (store->has_written) call->error.torn = true;
    call->error.sqlite_code = code;
    switch (code & 0xff) {
    case SQLITE_NOMEM:
        return dyn_fail_nomem(call);
    case SQLITE_ERROR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        return dyn_fail(call, DYN_CORRUPT, "shadow tables are damaged: %s",
                        sqlite3_errmsg(store->db));
    default:
        return dyn_fail(call, DYN_SQLITE, "%s", sqlite3_errmsg(store->db));
    }
}

static dyn_status fail_damaged(dyn_call *call, dyn_store *store,
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
        const char *end = strchr(brace, '}');
        assert(end != NULL);
        const char *name = brace[1] == 's'   ? store->schema
                           : brace[1] == 't' ? store->table
                                             : new;
        sqlite3_str_append(sql, rest, (int)(brace - rest));
        sqlite3_str_appendf(sql, "%w", name);
        rest = end + 1;
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
    call->error.sqlite_code = sqlite3_extended_errcode(store->db);
    if (rc == SQLITE_NOMEM) return dyn_fail_nomem(call);
    return dyn_fail(call, DYN_SQLITE, "%s", sqlite3_errmsg(store->db));
}

/* The statement, ready to be bound. Owned by the store. */
static dyn_status store_statement(dyn_call *call, dyn_store *store,
                                  enum dyn_sql number, sqlite3_stmt **out)
{
    sqlite3_stmt **slot = &store->statements[number];
    if (*slot == NULL) {
        char *sql = store_sql(store, number, NULL);
        if (sql == NULL) return dyn_fail_nomem(call);
        int rc = sqlite3_prepare_v3(store->db, sql, -1,
                                    SQLITE_PREPARE_PERSISTENT, slot, NULL);
        sqlite3_free(sql);
        if (rc != SQLITE_OK) return store_fail(call, store, rc);
    }
    *out = *slot;
    return DYN_OK;
}

static void bind_bytes(sqlite3_stmt *statement, int position, dyn_bytes bytes)
{
    sqlite3_bind_blob64(statement, position, bytes.data, bytes.size_bytes,
                        SQLITE_STATIC);
}

static void bind_hash(sqlite3_stmt *statement, int position, uint64_t hash)
{
    unsigned char bytes[DYN_KEY_HASH_BYTES];
    dyn_key_write_hash(hash, bytes);
    sqlite3_bind_blob(statement, position, bytes, sizeof(bytes),
                      SQLITE_TRANSIENT);
}

/* Run a statement that returns no rows, and take note that it wrote. */
static dyn_status store_write(dyn_call *call, dyn_store *store,
                              sqlite3_stmt *statement)
{
    sqlite3_step(statement);
    int rc = sqlite3_reset(statement);
    if (rc != SQLITE_OK) {
        return store_fail(call, store, sqlite3_extended_errcode(store->db));
    }
    store->has_written = true;
    return DYN_OK;
}

static dyn_bytes column_bytes(sqlite3_stmt *statement, int column)
{
    const void *data = sqlite3_column_blob(statement, column);
    int size = sqlite3_column_bytes(statement, column);
    return (dyn_bytes){data, data == NULL ? 0 : (size_t)size};
}

static bool column_hash(sqlite3_stmt *statement, int column, uint64_t *out)
{
    dyn_bytes bytes = column_bytes(statement, column);
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
    if (store->schema == NULL || store->table == NULL) {
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
    sqlite3_free(store->schema);
    sqlite3_free(store->table);
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
    char *items = dyn_format(call, "%s_items", store->table);
    if (items == NULL) return DYN_NOMEM;
    int rc = sqlite3_table_column_metadata(store->db, store->schema, items,
                                           NULL, NULL, NULL, NULL, NULL, NULL);
    *exists = rc != SQLITE_ERROR;
    return rc == SQLITE_NOMEM ? dyn_fail_nomem(call) : DYN_OK;
}

dyn_status dyn_store_rename(dyn_call *call, dyn_store *store, const char *table)
{
    char *name = sqlite3_mprintf("%s", table);
    if (name == NULL) return dyn_fail_nomem(call);
    finalize_all(store);
    dyn_status status = store_exec(call, store, DYN_SQL_RENAME, table);
    if (status != DYN_OK) {
        sqlite3_free(name);
        return status;
    }
    sqlite3_free(store->table);
    store->table = name;
    return DYN_OK;
}

dyn_status dyn_store_version(dyn_call *call, dyn_store *store,
                             unsigned *version)
{
    int rc = sqlite3_file_control(store->db, store->schema,
                                  SQLITE_FCNTL_DATA_VERSION, version);
    return rc == SQLITE_OK ? DYN_OK : store_fail(call, store, rc);
}

void dyn_store_begin_write(dyn_store *store)
{
    store->has_written = false;
}

/* ----------------------------------------------------------------- items -- */

/* Copy the item of a row of _large. */
static dyn_status get_large(dyn_call *call, dyn_store *store, int64_t id,
                            dyn_bytes *out)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_LARGE_GET, &statement));
    sqlite3_bind_int64(statement, 1, id);
    dyn_status status = DYN_OK;
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_BLOB) {
        status = fail_damaged(call, store, "large");
    } else if (rc == SQLITE_ROW) {
        status = dyn_copy(call, column_bytes(statement, 0), out);
    } else if (rc == SQLITE_DONE) {
        status = fail_damaged(call, store, "items");
    } else {
        status = store_fail(call, store, rc);
    }
    sqlite3_reset(statement);
    return status;
}

/* Copy the item in a column of a row of _items. */
static dyn_status column_item(dyn_call *call, dyn_store *store,
                              sqlite3_stmt *statement, int column, dyn_row *out)
{
    out->large_id = 0;
    int type = sqlite3_column_type(statement, column);
    if (type == SQLITE_BLOB) {
        return dyn_copy(call, column_bytes(statement, column), &out->item);
    }
    if (type != SQLITE_INTEGER) return fail_damaged(call, store, "items");
    out->large_id = sqlite3_column_int64(statement, column);
    if (out->large_id <= 0) return fail_damaged(call, store, "items");
    return get_large(call, store, out->large_id, &out->item);
}

dyn_status dyn_store_get(dyn_call *call, dyn_store *store, dyn_bytes key,
                         bool *found, dyn_row *out)
{
    *found = false;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_ITEM_GET, &statement));
    bind_bytes(statement, 1, key);
    dyn_status status = DYN_OK;
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        *found = true;
        out->key = key;
        status = column_item(call, store, statement, 0, out);
    } else if (rc != SQLITE_DONE) {
        status = store_fail(call, store, rc);
    }
    sqlite3_reset(statement);
    return status;
}

/* Write a row of _items: the item, or the id of the row of _large. */
static dyn_status write_row(dyn_call *call, dyn_store *store,
                            enum dyn_sql number, dyn_bytes key, dyn_bytes item,
                            int64_t large_id)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, number, &statement));
    bind_bytes(statement, 1, key);
    if (large_id != 0) {
        sqlite3_bind_int64(statement, 2, large_id);
    } else {
        bind_bytes(statement, 2, item);
    }
    sqlite3_step(statement);
    int rc = sqlite3_reset(statement);
    if (rc != SQLITE_OK) {
        int code = sqlite3_extended_errcode(store->db);
        if (code == SQLITE_CONSTRAINT_PRIMARYKEY) {
            return dyn_fail(call, DYN_EXISTS, "an item is there");
        }
        return store_fail(call, store, code);
    }
    store->has_written = true;
    return DYN_OK;
}

static dyn_status insert_large(dyn_call *call, dyn_store *store, dyn_bytes item,
                               int64_t *id)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_LARGE_INSERT, &statement));
    bind_bytes(statement, 1, item);
    DYN_TRY(store_write(call, store, statement));
    *id = sqlite3_last_insert_rowid(store->db);
    return DYN_OK;
}

static dyn_status update_large(dyn_call *call, dyn_store *store, int64_t id,
                               dyn_bytes item)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_LARGE_UPDATE, &statement));
    sqlite3_bind_int64(statement, 1, id);
    bind_bytes(statement, 2, item);
    return store_write(call, store, statement);
}

static dyn_status delete_large(dyn_call *call, dyn_store *store, int64_t id)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_LARGE_DELETE, &statement));
    sqlite3_bind_int64(statement, 1, id);
    return store_write(call, store, statement);
}

/* The largest row that a page of a tree of keys holds without overflow, by
 * SQLite's file format, and a bound that keeps loading into large pages fast.
 */
static dyn_status find_row_bytes_max(dyn_call *call, dyn_store *store)
{
    enum { ROW_HEADER_BYTES = 8, ROW_BYTES_MAX = 2000 };
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_PAGE_SIZE, &statement));
    int rc = sqlite3_step(statement);
    int64_t page = rc == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    if (rc != SQLITE_ROW) return store_fail(call, store, rc);
    int64_t fits = (page - 12) * 64 / 255 - 23 - ROW_HEADER_BYTES;
    store->row_bytes_max =
        (size_t)(fits < ROW_BYTES_MAX ? fits : ROW_BYTES_MAX);
    return DYN_OK;
}

/* Whether the item is to lie in _large. */
static dyn_status is_large(dyn_call *call, dyn_store *store, dyn_bytes key,
                           dyn_bytes item, bool *out)
{
    if (store->row_bytes_max == 0) DYN_TRY(find_row_bytes_max(call, store));
    *out = key.size_bytes + item.size_bytes > store->row_bytes_max;
    return DYN_OK;
}

/* The row of _items goes first with a large item, too, so that an item that is
 * there is noticed before anything is written. */
dyn_status dyn_store_insert(dyn_call *call, dyn_store *store, dyn_bytes key,
                            dyn_bytes item)
{
    bool large = false;
    DYN_TRY(is_large(call, store, key, item, &large));
    if (!large) {
        return write_row(call, store, DYN_SQL_ITEM_INSERT, key, item, 0);
    }
    static const dyn_bytes nothing = {(const unsigned char *)"", 0};
    int64_t id = 0;
    DYN_TRY(write_row(call, store, DYN_SQL_ITEM_INSERT, key, nothing, 0));
    DYN_TRY(insert_large(call, store, item, &id));
    return write_row(call, store, DYN_SQL_ITEM_UPDATE, key, item, id);
}

dyn_status dyn_store_replace(dyn_call *call, dyn_store *store,
                             const dyn_row *old, dyn_bytes item)
{
    bool large = false;
    DYN_TRY(is_large(call, store, old->key, item, &large));
    if (old->large_id != 0 && large) {
        return update_large(call, store, old->large_id, item);
    }
    int64_t id = 0;
    if (large) DYN_TRY(insert_large(call, store, item, &id));
    DYN_TRY(write_row(call, store, DYN_SQL_ITEM_UPDATE, old->key, item, id));
    if (old->large_id == 0) return DYN_OK;
    return delete_large(call, store, old->large_id);
}

dyn_status dyn_store_delete(dyn_call *call, dyn_store *store,
                            const dyn_row *old)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_ITEM_DELETE, &statement));
    bind_bytes(statement, 1, old->key);
    DYN_TRY(store_write(call, store, statement));
    if (old->large_id == 0) return DYN_OK;
    return delete_large(call, store, old->large_id);
}

/* Read what a bound range statement gives, beginning behind or at last. A
 * damaged tree may give keys out of order, and reading on behind the last of
 * them would go in circles. */
static dyn_status read_range(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, dyn_bytes last, bool down,
                             size_t rows_max, size_t bytes_max, dyn_row *rows,
                             size_t *count, bool *is_end)
{
    *count = 0;
    *is_end = false;
    size_t bytes = 0;
    while (*count < rows_max && bytes <= bytes_max) {
        int rc = sqlite3_step(statement);
        if (rc == SQLITE_DONE) {
            *is_end = true;
            return DYN_OK;
        }
        if (rc != SQLITE_ROW) return store_fail(call, store, rc);
        dyn_row *row = &rows[(*count)++];
        dyn_bytes key = column_bytes(statement, 0);
        if (key.size_bytes <= DYN_KEY_HASH_BYTES) {
            return fail_damaged(call, store, "items");
        }
        int order = dyn_bytes_compare(key, last);
        if (down ? order >= 0 : order < (*count > 1)) {
            return fail_damaged(call, store, "items");
        }
        DYN_TRY(dyn_copy(call, key, &row->key));
        last = row->key;
        DYN_TRY(column_item(call, store, statement, 1, row));
        bytes += row->item.size_bytes;
    }
    return DYN_OK;
}

dyn_status dyn_store_range(dyn_call *call, dyn_store *store, dyn_bytes low,
                           dyn_bytes high, bool down, size_t rows_max,
                           size_t bytes_max, const dyn_row **rows,
                           size_t *count, bool *is_end)
{
    dyn_row *out = dyn_alloc(call, rows_max * sizeof(dyn_row));
    if (out == NULL) return DYN_NOMEM;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store,
                            down ? DYN_SQL_ITEM_RANGE_DOWN : DYN_SQL_ITEM_RANGE,
                            &statement));
    bind_bytes(statement, 1, low);
    bind_bytes(statement, 2, high);
    sqlite3_bind_int64(statement, 3, (sqlite3_int64)rows_max);
    dyn_status status =
        read_range(call, store, statement, down ? high : low, down, rows_max,
                   bytes_max, out, count, is_end);
    sqlite3_reset(statement);
    *rows = out;
    return status;
}

dyn_status dyn_store_count_rows(dyn_call *call, dyn_store *store,
                                int64_t *items, int64_t *large)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_ROW_COUNT, &statement));
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        *items = sqlite3_column_int64(statement, 0);
        *large = sqlite3_column_int64(statement, 1);
    }
    sqlite3_reset(statement);
    return rc == SQLITE_ROW ? DYN_OK : store_fail(call, store, rc);
}

/* ------------------------------------------------- partitions and usage -- */

/* Collect all rows of a statement, each read by a function, as an array. */
typedef dyn_status read_row(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, void *row);

static dyn_status read_all(dyn_call *call, dyn_store *store,
                           enum dyn_sql number, read_row *read,
                           size_t row_bytes, void **rows, size_t *count)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, number, &statement));
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
        status = store_fail(call, store, rc);
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
    if (!column_hash(statement, 1, &out->low) ||
        (out->is_walked && !column_hash(statement, 4, &out->walked))) {
        return fail_damaged(call, store, "partitions");
    }
    return DYN_OK;
}

dyn_status dyn_store_partitions(dyn_call *call, dyn_store *store,
                                dyn_partition_row **rows, size_t *count)
{
    void *all = NULL;
    DYN_TRY(read_all(call, store, DYN_SQL_PARTITION_LIST, read_partition,
                     sizeof(dyn_partition_row), &all, count));
    *rows = all;
    return DYN_OK;
}

dyn_status dyn_store_partition_insert(dyn_call *call, dyn_store *store,
                                      const dyn_partition_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_PARTITION_INSERT, &statement));
    bind_hash(statement, 1, row->low);
    sqlite3_bind_int64(statement, 2, row->items);
    sqlite3_bind_int64(statement, 3, row->bytes);
    return store_write(call, store, statement);
}

dyn_status dyn_store_partition_add(dyn_call *call, dyn_store *store,
                                   const dyn_partition_row *difference)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_PARTITION_ADD, &statement));
    sqlite3_bind_int64(statement, 1, difference->partition);
    sqlite3_bind_int64(statement, 2, difference->items);
    sqlite3_bind_int64(statement, 3, difference->bytes);
    sqlite3_bind_int64(statement, 4, difference->left_items);
    sqlite3_bind_int64(statement, 5, difference->left_bytes);
    return store_write(call, store, statement);
}

dyn_status dyn_store_partition_set(dyn_call *call, dyn_store *store,
                                   const dyn_partition_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_PARTITION_SET, &statement));
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
    return store_write(call, store, statement);
}

dyn_status dyn_store_usage_add(dyn_call *call, dyn_store *store,
                               const dyn_usage_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_USAGE_ADD, &statement));
    sqlite3_bind_int64(statement, 1, row->minute);
    sqlite3_bind_text64(statement, 2,
                        row->name.data == NULL ? ""
                                               : (const char *)row->name.data,
                        row->name.size_bytes, SQLITE_STATIC, SQLITE_UTF8);
    sqlite3_bind_int64(statement, 3, row->read_halves);
    sqlite3_bind_int64(statement, 4, row->write_units);
    return store_write(call, store, statement);
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
        return fail_damaged(call, store, "usage");
    }
    return dyn_copy(call, column_bytes(statement, 1), &out->name);
}

dyn_status dyn_store_usage(dyn_call *call, dyn_store *store,
                           dyn_usage_row **rows, size_t *count)
{
    void *all = NULL;
    DYN_TRY(read_all(call, store, DYN_SQL_USAGE_LIST, read_usage,
                     sizeof(dyn_usage_row), &all, count));
    *rows = all;
    return DYN_OK;
}

dyn_status dyn_store_usage_prune(dyn_call *call, dyn_store *store,
                                 int64_t minute)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_USAGE_PRUNE, &statement));
    sqlite3_bind_int64(statement, 1, minute);
    return store_write(call, store, statement);
}

/* ------------------------------------------------------------------ meta -- */

dyn_status dyn_store_meta(dyn_call *call, dyn_store *store, const char *name,
                          bool *found, dyn_bytes *text, int64_t *number)
{
    *found = false;
    *number = 0;
    *text = (dyn_bytes){NULL, 0};
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_META_GET, &statement));
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    dyn_status status = DYN_OK;
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) {
        *found = true;
        *number = sqlite3_column_int64(statement, 0);
        status = dyn_copy(call, column_bytes(statement, 0), text);
    } else if (rc != SQLITE_DONE) {
        status = store_fail(call, store, rc);
    }
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_store_set_meta_text(dyn_call *call, dyn_store *store,
                                   const char *name, const char *text)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_META_PUT, &statement));
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, text, -1, SQLITE_STATIC);
    return store_write(call, store, statement);
}

dyn_status dyn_store_set_meta_number(dyn_call *call, dyn_store *store,
                                     const char *name, int64_t number)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_META_PUT, &statement));
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, number);
    return store_write(call, store, statement);
}
