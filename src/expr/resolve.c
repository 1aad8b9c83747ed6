/* What the names in a tree stand for; the contracts are in resolve.h. */
#include "expr/resolve.h"

#include "expr/literal.h"
#include "expr/reserved.h"
#include "grammar.h"

enum { INDEX_MAX = INT32_MAX };

static const struct {
    const char *name;
    size_t operand_count;
} functions[] = {
    [DYN_FUNCTION_UNKNOWN] = {"", 0},
    [DYN_FUNCTION_ATTRIBUTE_EXISTS] = {"attribute_exists", 1},
    [DYN_FUNCTION_ATTRIBUTE_NOT_EXISTS] = {"attribute_not_exists", 1},
    [DYN_FUNCTION_ATTRIBUTE_TYPE] = {"attribute_type", 2},
    [DYN_FUNCTION_BEGINS_WITH] = {"begins_with", 2},
    [DYN_FUNCTION_CONTAINS] = {"contains", 2},
    [DYN_FUNCTION_SIZE] = {"size", 1},
    [DYN_FUNCTION_IF_NOT_EXISTS] = {"if_not_exists", 2},
    [DYN_FUNCTION_LIST_APPEND] = {"list_append", 2},
};

enum { FUNCTION_COUNT = sizeof(functions) / sizeof(functions[0]) };

static void *expression_alloc(dyn_expression *expression, size_t size_bytes)
{
    void *memory = dyn_alloc(expression->call, size_bytes);
    if (memory == NULL) expression->status = DYN_NOMEM;
    return memory;
}

/* Take the failure of something that is not only about expressions as a
 * problem of this one. */
static void report_failure(dyn_expression *expression, dyn_status status)
{
    if (status == DYN_INVALID) {
        dyn_expression_report(expression, DYN_CHECK_PATH, "%s",
                              expression->call->error.message);
    } else if (status != DYN_OK) {
        expression->status = status;
    }
}

/* ----------------------------------------------------------------- paths -- */

static dyn_bytes resolve_substitute(dyn_expression *expression, dyn_bytes token)
{
    const dyn_bytes *name =
        dyn_substitutes_name(expression->substitutes, token);
    if (name != NULL) return *name;
    dyn_expression_report(expression, DYN_CHECK_NAME,
                          "An expression attribute name used in the document "
                          "path is not defined; attribute name: %.*s",
                          (int)token.size_bytes, (const char *)token.data);
    return (dyn_bytes){NULL, 0};
}

static dyn_bytes resolve_quoted(dyn_expression *expression, dyn_bytes token)
{
    dyn_bytes name = {NULL, 0};
    report_failure(expression,
                   dyn_literal_unquote(expression->call, token, &name));
    if (name.size_bytes == 0) {
        dyn_expression_report(expression, DYN_CHECK_PATH,
                              "An attribute name must not be empty");
    }
    return name;
}

static dyn_bytes resolve_name(dyn_expression *expression, const dyn_node *node)
{
    dyn_bytes text = node->token->text;
    if (node->token->kind == DYN_TOKEN_NAME) {
        return resolve_substitute(expression, text);
    }
    if (node->token->kind == DYN_TOKEN_QUOTED) {
        return resolve_quoted(expression, text);
    }
    if (expression->kind != DYN_EXPRESSION_SQL_CONDITION &&
        dyn_word_is_reserved(text)) {
        dyn_expression_report(expression, DYN_CHECK_RESERVED_WORD,
                              "Attribute name is a reserved keyword; reserved "
                              "keyword: %.*s",
                              (int)text.size_bytes, (const char *)text.data);
    }
    return text;
}

static size_t resolve_index(dyn_expression *expression, const dyn_node *node)
{
    dyn_bytes digits = node->token->text;
    size_t index = 0;
    for (size_t i = 0; i < digits.size_bytes; i++) {
        index = index * 10 + (size_t)(digits.data[i] - '0');
        if (index <= INDEX_MAX) continue;
        dyn_expression_report(expression, DYN_CHECK_PATH,
                              "List index is not within the allowable range; "
                              "index: [%.*s]",
                              (int)digits.size_bytes,
                              (const char *)digits.data);
        return 0;
    }
    return index;
}

static void resolve_path(dyn_expression *expression, dyn_node *node)
{
    size_t step_count = node->count - 1;
    dyn_step *steps = expression_alloc(expression, step_count * sizeof(*steps));
    if (steps == NULL) return;
    if (step_count > DYN_NESTING_LEVELS_MAX) {
        dyn_expression_report(expression, DYN_CHECK_PATH,
                              "The document path has too many nesting "
                              "elements; nesting levels: %zu",
                              step_count);
    }
    dyn_path path = {resolve_name(expression, node->first), steps, step_count};
    for (const dyn_node *n = node->first->next; n != NULL; n = n->next) {
        *steps = (dyn_step){.is_index = n->type == DYN_NODE_INDEX};
        if (steps->is_index) {
            steps->index = resolve_index(expression, n);
        } else {
            steps->name = resolve_name(expression, n);
        }
        steps++;
    }
    node->path = path;
}

