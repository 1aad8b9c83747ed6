/*
 * GetItem: read one item by its key.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_GET_ITEM_H
#define DYN_OPS_GET_ITEM_H

#include "engine/bill.h"
#include "item/codec.h"

typedef struct dyn_get_request {
    dyn_bytes key; /* stored form */
    bool is_strong;
    bool is_live;          /* one that has expired is not found */
    bool is_transactional; /* and strong: charged double */
} dyn_get_request;

typedef struct dyn_get_response {
    bool found;
    dyn_view item;     /* in the memory of the call */
    dyn_lookup lookup; /* what it was charged */
} dyn_get_response;

/* Read and charge (docs/semantics.md 2), also what has expired. An absent item
 * is not a failure. Fails as the store does. */
dyn_status dyn_get_item(dyn_call *call, dyn_table *table,
                        const dyn_get_request *request,
                        dyn_get_response *response);

#endif
