/*
 * Leaves that a connection has read and verified, so that they need not be read
 * again while they are as they were. They are, as long as no other connection
 * has committed, after which the store forgets all of them, and this one has
 * changed nothing, which SQLite's count of its changes tells. A rollback makes
 * the store forget them, too.
 *
 * The leaves of all stores of the process together have a limit of memory. What
 * does not fit in is not kept, and neither is anything for which there is no
 * memory: that is no failure.
 *
 * Layer: engine. Knows nothing of tables, and no SQL.
 */
#ifndef DYN_ENGINE_LEAF_CACHE_H
#define DYN_ENGINE_LEAF_CACHE_H

#include "engine/leaf.h"

#define DYN_LEAF_CACHE_BYTES_MAX ((size_t)64 << 20) /* of a process */

typedef struct dyn_leaf_cache dyn_leaf_cache;

/* An empty one; NULL when there is no memory. */
dyn_leaf_cache *dyn_leaf_cache_open(void);
void dyn_leaf_cache_close(dyn_leaf_cache *cache); /* NULL is allowed */

/* Keep none from here on. */
void dyn_leaf_cache_forget(dyn_leaf_cache *cache); /* NULL is allowed */

/* The leaf of an id and tree; NULL when it is not known, or cache is NULL.
 * changes is the connection's count of its changes. It lives until the next
 * call for this cache. */
const dyn_leaf *dyn_leaf_cache_find(const dyn_leaf_cache *cache, int64_t tree,
                                    int64_t id, int64_t changes);

/* Keep a leaf, which has been verified. */
void dyn_leaf_cache_add(dyn_leaf_cache *cache, int64_t tree,
                        const dyn_leaf *leaf, int64_t changes);

#endif
