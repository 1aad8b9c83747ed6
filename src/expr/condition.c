/* Reading conditions, and what DynamoDB checks in them; the contract is in
 * condition.h. */
#include "expr/condition.h"

#include "base/base64.h"
#include "expr/parse.h"
#include "expr/resolve.h"

/* ------------------------------------------------------------- functions -- */

/* In conditions only size() is an operand, and it is nothing else. Of functions
 * in each other, the innermost is told. */
static void check_place(dyn_expression *expression, const dyn_node *node,
                        bool is_operand)
{
    if (node->type != DYN_NODE_CALL) return;
    if (node->function == DYN_FUNCTION_UNKNOWN) return;
    if (node->function >= DYN_FUNCTION_IF_NOT_EXISTS) {
        dyn_expression_report(expression, DYN_CHECK_FUNCTION_PLACE,
                              "The function is not allowed in a condition "
                              "expression; function: %.*s",
                              DYN_NODE_TEXT(node));
        return;
    }
    if ((node->function == DYN_FUNCTION_SIZE) == is_operand) return;
    dyn_expression_report(expression, DYN_CHECK_FUNCTION_PLACE,
                          "The function is not allowed to be used this way in "
                          "an expression; function: %.*s",
                          DYN_NODE_TEXT(node));
}

/* The type that an operand has in every item, if it has one. */
static bool known_type(const dyn_node *operand, dyn_type *out)
{
    if (operand->type == DYN_NODE_CALL) {
        *out = DYN_TYPE_N;
        return operand->function == DYN_FUNCTION_SIZE;
    }
    return dyn_operand_value_type(operand, out);
}

static void check_begins_with(dyn_expression *expression, const dyn_node *node)
{
    for (const dyn_node *n = node->first; n != NULL; n = n->next) {
        dyn_type type;
        if (!known_type(n, &type)) continue;
        if (type == DYN_TYPE_S || type == DYN_TYPE_B) continue;
        dyn_report_operand_type(expression, node, dyn_type_name(type));
    }
}

static void check_size(dyn_expression *expression, const dyn_node *node)
{
    dyn_type type;
    if (!known_type(node->first, &type)) return;
    if (type == DYN_TYPE_N || type == DYN_TYPE_BOOL || type == DYN_TYPE_NULL) {
        dyn_report_operand_type(expression, node, dyn_type_name(type));
    }
}

static void check_attribute_type(dyn_expression *expression,
                                 const dyn_node *node)
{
    const dyn_node *operand = node->last;
    dyn_type type;
    if (operand->type == DYN_NODE_VALUE && operand->value == NULL) return;
    if (!known_type(operand, &type)) {
        dyn_report_operand_type(expression, node,
                                "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}");
    } else if (type != DYN_TYPE_S) {
        dyn_report_operand_type(expression, node, dyn_type_name(type));
    } else if (!dyn_type_from_name(operand->value->bytes, &type)) {
        dyn_bytes name = operand->value->bytes;
        dyn_expression_report(expression, DYN_CHECK_OPERAND_TYPE,
                              "Invalid attribute type name found; type: %.*s, "
                              "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
                              (int)name.size_bytes, (const char *)name.data);
    }
}

static void check_distinct(dyn_expression *expression, const dyn_node *node,
                           const char *name)
{
    const dyn_node *first = node->first;
    if (first->type != DYN_NODE_PATH) return;
    for (const dyn_node *n = first->next; n != NULL; n = n->next) {
        if (n->type != DYN_NODE_PATH) continue;
        if (dyn_path_compare(&first->path, &n->path) != 0) continue;
        const char *path = dyn_path_text(expression->call, &first->path);
        if (path == NULL) {
            expression->status = DYN_NOMEM;
            return;
        }
        dyn_expression_report(expression, DYN_CHECK_DISTINCT_OPERANDS,
                              "The first operand must be distinct from the "
                              "remaining operands for this operator or "
                              "function; operator: %s, first operand: %s",
                              name, path);
    }
}

static void check_operands(dyn_expression *expression, const dyn_node *node);

static void check_call(dyn_expression *expression, const dyn_node *node)
{
    check_operands(expression, node);
    if (!dyn_check_operand_count(expression, node)) return;
    switch (node->function) {
    case DYN_FUNCTION_ATTRIBUTE_EXISTS:
    case DYN_FUNCTION_ATTRIBUTE_NOT_EXISTS:
        dyn_check_first_is_path(expression, node);
        return;
    case DYN_FUNCTION_ATTRIBUTE_TYPE:
        check_distinct(expression, node, "attribute_type");
        check_attribute_type(expression, node);
        return;
    case DYN_FUNCTION_BEGINS_WITH:
        check_distinct(expression, node, "begins_with");
        check_begins_with(expression, node);
        return;
    case DYN_FUNCTION_CONTAINS:
        check_distinct(expression, node, "contains");
        return;
    case DYN_FUNCTION_SIZE:
        check_size(expression, node);
        return;
    case DYN_FUNCTION_UNKNOWN:
    case DYN_FUNCTION_IF_NOT_EXISTS:
    case DYN_FUNCTION_LIST_APPEND:
        return;
    }
}

/* ------------------------------------------------------------- operators -- */

static const char *operator_name(dyn_node_type type)
{
    switch (type) {
    case DYN_NODE_EQUAL:
        return "=";
    case DYN_NODE_NOT_EQUAL:
        return "<>";
    case DYN_NODE_LESS:
        return "<";
    case DYN_NODE_LESS_EQUAL:
        return "<=";
    case DYN_NODE_GREATER:
        return ">";
    case DYN_NODE_GREATER_EQUAL:
        return ">=";
    case DYN_NODE_BETWEEN:
        return "BETWEEN";
    default:
        return "IN";
    }
}

