/* Values that updates compute; the contracts are in update_operand.h. */
#include "expr/update_operand.h"

static dyn_status fail_type(dyn_call *call)
{
    return dyn_fail_reason(
        call, DYN_INVALID, DYN_REASON_OPERAND_TYPE,
        "An operand in the update expression has an incorrect data type");
}

/* ------------------------------------------------------- right-hand sides --
 */

static dyn_status evaluate_path(dyn_call *call, const dyn_node *node,
                                const dyn_map *item, dyn_value *out)
{
    const dyn_value *value = dyn_path_find(&node->path, item);
    if (value == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "The provided expression refers to an attribute that "
                        "does not exist in the item");
    }
    *out = *value;
    return DYN_OK;
}

static dyn_status evaluate_sum(dyn_call *call, const dyn_node *node,
                               const dyn_map *item, dyn_value *out)
{
    dyn_value right = {.type = DYN_TYPE_NULL};
    DYN_TRY(dyn_update_evaluate(call, node->first, item, out));
    DYN_TRY(dyn_update_evaluate(call, node->last, item, &right));
    if (out->type != DYN_TYPE_N || right.type != DYN_TYPE_N) {
        return fail_type(call);
    }
    if (node->type == DYN_NODE_MINUS) {
        return dyn_number_subtract(call, &out->number, &right.number,
                                   &out->number);
    }
    return dyn_number_add(call, &out->number, &right.number, &out->number);
}

static dyn_status evaluate_append(dyn_call *call, const dyn_node *node,
                                  const dyn_map *item, dyn_value *out)
{
    dyn_value left = {.type = DYN_TYPE_NULL};
    dyn_value right = {.type = DYN_TYPE_NULL};
    DYN_TRY(dyn_update_evaluate(call, node->first, item, &left));
    DYN_TRY(dyn_update_evaluate(call, node->last, item, &right));
    if (left.type != DYN_TYPE_L || right.type != DYN_TYPE_L) {
        return fail_type(call);
    }
    size_t count = left.list.count + right.list.count;
    dyn_value *elements = dyn_alloc(call, count * sizeof(dyn_value));
    if (elements == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        elements[i] = i < left.list.count
                          ? left.list.elements[i]
                          : right.list.elements[i - left.list.count];
    }
    out->type = DYN_TYPE_L;
    out->list = (dyn_list){elements, count};
    return DYN_OK;
}

dyn_status dyn_update_evaluate(dyn_call *call, const dyn_node *node,
                               const dyn_map *item, dyn_value *out)
{
    switch (node->type) {
    case DYN_NODE_VALUE:
        *out = *node->value;
        return DYN_OK;
    case DYN_NODE_PATH:
        return evaluate_path(call, node, item, out);
    case DYN_NODE_CALL:
        break;
    default:
        return evaluate_sum(call, node, item, out);
    }
    if (node->function == DYN_FUNCTION_LIST_APPEND) {
        return evaluate_append(call, node, item, out);
    }
    const dyn_value *there = dyn_path_find(&node->first->path, item);
    if (there == NULL) {
        return dyn_update_evaluate(call, node->last, item, out);
    }
    *out = *there;
    return DYN_OK;
}

/* ------------------------------------------------------------------ sets -- */

/* Which members of two sets, both in order, go into a third. */
typedef struct choice {
    bool only_left, both, only_right;
} choice;

static dyn_status merge(dyn_call *call, const dyn_value *left,
                        const dyn_value *right, choice take, dyn_value *out)
{
    const dyn_list *a = &left->list;
    const dyn_list *b = &right->list;
    size_t room = a->count + b->count;
    dyn_value *members = dyn_alloc(call, room * sizeof(dyn_value));
    if (members == NULL) return DYN_NOMEM;
    size_t count = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < a->count || j < b->count) {
        int order = i == a->count ? 1
                    : j == b->count
                        ? -1
                        : dyn_value_compare(&a->elements[i], &b->elements[j]);
        bool is_taken = order == 0  ? take.both
                        : order < 0 ? take.only_left
                                    : take.only_right;
        if (is_taken) {
            members[count++] = order > 0 ? b->elements[j] : a->elements[i];
        }
        if (order <= 0) i++;
        if (order >= 0) j++;
    }
    out->type = left->type;
    out->list = (dyn_list){members, count};
    return DYN_OK;
}

dyn_status dyn_update_add(dyn_call *call, const dyn_value *old,
                          const dyn_value *more, dyn_value *out)
{
    if (old->type != more->type) return fail_type(call);
    if (old->type == DYN_TYPE_N) {
        out->type = DYN_TYPE_N;
        return dyn_number_add(call, &old->number, &more->number, &out->number);
    }
    if (!dyn_type_is_set(old->type)) return fail_type(call);
    return merge(call, old, more, (choice){true, true, true}, out);
}

dyn_status dyn_update_subtract(dyn_call *call, const dyn_value *old,
                               const dyn_value *less, dyn_value *out)
{
    if (old->type != less->type || !dyn_type_is_set(old->type)) {
        return fail_type(call);
    }
    return merge(call, old, less, (choice){true, false, false}, out);
}
