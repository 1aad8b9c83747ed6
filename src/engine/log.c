/* The log of a table; the contracts are in log.h. */
#include "engine/log.h"

#include "base/buffer.h"
#include "base/clock.h"
#include "engine/catalogue.h"
#include "engine/store_internal.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { ACTORS_MAX = 16 }; /* that a record can tell apart */

#define TIME_MS_MAX (INT64_MAX >> DYN_LOG_NUMBER_BITS)

int64_t dyn_log_sequence_at(int64_t time_ms)
{
    if (time_ms < 0) return 0;
    if (time_ms > TIME_MS_MAX) time_ms = TIME_MS_MAX;
    return time_ms << DYN_LOG_NUMBER_BITS;
}

int64_t dyn_log_last_by_now(const dyn_log_bounds *log)
{
    int64_t now = dyn_log_sequence_at(dyn_clock_now_ms());
    return log->last >= now ? log->last : now - 1;
}

int64_t dyn_log_time_ms(int64_t sequence)
{
    return sequence >> DYN_LOG_NUMBER_BITS;
}

/* --------------------------------------------------------------- writing -- */

/* Of all but the sequence, which is not known before it is written. */
static int64_t sum_of(const dyn_log_record *record)
{
    const dyn_bytes parts[] = {record->key, record->before, record->after};
    uint64_t sum = (uint64_t)record->event * ACTORS_MAX + record->actor;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        sum = XXH3_64bits_withSeed(parts[i].data, parts[i].size_bytes, sum);
    return (int64_t)(sum & UINT32_MAX);
}

static void bind_item(sqlite3_stmt *statement, int position, dyn_bytes item)
{
    if (item.size_bytes == 0) {
        sqlite3_bind_null(statement, position);
    } else {
        dyn_store_bind(statement, position, item);
    }
}

dyn_status dyn_log_append(dyn_call *call, dyn_store *store, int64_t least,
                          const dyn_log_record *record, int64_t *sequence)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LOG_APPEND, &statement));
    sqlite3_bind_int64(statement, 1, least);
    sqlite3_bind_int(statement, 2, (int)record->event);
    sqlite3_bind_int(statement, 3, (int)record->actor);
    dyn_store_bind(statement, 4, record->key);
    bind_item(statement, 5, record->before);
    bind_item(statement, 6, record->after);
    sqlite3_bind_int64(statement, 7, sum_of(record));
    store->log_state++;
    DYN_TRY(dyn_store_write(call, store, statement));
    *sequence = store->inserted_id;
    return DYN_OK;
}

/* --------------------------------------------------------------- reading -- */

dyn_status dyn_log_read_bounds(dyn_call *call, dyn_store *store,
                               dyn_log_bounds *out)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LOG_BOUNDS, &statement));
    DYN_TRY(dyn_store_get_row(call, store, statement));
    out->is_empty = sqlite3_column_type(statement, 0) == SQLITE_NULL;
    out->first = sqlite3_column_int64(statement, 0);
    out->last = sqlite3_column_int64(statement, 1);
    sqlite3_reset(statement);
    return DYN_OK;
}

static dyn_status read_count(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement, int64_t *count,
                             int64_t *first)
{
    DYN_TRY(dyn_store_get_row(call, store, statement));
    *count = sqlite3_column_int64(statement, 0);
    *first = sqlite3_column_int64(statement, 1);
    sqlite3_reset(statement);
    return DYN_OK;
}

dyn_status dyn_log_count_behind(dyn_call *call, dyn_store *store,
                                int64_t sequence, int64_t *count,
                                int64_t *first)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LOG_BEHIND, &statement));
    sqlite3_bind_int64(statement, 1, sequence);
    return read_count(call, store, statement, count, first);
}

dyn_status dyn_log_count_others(dyn_call *call, dyn_store *store,
                                int64_t sequence, dyn_actor actor,
                                int64_t *count, int64_t *first)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LOG_WAITING, &statement));
    sqlite3_bind_int64(statement, 1, sequence);
    sqlite3_bind_int(statement, 2, (int)actor);
    return read_count(call, store, statement, count, first);
}

/* The record that a statement stands at, until it moves on. */
static dyn_status look_at_record(dyn_call *call, dyn_store *store,
                                 sqlite3_stmt *statement, dyn_log_record *out)
{
    int64_t event = sqlite3_column_int64(statement, 1);
    int64_t actor = sqlite3_column_int64(statement, 2);
    out->sequence = sqlite3_column_int64(statement, 0);
    out->event = (dyn_log_event)event;
    out->actor = (dyn_actor)actor;
    out->key = dyn_store_column(statement, 3);
    out->before = dyn_store_column(statement, 4);
    out->after = dyn_store_column(statement, 5);
    if (event < DYN_LOG_INSERT || event > DYN_LOG_REMOVE || actor < 0 ||
        actor >= DYN_ACTORS || out->sequence < 0 ||
        sqlite3_column_int64(statement, 6) != sum_of(out)) {
        return dyn_store_fail_damaged(call, store, "log");
    }
    return DYN_OK;
}

static dyn_status read_record(dyn_call *call, dyn_store *store,
                              sqlite3_stmt *statement, dyn_log_record *out)
{
    DYN_TRY(look_at_record(call, store, statement, out));
    DYN_TRY(dyn_copy(call, out->key, &out->key));
    DYN_TRY(dyn_copy(call, out->before, &out->before));
    return dyn_copy(call, out->after, &out->after);
}

