/*
 * The streams of a table: parts of its log that readers are given with a view
 * (docs/semantics.md 10). A table has one at a time; those before it can be
 * read until their records are too old.
 *
 * A stream is told by its label, the time when it began in ms since 1970. Each
 * has shards of its own, one for a range of hashes: a partition's. When the
 * partition is split, its shard is closed, and those of the parts begin.
 *
 * Functions fail as store.h says, and those that write as a write does.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_STREAM_H
#define DYN_ENGINE_STREAM_H

#include "engine/catalogue.h"
#include "engine/log.h"
#include "engine/partitions.h"

#define DYN_STREAM_RETENTION_MS (INT64_C(24) * 60 * 60 * 1000)

typedef struct dyn_stream {
    int64_t label_ms;
    dyn_stream_view view;
    int64_t first; /* its changes are in the log from this sequence */
    bool is_open;  /* more comes */
    int64_t last;  /* else up to this one */
} dyn_stream;

/* Those of a table that can still be read, the newest one last. */
dyn_status dyn_streams(dyn_call *call, dyn_store *store, dyn_stream **streams,
                       size_t *count);

/* Begin a stream, with a shard for each partition of the map; there is no other
 * one that is open. End the one that is open. */
dyn_status dyn_stream_begin(dyn_call *call, dyn_store *store,
                            const dyn_partitions *map, dyn_stream_view view);
dyn_status dyn_stream_end(dyn_call *call, dyn_store *store);

/* Partitions have been split: let the shards of the open stream be as they are
 * now. Nothing without such a stream. */
dyn_status dyn_stream_follow(dyn_call *call, dyn_store *store,
                             const dyn_partitions *map);

/* The first sequence that is not too old to be read. */
int64_t dyn_stream_horizon(void);

/* Whether a shard is closed, and all that it had is older than that. */
bool dyn_shard_is_over(const dyn_shard *shard, int64_t horizon);

/* Forget streams and shards that ended before the horizon. */
dyn_status dyn_streams_prune(dyn_call *call, dyn_store *store);

#endif
