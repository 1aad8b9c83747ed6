/* Triggers of handlers; the contracts are in handler_trigger.h. */
#include "engine/handler_trigger.h"

#include "base/exception.h"
#include "engine/store_internal.h"

#include <ctype.h>

/* -------------------------------------------------------------- triggers -- */

static char *view_sql(dyn_store *store, const char *trigger)
{
    return sqlite3_mprintf(
        "CREATE VIEW \"%w\".\"%w\"(event, keys, old, new, sequence, time, "
        "actor) AS SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL WHERE 0",
        store->schema, trigger);
}

static char *trigger_sql(dyn_store *store, dyn_bytes body, const char *trigger)
{
    return sqlite3_mprintf("CREATE TRIGGER \"%w\".\"%w\" INSTEAD OF INSERT ON "
                           "\"%w\" BEGIN\n%.*s\n; END",
                           store->schema, trigger, trigger,
                           (int)body.size_bytes, body.data);
}

static bool is_blank(const char *text)
{
    while (isspace((unsigned char)*text))
        text++;
    return *text == '\0';
}

/* One statement: text that ended the trigger would let others follow. */
static dyn_status run_whole(dyn_call *call, dyn_store *store, const char *sql)
{
    const char *rest = NULL;
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &statement, &rest);
    if (rc == SQLITE_OK && !is_blank(rest)) {
        sqlite3_finalize(statement);
        return dyn_fail(call, DYN_INVALID, "the SQL ends before its end: %s",
                        rest);
    }
    if (rc == SQLITE_OK) sqlite3_step(statement);
    if (rc == SQLITE_OK) rc = sqlite3_finalize(statement);
    if (rc == SQLITE_OK) {
        store->has_written = true;
        return DYN_OK;
    }
    if ((rc & 0xff) == SQLITE_ERROR)
        return dyn_fail(call, DYN_INVALID, "%s", sqlite3_errmsg(store->db));
    return dyn_store_fail(call, store, rc);
}

/* Run SQL in memory of SQLite's, which this frees. */
static dyn_status run_and_free(dyn_call *call, dyn_store *store, char *sql)
{
    if (sql == NULL) return dyn_fail_nomem(call);
    dyn_status status = run_whole(call, store, sql);
    sqlite3_free(sql);
    return status;
}

dyn_status dyn_handler_trigger_create(dyn_call *call, dyn_store *store,
                                      dyn_bytes name, dyn_bytes body,
                                      dyn_bytes *trigger)
{
    const char *text =
        dyn_format(call, "%s_on_change_%.*s", store->table,
                   (int)name.size_bytes, (const char *)name.data);
    if (text == NULL) return DYN_NOMEM;
    *trigger = dyn_bytes_text(text);
    DYN_TRY(run_and_free(call, store, view_sql(store, text)));
    return run_and_free(call, store, trigger_sql(store, body, text));
}

dyn_status dyn_handler_trigger_drop(dyn_call *call, dyn_store *store,
                                    dyn_bytes trigger)
{
    return run_and_free(call, store,
                        sqlite3_mprintf("DROP VIEW IF EXISTS \"%w\".\"%.*w\"",
                                        store->schema, (int)trigger.size_bytes,
                                        trigger.data));
}

