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
    DYN_EXPRESSION_STATEMENT,     /* what a statement of PartiQL has of them */
} dyn_expression_kind;

/*
 * What can be wrong with an expression that has no syntax error. DynamoDB looks
 * for one thing after the other, each time through the whole expression; so the
 * problem to report is the first one of that which is looked for first. The
 * order (expression.c) is not the same for all kinds.
 */
typedef enum dyn_check {
    DYN_CHECK_PARENTHESES,
    DYN_CHECK_LIMITS,
    DYN_CHECK_FUNCTION_NAME,
    DYN_CHECK_FUNCTION_PLACE,
    DYN_CHECK_SECTION,
    DYN_CHECK_RESERVED_WORD,
    DYN_CHECK_PATH,
    DYN_CHECK_NAME, /* that it is defined */
    DYN_CHECK_VALUE,
    DYN_CHECK_OVERLAP,
    DYN_CHECK_CONFLICT,
    DYN_CHECK_ACTION_TYPE,
    DYN_CHECK_OPERAND_COUNT,
    DYN_CHECK_DISTINCT_OPERANDS,
    DYN_CHECK_OPERAND_TYPE,
} dyn_check;

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

/* Note a problem, unless one that is to be reported before it is known. */
void dyn_expression_report(dyn_expression *expression, dyn_check check,
                           const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fail with the problem that is to be reported, if there is any, as
 * `Invalid ConditionExpression: <problem>`. Fails with DYN_INVALID, DYN_NOMEM.
 */
dyn_status dyn_expression_end(dyn_expression *expression);

#endif
