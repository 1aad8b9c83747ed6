/*
 * What a request asks of a key, as a range of stored keys.
 *
 * Layer: api.
 */
#ifndef DYN_API_KEY_RANGE_H
#define DYN_API_KEY_RANGE_H

#include "engine/table.h"
#include "expr/key_condition.h"

/* At least low and less than high; empty when low is not less. */
typedef struct dyn_key_range {
    dyn_bytes low;
    dyn_bytes high;
} dyn_key_range;

/* The range that terms mean, which are about key: that of an index, or of the
 * table when that is -1. *out is in the memory of call. Fails with DYN_INVALID
 * when a value is empty or too long for a key, DYN_NOMEM. */
dyn_status dyn_key_range_of(dyn_call *call, const dyn_table *table, int index,
                            const dyn_key_attributes *key,
                            const dyn_key_terms *terms, dyn_key_range *out);

/* What is left of a range behind a stored key, or before it when down. Returns
 * in *is_within whether the key is in the range; if it is not, the range stays
 * as it is. Fails with DYN_NOMEM. */
dyn_status dyn_key_range_go_on(dyn_call *call, dyn_bytes key, bool down,
                               bool *is_within, dyn_key_range *range);

#endif
