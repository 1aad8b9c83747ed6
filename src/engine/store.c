/*
 * Shadow-table access. Statements are prepared on first use, kept by their tree
 * and number in the store, and always reset before a function returns.
 */
#include "engine/store.h"

#include "base/buffer.h"
#include "base/sqlite.h"
#include "item/key.h"
#include "sql.h"

#include <assert.h>
#include <stdio.h>

struct dyn_store {
    sqlite3 *db; /* borrowed */
    char *schema;
    char *table;
    char *items;          /* the table of the items */
    size_t row_bytes_max; /* of key and item beside each other; 0: not known */
    bool has_written;     /* since dyn_store_begin_write() */
    sqlite3_stmt **statements[DYN_TREE_MAX + 1]; /* by tree and number; NULL:
                                                  * none yet */
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

/* Write "items" or "index1": the end of the name of a tree's table. */
static const char *tree_name(int64_t tree, char out[16])
{
    if (tree == DYN_TREE_ITEMS) return "items";
    snprintf(out, 16, "index%d", (int)tree);
    return out;
}

/* The text of a statement with {schema}, {table}, {tree} and {new} replaced,
 * each escaped for use between double quotes. NULL when out of memory; freed by
 * the caller with sqlite3_free(). */
static char *store_sql(dyn_store *store, int64_t tree, enum dyn_sql number,
                       const char *new)
{
    char tree_text[16];
    const struct {
        const char *name;
        const char *value;
    } parts[] = {
        {"{schema}", store->schema},
        {"{table}", store->table},
        {"{tree}", tree_name(tree, tree_text)},
        {"{new}", new},
    };
    sqlite3_str *sql = sqlite3_str_new(store->db);
    const char *rest = dyn_sql_text[number];
    for (const char *brace; (brace = strchr(rest, '{')) != NULL;) {
        size_t i = 0;
        while (strncmp(brace, parts[i].name, strlen(parts[i].name)) != 0)
            i++;
        sqlite3_str_append(sql, rest, (int)(brace - rest));
        sqlite3_str_appendf(sql, "%w", parts[i].value);
        rest = brace + strlen(parts[i].name);
    }
    sqlite3_str_appendall(sql, rest);
    return sqlite3_str_finish(sql);
}

static dyn_status store_exec(dyn_call *call, dyn_store *store, int64_t tree,
                             enum dyn_sql number, const char *new)
{
    char *sql = store_sql(store, tree, number, new);
    if (sql == NULL) return dyn_fail_nomem(call);
    int rc = sqlite3_exec(store->db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
    if (rc == SQLITE_OK) return DYN_OK;
    call->error.sqlite_code = sqlite3_extended_errcode(store->db);
    if (rc == SQLITE_NOMEM) return dyn_fail_nomem(call);
    return dyn_fail(call, DYN_SQLITE, "%s", sqlite3_errmsg(store->db));
}

/* The statement of a tree, ready to be bound. Owned by the store. */
static dyn_status tree_statement(dyn_call *call, dyn_store *store, int64_t tree,
                                 enum dyn_sql number, sqlite3_stmt **out)
{
    assert(tree >= 0 && tree <= DYN_TREE_MAX);
    sqlite3_stmt ***statements = &store->statements[tree];
    if (*statements == NULL) {
        size_t size = DYN_SQL_COUNT * sizeof(sqlite3_stmt *);
        *statements = sqlite3_malloc64(size);
        if (*statements == NULL) return dyn_fail_nomem(call);
        memset(*statements, 0, size);
    }
    sqlite3_stmt **slot = &(*statements)[number];
    if (*slot == NULL) {
        char *sql = store_sql(store, tree, number, NULL);
        if (sql == NULL) return dyn_fail_nomem(call);
        int rc = sqlite3_prepare_v3(store->db, sql, -1,
                                    SQLITE_PREPARE_PERSISTENT, slot, NULL);
        sqlite3_free(sql);
        if (rc != SQLITE_OK) return store_fail(call, store, rc);
    }
    *out = *slot;
    return DYN_OK;
}

static dyn_status store_statement(dyn_call *call, dyn_store *store,
                                  enum dyn_sql number, sqlite3_stmt **out)
{
    return tree_statement(call, store, DYN_TREE_ITEMS, number, out);
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

/* The value of a column, which is read without locks: whoever steps a statement
 * of ours holds the mutex of the connection. */
static dyn_bytes value_bytes(sqlite3_value *value)
{
    const void *data = sqlite3_value_blob(value);
    int size = sqlite3_value_bytes(value);
    return (dyn_bytes){data, data == NULL ? 0 : (size_t)size};
}

static dyn_bytes column_bytes(sqlite3_stmt *statement, int column)
{
    return value_bytes(sqlite3_column_value(statement, column));
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
    store->items = sqlite3_mprintf("%s_items", table);
    if (store->schema == NULL || store->table == NULL || store->items == NULL) {
        dyn_store_close(store);
        return dyn_fail_nomem(call);
    }
    *out = store;
    return DYN_OK;
}

static void finalize_all(dyn_store *store)
{
    for (int tree = 0; tree <= DYN_TREE_MAX; tree++) {
        sqlite3_stmt **statements = store->statements[tree];
        store->statements[tree] = NULL;
        for (int i = 0; statements != NULL && i < DYN_SQL_COUNT; i++)
            sqlite3_finalize(statements[i]);
        sqlite3_free(statements);
    }
}

void dyn_store_close(dyn_store *store)
{
    if (store == NULL) return;
    finalize_all(store);
    sqlite3_free(store->schema);
    sqlite3_free(store->table);
    sqlite3_free(store->items);
    sqlite3_free(store);
}

dyn_status dyn_store_create(dyn_call *call, dyn_store *store)
{
    return store_exec(call, store, DYN_TREE_ITEMS, DYN_SQL_CREATE, NULL);
}

/* Run a statement for the tree of each index that the schema has: also of one
 * that damage has hidden from _indexes. */
static dyn_status exec_for_trees(dyn_call *call, dyn_store *store,
                                 enum dyn_sql number, const char *new)
{
    int64_t trees[DYN_TREE_MAX];
    size_t count = 0;
    sqlite3_stmt *statement = NULL;
    char *prefix = dyn_format(call, "%s_index", store->table);
    if (prefix == NULL) return DYN_NOMEM;
    DYN_TRY(store_statement(call, store, DYN_SQL_TREE_LIST, &statement));
    sqlite3_bind_text(statement, 1, prefix, -1, SQLITE_STATIC);
    int rc;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        int64_t tree = sqlite3_column_int64(statement, 0);
        if (tree >= 1 && tree <= DYN_TREE_MAX && count < DYN_TREE_MAX)
            trees[count++] = tree;
    }
    finalize_all(store);
    if (rc != SQLITE_DONE) return store_fail(call, store, rc);
    for (size_t i = 0; i < count; i++)
        DYN_TRY(store_exec(call, store, trees[i], number, new));
    return DYN_OK;
}

dyn_status dyn_store_drop(dyn_call *call, dyn_store *store)
{
    DYN_TRY(exec_for_trees(call, store, DYN_SQL_TREE_DROP, NULL));
    return store_exec(call, store, DYN_TREE_ITEMS, DYN_SQL_DROP, NULL);
}

dyn_status dyn_store_exists(dyn_call *call, const dyn_store *store,
                            bool *exists)
{
    int rc =
        sqlite3_table_column_metadata(store->db, store->schema, store->items,
                                      NULL, NULL, NULL, NULL, NULL, NULL);
    *exists = rc != SQLITE_ERROR;
    return rc == SQLITE_NOMEM ? dyn_fail_nomem(call) : DYN_OK;
}

dyn_status dyn_store_rename(dyn_call *call, dyn_store *store, const char *table)
{
    char *name = sqlite3_mprintf("%s", table);
    char *items = sqlite3_mprintf("%s_items", table);
    dyn_status status =
        name == NULL || items == NULL
            ? dyn_fail_nomem(call)
            : exec_for_trees(call, store, DYN_SQL_TREE_RENAME, table);
    if (status == DYN_OK) {
        status = store_exec(call, store, DYN_TREE_ITEMS, DYN_SQL_RENAME, table);
    }
    if (status != DYN_OK) {
        sqlite3_free(name);
        sqlite3_free(items);
        return status;
    }
    sqlite3_free(store->table);
    sqlite3_free(store->items);
    store->table = name;
    store->items = items;
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
    sqlite3_value *value = sqlite3_column_value(statement, column);
    int type = sqlite3_value_type(value);
    if (type == SQLITE_BLOB) {
        return dyn_copy(call, value_bytes(value), &out->item);
    }
    if (type != SQLITE_INTEGER) return fail_damaged(call, store, "items");
    out->large_id = sqlite3_value_int64(value);
    if (out->large_id <= 0) return fail_damaged(call, store, "items");
    return get_large(call, store, out->large_id, &out->item);
}

static dyn_status get_row(dyn_call *call, dyn_store *store, int64_t tree,
                          dyn_bytes key, bool *found, dyn_row *out)
{
    *found = false;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(tree_statement(call, store, tree, DYN_SQL_ROW_GET, &statement));
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

dyn_status dyn_store_get(dyn_call *call, dyn_store *store, dyn_bytes key,
                         bool *found, dyn_row *out)
{
    return get_row(call, store, DYN_TREE_ITEMS, key, found, out);
}

/* Write a row of a tree: the item, or the id of the row of _large. */
static dyn_status write_row(dyn_call *call, dyn_store *store, int64_t tree,
                            enum dyn_sql number, dyn_bytes key, dyn_bytes item,
                            int64_t large_id)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(tree_statement(call, store, tree, number, &statement));
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

dyn_status dyn_store_is_large(dyn_call *call, dyn_store *store, dyn_bytes key,
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
    DYN_TRY(dyn_store_is_large(call, store, key, item, &large));
    if (!large) {
        return write_row(call, store, DYN_TREE_ITEMS, DYN_SQL_ROW_INSERT, key,
                         item, 0);
    }
    static const dyn_bytes nothing = {(const unsigned char *)"", 0};
    int64_t id = 0;
    DYN_TRY(write_row(call, store, DYN_TREE_ITEMS, DYN_SQL_ROW_INSERT, key,
                      nothing, 0));
    DYN_TRY(insert_large(call, store, item, &id));
    return write_row(call, store, DYN_TREE_ITEMS, DYN_SQL_ROW_UPDATE, key, item,
                     id);
}

dyn_status dyn_store_replace(dyn_call *call, dyn_store *store,
                             const dyn_row *old, dyn_bytes item)
{
    bool large = false;
    DYN_TRY(dyn_store_is_large(call, store, old->key, item, &large));
    if (old->large_id != 0 && large) {
        return update_large(call, store, old->large_id, item);
    }
    int64_t id = 0;
    if (large) DYN_TRY(insert_large(call, store, item, &id));
    DYN_TRY(write_row(call, store, DYN_TREE_ITEMS, DYN_SQL_ROW_UPDATE, old->key,
                      item, id));
    if (old->large_id == 0) return DYN_OK;
    return delete_large(call, store, old->large_id);
}

dyn_status dyn_store_delete(dyn_call *call, dyn_store *store,
                            const dyn_row *old)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_ROW_DELETE, &statement));
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

dyn_status dyn_store_range(dyn_call *call, dyn_store *store, int64_t tree,
                           dyn_bytes low, dyn_bytes high, bool down,
                           size_t rows_max, size_t bytes_max,
                           const dyn_row **rows, size_t *count, bool *is_end)
{
    dyn_row *out = dyn_alloc(call, rows_max * sizeof(dyn_row));
    if (out == NULL) return DYN_NOMEM;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(tree_statement(call, store, tree,
                           down ? DYN_SQL_ROW_RANGE_DOWN : DYN_SQL_ROW_RANGE,
                           &statement));
    bind_bytes(statement, 1, low);
    bind_bytes(statement, 2, high);
    dyn_status status =
        read_range(call, store, statement, down ? high : low, down, rows_max,
                   bytes_max, out, count, is_end);
    sqlite3_reset(statement);
    *rows = out;
    return status;
}

static dyn_status read_count(dyn_call *call, dyn_store *store, int64_t tree,
                             enum dyn_sql number, int64_t *rows)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(tree_statement(call, store, tree, number, &statement));
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW) *rows = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return rc == SQLITE_ROW ? DYN_OK : store_fail(call, store, rc);
}

