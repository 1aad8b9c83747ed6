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
    case DYN_EXPRESSION_CONDITION:
    case DYN_EXPRESSION_SQL_CONDITION:
        break;
    }
    return "ConditionExpression";
}

static unsigned rank_of(const dyn_expression *expression, dyn_round round)
{
    unsigned rank = (unsigned)round;
    if (round < DYN_ROUND_PREDICATES) return rank;
    return rank + expression->predicate * DYN_ROUND_COUNT;
}

void dyn_expression_report(dyn_expression *expression, dyn_round round,
                           const char *format, ...)
{
    unsigned rank = rank_of(expression, round);
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
