/* Members of requests; the contracts are in request.h. */
#include "api/request.h"

#include <stdlib.h>

const dyn_json *dyn_request_member(const dyn_json *object, const char *name)
{
    return dyn_json_member(object, name);
}

dyn_bytes dyn_request_text(const dyn_json *object, const char *name)
{
    const dyn_json *member = dyn_request_member(object, name);
    return member == NULL ? (dyn_bytes){NULL, 0} : member->text;
}

bool dyn_request_is(const dyn_json *object, const char *name, const char *text)
{
    const dyn_json *member = dyn_request_member(object, name);
    return member != NULL && dyn_bytes_equal_text(member->text, text);
}

bool dyn_request_flag(const dyn_json *object, const char *name, bool otherwise)
{
    const dyn_json *member = dyn_request_member(object, name);
    return member == NULL ? otherwise : member->type == DYN_JSON_TRUE;
}

bool dyn_request_number(const dyn_json *number, int64_t *out)
{
    enum { TEXT_BYTES = 64 };
    char text[TEXT_BYTES];
    char *end = text;
    if (number->text.size_bytes >= TEXT_BYTES) return false;
    memcpy(text, number->text.data, number->text.size_bytes);
    text[number->text.size_bytes] = '\0';
    double value = strtod(text, NULL);
    if (!(value > -0x1p63 && value < 0x1p63)) return false;
    long long digits = strtoll(text, &end, 10);
    *out = *end == '\0' ? digits : (int64_t)value;
    return true;
}

int64_t dyn_request_integer(const dyn_json *object, const char *name,
                            int64_t otherwise)
{
    const dyn_json *member = dyn_request_member(object, name);
    if (member != NULL) dyn_request_number(member, &otherwise);
    return otherwise;
}
