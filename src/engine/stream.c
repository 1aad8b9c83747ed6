/* Streams: a line of _meta for each, "stream" and its label, with the number of
 * the view, and the first and the last sequence. The contracts are in stream.h.
 */
#include "engine/stream.h"

#include "base/clock.h"
#include "engine/numbers.h"

#include <inttypes.h>

#define META_STREAM "stream"

int64_t dyn_stream_horizon(void)
{
    return dyn_log_sequence_at(dyn_clock_now_ms() - DYN_STREAM_RETENTION_MS);
}

/* ----------------------------------------------------------------- lines -- */

/* With leading zeros, so that the lines are in the order of time. */
static char *name_of(dyn_call *call, const dyn_stream *stream)
{
    return dyn_format(call, META_STREAM " %019" PRId64, stream->label_ms);
}

static dyn_status read_stream(dyn_call *call, const dyn_meta_row *row,
                              dyn_stream *out)
{
    dyn_numbers name = {(const char *)row->name.data, true};
    dyn_numbers text = {(const char *)row->text.data, row->text.data != NULL};
    *out = (dyn_stream){.label_ms = 0};
    if (text.is_sound) {
        out->label_ms = dyn_numbers_next(&name, 0, INT64_MAX);
        out->view =
            (dyn_stream_view)dyn_numbers_next(&text, 0, DYN_STREAM_VIEWS - 1);
        out->first = dyn_numbers_next(&text, 0, INT64_MAX);
        out->is_open = *text.rest == '\0';
        if (!out->is_open) out->last = dyn_numbers_next(&text, 0, INT64_MAX);
    }
    if (name.is_sound && text.is_sound) return DYN_OK;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: \"" META_STREAM
                    " %.*s\" in _meta",
                    (int)row->name.size_bytes, (const char *)row->name.data);
}

static dyn_status write_stream(dyn_call *call, dyn_store *store,
                               const dyn_stream *stream)
{
    char *name = name_of(call, stream);
    char *text =
        stream->is_open
            ? dyn_format(call, "%d %" PRId64, stream->view, stream->first)
            : dyn_format(call, "%d %" PRId64 " %" PRId64, stream->view,
                         stream->first, stream->last);
    if (name == NULL || text == NULL) return DYN_NOMEM;
    return dyn_catalogue_meta_set_text(call, store, name, text);
}

static dyn_status read_streams(dyn_call *call, dyn_store *store,
                               dyn_stream **streams, size_t *count)
{
    dyn_meta_row *rows = NULL;
    DYN_TRY(dyn_catalogue_meta_list(call, store, META_STREAM, &rows, count));
    *streams = dyn_alloc(call, (*count + 1) * sizeof(dyn_stream));
    if (*streams == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < *count; i++) {
        DYN_TRY(read_stream(call, &rows[i], &(*streams)[i]));
    }
    return DYN_OK;
}

static bool is_over(const dyn_stream *stream, int64_t horizon)
{
    return !stream->is_open && stream->last < horizon &&
           dyn_log_sequence_at(stream->label_ms) < horizon;
}

dyn_status dyn_streams(dyn_call *call, dyn_store *store, dyn_stream **streams,
                       size_t *count)
{
    size_t all = 0;
    int64_t horizon = dyn_stream_horizon();
    DYN_TRY(read_streams(call, store, streams, &all));
    *count = 0;
    for (size_t i = 0; i < all; i++) {
        if (!is_over(&(*streams)[i], horizon))
            (*streams)[(*count)++] = (*streams)[i];
    }
    return DYN_OK;
}

dyn_status dyn_streams_prune(dyn_call *call, dyn_store *store)
{
    dyn_stream *streams = NULL;
    size_t count = 0;
    int64_t horizon = dyn_stream_horizon();
    DYN_TRY(read_streams(call, store, &streams, &count));
    for (size_t i = 0; i < count; i++) {
        char *name = name_of(call, &streams[i]);
        if (!is_over(&streams[i], horizon)) continue;
        if (name == NULL) return DYN_NOMEM;
        DYN_TRY(dyn_catalogue_meta_delete(call, store, name));
    }
    return dyn_catalogue_shards_prune(call, store, horizon);
}

/* ------------------------------------------------------- begin and end -- */

