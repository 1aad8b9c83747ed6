/* Expressions of requests; the contracts are in expressions.h. */
#include "api/expressions.h"

#include "api/request.h"
#include "item/item_json.h"

#include <assert.h>

/* ----------------------------------------------------------------- mixed -- */

/* KeyConditions may be there beside other expressions than its own. */
static bool is_mixed(const dyn_json *request, const char *name)
{
    if (dyn_request_member(request, name) == NULL) return false;
    return strcmp(name, "KeyConditions") != 0 ||
           dyn_request_member(request, "KeyConditionExpression") != NULL;
}

/* The members of a list that a request has, with commas between. */
static dyn_status list_present(dyn_call *call, const dyn_json *request,
                               const char *const *names, const char **out)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    dyn_buffer_begin(&text, call, 0);
    for (; *names != NULL; names++) {
        if (!is_mixed(request, *names)) continue;
        if (text.size_bytes > 0) dyn_buffer_add_text(&text, ", ");
        dyn_buffer_add_text(&text, *names);
    }
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    *out = (const char *)bytes.data;
    return DYN_OK;
}

static bool has_any(const dyn_json *request, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (is_mixed(request, *names)) return true;
    }
    return false;
}

static bool takes_values(const char *expression)
{
    return strcmp(expression, "ProjectionExpression") != 0;
}

/* :values need an expression that can have them. */
static dyn_status check_values(dyn_call *call, const dyn_json *request,
                               const char *const *expressions)
{
    const char *missing = NULL;
    size_t count = 0;
    if (dyn_request_member(request, "ExpressionAttributeValues") == NULL)
        return DYN_OK;
    for (; *expressions != NULL; expressions++) {
        if (!takes_values(*expressions)) continue;
        if (dyn_request_member(request, *expressions) != NULL) return DYN_OK;
        missing = missing == NULL
                      ? *expressions
                      : dyn_format(call, "%s and %s", missing, *expressions);
        if (missing == NULL) return DYN_NOMEM;
        count++;
    }
    assert(missing != NULL);
    return dyn_fail(call, DYN_INVALID,
                    "ExpressionAttributeValues can only be specified when "
                    "using expressions: %s %s null",
                    missing, count > 1 ? "are" : "is");
}

dyn_status dyn_expressions_check_mixed(dyn_call *call, const dyn_json *request,
                                       const char *const *expressions,
                                       const char *const *older)
{
    if (has_any(request, expressions) && has_any(request, older)) {
        const char *new_text = NULL;
        const char *old_text = NULL;
        DYN_TRY(list_present(call, request, expressions, &new_text));
        DYN_TRY(list_present(call, request, older, &old_text));
        return dyn_fail(call, DYN_INVALID,
                        "Can not use both expression and non-expression "
                        "parameters in the same request: Non-expression "
                        "parameters: {%s} Expression parameters: {%s}",
                        old_text, new_text);
    }
    if (dyn_request_member(request, "ExpressionAttributeNames") != NULL &&
        !has_any(request, expressions)) {
        return dyn_fail(call, DYN_INVALID,
                        "ExpressionAttributeNames can only be specified when "
                        "using expressions");
    }
    return check_values(call, request, expressions);
}

/* ----------------------------------------------------- names and values -- */

static dyn_status read_value(dyn_call *call, const dyn_json *json,
                             dyn_value *out)
{
    dyn_status status = dyn_value_from_typed(call, json, out);
    if (status != DYN_INVALID) return status;
    const char *message = dyn_format(call, "%s", call->error.message);
    if (message == NULL) return DYN_NOMEM;
    return dyn_fail(call, DYN_INVALID,
                    "ExpressionAttributeValues contains invalid value: %s for "
                    "key %.*s",
                    message, (int)json->key.size_bytes,
                    (const char *)json->key.data);
}

/* The names of a member's members, with what those of ExpressionAttributeNames
 * stand for. What is null is not there. */
static dyn_status read_tokens(dyn_call *call, const dyn_json *object,
                              dyn_map *out)
{
    out->count = 0;
    out->attributes = dyn_alloc(call, object->count * sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    for (const dyn_json *c = object->first; c != NULL; c = c->next) {
        if (c->type == DYN_JSON_NULL) continue;
        out->attributes[out->count++] =
            (dyn_attribute){c->key, {.type = DYN_TYPE_S, .bytes = c->text}};
    }
    return DYN_OK;
}

static dyn_status read_values(dyn_call *call, const dyn_json *object,
                              dyn_map *out)
{
    dyn_attribute *next = out->attributes;
    for (const dyn_json *c = object->first; c != NULL; c = c->next) {
        if (c->type != DYN_JSON_NULL)
            DYN_TRY(read_value(call, c, &(next++)->value));
    }
    return dyn_map_sort(call, out);
}

dyn_status dyn_expressions_begin(dyn_call *call, const dyn_json *request,
                                 dyn_expressions *out)
{
    const dyn_json *names =
        dyn_request_member(request, "ExpressionAttributeNames");
    const dyn_json *values =
        dyn_request_member(request, "ExpressionAttributeValues");
    const dyn_map *name_map = names == NULL ? NULL : &out->names;
    const dyn_map *value_map = values == NULL ? NULL : &out->values;
    if (names != NULL) DYN_TRY(read_tokens(call, names, &out->names));
    if (values != NULL) DYN_TRY(read_tokens(call, values, &out->values));
    DYN_TRY(dyn_substitutes_check(call, name_map, value_map));
    if (names != NULL) DYN_TRY(dyn_map_sort(call, &out->names));
    if (values != NULL) DYN_TRY(read_values(call, values, &out->values));
    return dyn_substitutes_begin(call, name_map, value_map, &out->substitutes);
}

dyn_status dyn_expressions_end(dyn_call *call, const dyn_expressions *in)
{
    return dyn_substitutes_check_used(call, &in->substitutes);
}

/* ----------------------------------------------------------- expressions -- */

static bool find(const dyn_json *request, dyn_expression_kind kind,
                 bool *is_there, dyn_bytes *text)
{
    *text = dyn_request_text(request, dyn_expression_name(kind));
    *is_there = text->data != NULL;
    return *is_there;
}

dyn_status dyn_expressions_condition(dyn_call *call, dyn_expressions *in,
                                     const dyn_json *request,
                                     dyn_expression_kind kind, bool *is_there,
                                     dyn_condition *out)
{
    dyn_bytes text;
    if (!find(request, kind, is_there, &text)) return DYN_OK;
    return dyn_condition_parse(call, kind, text, &in->substitutes, out);
}

dyn_status dyn_expressions_projection(dyn_call *call, dyn_expressions *in,
                                      const dyn_json *request, bool *is_there,
                                      dyn_projection *out)
{
    dyn_bytes text;
    if (!find(request, DYN_EXPRESSION_PROJECTION, is_there, &text)) {
        return DYN_OK;
    }
    return dyn_projection_parse(call, text, &in->substitutes, out);
}

dyn_status dyn_expressions_update(dyn_call *call, dyn_expressions *in,
                                  const dyn_json *request, bool *is_there,
                                  dyn_update *out)
{
    dyn_bytes text;
    if (!find(request, DYN_EXPRESSION_UPDATE, is_there, &text)) return DYN_OK;
    return dyn_update_parse(call, text, &in->substitutes, out);
}
