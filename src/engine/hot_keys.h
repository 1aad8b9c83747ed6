/*
 * The hot keys of a table or an index: which keys took most of the load, in
 * memory that does not grow with the number of keys.
 *
 * It is a weighted space-saving sketch (Metwally, Agrawal, El Abbadi 2005). A
 * fixed number of counters each belongs to a key. A key without a counter takes
 * over the one of the least weight, and that weight becomes its error: what it
 * may have weighed before. So of each key that has a counter
 *
 *   weight - error <= true weight <= weight
 *
 * and each key that weighs more than total / DYN_HOT_KEYS_COUNTERS has one.
 *
 * A load has two parts, which the caller names: read half units and write
 * units, consumed or throttled. A weight is the sum of both, each times its own
 * factor. Only what a key weighs ranks it; the parts of it are counted from the
 * moment it got its counter.
 *
 * Load fades in whole generations of DYN_HOT_KEYS_GENERATION_MS, which begin at
 * multiples of it since 1970. There are two of them, the one that is filled and
 * the one before, so what is listed is that of the last five to ten minutes.
 * The bounds above hold for both together.
 *
 * A key is told by its size, its digest and its first bytes, which are all that
 * is kept of it. Two keys that agree in all three count as one.
 *
 * Not for several threads at a time.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_HOT_KEYS_H
#define DYN_ENGINE_HOT_KEYS_H

#include "base/buffer.h"

enum {
    DYN_HOT_KEYS_COUNTERS = 64,  /* of a generation */
    DYN_HOT_KEY_BYTES_MAX = 256, /* kept of a key */
    DYN_HOT_KEYS_GENERATION_MS = 5 * 60 * 1000,
    DYN_HOT_KEYS_BYTES_MAX = 40 * 1024, /* of a dyn_hot_keys */
};

typedef struct dyn_hot_keys dyn_hot_keys;

/* How much a read and a write weigh, 0 or more. */
typedef struct dyn_hot_factors {
    int64_t read;
    int64_t write;
} dyn_hot_factors;

/* Read half units and write units by their share of what a partition serves,
 * which is three times as many read units as write units (docs/semantics.md 6).
 */
static const dyn_hot_factors dyn_hot_units = {.read = 1, .write = 6};

/* No keys yet; NULL when there is no memory for any, which is no failure. */
dyn_hot_keys *dyn_hot_keys_open(dyn_hot_factors factors);
void dyn_hot_keys_close(dyn_hot_keys *hot); /* NULL is allowed */

/* Count a load of a key, of stored bytes of any size, at a time in ms since
 * 1970. reads and writes are 0 or more; what weighs nothing is not counted.
 * Takes O(log DYN_HOT_KEYS_COUNTERS) and no memory. hot may be NULL. A time of
 * the generation before counts in the one that is filled; an earlier one, of a
 * clock that was set back, forgets all that was later. */
void dyn_hot_keys_add(dyn_hot_keys *hot, int64_t now_ms, dyn_bytes key,
                      int64_t reads, int64_t writes);

typedef struct dyn_hot_key {
    dyn_bytes key; /* its first bytes, all unless key_bytes is more */
    size_t key_bytes;
    uint64_t digest; /* dyn_key_digest() of all of it */
    int64_t reads;   /* counted: these are certain */
    int64_t writes;
    int64_t weight; /* at most; that of reads and writes, and error */
    int64_t error;  /* by how much weight may be too high */
} dyn_hot_key;

typedef struct dyn_hot_key_list {
    dyn_hot_key *keys; /* the highest weight - error first; in the memory of
                        * the call, as are the keys */
    size_t count;      /* 2 * DYN_HOT_KEYS_COUNTERS at most */
    int64_t since_ms;  /* counted from here on; not later than now */
    int64_t reads;     /* of all keys, exactly */
    int64_t writes;
    int64_t unlisted; /* what a key that is not listed weighs at most */
} dyn_hot_key_list;

/* The keys of the two generations at a time, to which they are moved on. hot
 * may be NULL: no keys. Fails with DYN_NOMEM. */
dyn_status dyn_hot_keys_list(dyn_call *call, dyn_hot_keys *hot, int64_t now_ms,
                             dyn_hot_key_list *out);

#endif
