/*
 * Conditions: condition, filter and key condition expressions, and the
 * conditions of SQL (docs/semantics.md 5, 15).
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_CONDITION_H
#define DYN_EXPR_CONDITION_H

#include "expr/tree.h"

typedef struct dyn_condition {
    const dyn_node *root;
    dyn_paths paths; /* all, in the order in which they are written */
} dyn_condition;

/*
 * Read a condition of one of the four kinds. *out is in the memory of call and
 * points into text and to what substitutes were made of; substitutes may be
 * NULL.
 *
 * Fails with DYN_INVALID and DynamoDB's text, `Invalid ConditionExpression:
 * ...`; DYN_NOMEM.
 */
dyn_status dyn_condition_parse(dyn_call *call, dyn_expression_kind kind,
                               dyn_bytes text, dyn_substitutes *substitutes,
                               dyn_condition *out);

/* Report to expression what is wrong with the operators and functions of a
 * condition whose names, values and functions are resolved. */
void dyn_condition_check(dyn_expression *expression, dyn_node *root);

/*
 * Whether an item meets the condition; NULL is an item without attributes.
 *
 * An operand that the item lacks, and size() of what has none, makes = < <= >
 * >= BETWEEN and IN false, and <> true. Values of different types are not
 * equal; only two N, two S or two B are in an order. size() counts the bytes of
 * S and B, and the elements of the others. Nothing is an error that depends on
 * the item.
 *
 * Memory of call is used for lists, sets and maps. Fails with DYN_CORRUPT,
 * DYN_NOMEM.
 */
dyn_status dyn_condition_matches(dyn_call *call, const dyn_condition *condition,
                                 const dyn_view *item, bool *out);

#endif
