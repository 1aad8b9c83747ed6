/*
 * JSON as RFC 8259 defines it, read into a tree and nothing let through: no
 * comments, no trailing commas, no bare NaN, no name twice in one object.
 *
 * Numbers keep their text, because DynamoDB's have up to 38 digits. What a
 * tree means is for those who read it.
 *
 * Layer: item. Knows nothing of items.
 */
#ifndef DYN_ITEM_JSON_H
#define DYN_ITEM_JSON_H

#include "base/buffer.h"

typedef enum dyn_json_type {
    DYN_JSON_NULL,
    DYN_JSON_FALSE,
    DYN_JSON_TRUE,
    DYN_JSON_NUMBER,
    DYN_JSON_STRING,
    DYN_JSON_ARRAY,
    DYN_JSON_OBJECT,
} dyn_json_type;

/* Slices point into the text that was parsed or, where it had escapes, into
 * memory of the call. They are not terminated and may hold zero bytes. */
typedef struct dyn_json dyn_json;
struct dyn_json {
    dyn_json_type type;
    dyn_bytes key;   /* the name, when this is a member of an object */
    dyn_bytes text;  /* of a string, unescaped; of a number, as it is written */
    size_t count;    /* of the elements or members */
    dyn_json *first; /* of them, in the order of the text; linked by next */
    dyn_json *next;
};

/*
 * Read text, which holds one value, of at most depth_max arrays and objects
 * within each other.
 *
 * *out is in the memory of call and points into text, which must live as long.
 * Fails with DYN_INVALID `malformed JSON at byte 12: expected ',' or '}'`, the
 * position counted from 0 and that of what is wrong (of the second one, for a
 * name that occurs twice), DYN_NOMEM.
 */
dyn_status dyn_json_parse(dyn_call *call, dyn_bytes text, size_t depth_max,
                          const dyn_json **out);

/* The member of that name; NULL when there is none, or object is no object. */
const dyn_json *dyn_json_member(const dyn_json *object, const char *name);

/* Add what has been parsed as JSON again. */
void dyn_json_write(dyn_buffer *buffer, const dyn_json *json);

/* Add text, which is UTF-8, as a JSON string: quoted, with quotes, backslashes
 * and control characters escaped. */
void dyn_json_write_string(dyn_buffer *buffer, dyn_bytes text);

#endif
