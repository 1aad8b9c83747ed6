/*
 * The catalogue of a store: what is known about its trees of rows and about the
 * table, in shadow tables with few rows: partitions, indexes, usage, meta.
 *
 * Functions fail as store.h says. What they give is in the memory of call.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_CATALOGUE_H
#define DYN_ENGINE_CATALOGUE_H

#include "engine/store.h"

/* ----------------------------------------------------------- partitions -- */

/* A line of the partition map; a hash is 8 bytes, the most significant first.
 * high is where the next one begins. */
typedef struct dyn_partition_row {
    int64_t partition;
    int64_t tree;
    uint64_t low;
    int64_t items;
    int64_t bytes;
    bool is_walked; /* a split is prepared: what lies in low .. walked - 1 has
                     * been counted into left_ */
    uint64_t walked;
    int64_t left_items;
    int64_t left_bytes;
    int64_t give_up_bytes;
    bool is_charged; /* of a difference: it has units, and they are of minute */
    int64_t minute;  /* of the last units that were charged here */
    int64_t read_halves;
    int64_t write_units;
} dyn_partition_row;

/* Those of a tree, in the order of low. */
dyn_status dyn_catalogue_partitions(dyn_call *call, dyn_store *store,
                                    int64_t tree, dyn_partition_row **rows,
                                    size_t *count);
dyn_status dyn_catalogue_partition_insert(dyn_call *call, dyn_store *store,
                                          const dyn_partition_row *row);

/* Add to the counters and units of a partition; all but partition, tree, low,
 * walked, give_up_bytes and minute are differences. */
dyn_status dyn_catalogue_partition_add(dyn_call *call, dyn_store *store,
                                       const dyn_partition_row *difference);

/* Write all but partition, tree, low and units. */
dyn_status dyn_catalogue_partition_set(dyn_call *call, dyn_store *store,
                                       const dyn_partition_row *row);

/* Remove all of a tree. */
dyn_status dyn_catalogue_partitions_delete(dyn_call *call, dyn_store *store,
                                           int64_t tree);

/* -------------------------------------------------------------- indexes -- */

/* An index: its tree is in 1 .. DYN_TREE_MAX. */
typedef struct dyn_index_row {
    int64_t tree;
    const char *declaration;
    bool is_filling; /* only items whose key is less than position are in it */
    dyn_bytes position;
    int64_t skipped;
} dyn_index_row;

/* In the order of tree. */
dyn_status dyn_catalogue_indexes(dyn_call *call, dyn_store *store,
                                 dyn_index_row **rows, size_t *count);

/* Add an index with an empty tree; remove one with its tree. */
dyn_status dyn_catalogue_index_insert(dyn_call *call, dyn_store *store,
                                      const dyn_index_row *row);
dyn_status dyn_catalogue_index_delete(dyn_call *call, dyn_store *store,
                                      int64_t tree);

/* Write position and skipped. */
dyn_status dyn_catalogue_index_set(dyn_call *call, dyn_store *store,
                                   const dyn_index_row *row);

/* Write its declaration. */
dyn_status dyn_catalogue_index_declare(dyn_call *call, dyn_store *store,
                                       int64_t tree, const char *declaration);

/* Empty the tree of an index, and remove what belongs to no tree of an index
 * any more. */
dyn_status dyn_catalogue_index_clear(dyn_call *call, dyn_store *store,
                                     int64_t tree);

/* ---------------------------------------------------------------- usage -- */

typedef struct dyn_usage_row {
    int64_t minute; /* since 1970 */
    dyn_bytes name; /* of an index; empty: the table itself */
    int64_t read_halves;
    int64_t write_units;
} dyn_usage_row;

/* Those of that minute and later ones. */
dyn_status dyn_catalogue_usage(dyn_call *call, dyn_store *store, int64_t minute,
                               dyn_usage_row **rows, size_t *count);
dyn_status dyn_catalogue_usage_add(dyn_call *call, dyn_store *store,
                                   const dyn_usage_row *row);

/* Remove what is older than minute. */
dyn_status dyn_catalogue_usage_prune(dyn_call *call, dyn_store *store,
                                     int64_t minute);

/* ----------------------------------------------------------------- meta -- */

typedef struct dyn_meta_row {
    dyn_bytes name;
    dyn_bytes text;
} dyn_meta_row;

/* A named text or number of the table; an absent one is 0 and empty. */
dyn_status dyn_catalogue_meta(dyn_call *call, dyn_store *store,
                              const char *name, bool *found, dyn_bytes *text,
                              int64_t *number);
dyn_status dyn_catalogue_meta_set_text(dyn_call *call, dyn_store *store,
                                       const char *name, const char *text);
dyn_status dyn_catalogue_meta_set_number(dyn_call *call, dyn_store *store,
                                         const char *name, int64_t number);
dyn_status dyn_catalogue_meta_delete(dyn_call *call, dyn_store *store,
                                     const char *name);

/* Those whose name begins with the word prefix and a blank, in the order of
 * what stands behind that, which is their name here. */
dyn_status dyn_catalogue_meta_list(dyn_call *call, dyn_store *store,
                                   const char *prefix, dyn_meta_row **rows,
                                   size_t *count);

/* Remove those of them whose text begins with a number less than least. */
dyn_status dyn_catalogue_meta_prune(dyn_call *call, dyn_store *store,
                                    const char *prefix, int64_t least);

#endif
