/*
 * What all writes share, and the one point where a change of an item is known:
 * who makes it, what was there and what will be. From the change follow the
 * index entries, the time of expiry, the bill, the rows, the record of the log
 * and the counters of partitions.
 *
 * Writers of a file come one after the other, so the order in which changes
 * pass here is the order of commits.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_WRITE_H
#define DYN_OPS_WRITE_H

#include "engine/bill.h"
#include "engine/rows.h"
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

/* A change of the item under a key. */
typedef struct dyn_item_change {
    dyn_actor actor;
    bool is_free; /* it consumes nothing */
    dyn_use use;
    dyn_bytes key;            /* stored form */
    const dyn_before *before; /* what is there now */
    const dyn_map *after;     /* NULL: the item is removed */
    size_t after_bytes;       /* DynamoDB's size; 0 without an item */
    dyn_rate rate;
    const dyn_lookup *lookup; /* of the same statement, which found the item; it
                               * is part of the write. NULL: none */
} dyn_item_change;

/* Check the condition of a change, unless it is NULL, against the item before.
 * Fails with DYN_CONDITION_FAILED and `The conditional request failed`, and
 * then charges the write that it would have been; as dyn_bill_admit(). */
dyn_status dyn_write_condition(dyn_call *call, dyn_table *table,
                               const dyn_item_change *change,
                               const dyn_condition *condition);

/* Charge the write of the item alone, which is not made. Fails as
 * dyn_bill_admit(). */
dyn_status dyn_write_charge(dyn_call *call, dyn_table *table,
                            const dyn_item_change *change);

/* Check that an item has no key attribute of an index in another type, as
 * dyn_write_item() does: for what comes before that. Fails with DYN_INVALID. */
dyn_status dyn_write_check_types(dyn_call *call, const dyn_table *table,
                                 const dyn_map *item);

/*
 * Make a change, and charge it.
 *
 * Fails with DYN_INVALID when an index cannot hold the item, DYN_TOO_LARGE when
 * the item and its entries in local indexes are too large together, as
 * dyn_bill_admit(), and as the store does; error.torn tells whether something
 * is written.
 */
dyn_status dyn_write_item(dyn_call *call, dyn_table *table,
                          const dyn_item_change *change);

/* The same where there must be no item, which has not been looked at: before is
 * NULL. Charges the write, also the one that fails with DYN_EXISTS. */
dyn_status dyn_write_new_item(dyn_call *call, dyn_table *table,
                              const dyn_item_change *change);

#endif
