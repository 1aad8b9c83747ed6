/* Whether an item, as it is stored, meets a condition; the contract is in
 * condition.h. */
#include "expr/condition.h"

#include "base/utf8.h"

typedef struct scope {
    dyn_call *call;
    const dyn_view *item;
} scope;

/* An operand, or its absence. */
typedef struct operand {
    bool is_there;
    const dyn_value *value;
    dyn_value own; /* of what is not a value of the condition */
} operand;

static dyn_status find_path(const scope *in, const dyn_path *path, operand *out)
{
    out->is_there = false;
    out->value = &out->own;
    if (in->item == NULL) return DYN_OK;
    return dyn_view_find_path(in->call, in->item, path->name, path->steps,
                              path->step_count, &out->is_there, &out->own);
}

/* The length of S in characters, as SQLite's length() counts them, the bytes of
 * B, the elements of the others; N, BOOL and NULL have no size. DynamoDB's
 * documentation speaks of the length of a String, with an example in
 * characters, and of the bytes of a Binary. */
static bool size_of(const dyn_value *value, size_t *out)
{
    switch (value->type) {
    case DYN_TYPE_S:
        *out = dyn_utf8_length(value->bytes);
        return true;
    case DYN_TYPE_B:
        *out = value->bytes.size_bytes;
        return true;
    case DYN_TYPE_M:
        *out = value->map.count;
        return true;
    case DYN_TYPE_L:
    case DYN_TYPE_SS:
    case DYN_TYPE_NS:
    case DYN_TYPE_BS:
        *out = value->list.count;
        return true;
    case DYN_TYPE_N:
    case DYN_TYPE_BOOL:
    case DYN_TYPE_NULL:
        break;
    }
    return false;
}

static dyn_status find_operand(const scope *in, const dyn_node *node,
                               operand *out)
{
    if (node->type == DYN_NODE_VALUE) {
        out->is_there = true;
        out->value = node->value;
        return DYN_OK;
    }
    if (node->type == DYN_NODE_PATH) return find_path(in, &node->path, out);

    operand measured;
    size_t size = 0;
    DYN_TRY(find_operand(in, node->first, &measured));
    out->is_there = measured.is_there && size_of(measured.value, &size);
    out->own.type = DYN_TYPE_N;
    dyn_number_from_int64((int64_t)size, &out->own.number);
    out->value = &out->own;
    return DYN_OK;
}

/* ----------------------------------------------------------- comparisons -- */

static bool are_equal(const operand *a, const operand *b)
{
    return a->is_there && b->is_there && dyn_value_equal(a->value, b->value);
}

/* Whether two operands are in an order, and then which. */
static bool compare(const operand *a, const operand *b, int *order)
{
    if (!a->is_there || !b->is_there || a->value->type != b->value->type) {
        return false;
    }
    dyn_type type = a->value->type;
    if (type != DYN_TYPE_N && type != DYN_TYPE_S && type != DYN_TYPE_B) {
        return false;
    }
    *order = dyn_value_compare(a->value, b->value);
    return true;
}

static bool comparison_holds(dyn_node_type type, const operand *a,
                             const operand *b)
{
    int order = 0;
    if (type == DYN_NODE_EQUAL) return are_equal(a, b);
    if (type == DYN_NODE_NOT_EQUAL) return !are_equal(a, b);
    if (!compare(a, b, &order)) return false;
    switch (type) {
    case DYN_NODE_LESS:
        return order < 0;
    case DYN_NODE_LESS_EQUAL:
        return order <= 0;
    case DYN_NODE_GREATER:
        return order > 0;
    default:
        return order >= 0;
    }
}

static dyn_status match_comparison(const scope *in, const dyn_node *node,
                                   bool *out)
{
    operand left;
    operand right;
    DYN_TRY(find_operand(in, node->first, &left));
    DYN_TRY(find_operand(in, node->last, &right));
    *out = comparison_holds(node->type, &left, &right);
    return DYN_OK;
}

static dyn_status match_between(const scope *in, const dyn_node *node,
                                bool *out)
{
    operand value;
    operand lower;
    operand upper;
    DYN_TRY(find_operand(in, node->first, &value));
    DYN_TRY(find_operand(in, node->first->next, &lower));
    DYN_TRY(find_operand(in, node->last, &upper));
    *out = comparison_holds(DYN_NODE_GREATER_EQUAL, &value, &lower) &&
           comparison_holds(DYN_NODE_LESS_EQUAL, &value, &upper);
    return DYN_OK;
}

