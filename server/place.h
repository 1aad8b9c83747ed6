/*
 * Where the database is: a file, or a temporary one for what is to be in
 * memory. That several connections share a database, and read it while one of
 * them writes, is what SQLite has write-ahead logs for, and these need files.
 */
#ifndef SERVER_PLACE_H
#define SERVER_PLACE_H

#include "base/call.h"

typedef struct server_place {
    char *path;   /* of the database */
    char *folder; /* the one that was made for it; NULL: none */
} server_place;

/* The place of a file or, with NULL, of a temporary one, in $TMPDIR or /tmp.
 * What it has is in the memory of call. Fails with DYN_INVALID, DYN_NOMEM. */
dyn_status place_find(dyn_call *call, const char *file, server_place *out);

/* Remove a temporary file, which is closed. */
void place_leave(const server_place *place);

#endif
