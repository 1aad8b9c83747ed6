/* Changes of items; the contracts are in change.h. */
#include "ops/change.h"

#include "item/key.h"
#include "ops/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static int compare_numbers(const void *a, const void *b)
{
    const dyn_shard *x = a;
    const dyn_shard *y = b;
    return (x->shard > y->shard) - (x->shard < y->shard);
}

const dyn_shard *dyn_streams_shard(const dyn_streams_of *streams,
                                   int64_t number)
{
    const dyn_shard wanted = {.shard = number};
    if (streams->shard_count == 0) return NULL;
    return bsearch(&wanted, streams->shards, streams->shard_count,
                   sizeof(dyn_shard), compare_numbers);
}

static dyn_status read_streams(dyn_call *call, dyn_table *table,
                               dyn_streams_of *out)
{
    dyn_stream *streams = NULL;
    *out = (dyn_streams_of){.streams = NULL};
    DYN_TRY(dyn_streams(call, dyn_table_store(table), &streams,
                        &out->stream_count));
    out->streams = streams;
    bool has_open =
        out->stream_count > 0 && streams[out->stream_count - 1].is_open;
    if (has_open == (dyn_table_definition(table)->stream != DYN_STREAM_OFF))
        return DYN_OK;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: the streams in _meta are not "
                    "those of the declaration");
}

static int compare_places(const void *a, const void *b)
{
    const dyn_shard *x = *(const dyn_shard *const *)a;
    const dyn_shard *y = *(const dyn_shard *const *)b;
    if (x->stream != y->stream) return x->stream < y->stream ? -1 : 1;
    return (x->low > y->low) - (x->low < y->low);
}

static dyn_status find_leaves(dyn_call *call, dyn_streams_of *out)
{
    size_t count = out->shard_count;
    bool *is_split = dyn_alloc_zero(call, count + 1, sizeof(bool));
    out->leaves = dyn_alloc(call, (count + 1) * sizeof(const dyn_shard *));
    if (is_split == NULL || out->leaves == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const dyn_shard *parent = dyn_streams_shard(out, out->shards[i].parent);
        if (parent != NULL) is_split[parent - out->shards] = true;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_split[i]) out->leaves[out->leaf_count++] = &out->shards[i];
    }
    if (count > 0) {
        qsort((void *)out->leaves, out->leaf_count, sizeof(const dyn_shard *),
              compare_places);
    }
    return DYN_OK;
}

dyn_status dyn_streams_read(dyn_call *call, dyn_table *table,
                            dyn_streams_of *out)
{
    dyn_shard *shards = NULL;
    DYN_TRY(read_streams(call, table, out));
    DYN_TRY(dyn_catalogue_shards(call, dyn_table_store(table), &shards,
                                 &out->shard_count));
    out->shards = shards;
    return find_leaves(call, out);
}

dyn_status dyn_streams_read_shard(dyn_call *call, dyn_table *table,
                                  const dyn_shard *name, dyn_streams_of *out)
{
    bool found = false;
    dyn_shard *shard = dyn_alloc(call, sizeof(*shard));
    if (shard == NULL) return DYN_NOMEM;
    DYN_TRY(read_streams(call, table, out));
    DYN_TRY(dyn_catalogue_shard(call, dyn_table_store(table), name->shard,
                                shard, &found));
    if (!found || shard->stream != name->stream ||
        dyn_shard_is_over(shard, dyn_stream_horizon())) {
        return DYN_OK;
    }
    out->shards = shard;
    out->shard_count = 1;
    return find_leaves(call, out);
}

/* ---------------------------------------------------------------- shards -- */

enum { SHARD_NAME_BYTES = 8 + 20 + 1 + 16 };

static void print_shard(const dyn_shard *shard, char out[SHARD_NAME_BYTES + 1])
{
    snprintf(out, SHARD_NAME_BYTES + 1, "shardId-%020" PRId64 "-%08" PRIx64,
             shard->stream, (uint64_t)shard->shard);
}

dyn_status dyn_shard_name(dyn_call *call, const dyn_shard *shard,
                          const char **out)
{
    char name[SHARD_NAME_BYTES + 1];
    print_shard(shard, name);
    *out = dyn_format(call, "%s", name);
    return *out != NULL ? DYN_OK : DYN_NOMEM;
}

