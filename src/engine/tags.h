/*
 * Tags of a table: up to 50 keys with a value each.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_TAGS_H
#define DYN_ENGINE_TAGS_H

#include "engine/catalogue.h"
#include "engine/table.h"

/* All of them, name and text, in the order of their keys. Fails as the store
 * does. */
dyn_status dyn_tags_list(dyn_call *call, dyn_table *table, dyn_meta_row **rows,
                         size_t *count);

/* Set a tag, whose key and value have no zero bytes; remove one, if it is
 * there. Both fail as a write does. */
dyn_status dyn_tag_set(dyn_call *call, dyn_table *table, dyn_bytes key,
                       dyn_bytes value);
dyn_status dyn_tag_remove(dyn_call *call, dyn_table *table, dyn_bytes key);

#endif
