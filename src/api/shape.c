/*
 * Checking requests against shapes; the contract is in shape.h. As on the
 * service there are two passes: types as the JSON is read, in its order; then
 * constraints, in the order of the shape.
 */
#include "api/shape.h"

#include "api/request.h"
#include "base/base64.h"
#include "base/exception.h"

#include <inttypes.h>
#include <stdio.h>

static const char serialization[] = "SerializationException";

static const dyn_shape_member *find_member(const dyn_shape *shape,
                                           dyn_bytes name)
{
    for (const dyn_shape_member *m = shape->members; m->name != NULL; m++) {
        if (dyn_bytes_equal_text(name, m->name)) return m;
    }
    return NULL;
}

/* ----------------------------------------------------------------- types -- */

/* What the service's own language calls a type. Of a map the values are
 * structures or strings. */
static const char *class_of(dyn_call *call, const dyn_shape *shape)
{
    switch (shape->kind) {
    case DYN_SHAPE_STRING:
        return "class java.lang.String";
    case DYN_SHAPE_BLOB:
        return "class java.nio.ByteBuffer";
    case DYN_SHAPE_BOOLEAN:
        return "class java.lang.Boolean";
    case DYN_SHAPE_INTEGER:
        return "class java.lang.Integer";
    case DYN_SHAPE_LONG:
        return "class java.lang.Long";
    case DYN_SHAPE_DOUBLE:
        return "class java.lang.Double";
    case DYN_SHAPE_LIST:
        return "class java.util.List";
    case DYN_SHAPE_MAP:
        break;
    case DYN_SHAPE_STRUCTURE:
        return dyn_format(call, "class com.amazonaws.dynamodb.v20120810.%s",
                          shape->class_name);
    }
    bool is_list = shape->element->kind == DYN_SHAPE_LIST;
    const char *element =
        class_of(call, is_list ? shape->element->element : shape->element);
    if (element == NULL) return NULL;
    return dyn_format(
        call,
        is_list ? "java.util.Map<java.lang.String, java.util.List<%s>>"
                : "java.util.Map<java.lang.String, %s>",
        element + strlen("class "));
}

static const char *token_name(const dyn_json *json)
{
    if (json->type == DYN_JSON_TRUE) return "TRUE_VALUE";
    if (json->type == DYN_JSON_FALSE) return "FALSE_VALUE";
    if (json->type == DYN_JSON_STRING) return "STRING_VALUE";
    bool is_whole = true;
    for (size_t i = 0; i < json->text.size_bytes; i++) {
        if (strchr(".eE", json->text.data[i]) != NULL) is_whole = false;
    }
    return is_whole ? "NUMBER_VALUE" : "DECIMAL_VALUE";
}

static const char *scalar_name(dyn_shape_kind kind)
{
    switch (kind) {
    case DYN_SHAPE_BOOLEAN:
        return "Boolean";
    case DYN_SHAPE_INTEGER:
        return "Integer";
    case DYN_SHAPE_LONG:
        return "Long";
    case DYN_SHAPE_DOUBLE:
        return "Double";
    default:
        return "String";
    }
}

/* A value of another JSON type than the shape has. */
/* A scalar where the shape has a blob, or no scalar at all. */
static dyn_status fail_scalar(dyn_call *call, const dyn_shape *shape,
                              bool is_within)
{
    if (shape->kind == DYN_SHAPE_BLOB) {
        return dyn_fail_as(call, serialization,
                           "only base-64-encoded strings are convertible to "
                           "bytes");
    }
    bool is_element = shape->kind == DYN_SHAPE_STRUCTURE && is_within;
    return dyn_fail_as(call, serialization,
                       is_element ? "Unexpected value type in payload"
                                  : "Unexpected field type");
}

static dyn_status fail_type(dyn_call *call, const dyn_shape *shape,
                            const dyn_json *json, bool is_within)
{
    if (json->type == DYN_JSON_OBJECT) {
        return dyn_fail_as(call, serialization,
                           "Start of structure or map found where not "
                           "expected");
    }
    if (json->type == DYN_JSON_ARRAY) {
        const char *class = class_of(call, shape);
        if (class == NULL) return DYN_NOMEM;
        return dyn_fail_as(call, serialization,
                           "Unrecognized collection type %s", class);
    }
    switch (shape->kind) {
    case DYN_SHAPE_BLOB:
    case DYN_SHAPE_STRUCTURE:
    case DYN_SHAPE_LIST:
    case DYN_SHAPE_MAP:
        return fail_scalar(call, shape, is_within);
    default:
        break;
    }
    if (shape->kind == DYN_SHAPE_BOOLEAN && json->type == DYN_JSON_STRING) {
        return dyn_fail_as(call, serialization,
                           "Unexpected token received from parser");
    }
    return dyn_fail_as(call, serialization, "%s cannot be converted to %s",
                       token_name(json), scalar_name(shape->kind));
}

