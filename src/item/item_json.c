/* Items from and to JSON; the contracts are in item_json.h. */
#include "item/item_json.h"

#include "base/base64.h"

/* --------------------------------------------------------------- reading -- */

static bool is_typed(const dyn_json *json);

static bool all_typed(const dyn_json *container)
{
    for (const dyn_json *c = container->first; c != NULL; c = c->next) {
        if (!is_typed(c)) return false;
    }
    return true;
}

static bool all_strings(const dyn_json *array)
{
    for (const dyn_json *c = array->first; c != NULL; c = c->next) {
        if (c->type != DYN_JSON_STRING) return false;
    }
    return true;
}

/* Whether json has the shape of the payload of a value of type. */
static bool has_shape(const dyn_json *json, dyn_type type)
{
    switch (type) {
    case DYN_TYPE_NULL:
        return json->type == DYN_JSON_TRUE;
    case DYN_TYPE_BOOL:
        return json->type == DYN_JSON_TRUE || json->type == DYN_JSON_FALSE;
    case DYN_TYPE_N:
    case DYN_TYPE_S:
    case DYN_TYPE_B:
        return json->type == DYN_JSON_STRING;
    case DYN_TYPE_L:
        return json->type == DYN_JSON_ARRAY && all_typed(json);
    case DYN_TYPE_M:
        return json->type == DYN_JSON_OBJECT && all_typed(json);
    case DYN_TYPE_SS:
    case DYN_TYPE_NS:
    case DYN_TYPE_BS:
        break;
    }
    return json->type == DYN_JSON_ARRAY && all_strings(json);
}

static bool is_typed(const dyn_json *json)
{
    dyn_type type;
    return json->type == DYN_JSON_OBJECT && json->count == 1 &&
           dyn_type_from_name(json->first->key, &type) &&
           has_shape(json->first, type);
}

typedef dyn_status read_value(dyn_call *call, const dyn_json *json,
                              dyn_value *out);

static dyn_status read_list(dyn_call *call, const dyn_json *array,
                            read_value *read, dyn_list *out)
{
    out->count = array->count;
    out->elements = dyn_alloc(call, array->count * sizeof(dyn_value));
    if (out->elements == NULL) return DYN_NOMEM;
    dyn_value *element = out->elements;
    for (const dyn_json *c = array->first; c != NULL; c = c->next) {
        DYN_TRY(read(call, c, element++));
    }
    return DYN_OK;
}

