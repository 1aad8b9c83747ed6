/* The log of an open table: its records, what of it is kept, and who reads it.
 * The contracts are in table.h and table_internal.h. */
#include "engine/due_kinds.h"
#include "engine/table_internal.h"

#include "base/clock.h"
#include "engine/numbers.h"
#include "engine/readers.h"
#include "engine/stream.h"
#include "engine/versions.h"

#define META_WHOLE   "log_whole"
#define META_HORIZON "log_horizon"

/* --------------------------------------------------------------- records -- */

const dyn_log_keep *dyn_table_log_keep(const dyn_table *table)
{
    return &table->keep;
}

/* When the transaction logged its first change of the table, also by an earlier
 * object of it; or now. A commit changes the version of the file. */
static int64_t time_of_transaction(const dyn_table *table, unsigned version)
{
    for (dyn_table *t = table->session->tables; t != NULL; t = t->next) {
        if (t->logged_ms != 0 && t->logged_version == version &&
            dyn_table_is_same(table, t))
            return t->logged_ms;
    }
    return dyn_clock_now_ms();
}

/* All that a transaction changes has one time: it is there as a whole, or not
 * yet, for whoever looks at a time. */
static dyn_status note_time(dyn_call *call, dyn_table *table)
{
    unsigned version = 0;
    DYN_TRY(dyn_store_version(call, table->store, &version));
    if (table->logged_ms != 0 && table->logged_version == version)
        return DYN_OK;
    table->logged_ms = time_of_transaction(table, version);
    table->logged_version = version;
    return DYN_OK;
}

/* That of the time of the transaction, or of another one if that is later;
 * behind where whole records begin, also when the clock has gone back since. */
static int64_t next_sequence(const dyn_table *table, int64_t least_ms)
{
    int64_t now_ms = table->logged_ms;
    int64_t now = dyn_log_sequence_at(least_ms > now_ms ? least_ms : now_ms);
    int64_t whole_from = table->keep.whole_from;
    return whole_from < INT64_MAX && now <= whole_from ? whole_from + 1 : now;
}

/* Add a record, whose time is at least that; *sequence is what it becomes. */
static dyn_status append(dyn_call *call, dyn_table *table,
                         const dyn_log_record *record, int64_t least_ms,
                         int64_t *sequence)
{
    static const dyn_bytes nothing = {NULL, 0};
    DYN_TRY(note_time(call, table));
    int64_t least = next_sequence(table, least_ms);
    dyn_log_record kept = *record;
    if (!table->keep.has_before) kept.before = nothing;
    if (!table->keep.has_after) kept.after = nothing;
    DYN_TRY(dyn_log_append(call, table->store, least, &kept, sequence));
    if (!table->log.is_empty) return DYN_OK;
    table->log.is_empty = false;
    table->log.first = least;
    return DYN_OK;
}

/* That an item expires is due work, which the transaction of somebody's change
 * does beside that. */
static int64_t least_time(const dyn_log_record *record)
{
    return record->actor == DYN_ACTOR_TTL ? dyn_clock_now_ms() : 0;
}

/* A change that is made here is later than the one that it follows, also when
 * the clock of the region which that came from is ahead: so it wins there. */
static dyn_status append_own(dyn_call *call, dyn_table *table,
                             const dyn_log_record *record)
{
    dyn_version last;
    int64_t sequence = 0;
    int64_t least_ms = least_time(record);
    dyn_bytes region = table->definition.region;
    DYN_TRY(dyn_version_read(call, table->store, record->key, &last));
    int64_t last_ms = dyn_log_time_ms(last.sequence);
    if (!dyn_bytes_equal(last.region, region) && last_ms >= least_ms)
        least_ms = last_ms + 1;
    DYN_TRY(append(call, table, record, least_ms, &sequence));
    const dyn_version version = {sequence, region,
                                 record->event == DYN_LOG_REMOVE};
    return dyn_version_write(call, table->store, record->key, &version,
                             dyn_clock_now_ms());
}

dyn_status dyn_table_log(dyn_call *call, dyn_table *table,
                         const dyn_log_record *record)
{
    int64_t sequence = 0;
    bool is_own = record->actor != DYN_ACTOR_REPLICA;
    return is_own && table->keep.has_replicas
               ? append_own(call, table, record)
               : append(call, table, record, least_time(record), &sequence);
}

/* ---------------------------------------------------------- what is kept -- */

/* Streams that have ended can be read for a while. */
static dyn_status keep_streams(dyn_call *call, dyn_table *table)
{
    dyn_stream *streams = NULL;
    size_t count = 0;
    bool is_kept = table->keep.kept_ms >= DYN_STREAM_RETENTION_MS;
    if (is_kept || table->log.is_empty) return DYN_OK;
    DYN_TRY(dyn_streams(call, table->store, &streams, &count));
    if (count > 0) table->keep.kept_ms = DYN_STREAM_RETENTION_MS;
    return DYN_OK;
}

static dyn_status load_whole(dyn_call *call, dyn_table *table)
{
    bool has_horizon = false;
    int64_t horizon = 0;
    dyn_bytes text = {NULL, 0};
    DYN_TRY(dyn_catalogue_meta(call, table->store, META_WHOLE, &has_horizon,
                               &text, &horizon));
    dyn_numbers numbers = {(const char *)text.data, text.data != NULL};
    if (text.data != NULL)
        table->keep.whole_from = dyn_numbers_next(&numbers, 0, INT64_MAX);
    if (!dyn_numbers_are_read(&numbers))
        return dyn_table_fail_meta(call, META_WHOLE);
    DYN_TRY(dyn_catalogue_meta(call, table->store, META_HORIZON, &has_horizon,
                               &text, &horizon));
    if (horizon > table->keep.whole_from) table->keep.whole_from = horizon;
    return DYN_OK;
}