static dyn_status check_blob(dyn_call *call, dyn_bytes text)
{
    enum { GROUP = 4 };
    dyn_bytes decoded = {NULL, 0};
    if (text.size_bytes % GROUP != 0) {
        return dyn_fail_as(call, serialization,
                           "Base64 encoded length is expected a multiple of 4 "
                           "bytes but found: %zu",
                           text.size_bytes);
    }
    dyn_status status = dyn_base64_decode(call, text, &decoded);
    if (status != DYN_INVALID) return status;
    return dyn_fail_as(call, serialization,
                       "Invalid last non-pad Base64 character dectected");
}

static dyn_status check_number(dyn_call *call, const dyn_shape *shape,
                               const dyn_json *json)
{
    int64_t number = 0;
    if (shape->kind == DYN_SHAPE_DOUBLE) return DYN_OK;
    bool fits = dyn_request_number(json, &number);
    if (shape->kind == DYN_SHAPE_INTEGER) {
        fits = fits && number >= INT32_MIN && number <= INT32_MAX;
    }
    if (fits) return DYN_OK;
    return dyn_fail_as(call, serialization, "%s cannot be converted to %s",
                       token_name(json), scalar_name(shape->kind));
}

/* Whether a JSON value has the type of a shape. */
static bool has_type(const dyn_shape *shape, const dyn_json *json)
{
    switch (shape->kind) {
    case DYN_SHAPE_STRING:
    case DYN_SHAPE_BLOB:
        return json->type == DYN_JSON_STRING;
    case DYN_SHAPE_BOOLEAN:
        return json->type == DYN_JSON_TRUE || json->type == DYN_JSON_FALSE;
    case DYN_SHAPE_INTEGER:
    case DYN_SHAPE_LONG:
    case DYN_SHAPE_DOUBLE:
        return json->type == DYN_JSON_NUMBER;
    case DYN_SHAPE_LIST:
        return json->type == DYN_JSON_ARRAY;
    case DYN_SHAPE_MAP:
    case DYN_SHAPE_STRUCTURE:
        break;
    }
    return json->type == DYN_JSON_OBJECT;
}

/* The shape that a member or element has; NULL: it is to be passed over. */
static const dyn_shape *shape_within(const dyn_shape *shape,
                                     const dyn_json *json)
{
    if (shape->kind != DYN_SHAPE_STRUCTURE) return shape->element;
    if (json->type == DYN_JSON_NULL) return NULL;
    const dyn_shape_member *member = find_member(shape, json->key);
    return member == NULL ? NULL : member->shape;
}

static bool equals_any_case(dyn_bytes text, const char *word)
{
    size_t i = 0;
    while (i < text.size_bytes && word[i] != '\0' &&
           tolower(text.data[i]) == word[i])
        i++;
    return i == text.size_bytes && word[i] == '\0';
}

/* The service takes some words for a boolean: make it one. */
static void read_boolean_word(dyn_json *json)
{
    static const char *const words[] = {"true", "yes", "1", "false", "no", "0"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (!equals_any_case(json->text, words[i])) continue;
        bool is_true = i < 3;
        json->type = is_true ? DYN_JSON_TRUE : DYN_JSON_FALSE;
        json->text = dyn_bytes_text(is_true ? "true" : "false");
        return;
    }
}

static dyn_status check_types(dyn_call *call, const dyn_shape *shape,
                              dyn_json *json, bool is_within)
{
    if (json->type == DYN_JSON_NULL) return DYN_OK;
    if (shape->kind == DYN_SHAPE_BOOLEAN && json->type == DYN_JSON_STRING) {
        read_boolean_word(json);
    }
    if (!has_type(shape, json)) return fail_type(call, shape, json, is_within);
    if (shape->kind == DYN_SHAPE_BLOB) return check_blob(call, json->text);
    if (json->type == DYN_JSON_NUMBER) return check_number(call, shape, json);
    dyn_json **link = &json->first;
    while (*link != NULL) {
        const dyn_shape *expected = shape_within(shape, *link);
        if (expected == NULL) {
            *link = (*link)->next;
            json->count--;
            continue;
        }
        DYN_TRY(check_types(call, expected, *link,
                            shape->kind != DYN_SHAPE_STRUCTURE));
        link = &(*link)->next;
    }
    return DYN_OK;
}

