/*
 * A cache in memory: values by their keys, in kinds that share the room. A
 * value is kept as long as its kind says. Where room is needed, the one that
 * was not used for longest goes first.
 *
 * A cache never fails: one that has no memory to grow keeps less. It is of one
 * connection, and takes no locks.
 *
 * Layer: engine. Knows nothing of tables.
 */
#ifndef DYN_ENGINE_CACHE_H
#define DYN_ENGINE_CACHE_H

#include "base/bytes.h"

#include <stdint.h>

typedef enum dyn_cache_kind {
    DYN_CACHE_ITEMS,
    DYN_CACHE_QUERIES,
    DYN_CACHE_KINDS,
} dyn_cache_kind;

typedef struct dyn_cache_settings {
    int64_t bytes_max;                /* of all that is kept, with the keys and
                                       * what it takes to find them */
    int64_t keep_ms[DYN_CACHE_KINDS]; /* 0: nothing is kept */
} dyn_cache_settings;

/* What is there of a kind, and what was. */
typedef struct dyn_cache_counts {
    int64_t entries;
    int64_t bytes;
    int64_t hits;
    int64_t misses;
    int64_t evictions;    /* room was needed */
    int64_t expired;      /* they were asked for too late */
    int64_t halves_saved; /* half read units that hits did not take */
} dyn_cache_counts;

typedef struct dyn_cache dyn_cache;

/* NULL when there is no memory. */
dyn_cache *dyn_cache_open(const dyn_cache_settings *settings);
void dyn_cache_close(dyn_cache *cache); /* NULL is allowed */

/* Whether a value is there that began to be kept at now_ms (since 1970) or
 * before, and is to be kept longer. It counts as a hit, and as used. *out lives
 * until the cache is changed. A value that has been kept for too long goes, and
 * so does one that begins later, as after the clock was set back. */
bool dyn_cache_find(dyn_cache *cache, dyn_cache_kind kind, dyn_bytes key,
                    int64_t now_ms, dyn_bytes *out);

/* Keep a value from now_ms on, in place of another one of that key, which goes
 * in any case. halves: what a hit saves. */
void dyn_cache_put(dyn_cache *cache, dyn_cache_kind kind, dyn_bytes key,
                   dyn_bytes value, int64_t halves, int64_t now_ms);

/* Somebody has read what was not found. */
void dyn_cache_missed(dyn_cache *cache, dyn_cache_kind kind);

/* Keep nothing of a kind. */
void dyn_cache_clear(dyn_cache *cache, dyn_cache_kind kind);

const dyn_cache_counts *dyn_cache_counts_of(const dyn_cache *cache,
                                            dyn_cache_kind kind);

#endif
