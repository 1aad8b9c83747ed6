/*
 * Time to live: the tree that has the items of a table in the order in which
 * they expire (expiry_time.h).
 *
 *   key of a row    second:8  key of the item
 *
 * The second has the highest byte first, and its highest bit inverted, so that
 * memcmp() orders keys by time. The value of a row is one byte, 0. Rows follow
 * from items, as entries of an index do; they are not counted in partitions,
 * and nobody pays for them. A table without the option has no such tree.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_EXPIRY_H
#define DYN_ENGINE_EXPIRY_H

#include "engine/expiry_time.h"
#include "engine/table.h"

/* The row of an item that expires, in the memory of call. Fails with
 * DYN_NOMEM. */
dyn_status dyn_expiry_key(dyn_call *call, dyn_bytes item_key, int64_t second,
                          dyn_bytes *out);

/* Whether the tree has, or should have, a row for the item of a key that
 * expires: not while the tree is emptied, nor when it is being filled and has
 * not come so far. */
bool dyn_expiry_reaches(const dyn_table *table, dyn_bytes item_key);

/* Whether there is a tree, though it may be in the making. */
bool dyn_expiry_has_tree(const dyn_table *table);

/* Whether what is in the tree follows from the items: false while what an
 * earlier option has left is removed. */
bool dyn_expiry_is_kept(const dyn_table *table);

/* An item is changed: keep the tree. Fails as a write does. */
dyn_status dyn_expiry_write(dyn_call *call, dyn_table *table,
                            dyn_bytes item_key, const dyn_expiry *before,
                            const dyn_expiry *after);

/* ----------------------------------------------------- what has expired -- */

/* A row of the tree that the sweep may take. */
typedef struct dyn_expired {
    dyn_bytes key; /* of the row */
    dyn_bytes item_key;
    int64_t second;
} dyn_expired;

/* When the next item is to be swept, ttl_delay after it has expired, in ms
 * since 1970: DYN_DUE_NOW when that is not known, DYN_DUE_NEVER when there is
 * none. */
int64_t dyn_expiry_due_ms(dyn_table *table);

/* Those to be swept, the earliest first, of the first rows_max. They count as
 * swept: what stays is handed back by dyn_expiry_note(). Fails as the store
 * does. */
dyn_status dyn_expiry_take(dyn_call *call, dyn_table *table, size_t rows_max,
                           dyn_expired **out, size_t *count);

/* There is an item that expires then. */
void dyn_expiry_note(dyn_table *table, int64_t second);

/* Remove a row that is of no item. Fails as a write does. */
dyn_status dyn_expiry_drop(dyn_call *call, dyn_table *table,
                           const dyn_expired *row);

#endif
