/*
 * ConditionCheck: a condition on an item, within a transaction.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_CHECK_ITEM_H
#define DYN_OPS_CHECK_ITEM_H

#include "ops/write.h"

/* Check a condition against the item under a key, which is charged like a write
 * of it in a transaction (docs/semantics.md 3). *before is that item.
 * Fails with DYN_CONDITION_FAILED, and as the store does. */
dyn_status dyn_check_item(dyn_call *call, dyn_table *table, dyn_bytes key,
                          const dyn_condition *condition, dyn_before *before);

#endif
