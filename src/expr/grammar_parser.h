/*
 * What lemon makes of grammar.y: a parser in memory that the caller gives.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_GRAMMAR_PARSER_H
#define DYN_EXPR_GRAMMAR_PARSER_H

#include "expr/build.h"

/* The size of a parser. */
size_t dyn_grammar_parser_bytes(void);

void dyn_grammarInit(void *parser, dyn_build *build);

/* Take the next token, which is of that kind (grammar.h), 0 at the end. The
 * root is set in build when that has been taken. */
void dyn_grammar(void *parser, int kind, const dyn_token *token);

#endif