/* ----------------------------------------------------------- constraints -- */

/* Where a value is, from the inside out: `attributeUpdates.A.member.action`. */
typedef struct place {
    const struct place *outside; /* NULL: the request */
    dyn_bytes name;              /* of a member, or the key of an element */
    size_t number;               /* of an element of a list, from 1 on */
    bool is_element;
} place;

typedef struct checker {
    dyn_call *call;
    dyn_buffer text;
    size_t count;
    size_t max; /* more are not told */
} checker;

enum { VIOLATIONS_MAX = 10 };

/* The name of a member as a field is called: `keySchema`. */
static void write_field(dyn_buffer *out, dyn_bytes name)
{
    dyn_buffer_add_byte(out, (unsigned char)tolower(name.data[0]));
    dyn_buffer_add(out, name.data + 1, name.size_bytes - 1);
}

static void write_place(dyn_buffer *out, const place *at, bool is_bare)
{
    char number[32];
    if (at == NULL) return;
    write_place(out, at->outside, is_bare);
    if (at->outside != NULL) dyn_buffer_add_byte(out, '.');
    if (!at->is_element && is_bare) {
        dyn_buffer_add_bytes(out, at->name);
        return;
    }
    if (!at->is_element) {
        write_field(out, at->name);
        return;
    }
    snprintf(number, sizeof(number), "%zu", at->number);
    dyn_buffer_add_bytes(out,
                         at->number > 0 ? dyn_bytes_text(number) : at->name);
    dyn_buffer_add_text(out, ".member");
}

static void write_value(dyn_buffer *out, const dyn_shape *shape,
                        const dyn_json *json);

static void write_list(dyn_buffer *out, const dyn_shape *shape,
                       const dyn_json *json)
{
    dyn_buffer_add_byte(out, '[');
    for (const dyn_json *c = json->first; c != NULL; c = c->next) {
        if (c != json->first) dyn_buffer_add_text(out, ", ");
        write_value(out, shape->element, c);
    }
    dyn_buffer_add_byte(out, ']');
}

/* `{name=value, ...}` */
static void write_map(dyn_buffer *out, const dyn_shape *shape,
                      const dyn_json *json)
{
    dyn_buffer_add_byte(out, '{');
    for (const dyn_json *c = json->first; c != NULL; c = c->next) {
        if (c != json->first) dyn_buffer_add_text(out, ", ");
        dyn_buffer_add_bytes(out, c->key);
        dyn_buffer_add_byte(out, '=');
        write_value(out, shape->element, c);
    }
    dyn_buffer_add_byte(out, '}');
}

/* `Class(field=value, ...)` */
static void write_structure(dyn_buffer *out, const dyn_shape *shape,
                            const dyn_json *json)
{
    bool has_any = false;
    dyn_buffer_add_text(out, shape->class_name);
    dyn_buffer_add_byte(out, '(');
    for (const dyn_shape_member *m = shape->members; m->name != NULL; m++) {
        const dyn_json *member = dyn_request_member(json, m->name);
        if (member == NULL) continue;
        if (has_any) dyn_buffer_add_text(out, ", ");
        has_any = true;
        write_field(out, dyn_bytes_text(m->name));
        dyn_buffer_add_byte(out, '=');
        write_value(out, m->shape, member);
    }
    dyn_buffer_add_byte(out, ')');
}

static void write_value(dyn_buffer *out, const dyn_shape *shape,
                        const dyn_json *json)
{
    if (json->type == DYN_JSON_ARRAY) {
        write_list(out, shape, json);
    } else if (json->type == DYN_JSON_OBJECT) {
        (shape->kind == DYN_SHAPE_MAP ? write_map : write_structure)(out, shape,
                                                                     json);
    } else if (json->type == DYN_JSON_STRING || json->type == DYN_JSON_NUMBER) {
        dyn_buffer_add_bytes(out, json->text);
    } else {
        dyn_buffer_add_text(out, json->type == DYN_JSON_TRUE    ? "true"
                                 : json->type == DYN_JSON_FALSE ? "false"
                                                                : "null");
    }
}

/* Begin the sentence of a violation, which what follows ends; json is what
 * breaks the constraint, of that shape, or NULL. Returns whether there is room
 * for it. */
