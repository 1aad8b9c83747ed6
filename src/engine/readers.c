/* The readers of a table's log; the contracts are in readers.h. */
#include "engine/readers.h"

#include "engine/store_internal.h"

static dyn_status read_reader(dyn_call *call, dyn_store *store,
                              sqlite3_stmt *statement, void *row)
{
    dyn_log_reader *out = row;
    int64_t kind = sqlite3_column_int64(statement, 0);
    out->kind = (dyn_log_reader_kind)kind;
    out->position = sqlite3_column_int64(statement, 2);
    DYN_TRY(dyn_copy(call, dyn_store_column(statement, 1), &out->name));
    DYN_TRY(dyn_copy(call, dyn_store_column(statement, 3), &out->settings));
    DYN_TRY(dyn_copy(call, dyn_store_column(statement, 4), &out->state));
    if (out->name.size_bytes > 0 && out->position >= 0 &&
        sqlite3_column_type(statement, 2) == SQLITE_INTEGER)
        return DYN_OK;
    return dyn_store_fail_damaged(call, store, "readers");
}

dyn_status dyn_log_readers(dyn_call *call, dyn_store *store,
                           dyn_log_reader_kind kind, dyn_log_reader **readers,
                           size_t *count)
{
    void *all = NULL;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_READER_LIST, &statement));
    sqlite3_bind_int64(statement, 1, kind);
    DYN_TRY(dyn_store_read_all(call, store, statement, read_reader,
                               sizeof(dyn_log_reader), &all, count));
    *readers = all;
    return DYN_OK;
}

dyn_status dyn_log_readers_summarize(dyn_call *call, dyn_store *store,
                                     dyn_log_readers_summary *out)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_READER_SUMMARY, &statement));
    DYN_TRY(dyn_store_get_row(call, store, statement));
    bool is_there = sqlite3_column_type(statement, 1) != SQLITE_NULL;
    out->count = sqlite3_column_int64(statement, 0);
    out->position = is_there ? sqlite3_column_int64(statement, 1) : INT64_MAX;
    out->has_sync = sqlite3_column_int(statement, 2) != 0;
    out->has_replicas = sqlite3_column_int(statement, 3) != 0;
    out->has_strong = sqlite3_column_int(statement, 4) != 0;
    sqlite3_reset(statement);
    return DYN_OK;
}

/* --------------------------------------------------------------- writing -- */

static void bind_name(sqlite3_stmt *statement, dyn_log_reader_kind kind,
                      dyn_bytes name)
{
    sqlite3_bind_int64(statement, 1, kind);
    dyn_store_bind(statement, 2, name);
}

dyn_status dyn_log_reader_write(dyn_call *call, dyn_store *store,
                                const dyn_log_reader *reader)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_READER_PUT, &statement));
    bind_name(statement, reader->kind, reader->name);
    sqlite3_bind_int64(statement, 3, reader->position);
    dyn_store_bind(statement, 4, reader->settings);
    dyn_store_bind(statement, 5, reader->state);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_log_reader_move(dyn_call *call, dyn_store *store,
                               const dyn_log_reader *reader)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_READER_MOVE, &statement));
    bind_name(statement, reader->kind, reader->name);
    sqlite3_bind_int64(statement, 3, reader->position);
    dyn_store_bind(statement, 4, reader->state);
    return dyn_store_write(call, store, statement);
}

dyn_status dyn_log_reader_remove(dyn_call *call, dyn_store *store,
                                 dyn_log_reader_kind kind, dyn_bytes name)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_READER_DELETE, &statement));
    bind_name(statement, kind, name);
    return dyn_store_write(call, store, statement);
}
