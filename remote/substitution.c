/* Expressions of requests; the contracts are in substitution.h. */
#include "substitution.h"

#include "item/item_json.h"

#include <stdio.h>

void remote_substitution_begin(remote_substitution *out, dyn_call *call)
{
    out->name_count = 0;
    out->value_count = 0;
    dyn_buffer_begin(&out->names, call, 64);
    dyn_buffer_begin(&out->values, call, 64);
}

/* Add `#n3` to the expression and, as the name of a member, to members. */
static void add_token(dyn_buffer *expression, dyn_buffer *members,
                      const char *begin, size_t number)
{
    char token[32];
    snprintf(token, sizeof(token), "%s%zu", begin, number);
    dyn_buffer_add_text(expression, token);
    if (number > 0) dyn_buffer_add_byte(members, ',');
    dyn_json_write_string(members, dyn_bytes_text(token));
    dyn_buffer_add_byte(members, ':');
}

void remote_add_name(remote_substitution *substitution, dyn_buffer *expression,
                     dyn_bytes name)
{
    dyn_buffer *names = &substitution->names;
    add_token(expression, names, "#n", substitution->name_count++);
    dyn_json_write_string(names, name);
}

void remote_add_value(remote_substitution *substitution, dyn_buffer *expression,
                      const dyn_value *value)
{
    dyn_buffer *values = &substitution->values;
    add_token(expression, values, ":v", substitution->value_count++);
    dyn_value_to_json(values, value, DYN_JSON_TYPED);
}

/* ------------------------------------------------------------ conditions -- */

typedef struct printer {
    remote_substitution *substitution;
    dyn_buffer *out;
} printer;

static void print(printer *p, const dyn_node *node);

static void print_path(printer *p, const dyn_path *path)
{
    remote_add_name(p->substitution, p->out, path->name);
    for (size_t i = 0; i < path->step_count; i++) {
        const dyn_step *step = &path->steps[i];
        if (step->is_index) {
            char index[32];
            snprintf(index, sizeof(index), "[%zu]", step->index);
            dyn_buffer_add_text(p->out, index);
        } else {
            dyn_buffer_add_byte(p->out, '.');
            remote_add_name(p->substitution, p->out, step->name);
        }
    }
}

/* Nodes with a text between them. */
static void print_list(printer *p, const dyn_node *first, const char *between)
{
    for (const dyn_node *node = first; node != NULL; node = node->next) {
        if (node != first) dyn_buffer_add_text(p->out, between);
        print(p, node);
    }
}

static const char *operator_text(dyn_node_type type)
{
    switch (type) {
    case DYN_NODE_OR:
        return " OR ";
    case DYN_NODE_AND:
        return " AND ";
    case DYN_NODE_EQUAL:
        return " = ";
    case DYN_NODE_NOT_EQUAL:
        return " <> ";
    case DYN_NODE_LESS:
        return " < ";
    case DYN_NODE_LESS_EQUAL:
        return " <= ";
    case DYN_NODE_GREATER:
        return " > ";
    case DYN_NODE_GREATER_EQUAL:
        return " >= ";
    case DYN_NODE_PLUS:
        return " + ";
    case DYN_NODE_MINUS:
        return " - ";
    default:
        return ", ";
    }
}

static void print_between(printer *p, const dyn_node *node)
{
    print(p, node->first);
    dyn_buffer_add_text(p->out, " BETWEEN ");
    print_list(p, node->first->next, " AND ");
}

static void print_in(printer *p, const dyn_node *node)
{
    print(p, node->first);
    dyn_buffer_add_text(p->out, " IN (");
    print_list(p, node->first->next, ", ");
    dyn_buffer_add_byte(p->out, ')');
}

/* Without the parentheses of the text: each condition within another one gets
 * its own. */
static void print_plain(printer *p, const dyn_node *node)
{
    switch (node->type) {
    case DYN_NODE_PATH:
        print_path(p, &node->path);
        break;
    case DYN_NODE_VALUE:
        remote_add_value(p->substitution, p->out, node->value);
        break;
    case DYN_NODE_CALL:
        dyn_buffer_add_bytes(p->out, node->token->text);
        dyn_buffer_add_byte(p->out, '(');
        print_list(p, node->first, ", ");
        dyn_buffer_add_byte(p->out, ')');
        break;
    case DYN_NODE_NOT:
        dyn_buffer_add_text(p->out, "NOT ");
        print(p, node->first);
        break;
    case DYN_NODE_BETWEEN:
        print_between(p, node);
        break;
    case DYN_NODE_IN:
        print_in(p, node);
        break;
    default:
        print_list(p, node->first, operator_text(node->type));
    }
}

static void print(printer *p, const dyn_node *node)
{
    bool is_nested = node->type == DYN_NODE_OR || node->type == DYN_NODE_AND ||
                     node->type == DYN_NODE_NOT;
    if (is_nested) dyn_buffer_add_byte(p->out, '(');
    print_plain(p, node);
    if (is_nested) dyn_buffer_add_byte(p->out, ')');
}

void remote_add_condition(remote_substitution *substitution,
                          dyn_buffer *expression,
                          const dyn_condition *condition)
{
    printer p = {substitution, expression};
    dyn_buffer_add_byte(expression, '(');
    print_plain(&p, condition->root);
    dyn_buffer_add_byte(expression, ')');
}

/* -------------------------------------------------------------- requests -- */

void remote_add_expression(dyn_buffer *request, const char *name,
                           dyn_bytes expression)
{
    dyn_buffer_add_text(request, ",\"");
    dyn_buffer_add_text(request, name);
    dyn_buffer_add_text(request, "\":");
    dyn_json_write_string(request, expression);
}

static dyn_status add_members(dyn_buffer *request, const char *name,
                              dyn_buffer *members)
{
    dyn_bytes text = {NULL, 0};
    DYN_TRY(dyn_buffer_end(members, &text));
    if (text.size_bytes == 0) return DYN_OK;
    dyn_buffer_add_text(request, ",\"");
    dyn_buffer_add_text(request, name);
    dyn_buffer_add_text(request, "\":{");
    dyn_buffer_add_bytes(request, text);
    dyn_buffer_add_byte(request, '}');
    return DYN_OK;
}

dyn_status remote_substitution_end(remote_substitution *substitution,
                                   dyn_buffer *request)
{
    DYN_TRY(
        add_members(request, "ExpressionAttributeNames", &substitution->names));
    return add_members(request, "ExpressionAttributeValues",
                       &substitution->values);
}