static bool begin_constraint(checker *c, const place *at,
                             const dyn_shape *shape, const dyn_json *json)
{
    bool is_bare = json != NULL && shape->is_bare;
    if (c->count == c->max) return false;
    if (c->count++ > 0) dyn_buffer_add_text(&c->text, "; ");
    dyn_buffer_add_text(&c->text, "Value ");
    if (json == NULL) {
        dyn_buffer_add_text(&c->text, "null ");
    } else if (!is_bare) {
        dyn_buffer_add_byte(&c->text, '\'');
        write_value(&c->text, shape, json);
        dyn_buffer_add_text(&c->text, "' ");
    }
    dyn_buffer_add_text(&c->text, "at '");
    write_place(&c->text, at, is_bare);
    dyn_buffer_add_text(&c->text, "' failed to satisfy constraint: ");
    return true;
}

static bool begin_violation(checker *c, const place *at, const dyn_shape *shape,
                            const dyn_json *json)
{
    if (!begin_constraint(c, at, shape, json)) return false;
    dyn_buffer_add_text(&c->text, "Member must ");
    return true;
}

static void add_null(checker *c, const place *at, const dyn_shape *shape)
{
    if (!begin_violation(c, at, shape, NULL)) return;
    dyn_buffer_add_text(&c->text, "not be null");
}

static void add_limit(checker *c, const place *at, const dyn_shape *shape,
                      const dyn_json *json, bool is_max)
{
    char text[96];
    bool is_number = json->type == DYN_JSON_NUMBER;
    if (!begin_violation(c, at, shape, json)) return;
    snprintf(text, sizeof(text), "have %s %s than or equal to %" PRId64,
             is_number ? "value" : "length", is_max ? "less" : "greater",
             is_max ? shape->max : shape->min);
    dyn_buffer_add_text(&c->text, text);
}

/* The maximum of a text, which an ARN may pass. */
static int64_t limit_of(const dyn_shape *shape, dyn_bytes text)
{
    enum { ARN_BYTES_MAX = 1024 };
    bool is_arn = shape->is_resource &&
                  dyn_bytes_begin_with(text, dyn_bytes_text("arn:"));
    return is_arn ? ARN_BYTES_MAX : shape->max;
}

static void check_limits(checker *c, const place *at, const dyn_shape *shape,
                         const dyn_json *json)
{
    int64_t size = (int64_t)json->count;
    int64_t max = shape->max;
    if (json->type == DYN_JSON_NUMBER) dyn_request_number(json, &size);
    if (json->type == DYN_JSON_STRING) {
        size = (int64_t)json->text.size_bytes;
        max = limit_of(shape, json->text);
    }
    if (shape->has_min && size < shape->min) {
        add_limit(c, at, shape, json, false);
    }
    if (shape->has_max && size > max) add_limit(c, at, shape, json, true);
}

static bool is_name(dyn_bytes text)
{
    for (size_t i = 0; i < text.size_bytes; i++) {
        unsigned char byte = text.data[i];
        if (byte == 0 || byte >= 0x80) return false;
        if (!isalnum(byte) && strchr("_.-", byte) == NULL) return false;
    }
    return text.size_bytes > 0;
}

