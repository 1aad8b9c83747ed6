/*
 * DeleteItem: remove the item with a key, if there is one.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_DELETE_ITEM_H
#define DYN_OPS_DELETE_ITEM_H

#include "engine/table.h"

/* Remove the item under a stored key. Removing nothing is no failure and costs
 * the minimum (SEMANTICS 3). Fails as the store does. */
dyn_status dyn_delete_item(dyn_call *call, dyn_table *table, dyn_bytes key);

#endif
