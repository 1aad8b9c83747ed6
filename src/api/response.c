/* Writing responses; the contracts are in response.h. */
#include "api/response.h"

#include "item/item_json.h"

#include <inttypes.h>
#include <stdio.h>

/* The first one in an array or object follows a bracket, and a member its
 * colon; no value ends in one of these. */
void dyn_response_element(dyn_buffer *out)
{
    if (out->failed || out->size_bytes == 0) return;
    unsigned char last = out->data[out->size_bytes - 1];
    if (last != '{' && last != '[' && last != ':')
        dyn_buffer_add_byte(out, ',');
}

void dyn_response_name(dyn_buffer *out, const char *name)
{
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '"');
    dyn_buffer_add_text(out, name);
    dyn_buffer_add_text(out, "\":");
}

void dyn_response_key(dyn_buffer *out, dyn_bytes name)
{
    dyn_response_element(out);
    dyn_json_write_string(out, name);
    dyn_buffer_add_byte(out, ':');
}

void dyn_response_text(dyn_buffer *out, const char *name, dyn_bytes text)
{
    dyn_response_name(out, name);
    dyn_json_write_string(out, text);
}

void dyn_response_integer(dyn_buffer *out, const char *name, int64_t value)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64, value);
    dyn_response_name(out, name);
    dyn_buffer_add_text(out, text);
}

void dyn_response_time(dyn_buffer *out, const char *name, int64_t time_ms)
{
    enum { MS_PER_SECOND = 1000 };
    char text[48];
    int64_t of_second = time_ms % MS_PER_SECOND;
    int64_t seconds = time_ms / MS_PER_SECOND;
    if (of_second < 0) {
        of_second += MS_PER_SECOND;
        seconds--;
    }
    snprintf(text, sizeof(text), "%" PRId64 ".%03d", seconds, (int)of_second);
    dyn_response_name(out, name);
    dyn_buffer_add_text(out, text);
}

void dyn_response_flag(dyn_buffer *out, const char *name, bool value)
{
    dyn_response_name(out, name);
    dyn_buffer_add_text(out, value ? "true" : "false");
}

void dyn_response_item(dyn_buffer *out, const char *name, const dyn_map *item)
{
    dyn_response_name(out, name);
    dyn_item_to_json(out, item, DYN_JSON_TYPED);
}
