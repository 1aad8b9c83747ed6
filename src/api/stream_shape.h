/*
 * How the API names streams: by a label, the time when it began in ISO 8601, as
 * `2026-01-20T12:00:00.000`; and by an ARN, which is that of the table with
 * `/stream/` and the label behind it.
 *
 * Layer: api.
 */
#ifndef DYN_API_STREAM_SHAPE_H
#define DYN_API_STREAM_SHAPE_H

#include "base/buffer.h"
#include "engine/stream.h"

/* The label of a stream, and its ARN; table is the name of its table. In the
 * memory of call. Fail with DYN_NOMEM. */
dyn_status dyn_stream_label(dyn_call *call, int64_t label_ms, const char **out);
dyn_status dyn_stream_arn(dyn_call *call, const char *table, int64_t label_ms,
                          const char **out);

#endif
