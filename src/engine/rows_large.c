/*
 * Large items: each is a row of _large, which its leaf names. What is stored is
 * the item, and behind it what that and its key are recognized by: the lowest
 * 32 bits of their digests (key.h), each other's exclusive or, the least byte
 * first.
 *
 * Those that were read are kept in memory among the leaves, as leaves of no
 * tree whose ids are less than 0, with the key as low and the item as rows.
 */
#include "engine/rows_internal.h"

#include "item/key.h"

enum { SEAL_BYTES = 4, NO_TREE = -1 };

static void make_seal(dyn_bytes key, dyn_bytes item,
                      unsigned char out[SEAL_BYTES])
{
    uint64_t digest = dyn_key_digest(key) ^ dyn_key_digest(item);
    for (int i = 0; i < SEAL_BYTES; i++)
        out[i] = (unsigned char)(digest >> (8 * i));
}

static dyn_status seal(dyn_call *call, const dyn_row *row, dyn_bytes *out)
{
    dyn_buffer sealed;
    unsigned char bytes[SEAL_BYTES];
    make_seal(row->key, row->item, bytes);
    dyn_buffer_begin(&sealed, call, row->item.size_bytes + SEAL_BYTES);
    dyn_buffer_add_bytes(&sealed, row->item);
    dyn_buffer_add(&sealed, bytes, SEAL_BYTES);
    return dyn_buffer_end(&sealed, out);
}

/* Take off the seal; false when it is not the one of a key and what it is on.
 */
static bool unseal(dyn_bytes key, dyn_bytes *sealed)
{
    unsigned char bytes[SEAL_BYTES];
    if (sealed->size_bytes < SEAL_BYTES) return false;
    sealed->size_bytes -= SEAL_BYTES;
    make_seal(key, *sealed, bytes);
    return memcmp(bytes, sealed->data + sealed->size_bytes, SEAL_BYTES) == 0;
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

static dyn_status read_large(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, dyn_row *row)
{
    dyn_bytes sealed = dyn_store_column(statement, 0);
    if (sqlite3_column_type(statement, 0) != SQLITE_BLOB ||
        !unseal(row->key, &sealed))
        return dyn_store_fail_damaged(call, store, "large");
    const dyn_leaf *kept = keep_read(store, row, sealed);
    return kept != NULL ? take(call, kept, row)
                        : dyn_copy(call, sealed, &row->item);
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

dyn_status dyn_large_insert(dyn_call *call, dyn_store *store, dyn_row *row)
{
    sqlite3_stmt *statement = NULL;
    dyn_bytes sealed = {NULL, 0};
    DYN_TRY(seal(call, row, &sealed));
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LARGE_INSERT, &statement));
    dyn_store_bind(statement, 1, sealed);
    DYN_TRY(dyn_store_write(call, store, statement));
    row->large_id = sqlite3_last_insert_rowid(store->db);
    keep_written(store, row);
    return DYN_OK;
}

dyn_status dyn_large_update(dyn_call *call, dyn_store *store,
                            const dyn_row *row)
{
    sqlite3_stmt *statement = NULL;
    dyn_bytes sealed = {NULL, 0};
    DYN_TRY(seal(call, row, &sealed));
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LARGE_UPDATE, &statement));
    sqlite3_bind_int64(statement, 1, row->large_id);
    dyn_store_bind(statement, 2, sealed);
    forget(store, row);
    DYN_TRY(dyn_store_write(call, store, statement));
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
