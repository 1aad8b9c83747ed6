/*
 * Writing JSON: members and elements, with the commas between them.
 *
 * Layer: api.
 */
#ifndef DYN_API_RESPONSE_H
#define DYN_API_RESPONSE_H

#include "base/buffer.h"
#include "item/value.h"

/* What comes next is an element of the array that has been begun. */
void dyn_response_element(dyn_buffer *out);

/* What comes next is the value of a member of the object that has been begun.
 * The name is ASCII without quotes. */
void dyn_response_name(dyn_buffer *out, const char *name);

/* The same for a name of any kind. */
void dyn_response_key(dyn_buffer *out, dyn_bytes name);

/* Whole members. A time, given in ms since 1970, is told in seconds, with three
 * digits behind the point. */
void dyn_response_text(dyn_buffer *out, const char *name, dyn_bytes text);
void dyn_response_integer(dyn_buffer *out, const char *name, int64_t value);
/* A time in ms since 1970, as seconds. */
void dyn_response_time(dyn_buffer *out, const char *name, int64_t time_ms);
void dyn_response_flag(dyn_buffer *out, const char *name, bool value);
void dyn_response_item(dyn_buffer *out, const char *name, const dyn_map *item);

#endif
