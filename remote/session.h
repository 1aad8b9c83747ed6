/*
 * A connection of SQLite: its remote tables, and what its last statement has
 * consumed.
 */
#ifndef REMOTE_SESSION_H
#define REMOTE_SESSION_H

#include "base/sqlite.h"
#include "engine/session.h"

typedef struct remote_table remote_table;

typedef struct remote_session {
    int references;
    dyn_session *statements; /* a reference: tells statements apart, and has the
                              * cost of the last one */
    remote_table *tables;    /* those that are open (table.h) */
} remote_session;

/* Fails with DYN_NOMEM. */
dyn_status remote_session_open(dyn_call *call, sqlite3 *db,
                               remote_session **out);
void remote_session_release(remote_session *session); /* ends with the last */

#endif
