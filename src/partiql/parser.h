/*
 * What lemon makes of partiql.y: a parser in memory that the caller gives.
 *
 * Layer: partiql.
 */
#ifndef DYN_PARTIQL_PARSER_H
#define DYN_PARTIQL_PARSER_H

#include "partiql/build.h"

/* The size of a parser. */
size_t dyn_partiql_parser_bytes(void);

void dyn_partiqlInit(void *parser, dyn_partiql_build *build);

/* Take the next token, which is of that kind (partiql.h), 0 at the end. The
 * parts of the statement are in build when that has been taken. */
void dyn_partiql(void *parser, int kind, const dyn_token *token);

#endif
