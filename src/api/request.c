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

enum { NUMBER_BYTES = 64 };

/* Copy the text of a number, for functions of C; false if it is too long. */
static bool copy_number(const dyn_json *number, char text[NUMBER_BYTES])
{
    if (number->text.size_bytes >= NUMBER_BYTES) return false;
    memcpy(text, number->text.data, number->text.size_bytes);
    text[number->text.size_bytes] = '\0';
    return true;
}

bool dyn_request_number(const dyn_json *number, int64_t *out)
{
    char text[NUMBER_BYTES];
    char *end = text;
    if (!copy_number(number, text)) return false;
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

int64_t dyn_request_time_ms(const dyn_json *object, const char *name,
                            int64_t otherwise)
{
    static const double second_max = 1e12;
    char text[NUMBER_BYTES];
    const dyn_json *member = dyn_request_member(object, name);
    if (member == NULL || !copy_number(member, text)) return otherwise;
    double second = strtod(text, NULL);
    if (!(second >= 0 && second <= second_max)) return otherwise;
    return (int64_t)(second * 1000 + 0.5);
}
