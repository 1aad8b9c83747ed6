/*
 * The stored key of an item of a table, and what key attributes may be.
 *
 * Layer: engine. Goes by the definition alone.
 */
#ifndef DYN_ENGINE_ITEM_KEY_H
#define DYN_ENGINE_ITEM_KEY_H

#include "engine/definition.h"

/* The stored key of an item. Fails with DYN_INVALID and the texts of
 * docs/semantics.md 14 when a key attribute is missing, of another type, empty
 * or too long; DYN_NOMEM. */
dyn_status dyn_item_key(dyn_call *call, const dyn_definition *definition,
                        const dyn_map *item, dyn_bytes *out);

/* Check the value of one key attribute, as dyn_item_key() does. The second
 * checks only the length of a text or a binary value. */
dyn_status dyn_check_key_value(dyn_call *call, const dyn_definition *definition,
                               size_t column, const dyn_value *value);
dyn_status dyn_check_key_size(dyn_call *call, bool is_partition,
                              const dyn_value *value);

#endif
