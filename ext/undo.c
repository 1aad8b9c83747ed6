/* Rolling back; the contracts are in undo.h. */
#include "undo.h"

#include "bridge.h"
#include "kept.h"

enum { STEPS = sizeof((undo_steps){0}.steps) / sizeof(sqlite3_stmt *) };

undo_steps undo_of(dyn_session *session)
{
    return (undo_steps){.session = session};
}

static void put_steps(undo_steps *undo)
{
    for (size_t i = 0; i < STEPS; i++) {
        kept_put(undo->session, undo->steps[i]);
        undo->steps[i] = NULL;
    }
}

dyn_status undo_prepare(dyn_call *call, const char *first, const char *second,
                        undo_steps *undo)
{
    dyn_session *session = undo->session;
    put_steps(undo); /* of what could not be begun before */
    DYN_TRY(kept_take(call, session, first, &undo->steps[0]));
    return second == NULL ? DYN_OK
                          : kept_take(call, session, second, &undo->steps[1]);
}

dyn_status undo_run_write(dyn_call *call, const char *sql, bool is_lasting,
                          undo_steps *undo)
{
    dyn_session *session = undo->session;
    if (undo->write != NULL) {
        return is_lasting ? kept_run(call, session, sql)
                          : bridge_run(call, session->db, sql);
    }
    DYN_TRY(kept_take(call, session, sql, &undo->write));
    undo->is_lasting = is_lasting;
    sqlite3_step(undo->write);
    if (sqlite3_reset(undo->write) == SQLITE_OK) return DYN_OK;
    undo->is_lasting = false;
    return bridge_fail(call, session->db);
}

/* Whether there is more than main and temp, as far as SQLite can tell. */
static bool has_attached(sqlite3 *db)
{
#if SQLITE_VERSION_NUMBER >= 3039000
    enum { FIRST_ATTACHED = 2 };
    if (sqlite3_libversion_number() >= 3039000)
        return sqlite3_db_name(db, FIRST_ATTACHED) != NULL;
#endif
    (void)db;
    return true;
}

/* BEGIN IMMEDIATE begins in the databases that were attached when it was
 * prepared, and ATTACH has no statement prepared anew. So while one is attached
 * it is not kept, nor is one taken: these have another text. */
static const char *begin_sql(sqlite3 *db, bool *is_lasting)
{
    *is_lasting = !has_attached(db);
    return *is_lasting ? "BEGIN IMMEDIATE" : "BEGIN IMMEDIATE TRANSACTION";
}

/* One that an interrupt stops is rolled back by a write that this stops, too:
 * so one is prepared, whether it will write or not. */
static dyn_status begin_transaction(dyn_call *call, bool writes,
                                    undo_steps *undo)
{
    bool is_lasting = false;
    const char *sql = begin_sql(undo->session->db, &is_lasting);
    DYN_TRY(undo_prepare(call, "ROLLBACK", NULL, undo));
    if (writes) return undo_run_write(call, sql, is_lasting, undo);
    DYN_TRY(kept_take(call, undo->session, sql, &undo->write));
    undo->is_lasting = is_lasting;
    return kept_run(call, undo->session, "BEGIN");
}

/* It may have begun, and been interrupted then. */
dyn_status undo_begin_own(dyn_call *call, bool writes, undo_steps *undo)
{
    dyn_status status = begin_transaction(call, writes, undo);
    if (status != DYN_OK) undo_run(undo, true);
    return status;
}

dyn_status undo_begin(dyn_call *call, dyn_session *session, const char *name,
                      bool writes, undo_steps *out, bool *is_own)
{
    *out = undo_of(session);
    *is_own = sqlite3_get_autocommit(session->db) != 0;
    if (*is_own) return undo_begin_own(call, writes, out);
    const char *begin = dyn_format(call, "SAVEPOINT %s", name);
    const char *back = dyn_format(call, "ROLLBACK TO %s", name);
    const char *release = dyn_format(call, "RELEASE %s", name);
    if (begin == NULL || back == NULL || release == NULL) return DYN_NOMEM;
    DYN_TRY(undo_prepare(call, back, release, out));
    return kept_run(call, session, begin);
}

dyn_status undo_keep(dyn_call *call, dyn_session *session, const char *name,
                     bool is_own)
{
    const char *sql = is_own ? "COMMIT" : dyn_format(call, "RELEASE %s", name);
    return sql == NULL ? DYN_NOMEM : kept_run(call, session, sql);
}

static bool run_steps(sqlite3 *db, const undo_steps *undo)
{
    if (undo->steps[0] == NULL)
        return sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK;
    for (size_t i = 0; i < STEPS; i++) {
        if (undo->steps[i] == NULL) continue;
        if (sqlite3_step(undo->steps[i]) != SQLITE_DONE) return false;
    }
    return true;
}

/* Whether a table takes part in the transaction: otherwise none of ours is half
 * done, and SQLite would tell nobody that it is rolled back. */
static bool has_joined(const dyn_session *session)
{
    for (dyn_table *t = session->tables; t != NULL; t = dyn_table_next(t)) {
        if (dyn_table_has_joined(t)) return true;
    }
    return false;
}

void undo_run(const undo_steps *undo, bool is_own)
{
    dyn_session *session = undo->session;
    if (sqlite3_get_autocommit(session->db)) return;
    if (run_steps(session->db, undo)) return;
    sqlite3_step(undo->write);
    if (sqlite3_get_autocommit(session->db)) return;
    if (!is_own && !session->is_estimating && !has_joined(session)) return;
    session->must_roll_back = true;
    session->has_left_open = is_own;
}

void undo_free(undo_steps *undo)
{
    put_steps(undo);
    if (undo->is_lasting)
        kept_put(undo->session, undo->write);
    else
        sqlite3_finalize(undo->write);
    *undo = undo_of(undo->session);
}

/* The statement itself cannot be ended from within: the whole transaction is
 * rolled back. Where ROLLBACK cannot run, as after an interrupt, its code has
 * SQLite itself roll back. */
int undo_statement(dyn_session *session, int rc)
{
    if (session->is_estimating) return rc; /* all of it is rolled back */
    if (sqlite3_get_autocommit(session->db)) return rc;
    int rolled_back = sqlite3_exec(session->db, "ROLLBACK", NULL, NULL, NULL);
    if (rolled_back == SQLITE_OK) return SQLITE_ABORT_ROLLBACK;
    session->must_roll_back = true;
    return rolled_back;
}
