/* The partition map; the contracts are in partitions.h. */
#include "engine/partitions.h"

#include "base/clock.h"
#include "base/sqlite.h"
#include "engine/bucket.h"
#include "engine/units.h"
#include "item/key.h"

enum { ON_DEMAND_PARTITIONS = 4 };

size_t dyn_partitions_wanted(const dyn_throughput *units)
{
    int64_t reads = dyn_larger(units->read_units, units->warm_read_units);
    int64_t writes = dyn_larger(units->write_units, units->warm_write_units);
    int64_t load =
        reads * DYN_PARTITION_WRITE_UNITS + writes * DYN_PARTITION_READ_UNITS;
    int64_t full =
        (int64_t)DYN_PARTITION_READ_UNITS * DYN_PARTITION_WRITE_UNITS;
    return (size_t)((load + full - 1) / full);
}

size_t dyn_partitions_initial(const dyn_definition *definition)
{
    size_t wanted = dyn_partitions_wanted(&definition->throughput);
    return definition->billing == DYN_ON_DEMAND && wanted < ON_DEMAND_PARTITIONS
               ? ON_DEMAND_PARTITIONS
               : wanted;
}

dyn_status dyn_partitions_create(dyn_call *call, dyn_store *store, int64_t tree,
                                 size_t count)
{
    uint64_t width = UINT64_MAX / count + (count > 1 ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
        dyn_partition_row row = {
            .tree = tree, .low = i * width, .since_ms = dyn_clock_now_ms()};
        DYN_TRY(dyn_catalogue_partition_insert(call, store, &row));
    }
    return DYN_OK;
}

/* No file is large enough for more, and sums of such do not overflow. */
static bool is_counter(int64_t number, int64_t max)
{
    return number >= 0 && number <= max;
}

static bool holds(const dyn_partitions *map, size_t number)
{
    static const int64_t most = INT64_C(1) << 50;
    const dyn_partition_row *row = &map->all[number].stored;
    if (number == 0 ? row->low != 0
                    : row->low <= map->all[number - 1].stored.low) {
        return false;
    }
    if (!is_counter(row->items, most) || !is_counter(row->bytes, most) ||
        !is_counter(row->left_items, row->items) ||
        !is_counter(row->left_bytes, row->bytes) ||
        !is_counter(row->give_up_bytes, 2 * most) || row->minute < -most ||
        row->minute > most || row->since_ms < -most || row->since_ms > most ||
        (row->parent == 0) != (row->reason == DYN_PARTITION_CREATED)) {
        return false;
    }
    return !row->is_walked || (row->walked >= row->low &&
                               row->walked <= dyn_partitions_last(map, number));
}

dyn_status dyn_partitions_load(dyn_call *call, dyn_store *store,
                               dyn_partitions *map)
{
    dyn_partition_row *rows = NULL;
    size_t count = 0;
    DYN_TRY(dyn_catalogue_partitions(call, store, map->tree, &rows, &count));
    dyn_partition *all = sqlite3_malloc64((count + 1) * sizeof(dyn_partition));
    if (all == NULL) return dyn_fail_nomem(call);
    memset(all, 0, (count + 1) * sizeof(dyn_partition));
    for (size_t i = 0; i < count; i++) {
        all[i].stored = rows[i];
        all[i].pending.partition = rows[i].partition;
    }
    dyn_partitions_free(map);
    map->all = all;
    map->count = count;
    bool is_sound = count > 0;
    for (size_t i = 0; i < count && is_sound; i++)
        is_sound = holds(map, i);
    if (is_sound) return DYN_OK;
    dyn_partitions_free(map);
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: the partition map is not one");
}

void dyn_partitions_free(dyn_partitions *map)
{
    sqlite3_free(map->all);
    *map = (dyn_partitions){.tree = map->tree};
}

