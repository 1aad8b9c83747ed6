/*
 * The words of an expression: names, values, operators, with their places.
 *
 * Layer: expr. The kinds of tokens are the terminals of grammar.y.
 */
#ifndef DYN_EXPR_LEXER_H
#define DYN_EXPR_LEXER_H

#include "expr/expression.h"

typedef struct dyn_token {
    int kind;       /* DYN_TOKEN_... of grammar.h; 0 at the end */
    dyn_bytes text; /* within the text of the expression; what is no word is
                     * one code point */
} dyn_token;

/* The tokens of an expression, in the memory of its call, with one at the end
 * that is empty. Sets expression->status to DYN_NOMEM, and returns NULL, when
 * there is none. */
const dyn_token *dyn_lex(dyn_expression *expression);

#endif
