/*
 * Values that are written into a condition in SQL: 3, 'text', x'00ff', TRUE,
 * NULL; and names in quotes.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_LITERAL_H
#define DYN_EXPR_LITERAL_H

#include "expr/lexer.h"
#include "item/value.h"

/* The value of a token that is one. Fails with DYN_INVALID, DYN_NOMEM. */
dyn_status dyn_literal_value(dyn_call *call, const dyn_token *token,
                             dyn_value *out);

/* What stands between the quotes of text, doubled ones made single; in text or
 * in the memory of call. Fails with DYN_NOMEM. */
dyn_status dyn_literal_unquote(dyn_call *call, dyn_bytes text, dyn_bytes *out);

#endif