static dyn_status read_map(dyn_call *call, const dyn_json *object,
                           read_value *read, dyn_map *out)
{
    out->count = object->count;
    out->attributes = dyn_alloc(call, object->count * sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    dyn_attribute *attribute = out->attributes;
    for (const dyn_json *c = object->first; c != NULL; c = c->next) {
        attribute->name = c->key;
        DYN_TRY(read(call, c, &attribute->value));
        attribute++;
    }
    return dyn_map_sort(call, out);
}

static dyn_status read_scalar(dyn_call *call, const dyn_json *json,
                              dyn_type type, dyn_value *out)
{
    out->type = type;
    if (type == DYN_TYPE_N) {
        return dyn_number_parse(call, json->text, &out->number);
    }
    if (type == DYN_TYPE_B) {
        return dyn_base64_decode(call, json->text, &out->bytes);
    }
    out->bytes = json->text;
    return DYN_OK;
}

static dyn_status read_set(dyn_call *call, const dyn_json *array, dyn_type type,
                           dyn_value *out)
{
    out->list.count = array->count;
    out->list.elements = dyn_alloc(call, array->count * sizeof(dyn_value));
    if (out->list.elements == NULL) return DYN_NOMEM;
    dyn_value *member = out->list.elements;
    for (const dyn_json *c = array->first; c != NULL; c = c->next) {
        DYN_TRY(read_scalar(call, c, dyn_type_of_member(type), member++));
    }
    return dyn_set_sort(call, out);
}

/* The value whose payload, of the right shape, is json. */
static dyn_status read_payload(dyn_call *call, const dyn_json *json,
                               dyn_type type, read_value *read, dyn_value *out)
{
    out->type = type;
    switch (type) {
    case DYN_TYPE_NULL:
        return DYN_OK;
    case DYN_TYPE_BOOL:
        out->boolean = json->type == DYN_JSON_TRUE;
        return DYN_OK;
    case DYN_TYPE_N:
    case DYN_TYPE_S:
    case DYN_TYPE_B:
        return read_scalar(call, json, type, out);
    case DYN_TYPE_L:
        return read_list(call, json, read, &out->list);
    case DYN_TYPE_M:
        return read_map(call, json, read, &out->map);
    case DYN_TYPE_SS:
    case DYN_TYPE_NS:
    case DYN_TYPE_BS:
        break;
    }
    return read_set(call, json, type, out);
}

static dyn_status value_from_json(dyn_call *call, const dyn_json *json,
                                  dyn_value *out);

/* A failure is told with the attribute that it is of, and those around it; an
 * element of a list has no name. */
static dyn_status read_member(dyn_call *call, const dyn_json *json,
                              dyn_value *out)
{
    dyn_status status = value_from_json(call, json, out);
    return json->key.size_bytes > 0
               ? dyn_fail_at(call, status, "attribute", json->key)
               : status;
}

static dyn_status value_from_json(dyn_call *call, const dyn_json *json,
                                  dyn_value *out)
{
    if (is_typed(json)) {
        dyn_type type = DYN_TYPE_NULL;
        dyn_type_from_name(json->first->key, &type);
        return read_payload(call, json->first, type, read_member, out);
    }
    switch (json->type) {
    case DYN_JSON_NULL:
        out->type = DYN_TYPE_NULL;
        return DYN_OK;
    case DYN_JSON_FALSE:
    case DYN_JSON_TRUE:
        return read_payload(call, json, DYN_TYPE_BOOL, NULL, out);
    case DYN_JSON_NUMBER:
        return read_scalar(call, json, DYN_TYPE_N, out);
    case DYN_JSON_STRING:
        return read_scalar(call, json, DYN_TYPE_S, out);
    case DYN_JSON_ARRAY:
        out->type = DYN_TYPE_L;
        return read_list(call, json, read_member, &out->list);
    case DYN_JSON_OBJECT:
        break;
    }
    out->type = DYN_TYPE_M;
    return read_map(call, json, read_member, &out->map);
}

dyn_status dyn_item_from_json(dyn_call *call, const dyn_json *json,
                              dyn_map *out)
{
    if (json->type != DYN_JSON_OBJECT) {
        return dyn_fail(call, DYN_INVALID, "an item must be a JSON object");
    }
    return read_map(call, json, read_member, out);
}

dyn_status dyn_item_from_text(dyn_call *call, dyn_bytes text, dyn_map *out)
{
    const dyn_json *json = NULL;
    DYN_TRY(dyn_json_parse(call, text, DYN_JSON_DEPTH_MAX, &json));
    return dyn_item_from_json(call, json, out);
}

/* The value that a member which is named by its type has. */
static dyn_status read_typed(dyn_call *call, const dyn_json *payload,
                             dyn_type type, dyn_value *out)
{
    if (type == DYN_TYPE_NULL && payload->type == DYN_JSON_FALSE) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Null "
                        "attribute value types must have the value of true");
    }
    bool is_container = type == DYN_TYPE_L || type == DYN_TYPE_M;
    dyn_json_type container =
        type == DYN_TYPE_M ? DYN_JSON_OBJECT : DYN_JSON_ARRAY;
    if (is_container ? payload->type != container : !has_shape(payload, type)) {
        return dyn_fail(call, DYN_INVALID,
                        "the value of an AttributeValue of type %s has the "
                        "wrong JSON type",
                        dyn_type_name(type));
    }
    return read_payload(call, payload, type, dyn_value_from_typed, out);
}

/* What is null, or has the name of no type, is not there. What is wrong with
 * one of several values is told before there being several. */
dyn_status dyn_value_from_typed(dyn_call *call, const dyn_json *json,
                                dyn_value *out)
{
    size_t count = 0;
    for (const dyn_json *c = json->first; c != NULL; c = c->next) {
        dyn_type type;
        if (c->type == DYN_JSON_NULL || !dyn_type_from_name(c->key, &type))
            continue;
        DYN_TRY(read_typed(call, c, type, out));
        count++;
    }
    if (count == 1) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Supplied AttributeValue %s, must contain exactly one of "
                    "the supported datatypes",
                    count == 0 ? "is empty"
                               : "has more than one datatypes set");
}

dyn_status dyn_item_from_typed(dyn_call *call, const dyn_json *json,
                               dyn_map *out)
{
    if (json->type != DYN_JSON_OBJECT) {
        return dyn_fail(call, DYN_INVALID, "an item must be a JSON object");
    }
    return read_map(call, json, dyn_value_from_typed, out);
}

/* --------------------------------------------------------------- writing -- */

static void write_base64(dyn_buffer *out, dyn_bytes bytes)
{
    dyn_buffer_add_byte(out, '"');
    size_t size = dyn_base64_encoded_bytes(bytes.size_bytes);
    char *text = size > 0 ? (char *)dyn_buffer_reserve(out, size) : NULL;
    if (text != NULL) dyn_base64_encode(bytes, text);
    dyn_buffer_add_byte(out, '"');
}

static void write_number(dyn_buffer *out, const dyn_number *number)
{
    char text[DYN_NUMBER_TEXT_BYTES];
    dyn_buffer_add(out, text, dyn_number_format(number, text));
}

/* What stands behind {"N": and the like. */
static void write_scalar_payload(dyn_buffer *out, const dyn_value *value)
{
    if (value->type == DYN_TYPE_S) {
        dyn_json_write_string(out, value->bytes);
    } else if (value->type == DYN_TYPE_B) {
        write_base64(out, value->bytes);
    } else {
        dyn_buffer_add_byte(out, '"');
        write_number(out, &value->number);
        dyn_buffer_add_byte(out, '"');
    }
}

