/*
 * Leaves in memory, of one store; and large items, which are leaves of no tree
 * here (rows_large.c).
 *
 * Those that were read and verified need not be read again while they are as
 * they were. They are, as long as no other connection has committed, after
 * which the store forgets them, and this one has changed nothing but through
 * this cache, which a count of all other changes tells.
 *
 * Those that a transaction has changed are written later, so that a leaf with
 * many changes is written once: before a savepoint begins, before the
 * transaction ends, and when there are too many of them.
 *
 * All leaves of the process have one limit of memory, of which each connection
 * has an equal share. Where room is needed, a connection that has more than its
 * share lets go what it has not used for longest, of whatever table, but none
 * that is to be written. So one that is idle keeps what it has until it is used
 * again, and others have their shares nevertheless. But a leaf that is read
 * once in a while takes the place of none: where room is needed, it is kept
 * when it is read for the second time. Before any leaf goes, those that have
 * been changed give up what room they have for more. What does not fit in is
 * not kept, and neither is anything for which there is no memory: that is no
 * failure.
 *
 * Layer: engine. Knows nothing of tables, and no SQL.
 */
#ifndef DYN_ENGINE_LEAF_CACHE_H
#define DYN_ENGINE_LEAF_CACHE_H

#include "engine/leaf.h"

#define DYN_LEAF_CACHE_BYTES ((int64_t)64 << 20) /* of a process, at first */

typedef struct dyn_leaf_cache dyn_leaf_cache;
typedef struct dyn_leaf_entry dyn_leaf_entry;

/* Leaves in the order of their use, nearly: what was used is moved to the front
 * when it would have to go otherwise. */
typedef struct dyn_leaf_list {
    dyn_leaf_entry *newest;
    dyn_leaf_entry *oldest;
    size_t count;
} dyn_leaf_list;

/* What the caches of a connection share. All of it is 0 at first. */
typedef struct dyn_leaf_pool {
    dyn_leaf_list read;  /* those that are as in the file */
    dyn_leaf_list spare; /* of these, those that have room for changes */
    int64_t bytes;       /* of all */
} dyn_leaf_pool;

/* A leaf of a tree that is to be written. It lives until the cache changes. */
typedef struct dyn_changed_leaf {
    int64_t tree;
    dyn_leaf leaf;
    bool is_new; /* no row of the file has it yet */
} dyn_changed_leaf;

/* What is there, and what was. */
typedef struct dyn_leaf_cache_counts {
    int64_t entries;
    int64_t bytes;
    int64_t hits;
    int64_t misses;
    int64_t evictions; /* room was needed */
} dyn_leaf_cache_counts;

/* What all leaves of the process may take, from here on, but for those of idle
 * connections. */
int64_t dyn_leaf_cache_limit(void);
void dyn_leaf_cache_set_limit(int64_t bytes);

/* An empty one, in a pool that is there until it is closed; NULL when there is
 * no memory. */
dyn_leaf_cache *dyn_leaf_cache_open(dyn_leaf_pool *pool);
void dyn_leaf_cache_close(dyn_leaf_cache *cache); /* NULL is allowed */

/* All of them are 0 when cache is NULL. */
dyn_leaf_cache_counts dyn_leaf_cache_counts_of(const dyn_leaf_cache *cache);

/* The leaf of an id and tree; NULL when it is not known, or cache is NULL.
 * changes is the count of other changes. It lives until the next call for a
 * cache of its pool. */
const dyn_leaf *dyn_leaf_cache_find(dyn_leaf_cache *cache, int64_t tree,
                                    int64_t id, int64_t changes);

/* The leaf that was found is going to be read, and not to be changed. When that
 * happens again, it is prepared for it (heads of leaf.h). */
void dyn_leaf_cache_only_reads(const dyn_leaf *kept);

/* Keep a leaf that was read and has been verified, if it is worth the room. It
 * may be one that is known. Returns what is kept, which lives as what is found
 * does; NULL when nothing is. */
const dyn_leaf *dyn_leaf_cache_add(dyn_leaf_cache *cache, int64_t tree,
                                   const dyn_leaf *leaf, int64_t changes);

/* Keep one that has been written, in place of the one of its id, if there is
 * room. As long as nobody reads it, it makes room for what is read. */
void dyn_leaf_cache_add_written(dyn_leaf_cache *cache, int64_t tree,
                                const dyn_leaf *leaf, int64_t changes);

/* What was found or kept lives until the call ends, too, but for its heads;
 * it may be changed in the meantime. Fails with DYN_NOMEM. */
dyn_status dyn_leaf_cache_hold(dyn_call *call, const dyn_leaf *kept);

/* Keep none of those that were read. NULL is allowed, here and below. */
void dyn_leaf_cache_forget(dyn_leaf_cache *cache);

/* -------------------------------------------------------------- changes -- */

/* Keep a leaf that has been changed, until it is written. One that is new stays
 * so until then. Returns false, having changed nothing, when there is no memory
 * for it. */
bool dyn_leaf_cache_change(dyn_leaf_cache *cache,
                           const dyn_changed_leaf *changed);

/* Whether a leaf is there that no row of the file has yet. */
bool dyn_leaf_cache_is_new(const dyn_leaf_cache *cache, int64_t id);

/* The highest id of those, or of one that has gone again; 0 when there are
 * none.
 */
int64_t dyn_leaf_cache_last_new(const dyn_leaf_cache *cache);

/* A new leaf is not kept, but in the file by now: none that is new from here on
 * may have its id. */
void dyn_leaf_cache_pass_new(dyn_leaf_cache *cache, int64_t id);

/* The same for a leaf that has been changed before: put bytes between the first
 * and the last of its rows that stay. Returns false, having changed nothing,
 * for another one, and when they have no room. */
bool dyn_leaf_cache_splice(dyn_leaf_cache *cache, int64_t id,
                           size_t before_bytes, dyn_bytes middle,
                           size_t after_bytes);

/* Whether those that have been changed are to be written, to make room. */
bool dyn_leaf_cache_is_full(const dyn_leaf_cache *cache);

/* Those that have been changed, in the order of their ids, in the memory of
 * call. Fails with DYN_NOMEM. */
dyn_status dyn_leaf_cache_changed(dyn_call *call, const dyn_leaf_cache *cache,
                                  const dyn_changed_leaf ***out, size_t *count);

/* They have been written, and are kept as if they had been read. When that is
 * rolled back, all are discarded. */
void dyn_leaf_cache_written(dyn_leaf_cache *cache, int64_t changes);

/* A leaf is gone, or written in another way. */
void dyn_leaf_cache_remove(dyn_leaf_cache *cache, int64_t id);

/* Keep none at all. */
void dyn_leaf_cache_discard(dyn_leaf_cache *cache);

#endif
