/*
 * One side of a copy: a table to which requests are sent.
 */
#ifndef REMOTE_COPY_SIDE_H
#define REMOTE_COPY_SIDE_H

#include "item/json.h"
#include "session.h"

typedef struct copy_side {
    remote_session *session;
    const char *name;      /* in SQL; borrowed */
    const char *table;     /* that requests name */
    remote_table *remote;  /* NULL: it is a table of this connection */
    sqlite3_stmt *api;     /* dynamo_api(?, ?), or NULL; owned */
    sqlite3_stmt *connect; /* keeps a remote table open, or NULL; owned */
} copy_side;

/* Find a table by its name, as copy.h has it; it is closed also after a
 * failure. Fails with DYN_NOT_FOUND when it is no remote table, and there is no
 * dynamo_api(); DYN_SQLITE, DYN_NOMEM. */
dyn_status copy_side_open(dyn_call *call, remote_session *session,
                          const char *name, copy_side *out);
void copy_side_close(copy_side *side);

/* Run an operation; *out is in the memory of call. Fails as the operation does,
 * and names the table. */
dyn_status copy_side_send(dyn_call *call, copy_side *side,
                          const char *operation, dyn_bytes request,
                          const dyn_json **out);

/* A number that another place is unlikely to have: of where the table is, which
 * it does not tell. */
uint64_t copy_side_place(dyn_call *call, const copy_side *side);

/* Wait until a request may be sent once more, behind so many tries; *is_over
 * tells that it has been tried often enough. Fails with DYN_SQLITE at an
 * interrupt. */
dyn_status copy_side_wait(dyn_call *call, copy_side *side, int64_t tries,
                          bool *is_over);

#endif
