/*
 * What the files of the check share.
 *
 * Layer: ops, private to it.
 */
#ifndef DYN_OPS_CHECK_INTERNAL_H
#define DYN_OPS_CHECK_INTERNAL_H

#include "ops/check.h"

enum { DYN_CHECK_PROBLEMS_MAX = 100 };

/* What the walk over the items has counted for a partition. */
typedef struct dyn_tally {
    int64_t items;
    int64_t bytes;
    int64_t left_items;
    int64_t left_bytes;
} dyn_tally;

typedef struct dyn_checker {
    dyn_call *call;
    dyn_table *table;
    dyn_buffer report;
    int problems;
    dyn_tally *tallies;        /* of each partition */
    dyn_tally **index_tallies; /* of each index, of each partition */
    int64_t *entries;          /* that each index should have */
    bool *is_damaged;          /* of each index: its tree cannot be read */
    int64_t items;             /* rows that the walk came across */
    int64_t large;
    int64_t leaves; /* of all trees */
} dyn_checker;

/* Add a problem to the report; one of what is stored under a key. */
void dyn_check_add(dyn_checker *c, const char *text);
void dyn_check_add_key(dyn_checker *c, const char *what, dyn_bytes key,
                       const char *problem);

/* Count what is stored under a key. */
void dyn_check_count(const dyn_partitions *map, dyn_tally *tallies,
                     dyn_bytes key, size_t size_bytes);

/* Compare the counters of a map with what was counted. of begins the text. */
void dyn_check_counters(dyn_checker *c, const char *of,
                        const dyn_partitions *map, const dyn_tally *tallies);

/* Compare the entries that an item should have with those that are there, in
 * the memory of call. Fail as dyn_check_table() does. */
dyn_status dyn_check_begin_indexes(dyn_checker *c);
dyn_status dyn_check_entries_of(dyn_checker *c, dyn_call *call, dyn_bytes key,
                                const dyn_map *item);

/* Once all items are compared: the counters of the indexes, and entries that
 * belong to no item. */
dyn_status dyn_check_indexes(dyn_checker *c);

#endif