static void write_list(dyn_buffer *out, const dyn_list *list,
                       dyn_json_form form)
{
    dyn_buffer_add_byte(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0) dyn_buffer_add_byte(out, ',');
        dyn_value_to_json(out, &list->elements[i], form);
    }
    dyn_buffer_add_byte(out, ']');
}

static void write_set(dyn_buffer *out, const dyn_list *list)
{
    dyn_buffer_add_byte(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        if (i > 0) dyn_buffer_add_byte(out, ',');
        write_scalar_payload(out, &list->elements[i]);
    }
    dyn_buffer_add_byte(out, ']');
}

static void write_typed(dyn_buffer *out, const dyn_value *value)
{
    dyn_buffer_add_text(out, "{\"");
    dyn_buffer_add_text(out, dyn_type_name(value->type));
    dyn_buffer_add_text(out, "\":");
    switch (value->type) {
    case DYN_TYPE_NULL:
        dyn_buffer_add_text(out, "true");
        break;
    case DYN_TYPE_BOOL:
        dyn_buffer_add_text(out, value->boolean ? "true" : "false");
        break;
    case DYN_TYPE_N:
    case DYN_TYPE_S:
    case DYN_TYPE_B:
        write_scalar_payload(out, value);
        break;
    case DYN_TYPE_L:
        write_list(out, &value->list, DYN_JSON_TYPED);
        break;
    case DYN_TYPE_M:
        dyn_item_to_json(out, &value->map, DYN_JSON_TYPED);
        break;
    case DYN_TYPE_SS:
    case DYN_TYPE_NS:
    case DYN_TYPE_BS:
        write_set(out, &value->list);
        break;
    }
    dyn_buffer_add_byte(out, '}');
}

static bool prints_as_object(const dyn_value *value);

/* Whether the plain form of a map would be read as typed. What a member prints
 * as decides, so this follows has_shape(). */
static bool looks_typed(const dyn_map *map)
{
    dyn_type type;
    if (map->count != 1 ||
        !dyn_type_from_name(map->attributes[0].name, &type)) {
        return false;
    }
    const dyn_value *member = &map->attributes[0].value;
    switch (type) {
    case DYN_TYPE_NULL:
        return member->type == DYN_TYPE_BOOL && member->boolean;
    case DYN_TYPE_BOOL:
        return member->type == DYN_TYPE_BOOL;
    case DYN_TYPE_N:
    case DYN_TYPE_S:
    case DYN_TYPE_B:
        return member->type == DYN_TYPE_S;
    case DYN_TYPE_M:
        return prints_as_object(member);
    case DYN_TYPE_L:
    case DYN_TYPE_SS:
    case DYN_TYPE_NS:
    case DYN_TYPE_BS:
        break;
    }
    return member->type == DYN_TYPE_L;
}

static bool prints_as_object(const dyn_value *value)
{
    return value->type == DYN_TYPE_M || value->type == DYN_TYPE_B ||
           dyn_type_is_set(value->type);
}

static void write_plain(dyn_buffer *out, const dyn_value *value)
{
    switch (value->type) {
    case DYN_TYPE_NULL:
        dyn_buffer_add_text(out, "null");
        break;
    case DYN_TYPE_BOOL:
        dyn_buffer_add_text(out, value->boolean ? "true" : "false");
        break;
    case DYN_TYPE_N:
        write_number(out, &value->number);
        break;
    case DYN_TYPE_S:
        dyn_json_write_string(out, value->bytes);
        break;
    case DYN_TYPE_L:
        write_list(out, &value->list, DYN_JSON_PLAIN);
        break;
    case DYN_TYPE_M:
        if (looks_typed(&value->map)) {
            write_typed(out, value);
        } else {
            dyn_item_to_json(out, &value->map, DYN_JSON_PLAIN);
        }
        break;
    case DYN_TYPE_B:
    case DYN_TYPE_SS:
    case DYN_TYPE_NS:
    case DYN_TYPE_BS:
        write_typed(out, value);
        break;
    }
}

void dyn_value_to_json(dyn_buffer *out, const dyn_value *value,
                       dyn_json_form form)
{
    if (form == DYN_JSON_TYPED) {
        write_typed(out, value);
    } else {
        write_plain(out, value);
    }
}

void dyn_item_to_json(dyn_buffer *out, const dyn_map *item, dyn_json_form form)
{
    dyn_buffer_add_byte(out, '{');
    for (size_t i = 0; i < item->count; i++) {
        if (i > 0) dyn_buffer_add_byte(out, ',');
        dyn_json_write_string(out, item->attributes[i].name);
        dyn_buffer_add_byte(out, ':');
        dyn_value_to_json(out, &item->attributes[i].value, form);
    }
    dyn_buffer_add_byte(out, '}');
}
