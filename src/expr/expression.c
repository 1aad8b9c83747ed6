/* Problems of an expression; the contract is in expression.h. */
#include "expr/expression.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>

void dyn_expression_begin(dyn_expression *expression, dyn_call *call,
                          dyn_expression_kind kind, dyn_bytes text,
                          dyn_substitutes *substitutes)
{
    *expression = (dyn_expression){
        .call = call,
        .kind = kind,
        .text = text,
        .substitutes = substitutes,
        .problem_rank = UINT_MAX,
        .status = DYN_OK,
    };
}

const char *dyn_expression_name(dyn_expression_kind kind)
{
    switch (kind) {
    case DYN_EXPRESSION_FILTER:
        return "FilterExpression";
    case DYN_EXPRESSION_KEY_CONDITION:
        return "KeyConditionExpression";
    case DYN_EXPRESSION_UPDATE:
        return "UpdateExpression";
    case DYN_EXPRESSION_PROJECTION:
        return "ProjectionExpression";
    case DYN_EXPRESSION_STATEMENT:
        return "statement";
    case DYN_EXPRESSION_CONDITION:
    case DYN_EXPRESSION_SQL_CONDITION:
        break;
    }
    return "ConditionExpression";
}

enum { CHECK_COUNT = DYN_CHECK_OPERAND_TYPE + 1, PREDICATE_RANKS = 16 };

/* In conditions, what comes from 6 on is looked for predicate by predicate. */
enum { FIRST_PREDICATE_RANK = 6 };

static const unsigned char condition_ranks[CHECK_COUNT] = {
    [DYN_CHECK_PARENTHESES] = 0,   [DYN_CHECK_LIMITS] = 1,
    [DYN_CHECK_FUNCTION_NAME] = 2, [DYN_CHECK_FUNCTION_PLACE] = 3,
    [DYN_CHECK_RESERVED_WORD] = 4, [DYN_CHECK_PATH] = 5,
    [DYN_CHECK_NAME] = 6,          [DYN_CHECK_VALUE] = 6,
    [DYN_CHECK_OPERAND_COUNT] = 7, [DYN_CHECK_DISTINCT_OPERANDS] = 8,
    [DYN_CHECK_OPERAND_TYPE] = 9,
};

static const unsigned char other_ranks[CHECK_COUNT] = {
    [DYN_CHECK_RESERVED_WORD] = 0,  [DYN_CHECK_PARENTHESES] = 1,
    [DYN_CHECK_LIMITS] = 1,         [DYN_CHECK_FUNCTION_NAME] = 2,
    [DYN_CHECK_FUNCTION_PLACE] = 2, [DYN_CHECK_SECTION] = 3,
    [DYN_CHECK_PATH] = 4,           [DYN_CHECK_NAME] = 5,
    [DYN_CHECK_VALUE] = 6,          [DYN_CHECK_OVERLAP] = 7,
    [DYN_CHECK_CONFLICT] = 8,       [DYN_CHECK_ACTION_TYPE] = 9,
    [DYN_CHECK_OPERAND_COUNT] = 10, [DYN_CHECK_OPERAND_TYPE] = 10,
};

static unsigned rank_of(const dyn_expression *expression, dyn_check check)
{
    if (expression->kind == DYN_EXPRESSION_UPDATE ||
        expression->kind == DYN_EXPRESSION_PROJECTION) {
        return other_ranks[check];
    }
    unsigned rank = condition_ranks[check];
    if (rank < FIRST_PREDICATE_RANK) return rank;
    return rank + expression->predicate * PREDICATE_RANKS;
}

void dyn_expression_report(dyn_expression *expression, dyn_check check,
                           const char *format, ...)
{
    unsigned rank = rank_of(expression, check);
    if (rank >= expression->problem_rank) return;
    char *text = dyn_alloc(expression->call, DYN_ERROR_MESSAGE_BYTES);
    if (text == NULL) {
        expression->status = DYN_NOMEM;
        return;
    }
    va_list args;
    va_start(args, format);
    vsnprintf(text, DYN_ERROR_MESSAGE_BYTES, format, args);
    va_end(args);
    expression->problem_rank = rank;
    expression->problem = text;
}

dyn_status dyn_expression_end(dyn_expression *expression)
{
    if (expression->status != DYN_OK) return expression->status;
    if (expression->problem == NULL) return DYN_OK;
    return dyn_fail(expression->call, DYN_INVALID, "Invalid %s: %s",
                    dyn_expression_name(expression->kind), expression->problem);
}
