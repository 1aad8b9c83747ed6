/* The heat map of a table; the contract is in table_heatmap.h. */
#include "ops/table_heatmap.h"

#include "base/clock.h"
#include "base/words.h"
#include "engine/bucket.h"
#include "engine/table_partitions.h"
#include "ops/heatmap.h"

enum { MINUTE_MS = 60 * 1000, MINUTES_BY_DEFAULT = 60 };

/* --------------------------------------------------------------- options -- */

typedef struct options {
    dyn_bytes index; /* without data: the table itself */
    uint64_t minutes;
} options;

static dyn_status parse_options(dyn_call *call, dyn_bytes text, options *out)
{
    dyn_bytes word;
    bool is_right = true;
    *out = (options){.minutes = MINUTES_BY_DEFAULT};
    while (is_right && dyn_next_word(&text, &word)) {
        if (dyn_bytes_equal_text(word, "index")) {
            is_right = dyn_next_word(&text, &out->index);
        } else {
            is_right = dyn_bytes_equal_text(word, "minutes") &&
                       dyn_next_word(&text, &word) &&
                       dyn_word_number(word, &out->minutes) &&
                       out->minutes >= 1 &&
                       out->minutes <= DYN_LOAD_MINUTES_KEPT;
        }
    }
    if (is_right) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "heat map: the options are 'index NAME' and 'minutes N', "
                    "with 1 <= N <= %d, as in 'index by_status minutes 90'",
                    DYN_LOAD_MINUTES_KEPT);
}

/* The partitions that are to be seen. */
static dyn_status find_map(dyn_call *call, const dyn_table *table,
                           dyn_bytes index, const dyn_partitions **out)
{
    const dyn_definition *definition = dyn_table_definition(table);
    *out = dyn_table_map(table);
    if (index.data == NULL) return DYN_OK;
    int number = dyn_definition_index(definition, index);
    if (number < 0) {
        return dyn_fail(call, DYN_NOT_FOUND,
                        "The table does not have the specified index: %.*s",
                        (int)index.size_bytes, (const char *)index.data);
    }
    if (definition->indexes[number].is_local) {
        return dyn_fail(call, DYN_INVALID,
                        "heat map: index %.*s is a local index: it lies in the "
                        "partitions of its table",
                        (int)index.size_bytes, (const char *)index.data);
    }
    *out = &dyn_table_index(table, (size_t)number)->map;
    return DYN_OK;
}

/* --------------------------------------------------------------- drawing -- */

static dyn_status list_partitions(dyn_call *call, const dyn_partitions *map,
                                  dyn_heatmap_frame *frame)
{
    dyn_heatmap_partition *all =
        dyn_alloc(call, map->count * sizeof(dyn_heatmap_partition));
    if (all == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < map->count; i++) {
        all[i].number = map->all[i].stored.partition;
        all[i].low = map->all[i].stored.low;
    }
    frame->partitions = all;
    frame->count = map->count;
    return DYN_OK;
}

static bool is_split_off(const dyn_partition *partition)
{
    return partition->stored.reason != DYN_PARTITION_CREATED;
}

static int64_t split_minute(const dyn_partition *partition)
{
    return partition->stored.since_ms / MINUTE_MS;
}

/* The last hash that a partition had when a minute began: it had those that
 * have been split off since. */
static uint64_t last_then(const dyn_partitions *map, size_t number,
                          int64_t minute)
{
    while (number + 1 < map->count && is_split_off(&map->all[number + 1]) &&
           split_minute(&map->all[number + 1]) >= minute) {
        number++;
    }
    return dyn_partitions_last(map, number);
}

static void add_partition(dyn_heatmap *picture, const dyn_partitions *map,
                          size_t number, const dyn_load_row *loads,
                          size_t count)
{
    const dyn_partition *partition = &map->all[number];
    for (size_t i = 0; i < count; i++) {
        dyn_heatmap_add(picture,
                        &(dyn_heatmap_load){
                            .low = partition->stored.low,
                            .last = last_then(map, number, loads[i].minute),
                            .minute = loads[i].minute,
                            .read_halves = loads[i].read_halves,
                            .write_units = loads[i].write_units,
                            .throttled = loads[i].throttled,
                        });
    }
    if (is_split_off(partition)) {
        dyn_heatmap_split(picture, partition->stored.low,
                          split_minute(partition));
    }
}

static dyn_status add_all(dyn_call *call, dyn_table *table,
                          const dyn_partitions *map, int64_t first_minute,
                          dyn_heatmap *picture)
{
    dyn_load_row *loads = NULL;
    size_t load_count = 0;
    DYN_TRY(dyn_table_loads(call, table, first_minute, &loads, &load_count));
    for (size_t i = 0; i < map->count; i++) {
        size_t count = 0;
        const dyn_load_row *own = dyn_loads_of(
            loads, load_count, map->all[i].stored.partition, &count);
        add_partition(picture, map, i, own, count);
    }
    return DYN_OK;
}

static dyn_heatmap_frame frame_of(const dyn_table *table, const options *asked)
{
    int64_t first =
        dyn_clock_now_ms() / MINUTE_MS - (int64_t)asked->minutes + 1;
    return (dyn_heatmap_frame){
        .table = dyn_bytes_text(dyn_table_label(table)),
        .index = asked->index,
        .first_minute = first < 0 ? 0 : first,
        .minutes = (int64_t)asked->minutes,
        .read_limit = DYN_PARTITION_READ_UNITS,
        .write_limit = DYN_PARTITION_WRITE_UNITS,
    };
}

dyn_status dyn_table_heatmap(dyn_call *call, dyn_table *table, dyn_bytes text,
                             dyn_bytes *svg)
{
    options asked;
    dyn_buffer out;
    dyn_heatmap *picture = NULL;
    const dyn_partitions *map = NULL;
    DYN_TRY(parse_options(call, text, &asked));
    DYN_TRY(find_map(call, table, asked.index, &map));
    dyn_heatmap_frame frame = frame_of(table, &asked);
    DYN_TRY(list_partitions(call, map, &frame));
    DYN_TRY(dyn_heatmap_begin(call, &frame, &picture));
    DYN_TRY(add_all(call, table, map, frame.first_minute, picture));
    dyn_buffer_begin(&out, call, (size_t)64 * 1024);
    dyn_heatmap_draw(picture, &out);
    return dyn_buffer_end(&out, svg);
}
