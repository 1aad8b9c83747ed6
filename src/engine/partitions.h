/*
 * The partition map of a table or an index: ranges of hashes and what they hold
 * (SEMANTICS 6). A split changes the map and moves no items.
 *
 * Changes of counters are collected in memory and written by
 * dyn_partitions_flush(), which also prepares splits, a bounded step at a time:
 * it walks a partition that has grown too large from its low end until half of
 * its bytes lie behind, and cuts it there.
 *
 * The units of the minute lie beside the counters, so that a commit writes one
 * page for both. Which partition of a tree has them says nothing; they move to
 * _usage when those of a later minute come.
 *
 * Invariants, checked whenever the map is loaded:
 *   1. the first partition begins at hash 0, and no two begin alike
 *   2. no counter, no units are negative or above 2^50
 *   3. walked lies in its partition; left_ counters are not above the others
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_PARTITIONS_H
#define DYN_ENGINE_PARTITIONS_H

#include "engine/definition.h"
#include "engine/store.h"

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

/* How many partitions a new table has (SEMANTICS 6). */
size_t dyn_partitions_initial(const dyn_definition *definition);

/* Write the map of a new tree. */
dyn_status dyn_partitions_create(dyn_call *call, dyn_store *store, int64_t tree,
                                 size_t count);

/* Read the stored map of map->tree in place of what map holds. Fails with
 * DYN_CORRUPT when an invariant does not hold. */
dyn_status dyn_partitions_load(dyn_call *call, dyn_store *store,
                               dyn_partitions *map);

/* Add up what all partitions hold. */
void dyn_partitions_sum(const dyn_partitions *map, int64_t *items,
                        int64_t *bytes);
void dyn_partitions_free(dyn_partitions *map);

/* The number in map.all of the partition of a hash. */
size_t dyn_partitions_find(const dyn_partitions *map, uint64_t hash);

/* The last hash of a partition. */
uint64_t dyn_partitions_last(const dyn_partitions *map, size_t number);

/* Whether a partition is to be split, or its split is being prepared. */
bool dyn_partitions_is_full(const dyn_partition *partition,
                            int64_t partition_bytes);

/* Count a change of items and bytes at a hash. */
void dyn_partitions_add(dyn_partitions *map, uint64_t hash, int64_t items,
                        int64_t bytes);

/* Charge units, of a name in _usage, to a tree: those of an earlier minute move
 * there, and *has_moved is set. Nothing else of map may be stale. Fails as a
 * write does. */
dyn_status dyn_partitions_charge(dyn_call *call, dyn_store *store,
                                 dyn_partitions *map,
                                 const dyn_usage_row *units, bool *has_moved);

/* The units that a partition has; false when there are none. */
bool dyn_partition_units(const dyn_partition *partition, dyn_usage_row *units);

/* Write what units a flushed map has to _usage, before it is removed. */
dyn_status dyn_partitions_settle(dyn_call *call, dyn_store *store,
                                 const dyn_partitions *map, dyn_bytes name);

/* Forget the changes since the last flush: the transaction they belong to is
 * rolled back. */
void dyn_partitions_discard(dyn_partitions *map);

/* Write the changes, and take a step of splitting what holds more than
 * partition_bytes. *has_split tells whether the map became another. What the
 * map holds is then what is stored, unless the transaction is rolled back. */
dyn_status dyn_partitions_flush(dyn_call *call, dyn_store *store,
                                dyn_partitions *map, int64_t partition_bytes,
                                bool *has_split);

#endif