static dyn_status match_in(const scope *in, const dyn_node *node, bool *out)
{
    operand value;
    DYN_TRY(find_operand(in, node->first, &value));
    *out = false;
    const dyn_node *member = node->first->next;
    for (; member != NULL && !*out; member = member->next) {
        operand other;
        DYN_TRY(find_operand(in, member, &other));
        *out = are_equal(&value, &other);
    }
    return DYN_OK;
}

/* ------------------------------------------------------------- functions -- */

static bool has_bytes_within(dyn_bytes whole, dyn_bytes part)
{
    for (; whole.size_bytes >= part.size_bytes; whole.size_bytes--) {
        if (dyn_bytes_begin_with(whole, part)) return true;
        whole.data++;
    }
    return false;
}

static bool has_element(const dyn_list *list, const dyn_value *element)
{
    for (size_t i = 0; i < list->count; i++) {
        if (dyn_value_equal(&list->elements[i], element)) return true;
    }
    return false;
}

static bool contains(const dyn_value *whole, const dyn_value *part)
{
    if (whole->type == DYN_TYPE_L || dyn_type_is_set(whole->type)) {
        return has_element(&whole->list, part);
    }
    if (whole->type != DYN_TYPE_S && whole->type != DYN_TYPE_B) return false;
    return whole->type == part->type &&
           has_bytes_within(whole->bytes, part->bytes);
}

static bool begins_with(const dyn_value *whole, const dyn_value *part)
{
    if (whole->type != DYN_TYPE_S && whole->type != DYN_TYPE_B) return false;
    return whole->type == part->type &&
           dyn_bytes_begin_with(whole->bytes, part->bytes);
}

static dyn_status match_two(const scope *in, const dyn_node *node, bool *out)
{
    operand first;
    operand second;
    DYN_TRY(find_operand(in, node->first, &first));
    DYN_TRY(find_operand(in, node->last, &second));
    *out = false;
    if (!first.is_there || !second.is_there) return DYN_OK;
    if (node->function == DYN_FUNCTION_BEGINS_WITH) {
        *out = begins_with(first.value, second.value);
    } else if (node->function == DYN_FUNCTION_CONTAINS) {
        *out = contains(first.value, second.value);
    } else {
        *out = dyn_bytes_equal_text(second.value->bytes,
                                    dyn_type_name(first.value->type));
    }
    return DYN_OK;
}

static dyn_status match_call(const scope *in, const dyn_node *node, bool *out)
{
    if (node->function != DYN_FUNCTION_ATTRIBUTE_EXISTS &&
        node->function != DYN_FUNCTION_ATTRIBUTE_NOT_EXISTS) {
        return match_two(in, node, out);
    }
    operand asked;
    DYN_TRY(find_operand(in, node->first, &asked));
    *out = asked.is_there == (node->function == DYN_FUNCTION_ATTRIBUTE_EXISTS);
    return DYN_OK;
}

/* ------------------------------------------------------------ conditions -- */

static dyn_status match_condition(const scope *in, const dyn_node *node,
                                  bool *out)
{
    switch (node->type) {
    case DYN_NODE_OR:
    case DYN_NODE_AND:
        DYN_TRY(match_condition(in, node->first, out));
        if (*out == (node->type == DYN_NODE_OR)) return DYN_OK;
        return match_condition(in, node->last, out);
    case DYN_NODE_NOT:
        DYN_TRY(match_condition(in, node->first, out));
        *out = !*out;
        return DYN_OK;
    case DYN_NODE_CALL:
        return match_call(in, node, out);
    case DYN_NODE_IN:
        return match_in(in, node, out);
    case DYN_NODE_BETWEEN:
        return match_between(in, node, out);
    default:
        return match_comparison(in, node, out);
    }
}

dyn_status dyn_condition_matches(dyn_call *call, const dyn_condition *condition,
                                 const dyn_view *item, bool *out)
{
    scope in = {call, item};
    return match_condition(&in, condition->root, out);
}
