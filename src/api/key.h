/*
 * Keys in requests: of the item that is meant, and of where a page begins.
 *
 * Layer: api.
 */
#ifndef DYN_API_KEY_H
#define DYN_API_KEY_H

#include "engine/table.h"
#include "expr/key_condition.h"
#include "item/json.h"

/* Read `Key`, a member of object. Fails with DYN_INVALID, DYN_NOMEM. */
dyn_status dyn_key_read(dyn_call *call, const dyn_json *object, dyn_map *out);

/* Whether an item has the key attributes of the table, of their types. */
bool dyn_key_is_in(const dyn_table *table, const dyn_map *item);

/* Check the value of a key attribute in a key; NULL when that lacks it. Fails
 * with DYN_INVALID: `The provided key element does not match the schema`, or
 * that the value is empty or too long. */
dyn_status dyn_key_check_value(dyn_call *call,
                               const dyn_key_attribute *attribute,
                               bool is_partition, const dyn_value *value);

/* The stored form of a key, in the memory of call. Fails with DYN_INVALID as
 * dyn_key_check_value() does for each attribute in turn, and when there are
 * others than the key attributes of the table; DYN_NOMEM. */
dyn_status dyn_key_of_item(dyn_call *call, const dyn_table *table,
                           const dyn_map *key, dyn_bytes *out);

/* Whether an item has them, and one of them is empty. */
bool dyn_key_is_empty(const dyn_table *table, const dyn_map *item);

/* What a key consists of, to check expressions by: of an index, or of the table
 * when that is -1. */
typedef struct dyn_key_names {
    dyn_key_attribute partition[DYN_KEY_ATTRIBUTES_MAX];
    dyn_key_attribute sort[DYN_KEY_ATTRIBUTES_MAX];
    dyn_key_attributes all; /* points to those */
} dyn_key_names;

void dyn_key_names_of(const dyn_table *table, int index, dyn_key_names *out);

/* Check that no path of an expression leads below a key attribute, of the table
 * or of any of its indexes. Fails with DYN_INVALID. */
dyn_status dyn_key_check_paths(dyn_call *call, const dyn_table *table,
                               dyn_paths paths);

/* The number of attributes that tell an item of the table or of an index: its
 * key and that of the table. Fills names, which has room for
 * 4 * DYN_KEY_ATTRIBUTES_MAX of them, in that order. */
size_t dyn_key_whole(const dyn_table *table, int index,
                     dyn_key_attribute *names);

#endif
