/*
 * Rows as items: what lies in the key of a row is not in its stored item, and
 * is read from there.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_ROW_H
#define DYN_ENGINE_ROW_H

#include "engine/definition.h"
#include "engine/store.h"
#include "item/codec.h"

/* The layout of the items, or of the entries of an index unless that is NULL.
 * It lives in the memory of call, with names of the definition, and the names
 * that have numbers, the same in all trees. Fails with DYN_NOMEM. */
dyn_status dyn_row_layout(dyn_call *call, const dyn_definition *definition,
                          const dyn_index *index, const dyn_names *names,
                          const dyn_layout **out);

/* Look at an item or entry that is stored in a tree. An entry may be a
 * reference (docs/format.md): then the caller reads the item that it refers to.
 * An item never is one. Fails with DYN_CORRUPT. */
dyn_status dyn_row_open(dyn_call *call, const dyn_layout *layout, int64_t tree,
                        dyn_bytes key, dyn_bytes stored, dyn_view *out);

#endif
