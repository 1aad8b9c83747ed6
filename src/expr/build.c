/* Nodes of trees, and syntax errors; the contracts are in build.h. */
#include "expr/build.h"

#include "grammar.h"

static dyn_node *new_node(dyn_build *build, dyn_node_type type,
                          const dyn_token *token)
{
    dyn_node *node =
        dyn_alloc_zero(build->expression->call, 1, sizeof(dyn_node));
    if (node == NULL) {
        build->expression->status = DYN_NOMEM;
        return NULL;
    }
    node->type = type;
    node->token = token;
    return node;
}

dyn_node *dyn_build_leaf(dyn_build *build, dyn_node_type type,
                         const dyn_token *token)
{
    return new_node(build, type, token);
}

dyn_node *dyn_build_append(dyn_node *node, dyn_node *child)
{
    if (node == NULL || child == NULL) return NULL;
    if (node->last == NULL) {
        node->first = child;
    } else {
        node->last->next = child;
    }
    node->last = child;
    node->count++;
    return node;
}

dyn_node *dyn_build_node(dyn_build *build, dyn_node_type type,
                         const dyn_token *token, dyn_node *first,
                         dyn_node *second)
{
    dyn_node *node = dyn_build_append(new_node(build, type, token), first);
    return second == NULL ? node : dyn_build_append(node, second);
}

dyn_node *dyn_build_operator(dyn_build *build, dyn_node_type type,
                             const dyn_token *token, dyn_node *first,
                             dyn_node *second)
{
    build->operator_count++;
    return dyn_build_node(build, type, token, first, second);
}

static dyn_node_type type_of_comparison(int kind)
{
    switch (kind) {
    case DYN_TOKEN_NOT_EQUAL:
        return DYN_NODE_NOT_EQUAL;
    case DYN_TOKEN_LESS:
        return DYN_NODE_LESS;
    case DYN_TOKEN_LESS_EQUAL:
        return DYN_NODE_LESS_EQUAL;
    case DYN_TOKEN_GREATER:
        return DYN_NODE_GREATER;
    case DYN_TOKEN_GREATER_EQUAL:
        return DYN_NODE_GREATER_EQUAL;
    default:
        return DYN_NODE_EQUAL;
    }
}

dyn_node *dyn_build_comparison(dyn_build *build, const dyn_token *token,
                               dyn_node *left, dyn_node *right)
{
    return dyn_build_operator(build, type_of_comparison(token->kind), token,
                              left, right);
}

dyn_node *dyn_build_members(dyn_build *build, const dyn_token *token,
                            dyn_node *left, dyn_node *members)
{
    dyn_node *in = dyn_build_operator(build, DYN_NODE_IN, token, left, NULL);
    if (in == NULL || members == NULL) return NULL;
    in->last->next = members->first;
    in->last = members->last;
    in->count += members->count;
    return in;
}

dyn_node *dyn_build_parentheses(dyn_build *build, dyn_node *node)
{
    if (node == NULL) return NULL;
    if (node->has_parentheses) {
        dyn_expression_report(build->expression, DYN_CHECK_PARENTHESES,
                              "The expression has redundant parentheses;");
    }
    node->has_parentheses = true;
    return node;
}

dyn_node *dyn_build_digits(dyn_build *build, const dyn_token *token)
{
    if (build->expression->kind != DYN_EXPRESSION_SQL_CONDITION) {
        dyn_build_refuse(build, token);
        return NULL;
    }
    return dyn_build_leaf(build, DYN_NODE_VALUE, token);
}

/* What stands near a token reaches from the token before it to the one behind
 * it, with the blanks between as they are. */
void dyn_build_refuse(dyn_build *build, const dyn_token *token)
{
    dyn_expression *expression = build->expression;
    if (expression->status != DYN_OK) return;
    bool is_end = token->kind == 0;
    const dyn_token *from = token == build->tokens ? token : token - 1;
    const dyn_token *to = is_end ? from : token + 1;
    if (to->kind == 0 && !is_end) to = token;
    dyn_bytes shown = is_end ? dyn_bytes_text("<EOF>") : token->text;
    const unsigned char *end = to->text.data + to->text.size_bytes;
    expression->status =
        dyn_fail(expression->call, DYN_INVALID,
                 "Invalid %s: Syntax error; token: \"%.*s\", near: \"%.*s\"",
                 dyn_expression_name(expression->kind), (int)shown.size_bytes,
                 (const char *)shown.data, (int)(end - from->text.data),
                 (const char *)from->text.data);
}

void dyn_build_overflow(dyn_build *build)
{
    dyn_expression *expression = build->expression;
    expression->status =
        dyn_fail(expression->call, DYN_INVALID,
                 "Invalid %s: The expression is nested too deeply",
                 dyn_expression_name(expression->kind));
}
