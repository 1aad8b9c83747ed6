/*
 * Names, values and functions of a tree: what they stand for, and the checks
 * that are the same in all expressions.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_RESOLVE_H
#define DYN_EXPR_RESOLVE_H

#include "expr/tree.h"

/* Fill in the path, value or function of an operand and of all operands below
 * it; a name or value that is not defined is reported, and then empty or NULL.
 */
void dyn_resolve_operand(dyn_expression *expression, dyn_node *operand);

/* The function of that name, in upper or lower case; UNKNOWN when there is
 * none. */
dyn_function dyn_function_named(dyn_bytes name);

/* The text of the token of a function or operator, for a message. */
#define DYN_NODE_TEXT(node)                                                    \
    (int)(node)->token->text.size_bytes, (const char *)(node)->token->text.data

/* Report when a function that is known has not as many arguments as it takes.
 * Returns whether it has. */
bool dyn_check_operand_count(dyn_expression *expression, const dyn_node *call);

/* Report that an operand of a function or operator has a type that it cannot
 * have. */
void dyn_report_operand_type(dyn_expression *expression, const dyn_node *node,
                             const char *type);

/* Report when the first operand of a function is not a path. */
void dyn_check_first_is_path(dyn_expression *expression, const dyn_node *call);

/* Whether an operand is a value, and then its type. */
bool dyn_operand_value_type(const dyn_node *operand, dyn_type *out);

/* All paths of the tree, in the order in which they are written, in the memory
 * of call. Fails with DYN_NOMEM. */
dyn_status dyn_tree_paths(dyn_call *call, const dyn_node *root, dyn_paths *out);

#endif
