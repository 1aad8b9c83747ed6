/* From text to a statement; the contract is in parse.h. */
#include "partiql/parse.h"

#include "base/utf8.h"
#include "expr/resolve.h"
#include "partiql.h"
#include "partiql/parser.h"
#include "partiql/words.h"

#define MALFORMED "Statement wasn't well formed, can't be processed: "

/* --------------------------------------------------------------- parsing -- */

static dyn_status check_text(dyn_call *call, dyn_bytes text)
{
    if (text.size_bytes > DYN_STATEMENT_BYTES_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        MALFORMED "it has %zu bytes; the limit is %d",
                        text.size_bytes, DYN_STATEMENT_BYTES_MAX);
    }
    if (dyn_utf8_valid(text)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, MALFORMED "it is not UTF-8");
}

static dyn_status run_parser(dyn_partiql_build *build)
{
    dyn_expression *expression = build->tree.expression;
    dyn_call *call = expression->call;
    void *parser = dyn_alloc(call, dyn_partiql_parser_bytes());
    build->tree.tokens = dyn_words_read(call, expression->text);
    if (parser == NULL || build->tree.tokens == NULL) return DYN_NOMEM;
    dyn_partiqlInit(parser, build);
    const dyn_token *token = build->tree.tokens;
    do {
        dyn_partiql(parser, token->kind, token);
    } while (expression->status == DYN_OK && token++->kind != 0);
    return expression->status;
}

/* The limit on operators bounds how deep the tree is, too. */
static dyn_status check_counts(dyn_call *call, const dyn_partiql_build *build)
{
    const dyn_list *given = build->parameters;
    size_t operators = build->tree.operator_count;
    if (build->parameters_used != (given == NULL ? 0 : given->count)) {
        return dyn_fail(call, DYN_INVALID,
                        "Number of parameters in request and statement don't "
                        "match.");
    }
    if (operators <= DYN_EXPRESSION_OPERATORS_MAX) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Invalid statement: The expression contains too many "
                    "operators; operator count: %zu",
                    operators);
}

/* ----------------------------------------------------------------- parts -- */

static dyn_status read_where(dyn_expression *expression, dyn_node *root,
                             dyn_condition *out)
{
    if (root == NULL) return DYN_OK;
    dyn_condition_check(expression, root);
    out->root = root;
    return dyn_tree_paths(expression->call, root, &out->paths);
}

static dyn_status read_targets(dyn_expression *expression,
                               const dyn_node *targets, dyn_statement *out)
{
    if (targets == NULL) return DYN_OK;
    out->has_projection = true;
    DYN_TRY(dyn_tree_paths(expression->call, targets, &out->projection.paths));
    dyn_paths_check_overlaps(expression, out->projection.paths);
    dyn_paths_sort(out->projection.paths);
    return DYN_OK;
}

static dyn_status read_order(dyn_call *call, const dyn_node *order,
                             dyn_statement *out)
{
    if (order == NULL) return DYN_OK;
    out->order = order->path.name;
    if (order->path.step_count == 0) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "ORDER BY takes the name of the sort key; what is below "
                    "%.*s has no order",
                    (int)out->order.size_bytes, (const char *)out->order.data);
}

static dyn_status read_item(dyn_call *call, const dyn_node *item,
                            dyn_statement *out)
{
    if (item == NULL) return DYN_OK;
    if (item->value->type != DYN_TYPE_M) {
        return dyn_fail(call, DYN_INVALID,
                        MALFORMED "what is inserted must be a map, VALUE "
                                  "{'name': value, ...}");
    }
    out->item = item->value->map;
    return DYN_OK;
}

static dyn_status check_returning(dyn_call *call,
                                  const dyn_statement *statement)
{
    if (statement->kind != DYN_STATEMENT_DELETE ||
        statement->returning == DYN_RETURNING_NOTHING ||
        statement->returning == DYN_RETURNING_ALL_OLD) {
        return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID,
                    MALFORMED "DELETE can only be RETURNING ALL OLD *");
}

