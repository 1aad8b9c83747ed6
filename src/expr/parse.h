/*
 * From the text of an expression to its tree.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_PARSE_H
#define DYN_EXPR_PARSE_H

#include "expr/tree.h"

/*
 * The tree of an expression that has been begun, in the memory of its call; it
 * points into the text, or into the parse cache of the call, which has it when
 * the same text was parsed before.
 *
 * Fails with DYN_INVALID: the text is too long or empty, has a syntax error, or
 * too many operators; DYN_NOMEM. Other problems are reported to expression.
 */
dyn_status dyn_parse_expression(dyn_expression *expression, dyn_node **out);

#endif
