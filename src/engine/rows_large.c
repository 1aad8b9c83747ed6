/*
 * Large items: each is a row of _large (large.h), which its leaf names. One
 * that becomes another of nearly the same length is changed in place, where it
 * is different.
 *
 * Those that were read or written are kept in memory among the leaves, as
 * leaves of no tree whose ids are less than 0, with the key as low and the item
 * as rows.
 */
#include "engine/rows_internal.h"

#include "engine/large.h"

enum { NO_TREE = -1 };

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

static dyn_status fail_row(dyn_call *call, dyn_store *store)
{
    return dyn_store_fail_damaged(call, store, "large");
}

static dyn_status read_large(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, dyn_row *row)
{
    dyn_bytes item = {NULL, 0};
    if (sqlite3_column_type(statement, 0) != SQLITE_BLOB ||
        !dyn_large_open(dyn_store_column(statement, 0), row->key, &item))
        return fail_row(call, store);
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

/* Run a statement whose parameters are the id, 0 for a new one, and the bytes
 * of the row. */
static dyn_status write_whole(dyn_call *call, dyn_store *store,
                              enum dyn_sql number, const dyn_row *row,
                              dyn_large_pad pad)
{
    sqlite3_stmt *statement = NULL;
    dyn_buffer all;
    dyn_bytes data;
    dyn_buffer_begin(&all, call,
                     DYN_LARGE_HEADER_BYTES + pad.front + row->item.size_bytes +
                         pad.back);
    dyn_large_add(&all, row->key, row->item, pad);
    DYN_TRY(dyn_buffer_end(&all, &data));
    DYN_TRY(dyn_store_statement(call, store, number, &statement));
    if (row->large_id != 0) {
        sqlite3_bind_int64(statement, 1, row->large_id);
    } else {
        sqlite3_bind_null(statement, 1);
    }
    dyn_store_bind(statement, 2, data);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_large_insert(dyn_call *call, dyn_store *store, dyn_row *row)
{
    DYN_TRY(write_whole(call, store, DYN_SQL_LARGE_INSERT, row,
                        dyn_large_new_pad(row->item.size_bytes)));
    row->large_id = store->inserted_id;
    keep_written(store, row);
    return DYN_OK;
}

static dyn_status delete_row(dyn_call *call, dyn_store *store, int64_t id)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LARGE_DELETE, &statement));
    sqlite3_bind_int64(statement, 1, id);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_large_delete(dyn_call *call, dyn_store *store,
                            const dyn_row *row)
{
    if (row->large_id == 0) return DYN_OK;
    forget(store, row);
    return delete_row(call, store, row->large_id);
}

/* -------------------------------------------------------------- replacing --
 */

static dyn_status write_runs(dyn_call *call, dyn_store *store,
                             sqlite3_blob *blob, const dyn_large_change *change)
{
    dyn_large_run *runs = NULL;
    size_t count = 0;
    DYN_TRY(dyn_large_runs(call, change, &runs, &count));
    store->has_written = true;
    for (size_t i = 0; i < count; i++) {
        int rc =
            sqlite3_blob_write(blob, runs[i].bytes.data,
                               (int)runs[i].bytes.size_bytes, (int)runs[i].at);
        if (rc != SQLITE_OK) return dyn_store_fail(call, store, rc);
    }
    return DYN_OK;
}

/* Change a row that is open, if the new item fits into it. */
static dyn_status change_row(dyn_call *call, dyn_store *store,
                             sqlite3_blob *blob, dyn_large_change *change,
                             bool *is_done)
{
    unsigned char header[DYN_LARGE_HEADER_BYTES];
    int rc = sqlite3_blob_read(blob, header, sizeof(header), 0);
    if (rc != SQLITE_OK) return dyn_store_fail(call, store, rc);
    change->before = dyn_large_pad_of(header);
    if ((size_t)sqlite3_blob_bytes(blob) !=
        sizeof(header) + change->before.front + change->from.size_bytes +
            change->before.back)
        return fail_row(call, store);
    *is_done = dyn_large_fit(change);
    return *is_done ? write_runs(call, store, blob, change) : DYN_OK;
}

static dyn_status change_in_place(dyn_call *call, dyn_store *store,
                                  const dyn_row *old, dyn_bytes item,
                                  bool *is_done)
{
    enum { WRITABLE = 1 };
    sqlite3_blob *blob = NULL;
    dyn_large_change change = {.key = old->key, .from = old->item, .to = item};
    int rc = sqlite3_blob_open(store->db, store->schema, store->large, "data",
                               old->large_id, WRITABLE, &blob);
    dyn_status status = rc == SQLITE_OK
                            ? change_row(call, store, blob, &change, is_done)
                            : dyn_store_fail(call, store, rc);
    rc = sqlite3_blob_close(blob);
    return status != DYN_OK || rc == SQLITE_OK
               ? status
               : dyn_store_fail(call, store, rc);
}

/* A row of another length is removed first: where SQLite overwrites what has
 * been deleted, it then writes the same pages once. */
static dyn_status write_again(dyn_call *call, dyn_store *store,
                              const dyn_row *row, bool is_padded)
{
    dyn_large_pad pad = dyn_large_new_pad(row->item.size_bytes);
    if (!is_padded)
        return write_whole(call, store, DYN_SQL_LARGE_UPDATE, row, pad);
    DYN_TRY(delete_row(call, store, row->large_id));
    return write_whole(call, store, DYN_SQL_LARGE_INSERT, row, pad);
}

dyn_status dyn_large_replace(dyn_call *call, dyn_store *store,
                             const dyn_row *old, dyn_bytes item)
{
    dyn_row row = {.key = old->key, .item = item, .large_id = old->large_id};
    bool is_padded = dyn_large_is_padded(old->item.size_bytes) &&
                     dyn_large_is_padded(item.size_bytes);
    bool is_done = false;
    forget(store, old);
    if (is_padded) DYN_TRY(change_in_place(call, store, old, item, &is_done));
    if (!is_done) DYN_TRY(write_again(call, store, &row, is_padded));
    keep_written(store, &row);
    return DYN_OK;
}
