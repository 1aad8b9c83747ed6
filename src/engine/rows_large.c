/*
 * Large items: each is a row of _large, which its leaf names. Beside it stands
 * its seal, by which it and its key are recognized: the exclusive or of their
 * digests (key.h). It comes first, so that a small change at the beginning of
 * an item changes one page.
 *
 * Those that were read or written are kept in memory among the leaves, as
 * leaves of no tree whose ids are less than 0, with the key as low and the item
 * as rows.
 */
#include "engine/rows_internal.h"

#include "item/key.h"

enum { NO_TREE = -1 };

static int64_t seal_of(dyn_bytes key, dyn_bytes item)
{
    return (int64_t)(dyn_key_digest(key) ^ dyn_key_digest(item));
}

/* ------------------------------------------------------------- in memory -- */

/* The item of a row, if it is in memory; NULL otherwise. */
static const dyn_leaf *find_kept(const dyn_store *store, const dyn_row *row)
{
    const dyn_leaf *kept =
        dyn_leaf_cache_find(store->cache, NO_TREE, -row->large_id,
                            dyn_store_foreign_changes(store));
    return kept != NULL && dyn_bytes_equal(kept->low, row->key) ? kept : NULL;
}

static dyn_leaf kept_of(const dyn_row *row, dyn_bytes item)
{
    return (dyn_leaf){.id = -row->large_id, .low = row->key, .rows = item};
}

static const dyn_leaf *keep_read(dyn_store *store, const dyn_row *row,
                                 dyn_bytes item)
{
    const dyn_leaf read = kept_of(row, item);
    return dyn_leaf_cache_add(dyn_store_cache(store), NO_TREE, &read,
                              dyn_store_foreign_changes(store));
}

static void keep_written(dyn_store *store, const dyn_row *row)
{
    const dyn_leaf written = kept_of(row, row->item);
    dyn_leaf_cache_add_written(dyn_store_cache(store), NO_TREE, &written,
                               dyn_store_foreign_changes(store));
}

/* A row has what is in memory. */
static dyn_status take(dyn_call *call, const dyn_leaf *kept, dyn_row *row)
{
    row->item = kept->rows;
    return dyn_leaf_cache_hold(call, kept);
}

static void forget(const dyn_store *store, const dyn_row *row)
{
    dyn_leaf_cache_remove(store->cache, -row->large_id);
}

/* ----------------------------------------------------------- in the file -- */

enum { ITEM_COLUMN, SEAL_COLUMN };

static dyn_status read_large(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, dyn_row *row)
{
    dyn_bytes item = dyn_store_column(statement, ITEM_COLUMN);
    if (sqlite3_column_type(statement, ITEM_COLUMN) != SQLITE_BLOB ||
        sqlite3_column_type(statement, SEAL_COLUMN) != SQLITE_INTEGER ||
        sqlite3_column_int64(statement, SEAL_COLUMN) != seal_of(row->key, item))
        return dyn_store_fail_damaged(call, store, "large");
    const dyn_leaf *kept = keep_read(store, row, item);
    return kept != NULL ? take(call, kept, row)
                        : dyn_copy(call, item, &row->item);
}

dyn_status dyn_large_get(dyn_call *call, dyn_store *store, dyn_row *row)
{
    sqlite3_stmt *statement = NULL;
    const dyn_leaf *kept = find_kept(store, row);
    if (kept != NULL) return take(call, kept, row);
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LARGE_GET, &statement));
    sqlite3_bind_int64(statement, 1, row->large_id);
    int rc = sqlite3_step(statement);
    dyn_status status = rc == SQLITE_ROW
                            ? read_large(call, store, statement, row)
                        : rc == SQLITE_DONE ? dyn_rows_fail_leaf(call, store)
                                            : dyn_store_fail(call, store, rc);
    sqlite3_reset(statement);
    return status;
}

/* Run a statement whose first parameters are the seal and the item. */
static dyn_status write_large(dyn_call *call, dyn_store *store,
                              sqlite3_stmt *statement, const dyn_row *row)
{
    sqlite3_bind_int64(statement, 1, seal_of(row->key, row->item));
    dyn_store_bind(statement, 2, row->item);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_large_insert(dyn_call *call, dyn_store *store, dyn_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LARGE_INSERT, &statement));
    DYN_TRY(write_large(call, store, statement, row));
    row->large_id = sqlite3_last_insert_rowid(store->db);
    keep_written(store, row);
    return DYN_OK;
}

dyn_status dyn_large_update(dyn_call *call, dyn_store *store,
                            const dyn_row *row)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LARGE_UPDATE, &statement));
    sqlite3_bind_int64(statement, 3, row->large_id);
    forget(store, row);
    DYN_TRY(write_large(call, store, statement, row));
    keep_written(store, row);
    return DYN_OK;
}

dyn_status dyn_large_delete(dyn_call *call, dyn_store *store,
                            const dyn_row *row)
{
    sqlite3_stmt *statement = NULL;
    if (row->large_id == 0) return DYN_OK;
    forget(store, row);
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LARGE_DELETE, &statement));
    sqlite3_bind_int64(statement, 1, row->large_id);
    return dyn_store_write(call, store, statement);
}
