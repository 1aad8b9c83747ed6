/* Nodes of statements, and syntax errors; the contracts are in build.h. */
#include "partiql/build.h"

#include "expr/literal.h"
#include "expr/resolve.h"
#include "partiql.h"
#include "partiql/words.h"

#define MALFORMED "Statement wasn't well formed, can't be processed: "

static dyn_call *call_of(const dyn_partiql_build *build)
{
    return build->tree.expression->call;
}

/* Note a failure, unless there was one before. Returns whether all is well. */
static bool succeed(dyn_partiql_build *build, dyn_status status)
{
    dyn_expression *expression = build->tree.expression;
    if (expression->status == DYN_OK) expression->status = status;
    return expression->status == DYN_OK;
}

/* Memory that lives as long as the statement; NULL is noted. */
static void *alloc(dyn_partiql_build *build, size_t size_bytes)
{
    void *memory = dyn_alloc(call_of(build), size_bytes);
    return succeed(build, memory == NULL ? DYN_NOMEM : DYN_OK) ? memory : NULL;
}

/* ---------------------------------------------------------------- values -- */

static dyn_node *value_node(dyn_partiql_build *build, const dyn_token *token,
                            const dyn_value *value)
{
    dyn_node *node = dyn_build_leaf(&build->tree, DYN_NODE_VALUE, token);
    if (node != NULL) node->value = value;
    return node;
}

static dyn_status read_number(dyn_call *call, dyn_bytes text, bool is_negative,
                              dyn_value *out)
{
    dyn_number zero;
    out->type = DYN_TYPE_N;
    DYN_TRY(dyn_number_parse(call, text, &out->number));
    if (!is_negative) return DYN_OK;
    dyn_number_from_int64(0, &zero);
    return dyn_number_subtract(call, &zero, &out->number, &out->number);
}

static dyn_status read_literal(dyn_call *call, const dyn_token *token,
                               bool is_negative, dyn_value *out)
{
    switch (token->kind) {
    case DYN_PARTIQL_STRING:
        out->type = DYN_TYPE_S;
        return dyn_literal_unquote(call, token->text, &out->bytes);
    case DYN_PARTIQL_TRUE:
    case DYN_PARTIQL_FALSE:
        out->type = DYN_TYPE_BOOL;
        out->boolean = token->kind == DYN_PARTIQL_TRUE;
        return DYN_OK;
    case DYN_PARTIQL_NULL:
        out->type = DYN_TYPE_NULL;
        return DYN_OK;
    default:
        return read_number(call, token->text, is_negative, out);
    }
}

dyn_node *dyn_partiql_literal(dyn_partiql_build *build, const dyn_token *token,
                              bool is_negative)
{
    dyn_value *value = alloc(build, sizeof(*value));
    if (value == NULL) return NULL;
    dyn_status status = read_literal(call_of(build), token, is_negative, value);
    return succeed(build, status) ? value_node(build, token, value) : NULL;
}

dyn_node *dyn_partiql_parameter(dyn_partiql_build *build,
                                const dyn_token *token)
{
    static const dyn_value missing = {.type = DYN_TYPE_NULL};
    const dyn_list *given = build->parameters;
    size_t number = build->parameters_used++;
    bool is_there = given != NULL && number < given->count;
    return value_node(build, token,
                      is_there ? &given->elements[number] : &missing);
}

/* A value that has others within it. They are looked at again for each level
 * around them, which are not many. */
static dyn_node *container_node(dyn_partiql_build *build,
                                const dyn_token *token, const dyn_value *value)
{
    if (dyn_value_nesting_levels(value) <= DYN_NESTING_LEVELS_MAX)
        return value_node(build, token, value);
    succeed(build, dyn_fail(call_of(build), DYN_INVALID,
                            "Nesting Levels have exceeded supported limits: a "
                            "value has more than %d levels of lists and maps",
                            DYN_NESTING_LEVELS_MAX));
    return NULL;
}

/* The values of members, as the elements of a value of that type. */
static dyn_value *list_value(dyn_partiql_build *build, dyn_type type,
                             const dyn_node *members)
{
    size_t count = members == NULL ? 0 : members->count;
    dyn_value *value = alloc(build, sizeof(*value));
    dyn_value *elements = alloc(build, count * sizeof(*elements));
    if (value == NULL || elements == NULL) return NULL;
    value->type = type;
    value->list = (dyn_list){elements, count};
    if (count == 0) return value;
    for (const dyn_node *n = members->first; n != NULL; n = n->next)
        *elements++ = *n->value;
    return value;
}

