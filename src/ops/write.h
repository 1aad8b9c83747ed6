/*
 * The end that all writes share: the shadow rows of one item and its entries in
 * indexes, the counters of their partitions, and the units (SEMANTICS 3).
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_WRITE_H
#define DYN_OPS_WRITE_H

#include "engine/table.h"
#include "expr/condition.h"
#include "item/codec.h"

/* The item under a key before a write. */
typedef struct dyn_before {
    bool found;
    dyn_row row;
    dyn_view view; /* size_bytes is 0 when there is none */
} dyn_before;

/* Read the item under a key. */
dyn_status dyn_write_read(dyn_call *call, dyn_table *table, dyn_bytes key,
                          dyn_before *out);

/* How often what a write costs the table is charged; indexes are always charged
 * once (SEMANTICS 3). */
typedef enum dyn_rate {
    DYN_RATE_SINGLE = 1,
    DYN_RATE_TRANSACTION = 2
} dyn_rate;

static inline dyn_rate dyn_rate_of(bool is_transactional)
{
    return is_transactional ? DYN_RATE_TRANSACTION : DYN_RATE_SINGLE;
}

/* Check the condition of a write, unless it is NULL, against the item before.
 * Fails with DYN_CONDITION_FAILED and `The conditional request failed`, and
 * then charges the write that it would have been, of an item of size_bytes. */
dyn_status dyn_write_condition(dyn_call *call, dyn_table *table, dyn_rate rate,
                               const dyn_before *before,
                               const dyn_condition *condition,
                               size_t size_bytes);

/* Check that an item has no key attribute of an index in another type, as
 * dyn_write_item() does: for what comes before that. Fails with DYN_INVALID. */
dyn_status dyn_write_check_types(dyn_call *call, const dyn_table *table,
                                 const dyn_map *item);

/* Put an item of size_bytes under key, in place of what was there before; or,
 * when item is NULL, remove that. Charges the write.
 * Fails with DYN_INVALID when an index cannot hold the item, DYN_TOO_LARGE when
 * the item and its entries in local indexes are too large together, and as the
 * store does; error.torn tells whether something is written. */
dyn_status dyn_write_item(dyn_call *call, dyn_table *table, dyn_rate rate,
                          dyn_bytes key, const dyn_before *before,
                          const dyn_map *item, size_t size_bytes);

/* Put an item where there must be none. Charges the write, also that which
 * fails with DYN_EXISTS. */
dyn_status dyn_write_new_item(dyn_call *call, dyn_table *table, dyn_rate rate,
                              dyn_bytes key, const dyn_map *item,
                              size_t size_bytes);

#endif