size_t dyn_partitions_find(const dyn_partitions *map, uint64_t hash)
{
    size_t low = 0;
    size_t high = map->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (map->all[middle].stored.low <= hash) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

uint64_t dyn_partitions_last(const dyn_partitions *map, size_t number)
{
    return number + 1 < map->count ? map->all[number + 1].stored.low - 1
                                   : UINT64_MAX;
}

void dyn_partitions_add(dyn_partitions *map, uint64_t hash, int64_t items,
                        int64_t bytes)
{
    if (items == 0 && bytes == 0) return;
    dyn_partition *partition = &map->all[dyn_partitions_find(map, hash)];
    partition->pending.items += items;
    partition->pending.bytes += bytes;
    if (partition->stored.is_walked && hash < partition->stored.walked) {
        partition->pending.left_items += items;
        partition->pending.left_bytes += bytes;
    }
    partition->has_pending = true;
    map->has_pending = true;
}

/* The stored row as it is once the pending changes are written. */
static void add_pending(dyn_partition *partition)
{
    partition->stored.items += partition->pending.items;
    partition->stored.bytes += partition->pending.bytes;
    partition->stored.left_items += partition->pending.left_items;
    partition->stored.left_bytes += partition->pending.left_bytes;
    if (!partition->pending.is_charged) return;
    partition->stored.minute = partition->pending.minute;
    partition->stored.uses = partition->pending.uses;
}

static void clear_pending(dyn_partition *partition)
{
    partition->pending =
        (dyn_partition_row){.partition = partition->stored.partition};
    partition->has_pending = false;
}

void dyn_partitions_discard(dyn_partitions *map)
{
    for (size_t i = 0; i < map->count; i++)
        clear_pending(&map->all[i]);
    map->has_pending = false;
}

/* ----------------------------------------------------------------- units -- */

bool dyn_partition_minute(const dyn_partition *partition, dyn_minute *out)
{
    const dyn_partition_row *row = partition->pending.is_charged
                                       ? &partition->pending
                                       : &partition->stored;
    out->minute = row->minute;
    out->uses = row->uses;
    return !dyn_uses_is_empty(&out->uses);
}

static dyn_status add_load(dyn_call *call, dyn_store *store, int64_t partition,
                           const dyn_minute *charged)
{
    dyn_uses_sum sum = dyn_uses_sum_of(&charged->uses);
    const dyn_load_row row = {charged->minute, partition, sum.read_halves,
                              sum.write_units, sum.throttled};
    return dyn_catalogue_load_add(call, store, &row);
}

dyn_status dyn_partition_put_aside(dyn_call *call, dyn_store *store,
                                   int64_t partition, const dyn_minute *charged)
{
    const dyn_uses *uses = &charged->uses;
    for (int i = 0; i < DYN_USE_COUNT; i++) {
        bool is_read = dyn_use_is_read((dyn_use)i);
        const dyn_usage_row row = {
            .minute = charged->minute,
            .name = charged->name,
            .use = (dyn_use)i,
            .read_halves = is_read ? uses->units[i] : 0,
            .write_units = is_read ? 0 : uses->units[i],
            .throttled = uses->throttled[i],
        };
        if (uses->units[i] == 0 && uses->throttled[i] == 0) continue;
        DYN_TRY(dyn_catalogue_usage_add(call, store, &row));
    }
    return partition == 0 ? DYN_OK : add_load(call, store, partition, charged);
}

dyn_status dyn_partitions_charge(dyn_call *call, dyn_store *store,
                                 dyn_partitions *map, uint64_t hash,
                                 const dyn_minute *charged, bool *has_moved)
{
    dyn_partition *partition = &map->all[dyn_partitions_find(map, hash)];
    dyn_partition_row *pending = &partition->pending;
    dyn_minute held = {.name = charged->name};
    bool has_units = dyn_partition_minute(partition, &held);
    if (has_units && charged->minute < held.minute) {
        return dyn_partition_put_aside(call, store, pending->partition,
                                       charged);
    }
    if (has_units && charged->minute > held.minute) {
        DYN_TRY(
            dyn_partition_put_aside(call, store, pending->partition, &held));
        memset(&held.uses, 0, sizeof(held.uses));
        *has_moved = true;
    }
    dyn_uses_add(&held.uses, &charged->uses);
    pending->is_charged = true;
    pending->minute = charged->minute;
    pending->uses = held.uses;
    partition->has_pending = true;
    map->has_pending = true;
    return DYN_OK;
}

dyn_status dyn_partitions_settle(dyn_call *call, dyn_store *store,
                                 const dyn_partitions *map, dyn_bytes name)
{
    for (size_t i = 0; i < map->count; i++) {
        dyn_minute held = {.name = name};
        if (!dyn_partition_minute(&map->all[i], &held)) continue;
        DYN_TRY(dyn_partition_put_aside(call, store, 0, &held));
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- writing -- */

dyn_status dyn_partitions_flush(dyn_call *call, dyn_store *store,
                                dyn_partitions *map)
{
    for (size_t i = 0; map->has_pending && i < map->count; i++) {
        dyn_partition *partition = &map->all[i];
        if (!partition->has_pending) continue;
        DYN_TRY(dyn_catalogue_partition_add(call, store, &partition->pending));
        add_pending(partition);
        clear_pending(partition);
    }
    map->has_pending = false;
    return DYN_OK;
}
