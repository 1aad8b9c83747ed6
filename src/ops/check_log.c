/* The check of the log of a table, its streams and its readers; the contract
 * is in check_log.h. */
#include "ops/check_log.h"

#include "engine/row.h"
#include "item/codec.h"
#include "ops/change.h"
#include "ops/handler.h"

#include <inttypes.h>
#include <stdio.h>

enum { RECORDS = 256, BYTES = 1024 * 1024 };

static void add_problem(dyn_checker *c, const char *what, int64_t number,
                        const char *problem)
{
    char text[160];
    snprintf(text, sizeof(text), "%s %" PRId64 ": %s", what, number, problem);
    dyn_check_add(c, text);
}

/* --------------------------------------------------------------- records -- */

/* *is_right: it is stored under a key of the table, and its item decodes. */
static dyn_status check_image(dyn_checker *c, dyn_call *call, dyn_bytes key,
                              dyn_bytes stored, bool *is_right)
{
    dyn_view view;
    dyn_map item = {NULL, 0};
    dyn_bytes its_key = {NULL, 0};
    if (stored.size_bytes == 0) return DYN_OK;
    dyn_status status = dyn_row_open(call, dyn_table_layout(c->table),
                                     DYN_TREE_ITEMS, key, stored, &view);
    if (status == DYN_OK) status = dyn_view_decode(call, &view, &item);
    if (status == DYN_OK)
        status = dyn_table_key(call, c->table, &item, &its_key);
    if (status == DYN_NOMEM) return status;
    *is_right = *is_right && status == DYN_OK && dyn_bytes_equal(key, its_key);
    return DYN_OK;
}

/* What an insertion replaces and a removal leaves is nothing; the others are
 * there in a record that is whole. */
static bool has_right_items(const dyn_log_keep *keep,
                            const dyn_log_record *record)
{
    bool is_whole = record->sequence > keep->whole_from;
    bool had = record->event != DYN_LOG_INSERT;
    bool has = record->event != DYN_LOG_REMOVE;
    bool has_before = record->before.size_bytes > 0;
    bool has_after = record->after.size_bytes > 0;
    return (had || !has_before) && (has || !has_after) &&
           (!is_whole || (has_before == had && has_after == has));
}

static dyn_status check_record(dyn_checker *c, dyn_call *call,
                               const dyn_log_record *record)
{
    bool is_right = has_right_items(dyn_table_log_keep(c->table), record);
    DYN_TRY(check_image(c, call, record->key, record->before, &is_right));
    DYN_TRY(check_image(c, call, record->key, record->after, &is_right));
    if (!is_right)
        add_problem(c, "change", record->sequence, "its bytes are damaged");
    return DYN_OK;
}

static dyn_status check_page(dyn_checker *c, dyn_call *call, void *position,
                             bool *is_end)
{
    dyn_log_range *range = position;
    dyn_log_records records;
    DYN_TRY(dyn_log_read(call, dyn_table_store(c->table), range, &records));
    *is_end = records.is_end;
    for (size_t i = 0; i < records.count; i++)
        DYN_TRY(check_record(c, call, &records.all[i]));
    if (records.count > 0)
        range->low = records.all[records.count - 1].sequence + 1;
    return DYN_OK;
}

static dyn_status check_records(dyn_checker *c)
{
    dyn_log_range range = {.low = INT64_MIN,
                           .high = INT64_MAX,
                           .records_max = RECORDS,
                           .bytes_max = BYTES};
    return dyn_check_pages(c, check_page, &range);
}

/* --------------------------------------------------------------- streams -- */

static void check_shard(dyn_checker *c, const dyn_streams_of *streams,
                        const dyn_shard *shard)
{
    for (size_t i = 0; i < streams->stream_count; i++) {
        const dyn_stream *stream = &streams->streams[i];
        if (stream->label_ms != shard->stream) continue;
        if (shard->first < stream->first ||
            (shard->is_open && !stream->is_open))
            add_problem(c, "shard", shard->shard, "it is not in its stream");
        return;
    }
    if (shard->is_open)
        add_problem(c, "shard", shard->shard, "it has no stream");
}

/* Each partition has one shard that is open. */
static void check_partitions(dyn_checker *c, const dyn_streams_of *streams,
                             const dyn_stream *stream)
{
    const dyn_partitions *map = dyn_table_map(c->table);
    size_t open = 0;
    size_t right = 0;
    for (size_t i = 0; i < streams->shard_count; i++) {
        const dyn_shard *shard = &streams->shards[i];
        if (!shard->is_open || shard->stream != stream->label_ms) continue;
        size_t number = dyn_partitions_find(map, shard->low);
        open++;
        right += map->all[number].stored.low == shard->low &&
                 dyn_partitions_last(map, number) == shard->high;
    }
    if (open == map->count && right == map->count) return;
    add_problem(c, "stream", stream->label_ms,
                "its shards are not those of the partitions");
}

/* Only the newest one may be open. */
static void check_stream(dyn_checker *c, const dyn_streams_of *streams,
                         size_t number)
{
    const dyn_stream *stream = &streams->streams[number];
    if (!stream->is_open) return;
    if (number + 1 < streams->stream_count ||
        stream->view != dyn_table_definition(c->table)->stream)
        add_problem(c, "stream", stream->label_ms, "it should have ended");
    check_partitions(c, streams, stream);
}

static dyn_status check_streams(dyn_checker *c)
{
    dyn_streams_of streams;
    dyn_log_bounds log;
    DYN_TRY(dyn_streams_read(c->call, c->table, &streams));
    DYN_TRY(dyn_log_read_bounds(c->call, dyn_table_store(c->table), &log));
    for (size_t i = 0; i < streams.stream_count; i++)
        check_stream(c, &streams, i);
    for (size_t i = 0; i < streams.shard_count; i++) {
        const dyn_shard *shard = &streams.shards[i];
        check_shard(c, &streams, shard);
        if (shard->is_open && shard->first - 1 > log.last)
            add_problem(c, "shard", shard->shard, "it begins behind the log");
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- readers -- */

/* A reader has read no more than there was. */
static dyn_status check_readers_of(dyn_checker *c, dyn_log_reader_kind kind,
                                   int64_t last, int64_t *known)
{
    dyn_log_reader *readers = NULL;
    size_t count = 0;
    DYN_TRY(dyn_log_readers(c->call, dyn_table_store(c->table), kind, &readers,
                            &count));
    for (size_t i = 0; i < count; i++) {
        if (readers[i].position > last)
            add_problem(c, "reader at", readers[i].position,
                        "it is behind the log");
    }
    *known += (int64_t)count;
    return DYN_OK;
}

static dyn_status check_readers(dyn_checker *c)
{
    int64_t known = 0;
    dyn_log_bounds log;
    dyn_handler *handlers = NULL;
    size_t count = 0;
    dyn_log_readers_summary all;
    dyn_store *store = dyn_table_store(c->table);
    DYN_TRY(dyn_log_read_bounds(c->call, store, &log));
    for (int kind = 1; kind < DYN_READER_KINDS; kind++) {
        DYN_TRY(
            check_readers_of(c, (dyn_log_reader_kind)kind, log.last, &known));
    }
    DYN_TRY(dyn_log_readers_summarize(c->call, store, &all));
    if (known != all.count)
        add_problem(c, "readers", all.count - known, "they are of no kind");
    return dyn_handlers(c->call, c->table, &handlers, &count);
}

dyn_status dyn_check_log(dyn_checker *c)
{
    DYN_TRY(check_readers(c));
    DYN_TRY(check_streams(c));
    return check_records(c);
}
