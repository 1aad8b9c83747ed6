/* Splits of partitions, a bounded step at a time; the contracts are in
 * partitions.h and table_internal.h. A partition is split because it holds too
 * much, at half of its bytes; for heat, at the median of its load (heat.h); or
 * because more units are provisioned than its tree has partitions for, at half
 * of its hashes. A step walks on from the low end of the partition, and counts
 * what will be left of the cut. Only the map changes. */
#include "engine/table_internal.h"

#include "base/clock.h"
#include "engine/catalogue.h"
#include "engine/due_kinds.h"
#include "engine/rows.h"
#include "engine/stream.h"
#include "item/codec.h"
#include "item/key.h"

enum { WALK_BYTES = 1024 * 1024 }; /* of one step */

/* A tree of a table whose partitions split: entries of a local index lie in the
 * partitions of the table. */
typedef struct splitting {
    dyn_partitions *map;
    dyn_throughput throughput;
    bool has_cut; /* a partition is to be split at a hash */
    uint64_t cut;
    bool is_hot; /* for heat */
} splitting;

bool dyn_partitions_is_full(const dyn_partition *partition,
                            int64_t partition_bytes)
{
    int64_t bytes = partition->stored.bytes + partition->pending.bytes;
    return bytes > partition_bytes && bytes > partition->stored.give_up_bytes;
}

