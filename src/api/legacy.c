/* Older parameters as trees; the contracts are in legacy.h. */
#include "api/legacy.h"

#include "api/request.h"
#include "item/item_json.h"

#include <stdlib.h>

#define INVALID      "One or more parameter values were invalid: "
#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* ----------------------------------------------------------------- nodes -- */

static dyn_node *new_node(dyn_call *call, dyn_node_type type, dyn_node *first,
                          dyn_node *second)
{
    dyn_node *node = dyn_alloc_zero(call, 1, sizeof(*node));
    if (node == NULL || first == NULL) return node;
    node->type = type;
    node->first = first;
    node->last = first;
    node->count = 1;
    if (second != NULL) {
        first->next = second;
        node->last = second;
        node->count = 2;
    }
    return node;
}

static dyn_node *path_node(dyn_call *call, dyn_bytes name)
{
    dyn_node *node = new_node(call, DYN_NODE_PATH, NULL, NULL);
    if (node == NULL) return NULL;
    node->type = DYN_NODE_PATH;
    node->path = (dyn_path){name, NULL, 0};
    return node;
}

static dyn_node *value_node(dyn_call *call, const dyn_value *value)
{
    dyn_node *node = new_node(call, DYN_NODE_VALUE, NULL, NULL);
    if (node == NULL) return NULL;
    node->type = DYN_NODE_VALUE;
    node->value = value;
    return node;
}

static dyn_node *call_node(dyn_call *call, dyn_function function,
                           dyn_node *first, dyn_node *second)
{
    dyn_node *node = new_node(call, DYN_NODE_CALL, first, second);
    if (node != NULL) node->function = function;
    return node;
}

/* Join conditions by AND or OR, as a tree that is not deep. */
static dyn_node *join_nodes(dyn_call *call, dyn_node_type type,
                            dyn_node **nodes, size_t count)
{
    if (count == 1) return nodes[0];
    size_t half = count / 2;
    dyn_node *first = join_nodes(call, type, nodes, half);
    dyn_node *second = join_nodes(call, type, nodes + half, count - half);
    if (first == NULL || second == NULL) return NULL;
    return new_node(call, type, first, second);
}

/* ------------------------------------------------------------ conditions -- */

enum { ANY_TYPE = 0x3ff }; /* a bit for each type */

#define TYPE(name) (1U << DYN_TYPE_##name)

/* What a ComparisonOperator takes and means. */
typedef struct comparison {
    const char *name;
    size_t least; /* values */
    size_t most;
    unsigned types; /* of them */
    dyn_node_type node;
    dyn_function function;     /* of a CALL */
    dyn_key_relation relation; /* in KeyConditions */
} comparison;

static const comparison comparisons[] = {
    {"EQ", 1, 1, ANY_TYPE, DYN_NODE_EQUAL, 0, DYN_KEY_EQUAL},
    {"NE", 1, 1, ANY_TYPE, DYN_NODE_NOT_EQUAL, 0, DYN_KEY_OTHER},
    {"IN", 1, SIZE_MAX, TYPE(S) | TYPE(N) | TYPE(B), DYN_NODE_IN, 0,
     DYN_KEY_OTHER},
    {"LE", 1, 1, TYPE(S) | TYPE(N) | TYPE(B), DYN_NODE_LESS_EQUAL, 0,
     DYN_KEY_LESS_EQUAL},
    {"LT", 1, 1, TYPE(S) | TYPE(N) | TYPE(B), DYN_NODE_LESS, 0, DYN_KEY_LESS},
    {"GE", 1, 1, TYPE(S) | TYPE(N) | TYPE(B), DYN_NODE_GREATER_EQUAL, 0,
     DYN_KEY_GREATER_EQUAL},
    {"GT", 1, 1, TYPE(S) | TYPE(N) | TYPE(B), DYN_NODE_GREATER, 0,
     DYN_KEY_GREATER},
    {"BETWEEN", 2, 2, TYPE(S) | TYPE(N) | TYPE(B), DYN_NODE_BETWEEN, 0,
     DYN_KEY_BETWEEN},
    {"NOT_NULL", 0, 0, 0, DYN_NODE_CALL, DYN_FUNCTION_ATTRIBUTE_EXISTS,
     DYN_KEY_OTHER},
    {"NULL", 0, 0, 0, DYN_NODE_CALL, DYN_FUNCTION_ATTRIBUTE_NOT_EXISTS,
     DYN_KEY_OTHER},
    {"CONTAINS", 1, 1, TYPE(S) | TYPE(N) | TYPE(B), DYN_NODE_CALL,
     DYN_FUNCTION_CONTAINS, DYN_KEY_OTHER},
    {"NOT_CONTAINS", 1, 1, TYPE(S) | TYPE(N) | TYPE(B), DYN_NODE_NOT,
     DYN_FUNCTION_CONTAINS, DYN_KEY_OTHER},
    {"BEGINS_WITH", 1, 1, TYPE(S) | TYPE(B), DYN_NODE_CALL,
     DYN_FUNCTION_BEGINS_WITH, DYN_KEY_BEGINS_WITH},
};

