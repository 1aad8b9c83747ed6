/*
 * How the API names streams and what is in them.
 *
 *   label            the time when a stream began in ISO 8601, as
 *                    `2026-01-20T12:00:00.000`
 *   ARN              that of the table, `/stream/` and the label
 *   SequenceNumber   `1` and a sequence (engine/log.h) in 20 digits, for a
 *                    number is to have 21 at least
 *
 * Layer: api.
 */
#ifndef DYN_API_STREAM_SHAPE_H
#define DYN_API_STREAM_SHAPE_H

#include "api/host.h"
#include "api/shape.h"
#include "ops/change.h"

extern const dyn_shape dyn_shape_stream_arn;
extern const dyn_shape dyn_shape_shard_id;

/* The label of a stream, its ARN, where table is the name of the table, and a
 * SequenceNumber; in the memory of call. Fail with DYN_NOMEM. */
dyn_status dyn_stream_label(dyn_call *call, int64_t label_ms, const char **out);
dyn_status dyn_stream_arn(dyn_call *call, const char *table, int64_t label_ms,
                          const char **out);
dyn_status dyn_stream_number(dyn_call *call, int64_t sequence,
                             const char **out);

/* The table and the stream in an ARN; the sequence of a SequenceNumber. The
 * name lives in the memory of call. Fail with DYN_INVALID `Invalid StreamArn:
 * ...` and `Invalid SequenceNumber: ...`, DYN_NOMEM. */
dyn_status dyn_stream_read_arn(dyn_call *call, dyn_bytes arn, dyn_bytes *table,
                               int64_t *label_ms);
dyn_status dyn_stream_read_number(dyn_call *call, dyn_bytes number,
                                  int64_t *sequence);

/* Find the table of an ARN, to read its streams. Fails as
 * dyn_stream_read_arn() and dyn_host_read() do, with DYN_NOT_FOUND where there
 * is no such table. */
dyn_status dyn_stream_find_table(dyn_call *call, const dyn_host *host,
                                 dyn_bytes arn, dyn_table **table,
                                 int64_t *label_ms);

/* Fail with DYN_NOT_FOUND because there is no such stream, or shard. */
dyn_status dyn_stream_fail_unknown(dyn_call *call, dyn_bytes arn);
dyn_status dyn_stream_fail_no_shard(dyn_call *call);

/* Fail with a TrimmedDataAccessException: always; or where there have been
 * changes of the table from a sequence on that are too old to be read. */
dyn_status dyn_stream_fail_trimmed(dyn_call *call);
dyn_status dyn_stream_check_place(dyn_call *call, dyn_table *table,
                                  int64_t sequence);

#endif
