/* Splits of partitions that hold too much, a bounded step at a time; the
 * contracts are in partitions.h and table_internal.h. A step walks on from the
 * low end of the partition until half of its bytes lie behind, where it cuts.
 * Only the map changes. */
#include "engine/table_internal.h"

#include "engine/catalogue.h"
#include "engine/rows.h"
#include "item/codec.h"
#include "item/key.h"

enum { WALK_BYTES = 1024 * 1024 }; /* of one step */

bool dyn_partitions_is_full(const dyn_partition *partition,
                            int64_t partition_bytes)
{
    int64_t bytes = partition->stored.bytes + partition->pending.bytes;
    return bytes > partition_bytes && bytes > partition->stored.give_up_bytes;
}

/* Cut a partition at a hash: what is left of it has been counted. */
static dyn_status split_at(dyn_call *call, dyn_store *store,
                           const dyn_partition_row *row, uint64_t hash)
{
    dyn_partition_row right = {
        .tree = row->tree,
        .low = hash,
        .items = row->items - row->left_items,
        .bytes = row->bytes - row->left_bytes,
    };
    dyn_partition_row left = {
        .partition = row->partition,
        .items = row->left_items,
        .bytes = row->left_bytes,
    };
    DYN_TRY(dyn_catalogue_partition_set(call, store, &left));
    return dyn_catalogue_partition_insert(call, store, &right);
}

/* How many of the first rows are of hashes that are complete. The hash of the
 * last row is not unless the range ends with it. */
static size_t count_whole(const dyn_rows *rows)
{
    size_t whole = rows->count;
    if (rows->is_end) return whole;
    uint64_t cut = dyn_key_hash(rows->all[whole - 1].key);
    while (whole > 0 && dyn_key_hash(rows->all[whole - 1].key) == cut)
        whole--;
    return whole;
}

/* Count rows into the left half until it has half of the bytes. The walk stands
 * behind them then, at the next hash. */
static dyn_status count_left(dyn_call *call, const dyn_row *rows, size_t count,
                             dyn_partition_row *row)
{
    for (size_t i = 0; i < count; i++) {
        dyn_view view;
        DYN_TRY(dyn_view_open(call, rows[i].item, &view));
        row->left_items++;
        row->left_bytes += (int64_t)view.size_bytes;
        bool is_half = row->left_bytes >= row->bytes / 2;
        if (is_half && i + 1 < count &&
            dyn_key_hash(rows[i + 1].key) != dyn_key_hash(rows[i].key)) {
            row->walked = dyn_key_hash(rows[i + 1].key);
            return DYN_OK;
        }
    }
    return DYN_OK;
}

/* Take one step through a partition. Keys of one hash are counted together, so
 * the walk stands between two hashes after it: at a hash all of whose items
 * are still to come. Such a run may be longer than the step. */
static dyn_status walk(dyn_call *call, dyn_store *store, uint64_t last,
                       size_t rows_max, dyn_partition_row *row, bool *is_end)
{
    unsigned char low[DYN_KEY_HASH_BYTES];
    unsigned char high[DYN_KEY_HASH_BYTES + 1];
    memset(high, 0xff, sizeof(high));
    dyn_key_write_hash(row->walked, low);
    dyn_key_write_hash(last, high);
    dyn_range range = {
        .tree = row->tree,
        .low = {low, sizeof(low)},
        .high = {high, sizeof(high)},
        .rows_max = rows_max,
        .bytes_max = WALK_BYTES,
    };
    dyn_rows rows;
    DYN_TRY(dyn_rows_range(call, store, &range, &rows));
    while (count_whole(&rows) == 0 && !rows.is_end) {
        range.rows_max *= 4;
        range.bytes_max *= 4;
        DYN_TRY(dyn_rows_range(call, store, &range, &rows));
    }
    *is_end = rows.is_end;
    if (!rows.is_end) row->walked = dyn_key_hash(rows.all[rows.count - 1].key);
    return count_left(call, rows.all, count_whole(&rows), row);
}

/* Prepare or carry out the split of a partition that holds too much. */
static dyn_status step_split(dyn_call *call, dyn_store *store, uint64_t last,
                             size_t rows_max, dyn_partition_row row,
                             bool *has_split)
{
    if (!row.is_walked) {
        row.is_walked = true;
        row.walked = row.low;
        row.left_items = 0;
        row.left_bytes = 0;
    }
    bool is_end = false;
    DYN_TRY(walk(call, store, last, rows_max, &row, &is_end));
    bool is_half = row.left_bytes >= row.bytes / 2;
    if (is_half && row.walked > row.low && row.left_items < row.items) {
        *has_split = true;
        return split_at(call, store, &row, row.walked);
    }
    if (is_end) { /* one hash holds more than half: nothing to cut */
        row.is_walked = false;
        row.left_items = 0;
        row.left_bytes = 0;
        row.give_up_bytes = 2 * row.bytes;
    }
    return dyn_catalogue_partition_set(call, store, &row);
}

dyn_status dyn_partitions_split(dyn_call *call, dyn_store *store,
                                dyn_partitions *map, int64_t partition_bytes,
                                size_t rows_max, int64_t *steps,
                                bool *has_split)
{
    bool is_any = false;
    for (size_t i = 0; i < map->count; i++) {
        if (!dyn_partitions_is_full(&map->all[i], partition_bytes)) continue;
        is_any = true;
        (*steps)++;
        DYN_TRY(step_split(call, store, dyn_partitions_last(map, i), rows_max,
                           map->all[i].stored, has_split));
    }
    return is_any ? dyn_partitions_load(call, store, map) : DYN_OK;
}

static bool has_full(const dyn_partitions *map, int64_t partition_bytes)
{
    for (size_t i = 0; i < map->count; i++) {
        if (dyn_partitions_is_full(&map->all[i], partition_bytes)) return true;
    }
    return false;
}

/* Entries of a local index lie in the partitions of the table. */
int64_t dyn_split_due_ms(dyn_table *table)
{
    int64_t bytes = table->definition.partition_bytes;
    bool is_due = has_full(&table->map, bytes);
    for (size_t i = 0; i < table->definition.index_count; i++) {
        is_due = is_due || (!table->definition.indexes[i].is_local &&
                            has_full(&table->indexes[i].map, bytes));
    }
    return is_due ? DYN_DUE_NOW : DYN_DUE_NEVER;
}

/* A split goes by what is stored. */
dyn_status dyn_split_step(dyn_call *call, dyn_table *table, size_t rows_max,
                          int64_t *done)
{
    bool has_split = false;
    int64_t bytes = table->definition.partition_bytes;
    DYN_TRY(dyn_table_flush_counters(call, table));
    DYN_TRY(dyn_partitions_split(call, table->store, &table->map, bytes,
                                 rows_max, done, &has_split));
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->definition.indexes[i].is_local) continue;
        DYN_TRY(dyn_partitions_split(call, table->store, &table->indexes[i].map,
                                     bytes, rows_max, done, &has_split));
    }
    return has_split ? dyn_table_change_generation(call, table) : DYN_OK;
}