/* The newest stream, if it is open; else NULL. */
static dyn_status find_open(dyn_call *call, dyn_store *store, dyn_stream **out)
{
    size_t count = 0;
    dyn_stream *streams = NULL;
    DYN_TRY(read_streams(call, store, &streams, &count));
    bool is_open = count > 0 && streams[count - 1].is_open;
    *out = is_open ? &streams[count - 1] : NULL;
    return DYN_OK;
}

dyn_status dyn_stream_begin(dyn_call *call, dyn_store *store,
                            const dyn_partitions *map, dyn_stream_view view)
{
    size_t count = 0;
    dyn_stream *streams = NULL;
    dyn_log_bounds log;
    DYN_TRY(dyn_streams_prune(call, store));
    DYN_TRY(read_streams(call, store, &streams, &count));
    DYN_TRY(dyn_log_read_bounds(call, store, &log));
    dyn_stream made = {.label_ms = dyn_clock_now_ms(),
                       .view = view,
                       .first = log.last + 1,
                       .is_open = true};
    if (made.label_ms < 0) made.label_ms = 0;
    if (count > 0 && made.label_ms <= streams[count - 1].label_ms)
        made.label_ms = streams[count - 1].label_ms + 1;
    DYN_TRY(write_stream(call, store, &made));
    return dyn_stream_follow(call, store, map);
}

/* The shards of a stream, in the order in which they were opened. */
static dyn_status list_shards(dyn_call *call, dyn_store *store,
                              const dyn_stream *stream, dyn_shard **shards,
                              size_t *count)
{
    size_t all = 0;
    DYN_TRY(dyn_catalogue_shards(call, store, shards, &all));
    *count = 0;
    for (size_t i = 0; i < all; i++) {
        if ((*shards)[i].stream == stream->label_ms)
            (*shards)[(*count)++] = (*shards)[i];
    }
    return DYN_OK;
}

dyn_status dyn_stream_end(dyn_call *call, dyn_store *store)
{
    size_t count = 0;
    dyn_stream *stream = NULL;
    dyn_shard *shards = NULL;
    dyn_log_bounds log;
    DYN_TRY(find_open(call, store, &stream));
    if (stream == NULL) return DYN_OK;
    DYN_TRY(dyn_log_read_bounds(call, store, &log));
    DYN_TRY(list_shards(call, store, stream, &shards, &count));
    for (size_t i = 0; i < count; i++) {
        if (!shards[i].is_open) continue;
        DYN_TRY(
            dyn_catalogue_shard_close(call, store, shards[i].shard, log.last));
    }
    stream->is_open = false;
    stream->last = dyn_log_last_by_now(&log); /* when it ended */
    return write_stream(call, store, stream);
}

/* ---------------------------------------------------------------- shards -- */

bool dyn_shard_is_over(const dyn_shard *shard, int64_t horizon)
{
    return !shard->is_open && shard->last < horizon;
}

static const dyn_shard *find_open_shard(const dyn_shard *shards, size_t count,
                                        uint64_t hash)
{
    for (size_t i = 0; i < count; i++) {
        if (shards[i].is_open && hash >= shards[i].low &&
            hash <= shards[i].high)
            return &shards[i];
    }
    return NULL;
}

/* Give a partition a shard of its own, unless it has one. */
static dyn_status follow_partition(dyn_call *call, dyn_store *store,
                                   const dyn_shard *open, dyn_shard made)
{
    if (open != NULL && open->low == made.low && open->high == made.high)
        return DYN_OK;
    made.parent = open == NULL ? 0 : open->shard;
    if (open != NULL) {
        DYN_TRY(dyn_catalogue_shard_close(call, store, open->shard,
                                          made.first - 1));
    }
    return dyn_catalogue_shard_open(call, store, &made);
}

dyn_status dyn_stream_follow(dyn_call *call, dyn_store *store,
                             const dyn_partitions *map)
{
    size_t count = 0;
    dyn_shard *shards = NULL;
    dyn_stream *stream = NULL;
    dyn_log_bounds log;
    DYN_TRY(find_open(call, store, &stream));
    if (stream == NULL) return DYN_OK;
    DYN_TRY(dyn_log_read_bounds(call, store, &log));
    DYN_TRY(list_shards(call, store, stream, &shards, &count));
    for (size_t i = 0; i < map->count; i++) {
        dyn_shard made = {.stream = stream->label_ms,
                          .low = map->all[i].stored.low,
                          .high = dyn_partitions_last(map, i),
                          .first = log.last + 1};
        DYN_TRY(follow_partition(
            call, store, find_open_shard(shards, count, made.low), made));
    }
    return DYN_OK;
}
