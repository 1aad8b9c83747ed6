/* Rolling back; the contracts are in undo.h. */
#include "undo.h"

#include "bridge.h"

dyn_status undo_prepare(dyn_call *call, sqlite3 *db, const char *first,
                        const char *second, undo_steps *out)
{
    const char *const texts[] = {first, second};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i] == NULL) continue;
        int rc = sqlite3_prepare_v2(db, texts[i], -1, &out->steps[i], NULL);
        if (rc != SQLITE_OK) return bridge_fail(call, db);
    }
    return DYN_OK;
}

dyn_status undo_run_write(dyn_call *call, sqlite3 *db, const char *sql,
                          undo_steps *undo)
{
    if (undo->write != NULL) return bridge_run(call, db, sql);
    if (sqlite3_prepare_v2(db, sql, -1, &undo->write, NULL) == SQLITE_OK) {
        sqlite3_step(undo->write);
        if (sqlite3_reset(undo->write) == SQLITE_OK) return DYN_OK;
    }
    return bridge_fail(call, db);
}

/* A transaction of its own that an interrupt stops is rolled back by a write
 * that this stops, too: so one is prepared, whether it will write or not. */
static dyn_status begin_own(dyn_call *call, sqlite3 *db, bool writes,
                            undo_steps *undo)
{
    static const char sql[] = "BEGIN IMMEDIATE";
    DYN_TRY(undo_prepare(call, db, "ROLLBACK", NULL, undo));
    if (writes) return undo_run_write(call, db, sql, undo);
    if (sqlite3_prepare_v2(db, sql, -1, &undo->write, NULL) != SQLITE_OK)
        return bridge_fail(call, db);
    return bridge_run(call, db, "BEGIN");
}

dyn_status undo_begin(dyn_call *call, sqlite3 *db, const char *name,
                      bool writes, undo_steps *out, bool *is_own)
{
    *out = (undo_steps){.write = NULL};
    *is_own = sqlite3_get_autocommit(db) != 0;
    if (*is_own) return begin_own(call, db, writes, out);
    const char *begin = dyn_format(call, "SAVEPOINT %s", name);
    const char *back = dyn_format(call, "ROLLBACK TO %s", name);
    const char *release = dyn_format(call, "RELEASE %s", name);
    if (begin == NULL || back == NULL || release == NULL) return DYN_NOMEM;
    DYN_TRY(undo_prepare(call, db, back, release, out));
    return bridge_run(call, db, begin);
}

dyn_status undo_keep(dyn_call *call, sqlite3 *db, const char *name, bool is_own)
{
    const char *sql = is_own ? "COMMIT" : dyn_format(call, "RELEASE %s", name);
    return sql == NULL ? DYN_NOMEM : bridge_run(call, db, sql);
}

static bool run_steps(sqlite3 *db, const undo_steps *undo)
{
    if (undo->steps[0] == NULL)
        return sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK;
    for (size_t i = 0; i < sizeof(undo->steps) / sizeof(undo->steps[0]); i++) {
        if (undo->steps[i] == NULL) continue;
        if (sqlite3_step(undo->steps[i]) != SQLITE_DONE) return false;
    }
    return true;
}

void undo_run(dyn_session *session, const undo_steps *undo, bool is_own)
{
    if (sqlite3_get_autocommit(session->db)) return;
    if (run_steps(session->db, undo)) return;
    sqlite3_step(undo->write);
    if (sqlite3_get_autocommit(session->db)) return;
    session->must_roll_back = true;
    session->has_left_open = is_own;
}

void undo_free(undo_steps *undo)
{
    for (size_t i = 0; i < sizeof(undo->steps) / sizeof(undo->steps[0]); i++) {
        sqlite3_finalize(undo->steps[i]);
        undo->steps[i] = NULL;
    }
    sqlite3_finalize(undo->write);
    undo->write = NULL;
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