/* By a name that the shape of the request allows. */
static const comparison *find_comparison(dyn_bytes name)
{
    const comparison *last =
        &comparisons[sizeof(comparisons) / sizeof(comparisons[0]) - 1];
    const comparison *found = comparisons;
    while (found < last && !dyn_bytes_equal_text(name, found->name))
        found++;
    return found;
}

static dyn_status check_arguments(dyn_call *call, const comparison *how,
                                  const dyn_list *values)
{
    if (values->count < how->least || values->count > how->most) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Invalid number of argument(s) for the %s "
                                "ComparisonOperator",
                        how->name);
    }
    for (size_t i = 0; i < values->count; i++) {
        if (values->elements[i].type == values->elements[0].type) continue;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "AttributeValues inside AttributeValueList "
                                "must be of same type");
    }
    for (size_t i = 0; i < values->count; i++) {
        dyn_type type = values->elements[i].type;
        if ((how->types & (1U << type)) == 0) {
            return dyn_fail(call, DYN_INVALID,
                            INVALID "ComparisonOperator %s is not valid for %s "
                                    "AttributeValue type",
                            how->name, dyn_type_name(type));
        }
    }
    if (how->node == DYN_NODE_BETWEEN &&
        dyn_value_compare(&values->elements[0], &values->elements[1]) > 0) {
        return dyn_fail(call, DYN_INVALID,
                        "The BETWEEN condition was provided a range where the "
                        "lower bound is greater than the upper bound");
    }
    return DYN_OK;
}

/* The condition that an attribute is in such a relation to values. */
static dyn_status compare_node(dyn_call *call, const comparison *how,
                               dyn_bytes name, const dyn_list *values,
                               dyn_node **out)
{
    bool is_call = how->node == DYN_NODE_CALL || how->node == DYN_NODE_NOT;
    dyn_node *path = path_node(call, name);
    if (path == NULL) return DYN_NOMEM;
    dyn_node *node =
        new_node(call, is_call ? DYN_NODE_CALL : how->node, path, NULL);
    if (node == NULL) return DYN_NOMEM;
    if (is_call) node->function = how->function;
    for (size_t i = 0; i < values->count; i++) {
        dyn_node *value = value_node(call, &values->elements[i]);
        if (value == NULL) return DYN_NOMEM;
        node->last->next = value;
        node->last = value;
        node->count++;
    }
    *out = how->node == DYN_NODE_NOT ? new_node(call, DYN_NODE_NOT, node, NULL)
                                     : node;
    return *out == NULL ? DYN_NOMEM : DYN_OK;
}

static dyn_status read_values(dyn_call *call, const dyn_json *array,
                              dyn_list *out)
{
    *out = (dyn_list){NULL, 0};
    if (array == NULL) return DYN_OK;
    out->elements = dyn_alloc(call, array->count * sizeof(dyn_value));
    if (out->elements == NULL) return DYN_NOMEM;
    for (const dyn_json *c = array->first; c != NULL; c = c->next) {
        DYN_TRY(dyn_value_from_typed(call, c, &out->elements[out->count]));
        out->count++;
    }
    return DYN_OK;
}

