/*
 * UpdateItem: change attributes of an item.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_UPDATE_ITEM_H
#define DYN_OPS_UPDATE_ITEM_H

#include "engine/table.h"

/* Set an attribute, or remove it when value is NULL. */
typedef struct dyn_change {
    dyn_bytes name;
    const dyn_value *value;
} dyn_change;

typedef struct dyn_update_request {
    dyn_bytes key;             /* stored form */
    const dyn_map *base;       /* start from this item, not from the stored one;
                                * a key it lacks is the stored one. Or NULL */
    const dyn_change *changes; /* each name once */
    size_t change_count;
} dyn_update_request;

/*
 * Change one item. *found tells whether it was there; if not, nothing happens.
 *
 * Fails with DYN_INVALID when the result breaks a rule or has another key,
 * DYN_TOO_LARGE, and as the store does. A failed update changes nothing,
 * unless error.torn says so.
 */
dyn_status dyn_update_item(dyn_call *call, dyn_table *table,
                           const dyn_update_request *request, bool *found);

#endif
