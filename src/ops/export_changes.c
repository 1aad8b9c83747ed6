/* Incremental exports; the contract is in export_changes.h. The log is read
 * twice: once to find out which changes are the first and the last of an item,
 * and then these. */
#include "ops/export_changes.h"

#include "item/item_json.h"
#include "item/key.h"
#include "ops/change.h"
#include "ops/steps.h"

#include <inttypes.h>
#include <stdlib.h>

enum { PAGE_RECORDS = 500, PAGE_BYTES_MAX = 1024 * 1024 };

/* Where a change of an item is. Two keys of one digest are not told apart. */
typedef struct place {
    uint64_t digest;
    int64_t sequence;
} place;

typedef struct changes {
    dyn_call *call; /* that of the export */
    dyn_table *table;
    const dyn_export_period *period;
    dyn_export_files *files;
    dyn_streams_of streams;
    int64_t low; /* sequences, both included; what is found moves it */
    int64_t high;
    dyn_buffer places;
} changes;

/* ---------------------------------------------------------------- stream -- */

static dyn_status fail_period(const changes *in, const char *what)
{
    return dyn_fail(in->call, DYN_INVALID,
                    "an incremental export needs a stream that has had the %s "
                    "images since the begin of the period, at most 24 hours "
                    "ago",
                    what);
}

/* One stream has to have them all. */
static dyn_status check_stream(const changes *in)
{
    bool needs_old = in->period->has_old;
    if (in->low < dyn_stream_horizon())
        return fail_period(in, needs_old ? "old and new" : "new");
    for (size_t i = 0; i < in->streams.stream_count; i++) {
        const dyn_stream *stream = &in->streams.streams[i];
        if (stream->label_ms <= in->period->from_ms &&
            (stream->is_open || stream->last >= in->high) &&
            dyn_stream_view_has_new(stream->view) &&
            (!needs_old || dyn_stream_view_has_old(stream->view))) {
            return DYN_OK;
        }
    }
    return fail_period(in, needs_old ? "old and new" : "new");
}

/* --------------------------------------------------------------- finding -- */

static dyn_status add_page(dyn_call *call, void *work, bool *is_end)
{
    changes *in = work;
    dyn_log_records records;
    const dyn_log_range range = {.low = in->low,
                                 .high = in->high,
                                 .records_max = PAGE_RECORDS,
                                 .bytes_max = PAGE_BYTES_MAX};
    DYN_TRY(dyn_log_read(call, dyn_table_store(in->table), &range, &records));
    for (size_t i = 0; i < records.count; i++) {
        const dyn_log_record *record = &records.all[i];
        const place found = {dyn_key_digest(record->key), record->sequence};
        dyn_buffer_add(&in->places, &found, sizeof(found));
        in->low = record->sequence + 1;
    }
    *is_end = records.is_end || records.count == 0;
    return DYN_OK;
}

static dyn_status find_places(changes *in)
{
    enum { ROOM_PLACES = 64 };
    dyn_buffer_begin(&in->places, in->call, ROOM_PLACES * sizeof(place));
    return dyn_work_run(in->call, add_page, in);
}

static int compare_places(const void *a, const void *b)
{
    const place *left = a;
    const place *right = b;
    if (left->digest != right->digest)
        return left->digest < right->digest ? -1 : 1;
    return (left->sequence > right->sequence) -
           (left->sequence < right->sequence);
}

/* --------------------------------------------------------------- writing -- */

static dyn_status read_change(dyn_call *call, const changes *in,
                              int64_t sequence, dyn_change *out)
{
    dyn_log_records records;
    const dyn_log_range range = {.low = sequence,
                                 .high = sequence,
                                 .records_max = 1,
                                 .bytes_max = PAGE_BYTES_MAX};
    DYN_TRY(dyn_log_read(call, dyn_table_store(in->table), &range, &records));
    const dyn_shard *shard =
        records.count == 0 ? NULL
                           : dyn_change_shard(&in->streams, &records.all[0]);
    if (shard == NULL) {
        return dyn_fail(call, DYN_CORRUPT,
                        "shadow tables are damaged: change %" PRId64
                        " is in no shard",
                        sequence);
    }
    return dyn_change_read(call, in->table, &in->streams, &records.all[0],
                           shard, out);
}

static void add_image(dyn_buffer *line, const char *name, bool is_there,
                      const dyn_map *image)
{
    if (!is_there) return;
    dyn_buffer_add_text(line, name);
    dyn_item_to_json(line, image, DYN_JSON_TYPED);
}

static dyn_status write_item(dyn_call *call, changes *in, const place *first,
                             const place *last)
{
    dyn_change before = {.sequence = 0};
    dyn_change after = {.sequence = 0};
    dyn_buffer line;
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(read_change(call, in, first->sequence, &before));
    DYN_TRY(read_change(call, in, last->sequence, &after));
    const char *head =
        dyn_format(call,
                   "{\"Metadata\":{\"WriteTimestampMicros\":{\"N\":\"%" PRId64
                   "000\"}},\"Keys\":",
                   after.time_ms);
    if (head == NULL) return DYN_NOMEM;
    dyn_buffer_begin(&line, call, 512);
    dyn_buffer_add_text(&line, head);
    dyn_item_to_json(&line, &after.keys, DYN_JSON_TYPED);
    add_image(&line, ",\"OldImage\":", in->period->has_old && before.has_old,
              &before.old_image);
    add_image(&line, ",\"NewImage\":", after.has_new, &after.new_image);
    dyn_buffer_add_text(&line, "}\n");
    DYN_TRY(dyn_buffer_end(&line, &bytes));
    return dyn_export_add(call, in->files, bytes);
}

static dyn_status write_items(changes *in)
{
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(dyn_buffer_end(&in->places, &bytes));
    place *all = (place *)(uintptr_t)bytes.data;
    size_t count = bytes.size_bytes / sizeof(place);
    qsort(all, count, sizeof(place), compare_places);
    for (size_t i = 0, end = 0; i < count; i = end) {
        dyn_call call;
        while (end < count && all[end].digest == all[i].digest)
            end++;
        dyn_call_begin(&call);
        dyn_status status = write_item(&call, in, &all[i], &all[end - 1]);
        if (status != DYN_OK) dyn_call_take_error(in->call, &call);
        dyn_call_end(&call);
        if (status != DYN_OK) return status;
    }
    return DYN_OK;
}

dyn_status dyn_export_changes(dyn_call *call, dyn_table *table,
                              const dyn_export_period *period,
                              dyn_export_files *files)
{
    changes in = {
        .call = call,
        .table = table,
        .period = period,
        .files = files,
        .low = dyn_log_sequence_at(period->from_ms),
        .high = dyn_log_sequence_at(period->to_ms) - 1,
    };
    DYN_TRY(dyn_streams_read(call, table, &in.streams));
    DYN_TRY(check_stream(&in));
    DYN_TRY(find_places(&in));
    return write_items(&in);
}
