/*
 * Rolling back what an operation has begun: the one way to do it.
 *
 * Nothing half-done can be committed, for one of these holds:
 *   - the operation has written nothing when it fails: all that can be refused
 *     is found out before the first write (ops/write.h);
 *   - or its transaction or savepoint is rolled back by undo_run(), with
 *     statements that were prepared before they are needed: after SQLite had no
 *     memory for a statement, it prepares no other one until the statement
 *     around the operation has ended;
 *   - or that fails, too. The session then refuses all further work in the
 *     transaction, and its COMMIT (dyn_session_check(), which every operation
 *     and every xSync begins with).
 */
#ifndef EXT_UNDO_H
#define EXT_UNDO_H

#include "base/sqlite.h"
#include "engine/session.h"

typedef struct undo_steps {
    dyn_session *session;
    sqlite3_stmt *steps[2]; /* in the order in which they are run; NULL: none */
    sqlite3_stmt *write;    /* undo_run_write(), or NULL */
    bool is_lasting;        /* write is to be kept */
} undo_steps;

/* What has nothing to roll back yet. */
undo_steps undo_of(dyn_session *session);

/* Prepare the statements that roll back; second may be NULL. Fails with
 * DYN_SQLITE, DYN_NOMEM. */
dyn_status undo_prepare(dyn_call *call, const char *first, const char *second,
                        undo_steps *undo);

/* Run a statement that begins to write, and hold it if it is the first one: no
 * statement runs after an interrupt, but a write that this stops has SQLite
 * roll back. is_lasting: it may be kept prepared behind the operation, that is,
 * it names no table of an attached database, which would be kept open when that
 * is detached. Fails as bridge_run() does. */
dyn_status undo_run_write(dyn_call *call, const char *sql, bool is_lasting,
                          undo_steps *undo);

/* Begin a transaction that undo_run() can roll back. It begins with writing if
 * writes is set: one that had begun with reading could not wait for another
 * writer. Fails as bridge_run() does, having begun nothing; undo_free() is to
 * follow. */
dyn_status undo_begin_own(dyn_call *call, bool writes, undo_steps *undo);

/* The same, or within a transaction, which *is_own tells, a savepoint of that
 * name. */
dyn_status undo_begin(dyn_call *call, dyn_session *session, const char *name,
                      bool writes, undo_steps *out, bool *is_own);

/* End it, and keep what was written. Fails as bridge_run() does; undo_run() is
 * to follow then. */
dyn_status undo_keep(dyn_call *call, dyn_session *session, const char *name,
                     bool is_own);

/* Roll back, where SQLite has not done so; with ROLLBACK if nothing is
 * prepared. is_own: the transaction was begun by the operation. */
void undo_run(const undo_steps *undo, bool is_own);

void undo_free(undo_steps *undo);

/* The same for a statement of SQL that stopped half way, which SQLite does not
 * undo within a longer transaction (docs/design-notes.md,
 * "Writing"). Returns what xUpdate is to return in place of rc. */
int undo_statement(dyn_session *session, int rc);

#endif
