/*
 * The end that all writes share: the shadow rows of one item, the counters of
 * its partition, and the units (SEMANTICS 3).
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_WRITE_H
#define DYN_OPS_WRITE_H

#include "engine/table.h"
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

/* Put an item of size_bytes under key, in place of what was there before; or,
 * when item is NULL, remove that. Charges the write.
 * Fails as the store does; error.torn tells whether something is written. */
dyn_status dyn_write_item(dyn_call *call, dyn_table *table, dyn_bytes key,
                          const dyn_before *before, const dyn_map *item,
                          size_t size_bytes);

/* Put an item where there must be none. Charges the write, also that which
 * fails with DYN_EXISTS. */
dyn_status dyn_write_new_item(dyn_call *call, dyn_table *table, dyn_bytes key,
                              const dyn_map *item, size_t size_bytes);

#endif
