/*
 * The versions of the items of a table that has replicas: which change of an
 * item was the last one, and in which region it was made. The last writer wins,
 * per item: a change that is later than the version takes its place. A version
 * outlives its item, or a change that was made before the removal would bring
 * the item back; versions without an item are removed when no such change can
 * come any more.
 *
 * Functions fail as store.h says, and those that write as a write does.
 *
 * Layer: engine. Speaks SQL, as the catalogue does.
 */
#ifndef DYN_ENGINE_VERSIONS_H
#define DYN_ENGINE_VERSIONS_H

#include "engine/store.h"

typedef struct dyn_version {
    int64_t sequence; /* of the change, in the log of its region (log.h) */
    dyn_bytes region; /* UTF-8 */
    bool is_deleted;  /* it has removed the item */
} dyn_version;

/* Whether one is later than another: by its time in ms; then by the name of its
 * region, in the order of bytes; then by its sequence. */
bool dyn_version_is_later(const dyn_version *version, const dyn_version *other);

/* The version under the key of an item, in the memory of call. One that is not
 * known, as of an item that was there before the replicas, has sequence 0 and
 * no region: all are later. */
dyn_status dyn_version_read(dyn_call *call, dyn_store *store, dyn_bytes key,
                            dyn_version *out);
dyn_status dyn_version_write(dyn_call *call, dyn_store *store, dyn_bytes key,
                             const dyn_version *version, int64_t now_ms);

/* Versions behind a key, which may be empty, in the order of keys. */
typedef struct dyn_versions {
    dyn_version *all;
    dyn_bytes *keys;
    size_t count;
} dyn_versions;
dyn_status dyn_versions_read(dyn_call *call, dyn_store *store, dyn_bytes behind,
                             size_t rows_max, dyn_versions *out);

/* When the first version without an item was written, in ms since 1970;
 * INT64_MAX: there is none. */
dyn_status dyn_versions_first_deleted(dyn_call *call, dyn_store *store,
                                      int64_t *out);

/* Remove versions without an item that were written before a time, at most so
 * many; all versions. */
dyn_status dyn_versions_prune(dyn_call *call, dyn_store *store,
                              int64_t below_ms, size_t rows_max);
dyn_status dyn_versions_clear(dyn_call *call, dyn_store *store);

#endif