dyn_status dyn_store_count(dyn_call *call, dyn_store *store, int64_t tree,
                           int64_t *rows)
{
    return read_count(call, store, tree, DYN_SQL_ROW_COUNT, rows);
}

dyn_status dyn_store_count_large(dyn_call *call, dyn_store *store,
                                 int64_t *rows)
{
    return read_count(call, store, DYN_TREE_ITEMS, DYN_SQL_LARGE_COUNT, rows);
}

/* --------------------------------------------------------------- entries -- */

/* The entry and its item are not of one piece. */
static dyn_status fail_entry(dyn_call *call, dyn_store *store, int64_t tree,
                             const char *problem)
{
    if (store->has_written) call->error.torn = true;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: %s_index%d %s; dynamo_check() "
                    "tells more, dynamo_alter() with REBUILD INDEX mends it",
                    store->table, (int)tree, problem);
}

dyn_status dyn_store_entry_get(dyn_call *call, dyn_store *store, int64_t tree,
                               dyn_bytes key, bool *found, dyn_bytes *item)
{
    dyn_row row;
    DYN_TRY(get_row(call, store, tree, key, found, &row));
    if (*found) *item = row.item;
    return DYN_OK;
}

dyn_status dyn_store_entry_insert(dyn_call *call, dyn_store *store,
                                  int64_t tree, dyn_bytes key, dyn_bytes item)
{
    dyn_status status =
        write_row(call, store, tree, DYN_SQL_ROW_INSERT, key, item, 0);
    if (status != DYN_EXISTS) return status;
    return fail_entry(call, store, tree, "has an entry without an item");
}

