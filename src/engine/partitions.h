/*
 * The partition map of a table or an index: ranges of hashes and what they hold
 * (docs/semantics.md 6). A split changes the map and moves no items.
 *
 * Changes of counters are collected in memory, and written by
 * dyn_partitions_flush().
 *
 * What was charged in a partition's latest minute lies beside its counters, so
 * that a commit writes one row for both. It moves to _usage and _loads when
 * something of a later minute comes.
 *
 * Invariants, checked whenever the map is loaded:
 *   1. the first partition begins at hash 0, and no two begin alike
 *   2. no counter, no units are negative or above 2^50
 *   3. walked lies in its partition; left_ counters are not above the others
 *   4. a partition has a parent unless it was created
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_PARTITIONS_H
#define DYN_ENGINE_PARTITIONS_H

#include "engine/catalogue.h"
#include "engine/definition.h"

enum { DYN_LOAD_MINUTES_KEPT = 180 }; /* in _loads */

typedef struct dyn_partition {
    dyn_partition_row stored;
    dyn_partition_row pending; /* differences not yet written */
    bool has_pending;
} dyn_partition;

typedef struct dyn_partitions {
    int64_t tree;       /* of the store */
    dyn_partition *all; /* in the order of low; owned */
    size_t count;
    bool has_pending;
} dyn_partitions;

/* How many partitions serve so many provisioned units. */
size_t dyn_partitions_wanted(const dyn_throughput *units);

/* How many partitions a new table has (docs/semantics.md 6). */
size_t dyn_partitions_initial(const dyn_definition *definition);

/* Write the map of a new tree, of now. */
dyn_status dyn_partitions_create(dyn_call *call, dyn_store *store, int64_t tree,
                                 size_t count);

/* Read the stored map of map->tree in place of what map holds. Fails with
 * DYN_CORRUPT when an invariant does not hold. */
dyn_status dyn_partitions_load(dyn_call *call, dyn_store *store,
                               dyn_partitions *map);

/* Add up what all partitions hold. */
static inline void dyn_partitions_sum(const dyn_partitions *map, int64_t *items,
                                      int64_t *bytes)
{
    *items = 0;
    *bytes = 0;
    for (size_t i = 0; i < map->count; i++) {
        const dyn_partition *p = &map->all[i];
        *items += p->stored.items + p->pending.items;
        *bytes += p->stored.bytes + p->pending.bytes;
    }
}

void dyn_partitions_free(dyn_partitions *map);

/* The number in map.all of the partition of a hash. */
size_t dyn_partitions_find(const dyn_partitions *map, uint64_t hash);

/* The last hash of a partition. */
uint64_t dyn_partitions_last(const dyn_partitions *map, size_t number);

/* Count a change of items and bytes at a hash. */
void dyn_partitions_add(dyn_partitions *map, uint64_t hash, int64_t items,
                        int64_t bytes);

/* What was charged in a minute. */
typedef struct dyn_minute {
    dyn_bytes name; /* in _usage */
    int64_t minute; /* since 1970 */
    dyn_uses uses;
} dyn_minute;

/* Charge the partition of a hash. What it has of an earlier minute moves to
 * _usage and _loads, and *has_moved is set. Nothing else of map may be stale.
 * Fails as a write does. */
dyn_status dyn_partitions_charge(dyn_call *call, dyn_store *store,
                                 dyn_partitions *map, uint64_t hash,
                                 const dyn_minute *charged, bool *has_moved);

/* Write what was charged in a minute to _usage, and to _loads as that of a
 * partition; 0: of several. Fails as a write does. */
dyn_status dyn_partition_put_aside(dyn_call *call, dyn_store *store,
                                   int64_t partition,
                                   const dyn_minute *charged);

/* What a partition has of its latest minute; false when that is nothing. */
bool dyn_partition_minute(const dyn_partition *partition, dyn_minute *out);

/* Write what a flushed map has to _usage, before it is removed. */
dyn_status dyn_partitions_settle(dyn_call *call, dyn_store *store,
                                 const dyn_partitions *map, dyn_bytes name);

/* Forget the changes since the last flush: the transaction they belong to is
 * rolled back. */
void dyn_partitions_discard(dyn_partitions *map);

/* Write the changes. What the map holds is then what is stored, unless the
 * transaction is rolled back. Fails as a write does. */
dyn_status dyn_partitions_flush(dyn_call *call, dyn_store *store,
                                dyn_partitions *map);

/* Whether a partition holds more than partition_bytes, and can be split. */
bool dyn_partitions_is_full(const dyn_partition *partition,
                            int64_t partition_bytes);

/* Take a step of up to rows_max rows of splitting each partition of a flushed
 * map that is full, until one fails, and add to *steps how many those are. The
 * map is then what is stored, also when it fails. Sets *has_split when the map
 * became another. Fails as a write does. */
dyn_status dyn_partitions_split(dyn_call *call, dyn_store *store,
                                dyn_partitions *map, int64_t partition_bytes,
                                size_t rows_max, int64_t *steps,
                                bool *has_split);

#endif
