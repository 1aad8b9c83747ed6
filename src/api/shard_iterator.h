/*
 * Shard iterators: places in a shard, as texts that clients hand back. A text
 * has a digest of itself, so that another one is not taken for it.
 *
 * Layer: api.
 */
#ifndef DYN_API_SHARD_ITERATOR_H
#define DYN_API_SHARD_ITERATOR_H

#include "ops/change.h"

enum { DYN_SHARD_ITERATOR_LIFE_MS = 15 * 60 * 1000 };

typedef struct dyn_shard_iterator {
    dyn_bytes arn; /* of the stream */
    int64_t shard;
    int64_t sequence;  /* the first one that is read */
    bool is_oldest;    /* or a later one, the oldest that there is by then */
    int64_t issued_ms; /* since 1970 */
} dyn_shard_iterator;

/* Write one that is issued now, in the memory of call. Fails with
 * DYN_NOMEM. */
dyn_status dyn_shard_iterator_print(dyn_call *call,
                                    const dyn_shard_iterator *iterator,
                                    const char **out);

/* Read one. Fails with DYN_INVALID `Invalid ShardIterator ...` when it is no
 * text that has been issued; with an ExpiredIteratorException when it is older
 * than DYN_SHARD_ITERATOR_LIFE_MS; DYN_NOMEM. */
dyn_status dyn_shard_iterator_read(dyn_call *call, dyn_bytes text,
                                   dyn_shard_iterator *out);

#endif
