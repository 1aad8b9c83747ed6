/* From text to tree; the contract is in parse.h. */
#include "expr/parse.h"

#include "expr/grammar_parser.h"
#include "expr/parse_cache.h"
#include "grammar.h"

static int first_token(dyn_expression_kind kind)
{
    if (kind == DYN_EXPRESSION_UPDATE) return DYN_TOKEN_AS_UPDATE;
    if (kind == DYN_EXPRESSION_PROJECTION) return DYN_TOKEN_AS_PROJECTION;
    return DYN_TOKEN_AS_CONDITION;
}

static dyn_status check_size(dyn_expression *expression)
{
    const char *name = dyn_expression_name(expression->kind);
    size_t size = expression->text.size_bytes;
    if (size > DYN_EXPRESSION_BYTES_MAX) {
        return dyn_fail(expression->call, DYN_INVALID,
                        "Invalid %s: Expression size has exceeded the maximum "
                        "allowed size; expression size: %zu",
                        name, size);
    }
    return DYN_OK;
}

static dyn_status run_parser(dyn_build *build)
{
    dyn_expression *expression = build->expression;
    void *parser = dyn_alloc(expression->call, dyn_grammar_parser_bytes());
    if (parser == NULL) return DYN_NOMEM;
    dyn_grammarInit(parser, build);
    dyn_grammar(parser, first_token(expression->kind), NULL);
    const dyn_token *token = build->tokens;
    do {
        dyn_grammar(parser, token->kind, token);
    } while (expression->status == DYN_OK && token++->kind != 0);
    return expression->status;
}

static dyn_status parse(dyn_expression *expression, dyn_node **out)
{
    dyn_build build = {.expression = expression, .tokens = dyn_lex(expression)};
    if (build.tokens == NULL) return DYN_NOMEM;
    if (build.tokens[0].kind == 0) {
        return dyn_fail(expression->call, DYN_INVALID,
                        "Invalid %s: The expression can not be empty;",
                        dyn_expression_name(expression->kind));
    }
    DYN_TRY(run_parser(&build));
    if (build.operator_count > DYN_EXPRESSION_OPERATORS_MAX) {
        return dyn_fail(expression->call, DYN_INVALID,
                        "Invalid %s: The expression contains too many "
                        "operators; operator count: %zu",
                        dyn_expression_name(expression->kind),
                        build.operator_count);
    }
    *out = build.root;
    return DYN_OK;
}

dyn_status dyn_parse_expression(dyn_expression *expression, dyn_node **out)
{
    DYN_TRY(check_size(expression));
    DYN_TRY(dyn_parse_cache_find(expression, out));
    if (*out != NULL) return DYN_OK;
    DYN_TRY(parse(expression, out));
    dyn_parse_cache_add(expression, *out);
    return DYN_OK;
}