static size_t bytes_of(const dyn_log_record *record)
{
    return record->key.size_bytes + record->before.size_bytes +
           record->after.size_bytes;
}

/* Read what a statement gives, as far as the range wants it. */
static dyn_status read_records(dyn_call *call, dyn_store *store,
                               sqlite3_stmt *statement,
                               const dyn_log_range *range, dyn_buffer *all,
                               dyn_log_records *out)
{
    size_t bytes = 0;
    for (;;) {
        int rc = sqlite3_step(statement);
        out->is_end = rc == SQLITE_DONE;
        if (out->is_end) return DYN_OK;
        if (rc != SQLITE_ROW) return dyn_store_fail(call, store, rc);
        if (out->count == range->records_max || bytes > range->bytes_max)
            return DYN_OK;
        dyn_log_record record;
        DYN_TRY(read_record(call, store, statement, &record));
        dyn_buffer_add(all, &record, sizeof(record));
        bytes += bytes_of(&record);
        out->count++;
    }
}

dyn_status dyn_log_read(dyn_call *call, dyn_store *store,
                        const dyn_log_range *range, dyn_log_records *out)
{
    dyn_buffer all;
    dyn_bytes bytes = {NULL, 0};
    sqlite3_stmt *statement = NULL;
    *out = (dyn_log_records){.count = 0};
    DYN_TRY(dyn_store_statement(call, store,
                                range->down ? DYN_SQL_LOG_DOWN : DYN_SQL_LOG_UP,
                                &statement));
    sqlite3_bind_int64(statement, 1, range->low);
    sqlite3_bind_int64(statement, 2, range->high);
    dyn_buffer_begin(&all, call, 16 * sizeof(dyn_log_record));
    dyn_status status = read_records(call, store, statement, range, &all, out);
    sqlite3_reset(statement);
    DYN_TRY(status);
    DYN_TRY(dyn_buffer_end(&all, &bytes));
    out->all = (const dyn_log_record *)(const void *)bytes.data;
    return DYN_OK;
}

static dyn_status walk(dyn_call *call, dyn_store *store,
                       sqlite3_stmt *statement, dyn_log_visit *visit,
                       void *context)
{
    for (;;) {
        dyn_log_record record;
        int rc = sqlite3_step(statement);
        if (rc == SQLITE_DONE) return DYN_OK;
        if (rc != SQLITE_ROW) return dyn_store_fail(call, store, rc);
        DYN_TRY(look_at_record(call, store, statement, &record));
        DYN_TRY(visit(call, context, &record));
    }
}

dyn_status dyn_log_walk(dyn_call *call, dyn_store *store, int64_t after,
                        dyn_log_visit *visit, void *context)
{
    sqlite3_stmt *statement = NULL;
    if (after == INT64_MAX) return DYN_OK;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LOG_UP, &statement));
    sqlite3_bind_int64(statement, 1, after + 1);
    sqlite3_bind_int64(statement, 2, INT64_MAX);
    dyn_status status = walk(call, store, statement, visit, context);
    sqlite3_reset(statement);
    return status;
}

int64_t dyn_log_state(const dyn_store *store)
{
    return store->log_state;
}

/* -------------------------------------------------------------- trimming -- */

#define HORIZON "log_horizon" /* in _meta: the last one that was removed */

dyn_status dyn_log_has_had(dyn_call *call, dyn_store *store, int64_t low,
                           int64_t below, bool *out)
{
    bool found = false;
    int64_t removed = 0;
    dyn_bytes text = {NULL, 0};
    dyn_log_records records;
    const dyn_log_range range = {
        .low = low, .high = below - 1, .records_max = 1};
    DYN_TRY(dyn_catalogue_meta(call, store, HORIZON, &found, &text, &removed));
    *out = found && removed >= low;
    if (*out || low >= below) return DYN_OK;
    DYN_TRY(dyn_log_read(call, store, &range, &records));
    *out = records.count > 0;
    return DYN_OK;
}

/* The last of the records that are to be removed; *found: there are any. */
static dyn_status find_trim(dyn_call *call, dyn_store *store, int64_t below,
                            size_t records_max, bool *found, int64_t *last)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LOG_TRIM_AT, &statement));
    sqlite3_bind_int64(statement, 1, below);
    sqlite3_bind_int64(statement, 2,
                       records_max > INT32_MAX ? INT32_MAX
                                               : (int64_t)records_max);
    DYN_TRY(dyn_store_get_row(call, store, statement));
    *found = sqlite3_column_type(statement, 0) != SQLITE_NULL;
    *last = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return DYN_OK;
}

/* The horizon keeps sequences rising when no record is left. */
dyn_status dyn_log_trim(dyn_call *call, dyn_store *store, int64_t below,
                        size_t records_max, bool *removed)
{
    int64_t last = 0;
    sqlite3_stmt *statement = NULL;
    DYN_TRY(find_trim(call, store, below, records_max, removed, &last));
    if (!*removed) return DYN_OK;
    DYN_TRY(dyn_catalogue_meta_set_number(call, store, HORIZON, last));
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_LOG_TRIM, &statement));
    sqlite3_bind_int64(statement, 1, last);
    store->log_state++;
    return dyn_store_write(call, store, statement);
}
