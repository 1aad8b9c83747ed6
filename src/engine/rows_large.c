/*
 * Large items: each is a row of _large, which its leaf names. What is stored is
 * the item, and behind it what that and its key are recognized by: the lowest
 * 32 bits of their digests (key.h), each other's exclusive or, the least byte
 * first.
 */
#include "engine/rows_internal.h"

#include "item/key.h"

enum { SEAL_BYTES = 4 };

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

static dyn_status read_large(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, dyn_row *row)
{
    dyn_bytes sealed = dyn_store_column(statement, 0);
    return sqlite3_column_type(statement, 0) == SQLITE_BLOB &&
                   unseal(row->key, &sealed)
               ? dyn_copy(call, sealed, &row->item)
               : dyn_store_fail_damaged(call, store, "large");
}

dyn_status dyn_large_get(dyn_call *call, dyn_store *store, dyn_row *row)
{
    sqlite3_stmt *statement = NULL;
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
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_large_delete(dyn_call *call, dyn_store *store,
                            const dyn_row *row)
{
    sqlite3_stmt *statement = NULL;
    if (row->large_id == 0) return DYN_OK;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LARGE_DELETE, &statement));
    sqlite3_bind_int64(statement, 1, row->large_id);
    return dyn_store_write(call, store, statement);
}