static dyn_status load_read_to(dyn_call *call, dyn_table *table)
{
    dyn_log_readers_summary readers;
    DYN_TRY(dyn_log_readers_summarize(call, table->store, &readers));
    table->keep.read_to = readers.position;
    return DYN_OK;
}

static dyn_status load_wishes(dyn_call *call, dyn_table *table)
{
    dyn_log_readers_summary readers;
    DYN_TRY(dyn_log_readers_summarize(call, table->store, &readers));
    table->keep = dyn_log_keep_of(&table->definition, readers.count > 0);
    table->keep.has_sync = readers.has_sync;
    table->keep.has_replicas = readers.has_replicas;
    table->keep.has_strong = readers.has_strong;
    table->keep.read_to = readers.position;
    DYN_TRY(dyn_log_read_bounds(call, table->store, &table->log));
    return keep_streams(call, table);
}

/* Where the log begins is known but for records of others in one that was
 * empty. Who removes records finds out what others have removed. */
static dyn_status load_changes(dyn_call *call, dyn_table *table)
{
    bool is_known = !table->keep.is_logging || !table->log.is_empty;
    if (table->keep.has_readers) DYN_TRY(load_read_to(call, table));
    return is_known ? DYN_OK
                    : dyn_log_read_bounds(call, table->store, &table->log);
}

dyn_status dyn_table_load_log(dyn_call *call, dyn_table *table, bool is_same)
{
    DYN_TRY(is_same ? load_changes(call, table) : load_wishes(call, table));
    return dyn_log_keep_is_whole(&table->keep) ? load_whole(call, table)
                                               : DYN_OK;
}

/* There are no records of changes before now. */
dyn_status dyn_log_keep_begin(dyn_call *call, dyn_store *store,
                              const dyn_log_keep *keep)
{
    dyn_log_bounds log;
    if (!dyn_log_keep_is_whole(keep))
        return dyn_catalogue_meta_delete(call, store, META_WHOLE);
    DYN_TRY(dyn_log_read_bounds(call, store, &log));
    return dyn_catalogue_meta_set_number(call, store, META_WHOLE,
                                         dyn_log_last_by_now(&log));
}

dyn_status dyn_table_change_log(dyn_call *call, dyn_table *table,
                                const dyn_log_keep *changed)
{
    bool was_whole = dyn_log_keep_is_whole(&table->keep);
    if (dyn_log_keep_is_whole(changed) == was_whole) return DYN_OK;
    return dyn_log_keep_begin(call, table->store, changed);
}

/* -------------------------------------------------------------- trimming -- */

/* Records up to here are kept by nobody. */
static int64_t trim_below(const dyn_table *table)
{
    int64_t below =
        dyn_log_sequence_at(dyn_clock_now_ms() - table->keep.kept_ms);
    bool is_read = table->keep.read_to >= below;
    return is_read ? below : table->keep.read_to + 1;
}

/* What is not read yet waits for its reader. */
int64_t dyn_trim_due_ms(dyn_table *table)
{
    bool is_read = table->keep.read_to >= table->log.first;
    if (table->log.is_empty || !is_read) return DYN_DUE_NEVER;
    return dyn_log_time_ms(table->log.first) + table->keep.kept_ms + 1;
}

dyn_status dyn_trim_step(dyn_call *call, dyn_table *table, size_t rows_max,
                         int64_t *done)
{
    bool removed = false;
    DYN_TRY(load_read_to(call, table));
    DYN_TRY(dyn_log_trim(call, table->store, trim_below(table), rows_max,
                         &removed));
    DYN_TRY(dyn_streams_prune(call, table->store));
    DYN_TRY(dyn_log_read_bounds(call, table->store, &table->log));
    if (dyn_log_keep_is_whole(&table->keep)) DYN_TRY(load_whole(call, table));
    *done += removed;
    return DYN_OK;
}

/* --------------------------------------------------------------- readers -- */

/* Others learn of it by the generation. */
static dyn_status change_readers(dyn_call *call, dyn_table *table)
{
    dyn_log_readers_summary readers;
    DYN_TRY(dyn_log_readers_summarize(call, table->store, &readers));
    dyn_log_keep keep = dyn_log_keep_of(&table->definition, readers.count > 0);
    DYN_TRY(dyn_table_change_log(call, table, &keep));
    DYN_TRY(dyn_table_change_generation(call, table));
    return dyn_table_load_log(call, table, false);
}

dyn_status dyn_table_add_reader(dyn_call *call, dyn_table *table,
                                const dyn_log_reader *reader)
{
    dyn_store_begin_write(table->store);
    DYN_TRY(dyn_table_flush(call, table));
    DYN_TRY(dyn_log_reader_write(call, table->store, reader));
    return change_readers(call, table);
}

dyn_status dyn_table_remove_reader(dyn_call *call, dyn_table *table,
                                   dyn_log_reader_kind kind, dyn_bytes name)
{
    dyn_store_begin_write(table->store);
    DYN_TRY(dyn_table_flush(call, table));
    DYN_TRY(dyn_log_reader_remove(call, table->store, kind, name));
    return change_readers(call, table);
}

dyn_status dyn_table_move_reader(dyn_call *call, dyn_table *table,
                                 const dyn_log_reader *reader)
{
    DYN_TRY(dyn_log_reader_move(call, table->store, reader));
    return load_read_to(call, table);
}