/* ---------------------------------------------------- values, functions -- */

static void resolve_value(dyn_expression *expression, dyn_node *node)
{
    if (node->token->kind != DYN_TOKEN_VALUE) {
        dyn_value *value = expression_alloc(expression, sizeof(*value));
        if (value == NULL) return;
        dyn_status status =
            dyn_literal_value(expression->call, node->token, value);
        if (status == DYN_OK) node->value = value;
        report_failure(expression, status);
        return;
    }
    node->value =
        dyn_substitutes_value(expression->substitutes, node->token->text);
    if (node->value == NULL) {
        dyn_expression_report(expression, DYN_CHECK_VALUE,
                              "An expression attribute value used in "
                              "expression is not defined; attribute value: "
                              "%.*s",
                              DYN_NODE_TEXT(node));
    }
}

dyn_function dyn_function_named(dyn_bytes name)
{
    for (int i = DYN_FUNCTION_UNKNOWN + 1; i < FUNCTION_COUNT; i++) {
        if (dyn_bytes_equal_nocase(name, dyn_bytes_text(functions[i].name)))
            return (dyn_function)i;
    }
    return DYN_FUNCTION_UNKNOWN;
}

static void resolve_function(dyn_expression *expression, dyn_node *node)
{
    for (int i = DYN_FUNCTION_UNKNOWN + 1; i < FUNCTION_COUNT; i++) {
        if (dyn_bytes_equal_text(node->token->text, functions[i].name)) {
            node->function = (dyn_function)i;
            return;
        }
    }
    dyn_expression_report(expression, DYN_CHECK_FUNCTION_NAME,
                          "Invalid function name; function: %.*s",
                          DYN_NODE_TEXT(node));
}

void dyn_resolve_operand(dyn_expression *expression, dyn_node *operand)
{
    if (operand->type == DYN_NODE_PATH) {
        resolve_path(expression, operand);
        return;
    }
    if (operand->type == DYN_NODE_VALUE) {
        resolve_value(expression, operand);
        return;
    }
    for (dyn_node *n = operand->first; n != NULL; n = n->next) {
        dyn_resolve_operand(expression, n);
    }
    if (operand->type == DYN_NODE_CALL) resolve_function(expression, operand);
}

/* ---------------------------------------------------------------- checks -- */

bool dyn_check_operand_count(dyn_expression *expression, const dyn_node *call)
{
    if (call->function == DYN_FUNCTION_UNKNOWN) return false;
    if (call->count == functions[call->function].operand_count) return true;
    dyn_expression_report(expression, DYN_CHECK_OPERAND_COUNT,
                          "Incorrect number of operands for operator or "
                          "function; operator or function: %.*s, number of "
                          "operands: %zu",
                          DYN_NODE_TEXT(call), call->count);
    return false;
}

void dyn_report_operand_type(dyn_expression *expression, const dyn_node *node,
                             const char *type)
{
    dyn_expression_report(expression, DYN_CHECK_OPERAND_TYPE,
                          "Incorrect operand type for operator or function; "
                          "operator or function: %.*s, operand type: %s",
                          DYN_NODE_TEXT(node), type);
}

void dyn_check_first_is_path(dyn_expression *expression, const dyn_node *call)
{
    if (call->first->type == DYN_NODE_PATH) return;
    dyn_expression_report(expression, DYN_CHECK_OPERAND_TYPE,
                          "Operator or function requires a document path; "
                          "operator or function: %.*s",
                          DYN_NODE_TEXT(call));
}

bool dyn_operand_value_type(const dyn_node *operand, dyn_type *out)
{
    if (operand->type != DYN_NODE_VALUE || operand->value == NULL) return false;
    *out = operand->value->type;
    return true;
}

/* Count the paths of a tree, and put them into out unless it is NULL. */
static size_t list_paths(const dyn_node *node, dyn_path *out)
{
    if (node->type == DYN_NODE_PATH) {
        if (out != NULL) *out = node->path;
        return 1;
    }
    size_t count = 0;
    for (const dyn_node *n = node->first; n != NULL; n = n->next) {
        count += list_paths(n, out == NULL ? NULL : out + count);
    }
    return count;
}

dyn_status dyn_tree_paths(dyn_call *call, const dyn_node *root, dyn_paths *out)
{
    size_t count = list_paths(root, NULL);
    dyn_path *paths = dyn_alloc(call, count * sizeof(*paths));
    if (paths == NULL) return DYN_NOMEM;
    *out = (dyn_paths){paths, list_paths(root, paths)};
    return DYN_OK;
}