dyn_status dyn_store_entry_update(dyn_call *call, dyn_store *store,
                                  int64_t tree, dyn_bytes key, dyn_bytes item)
{
    DYN_TRY(write_row(call, store, tree, DYN_SQL_ROW_UPDATE, key, item, 0));
    if (sqlite3_changes(store->db) == 1) return DYN_OK;
    return fail_entry(call, store, tree, "lacks the entry of an item");
}

dyn_status dyn_store_entry_delete(dyn_call *call, dyn_store *store,
                                  int64_t tree, dyn_bytes key)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(tree_statement(call, store, tree, DYN_SQL_ROW_DELETE, &statement));
    bind_bytes(statement, 1, key);
    DYN_TRY(store_write(call, store, statement));
    if (sqlite3_changes(store->db) == 1) return DYN_OK;
    return fail_entry(call, store, tree, "lacks the entry of an item");
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
    out->is_charged = false;
    out->minute = sqlite3_column_int64(statement, 8);
    out->read_halves = sqlite3_column_int64(statement, 9);
    out->write_units = sqlite3_column_int64(statement, 10);
    if (!column_hash(statement, 1, &out->low) ||
        (out->is_walked && !column_hash(statement, 4, &out->walked))) {
        return fail_damaged(call, store, "partitions");
    }
    return DYN_OK;
}

