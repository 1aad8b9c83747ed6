/*
 * The check of the indexes of a table.
 *
 * Layer: ops, for the check of the table.
 */
#ifndef DYN_OPS_CHECK_INDEX_H
#define DYN_OPS_CHECK_INDEX_H

#include "ops/checker.h"

/* Compare the entries that an item should have with those that are there, in
 * the memory of call. Fail as dyn_check_table() does. */
dyn_status dyn_check_begin_indexes(dyn_checker *c);
dyn_status dyn_check_entries_of(dyn_checker *c, dyn_call *call, dyn_bytes key,
                                const dyn_map *item);

/* Once all items are compared: the counters of the indexes, and entries that
 * belong to no item. */
dyn_status dyn_check_indexes(dyn_checker *c);

#endif
