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

/* The stored form of an item of size_bytes under its key. Fails with
 * DYN_NOMEM. */
dyn_status dyn_row_encode(dyn_call *call, const dyn_definition *definition,
                          const dyn_map *item, size_t size_bytes, dyn_bytes key,
                          dyn_bytes *out);

/* Look at an item that is stored under a key. Fails with DYN_CORRUPT,
 * DYN_NOMEM. */
dyn_status dyn_row_open(dyn_call *call, const dyn_definition *definition,
                        dyn_bytes key, dyn_bytes stored, dyn_view *out);

/* The key attributes of the table that are in a stored key, behind those of
 * index unless that is NULL. Fails with DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_row_keys(dyn_call *call, const dyn_definition *definition,
                        const dyn_index *index, dyn_bytes key,
                        const dyn_map **out);

#endif
