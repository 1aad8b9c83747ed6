/*
 * DeleteItem: remove the item with a key, if there is one.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_DELETE_ITEM_H
#define DYN_OPS_DELETE_ITEM_H

#include "ops/write.h"

typedef struct dyn_delete_request {
    dyn_bytes key;                  /* stored form */
    bool is_transactional;          /* charged double */
    bool is_free;                   /* an import: charged nothing */
    const dyn_condition *condition; /* on the item before; NULL: none */
    const dyn_lookup *lookup;       /* of the same statement; NULL: none */
} dyn_delete_request;

/* Remove one item; *before is what was there, also when the condition has
 * failed. Removing nothing is no failure and costs the minimum
 * (docs/semantics.md 3). Fails with DYN_CONDITION_FAILED, and as the store
 * does. */
dyn_status dyn_delete_item(dyn_call *call, dyn_table *table,
                           const dyn_delete_request *request,
                           dyn_before *before);

#endif