/* An element of a filter or of KeyConditions. */
static dyn_status read_comparison(dyn_call *call, const dyn_json *condition,
                                  const comparison **how, dyn_list *values)
{
    *how = find_comparison(dyn_request_text(condition, "ComparisonOperator"));
    DYN_TRY(read_values(
        call, dyn_request_member(condition, "AttributeValueList"), values));
    return check_arguments(call, *how, values);
}

static dyn_status read_condition(dyn_call *call, const dyn_json *condition,
                                 dyn_node **out)
{
    dyn_list values;
    const comparison *how = NULL;
    DYN_TRY(read_comparison(call, condition, &how, &values));
    return compare_node(call, how, condition->key, &values, out);
}

typedef dyn_status read_element(dyn_call *call, const dyn_json *element,
                                dyn_node **out);

/* The condition that the elements of a map make together. */
static dyn_status read_conditions(dyn_call *call, const dyn_json *map,
                                  read_element *read, bool is_or,
                                  dyn_condition *out)
{
    dyn_node **nodes = dyn_alloc(call, map->count * sizeof(dyn_node *));
    dyn_path *paths = dyn_alloc(call, map->count * sizeof(dyn_path));
    if (nodes == NULL || paths == NULL) return DYN_NOMEM;
    size_t count = 0;
    for (const dyn_json *c = map->first; c != NULL; c = c->next) {
        paths[count] = (dyn_path){c->key, NULL, 0};
        DYN_TRY(read(call, c, &nodes[count++]));
    }
    out->paths = (dyn_paths){paths, count};
    out->root =
        join_nodes(call, is_or ? DYN_NODE_OR : DYN_NODE_AND, nodes, count);
    return out->root == NULL ? DYN_NOMEM : DYN_OK;
}

static dyn_status check_operator(dyn_call *call, const dyn_json *request,
                                 const dyn_json *map)
{
    if (dyn_request_member(request, "ConditionalOperator") == NULL)
        return DYN_OK;
    if (map == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "ConditionalOperator cannot be used without Filter or "
                        "Expected");
    }
    if (map->count > 1) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "ConditionalOperator can only be used when Filter or "
                    "Expected has two or more elements");
}

static dyn_status read_map(dyn_call *call, const dyn_json *request,
                           const char *name, read_element *read, bool *is_there,
                           dyn_condition *out)
{
    const dyn_json *map = dyn_request_member(request, name);
    DYN_TRY(check_operator(call, request, map));
    *is_there = map != NULL && map->count > 0;
    if (!*is_there) return DYN_OK;
    bool is_or = dyn_request_is(request, "ConditionalOperator", "OR");
    return read_conditions(call, map, read, is_or, out);
}

dyn_status dyn_legacy_filter(dyn_call *call, const dyn_json *request,
                             const char *name, bool *is_there,
                             dyn_condition *out)
{
    return read_map(call, request, name, read_condition, is_there, out);
}

static dyn_status read_term(dyn_call *call, const dyn_json *condition,
                            dyn_key_term *out)
{
    dyn_list values;
    const comparison *how = NULL;
    DYN_TRY(read_comparison(call, condition, &how, &values));
    *out = (dyn_key_term){.name = condition->key, .relation = how->relation};
    if (values.count > 0) out->value = &values.elements[0];
    if (how->relation == DYN_KEY_BETWEEN) out->upper = &values.elements[1];
    return DYN_OK;
}

dyn_status dyn_legacy_key_conditions(dyn_call *call, const dyn_json *request,
                                     dyn_key_list *out)
{
    const dyn_json *map = dyn_request_member(request, "KeyConditions");
    if (map->count == 0) {
        return dyn_fail(call, DYN_INVALID,
                        "Conditions can be of length 1 or 2 only");
    }
    *out =
        (dyn_key_list){dyn_alloc(call, map->count * sizeof(dyn_key_term)), 0};
    if (out->terms == NULL) return DYN_NOMEM;
    for (const dyn_json *c = map->first; c != NULL; c = c->next)
        DYN_TRY(read_term(call, c, &out->terms[out->count++]));
    return DYN_OK;
}

