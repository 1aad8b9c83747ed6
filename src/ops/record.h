/*
 * What a record of the log says of an item (engine/log.h).
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_RECORD_H
#define DYN_OPS_RECORD_H

#include "engine/table.h"
#include "item/value.h"

/* The attributes of a key. Fails with DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_record_keys(dyn_call *call, const dyn_table *table,
                           dyn_bytes key, dyn_map *out);

/* The item that is stored in a record under a key; its size is added to
 * *size_bytes. It lives as long as the record and call do. Fails with
 * DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_record_item(dyn_call *call, const dyn_table *table,
                           dyn_bytes key, dyn_bytes stored, dyn_map *out,
                           size_t *size_bytes);

/* The same item as JSON; its keys alone. */
dyn_status dyn_record_item_text(dyn_call *call, const dyn_table *table,
                                dyn_bytes key, dyn_bytes stored,
                                dyn_bytes *out);
dyn_status dyn_record_keys_text(dyn_call *call, const dyn_table *table,
                                dyn_bytes key, dyn_bytes *out);

/* Who has made a change: "user", "ttl", "replica". A literal. */
const char *dyn_actor_name(dyn_actor actor);

#endif
