/* WHERE, taken apart; the contracts are in where.h. */
#include "partiql/where.h"

#include "expr/resolve.h"

/* What AND joins. A term that is taken for the key becomes NULL. */
typedef struct term_list {
    const dyn_node **terms;
    size_t count;
} term_list;

static size_t count_terms(const dyn_node *node)
{
    if (node->type != DYN_NODE_AND) return 1;
    return count_terms(node->first) + count_terms(node->last);
}

static void list_terms(const dyn_node *node, term_list *out)
{
    if (node->type != DYN_NODE_AND) {
        out->terms[out->count++] = node;
        return;
    }
    list_terms(node->first, out);
    list_terms(node->last, out);
}

/* ------------------------------------------------------------------- key -- */

enum { NONE = -1 };

/* The number of the first term that can serve for an attribute. */
static int find_term(const term_list *list, const dyn_key_attribute *attribute,
                     bool is_equal, dyn_key_term *out)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->terms[i] == NULL) continue;
        if (!dyn_key_term_of(list->terms[i], out)) continue;
        if (!dyn_bytes_equal(out->name, attribute->name)) continue;
        if ((out->relation == DYN_KEY_EQUAL) == is_equal) return (int)i;
    }
    return NONE;
}

static dyn_status check_type(dyn_call *call, const dyn_key_attribute *attribute,
                             const dyn_value *value)
{
    if (value == NULL || value->type == attribute->type) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "One or more parameter values were invalid: Condition "
                    "parameter type does not match schema type: %.*s is %s, "
                    "not %s",
                    (int)attribute->name.size_bytes,
                    (const char *)attribute->name.data,
                    dyn_type_name(attribute->type), dyn_type_name(value->type));
}

static dyn_status check_term(dyn_call *call, const dyn_key_attribute *attribute,
                             const dyn_key_term *term)
{
    DYN_TRY(check_type(call, attribute, term->value));
    return check_type(call, attribute, term->upper);
}

/* Take all of the partition key, unless an equality is missing. */
static dyn_status take_partition(dyn_call *call, const term_list *list,
                                 const dyn_key_attributes *key, dyn_where *out)
{
    int numbers[DYN_KEY_ATTRIBUTES_MAX];
    for (size_t i = 0; i < key->partition_count; i++) {
        numbers[i] =
            find_term(list, &key->partition[i], true, &out->terms.partition[i]);
        if (numbers[i] == NONE) return DYN_OK;
    }
    for (size_t i = 0; i < key->partition_count; i++) {
        DYN_TRY(check_term(call, &key->partition[i], &out->terms.partition[i]));
        list->terms[numbers[i]] = NULL;
    }
    out->has_partition = true;
    return DYN_OK;
}

static bool has_value(const dyn_list *list, const dyn_value *value)
{
    for (size_t i = 0; i < list->count; i++) {
        if (dyn_value_equal(&list->elements[i], value)) return true;
    }
    return false;
}

/* Whether a term is that an attribute is one of some values. */
static bool is_membership(const dyn_node *node,
                          const dyn_key_attribute *attribute)
{
    if (node->type != DYN_NODE_IN) return false;
    const dyn_node *path = node->first;
    if (path->type != DYN_NODE_PATH || path->path.step_count > 0 ||
        !dyn_bytes_equal(path->path.name, attribute->name)) {
        return false;
    }
    for (const dyn_node *n = path->next; n != NULL; n = n->next) {
        if (n->type != DYN_NODE_VALUE) return false;
    }
    return true;
}

static dyn_status read_members(dyn_call *call, const dyn_node *node,
                               const dyn_key_attribute *attribute,
                               dyn_list *out)
{
    size_t count = node->count - 1;
    if (count > DYN_IN_PARTITIONS_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "IN takes up to %d values of the partition key %.*s; "
                        "number of values: %zu",
                        DYN_IN_PARTITIONS_MAX, (int)attribute->name.size_bytes,
                        (const char *)attribute->name.data, count);
    }
    out->elements = dyn_alloc(call, count * sizeof(dyn_value));
    if (out->elements == NULL) return DYN_NOMEM;
    for (const dyn_node *n = node->first->next; n != NULL; n = n->next) {
        DYN_TRY(check_type(call, attribute, n->value));
        if (has_value(out, n->value)) continue;
        out->elements[out->count++] = *n->value;
    }
    return DYN_OK;
}

static dyn_status take_members(dyn_call *call, const term_list *list,
                               const dyn_key_attributes *key, dyn_where *out)
{
    if (key->partition_count > 1) return DYN_OK;
    for (size_t i = 0; i < list->count; i++) {
        if (!is_membership(list->terms[i], &key->partition[0])) continue;
        DYN_TRY(read_members(call, list->terms[i], &key->partition[0],
                             &out->members));
        out->terms.partition[0] = (dyn_key_term){
            .name = key->partition[0].name,
            .relation = DYN_KEY_EQUAL,
            .value = out->members.elements,
        };
        list->terms[i] = NULL;
        out->has_partition = true;
        return DYN_OK;
    }
    return DYN_OK;
}