/* -------------------------------------------------------------- Expected -- */

static dyn_status check_with_operator(dyn_call *call, const dyn_json *expected,
                                      const comparison *how)
{
    if (dyn_request_member(expected, "Exists") != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Exists and ComparisonOperator cannot be used "
                                "together for Attribute: %.*s",
                        SHOWN(expected->key));
    }
    if (how->least == 0 ||
        dyn_request_member(expected, "AttributeValueList") != NULL ||
        dyn_request_member(expected, "Value") != NULL) {
        return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID,
                    INVALID "Value or AttributeValueList must be used with "
                            "ComparisonOperator: %s for Attribute: %.*s",
                    how->name, SHOWN(expected->key));
}

static dyn_status check_without_operator(dyn_call *call,
                                         const dyn_json *expected)
{
    const dyn_json *exists = dyn_request_member(expected, "Exists");
    bool has_value = dyn_request_member(expected, "Value") != NULL;
    bool is_true = dyn_request_flag(expected, "Exists", true);
    if (dyn_request_member(expected, "AttributeValueList") != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "AttributeValueList can only be used with a "
                                "ComparisonOperator for Attribute: %.*s",
                        SHOWN(expected->key));
    }
    if (is_true && !has_value) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Value must be provided when Exists is %s for "
                                "Attribute: %.*s",
                        exists == NULL ? "null" : "true", SHOWN(expected->key));
    }
    if (!is_true && has_value) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Value cannot be used when Exists is false for "
                                "Attribute: %.*s",
                        SHOWN(expected->key));
    }
    return DYN_OK;
}

/* The comparison that an element of Expected is. */
static dyn_status find_expected(dyn_call *call, const dyn_json *expected,
                                const comparison **how)
{
    dyn_bytes name = dyn_request_text(expected, "ComparisonOperator");
    if (dyn_request_member(expected, "AttributeValueList") != NULL &&
        dyn_request_member(expected, "Value") != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Value and AttributeValueList cannot be used "
                                "together for Attribute: %.*s",
                        SHOWN(expected->key));
    }
    if (name.data != NULL) {
        *how = find_comparison(name);
        return check_with_operator(call, expected, *how);
    }
    bool exists = dyn_request_flag(expected, "Exists", true);
    *how = find_comparison(dyn_bytes_text(exists ? "EQ" : "NULL"));
    return check_without_operator(call, expected);
}

static dyn_status read_expected(dyn_call *call, const dyn_json *expected,
                                dyn_node **out)
{
    const comparison *how = NULL;
    const dyn_json *value = dyn_request_member(expected, "Value");
    dyn_list values = {NULL, 0};
    DYN_TRY(find_expected(call, expected, &how));
    if (value != NULL) {
        values.elements = dyn_alloc(call, sizeof(dyn_value));
        if (values.elements == NULL) return DYN_NOMEM;
        values.count = 1;
        DYN_TRY(dyn_value_from_typed(call, value, values.elements));
    } else {
        DYN_TRY(read_values(
            call, dyn_request_member(expected, "AttributeValueList"), &values));
    }
    DYN_TRY(check_arguments(call, how, &values));
    return compare_node(call, how, expected->key, &values, out);
}

dyn_status dyn_legacy_expected(dyn_call *call, const dyn_json *request,
                               bool *is_there, dyn_condition *out)
{
    return read_map(call, request, "Expected", read_expected, is_there, out);
}

/* --------------------------------------------------------------- updates -- */

/* ADD to a list appends, which the expression has another form for. */
static dyn_node *append_node(dyn_call *call, dyn_bytes name,
                             const dyn_value *value)
{
    static const dyn_value empty = {.type = DYN_TYPE_L};
    dyn_node *path = path_node(call, name);
    dyn_node *nothing = value_node(call, &empty);
    dyn_node *more = value_node(call, value);
    if (path == NULL || nothing == NULL || more == NULL) return NULL;
    dyn_node *old = call_node(call, DYN_FUNCTION_IF_NOT_EXISTS, path, nothing);
    if (old == NULL) return NULL;
    return call_node(call, DYN_FUNCTION_LIST_APPEND, old, more);
}

