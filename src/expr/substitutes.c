/* #names and :values; the contract is in substitutes.h. */
#include "expr/substitutes.h"

#include "base/buffer.h"

#include <assert.h>

static const char names_member[] = "ExpressionAttributeNames";
static const char values_member[] = "ExpressionAttributeValues";

static bool is_word_byte(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '_';
}

static bool is_token(dyn_bytes text, unsigned char mark)
{
    if (text.size_bytes < 2 || text.data[0] != mark) return false;
    for (size_t i = 1; i < text.size_bytes; i++) {
        if (!is_word_byte(text.data[i])) return false;
    }
    return true;
}

static dyn_status check_tokens(dyn_call *call, const dyn_map *map,
                               const char *member, unsigned char mark)
{
    if (map->count == 0) {
        return dyn_fail(call, DYN_INVALID, "%s must not be empty", member);
    }
    for (size_t i = 0; i < map->count; i++) {
        dyn_bytes token = map->attributes[i].name;
        if (token.size_bytes > DYN_SUBSTITUTE_TOKEN_BYTES_MAX) {
            return dyn_fail(call, DYN_INVALID,
                            "%s contains invalid key: The expression attribute "
                            "map contains a key that is too long; key size: "
                            "%zu",
                            member, token.size_bytes);
        }
        if (!is_token(token, mark)) {
            return dyn_fail(call, DYN_INVALID,
                            "%s contains invalid key: Syntax error; key: "
                            "\"%.*s\"",
                            member, (int)token.size_bytes,
                            (const char *)token.data);
        }
    }
    return DYN_OK;
}

static dyn_status check_values_size(dyn_call *call, const dyn_map *values)
{
    size_t size = 0;
    for (size_t i = 0; i < values->count; i++) {
        size += dyn_value_size_bytes(&values->attributes[i].value);
    }
    if (size <= DYN_SUBSTITUTE_VALUES_BYTES_MAX) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "%s exceeds the maximum allowed size; size: %zu",
                    values_member, size);
}

static dyn_status begin_used(dyn_call *call, const dyn_map *map, bool **out)
{
    *out = dyn_alloc_zero(call, map->count, sizeof(bool));
    return *out == NULL ? DYN_NOMEM : DYN_OK;
}

dyn_status dyn_substitutes_check(dyn_call *call, const dyn_map *names,
                                 const dyn_map *values)
{
    if (names != NULL) DYN_TRY(check_tokens(call, names, names_member, '#'));
    return values == NULL ? DYN_OK
                          : check_tokens(call, values, values_member, ':');
}

dyn_status dyn_substitutes_begin(dyn_call *call, const dyn_map *names,
                                 const dyn_map *values, dyn_substitutes *out)
{
    *out = (dyn_substitutes){.names = names, .values = values};
    DYN_TRY(dyn_substitutes_check(call, names, values));
    if (names != NULL) DYN_TRY(begin_used(call, names, &out->names_used));
    if (values != NULL) {
        DYN_TRY(check_values_size(call, values));
        DYN_TRY(begin_used(call, values, &out->values_used));
    }
    return DYN_OK;
}

static const dyn_value *use(const dyn_map *map, bool *used, dyn_bytes token)
{
    if (map == NULL) return NULL;
    const dyn_value *value = dyn_map_find(map, token);
    if (value == NULL) return NULL;
    size_t offset_bytes =
        (size_t)((const char *)value - (const char *)map->attributes);
    used[offset_bytes / sizeof(dyn_attribute)] = true;
    return value;
}

const dyn_bytes *dyn_substitutes_name(dyn_substitutes *substitutes,
                                      dyn_bytes token)
{
    if (substitutes == NULL) return NULL;
    const dyn_value *name =
        use(substitutes->names, substitutes->names_used, token);
    assert(name == NULL || name->type == DYN_TYPE_S);
    return name == NULL ? NULL : &name->bytes;
}

const dyn_value *dyn_substitutes_value(dyn_substitutes *substitutes,
                                       dyn_bytes token)
{
    if (substitutes == NULL) return NULL;
    return use(substitutes->values, substitutes->values_used, token);
}

static dyn_status check_used(dyn_call *call, const dyn_map *map,
                             const bool *used, const char *member)
{
    if (map == NULL) return DYN_OK;
    dyn_buffer unused;
    dyn_bytes text = {NULL, 0};
    dyn_buffer_begin(&unused, call, 0);
    for (size_t i = 0; i < map->count; i++) {
        if (used[i]) continue;
        if (unused.size_bytes > 0) dyn_buffer_add_text(&unused, ", ");
        dyn_buffer_add_bytes(&unused, map->attributes[i].name);
        if (unused.size_bytes > DYN_ERROR_MESSAGE_BYTES) break;
    }
    DYN_TRY(dyn_buffer_end(&unused, &text));
    if (text.size_bytes == 0) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Value provided in %s unused in expressions: keys: {%s}",
                    member, (const char *)text.data);
}

dyn_status dyn_substitutes_check_used(dyn_call *call,
                                      const dyn_substitutes *substitutes)
{
    DYN_TRY(check_used(call, substitutes->names, substitutes->names_used,
                       names_member));
    return check_used(call, substitutes->values, substitutes->values_used,
                      values_member);
}