/* What is printed alike is the same. */
bool dyn_shard_parse(dyn_bytes name, dyn_shard *out)
{
    uint64_t number = 0;
    char text[SHARD_NAME_BYTES + 1] = {0};
    char printed[SHARD_NAME_BYTES + 1];
    *out = (dyn_shard){.shard = 0};
    if (name.size_bytes == 0 || name.size_bytes > SHARD_NAME_BYTES)
        return false;
    memcpy(text, name.data, name.size_bytes);
    if (sscanf(text, "shardId-%20" SCNd64 "-%16" SCNx64, &out->stream,
               &number) != 2) {
        return false;
    }
    out->shard = (int64_t)number;
    print_shard(out, printed);
    return dyn_bytes_equal_text(name, printed);
}

const dyn_shard *dyn_shard_find(const dyn_streams_of *streams, dyn_bytes name)
{
    dyn_shard wanted;
    if (!dyn_shard_parse(name, &wanted)) return NULL;
    const dyn_shard *found = dyn_streams_shard(streams, wanted.shard);
    return found != NULL && found->stream == wanted.stream ? found : NULL;
}

/* --------------------------------------------------------------- changes -- */

const dyn_stream *dyn_streams_find(const dyn_streams_of *streams,
                                   int64_t label_ms)
{
    for (size_t i = 0; i < streams->stream_count; i++) {
        if (streams->streams[i].label_ms == label_ms)
            return &streams->streams[i];
    }
    return NULL;
}

static const dyn_stream *stream_at(const dyn_streams_of *streams,
                                   int64_t sequence)
{
    for (size_t i = 0; i < streams->stream_count; i++) {
        const dyn_stream *s = &streams->streams[i];
        if (sequence >= s->first && (s->is_open || sequence <= s->last))
            return s;
    }
    return NULL;
}

/* The last one that does not begin behind a hash. */
static const dyn_shard *leaf_at(const dyn_streams_of *streams, int64_t stream,
                                uint64_t hash)
{
    const dyn_shard place = {.stream = stream, .low = hash};
    const dyn_shard *wanted = &place;
    size_t low = 0;
    size_t high = streams->leaf_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_places((const void *)&streams->leaves[middle],
                           (const void *)&wanted) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 ? streams->leaves[low - 1] : NULL;
}

/* What is older than a leaf is in one that it is a part of. */
const dyn_shard *dyn_change_shard(const dyn_streams_of *streams,
                                  const dyn_log_record *record)
{
    const dyn_stream *stream = stream_at(streams, record->sequence);
    if (stream == NULL || record->key.size_bytes < DYN_KEY_HASH_BYTES)
        return NULL;
    uint64_t hash = dyn_key_hash(record->key);
    const dyn_shard *shard = leaf_at(streams, stream->label_ms, hash);
    while (shard != NULL && record->sequence < shard->first)
        shard = dyn_streams_shard(streams, shard->parent);
    bool is_shown = shard != NULL && shard->stream == stream->label_ms &&
                    hash >= shard->low && hash <= shard->high &&
                    (shard->is_open || record->sequence <= shard->last);
    return is_shown ? shard : NULL;
}

dyn_status dyn_change_read(dyn_call *call, const dyn_table *table,
                           const dyn_streams_of *streams,
                           const dyn_log_record *record, const dyn_shard *shard,
                           dyn_change *out)
{
    const dyn_stream *stream = dyn_streams_find(streams, shard->stream);
    *out = (dyn_change){
        .sequence = record->sequence,
        .time_ms = dyn_log_time_ms(record->sequence),
        .event = record->event,
        .actor = record->actor,
        .shard = shard,
        .view = stream->view,
        .has_old = dyn_stream_view_has_old(stream->view) &&
                   record->before.size_bytes > 0,
        .has_new = dyn_stream_view_has_new(stream->view) &&
                   record->after.size_bytes > 0,
    };
    DYN_TRY(dyn_record_keys(call, table, record->key, &out->keys));
    out->size_bytes = dyn_map_size_bytes(&out->keys);
    if (out->has_old) {
        DYN_TRY(dyn_record_item(call, table, record->key, record->before,
                                &out->old_image, &out->size_bytes));
    }
    if (out->has_new) {
        DYN_TRY(dyn_record_item(call, table, record->key, record->after,
                                &out->new_image, &out->size_bytes));
    }
    return DYN_OK;
}

const char *dyn_change_event_name(dyn_log_event event)
{
    static const char *const names[] = {
        [DYN_LOG_INSERT] = "INSERT",
        [DYN_LOG_MODIFY] = "MODIFY",
        [DYN_LOG_REMOVE] = "REMOVE",
    };
    return names[event];
}
