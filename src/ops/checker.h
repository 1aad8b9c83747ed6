/*
 * What a check of a table finds and counts: the report of problems, and the
 * tallies that counters of partitions are compared with.
 *
 * Layer: ops, for the files of the check.
 */
#ifndef DYN_OPS_CHECKER_H
#define DYN_OPS_CHECKER_H

#include "engine/table.h"

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
    int64_t expiries;          /* rows that the tree of those should have */
    bool is_expiry_damaged;    /* it cannot be read */
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

/* Check page after page, until one says that it is the last. Each has memory of
 * its own, so that the check of a large table does not grow. Damage is
 * reported, and ends it. Fails as a page does, but not with DYN_CORRUPT. */
typedef dyn_status dyn_check_page(dyn_checker *c, dyn_call *call,
                                  void *position, bool *is_end);
dyn_status dyn_check_pages(dyn_checker *c, dyn_check_page *page,
                           void *position);

/* Compare the counters of a map with what was counted. of begins the text. */
void dyn_check_counters(dyn_checker *c, const char *of,
                        const dyn_partitions *map, const dyn_tally *tallies);

#endif