dyn_node *dyn_partiql_list(dyn_partiql_build *build, const dyn_token *token,
                           const dyn_node *members)
{
    dyn_value *value = list_value(build, DYN_TYPE_L, members);
    return value == NULL ? NULL : container_node(build, token, value);
}

/* The set that has such members, of which there is one at least. */
static bool set_type(const dyn_node *members, dyn_type *out)
{
    dyn_type member = members->first->value->type;
    switch (member) {
    case DYN_TYPE_S:
        *out = DYN_TYPE_SS;
        break;
    case DYN_TYPE_N:
        *out = DYN_TYPE_NS;
        break;
    case DYN_TYPE_B:
        *out = DYN_TYPE_BS;
        break;
    default:
        return false;
    }
    for (const dyn_node *n = members->first; n != NULL; n = n->next) {
        if (n->value->type != member) return false;
    }
    return true;
}

dyn_node *dyn_partiql_set(dyn_partiql_build *build, const dyn_token *token,
                          const dyn_node *members)
{
    dyn_type type = DYN_TYPE_SS;
    if (members == NULL) return NULL;
    if (!set_type(members, &type)) {
        succeed(build, dyn_fail(call_of(build), DYN_INVALID,
                                "The members of a set must all be strings, all "
                                "numbers, or all binary values"));
        return NULL;
    }
    dyn_value *value = list_value(build, type, members);
    if (value == NULL) return NULL;
    dyn_status status = dyn_set_sort(call_of(build), value);
    return succeed(build, status) ? value_node(build, token, value) : NULL;
}

dyn_node *dyn_partiql_map(dyn_partiql_build *build, const dyn_token *token,
                          const dyn_node *members)
{
    size_t count = members == NULL ? 0 : members->count;
    dyn_value *value = alloc(build, sizeof(*value));
    dyn_attribute *next = alloc(build, count * sizeof(*next));
    if (value == NULL || next == NULL) return NULL;
    value->type = DYN_TYPE_M;
    value->map = (dyn_map){next, count};
    for (const dyn_node *n = count == 0 ? NULL : members->first; n != NULL;
         n = n->next) {
        dyn_status status =
            dyn_literal_unquote(call_of(build), n->token->text, &next->name);
        if (!succeed(build, status)) return NULL;
        next->value = *n->first->value;
        next++;
    }
    if (!succeed(build, dyn_map_sort(call_of(build), &value->map))) return NULL;
    return container_node(build, token, value);
}

/* ------------------------------------------------------ paths, conditions --
 */

dyn_status dyn_partiql_name(dyn_call *call, const dyn_token *token,
                            dyn_bytes *out)
{
    *out = token->text;
    if (token->kind != DYN_PARTIQL_QUOTED) return DYN_OK;
    DYN_TRY(dyn_literal_unquote(call, token->text, out));
    if (out->size_bytes > 0) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    MALFORMED "a name in double quotes must not be empty");
}

static dyn_status read_step(dyn_call *call, const dyn_node *node, dyn_step *out)
{
    *out = (dyn_step){.is_index = node->type == DYN_NODE_INDEX};
    if (!out->is_index) return dyn_partiql_name(call, node->token, &out->name);
    dyn_bytes digits = node->token->text;
    for (size_t i = 0; i < digits.size_bytes; i++) {
        out->index = out->index * 10 + (size_t)(digits.data[i] - '0');
        if (out->index <= INT32_MAX) continue;
        return dyn_fail(call, DYN_INVALID,
                        "Invalid statement: List index is not within the "
                        "allowable range; index: [%.*s]",
                        (int)digits.size_bytes, (const char *)digits.data);
    }
    return DYN_OK;
}

static dyn_status read_path(dyn_call *call, const dyn_node *node, dyn_path *out)
{
    size_t count = node->count - 1;
    dyn_step *steps = dyn_alloc(call, count * sizeof(*steps));
    if (steps == NULL) return DYN_NOMEM;
    if (count > DYN_NESTING_LEVELS_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "Invalid statement: The document path has too many "
                        "nesting elements; nesting levels: %zu",
                        count);
    }
    *out = (dyn_path){.steps = steps, .step_count = count};
    for (const dyn_node *n = node->first->next; n != NULL; n = n->next)
        DYN_TRY(read_step(call, n, steps++));
    return dyn_partiql_name(call, node->first->token, &out->name);
}

dyn_node *dyn_partiql_path(dyn_partiql_build *build, dyn_node *path)
{
    if (path == NULL) return NULL;
    dyn_status status = read_path(call_of(build), path, &path->path);
    return succeed(build, status) ? path : NULL;
}

