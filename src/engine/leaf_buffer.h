/*
 * Leaves that a transaction has changed and that are not in the file yet, so
 * that a leaf with many changes is written once. They are written before a
 * savepoint begins, before the transaction ends, and when there are too many.
 *
 * The leaves of all stores of the process together have a limit of memory.
 *
 * Layer: engine. Knows nothing of tables, and no SQL.
 */
#ifndef DYN_ENGINE_LEAF_BUFFER_H
#define DYN_ENGINE_LEAF_BUFFER_H

#include "engine/leaf.h"

#define DYN_LEAF_BUFFER_BYTES_MAX ((size_t)32 << 20) /* of a process */

typedef struct dyn_leaf_buffer dyn_leaf_buffer;

/* A changed leaf. It lives until the buffer is changed. */
typedef struct dyn_changed_leaf {
    int64_t tree;
    dyn_leaf leaf;
} dyn_changed_leaf;

/* An empty one; NULL when there is no memory. */
dyn_leaf_buffer *dyn_leaf_buffer_open(void);
void dyn_leaf_buffer_close(dyn_leaf_buffer *buffer); /* NULL is allowed */

/* The changed leaf of an id; NULL when there is none, or buffer is NULL. */
const dyn_changed_leaf *dyn_leaf_buffer_find(const dyn_leaf_buffer *buffer,
                                             int64_t id);

/* Keep a leaf in place of the one of its id. Returns false, having changed
 * nothing, when there is no memory for it, or buffer is NULL. */
bool dyn_leaf_buffer_put(dyn_leaf_buffer *buffer, int64_t tree,
                         const dyn_leaf *leaf);

/* Forget a leaf, or all of them. NULL is allowed. */
void dyn_leaf_buffer_remove(dyn_leaf_buffer *buffer, int64_t id);
void dyn_leaf_buffer_clear(dyn_leaf_buffer *buffer);

/* Whether the leaves are to be written, to make room. */
bool dyn_leaf_buffer_is_full(const dyn_leaf_buffer *buffer);

/* All leaves, in the order of their ids, in the memory of call. Fails with
 * DYN_NOMEM. */
dyn_status dyn_leaf_buffer_list(dyn_call *call, const dyn_leaf_buffer *buffer,
                                const dyn_changed_leaf ***out, size_t *count);

#endif