dyn_status dyn_store_partitions(dyn_call *call, dyn_store *store, int64_t tree,
                                dyn_partition_row **rows, size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_PARTITION_LIST, &statement));
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
    DYN_TRY(store_statement(call, store, DYN_SQL_PARTITION_INSERT, &statement));
    sqlite3_bind_int64(statement, 1, row->tree);
    bind_hash(statement, 2, row->low);
    sqlite3_bind_int64(statement, 3, row->items);
    sqlite3_bind_int64(statement, 4, row->bytes);
    return store_write(call, store, statement);
}

/* Run a statement whose one parameter is a tree. */
static dyn_status write_for_tree(dyn_call *call, dyn_store *store,
                                 enum dyn_sql number, int64_t tree)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, number, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    return store_write(call, store, statement);
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
    DYN_TRY(store_statement(call, store, DYN_SQL_PARTITION_ADD, &statement));
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
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_USAGE_LIST, &statement));
    DYN_TRY(read_all(call, store, statement, read_usage, sizeof(dyn_usage_row),
                     &all, count));
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
        return fail_damaged(call, store, "indexes");
    }
    DYN_TRY(dyn_copy(call, column_bytes(statement, 1), &declaration));
    out->declaration = (const char *)declaration.data;
    return dyn_copy(call, column_bytes(statement, 2), &out->position);
}

