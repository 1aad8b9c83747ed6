/*
 * Attribute values and items as trees in memory (docs/semantics.md 1).
 *
 * A value is canonical: the attributes of a map are in the order of their
 * names, the members of a set in the order of their values, numbers are
 * trimmed. Equal values are therefore equal member by member, and their stored
 * bytes (codec.h) are equal, too.
 *
 * Values own nothing: what they point to lives in the memory of a call.
 *
 * Layer: item. Knows nothing of tables.
 */
#ifndef DYN_ITEM_VALUE_H
#define DYN_ITEM_VALUE_H

#include "base/call.h"
#include "item/number.h"

typedef enum dyn_type {
    DYN_TYPE_NULL,
    DYN_TYPE_BOOL,
    DYN_TYPE_N,
    DYN_TYPE_S,
    DYN_TYPE_B,
    DYN_TYPE_L,
    DYN_TYPE_M,
    DYN_TYPE_SS,
    DYN_TYPE_NS,
    DYN_TYPE_BS,
} dyn_type;

enum { DYN_TYPE_COUNT = DYN_TYPE_BS + 1 };

typedef struct dyn_value dyn_value;
typedef struct dyn_attribute dyn_attribute;

/* The elements of a list or the members of a set. */
typedef struct dyn_list {
    dyn_value *elements;
    size_t count;
} dyn_list;

/* An item, or the value of a map attribute. */
typedef struct dyn_map {
    dyn_attribute *attributes; /* in the order of their names */
    size_t count;
} dyn_map;

struct dyn_value {
    dyn_type type;
    union {
        bool boolean;
        dyn_bytes bytes; /* S, B */
        dyn_number number;
        dyn_list list; /* L, SS, NS, BS */
        dyn_map map;
    };
};

struct dyn_attribute {
    dyn_bytes name; /* UTF-8 */
    dyn_value value;
};

/* "S", "N", ... as the JSON protocol names the type. A literal. */
const char *dyn_type_name(dyn_type type);

/* The type so named; false when there is none. */
bool dyn_type_from_name(dyn_bytes name, dyn_type *out);

bool dyn_type_is_set(dyn_type type);

/* The type of the members of a set: SS -> S. */
dyn_type dyn_type_of_member(dyn_type set);

/* The attribute of that name, or NULL. */
dyn_value *dyn_map_find(const dyn_map *map, dyn_bytes name);

/* Put attributes given in any order into canonical order.
 * Fails with DYN_INVALID when a name occurs twice. */
dyn_status dyn_map_sort(dyn_call *call, dyn_map *map);

/* Put members given in any order into canonical order.
 * Fails with DYN_INVALID when there are none or one occurs twice, with
 * DynamoDB's text (docs/semantics.md 14, values). */
dyn_status dyn_set_sort(dyn_call *call, dyn_value *set);

/* Compare two values of one type out of S, N and B. */
int dyn_value_compare(const dyn_value *a, const dyn_value *b);

bool dyn_value_equal(const dyn_value *a, const dyn_value *b);

/* DynamoDB's size in bytes (docs/semantics.md 1, "Item size"). */
size_t dyn_value_size_bytes(const dyn_value *value);
size_t dyn_map_size_bytes(const dyn_map *item);

/* How many levels of lists and maps: 0 for a scalar. */
size_t dyn_value_nesting_levels(const dyn_value *value);

/* Check an item against the limits that hold for every item: names not empty
 * and not too long, nesting, size. Fails with DYN_INVALID, or DYN_TOO_LARGE
 * with `Item size has exceeded the maximum allowed size`. */
dyn_status dyn_item_check(dyn_call *call, const dyn_map *item,
                          size_t *size_bytes);

#endif