static bool needs_order(dyn_node_type type)
{
    return (type >= DYN_NODE_LESS && type <= DYN_NODE_GREATER_EQUAL) ||
           type == DYN_NODE_BETWEEN;
}

static bool has_order(dyn_type type)
{
    return type == DYN_TYPE_N || type == DYN_TYPE_S || type == DYN_TYPE_B;
}

static void check_order(dyn_expression *expression, const dyn_node *node)
{
    if (!needs_order(node->type)) return;
    for (const dyn_node *n = node->first; n != NULL; n = n->next) {
        dyn_type type;
        if (!known_type(n, &type) || has_order(type)) continue;
        dyn_expression_report(expression, DYN_CHECK_OPERAND_TYPE,
                              "Incorrect operand type for operator or "
                              "function; operator: %s, operand type: %s",
                              operator_name(node->type), dyn_type_name(type));
    }
}

/* `{N:5}`, as messages show a value that has an order. */
static const char *value_text(dyn_expression *expression,
                              const dyn_value *value)
{
    dyn_call *call = expression->call;
    const char *text = NULL;
    if (value->type == DYN_TYPE_N) {
        char digits[DYN_NUMBER_TEXT_BYTES];
        dyn_number_format(&value->number, digits);
        text = dyn_format(call, "{N:%s}", digits);
    } else if (value->type == DYN_TYPE_S) {
        text = dyn_format(call, "{S:%.*s}", (int)value->bytes.size_bytes,
                          (const char *)value->bytes.data);
    } else {
        size_t size = dyn_base64_encoded_bytes(value->bytes.size_bytes);
        char *encoded = dyn_alloc(call, size);
        if (encoded != NULL) {
            dyn_base64_encode(value->bytes, encoded);
            text = dyn_format(call, "{B:%.*s}", (int)size, encoded);
        }
    }
    if (text == NULL) expression->status = DYN_NOMEM;
    return text;
}

static void report_bounds(dyn_expression *expression, const char *what,
                          const dyn_value *lower, const dyn_value *upper)
{
    const char *lower_text = value_text(expression, lower);
    const char *upper_text = value_text(expression, upper);
    if (lower_text == NULL || upper_text == NULL) return;
    dyn_expression_report(expression, DYN_CHECK_OPERAND_TYPE,
                          "The BETWEEN operator requires %s; lower bound "
                          "operand: AttributeValue: %s, upper bound operand: "
                          "AttributeValue: %s",
                          what, lower_text, upper_text);
}

static void check_bounds(dyn_expression *expression, const dyn_node *node)
{
    dyn_type lower = DYN_TYPE_NULL;
    dyn_type upper = DYN_TYPE_NULL;
    const dyn_node *low = node->first->next;
    const dyn_node *high = node->last;
    if (!dyn_operand_value_type(low, &lower) ||
        !dyn_operand_value_type(high, &upper) || !has_order(lower) ||
        !has_order(upper)) {
        return;
    }
    if (lower != upper) {
        report_bounds(expression, "same data type for lower and upper bounds",
                      low->value, high->value);
    } else if (dyn_value_compare(low->value, high->value) > 0) {
        report_bounds(expression,
                      "upper bound to be greater than or equal to lower bound",
                      low->value, high->value);
    }
}

static void check_operands(dyn_expression *expression, const dyn_node *node)
{
    for (dyn_node *n = node->first; n != NULL; n = n->next) {
        if (n->type == DYN_NODE_CALL) check_call(expression, n);
        check_place(expression, n, true);
    }
}

static void check_operator(dyn_expression *expression, const dyn_node *node)
{
    check_operands(expression, node);
    check_distinct(expression, node, operator_name(node->type));
    check_order(expression, node);
    if (node->type == DYN_NODE_BETWEEN) check_bounds(expression, node);
    if (node->type == DYN_NODE_IN && node->count - 1 > DYN_IN_OPERANDS_MAX) {
        dyn_expression_report(expression, DYN_CHECK_LIMITS,
                              "The IN operator is provided with too many "
                              "operands; number of operands: %zu",
                              node->count - 1);
    }
}

/* ------------------------------------------------------------ conditions -- */

static void check_predicate(dyn_expression *expression, dyn_node *node)
{
    if (node->type == DYN_NODE_CALL) {
        check_call(expression, node);
        check_place(expression, node, false);
    } else {
        check_operator(expression, node);
    }
}

typedef void visit(dyn_expression *expression, dyn_node *predicate);

static void visit_predicates(dyn_expression *expression, dyn_node *node,
                             visit *see)
{
    if (node->type > DYN_NODE_NOT) {
        see(expression, node);
        expression->predicate++;
        return;
    }
    for (dyn_node *n = node->first; n != NULL; n = n->next)
        visit_predicates(expression, n, see);
}

void dyn_condition_check(dyn_expression *expression, dyn_node *root)
{
    expression->predicate = 0;
    visit_predicates(expression, root, check_predicate);
}

dyn_status dyn_condition_parse(dyn_call *call, dyn_expression_kind kind,
                               dyn_bytes text, dyn_substitutes *substitutes,
                               dyn_condition *out)
{
    dyn_expression expression;
    dyn_node *root = NULL;
    dyn_expression_begin(&expression, call, kind, text, substitutes);
    DYN_TRY(dyn_parse_expression(&expression, &root));
    visit_predicates(&expression, root, dyn_resolve_operand);
    dyn_condition_check(&expression, root);
    DYN_TRY(dyn_expression_end(&expression));
    out->root = root;
    return dyn_tree_paths(call, root, &out->paths);
}
