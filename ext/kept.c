/* Statements kept prepared; the contracts are in kept.h. */
#include "kept.h"

#include "bridge.h"

enum { KEPT_MAX = 16 };

struct kept_vtab {
    sqlite3_vtab base; /* first, as SQLite requires */
    dyn_session *session;
    sqlite3_stmt *statements[KEPT_MAX]; /* the longest unused first */
    int count;
};

/* ------------------------------------------------------------- the table -- */

static int kept_connect(sqlite3 *db, void *aux, int argc,
                        const char *const *argv, sqlite3_vtab **out,
                        char **message)
{
    (void)argc, (void)argv, (void)message;
    kept_vtab *made = sqlite3_malloc64(sizeof(*made));
    if (made == NULL) return SQLITE_NOMEM;
    *made = (kept_vtab){.session = aux};
    int rc = sqlite3_declare_vtab(db, "CREATE TABLE kept(statement)");
    if (rc != SQLITE_OK) {
        sqlite3_free(made);
        return rc;
    }
    made->session->kept = made;
    *out = &made->base;
    return SQLITE_OK;
}

static int kept_disconnect(sqlite3_vtab *base)
{
    kept_vtab *kept = (kept_vtab *)base;
    kept->session->kept = NULL;
    for (int i = 0; i < kept->count; i++)
        sqlite3_finalize(kept->statements[i]);
    sqlite3_free(kept);
    return SQLITE_OK;
}

/* Nobody reads it. */
static int kept_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    (void)base, (void)info;
    return SQLITE_CONSTRAINT;
}

static const sqlite3_module kept_module = {
    .iVersion = 0,
    .xConnect = kept_connect,
    .xBestIndex = kept_best_index,
    .xDisconnect = kept_disconnect,
};

int kept_register(sqlite3 *db, dyn_session *session)
{
    return sqlite3_create_module_v2(db, "dynamo_kept", &kept_module, session,
                                    (void (*)(void *))dyn_session_release);
}

/* ---------------------------------------------------------- statements -- */

/* What is kept; NULL where SQLite cannot connect the table. */
static kept_vtab *find_kept(dyn_session *session)
{
    if (session->kept != NULL) return session->kept;
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(session->db, "PRAGMA table_info(dynamo_kept)", -1,
                       &statement, NULL);
    sqlite3_finalize(statement);
    return session->kept;
}

static int find(const kept_vtab *kept, const char *sql)
{
    int i = kept->count - 1;
    while (i >= 0 && strcmp(sqlite3_sql(kept->statements[i]), sql) != 0)
        i--;
    return i;
}

static sqlite3_stmt *take_out(kept_vtab *kept, int number)
{
    sqlite3_stmt *taken = kept->statements[number];
    kept->count--;
    for (int i = number; i < kept->count; i++)
        kept->statements[i] = kept->statements[i + 1];
    return taken;
}

dyn_status kept_take(dyn_call *call, dyn_session *session, const char *sql,
                     sqlite3_stmt **out)
{
    kept_vtab *kept = session->kept;
    int number = kept == NULL ? -1 : find(kept, sql);
    if (number >= 0) {
        *out = take_out(kept, number);
        return DYN_OK;
    }
    int rc = sqlite3_prepare_v3(session->db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                out, NULL);
    return rc == SQLITE_OK ? DYN_OK : bridge_fail(call, session->db);
}

void kept_put(dyn_session *session, sqlite3_stmt *statement)
{
    if (statement == NULL) return;
    bool is_well = sqlite3_reset(statement) == SQLITE_OK;
    kept_vtab *kept = is_well ? find_kept(session) : NULL;
    if (kept == NULL || find(kept, sqlite3_sql(statement)) >= 0) {
        sqlite3_finalize(statement);
        return;
    }
    if (kept->count == KEPT_MAX) sqlite3_finalize(take_out(kept, 0));
    kept->statements[kept->count++] = statement;
}

dyn_status kept_run(dyn_call *call, dyn_session *session, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(kept_take(call, session, sql, &statement));
    int rc = sqlite3_step(statement);
    dyn_status status =
        rc == SQLITE_DONE ? DYN_OK : bridge_fail(call, session->db);
    kept_put(session, statement);
    return status;
}
