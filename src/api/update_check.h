/*
 * What is wrong with an update that was read, and in which words.
 *
 * Layer: api.
 */
#ifndef DYN_API_UPDATE_CHECK_H
#define DYN_API_UPDATE_CHECK_H

#include "engine/table.h"
#include "expr/update.h"

/* Check what the request alone tells, before the item and the condition: that
 * no key attribute is changed, that no path leads below one, and that keys of
 * indexes get values of their types. Fails with DYN_INVALID. */
dyn_status dyn_update_check(dyn_call *call, const dyn_table *table,
                            const dyn_update *parsed);

/* The failure of an update, for which AttributeUpdates (is_older) have other
 * words than an expression, and values for keys of indexes that were computed
 * other ones than those that were given. */
dyn_status dyn_update_failure(dyn_call *call, bool is_older, dyn_status status);

#endif
