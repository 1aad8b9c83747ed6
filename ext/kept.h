/*
 * Statements that a connection keeps prepared from one operation to the next:
 * those that begin and end transactions, and that have a table take part. To
 * prepare them takes longer than to run them.
 *
 * SQLite closes no connection that has a statement. Before it finds that out it
 * disconnects all virtual tables, and one that is there for that finalizes what
 * is kept: the eponymous table dynamo_kept.
 */
#ifndef EXT_KEPT_H
#define EXT_KEPT_H

#include "base/sqlite.h"
#include "engine/session.h"

/* That table, which the session has while it is connected. */
typedef struct kept_vtab kept_vtab;

/* Takes over a reference to the session, also when it fails. Returns an SQLite
 * code. */
int kept_register(sqlite3 *db, dyn_session *session);

/* A statement of that text, which is the caller's until kept_put(). Fails with
 * DYN_SQLITE, DYN_NOMEM. */
dyn_status kept_take(dyn_call *call, dyn_session *session, const char *sql,
                     sqlite3_stmt **out);

/* Give it back, whatever state it is in; it may be NULL. One that has failed is
 * finalized. */
void kept_put(dyn_session *session, sqlite3_stmt *statement);

/* Run a statement that returns no rows. Fails as bridge_run() does. */
dyn_status kept_run(dyn_call *call, dyn_session *session, const char *sql);

#endif
