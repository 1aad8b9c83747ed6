/*
 * Reading a request that has been checked against its shape (shape.h): what is
 * there has the right type and is not null.
 *
 * Layer: api.
 */
#ifndef DYN_API_REQUEST_H
#define DYN_API_REQUEST_H

#include "item/json.h"

/* The member of that name of an object; NULL when it is absent. */
const dyn_json *dyn_request_member(const dyn_json *object, const char *name);

/* A string; one without data when it is absent. */
dyn_bytes dyn_request_text(const dyn_json *object, const char *name);

/* Whether a string is there and is this one. */
bool dyn_request_is(const dyn_json *object, const char *name, const char *text);

/* A boolean or a whole number; otherwise when it is absent. */
bool dyn_request_flag(const dyn_json *object, const char *name, bool otherwise);
int64_t dyn_request_integer(const dyn_json *object, const char *name,
                            int64_t otherwise);

/* The whole number that a JSON number is without its fraction, if it is one of
 * 64 bits. */
bool dyn_request_number(const dyn_json *number, int64_t *out);

/* A time, which is a number of seconds since 1970, in ms. One that is absent,
 * or that no clock can show, is otherwise. */
int64_t dyn_request_time_ms(const dyn_json *object, const char *name,
                            int64_t otherwise);

#endif
