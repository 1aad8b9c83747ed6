/*
 * Applying an update: the item is built anew along the paths of the actions,
 * and shares everything else with the old one. The contract is in update.h.
 */
#include "expr/update.h"

#include "expr/update_operand.h"

typedef struct scope {
    dyn_call *call;
    const dyn_update *update;
    const dyn_value *values; /* of the actions that are a SET */
} scope;

/* What some paths, which share an attribute and depth steps, make of the value
 * that is there, which is NULL when there is none. *is_left tells whether there
 * is a value then. */
static dyn_status change(const scope *in, dyn_paths paths, size_t depth,
                         const dyn_value *old, bool *is_left, dyn_value *out);

static dyn_status fail_path(dyn_call *call)
{
    return dyn_fail(call, DYN_INVALID,
                    "The document path provided in the update expression is "
                    "invalid for update");
}

/* --------------------------------------------------------------- actions -- */

static dyn_status add_to(const scope *in, const dyn_value *old,
                         const dyn_value *operand, dyn_value *out)
{
    if (old != NULL) return dyn_update_add(in->call, old, operand, out);
    *out = *operand;
    return DYN_OK;
}

static dyn_status subtract(const scope *in, const dyn_value *old,
                           const dyn_value *operand, bool *is_left,
                           dyn_value *out)
{
    *is_left = false;
    if (old == NULL) return DYN_OK;
    DYN_TRY(dyn_update_subtract(in->call, old, operand, out));
    *is_left = out->list.count > 0;
    return DYN_OK;
}

static dyn_status act(const scope *in, size_t number, const dyn_value *old,
                      bool *is_left, dyn_value *out)
{
    const dyn_action *action = &in->update->actions[number];
    *is_left = action->verb != DYN_VERB_REMOVE;
    switch (action->verb) {
    case DYN_VERB_SET:
        *out = in->values[number];
        return DYN_OK;
    case DYN_VERB_ADD:
        return add_to(in, old, action->operand->value, out);
    case DYN_VERB_DELETE:
        return subtract(in, old, action->operand->value, is_left, out);
    case DYN_VERB_REMOVE:
        break;
    }
    return DYN_OK;
}

/* ------------------------------------------------------------ containers -- */

/* The name that a path has after depth steps. */
static dyn_bytes name_at(const dyn_path *path, size_t depth)
{
    return depth == 0 ? path->name : path->steps[depth - 1].name;
}

/* Change the attributes of an item (depth 0) or of a map. */
static dyn_status change_map(const scope *in, dyn_paths paths, size_t depth,
                             const dyn_map *old, dyn_map *out)
{
    size_t room = old->count + paths.count;
    dyn_attribute *next = dyn_alloc(in->call, room * sizeof(dyn_attribute));
    if (next == NULL) return DYN_NOMEM;
    out->attributes = next;
    size_t i = 0;
    while (paths.count > 0) {
        dyn_paths same = dyn_paths_take(&paths, depth);
        dyn_bytes name = name_at(same.paths, depth);
        int order = -1;
        for (; i < old->count; i++) {
            order = dyn_bytes_compare(old->attributes[i].name, name);
            if (order >= 0) break;
            *next++ = old->attributes[i];
        }
        bool is_there = i < old->count && order == 0;
        bool is_left = false;
        next->name = name;
        DYN_TRY(change(in, same, depth,
                       is_there ? &old->attributes[i].value : NULL, &is_left,
                       &next->value));
        next += is_left;
        i += is_there;
    }
    while (i < old->count)
        *next++ = old->attributes[i++];
    out->count = (size_t)(next - out->attributes);
    return DYN_OK;
}

/* Change the elements of a list. */
static dyn_status change_list(const scope *in, dyn_paths paths, size_t depth,
                              const dyn_list *old, dyn_list *out)
{
    size_t room = old->count + paths.count;
    dyn_value *next = dyn_alloc(in->call, room * sizeof(dyn_value));
    if (next == NULL) return DYN_NOMEM;
    out->elements = next;
    size_t i = 0;
    while (paths.count > 0) {
        dyn_paths same = dyn_paths_take(&paths, depth);
        size_t index = same.paths->steps[depth - 1].index;
        while (i < old->count && i < index)
            *next++ = old->elements[i++];
        bool is_there = i < old->count;
        bool is_left = false;
        DYN_TRY(change(in, same, depth, is_there ? &old->elements[i] : NULL,
                       &is_left, next));
        next += is_left;
        i += is_there;
    }
    while (i < old->count)
        *next++ = old->elements[i++];
    out->count = (size_t)(next - out->elements);
    return DYN_OK;
}

static dyn_status change(const scope *in, dyn_paths paths, size_t depth,
                         const dyn_value *old, bool *is_left, dyn_value *out)
{
    const dyn_path *first = paths.paths;
    if (first->step_count == depth) {
        size_t number = (size_t)(first - in->update->changed.paths.paths);
        return act(in, number, old, is_left, out);
    }
    dyn_type type = first->steps[depth].is_index ? DYN_TYPE_L : DYN_TYPE_M;
    if (old == NULL || old->type != type) return fail_path(in->call);
    *is_left = true;
    out->type = type;
    if (type == DYN_TYPE_L) {
        return change_list(in, paths, depth + 1, &old->list, &out->list);
    }
    return change_map(in, paths, depth + 1, &old->map, &out->map);
}

/* As on the service, what a SET cannot compute is found out before any path
 * that leads nowhere. */
static dyn_status evaluate(dyn_call *call, const dyn_update *update,
                           const dyn_map *item, const dyn_value **out)
{
    size_t count = update->changed.paths.count;
    dyn_value *values = dyn_alloc(call, count * sizeof(dyn_value));
    if (values == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const dyn_action *action = &update->actions[i];
        if (action->verb != DYN_VERB_SET) continue;
        DYN_TRY(dyn_update_evaluate(call, action->operand, item, &values[i]));
    }
    *out = values;
    return DYN_OK;
}

bool dyn_update_only_removes(const dyn_update *update)
{
    size_t count = update->changed.paths.count;
    for (size_t i = 0; i < count; i++) {
        dyn_verb verb = update->actions[i].verb;
        if (verb != DYN_VERB_REMOVE && verb != DYN_VERB_DELETE) return false;
    }
    return count > 0;
}

dyn_status dyn_update_apply(dyn_call *call, const dyn_update *update,
                            const dyn_map *item, dyn_map *out)
{
    scope in = {.call = call, .update = update};
    dyn_map made = {NULL, 0};
    DYN_TRY(evaluate(call, update, item, &in.values));
    DYN_TRY(change_map(&in, update->changed.paths, 0, item, &made));
    *out = made;
    return DYN_OK;
}