/* --------------------------------------------------------------- updates -- */

/* set_add() and set_delete() change the attribute that they are set to. */
static dyn_status read_set_function(dyn_call *call, const dyn_node *node,
                                    dyn_action *out)
{
    bool is_add = node->token->kind == DYN_PARTIQL_SET_ADD;
    const dyn_node *value = node->last;
    out->verb = is_add ? DYN_VERB_ADD : DYN_VERB_DELETE;
    out->operand = value;
    if (dyn_path_compare(&node->first->path, &node->first->next->path) != 0) {
        return dyn_fail(call, DYN_INVALID,
                        "Invalid statement: the first operand of %.*s must be "
                        "the path that is set",
                        DYN_NODE_TEXT(node));
    }
    if (dyn_type_is_set(value->value->type)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Invalid statement: Incorrect operand type for operator or "
                    "function; operator or function: %.*s, operand type: %s",
                    DYN_NODE_TEXT(node), dyn_type_name(value->value->type));
}

static dyn_status read_action(dyn_call *call, const dyn_node *node,
                              dyn_action *out)
{
    *out = (dyn_action){.path = node->first->path, .verb = DYN_VERB_REMOVE};
    if (node->token == NULL) return DYN_OK;
    if (node->token->kind != DYN_PARTIQL_EQUAL)
        return read_set_function(call, node, out);
    out->verb = DYN_VERB_SET;
    out->operand = node->last;
    return DYN_OK;
}

static dyn_status read_update(dyn_expression *expression,
                              const dyn_node *sections, dyn_update *out)
{
    dyn_call *call = expression->call;
    size_t count = 0;
    if (sections == NULL) return DYN_OK;
    for (const dyn_node *s = sections->first; s != NULL; s = s->next)
        count += s->count;
    dyn_action *actions = dyn_alloc(call, count * sizeof(dyn_action));
    if (actions == NULL) return DYN_NOMEM;
    count = 0;
    for (const dyn_node *s = sections->first; s != NULL; s = s->next) {
        for (const dyn_node *a = s->first; a != NULL; a = a->next)
            DYN_TRY(read_action(call, a, &actions[count++]));
    }
    return dyn_update_of_actions(expression, actions, count, out);
}

/* ------------------------------------------------------------- statement -- */

static dyn_status read_names(dyn_call *call, const dyn_statement_parts *parts,
                             dyn_statement *out)
{
    DYN_TRY(dyn_partiql_name(call, parts->table, &out->table));
    if (parts->index == NULL) return DYN_OK;
    return dyn_partiql_name(call, parts->index, &out->index);
}

static dyn_status read_parts(dyn_expression *expression,
                             const dyn_statement_parts *parts,
                             dyn_statement *out)
{
    dyn_call *call = expression->call;
    *out = (dyn_statement){
        .kind = parts->kind,
        .is_down = parts->is_down,
        .returning = parts->returning,
    };
    DYN_TRY(read_names(call, parts, out));
    DYN_TRY(read_targets(expression, parts->targets, out));
    DYN_TRY(read_item(call, parts->item, out));
    DYN_TRY(read_where(expression, parts->where, &out->where));
    DYN_TRY(read_update(expression, parts->sections, &out->update));
    DYN_TRY(dyn_expression_end(expression));
    if (out->has_projection)
        DYN_TRY(dyn_projection_label(call, &out->projection));
    DYN_TRY(read_order(call, parts->order, out));
    return check_returning(call, out);
}

dyn_status dyn_statement_parse(dyn_call *call, dyn_bytes text,
                               const dyn_list *parameters, dyn_statement *out)
{
    dyn_expression expression;
    DYN_TRY(check_text(call, text));
    dyn_expression_begin(&expression, call, DYN_EXPRESSION_STATEMENT, text,
                         NULL);
    dyn_partiql_build build = {
        .tree = {.expression = &expression},
        .parameters = parameters,
    };
    DYN_TRY(run_parser(&build));
    DYN_TRY(check_counts(call, &build));
    return read_parts(&expression, &build.parts, out);
}
