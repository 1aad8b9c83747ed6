/*
 * The values that updates compute: right-hand sides of SET, sums, and sets with
 * members added or removed.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_UPDATE_OPERAND_H
#define DYN_EXPR_UPDATE_OPERAND_H

#include "expr/tree.h"

/* The value of the right-hand side of a SET, computed from item. Fails as
 * dyn_update_apply() does. */
dyn_status dyn_update_evaluate(dyn_call *call, const dyn_node *node,
                               const dyn_map *item, dyn_value *out);

/* The sum of two numbers, or the union of two sets of one type. Fails with
 * DYN_INVALID when they are neither, and as dyn_number_add() does; DYN_NOMEM.
 */
dyn_status dyn_update_add(dyn_call *call, const dyn_value *old,
                          const dyn_value *more, dyn_value *out);

/* What is left of a set without the members of another one of its type, which
 * may be nothing. Fails with DYN_INVALID when they are not that; DYN_NOMEM. */
dyn_status dyn_update_subtract(dyn_call *call, const dyn_value *old,
                               const dyn_value *less, dyn_value *out);

#endif