static void check_name(checker *c, const place *at, const dyn_shape *shape,
                       const dyn_json *json)
{
    if (!shape->is_name && !shape->is_resource) return;
    if (is_name(json->text)) return;
    if (shape->is_resource &&
        dyn_bytes_begin_with(json->text, dyn_bytes_text("arn:"))) {
        return;
    }
    if (!begin_violation(c, at, shape, json)) return;
    dyn_buffer_add_text(&c->text,
                        "satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
}

static void check_words(checker *c, const place *at, const dyn_shape *shape,
                        const dyn_json *json)
{
    if (shape->words == NULL) return;
    for (const char *const *word = shape->words; *word != NULL; word++) {
        if (dyn_bytes_equal_text(json->text, *word)) return;
    }
    if (!begin_violation(c, at, shape, json)) return;
    dyn_buffer_add_text(&c->text, "satisfy enum value set: [");
    for (const char *const *word = shape->words; *word != NULL; word++) {
        if (word != shape->words) dyn_buffer_add_text(&c->text, ", ");
        dyn_buffer_add_text(&c->text, *word);
    }
    dyn_buffer_add_byte(&c->text, ']');
}

/* Check a length of the names or the values in a map, json. */
static void check_within(checker *c, const place *at, const dyn_shape *shape,
                         const dyn_json *json, bool of_names, size_t length)
{
    char text[192];
    const dyn_shape *within = of_names ? shape->key : shape->element;
    if ((int64_t)length >= within->min && (int64_t)length <= within->max)
        return;
    if (!begin_constraint(c, at, shape, json)) return;
    snprintf(text, sizeof(text),
             "Map %s must satisfy constraint: [Member must have length less "
             "than or equal to %" PRId64 ", Member must have length greater "
             "than or equal to %" PRId64 "]",
             of_names ? "keys" : "value", within->max, within->min);
    dyn_buffer_add_text(&c->text, text);
}

/* The names in a map, and how many elements the lists have that are its
 * values. */
static void check_map(checker *c, const place *at, const dyn_shape *shape,
                      const dyn_json *json)
{
    bool has_lists = shape->element->kind == DYN_SHAPE_LIST;
    for (const dyn_json *e = json->first; e != NULL; e = e->next) {
        if (shape->key != NULL)
            check_within(c, at, shape, json, true, e->key.size_bytes);
        if (has_lists && e->type != DYN_JSON_NULL)
            check_within(c, at, shape, json, false, e->count);
    }
}

static void check_value(checker *c, const place *at, const dyn_shape *shape,
                        const dyn_json *json);

static void check_members(checker *c, const place *at, const dyn_shape *shape,
                          const dyn_json *json)
{
    for (const dyn_shape_member *m = shape->members; m->name != NULL; m++) {
        const dyn_json *member = dyn_request_member(json, m->name);
        place here = {at, dyn_bytes_text(m->name), 0, false};
        if (member != NULL) {
            check_value(c, &here, m->shape, member);
        } else if (m->is_required) {
            add_null(c, &here, m->shape);
        }
    }
}

static void check_elements(checker *c, const place *at, const dyn_shape *shape,
                           const dyn_json *json)
{
    size_t number = 0;
    for (const dyn_json *e = json->first; e != NULL; e = e->next) {
        number++;
        place here = {at, e->key, shape->kind == DYN_SHAPE_LIST ? number : 0,
                      true};
        if (e->type != DYN_JSON_NULL) {
            check_value(c, &here, shape->element, e);
        } else {
            add_null(c, &here, shape->element);
        }
    }
}

static void check_value(checker *c, const place *at, const dyn_shape *shape,
                        const dyn_json *json)
{
    if (shape->is_free) return;
    if (shape->has_min || shape->has_max) check_limits(c, at, shape, json);
    if (shape->kind == DYN_SHAPE_MAP) check_map(c, at, shape, json);
    if (shape->kind == DYN_SHAPE_STRING) {
        check_name(c, at, shape, json);
        check_words(c, at, shape, json);
    } else if (shape->kind == DYN_SHAPE_STRUCTURE) {
        check_members(c, at, shape, json);
    } else if (shape->element != NULL) {
        check_elements(c, at, shape, json);
    }
}

/* Check the constraints of a value, and tell of max that it breaks. */
static dyn_status check_constraints(dyn_call *call, size_t max, const place *at,
                                    const dyn_shape *shape,
                                    const dyn_json *json)
{
    checker c = {.call = call, .max = max};
    dyn_bytes text = {NULL, 0};
    dyn_buffer_begin(&c.text, call, 0);
    check_value(&c, at, shape, json);
    DYN_TRY(dyn_buffer_end(&c.text, &text));
    if (c.count == 0) return DYN_OK;
    const char *message =
        dyn_format(call, "%zu validation error%s detected: %s", c.count,
                   c.count == 1 ? "" : "s", (const char *)text.data);
    if (message == NULL) return DYN_NOMEM;
    return dyn_fail_text(call, DYN_INVALID, message);
}

/* The names of tables that are made, changed and described. */
static dyn_status check_first(dyn_call *call, const dyn_shape *shape,
                              const dyn_json *request)
{
    for (const dyn_shape_member *m = shape->members; m->name != NULL; m++) {
        if (!m->shape->is_first) continue;
        const dyn_json *member = dyn_request_member(request, m->name);
        if (member == NULL) {
            return dyn_fail(call, DYN_INVALID,
                            "The parameter '%s' is required but was not "
                            "present in the request",
                            m->name);
        }
        place here = {NULL, dyn_bytes_text(m->name), 0, false};
        DYN_TRY(check_constraints(call, 1, &here, m->shape, member));
    }
    return DYN_OK;
}

dyn_status dyn_shape_check(dyn_call *call, const dyn_shape *shape,
                           dyn_json *request)
{
    DYN_TRY(check_types(call, shape, request, false));
    DYN_TRY(check_first(call, shape, request));
    return check_constraints(call, VIOLATIONS_MAX, NULL, shape, request);
}
