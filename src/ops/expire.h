/*
 * The sweep of time to live: items that have expired are deleted, the earliest
 * first, as due work (docs/semantics.md 9). It costs no units. Deleting them is
 * a change as any other, made by DYN_ACTOR_TTL (write.h). Until then they are
 * there as all others are.
 *
 * When it is due tells dyn_expiry_due_ms() (engine/expiry.h).
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_EXPIRE_H
#define DYN_OPS_EXPIRE_H

#include "engine/table.h"

/* Delete items that are to be swept, so many that no more than rows_max rows
 * are removed with their index entries, but at least one; no more once 1 MB of
 * items is done. Adds how many to *done. Fails as a write does. */
dyn_status dyn_expire_step(dyn_call *call, dyn_table *table, size_t rows_max,
                           int64_t *done);

#endif