dyn_node *dyn_partiql_call(dyn_partiql_build *build, dyn_node *call)
{
    if (call == NULL) return NULL;
    call->function = dyn_function_named(call->token->text);
    if (call->function == DYN_FUNCTION_UNKNOWN) {
        dyn_expression_report(build->tree.expression, DYN_CHECK_FUNCTION_NAME,
                              "Invalid function name; function: %.*s",
                              DYN_NODE_TEXT(call));
    }
    return call;
}

static dyn_node_type type_of_comparison(int kind)
{
    switch (kind) {
    case DYN_PARTIQL_NOT_EQUAL:
        return DYN_NODE_NOT_EQUAL;
    case DYN_PARTIQL_LESS:
        return DYN_NODE_LESS;
    case DYN_PARTIQL_LESS_EQUAL:
        return DYN_NODE_LESS_EQUAL;
    case DYN_PARTIQL_GREATER:
        return DYN_NODE_GREATER;
    case DYN_PARTIQL_GREATER_EQUAL:
        return DYN_NODE_GREATER_EQUAL;
    default:
        return DYN_NODE_EQUAL;
    }
}

dyn_node *dyn_partiql_comparison(dyn_partiql_build *build,
                                 const dyn_token *token, dyn_node *left,
                                 dyn_node *right)
{
    return dyn_build_operator(&build->tree, type_of_comparison(token->kind),
                              token, left, right);
}

dyn_node *dyn_partiql_is_null(dyn_partiql_build *build, const dyn_token *token,
                              dyn_node *operand)
{
    static const dyn_value name = {.type = DYN_TYPE_S,
                                   .bytes = {(const unsigned char *)"NULL", 4}};
    dyn_node *type = value_node(build, token, &name);
    if (type == NULL) return NULL;
    dyn_node *call =
        dyn_build_operator(&build->tree, DYN_NODE_CALL, token, operand, type);
    if (call != NULL) call->function = DYN_FUNCTION_ATTRIBUTE_TYPE;
    return call;
}

dyn_node *dyn_partiql_is_missing(dyn_partiql_build *build,
                                 const dyn_token *token, dyn_node *operand,
                                 bool is_missing)
{
    dyn_node *call =
        dyn_build_operator(&build->tree, DYN_NODE_CALL, token, operand, NULL);
    if (call != NULL) {
        call->function = is_missing ? DYN_FUNCTION_ATTRIBUTE_NOT_EXISTS
                                    : DYN_FUNCTION_ATTRIBUTE_EXISTS;
    }
    return call;
}

/* ---------------------------------------------------------------- errors -- */

/* What is to be done about an unexpected word, if that can be told. */
static const char *advice(const dyn_token *token)
{
    unsigned char first = token->text.size_bytes == 0 ? 0 : token->text.data[0];
    if (token->kind == DYN_PARTIQL_ILLEGAL && first == '\'')
        return "; text ends with a single quote, one within is doubled";
    if (token->kind == DYN_PARTIQL_ILLEGAL && first == '"')
        return "; a name ends with a double quote, one within is doubled";
    if (dyn_words_is_keyword(token))
        return "; a name that is a word of PartiQL stands in double quotes";
    return "";
}

void dyn_partiql_refuse(dyn_partiql_build *build, const dyn_token *token)
{
    enum { SHOWN_BYTES_MAX = 100 };
    dyn_expression *expression = build->tree.expression;
    dyn_bytes shown = token->text;
    if (expression->status != DYN_OK) return;
    if (token->kind == 0) {
        succeed(build, dyn_fail(expression->call, DYN_INVALID,
                                MALFORMED "unexpected end of the statement"));
        return;
    }
    if (shown.size_bytes > SHOWN_BYTES_MAX) {
        shown.size_bytes = SHOWN_BYTES_MAX;
        while ((shown.data[shown.size_bytes] & 0xc0) == 0x80)
            shown.size_bytes--;
    }
    succeed(build, dyn_fail(expression->call, DYN_INVALID,
                            MALFORMED "unexpected \"%.*s\" at byte %zu%s",
                            (int)shown.size_bytes, (const char *)shown.data,
                            (size_t)(token->text.data - expression->text.data),
                            advice(token)));
}

void dyn_partiql_overflow(dyn_partiql_build *build)
{
    succeed(build, dyn_fail(call_of(build), DYN_INVALID,
                            MALFORMED "it is nested too deeply"));
}
