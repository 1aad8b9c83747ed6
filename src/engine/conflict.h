/*
 * Conflicts: of two changes of an item that were made in two regions, neither
 * with knowledge of the other, the later one is kept and the other one is lost.
 * Each is a row of TABLE_conflicts, an ordinary table, made when it is first
 * needed. It is for reading: rows may be removed.
 *
 * Layer: engine. Speaks SQL, as the catalogue does.
 */
#ifndef DYN_ENGINE_CONFLICT_H
#define DYN_ENGINE_CONFLICT_H

#include "engine/store.h"

/* One of the two changes. */
typedef struct dyn_conflict_side {
    dyn_bytes item;   /* what it has made of the item, as JSON; without data: it
                       * has removed it */
    dyn_bytes region; /* where it was made, */
    const char *time; /* and when */
} dyn_conflict_side;

typedef struct dyn_conflict {
    const char *time; /* when it was noticed */
    dyn_bytes keys;   /* of the item, as JSON */
    dyn_conflict_side kept;
    dyn_conflict_side lost;
} dyn_conflict;

/* Fails as a write does. */
dyn_status dyn_conflict_write(dyn_call *call, dyn_store *store,
                              const dyn_conflict *conflict);

#endif
