/* Partitions as rows; the contracts are in table_partitions.h. */
#include "engine/table_partitions.h"

#include "base/clock.h"
#include "engine/catalogue.h"
#include "engine/table_internal.h"

#include <stdlib.h>

enum { MINUTE_MS = 60 * 1000 };

/* ----------------------------------------------------------------- loads -- */

typedef struct load_list {
    dyn_load_row *rows;
    size_t count;
    int64_t first_minute;
} load_list;

static void add_load(load_list *list, int64_t partition, int64_t minute,
                     const dyn_uses *uses)
{
    dyn_uses_sum sum = dyn_uses_sum_of(uses);
    if (minute < list->first_minute) return;
    list->rows[list->count++] = (dyn_load_row){
        minute, partition, sum.read_halves, sum.write_units, sum.throttled};
}

static void add_map(load_list *list, const dyn_partitions *map)
{
    for (size_t i = 0; i < map->count; i++) {
        dyn_minute held = {.name = {NULL, 0}};
        if (!dyn_partition_minute(&map->all[i], &held)) continue;
        add_load(list, map->all[i].stored.partition, held.minute, &held.uses);
    }
}

static void add_pending(load_list *list, dyn_table *table,
                        const dyn_usage *pending, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dyn_bytes name = {NULL, 0};
        const dyn_partitions *map =
            dyn_table_map_of(table, pending[i].tree, &name);
        if (map == NULL || pending[i].is_of_tree) continue;
        size_t number = dyn_partitions_find(map, pending[i].low);
        add_load(list, map->all[number].stored.partition, pending[i].minute,
                 &pending[i].uses);
    }
}

static int compare_loads(const void *left, const void *right)
{
    const dyn_load_row *a = left;
    const dyn_load_row *b = right;
    if (a->partition != b->partition)
        return a->partition < b->partition ? -1 : 1;
    if (a->minute == b->minute) return 0;
    return a->minute < b->minute ? -1 : 1;
}

/* Add up what is of one partition and minute. */
static void merge_loads(load_list *list)
{
    size_t count = 0;
    if (list->count > 1) {
        qsort(list->rows, list->count, sizeof(dyn_load_row), compare_loads);
    }
    for (size_t i = 0; i < list->count; i++) {
        const dyn_load_row *row = &list->rows[i];
        dyn_load_row *last = count == 0 ? NULL : &list->rows[count - 1];
        if (last == NULL || compare_loads(last, row) != 0) {
            list->rows[count++] = *row;
            continue;
        }
        last->read_halves += row->read_halves;
        last->write_units += row->write_units;
        last->throttled += row->throttled;
    }
    list->count = count;
}

static size_t count_partitions(const dyn_table *table)
{
    size_t count = table->map.count;
    for (size_t i = 0; i < table->definition.index_count; i++)
        count += table->indexes[i].map.count;
    return count;
}

dyn_status dyn_table_loads(dyn_call *call, dyn_table *table,
                           int64_t first_minute, dyn_load_row **rows,
                           size_t *count)
{
    dyn_load_row *stored = NULL;
    dyn_usage *pending = NULL;
    size_t pending_count = 0;
    load_list list = {NULL, 0, first_minute};
    DYN_TRY(dyn_catalogue_loads(call, table->store, first_minute, &stored,
                                &list.count));
    DYN_TRY(dyn_account_usage(call, table->account, &pending, &pending_count));
    size_t most = list.count + count_partitions(table) + pending_count + 1;
    list.rows = dyn_alloc(call, most * sizeof(dyn_load_row));
    if (list.rows == NULL) return DYN_NOMEM;
    if (list.count > 0)
        memcpy(list.rows, stored, list.count * sizeof(dyn_load_row));
    add_map(&list, &table->map);
    for (size_t i = 0; i < table->definition.index_count; i++)
        add_map(&list, &table->indexes[i].map);
    add_pending(&list, table, pending, pending_count);
    merge_loads(&list);
    *rows = list.rows;
    *count = list.count;
    return DYN_OK;
}

/* The number of the first load that is not of a lesser partition. */
static size_t find_load(const dyn_load_row *rows, size_t count,
                        int64_t partition)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows[middle].partition < partition) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const dyn_load_row *dyn_loads_of(const dyn_load_row *rows, size_t row_count,
                                 int64_t partition, size_t *count)
{
    size_t first = find_load(rows, row_count, partition);
    size_t end = first;
    while (end < row_count && rows[end].partition == partition)
        end++;
    *count = end - first;
    return rows + first;
}

/* ------------------------------------------------------------------ rows -- */

static void take_more(dyn_load_row *most, const dyn_load_row *load)
{
    if (load->read_halves > most->read_halves)
        most->read_halves = load->read_halves;
    if (load->write_units > most->write_units)
        most->write_units = load->write_units;
    most->throttled += load->throttled;
}

static void look_at(const load_list *list, int64_t minute,
                    dyn_partition_look *out)
{
    size_t count = 0;
    const dyn_load_row *loads = dyn_loads_of(
        list->rows, list->count, out->partition->stored.partition, &count);
    for (size_t i = 0; i < count; i++) {
        take_more(&out->peak, &loads[i]);
        if (loads[i].minute >= minute - 1 && loads[i].minute <= minute)
            take_more(&out->now, &loads[i]);
    }
}

static void add_tree(const dyn_table *table, const dyn_index *index,
                     const dyn_partitions *map, const load_list *list,
                     dyn_partition_look *out)
{
    int64_t now_ms = dyn_clock_now_ms();
    bool has_burst = dyn_definition_throttles(&table->definition);
    for (size_t i = 0; i < map->count; i++) {
        const dyn_partition *partition = &map->all[i];
        out[i] = (dyn_partition_look){
            .index = index,
            .partition = partition,
            .last = dyn_partitions_last(map, i),
            .has_burst = has_burst,
        };
        if (has_burst) {
            out[i].burst = dyn_account_burst(table->account, map->tree,
                                             partition->stored.low, now_ms);
        }
        look_at(list, now_ms / MINUTE_MS, &out[i]);
    }
}

dyn_status dyn_table_partitions(dyn_call *call, dyn_table *table,
                                dyn_partition_look **rows, size_t *count)
{
    load_list list = {NULL, 0, 0};
    int64_t minute = dyn_clock_now_ms() / MINUTE_MS;
    DYN_TRY(dyn_table_loads(call, table, minute - DYN_LOAD_MINUTES_KEPT,
                            &list.rows, &list.count));
    *rows = dyn_alloc(call, (count_partitions(table) + 1) *
                                sizeof(dyn_partition_look));
    if (*rows == NULL) return DYN_NOMEM;
    add_tree(table, NULL, &table->map, &list, *rows);
    *count = table->map.count;
    for (size_t i = 0; i < table->definition.index_count; i++) {
        const dyn_index *index = &table->definition.indexes[i];
        if (index->is_local) continue;
        add_tree(table, index, &table->indexes[i].map, &list, *rows + *count);
        *count += table->indexes[i].map.count;
    }
    return DYN_OK;
}
