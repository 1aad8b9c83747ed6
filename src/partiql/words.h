/*
 * The words of a statement: names, values, operators, with their places.
 * Comments, from -- to the end of the line, are passed over.
 *
 * Layer: partiql. The kinds of tokens are the terminals of partiql.y.
 */
#ifndef DYN_PARTIQL_WORDS_H
#define DYN_PARTIQL_WORDS_H

#include "expr/lexer.h"

/* The tokens of text, in the memory of call, with one at the end that is empty;
 * what is no word is an ILLEGAL one. NULL, with DYN_NOMEM left, when there is
 * no memory. */
const dyn_token *dyn_words_read(dyn_call *call, dyn_bytes text);

/* Whether a token is a word that PartiQL has for itself. */
bool dyn_words_is_keyword(const dyn_token *token);

#endif
