/*
 * UpdateItem: change attributes of an item.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_UPDATE_ITEM_H
#define DYN_OPS_UPDATE_ITEM_H

#include "expr/update.h"
#include "ops/write.h"

/* Set an attribute, or remove it when value is NULL. */
typedef struct dyn_assignment {
    dyn_bytes name;
    const dyn_value *value;
} dyn_assignment;

/* What is changed is told by an update expression, or by changes. */
typedef struct dyn_update_request {
    dyn_bytes key;                  /* stored form */
    bool is_transactional;          /* charged double */
    const dyn_condition *condition; /* on the item before; NULL: none */
    const dyn_lookup *lookup;       /* of the same statement; NULL: none */

    const dyn_update *update; /* NULL: what is below tells */
    const dyn_map *key_item;  /* the key attributes: with update, an item that
                               * is not there is made from them, unless it
                               * only removes */

    const dyn_map *base; /* start from this item, not from the stored one;
                          * a key it lacks is the stored one. Or NULL */
    const dyn_assignment *changes; /* each name once */
    size_t change_count;
} dyn_update_request;

typedef struct dyn_update_response {
    dyn_before before; /* also when the condition has failed */
    dyn_map after;     /* in the memory of the call */
} dyn_update_response;

/*
 * Change one item. When it is not there and there is no update expression, or
 * one that only removes, nothing happens; the latter is charged as a write.
 *
 * Fails with DYN_INVALID when the result breaks a rule or has another key,
 * DYN_CONDITION_FAILED, DYN_TOO_LARGE, as dyn_update_apply(), and as the store
 * does. A failed update changes nothing, unless error.torn says so.
 */
dyn_status dyn_update_item(dyn_call *call, dyn_table *table,
                           const dyn_update_request *request,
                           dyn_update_response *response);

#endif
