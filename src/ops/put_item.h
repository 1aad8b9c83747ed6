/*
 * PutItem: create an item, or replace the one with the same key.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_PUT_ITEM_H
#define DYN_OPS_PUT_ITEM_H

#include "ops/write.h"

typedef struct dyn_put_request {
    const dyn_map *item;
    bool only_if_absent;            /* an INSERT: fail when the key is there */
    bool is_transactional;          /* charged double */
    bool is_free;                   /* an import: charged nothing */
    const dyn_condition *condition; /* on the item before; NULL: none */
} dyn_put_request;

typedef struct dyn_put_response {
    dyn_bytes key;     /* stored form, in the memory of the call */
    dyn_before before; /* also when the condition has failed; not read when
                        * only_if_absent is set and condition is not */
} dyn_put_response;

/*
 * Put one item.
 *
 * Fails with DYN_INVALID or DYN_TOO_LARGE when the item breaks a rule
 * (docs/semantics.md 1, 14), DYN_CONDITION_FAILED, DYN_EXISTS when
 * only_if_absent is set and an item is there, and as the store does. A failed
 * put changes nothing, unless error.torn says so.
 */
dyn_status dyn_put_item(dyn_call *call, dyn_table *table,
                        const dyn_put_request *request,
                        dyn_put_response *response);

#endif
