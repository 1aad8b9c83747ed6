/* Versions of replicated items; the contracts are in versions.h. */
#include "engine/versions.h"

#include "base/buffer.h"
#include "engine/log.h"
#include "engine/store_internal.h"

bool dyn_version_is_later(const dyn_version *version, const dyn_version *other)
{
    int64_t time_ms = dyn_log_time_ms(version->sequence);
    int64_t other_ms = dyn_log_time_ms(other->sequence);
    if (time_ms != other_ms) return time_ms > other_ms;
    int order = dyn_bytes_compare(version->region, other->region);
    return order != 0 ? order > 0 : version->sequence > other->sequence;
}

/* --------------------------------------------------------------- reading -- */

static dyn_status read_row(dyn_call *call, dyn_store *store,
                           sqlite3_stmt *statement, dyn_version *out)
{
    int deleted = sqlite3_column_type(statement, 2);
    out->sequence = sqlite3_column_int64(statement, 0);
    out->is_deleted = deleted != SQLITE_NULL;
    DYN_TRY(dyn_copy(call, dyn_store_column(statement, 1), &out->region));
    if (sqlite3_column_type(statement, 0) == SQLITE_INTEGER &&
        out->sequence >= 0 && out->region.size_bytes > 0 &&
        (deleted == SQLITE_NULL || deleted == SQLITE_INTEGER))
        return DYN_OK;
    return dyn_store_fail_damaged(call, store, "versions");
}

dyn_status dyn_version_read(dyn_call *call, dyn_store *store, dyn_bytes key,
                            dyn_version *out)
{
    sqlite3_stmt *statement = NULL;
    *out = (dyn_version){.sequence = 0};
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_VERSION_GET, &statement));
    dyn_store_bind(statement, 1, key);
    int rc = sqlite3_step(statement);
    dyn_status status = rc == SQLITE_ROW ? read_row(call, store, statement, out)
                        : rc == SQLITE_DONE ? DYN_OK
                                            : dyn_store_fail(call, store, rc);
    sqlite3_reset(statement);
    return status;
}

static dyn_status read_rows(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, dyn_versions *out)
{
    for (;; out->count++) {
        int rc = sqlite3_step(statement);
        if (rc == SQLITE_DONE) return DYN_OK;
        if (rc != SQLITE_ROW) return dyn_store_fail(call, store, rc);
        DYN_TRY(read_row(call, store, statement, &out->all[out->count]));
        DYN_TRY(dyn_copy(call, dyn_store_column(statement, 3),
                         &out->keys[out->count]));
    }
}

dyn_status dyn_versions_read(dyn_call *call, dyn_store *store, dyn_bytes behind,
                             size_t rows_max, dyn_versions *out)
{
    sqlite3_stmt *statement = NULL;
    out->count = 0;
    out->all = dyn_alloc(call, rows_max * sizeof(dyn_version));
    out->keys = dyn_alloc(call, rows_max * sizeof(dyn_bytes));
    if (out->all == NULL || out->keys == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_VERSION_LIST, &statement));
    if (behind.size_bytes > 0) {
        dyn_store_bind(statement, 1, behind);
    } else {
        sqlite3_bind_int64(statement, 1, INT64_MIN); /* less than any BLOB */
    }
    sqlite3_bind_int64(statement, 2, (int64_t)rows_max);
    dyn_status status = read_rows(call, store, statement, out);
    sqlite3_reset(statement);
    return status;
}

dyn_status dyn_versions_first_deleted(dyn_call *call, dyn_store *store,
                                      int64_t *out)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_VERSIONS_FIRST, &statement));
    DYN_TRY(dyn_store_get_row(call, store, statement));
    *out = sqlite3_column_type(statement, 0) == SQLITE_NULL
               ? INT64_MAX
               : sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return DYN_OK;
}

/* --------------------------------------------------------------- writing -- */

dyn_status dyn_version_write(dyn_call *call, dyn_store *store, dyn_bytes key,
                             const dyn_version *version, int64_t now_ms)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_VERSION_PUT, &statement));
    dyn_store_bind(statement, 1, key);
    sqlite3_bind_int64(statement, 2, version->sequence);
    dyn_store_bind(statement, 3, version->region);
    if (version->is_deleted) {
        sqlite3_bind_int64(statement, 4, now_ms);
    } else {
        sqlite3_bind_null(statement, 4);
    }
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_versions_prune(dyn_call *call, dyn_store *store,
                              int64_t below_ms, size_t rows_max)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_VERSIONS_PRUNE, &statement));
    sqlite3_bind_int64(statement, 1, below_ms);
    sqlite3_bind_int64(statement, 2, (int64_t)rows_max);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_versions_clear(dyn_call *call, dyn_store *store)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_VERSIONS_DELETE, &statement));
    return dyn_store_write(call, store, statement);
}
