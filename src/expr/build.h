/*
 * Building the tree: what the actions of grammar.y do, and of partiql.y.
 *
 * All of it returns NULL when there is no memory, or when a syntax error was
 * found, and takes a NULL that came of it; status of the expression tells.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_BUILD_H
#define DYN_EXPR_BUILD_H

#include "expr/tree.h"

typedef struct dyn_build {
    dyn_expression *expression;
    const dyn_token *tokens;
    dyn_node *root;
    size_t operator_count; /* and functions */
} dyn_build;

/* A node with nothing below it. */
dyn_node *dyn_build_leaf(dyn_build *build, dyn_node_type type,
                         const dyn_token *token);

/* The node, with child as its last one. */
dyn_node *dyn_build_append(dyn_node *node, dyn_node *child);

/* A node with one or two below it. */
dyn_node *dyn_build_node(dyn_build *build, dyn_node_type type,
                         const dyn_token *token, dyn_node *first,
                         dyn_node *second);

/* The same for an operator or a function; these are counted. */
dyn_node *dyn_build_operator(dyn_build *build, dyn_node_type type,
                             const dyn_token *token, dyn_node *first,
                             dyn_node *second);

/* A comparison, of the type that its token (of grammar.y) says. */
dyn_node *dyn_build_comparison(dyn_build *build, const dyn_token *token,
                               dyn_node *left, dyn_node *right);

/* left IN (members). */
dyn_node *dyn_build_members(dyn_build *build, const dyn_token *token,
                            dyn_node *left, dyn_node *members);

/* The same node, in parentheses. */
dyn_node *dyn_build_parentheses(dyn_build *build, dyn_node *node);

/* Digits where a value is; which only SQL has. */
dyn_node *dyn_build_digits(dyn_build *build, const dyn_token *token);

/* There is a syntax error at token. */
void dyn_build_refuse(dyn_build *build, const dyn_token *token);

/* The stack of the parser is full; see grammar.y on when that is. */
void dyn_build_overflow(dyn_build *build);

#endif
