/*
 * Hints: in which leaf keys were found last, so that the directory need not be
 * asked. A hint may be out of date: other connections cut leaves, and a change
 * is rolled back. A leaf tells itself which keys it has (leaf.h), and whoever
 * follows a hint asks it.
 *
 * Those of a store take 3 KB, those of a tree 2 KB at first, and as much as
 * lets nearly every key find its leaf: about 100 bytes a leaf. All hints of the
 * process take no more than an eighth of what leaves may take (leaf_cache.h),
 * and what trees take at first.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_HINTS_H
#define DYN_ENGINE_HINTS_H

#include "engine/leaf.h"

typedef struct dyn_hints dyn_hints;

/* No hints yet; NULL when there is no memory for any, which is no failure. */
dyn_hints *dyn_hints_open(void);
void dyn_hints_close(dyn_hints *hints); /* NULL is allowed */

/* A leaf that a key may be in. */
typedef struct dyn_hint {
    int64_t leaf;
    bool is_certain; /* unless the hint is out of date; otherwise the leaf only
                      * begins or ends near the key */
} dyn_hint;

enum { DYN_HINTS_MAX = 4 }; /* for a key */

/* The leaves of a tree that a key may be in; returns how many, 0 when there is
 * no telling. hints may be NULL. */
size_t dyn_hints_find(dyn_hints *hints, int64_t tree, dyn_bytes key,
                      dyn_hint out[DYN_HINTS_MAX]);

/* A key of a tree is in that leaf. */
void dyn_hints_add(dyn_hints *hints, int64_t tree, dyn_bytes key,
                   const dyn_leaf *leaf);

/* The same for a leaf that has just been made, and the key that it begins with.
 */
void dyn_hints_add_new(dyn_hints *hints, int64_t tree, const dyn_leaf *leaf);

#endif
