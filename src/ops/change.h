/*
 * Changes of items, as the log of a table has them and a stream shows them
 * (docs/semantics.md 10).
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_CHANGE_H
#define DYN_OPS_CHANGE_H

#include "engine/stream.h"
#include "engine/table.h"
#include "item/value.h"

/* What streams there are of a table, and their shards, at one time. */
typedef struct dyn_streams_of {
    const dyn_stream *streams;
    size_t stream_count;
    const dyn_shard *shards; /* in the order of their numbers */
    size_t shard_count;
    const dyn_shard *
        *leaves; /* those that have not been split: of a stream
                  * they follow each other in the order of hashes */
    size_t leaf_count;
} dyn_streams_of;

/* A change that a stream shows. It lives as long as the record, the streams and
 * call do. */
typedef struct dyn_change {
    int64_t sequence;
    int64_t time_ms; /* since 1970 */
    dyn_log_event event;
    dyn_actor actor;
    const dyn_shard *shard;
    dyn_stream_view view;
    dyn_map keys;
    bool has_old; /* the view has it, and there was an item */
    bool has_new;
    dyn_map old_image;
    dyn_map new_image;
    size_t size_bytes; /* of keys and images together */
} dyn_change;

/* Read them, in the memory of call. Fails as the store does, also when there is
 * no open stream, or one, against the declaration of the table. */
dyn_status dyn_streams_read(dyn_call *call, dyn_table *table,
                            dyn_streams_of *out);

/* The same, but of the shards the one alone whose stream and number a name has;
 * none where there is no such one, or it is over. */
dyn_status dyn_streams_read_shard(dyn_call *call, dyn_table *table,
                                  const dyn_shard *name, dyn_streams_of *out);

/* The stream of a label; NULL: there is none. */
const dyn_stream *dyn_streams_find(const dyn_streams_of *streams,
                                   int64_t label_ms);

/* The shard of a number; NULL: there is none. */
const dyn_shard *dyn_streams_shard(const dyn_streams_of *streams,
                                   int64_t number);

/* The shard that shows a record; NULL: no stream does. */
const dyn_shard *dyn_change_shard(const dyn_streams_of *streams,
                                  const dyn_log_record *record);

/* Read a record that a shard shows. Fails with DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_change_read(dyn_call *call, const dyn_table *table,
                           const dyn_streams_of *streams,
                           const dyn_log_record *record, const dyn_shard *shard,
                           dyn_change *out);

/* INSERT, MODIFY, REMOVE. */
const char *dyn_change_event_name(dyn_log_event event);

/* The text that names a shard, as `shardId-00000001798675200000-0000001a`, in
 * the memory of call; the stream and the number in such a text, false if it is
 * none; and the shard of a text, NULL if there is none. Fails with DYN_NOMEM.
 */
dyn_status dyn_shard_name(dyn_call *call, const dyn_shard *shard,
                          const char **out);
bool dyn_shard_parse(dyn_bytes name, dyn_shard *out);
const dyn_shard *dyn_shard_find(const dyn_streams_of *streams, dyn_bytes name);

#endif