/* Cut a partition at a hash: what is left of it has been counted. */
static dyn_status split_at(dyn_call *call, dyn_store *store,
                           const dyn_partition_row *row, uint64_t hash,
                           dyn_partition_reason reason)
{
    dyn_partition_row right = {
        .tree = row->tree,
        .low = hash,
        .items = row->items - row->left_items,
        .bytes = row->bytes - row->left_bytes,
        .parent = row->partition,
        .reason = reason,
        .since_ms = dyn_clock_now_ms(),
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
 * last row is not, unless the range ends with it. */
static size_t count_whole(const dyn_rows *rows)
{
    size_t whole = rows->count;
    if (rows->is_end) return whole;
    uint64_t cut = dyn_key_hash(rows->all[whole - 1].key);
    while (whole > 0 && dyn_key_hash(rows->all[whole - 1].key) == cut)
        whole--;
    return whole;
}

/* Count rows into the left part, until it has so many bytes. The walk stands
 * behind them then, at the next hash. */
static dyn_status count_left(dyn_call *call, const dyn_row *rows, size_t count,
                             int64_t bytes_wanted, dyn_partition_row *row)
{
    for (size_t i = 0; i < count; i++) {
        dyn_view view;
        DYN_TRY(dyn_view_open(call, rows[i].item, &view));
        row->left_items++;
        row->left_bytes += (int64_t)view.size_bytes;
        if (row->left_bytes >= bytes_wanted && i + 1 < count &&
            dyn_key_hash(rows[i + 1].key) != dyn_key_hash(rows[i].key)) {
            row->walked = dyn_key_hash(rows[i + 1].key);
            return DYN_OK;
        }
    }
    return DYN_OK;
}

/* Take one step through a partition, up to the hash last. Keys of one hash are
 * counted together, so the walk stands between two hashes after it: at a hash
 * all of whose items are still to come. Such a run may be longer than the step.
 */
static dyn_status walk(dyn_call *call, dyn_store *store, uint64_t last,
                       size_t rows_max, int64_t bytes_wanted,
                       dyn_partition_row *row, bool *is_end)
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
    return count_left(call, rows.all, count_whole(&rows), bytes_wanted, row);
}

static void begin_walk(dyn_partition_row *row)
{
    row->is_walked = true;
    row->walked = row->low;
    row->left_items = 0;
    row->left_bytes = 0;
}

/* Prepare or carry out the split of a partition at a hash. A walk that has come
 * too far, for another split, begins again. */
static dyn_status step_cut(dyn_call *call, dyn_store *store, const splitting *s,
                           size_t rows_max, dyn_partition_row row,
                           bool *has_split)
{
    bool is_end = false;
    uint64_t cut = s->cut;
    dyn_store_begin_write(store);
    if (!row.is_walked || row.walked > cut) begin_walk(&row);
    DYN_TRY(walk(call, store, cut - 1, rows_max, INT64_MAX, &row, &is_end));
    if (!is_end) return dyn_catalogue_partition_set(call, store, &row);
    *has_split = true;
    return split_at(call, store, &row, cut,
                    s->is_hot ? DYN_PARTITION_HEAT : DYN_PARTITION_PROVISIONED);
}

/* Prepare or carry out the split of a partition that holds too much. */
static dyn_status step_split(dyn_call *call, dyn_store *store, uint64_t last,
                             size_t rows_max, dyn_partition_row row,
                             bool *has_split)
{
    dyn_store_begin_write(store);
    if (!row.is_walked) begin_walk(&row);
    bool is_end = false;
    DYN_TRY(walk(call, store, last, rows_max, row.bytes / 2, &row, &is_end));
    bool is_half = row.left_bytes >= row.bytes / 2;
    if (is_half && row.walked > row.low && row.left_items < row.items) {
        *has_split = true;
        return split_at(call, store, &row, row.walked, DYN_PARTITION_SIZE);
    }
    if (is_end) { /* one hash holds more than half: nothing to cut */
        row.is_walked = false;
        row.left_items = 0;
        row.left_bytes = 0;
        row.give_up_bytes = 2 * row.bytes;
    }
    return dyn_catalogue_partition_set(call, store, &row);
}

/* The map as it is stored now. Without one, nothing may be committed. */
static dyn_status reload(dyn_call *call, dyn_store *store, dyn_partitions *map)
{
    dyn_status status = dyn_partitions_load(call, store, map);
    if (status != DYN_OK) call->error.torn = true;
    return status;
}

dyn_status dyn_partitions_split(dyn_call *call, dyn_store *store,
                                dyn_partitions *map, int64_t partition_bytes,
                                size_t rows_max, int64_t *steps,
                                bool *has_split)
{
    bool is_any = false;
    dyn_status status = DYN_OK;
    for (size_t i = 0; i < map->count && status == DYN_OK; i++) {
        if (!dyn_partitions_is_full(&map->all[i], partition_bytes)) continue;
        is_any = true;
        (*steps)++;
        status = step_split(call, store, dyn_partitions_last(map, i), rows_max,
                            map->all[i].stored, has_split);
    }
    if (is_any) DYN_TRY(reload(call, store, map));
    return status;
}

/* ------------------------------------------------------------- due work -- */

/* The widest partition, at half of its hashes. */
static uint64_t widest_middle(const dyn_partitions *map)
{
    uint64_t width = 0;
    uint64_t middle = 0;
    for (size_t i = 0; i < map->count; i++) {
        uint64_t low = map->all[i].stored.low;
        uint64_t half = (dyn_partitions_last(map, i) - low) / 2;
        if (half <= width) continue;
        width = half;
        middle = low + half + 1;
    }
    return middle;
}

/* The tree of an index, or of the table (-1). */
static splitting splitting_of(dyn_table *table, int index)
{
    const dyn_definition *definition = &table->definition;
    splitting s = {
        .map = index < 0 ? &table->map : &table->indexes[index].map,
        .throughput = index < 0 ? definition->throughput
                                : dyn_index_throughput(
                                      definition, &definition->indexes[index]),
    };
    s.is_hot = dyn_account_next_cut(table->account, s.map->tree, &s.cut);
    s.has_cut = s.is_hot;
    if (!s.has_cut && s.map->count < dyn_partitions_wanted(&s.throughput)) {
        s.has_cut = true;
        s.cut = widest_middle(s.map);
    }
    return s;
}

static bool is_due(const dyn_table *table, const splitting *s)
{
    for (size_t i = 0; i < s->map->count; i++) {
        if (dyn_partitions_is_full(&s->map->all[i],
                                   table->definition.partition_bytes))
            return true;
    }
    return s->has_cut;
}

int64_t dyn_split_due_ms(dyn_table *table)
{
    splitting s = splitting_of(table, -1);
    bool result = is_due(table, &s);
    for (size_t i = 0; i < table->definition.index_count && !result; i++) {
        if (table->definition.indexes[i].is_local) continue;
        s = splitting_of(table, (int)i);
        result = is_due(table, &s);
    }
    return result ? DYN_DUE_NOW : DYN_DUE_NEVER;
}

/* A partition may have been split at that hash already, for another reason. */
static dyn_status cut_tree(dyn_call *call, dyn_table *table, const splitting *s,
                           size_t rows_max, bool *has_split)
{
    size_t number = dyn_partitions_find(s->map, s->cut);
    const dyn_partition_row *row = &s->map->all[number].stored;
    bool is_done = row->low == s->cut;
    if (!is_done) {
        DYN_TRY(step_cut(call, table->store, s, rows_max, *row, &is_done));
        *has_split = *has_split || is_done;
    }
    if (is_done && s->is_hot)
        dyn_account_forget_cut(table->account, s->map->tree, s->cut);
    return reload(call, table->store, s->map);
}

static dyn_status split_tree(dyn_call *call, dyn_table *table, int index,
                             size_t rows_max, int64_t *done, bool *has_split)
{
    splitting s = splitting_of(table, index);
    *done += s.has_cut;
    dyn_status status =
        s.has_cut ? cut_tree(call, table, &s, rows_max, has_split)
                  : dyn_partitions_split(call, table->store, s.map,
                                         table->definition.partition_bytes,
                                         rows_max, done, has_split);
    return dyn_due_forgive(call, table, status);
}

/* A split goes by what is stored. The account knows of it at once. */
dyn_status dyn_split_step(dyn_call *call, dyn_table *table, size_t rows_max,
                          int64_t *done)
{
    bool has_split = false;
    DYN_TRY(dyn_table_flush_counters(call, table));
    DYN_TRY(split_tree(call, table, -1, rows_max, done, &has_split));
    for (size_t i = 0; i < table->definition.index_count; i++) {
        if (table->definition.indexes[i].is_local) continue;
        DYN_TRY(split_tree(call, table, (int)i, rows_max, done, &has_split));
    }
    if (!has_split) return DYN_OK;
    DYN_TRY(dyn_stream_follow(call, table->store, &table->map));
    DYN_TRY(dyn_table_change_generation(call, table));
    return dyn_table_adopt(call, table, table->generation);
}
