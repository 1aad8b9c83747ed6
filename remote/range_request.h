/*
 * A range of keys in the words of a Query or Scan.
 *
 * The service takes one condition on a sort key, and no key that no item can
 * have. So a request may be of more items than the range has: those are to be
 * left out when they come.
 */
#ifndef REMOTE_RANGE_REQUEST_H
#define REMOTE_RANGE_REQUEST_H

#include "base/buffer.h"
#include "table_plan.h"

/* Whether a query can have items, by what keys may be. */
bool range_may_have_items(const plan_range *range);

/* Add the members that say what is read, with a comma before each. Fails with
 * DYN_NOMEM. */
dyn_status range_add_members(dyn_call *call, const dyn_definition *definition,
                             const plan_range *range, dyn_buffer *request);

/* Whether an item that came is in the range of a query; *is_item is false when
 * it lacks what the range is of. Memory of call is used. Fails with DYN_NOMEM.
 */
dyn_status range_is_within(dyn_call *call, const dyn_definition *definition,
                           const plan_range *range, const dyn_map *item,
                           bool *is_item, bool *out);

#endif
