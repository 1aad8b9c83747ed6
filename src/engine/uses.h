/*
 * What units are used for: what each use took, and how many of its requests
 * were refused.
 *
 * A use is an operation on items, or work of our own. It either reads or
 * writes. A statement of SQL has the use of the operation that it is: an INSERT
 * puts, an UPDATE updates, and each point read is a GetItem.
 *
 * Stored, they are a sequence of entries, in the order of the uses:
 *
 *   use:1  units:varint  throttled:varint
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_USES_H
#define DYN_ENGINE_USES_H

#include "base/buffer.h"

/* The numbers are stored. */
typedef enum dyn_use {
    DYN_USE_GET_ITEM,
    DYN_USE_QUERY,
    DYN_USE_SCAN,
    DYN_USE_PUT_ITEM,
    DYN_USE_UPDATE_ITEM,
    DYN_USE_DELETE_ITEM,
    DYN_USE_CONDITION_CHECK, /* of a transaction; charged as a write */
    DYN_USE_BACKFILL,        /* an index is filled */
    DYN_USE_COUNT
} dyn_use;

/* As the service names it. */
const char *dyn_use_name(dyn_use use);
bool dyn_use_is_read(dyn_use use);

typedef struct dyn_uses {
    int64_t units[DYN_USE_COUNT];     /* of a use that reads, half units */
    int64_t throttled[DYN_USE_COUNT]; /* requests */
} dyn_uses;

bool dyn_uses_is_empty(const dyn_uses *uses);
void dyn_uses_add(dyn_uses *to, const dyn_uses *more);

/* Sums over all uses. */
typedef struct dyn_uses_sum {
    int64_t read_halves;
    int64_t write_units;
    int64_t throttled;
} dyn_uses_sum;
dyn_uses_sum dyn_uses_sum_of(const dyn_uses *uses);

/* Uses as they are stored, in the memory of call; a number below zero counts as
 * zero. Fails with DYN_NOMEM. */
dyn_status dyn_uses_write(dyn_call *call, const dyn_uses *uses, dyn_bytes *out);

/* False when the bytes are no such form, or a number is above 2^50: sums of
 * such do not overflow. */
bool dyn_uses_read(dyn_bytes bytes, dyn_uses *out);

#endif