static dyn_status take_sort(dyn_call *call, const term_list *list,
                            const dyn_key_attributes *key, dyn_where *out)
{
    size_t equal_count = 0;
    for (size_t i = 0; i < key->sort_count; i++) {
        dyn_key_term *term = &out->terms.sort[i];
        int number = find_term(list, &key->sort[i], true, term);
        equal_count += number != NONE;
        if (number == NONE)
            number = find_term(list, &key->sort[i], false, term);
        if (number == NONE) break;
        DYN_TRY(check_term(call, &key->sort[i], term));
        list->terms[number] = NULL;
        out->terms.sort_count++;
        if (term->relation != DYN_KEY_EQUAL) break;
    }
    out->is_whole = equal_count == key->sort_count && out->members.count == 0;
    return DYN_OK;
}

/* ------------------------------------------------------------------ rest -- */

static dyn_node *join(dyn_call *call, dyn_node_type type, const dyn_node *left,
                      const dyn_node *right)
{
    enum { NODES = 3 };
    dyn_node *nodes = dyn_alloc_zero(call, NODES, sizeof(dyn_node));
    if (nodes == NULL) return NULL;
    nodes[1] = *left;
    nodes[2] = *right;
    nodes[1].next = &nodes[2];
    nodes[2].next = NULL;
    nodes[0].type = type;
    nodes[0].first = &nodes[1];
    nodes[0].last = &nodes[2];
    nodes[0].count = 2;
    return nodes;
}

static dyn_status join_rest(dyn_call *call, const term_list *list,
                            dyn_condition *out)
{
    const dyn_node *root = NULL;
    for (size_t i = 0; i < list->count; i++) {
        const dyn_node *term = list->terms[i];
        if (term == NULL) continue;
        root = root == NULL ? term : join(call, DYN_NODE_AND, root, term);
        if (root == NULL) return DYN_NOMEM;
    }
    *out = (dyn_condition){.root = root};
    return root == NULL ? DYN_OK : dyn_tree_paths(call, root, &out->paths);
}

dyn_status dyn_where_split(dyn_call *call, const dyn_condition *where,
                           const dyn_key_attributes *key, dyn_where *out)
{
    *out = (dyn_where){.rest = *where};
    if (where->root == NULL) return DYN_OK;
    size_t count = count_terms(where->root);
    term_list list = {dyn_alloc(call, count * sizeof(dyn_node *)), 0};
    if (list.terms == NULL) return DYN_NOMEM;
    list_terms(where->root, &list);
    DYN_TRY(take_partition(call, &list, key, out));
    if (!out->has_partition) DYN_TRY(take_members(call, &list, key, out));
    if (!out->has_partition) return DYN_OK;
    DYN_TRY(take_sort(call, &list, key, out));
    return join_rest(call, &list, &out->rest);
}

/* ------------------------------------------------------------- existence -- */

static dyn_status add_existence(dyn_call *call, const dyn_condition *condition,
                                dyn_bytes name, bool is_there,
                                dyn_condition *out)
{
    const dyn_node *rest = condition->root;
    dyn_node *path = dyn_alloc_zero(call, 1, sizeof(dyn_node));
    dyn_node *exists = dyn_alloc_zero(call, 1, sizeof(dyn_node));
    if (path == NULL || exists == NULL) return DYN_NOMEM;
    path->type = DYN_NODE_PATH;
    path->path = (dyn_path){.name = name};
    exists->type = DYN_NODE_CALL;
    exists->function = is_there ? DYN_FUNCTION_ATTRIBUTE_EXISTS
                                : DYN_FUNCTION_ATTRIBUTE_NOT_EXISTS;
    exists->first = path;
    exists->last = path;
    exists->count = 1;
    dyn_node_type type = is_there ? DYN_NODE_AND : DYN_NODE_OR;
    out->root = rest == NULL ? exists : join(call, type, exists, rest);
    if (out->root == NULL) return DYN_NOMEM;
    return dyn_tree_paths(call, out->root, &out->paths);
}

dyn_status dyn_where_and_exists(dyn_call *call, const dyn_condition *condition,
                                dyn_bytes name, dyn_condition *out)
{
    return add_existence(call, condition, name, true, out);
}

dyn_status dyn_where_or_missing(dyn_call *call, const dyn_condition *condition,
                                dyn_bytes name, dyn_condition *out)
{
    if (condition->root != NULL)
        return add_existence(call, condition, name, false, out);
    *out = *condition;
    return DYN_OK;
}
