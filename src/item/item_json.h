/*
 * Items and values from JSON and to JSON, in two forms (docs/reference.md,
 * "JSON of items"):
 *
 *   plain   strings, numbers with every digit, booleans, null, arrays, objects;
 *           sets and binary values in their typed form
 *   typed   {"S":"a"}, {"N":"1"}, {"L":[{"S":"a"}]}, ...: the JSON protocol's
 *
 * Reading takes either, value by value: an object is typed when it has exactly
 * one member, named by a type, with a value of that type's shape. A plain map
 * of such a look is printed in the typed form of a map, so that what is
 * printed reads back as the same value.
 *
 * Layer: item.
 */
#ifndef DYN_ITEM_ITEM_JSON_H
#define DYN_ITEM_ITEM_JSON_H

#include "base/buffer.h"
#include "item/json.h"
#include "item/value.h"

typedef enum dyn_json_form { DYN_JSON_PLAIN, DYN_JSON_TYPED } dyn_json_form;

/* An item from text or from JSON read before, plain or typed. What out points
 * to is in the memory of call and in the text.
 * Fails with DYN_INVALID, naming the attribute; DYN_NOMEM. */
dyn_status dyn_item_from_text(dyn_call *call, dyn_bytes text, dyn_map *out);
dyn_status dyn_item_from_json(dyn_call *call, const dyn_json *json,
                              dyn_map *out);

/* A value that must be of typed form, as in requests of the JSON protocol.
 * Fails with DYN_INVALID and DynamoDB's text (docs/semantics.md 14, values). */
dyn_status dyn_value_from_typed(dyn_call *call, const dyn_json *json,
                                dyn_value *out);
dyn_status dyn_item_from_typed(dyn_call *call, const dyn_json *json,
                               dyn_map *out);

void dyn_value_to_json(dyn_buffer *out, const dyn_value *value,
                       dyn_json_form form);
void dyn_item_to_json(dyn_buffer *out, const dyn_map *item, dyn_json_form form);

#endif
