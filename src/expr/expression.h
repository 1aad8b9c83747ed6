/*
 * What all expressions have in common while they are read: their kind, what
 * they may refer to, and the problem that is reported of the many they may
 * have.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_EXPRESSION_H
#define DYN_EXPR_EXPRESSION_H

#include "expr/substitutes.h"

typedef enum dyn_expression_kind {
    DYN_EXPRESSION_CONDITION,
    DYN_EXPRESSION_FILTER,
    DYN_EXPRESSION_KEY_CONDITION,
    DYN_EXPRESSION_UPDATE,
    DYN_EXPRESSION_PROJECTION,
    DYN_EXPRESSION_SQL_CONDITION, /* a condition with literals, quoted names,
                                   * reserved words as names, == and != */
} dyn_expression_kind;

/*
 * DynamoDB checks an expression in rounds, over the whole of it; so the problem
 * to report is the first one of the earliest round. The rounds after
 * DYN_ROUND_PREDICATES are made predicate by predicate in conditions.
 */
typedef enum dyn_round {
    DYN_ROUND_PARENTHESES,
    DYN_ROUND_LIMITS,
    DYN_ROUND_FUNCTION_NAMES,
    DYN_ROUND_FUNCTION_PLACES,
    DYN_ROUND_SECTIONS,
    DYN_ROUND_RESERVED_WORDS,
    DYN_ROUND_PATHS,
    DYN_ROUND_PREDICATES,
    DYN_ROUND_SUBSTITUTES = DYN_ROUND_PREDICATES,
    DYN_ROUND_OVERLAPS,
    DYN_ROUND_OPERAND_COUNTS,
    DYN_ROUND_DISTINCT_OPERANDS,
    DYN_ROUND_OPERAND_TYPES,
    DYN_ROUND_COUNT,
} dyn_round;

typedef struct dyn_expression {
    dyn_call *call;
    dyn_expression_kind kind;
    dyn_bytes text;
    dyn_substitutes *substitutes; /* NULL: there are none */
    unsigned predicate;           /* number of the one being checked */
    unsigned problem_rank;        /* UINT_MAX: no problem */
    const char *problem;          /* in the memory of call */
    dyn_status status; /* DYN_OK, or what call->error says: the text need not
                        * be looked at any further */
} dyn_expression;

void dyn_expression_begin(dyn_expression *expression, dyn_call *call,
                          dyn_expression_kind kind, dyn_bytes text,
                          dyn_substitutes *substitutes);

/* "ConditionExpression", "UpdateExpression", ... A literal. */
const char *dyn_expression_name(dyn_expression_kind kind);

/* Note a problem found in a round; that of an earlier round, or an earlier one
 * of the same, is kept. */
void dyn_expression_report(dyn_expression *expression, dyn_round round,
                           const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fail with the problem that is to be reported, if there is any, as
 * `Invalid ConditionExpression: <problem>`. Fails with DYN_INVALID, DYN_NOMEM.
 */
dyn_status dyn_expression_end(dyn_expression *expression);

#endif
