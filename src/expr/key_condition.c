/* Terms of key conditions; the contract is in key_condition.h. */
#include "expr/key_condition.h"

#include "expr/resolve.h"

#include <assert.h>

static dyn_status fail_term(dyn_call *call, const char *why)
{
    return dyn_fail(call, DYN_INVALID,
                    "Invalid condition in KeyConditionExpression: %s", why);
}

/* Operators and functions that say nothing about a range of keys. */
static dyn_status check_operator(dyn_call *call, const dyn_node *node)
{
    static const char *const refused[] = {
        [DYN_NODE_OR] = "OR",
        [DYN_NODE_NOT] = "NOT",
        [DYN_NODE_NOT_EQUAL] = "<>",
        [DYN_NODE_IN] = "IN",
    };
    if (node->type == DYN_NODE_CALL) {
        if (node->function == DYN_FUNCTION_BEGINS_WITH) return DYN_OK;
        return dyn_fail(call, DYN_INVALID,
                        "Invalid operator used in KeyConditionExpression: "
                        "%.*s",
                        DYN_NODE_TEXT(node));
    }
    const char *name = refused[node->type];
    if (name == NULL) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Invalid operator used in KeyConditionExpression: %s",
                    name);
}

static dyn_key_relation relation_of(dyn_node_type type)
{
    switch (type) {
    case DYN_NODE_LESS:
        return DYN_KEY_LESS;
    case DYN_NODE_LESS_EQUAL:
        return DYN_KEY_LESS_EQUAL;
    case DYN_NODE_GREATER:
        return DYN_KEY_GREATER;
    case DYN_NODE_GREATER_EQUAL:
        return DYN_KEY_GREATER_EQUAL;
    case DYN_NODE_BETWEEN:
        return DYN_KEY_BETWEEN;
    case DYN_NODE_CALL:
        return DYN_KEY_BEGINS_WITH;
    default:
        return DYN_KEY_EQUAL;
    }
}

/* The relation with its operands exchanged. */
static dyn_key_relation opposite(dyn_key_relation relation)
{
    switch (relation) {
    case DYN_KEY_LESS:
        return DYN_KEY_GREATER;
    case DYN_KEY_LESS_EQUAL:
        return DYN_KEY_GREATER_EQUAL;
    case DYN_KEY_GREATER:
        return DYN_KEY_LESS;
    case DYN_KEY_GREATER_EQUAL:
        return DYN_KEY_LESS_EQUAL;
    default:
        return relation;
    }
}

/* The only operand that is a path. */
static dyn_status find_attribute(dyn_call *call, const dyn_node *node,
                                 const dyn_node **out)
{
    *out = NULL;
    for (const dyn_node *n = node->first; n != NULL; n = n->next) {
        if (n->type == DYN_NODE_VALUE) continue;
        if (n->type != DYN_NODE_PATH) {
            return dyn_fail(call, DYN_INVALID,
                            "KeyConditionExpressions cannot contain nested "
                            "operations");
        }
        if (*out != NULL) {
            return fail_term(call,
                             "Multiple attribute names used in one condition");
        }
        if (n->path.step_count > 0) {
            return dyn_fail(call, DYN_INVALID,
                            "KeyConditionExpressions cannot have conditions on "
                            "nested attributes");
        }
        *out = n;
    }
    return *out != NULL ? DYN_OK
                        : fail_term(call, "No key attribute specified");
}

static dyn_status check_first(dyn_call *call, const dyn_node *node)
{
    if (node->first->type == DYN_NODE_PATH) return DYN_OK;
    if (node->type == DYN_NODE_BETWEEN) {
        return fail_term(call, "BETWEEN operator must have the key attribute "
                               "as its first operand");
    }
    if (node->type == DYN_NODE_CALL) {
        return fail_term(call, "begins_with operator must have the key "
                               "attribute as its first operand");
    }
    return DYN_OK;
}

static dyn_key_term term_of(const dyn_node *node, const dyn_node *attribute)
{
    assert(node->first->next != NULL);
    bool is_first = attribute == node->first;
    dyn_key_relation relation = relation_of(node->type);
    return (dyn_key_term){
        .name = attribute->path.name,
        .relation = is_first ? relation : opposite(relation),
        .value = is_first ? node->first->next->value : node->first->value,
        .upper = relation == DYN_KEY_BETWEEN ? node->last->value : NULL,
    };
}

static dyn_status read_term(dyn_call *call, const dyn_node *node,
                            dyn_key_term *out)
{
    const dyn_node *attribute = NULL;
    DYN_TRY(check_operator(call, node));
    DYN_TRY(check_first(call, node));
    DYN_TRY(find_attribute(call, node, &attribute));
    assert(attribute != NULL);
    *out = term_of(node, attribute);
    return DYN_OK;
}

/* Whether a predicate has an operator that ranges of keys can serve. */
static bool is_range(const dyn_node *node)
{
    if (node->type == DYN_NODE_CALL)
        return node->function == DYN_FUNCTION_BEGINS_WITH;
    return node->type == DYN_NODE_EQUAL ||
           (node->type >= DYN_NODE_LESS && node->type <= DYN_NODE_BETWEEN);
}