/* The first of them; without data: there are none. */
static dyn_status find_view(dyn_call *call, dyn_store *store, dyn_bytes *out)
{
    sqlite3_stmt *statement = NULL;
    char *begin = sqlite3_mprintf("%s_on_change_", store->table);
    *out = (dyn_bytes){NULL, 0};
    if (begin == NULL) return dyn_fail_nomem(call);
    dyn_status status =
        dyn_store_statement(call, store, DYN_SQL_HANDLER_VIEW, &statement);
    if (status == DYN_OK) {
        sqlite3_bind_text(statement, 1, begin, -1, SQLITE_STATIC);
        int rc = sqlite3_step(statement);
        const char *name = (const char *)sqlite3_column_text(statement, 0);
        if (rc == SQLITE_ROW && name == NULL) status = dyn_fail_nomem(call);
        if (rc == SQLITE_ROW && name != NULL)
            status = dyn_copy(call, dyn_bytes_text(name), out);
        if (rc != SQLITE_ROW && rc != SQLITE_DONE)
            status = dyn_store_fail(call, store, rc);
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
    sqlite3_free(begin);
    return status;
}

dyn_status dyn_handler_triggers_drop(dyn_call *call, dyn_store *store)
{
    for (;;) {
        dyn_bytes name = {NULL, 0};
        DYN_TRY(find_view(call, store, &name));
        if (name.data == NULL) return DYN_OK;
        DYN_TRY(dyn_handler_trigger_drop(call, store, name));
    }
}

/* --------------------------------------------------------------- changes -- */

static dyn_status bind_event(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement,
                             const dyn_handler_event *event)
{
    enum { SEQUENCE = 5, COUNT = 7 };
    const dyn_bytes texts[COUNT + 1] = {
        [1] = dyn_bytes_text(event->event),
        [2] = event->keys,
        [3] = event->old_item,
        [4] = event->new_item,
        [6] = dyn_bytes_text(event->time),
        [7] = dyn_bytes_text(event->actor),
    };
    for (int i = 1; i <= COUNT; i++) {
        DYN_TRY(
            dyn_store_bind_text_or_null(call, store, statement, i, texts[i]));
    }
    sqlite3_bind_int64(statement, SEQUENCE, event->sequence);
    return DYN_OK;
}

/* Whether it is the SQL itself that has failed, by a code of SQLite's. */
static bool is_failure_of_sql(int code)
{
    switch (code & 0xff) {
    case SQLITE_ERROR:
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG:
    case SQLITE_RANGE:
    case SQLITE_AUTH:
        return true;
    default:
        return false;
    }
}

static dyn_status read_error(dyn_call *call, dyn_store *store, int code,
                             const char **error)
{
    *error = NULL;
    if (code == SQLITE_OK) return DYN_OK;
    if (!is_failure_of_sql(code)) {
        call->error.torn = true;
        return dyn_fail_sqlite(call, sqlite3_extended_errcode(store->db),
                               sqlite3_errmsg(store->db));
    }
    *error = dyn_format(call, "%s", sqlite3_errmsg(store->db));
    return *error != NULL ? DYN_OK : DYN_NOMEM;
}

dyn_status dyn_handler_program_open(dyn_call *call, dyn_store *store,
                                    dyn_bytes trigger, dyn_handler_program *out,
                                    const char **error)
{
    char *sql = sqlite3_mprintf(
        "INSERT INTO \"%w\".\"%.*w\" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        store->schema, (int)trigger.size_bytes, trigger.data);
    out->statement = NULL;
    if (sql == NULL) return dyn_fail_nomem(call);
    int rc = sqlite3_prepare_v2(store->db, sql, -1, &out->statement, NULL);
    sqlite3_free(sql);
    return read_error(call, store, rc, error);
}

dyn_status dyn_handler_program_run(dyn_call *call, dyn_store *store,
                                   const dyn_handler_program *program,
                                   const dyn_handler_event *event,
                                   const char **error)
{
    DYN_TRY(bind_event(call, store, program->statement, event));
    store->has_written = true;
    sqlite3_step(program->statement);
    return read_error(call, store, sqlite3_reset(program->statement), error);
}

void dyn_handler_program_close(dyn_handler_program *program)
{
    sqlite3_finalize(program->statement);
    program->statement = NULL;
}

dyn_status dyn_dead_letter_write(dyn_call *call, dyn_store *store,
                                 dyn_bytes handler,
                                 const dyn_handler_event *event,
                                 const char *time, dyn_bytes error)
{
    sqlite3_stmt *statement = NULL;
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_DEAD_LETTERS_CREATE,
                                &statement));
    DYN_TRY(dyn_store_write(call, store, statement));
    DYN_TRY(dyn_store_statement(call, store, DYN_SQL_DEAD_LETTER_INSERT,
                                &statement));
    DYN_TRY(bind_event(call, store, statement, event));
    DYN_TRY(
        dyn_store_bind_text(call, store, statement, 8, dyn_bytes_text(time)));
    DYN_TRY(dyn_store_bind_text(call, store, statement, 9, error));
    DYN_TRY(dyn_store_bind_text(call, store, statement, 10, handler));
    return dyn_store_write(call, store, statement);
}
