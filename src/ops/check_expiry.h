/*
 * The check of the tree of the times of expiry.
 *
 * Layer: ops, for the check of the table.
 */
#ifndef DYN_OPS_CHECK_EXPIRY_H
#define DYN_OPS_CHECK_EXPIRY_H

#include "ops/checker.h"

/* Look for the row that an item should have, in the memory of call. Fails as
 * dyn_check_table() does. */
dyn_status dyn_check_expiry_of(dyn_checker *c, dyn_call *call, dyn_bytes key,
                               const dyn_map *item);

/* Once all items are compared: rows that belong to none. */
dyn_status dyn_check_expiry(dyn_checker *c);

#endif
