/*
 * Trees of expressions that were parsed before, by kind and text: programs send
 * the same few texts again and again, with other names and values.
 *
 * The trees are as parse.c makes them, not resolved. A call gets nodes of its
 * own, which point into the cache; so what it took, or added, stays there until
 * the next call begins. A call that would need more places parses on its own.
 *
 * Layer: expr.
 */
#ifndef DYN_EXPR_PARSE_CACHE_H
#define DYN_EXPR_PARSE_CACHE_H

#include "expr/tree.h"

typedef struct dyn_parsed dyn_parsed;

/* All zero is an empty one. */
typedef struct dyn_parse_cache {
    dyn_parsed *trees[DYN_PARSED_TREES_MAX]; /* NULL: the place is free */
    uint64_t uses;                           /* so far, of all */
    uint64_t uses_before;                    /* the call began */
} dyn_parse_cache;

/* Have call use cache from here on; the call that did so before has ended. */
void dyn_parse_cache_begin_call(dyn_parse_cache *cache, dyn_call *call);

/* Forget all; no call uses the cache. */
void dyn_parse_cache_clear(dyn_parse_cache *cache);

/* The tree of an expression that has been begun, its nodes in the memory of its
 * call; NULL when it is not in the cache of the call, or the call has none.
 * Fails with DYN_NOMEM. */
dyn_status dyn_parse_cache_find(const dyn_expression *expression,
                                dyn_node **out);

/* Keep a copy of the tree of an expression, in place of the least recently used
 * one if there must be; unless it has a problem, is too large, or there is no
 * memory or place for it. */
void dyn_parse_cache_add(const dyn_expression *expression,
                         const dyn_node *root);

#endif
