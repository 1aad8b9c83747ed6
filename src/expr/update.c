/* Reading updates, and what DynamoDB checks in them; the contract is in
 * update.h. */
#include "expr/update.h"

#include "expr/parse.h"
#include "expr/resolve.h"
#include "grammar.h"

static void check_operand(dyn_expression *expression, const dyn_node *node);

/* Operands of + and - are numbers, those of list_append() lists. */
static void check_types(dyn_expression *expression, const dyn_node *node,
                        dyn_type expected)
{
    for (const dyn_node *n = node->first; n != NULL; n = n->next) {
        dyn_type type;
        if (!dyn_operand_value_type(n, &type) || type == expected) continue;
        dyn_report_operand_type(expression, node, dyn_type_name(type));
    }
}

static void check_call(dyn_expression *expression, const dyn_node *node)
{
    if (node->function == DYN_FUNCTION_UNKNOWN) return;
    if (node->function < DYN_FUNCTION_IF_NOT_EXISTS) {
        dyn_expression_report(expression, DYN_CHECK_FUNCTION_PLACE,
                              "The function is not allowed in an update "
                              "expression; function: %.*s",
                              DYN_NODE_TEXT(node));
        return;
    }
    if (!dyn_check_operand_count(expression, node)) return;
    if (node->function == DYN_FUNCTION_IF_NOT_EXISTS) {
        dyn_check_first_is_path(expression, node);
    } else {
        check_types(expression, node, DYN_TYPE_L);
    }
}

static void check_operand(dyn_expression *expression, const dyn_node *node)
{
    for (const dyn_node *n = node->first; n != NULL; n = n->next) {
        check_operand(expression, n);
    }
    if (node->type == DYN_NODE_CALL) {
        check_call(expression, node);
    } else if (node->type == DYN_NODE_PLUS || node->type == DYN_NODE_MINUS) {
        check_types(expression, node, DYN_TYPE_N);
    }
}

/* As messages about ADD and DELETE have it. */
static const char *long_type_name(dyn_type type)
{
    static const char *const names[DYN_TYPE_COUNT] = {
        [DYN_TYPE_NULL] = "NULL",     [DYN_TYPE_BOOL] = "BOOLEAN",
        [DYN_TYPE_N] = "NUMBER",      [DYN_TYPE_S] = "STRING",
        [DYN_TYPE_B] = "BINARY",      [DYN_TYPE_L] = "LIST",
        [DYN_TYPE_M] = "MAP",         [DYN_TYPE_SS] = "STRING_SET",
        [DYN_TYPE_NS] = "NUMBER_SET", [DYN_TYPE_BS] = "BINARY_SET",
    };
    return names[type];
}

/* ADD takes numbers and sets, DELETE sets. */
static void check_change(dyn_expression *expression, const dyn_action *action)
{
    const char *verb = action->verb == DYN_VERB_ADD ? "ADD" : "DELETE";
    dyn_type type;
    if (!dyn_operand_value_type(action->operand, &type)) return;
    if (dyn_type_is_set(type)) return;
    if (action->verb == DYN_VERB_ADD && type == DYN_TYPE_N) return;
    dyn_expression_report(expression, DYN_CHECK_ACTION_TYPE,
                          "Incorrect operand type for operator or function; "
                          "operator: %s, operand type: %s, typeSet: "
                          "ALLOWED_FOR_%s_OPERAND",
                          verb, long_type_name(type), verb);
}

static void check_action(dyn_expression *expression, const dyn_action *action)
{
    if (action->verb == DYN_VERB_REMOVE) return;
    if (action->verb == DYN_VERB_SET) {
        check_operand(expression, action->operand);
    } else {
        check_change(expression, action);
    }
}

static dyn_verb verb_of(const dyn_node *section)
{
    switch (section->token->kind) {
    case DYN_TOKEN_REMOVE:
        return DYN_VERB_REMOVE;
    case DYN_TOKEN_ADD:
        return DYN_VERB_ADD;
    case DYN_TOKEN_DELETE:
        return DYN_VERB_DELETE;
    default:
        return DYN_VERB_SET;
    }
}

static void check_sections(dyn_expression *expression, const dyn_node *root)
{
    static const char *const names[] = {"SET", "REMOVE", "ADD", "DELETE"};
    bool seen[DYN_VERB_DELETE + 1] = {false};
    for (const dyn_node *n = root->first; n != NULL; n = n->next) {
        dyn_verb verb = verb_of(n);
        if (seen[verb]) {
            dyn_expression_report(expression, DYN_CHECK_SECTION,
                                  "The \"%s\" section can only be used once in "
                                  "an update expression;",
                                  names[verb]);
        }
        seen[verb] = true;
    }
}

static size_t count_actions(const dyn_node *root)
{
    size_t count = 0;
    for (const dyn_node *n = root->first; n != NULL; n = n->next) {
        count += n->count;
    }
    return count;
}

/* The actions in the order in which they are written. */
static void list_actions(const dyn_node *root, dyn_action *out)
{
    for (const dyn_node *n = root->first; n != NULL; n = n->next) {
        for (const dyn_node *a = n->first; a != NULL; a = a->next) {
            *out++ = (dyn_action){
                .path = a->first->path,
                .verb = verb_of(n),
                .operand = a->first->next,
            };
        }
    }
}

/* By insertion, as dyn_paths_sort() does it. */
static void sort_actions(dyn_action *actions, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        dyn_action action = actions[i];
        size_t to = i;
        for (; to > 0; to--) {
            if (dyn_path_compare(&actions[to - 1].path, &action.path) <= 0) {
                break;
            }
            actions[to] = actions[to - 1];
        }
        actions[to] = action;
    }
}

static void copy_paths(const dyn_action *actions, dyn_paths out)
{
    for (size_t i = 0; i < out.count; i++)
        out.paths[i] = actions[i].path;
}

dyn_status dyn_update_of_actions(dyn_expression *expression,
                                 dyn_action *actions, size_t count,
                                 dyn_update *out)
{
    dyn_paths paths = {dyn_alloc(expression->call, count * sizeof(dyn_path)),
                       count};
    if (paths.paths == NULL) return DYN_NOMEM;
    copy_paths(actions, paths);
    dyn_paths_check_overlaps(expression, paths);
    for (size_t i = 0; i < count; i++)
        check_action(expression, &actions[i]);
    DYN_TRY(dyn_expression_end(expression));
    sort_actions(actions, count);
    copy_paths(actions, paths);
    *out = (dyn_update){.changed = {.paths = paths}, .actions = actions};
    return DYN_OK;
}

static dyn_status check_update(dyn_expression *expression, dyn_node *root,
                               dyn_update *out)
{
    size_t count = count_actions(root);
    dyn_action *actions =
        dyn_alloc(expression->call, count * sizeof(dyn_action));
    if (actions == NULL) return DYN_NOMEM;
    check_sections(expression, root);
    dyn_resolve_operand(expression, root);
    list_actions(root, actions);
    return dyn_update_of_actions(expression, actions, count, out);
}

dyn_status dyn_update_parse(dyn_call *call, dyn_bytes text,
                            dyn_substitutes *substitutes, dyn_update *out)
{
    dyn_expression expression;
    dyn_node *root = NULL;
    dyn_expression_begin(&expression, call, DYN_EXPRESSION_UPDATE, text,
                         substitutes);
    DYN_TRY(dyn_parse_expression(&expression, &root));
    return check_update(&expression, root, out);
}