bool dyn_key_term_of(const dyn_node *node, dyn_key_term *out)
{
    const dyn_node *attribute = NULL;
    if (!is_range(node)) return false;
    for (const dyn_node *n = node->first; n != NULL; n = n->next) {
        if (n->type == DYN_NODE_VALUE) continue;
        if (n->type != DYN_NODE_PATH || n->path.step_count > 0) return false;
        if (attribute != NULL) return false;
        attribute = n;
    }
    if (attribute == NULL) return false;
    if (attribute != node->first &&
        (node->type == DYN_NODE_BETWEEN || node->type == DYN_NODE_CALL)) {
        return false;
    }
    *out = term_of(node, attribute);
    return true;
}

static const dyn_key_term *find_term(const dyn_key_list *list, dyn_bytes name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (dyn_bytes_equal(list->terms[i].name, name)) return &list->terms[i];
    }
    return NULL;
}

/* Add the terms below a node to the list, which has room for all. */
static dyn_status read_terms(dyn_call *call, const dyn_node *node,
                             dyn_key_list *list)
{
    if (node->type == DYN_NODE_AND) {
        DYN_TRY(read_terms(call, node->first, list));
        return read_terms(call, node->last, list);
    }
    dyn_key_term term;
    DYN_TRY(read_term(call, node, &term));
    if (find_term(list, term.name) != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "KeyConditionExpressions must only contain one "
                        "condition per key");
    }
    list->terms[list->count++] = term;
    return DYN_OK;
}

dyn_status dyn_key_condition_read(dyn_call *call,
                                  const dyn_condition *condition,
                                  dyn_key_list *out)
{
    /* Each term has one path. */
    size_t room = condition->paths.count;
    *out = (dyn_key_list){dyn_alloc(call, room * sizeof(dyn_key_term)), 0};
    if (out->terms == NULL) return DYN_NOMEM;
    return read_terms(call, condition->root, out);
}

static dyn_status fail_unsupported(dyn_call *call)
{
    return dyn_fail(call, DYN_INVALID, "Query key condition not supported");
}

static dyn_status check_count(dyn_call *call, size_t count,
                              const dyn_key_attributes *key)
{
    enum { TABLE_KEY_MAX = 2 };
    size_t most = key->partition_count + key->sort_count;
    if (count > TABLE_KEY_MAX && most <= TABLE_KEY_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "Conditions can be of length 1 or 2 only");
    }
    if (count > most) return fail_unsupported(call);
    return DYN_OK;
}

/* The term about a key attribute. */
static dyn_status take_term(dyn_call *call, const dyn_key_list *list,
                            const dyn_key_attribute *attribute,
                            dyn_key_term *out)
{
    const dyn_key_term *term = find_term(list, attribute->name);
    if (term == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "Query condition missed key schema element: %.*s",
                        (int)attribute->name.size_bytes,
                        (const char *)attribute->name.data);
    }
    if (term->relation == DYN_KEY_OTHER) {
        return dyn_fail(call, DYN_INVALID,
                        "Attempted conditional constraint is not an indexable "
                        "operation");
    }
    if (term->value->type != attribute->type ||
        (term->upper != NULL && term->upper->type != attribute->type)) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Condition "
                        "parameter type does not match schema type");
    }
    *out = *term;
    return DYN_OK;
}

/* All of the partition key has a term, and as many attributes of the sort key,
 * from the left, as there are terms left; only the last may be a range. */
dyn_status dyn_key_terms_take(dyn_call *call, const dyn_key_list *list,
                              const dyn_key_attributes *key, size_t at,
                              dyn_key_terms *out)
{
    bool is_sort = at >= key->partition_count;
    size_t sort_at = at - key->partition_count;
    dyn_key_term *term = is_sort ? &out->sort[sort_at] : &out->partition[at];
    if (at == 0) {
        out->sort_count = 0;
        DYN_TRY(check_count(call, list->count, key));
    }
    if (is_sort && at >= list->count) return DYN_OK;
    DYN_TRY(take_term(
        call, list, is_sort ? &key->sort[sort_at] : &key->partition[at], term));
    if (is_sort) out->sort_count = sort_at + 1;
    bool may_be_range = is_sort && at + 1 == list->count;
    if (term->relation != DYN_KEY_EQUAL && !may_be_range)
        return fail_unsupported(call);
    return DYN_OK;
}

/* ---------------------------------------------------------- other checks -- */

/* The first attribute of a key that paths mention; NULL when there is none. */
static const dyn_key_attribute *find_key(dyn_paths paths, bool is_below,
                                         const dyn_key_attributes *key)
{
    for (size_t i = 0; i < key->partition_count; i++) {
        if (dyn_paths_mention(paths, key->partition[i].name, is_below)) {
            return &key->partition[i];
        }
    }
    for (size_t i = 0; i < key->sort_count; i++) {
        if (dyn_paths_mention(paths, key->sort[i].name, is_below)) {
            return &key->sort[i];
        }
    }
    return NULL;
}

dyn_status dyn_filter_check(dyn_call *call, const dyn_condition *filter,
                            const dyn_key_attributes *key, const char *kind)
{
    const dyn_key_attribute *found = find_key(filter->paths, false, key);
    if (found == NULL) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "%s can only contain non-primary key attributes: Primary "
                    "key attribute: %.*s",
                    kind, (int)found->name.size_bytes,
                    (const char *)found->name.data);
}

dyn_status dyn_paths_check_key(dyn_call *call, dyn_paths paths,
                               const dyn_key_attributes *key, const char *kind)
{
    const dyn_key_attribute *found = find_key(paths, true, key);
    if (found == NULL) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Key attributes must be scalars; list random access '[]' "
                    "and map lookup '.' are not allowed: %s: %.*s",
                    kind, (int)found->name.size_bytes,
                    (const char *)found->name.data);
}