static dyn_status check_update(dyn_call *call, const dyn_value *value,
                               dyn_verb verb)
{
    if (value == NULL) {
        if (verb == DYN_VERB_DELETE) return DYN_OK;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Only DELETE action is allowed when no "
                                "attribute value is specified");
    }
    bool is_set = dyn_type_is_set(value->type);
    if (verb == DYN_VERB_DELETE && !is_set) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "DELETE action with value is not supported for "
                                "the type %s",
                        dyn_type_name(value->type));
    }
    if (verb == DYN_VERB_ADD && !is_set && value->type != DYN_TYPE_N &&
        value->type != DYN_TYPE_L) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "ADD action is not supported for the type %s",
                        dyn_type_name(value->type));
    }
    return DYN_OK;
}

static dyn_status read_update(dyn_call *call, const dyn_json *update,
                              dyn_action *out)
{
    const dyn_json *json = dyn_request_member(update, "Value");
    dyn_value *value = NULL;
    dyn_verb verb = DYN_VERB_SET; /* PUT */
    if (dyn_request_is(update, "Action", "ADD")) verb = DYN_VERB_ADD;
    if (dyn_request_is(update, "Action", "DELETE")) verb = DYN_VERB_DELETE;
    if (json != NULL) {
        value = dyn_alloc(call, sizeof(*value));
        if (value == NULL) return DYN_NOMEM;
        DYN_TRY(dyn_value_from_typed(call, json, value));
    }
    DYN_TRY(check_update(call, value, verb));
    *out = (dyn_action){.path = {update->key, NULL, 0}, .verb = verb};
    if (value == NULL) {
        out->verb = DYN_VERB_REMOVE;
        return DYN_OK;
    }
    bool is_append = verb == DYN_VERB_ADD && value->type == DYN_TYPE_L;
    if (is_append) out->verb = DYN_VERB_SET;
    out->operand = is_append ? append_node(call, update->key, value)
                             : value_node(call, value);
    return out->operand == NULL ? DYN_NOMEM : DYN_OK;
}

static int compare_names(const void *a, const void *b)
{
    return dyn_path_compare(&((const dyn_action *)a)->path,
                            &((const dyn_action *)b)->path);
}

dyn_status dyn_legacy_updates(dyn_call *call, const dyn_json *request,
                              dyn_update *out)
{
    const dyn_json *map = dyn_request_member(request, "AttributeUpdates");
    if (map == NULL) return DYN_OK;
    dyn_action *actions = dyn_alloc(call, map->count * sizeof(dyn_action));
    dyn_path *paths = dyn_alloc(call, map->count * sizeof(dyn_path));
    if (actions == NULL || paths == NULL) return DYN_NOMEM;
    size_t count = 0;
    for (const dyn_json *c = map->first; c != NULL; c = c->next)
        DYN_TRY(read_update(call, c, &actions[count++]));
    qsort(actions, count, sizeof(dyn_action), compare_names);
    for (size_t i = 0; i < count; i++)
        paths[i] = actions[i].path;
    *out =
        (dyn_update){.changed = {.paths = {paths, count}}, .actions = actions};
    return DYN_OK;
}

dyn_status dyn_legacy_attributes_to_get(dyn_call *call, const dyn_json *request,
                                        bool *is_there, dyn_projection *out)
{
    const dyn_json *names = dyn_request_member(request, "AttributesToGet");
    *is_there = names != NULL;
    if (names == NULL) return DYN_OK;
    dyn_path *paths = dyn_alloc(call, names->count * sizeof(dyn_path));
    if (paths == NULL) return DYN_NOMEM;
    size_t count = 0;
    for (const dyn_json *c = names->first; c != NULL; c = c->next)
        paths[count++] = (dyn_path){c->text, NULL, 0};
    out->paths = (dyn_paths){paths, count};
    dyn_paths_sort(out->paths);
    for (size_t i = 1; i < count; i++) {
        if (!dyn_bytes_equal(paths[i - 1].name, paths[i].name)) continue;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Duplicate value in attribute name: %.*s",
                        SHOWN(paths[i].name));
    }
    return DYN_OK;
}
