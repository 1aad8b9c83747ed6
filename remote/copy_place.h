/*
 * How far copies are: the ordinary table main._dynamo_copies. It has no
 * addresses; `places` tells one place from another, so that a copy from or to a
 * table of that name elsewhere begins anew.
 */
#ifndef REMOTE_COPY_PLACE_H
#define REMOTE_COPY_PLACE_H

#include "base/call.h"
#include "base/sqlite.h"

typedef struct copy_place {
    const char *source; /* names in SQL */
    const char *target;
    uint64_t places;
    int64_t items;      /* so far */
    dyn_bytes position; /* JSON of the last key; no bytes: the beginning */
    bool is_done;
} copy_place;

/* Find how far the copy is, which has been begun, or begin it: source, target
 * and places are set. What is found is in the memory of call. Fails as
 * bridge_fail() does. */
dyn_status copy_place_find(dyn_call *call, sqlite3 *db, copy_place *place);

/* Store it. Fails as bridge_fail() does. */
dyn_status copy_place_store(dyn_call *call, sqlite3 *db,
                            const copy_place *place);

#endif