dyn_status dyn_store_indexes(dyn_call *call, dyn_store *store,
                             dyn_index_row **rows, size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_INDEX_LIST, &statement));
    DYN_TRY(read_all(call, store, statement, read_index, sizeof(dyn_index_row),
                     &all, count));
    *rows = all;
    return DYN_OK;
}

static void bind_position(sqlite3_stmt *statement, int position,
                          const dyn_index_row *row)
{
    static const dyn_bytes start = {(const unsigned char *)"", 0};
    if (!row->is_filling) {
        sqlite3_bind_null(statement, position);
    } else {
        bind_bytes(statement, position,
                   row->position.size_bytes == 0 ? start : row->position);
    }
}

dyn_status dyn_store_index_insert(dyn_call *call, dyn_store *store,
                                  const dyn_index_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_exec(call, store, row->tree, DYN_SQL_TREE_CREATE, NULL));
    DYN_TRY(store_statement(call, store, DYN_SQL_INDEX_INSERT, &statement));
    sqlite3_bind_int64(statement, 1, row->tree);
    sqlite3_bind_text(statement, 2, row->declaration, -1, SQLITE_STATIC);
    bind_position(statement, 3, row);
    return store_write(call, store, statement);
}

dyn_status dyn_store_index_delete(dyn_call *call, dyn_store *store,
                                  int64_t tree)
{
    DYN_TRY(write_for_tree(call, store, DYN_SQL_INDEX_DELETE, tree));
    finalize_all(store);
    return store_exec(call, store, tree, DYN_SQL_TREE_DROP, NULL);
}

dyn_status dyn_store_index_set(dyn_call *call, dyn_store *store,
                               const dyn_index_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_INDEX_SET, &statement));
    sqlite3_bind_int64(statement, 1, row->tree);
    bind_position(statement, 2, row);
    sqlite3_bind_int64(statement, 3, row->skipped);
    return store_write(call, store, statement);
}

dyn_status dyn_store_index_declare(dyn_call *call, dyn_store *store,
                                   int64_t tree, const char *declaration)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_INDEX_DECLARE, &statement));
    sqlite3_bind_int64(statement, 1, tree);
    sqlite3_bind_text(statement, 2, declaration, -1, SQLITE_STATIC);
    return store_write(call, store, statement);
}

dyn_status dyn_store_index_clear(dyn_call *call, dyn_store *store, int64_t tree)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(tree_statement(call, store, tree, DYN_SQL_ROW_CLEAR, &statement));
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

dyn_status dyn_store_delete_meta(dyn_call *call, dyn_store *store,
                                 const char *name)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_META_DELETE, &statement));
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    return store_write(call, store, statement);
}

static dyn_status read_meta(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, void *row)
{
    (void)store;
    dyn_meta_row *out = row;
    DYN_TRY(dyn_copy(call, column_bytes(statement, 0), &out->name));
    return dyn_copy(call, column_bytes(statement, 1), &out->text);
}

dyn_status dyn_store_meta_list(dyn_call *call, dyn_store *store,
                               const char *prefix, dyn_meta_row **rows,
                               size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_META_LIST, &statement));
    sqlite3_bind_text(statement, 1, prefix, -1, SQLITE_STATIC);
    DYN_TRY(read_all(call, store, statement, read_meta, sizeof(dyn_meta_row),
                     &all, count));
    *rows = all;
    return DYN_OK;
}

dyn_status dyn_store_meta_prune(dyn_call *call, dyn_store *store,
                                const char *prefix, int64_t least)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(store_statement(call, store, DYN_SQL_META_PRUNE, &statement));
    sqlite3_bind_text(statement, 1, prefix, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, least);
    return store_write(call, store, statement);
}
