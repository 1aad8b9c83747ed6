/*
 * What batches have in common: the parts that are throttled are left out, and
 * are answered as unprocessed; the others are done (docs/semantics.md 6).
 *
 * Layer: api.
 */
#ifndef DYN_API_BATCH_H
#define DYN_API_BATCH_H

#include "base/call.h"

/* How the parts of a batch went; begins with zeros. */
typedef struct dyn_batch {
    size_t done_count;
    dyn_error refusal; /* of the first part that was throttled */
} dyn_batch;

/* Pass on how a part went: a throttled one is noted, and DYN_OK returned. */
dyn_status dyn_batch_note(dyn_call *call, dyn_batch *batch, dyn_status status,
                          bool *is_throttled);

/* Fails with DYN_THROTTLED, as the first part did, when no part is done and
 * some are throttled. */
dyn_status dyn_batch_end(dyn_call *call, const dyn_batch *batch);

#endif
