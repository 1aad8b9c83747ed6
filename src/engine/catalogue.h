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
#include "engine/uses.h"

/* ----------------------------------------------------------- partitions -- */

/* Why there is a partition: it was created with its tree, or it was the upper
 * part of another one. The numbers are stored. */
typedef enum dyn_partition_reason {
    DYN_PARTITION_CREATED,
    DYN_PARTITION_SIZE,        /* that held too much */
    DYN_PARTITION_HEAT,        /* was hot */
    DYN_PARTITION_PROVISIONED, /* or served too few units */
    DYN_PARTITION_REASONS
} dyn_partition_reason;

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
    bool is_charged; /* of a difference: minute and uses are to be written */
    int64_t minute;  /* the latest in which something was charged here */
    dyn_uses uses;   /* and that */
    int64_t parent;  /* the number of that other one; 0: none */
    dyn_partition_reason reason;
    int64_t since_ms; /* since 1970 */
} dyn_partition_row;

/* Those of a tree, in the order of low. */
dyn_status dyn_catalogue_partitions(dyn_call *call, dyn_store *store,
                                    int64_t tree, dyn_partition_row **rows,
                                    size_t *count);
dyn_status dyn_catalogue_partition_insert(dyn_call *call, dyn_store *store,
                                          const dyn_partition_row *row);

/* Add to items, bytes and left_ of a partition, and write its minute and
 * uses. */
dyn_status dyn_catalogue_partition_add(dyn_call *call, dyn_store *store,
                                       const dyn_partition_row *difference);

/* Write items, bytes, walked, left_ and give_up_bytes. */
dyn_status dyn_catalogue_partition_set(dyn_call *call, dyn_store *store,
                                       const dyn_partition_row *row);

/* What a tree may still consume (account.h), kept with its first partition: a
 * commit is likely to write that row anyway, or one near to it. The text is in
 * the memory of call, empty where there is none. */
dyn_status dyn_catalogue_gates(dyn_call *call, dyn_store *store, int64_t tree,
                               const char **text);
dyn_status dyn_catalogue_gates_set(dyn_call *call, dyn_store *store,
                                   int64_t tree, const char *text);

/* Remove all of a tree, with their loads. */
dyn_status dyn_catalogue_partitions_delete(dyn_call *call, dyn_store *store,
                                           int64_t tree);

/* --------------------------------------------------------------- shards -- */

/* A shard of a stream: the changes of items whose hashes are from low to high,
 * in a part of the log. */
typedef struct dyn_shard {
    int64_t shard;
    int64_t stream; /* its label, in ms since 1970 */
    uint64_t low;
    uint64_t high;  /* the last one */
    int64_t parent; /* the shard that it is a part of; 0: none */
    int64_t first;  /* a sequence (log.h) */
    bool is_open;   /* more comes */
    int64_t last;   /* else the last sequence; less than first: it is empty */
} dyn_shard;

/* In the order in which they were opened. */
dyn_status dyn_catalogue_shards(dyn_call *call, dyn_store *store,
                                dyn_shard **shards, size_t *count);

/* One of them, by its number; *found: it is there. */
dyn_status dyn_catalogue_shard(dyn_call *call, dyn_store *store, int64_t number,
                               dyn_shard *out, bool *found);

/* Open a shard with a number of its own; close one; remove those that end
 * before a sequence. */
dyn_status dyn_catalogue_shard_open(dyn_call *call, dyn_store *store,
                                    const dyn_shard *shard);
dyn_status dyn_catalogue_shard_close(dyn_call *call, dyn_store *store,
                                     int64_t shard, int64_t last);
dyn_status dyn_catalogue_shards_prune(dyn_call *call, dyn_store *store,
                                      int64_t first);

/* -------------------------------------------------------------- indexes -- */

/* An index: its tree is in 1 .. DYN_TREE_MAX. The tree of the times of expiry
 * has a line of the same form. */
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
    dyn_use use;
    int64_t read_halves;
    int64_t write_units;
    int64_t throttled; /* requests */
} dyn_usage_row;

/* Those of that minute and later ones. */
dyn_status dyn_catalogue_usage(dyn_call *call, dyn_store *store, int64_t minute,
                               dyn_usage_row **rows, size_t *count);
dyn_status dyn_catalogue_usage_add(dyn_call *call, dyn_store *store,
                                   const dyn_usage_row *row);

/* Remove up to rows_max lines that are older than minute. */
dyn_status dyn_catalogue_usage_prune(dyn_call *call, dyn_store *store,
                                     int64_t minute, int64_t rows_max);

/* What a partition had in a minute. */
typedef struct dyn_load_row {
    int64_t minute; /* since 1970 */
    int64_t partition;
    int64_t read_halves;
    int64_t write_units;
    int64_t throttled; /* requests */
} dyn_load_row;

/* Those of a minute or later, in their order. */
dyn_status dyn_catalogue_loads(dyn_call *call, dyn_store *store,
                               int64_t first_minute, dyn_load_row **rows,
                               size_t *count);
dyn_status dyn_catalogue_load_add(dyn_call *call, dyn_store *store,
                                  const dyn_load_row *row);

/* Remove up to rows_max lines that are older than minute. */
dyn_status dyn_catalogue_loads_prune(dyn_call *call, dyn_store *store,
                                     int64_t minute, int64_t rows_max);

/* What is provisioned from a minute on. */
typedef struct dyn_provisioned_row {
    int64_t minute; /* since 1970 */
    dyn_bytes name; /* of an index; empty: the table itself */
    bool is_on_demand;
    int64_t read_units; /* a second; 0 on demand */
    int64_t write_units;
} dyn_provisioned_row;

/* In the order of name and minute. */
dyn_status dyn_catalogue_provisioned(dyn_call *call, dyn_store *store,
                                     dyn_provisioned_row **rows, size_t *count);

/* Write a line, in place of those of the same name and that minute or a later
 * one, which there are when the clock was set back. */
dyn_status dyn_catalogue_provisioned_put(dyn_call *call, dyn_store *store,
                                         const dyn_provisioned_row *row);

/* Remove lines that say nothing of a minute or a later one. */
dyn_status dyn_catalogue_provisioned_prune(dyn_call *call, dyn_store *store,
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

/* The same of bytes, a BLOB; *found is false also for what is none. */
dyn_status dyn_catalogue_meta_bytes(dyn_call *call, dyn_store *store,
                                    const char *name, bool *found,
                                    dyn_bytes *out);
dyn_status dyn_catalogue_meta_set_bytes(dyn_call *call, dyn_store *store,
                                        const char *name, dyn_bytes bytes);

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
