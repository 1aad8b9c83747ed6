/*
 * What a query asks of keys, as a range of stored keys.
 *
 * Layer: ops. Knows nothing of tables.
 */
#ifndef DYN_OPS_QUERY_RANGE_H
#define DYN_OPS_QUERY_RANGE_H

#include "item/value.h"

/* One end of a range of sort keys. */
typedef struct dyn_bound {
    const dyn_value *value; /* NULL: there is none */
    bool is_inclusive;
} dyn_bound;

/* What a query asks of the keys of a table or an index: all partition keys by
 * equality, sort keys by equality from the left, and then a range or prefix of
 * the next one. Values are of the types of their attributes. */
typedef struct dyn_key_condition {
    const dyn_value *partition[DYN_KEY_ATTRIBUTES_MAX];
    size_t partition_count;
    const dyn_value *sort[DYN_KEY_ATTRIBUTES_MAX];
    size_t sort_count;
    dyn_bound lower; /* of the sort key behind those in sort */
    dyn_bound upper;
    const dyn_bytes *prefix; /* what it begins with, or NULL */
} dyn_key_condition;

/* The range of stored keys that a condition means, in the memory of call:
 * at least *low and less than *high; empty when *low is not less. With all
 * keys of a table by equality, *low is the key of the item.
 * Fails with DYN_NOMEM. */
dyn_status dyn_query_range(dyn_call *call, const dyn_key_condition *condition,
                           dyn_bytes *low, dyn_bytes *high);

/* The range of segment number out of count segments of a scan. */
dyn_status dyn_query_segment(dyn_call *call, uint64_t number, uint64_t count,
                             dyn_bytes *low, dyn_bytes *high);

#endif
