/*
 * Building a statement: what the actions of partiql.y do, and nothing else
 * calls. Nodes are as expr/build.h makes them, but are resolved at once: a
 * path, a value and a function have what they stand for.
 *
 * All of it returns NULL when there is no memory or an error was found, and
 * takes a NULL that came of it; status of the expression tells.
 *
 * Layer: partiql.
 */
#ifndef DYN_PARTIQL_BUILD_H
#define DYN_PARTIQL_BUILD_H

#include "expr/build.h"
#include "partiql/statement.h"

/* A statement as it is written; what is not there is NULL. */
typedef struct dyn_statement_parts {
    dyn_statement_kind kind;
    const dyn_token *table;
    const dyn_token *index;
    dyn_node *targets; /* PATHs */
    dyn_node *where;
    dyn_node *order; /* a PATH */
    bool is_down;
    dyn_node *item;     /* a VALUE */
    dyn_node *sections; /* of ACTIONs: SET's with the token of =, set_add or
                         * set_delete, those two with both paths and the value;
                         * REMOVE's without a token */
    dyn_returning returning;
} dyn_statement_parts;

typedef struct dyn_partiql_build {
    dyn_build tree;
    const dyn_list *parameters; /* NULL: there are none */
    size_t parameters_used;     /* also those that are missing */
    dyn_statement_parts parts;
} dyn_partiql_build;

/* ---------------------------------------------------------------- values -- */

/* Text, a number, TRUE, FALSE, NULL. */
dyn_node *dyn_partiql_literal(dyn_partiql_build *build, const dyn_token *token,
                              bool is_negative);

/* The next parameter. */
dyn_node *dyn_partiql_parameter(dyn_partiql_build *build,
                                const dyn_token *token);

/* A list or set of VALUEs, a map of NAMEs with a VALUE each; token is its
 * bracket. members is NULL when there are none. */
dyn_node *dyn_partiql_list(dyn_partiql_build *build, const dyn_token *token,
                           const dyn_node *members);
dyn_node *dyn_partiql_set(dyn_partiql_build *build, const dyn_token *token,
                          const dyn_node *members);
dyn_node *dyn_partiql_map(dyn_partiql_build *build, const dyn_token *token,
                          const dyn_node *members);

/* ------------------------------------------------------ paths, conditions --
 */

/* A PATH or CALL that is complete. */
dyn_node *dyn_partiql_path(dyn_partiql_build *build, dyn_node *path);
dyn_node *dyn_partiql_call(dyn_partiql_build *build, dyn_node *call);

dyn_node *dyn_partiql_comparison(dyn_partiql_build *build,
                                 const dyn_token *token, dyn_node *left,
                                 dyn_node *right);

/* operand IS NULL: it has that type. operand IS [NOT] MISSING: it is not
 * there, or it is. */
dyn_node *dyn_partiql_is_null(dyn_partiql_build *build, const dyn_token *token,
                              dyn_node *operand);
dyn_node *dyn_partiql_is_missing(dyn_partiql_build *build,
                                 const dyn_token *token, dyn_node *operand,
                                 bool is_missing);

/* The name that a token is, quoted or not. Fails with DYN_INVALID when it is
 * empty, DYN_NOMEM. */
dyn_status dyn_partiql_name(dyn_call *call, const dyn_token *token,
                            dyn_bytes *out);

/* ---------------------------------------------------------------- errors -- */

/* There is a syntax error at token. */
void dyn_partiql_refuse(dyn_partiql_build *build, const dyn_token *token);

/* The stack of the parser is full. */
void dyn_partiql_overflow(dyn_partiql_build *build);

#endif
