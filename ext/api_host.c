/*
 * Tables for the API; the contract is in api/host.h.
 *
 * SQLite finds a virtual table, and has it take part in a transaction, when a
 * statement is prepared that names it. That is too slow to do for each request.
 * So a table that is open is used as it is while nothing can have changed it:
 * it takes part in the transaction; or a read transaction is open, and no other
 * connection has committed since the table was last read.
 */
#include "api_host.h"

#include "api/api.h"
#include "base/sqlite_text.h"
#include "bridge.h"
#include "jobs.h"
#include "kept.h"
#include "ops/handle.h"
#include "replicas.h"
#include "tables.h"
#include "text_order.h"
#include "transfer.h"
#include "undo.h"

#include <stdlib.h>

/* What is begun for one operation. */
typedef struct api_host {
    dyn_session *session;
    const char *function; /* what SQL calls it */
    sqlite3_stmt *hold;   /* a read transaction, until the end */
    bool is_hold_kept; /* by a table, which is pinned; otherwise it is owned */
    bool is_checked;   /* writing is allowed here */
    bool has_transaction; /* of its own */
    bool has_savepoint;
    undo_steps undo; /* what rolls back what is begun */
} api_host;

/* --------------------------------------------------------------- finding -- */

static bool is_named(const dyn_table *table, const char *name)
{
    if (strcmp(dyn_table_name(table), name) == 0) {
        return strcmp(dyn_table_schema(table), "main") == 0 ||
               strcmp(dyn_table_schema(table), "temp") == 0;
    }
    size_t schema_bytes = strlen(dyn_table_schema(table));
    return strncmp(name, dyn_table_schema(table), schema_bytes) == 0 &&
           name[schema_bytes] == '.' &&
           strcmp(name + schema_bytes + 1, dyn_table_name(table)) == 0;
}

/* The open table of that name, the newest one if there are several. A name
 * alone is that of a table of temp or main. */
static dyn_status find_open(dyn_call *call, const dyn_session *session,
                            const char *name, dyn_table **out)
{
    *out = NULL;
    for (dyn_table *t = session->tables; t != NULL; t = dyn_table_next(t)) {
        bool is_temp = strcmp(dyn_table_schema(t), "temp") == 0;
        bool is_past = false;
        if (!is_named(t, name) || (*out != NULL && !is_temp)) continue;
        DYN_TRY(dyn_table_is_past(call, t, &is_past));
        if (is_past) continue;
        *out = t;
        if (is_temp) break;
    }
    return DYN_OK;
}

/* Whether it is what the transaction that is open sees. */
static bool is_current(dyn_call *call, const dyn_table *table)
{
    if (dyn_table_has_joined(table)) return true;
    return sqlite3_txn_state(dyn_table_session(table)->db,
                             dyn_table_schema(table)) != SQLITE_TXN_NONE &&
           dyn_table_is_current(call, table);
}

/* Have SQLite find it. DynamoDB's names differ by case. */
static dyn_status find_anew(dyn_call *call, dyn_session *session,
                            const char *name, dyn_table **out)
{
    DYN_TRY(tables_find(call, session, name, out));
    if (is_named(*out, name) || strcmp(dyn_table_name(*out), name) == 0)
        return DYN_OK;
    return dyn_fail(call, DYN_NOT_FOUND, "%s is spelled %s", name,
                    dyn_table_name(*out));
}

/* Begin a read transaction in the schema of the table that probably is meant,
 * or in all, unless there is one. */
static dyn_status hold(dyn_call *call, api_host *host, dyn_table *table)
{
    sqlite3 *db = host->session->db;
    if (host->hold != NULL) return DYN_OK;
    if (table != NULL) {
        if (sqlite3_txn_state(db, dyn_table_schema(table)) != SQLITE_TXN_NONE)
            return DYN_OK;
        DYN_TRY(dyn_store_hold(call, dyn_table_store(table), &host->hold));
        host->is_hold_kept = host->hold != NULL;
    }
    return host->hold != NULL ? DYN_OK
                              : tables_hold(call, host->session, &host->hold);
}

static void release_hold(api_host *host)
{
    if (host->is_hold_kept)
        sqlite3_reset(host->hold);
    else
        sqlite3_finalize(host->hold);
    host->hold = NULL;
    host->is_hold_kept = false;
}

static dyn_status host_read(void *context, dyn_call *call, const char *name,
                            dyn_table **out)
{
    api_host *host = context;
    DYN_TRY(find_open(call, host->session, name, out));
    if (*out != NULL && is_current(call, *out)) return DYN_OK;
    DYN_TRY(hold(call, host, *out));
    /* the schema may be another one */
    DYN_TRY(find_open(call, host->session, name, out));
    if (*out != NULL && is_current(call, *out)) return DYN_OK;
    return find_anew(call, host->session, name, out);
}

/* --------------------------------------------------------------- writing -- */

static dyn_status check_writing(dyn_call *call, api_host *host)
{
    if (host->is_checked) return DYN_OK;
    if (bridge_is_writing(host->session->db)) {
        return dyn_fail(call, DYN_INVALID,
                        "%s() cannot write within a statement that writes: use "
                        "SELECT %s(...)",
                        host->function, host->function);
    }
    host->is_checked = true;
    return DYN_OK;
}

/* A transaction is begun where there is none. What reads before it writes, as
 * to find a table is, could not wait for another connection: then it begins
 * with writing. */
static dyn_status begin(dyn_call *call, api_host *host, bool reads_first)
{
    sqlite3 *db = host->session->db;
    DYN_TRY(check_writing(call, host));
    if (!sqlite3_get_autocommit(db)) return DYN_OK;
    DYN_TRY(undo_begin_own(call, reads_first, &host->undo));
    host->has_transaction = true;
    return DYN_OK;
}

/* Have the table take part in the transaction, which begins to write. */
static dyn_status join(dyn_call *call, api_host *host, const dyn_table *table)
{
    const char *sql = NULL;
    DYN_TRY(tables_join_sql(call, table, &sql));
    bool is_main = strcmp(dyn_table_schema(table), "main") == 0;
    return undo_run_write(call, sql, is_main, &host->undo);
}

/* Whether what a table was joined as is not there any more. */
static bool is_gone(const dyn_call *call, dyn_status status)
{
    return status == DYN_SQLITE && call->error.sqlite_code == SQLITE_ERROR;
}

/* Have SQLite find the table, and have that take part: then no other connection
 * can change it any more. One that others have removed may be found as it was,
 * until the transaction has begun. A table that has been made in this
 * transaction takes part from the beginning, and is not told. */
static dyn_status join_anew(dyn_call *call, api_host *host, const char *name,
                            dyn_table **out)
{
    DYN_TRY(find_anew(call, host->session, name, out));
    dyn_status status = join(call, host, *out);
    if (is_gone(call, status)) {
        DYN_TRY(find_anew(call, host->session, name, out));
        status = join(call, host, *out);
    }
    DYN_TRY(status);
    DYN_TRY(find_anew(call, host->session, name, out));
    dyn_table_set_joined(*out, true);
    return DYN_OK;
}

static dyn_status host_write(void *context, dyn_call *call, const char *name,
                             dyn_table **out)
{
    api_host *host = context;
    DYN_TRY(find_open(call, host->session, name, out));
    DYN_TRY(begin(call, host, *out == NULL));
    DYN_TRY(find_open(call, host->session, name, out));
    if (*out == NULL) return join_anew(call, host, name, out);
    if (dyn_table_has_joined(*out)) return DYN_OK;
    dyn_status status = join(call, host, *out);
    if (status != DYN_OK && !is_gone(call, status)) return status;
    /* it may be another one by now */
    DYN_TRY(find_open(call, host->session, name, out));
    if (*out != NULL && dyn_table_has_joined(*out)) return DYN_OK;
    return join_anew(call, host, name, out);
}

static dyn_status host_begin_atomic(void *context, dyn_call *call)
{
    api_host *host = context;
    DYN_TRY(begin(call, host, true));
    if (host->has_transaction || host->has_savepoint) return DYN_OK;
    DYN_TRY(undo_prepare(call, "ROLLBACK TO dynamo_api", "RELEASE dynamo_api",
                         &host->undo));
    DYN_TRY(kept_run(call, host->session, "SAVEPOINT dynamo_api"));
    host->has_savepoint = true;
    return DYN_OK;
}

/* ------------------------------------------------------ making and listing --
 */

/* What SQLite says of a name is the caller's doing: that something else has it,
 * or that it is SQLite's own. */
static dyn_status fail_create(dyn_call *call, sqlite3 *db, dyn_status status)
{
    if (status != DYN_SQLITE || sqlite3_errcode(db) != SQLITE_ERROR)
        return status;
    return dyn_fail(call, DYN_INVALID,
                    "One or more parameter values were invalid: %s",
                    sqlite3_errmsg(db));
}

/* SQLite keeps the text that creates a table, in which a U+FFFE or U+FFFF would
 * be another character from then on (base/sqlite_text.h). */
static dyn_status check_characters(dyn_call *call, sqlite3 *db,
                                   const char *const *arguments, size_t count)
{
    const char *order = NULL;
    DYN_TRY(text_order_find(call, db, &order));
    for (size_t i = 0; i < count; i++) {
        if (text_order_is_binary(order) ||
            !dyn_sqlite_text_is_special(dyn_bytes_text(arguments[i]))) {
            continue;
        }
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: SQLite "
                        "cannot keep U+FFFE and U+FFFF in the schema of a "
                        "database in UTF-16; use other names: %s",
                        arguments[i]);
    }
    return DYN_OK;
}

static dyn_status host_create(void *context, dyn_call *call, const char *name,
                              const char *const *arguments, size_t count)
{
    api_host *host = context;
    sqlite3 *db = host->session->db;
    DYN_TRY(dyn_session_check_change(call, host->session));
    DYN_TRY(begin(call, host, true));
    DYN_TRY(check_characters(call, db, arguments, count));
    const char *schema = "main";
    const char *dot = strchr(name, '.');
    char *prefix =
        dyn_format(call, "%.*s", dot == NULL ? 0 : (int)(dot - name), name);
    if (prefix == NULL) return DYN_NOMEM;
    if (dot != NULL && dot != name && sqlite3_txn_state(db, prefix) >= 0) {
        schema = prefix; /* of an attached database */
        name = dot + 1;
    }
    sqlite3_str *sql = sqlite3_str_new(db);
    sqlite3_str_appendf(sql, "CREATE VIRTUAL TABLE \"%w\".\"%w\" USING dynamo(",
                        schema, name);
    for (size_t i = 0; i < count; i++)
        sqlite3_str_appendf(sql, "%s%s", i > 0 ? ", " : "", arguments[i]);
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    if (text == NULL) return dyn_fail_nomem(call);
    dyn_status status = bridge_run(call, db, text);
    sqlite3_free(text);
    return fail_create(call, db, status);
}

static dyn_status host_drop(void *context, dyn_call *call,
                            const dyn_table *table)
{
    api_host *host = context;
    sqlite3 *db = host->session->db;
    DYN_TRY(dyn_session_check_change(call, host->session));
    release_hold(host);
    char *sql = sqlite3_mprintf("DROP TABLE \"%w\".\"%w\"",
                                dyn_table_schema(table), dyn_table_name(table));
    if (sql == NULL) return dyn_fail_nomem(call);
    dyn_status status = bridge_run(call, db, sql);
    sqlite3_free(sql);
    if (status != DYN_SQLITE || sqlite3_errcode(db) != SQLITE_LOCKED)
        return status;
    return dyn_fail(call, DYN_INVALID,
                    "a table cannot be removed while a statement reads: use "
                    "SELECT dynamo_api(...) without FROM");
}

static dyn_status host_change_replica(void *context, dyn_call *call,
                                      dyn_table *table,
                                      const dyn_replica_request *request)
{
    (void)context;
    return replicas_change_table(call, table, request);
}

static dyn_status host_snapshot(void *context, dyn_call *call)
{
    return hold(call, context, NULL);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Tables of temp and main by their names alone. */
static dyn_status host_list(void *context, dyn_call *call, const char ***names,
                            size_t *count)
{
    api_host *host = context;
    const table_name *tables = NULL;
    DYN_TRY(hold(call, host, NULL));
    DYN_TRY(tables_list(call, host->session, &tables, count));
    *names = dyn_alloc(call, *count * sizeof(char *));
    if (*names == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < *count; i++) {
        const char *schema = tables[i].schema;
        bool is_plain =
            strcmp(schema, "main") == 0 || strcmp(schema, "temp") == 0;
        (*names)[i] = is_plain
                          ? tables[i].name
                          : dyn_format(call, "%s.%s", schema, tables[i].name);
        if ((*names)[i] == NULL) return DYN_NOMEM;
    }
    if (*count > 0)
        qsort((void *)*names, *count, sizeof(char *), compare_names);
    return DYN_OK;
}

/* ------------------------------------------------------------------- end -- */

static dyn_status commit(dyn_call *call, const api_host *host)
{
    dyn_session *session = host->session;
    if (host->has_savepoint)
        return kept_run(call, session, "RELEASE dynamo_api");
    return host->has_transaction ? kept_run(call, session, "COMMIT") : DYN_OK;
}

/* What is half written, with no savepoint before it, must not be committed
 * (docs/design-notes.md, "Writing"); an estimate has one. */
static void roll_back(const api_host *host, bool is_torn)
{
    bool has_begun = host->has_savepoint || host->has_transaction;
    if (!has_begun && (!is_torn || host->session->is_estimating)) return;
    undo_run(&host->undo, host->has_transaction);
}

/* What has been written is handled before it is committed. */
static dyn_status handle(dyn_call *call, const api_host *host)
{
    bool is_past = false;
    if (!host->is_checked) return DYN_OK;
    for (dyn_table *t = host->session->tables; t != NULL;
         t = dyn_table_next(t)) {
        if (!dyn_table_has_joined(t)) continue;
        DYN_TRY(dyn_table_is_past(call, t, &is_past));
        if (is_past) continue;
        DYN_TRY(replicas_sync(call, t));
        DYN_TRY(dyn_handle_sync(call, t));
    }
    return DYN_OK;
}

/* ------------------------------------------------------------- transfers -- */

/* What has been begun is over: a transfer has transactions of its own. */
static dyn_status end_before_transfer(dyn_call *call, api_host *host)
{
    release_hold(host);
    if (!host->has_transaction) return DYN_OK;
    DYN_TRY(kept_run(call, host->session, "COMMIT"));
    host->has_transaction = false;
    undo_free(&host->undo);
    return DYN_OK;
}

static dyn_status host_export(void *context, dyn_call *call, const char *name,
                              const dyn_export_request *request,
                              const dyn_job_origin *origin, dyn_job *job)
{
    api_host *host = context;
    DYN_TRY(transfer_check(call, host->session, "dynamo_api()"));
    DYN_TRY(end_before_transfer(call, host));
    return transfer_export(call, host->session, name, request, origin, job);
}

static dyn_status host_import(void *context, dyn_call *call, const char *name,
                              dyn_import *import, const dyn_job_origin *origin,
                              dyn_job *job)
{
    api_host *host = context;
    DYN_TRY(transfer_check(call, host->session, "dynamo_api()"));
    DYN_TRY(end_before_transfer(call, host));
    return transfer_import(call, host->session, name, import, origin, job);
}

static dyn_status host_list_jobs(void *context, dyn_call *call, dyn_job **jobs,
                                 size_t *count)
{
    api_host *host = context;
    return jobs_list(call, host->session, jobs, count);
}

static dyn_status host_end(void *context, dyn_call *call, dyn_status status)
{
    api_host *host = context;
    release_hold(host);
    if (status == DYN_OK) status = handle(call, host);
    if (status == DYN_OK) status = commit(call, host);
    if (status != DYN_OK) roll_back(host, call->error.torn);
    undo_free(&host->undo);
    return status;
}

/* Serve an operation, which ends the host. */
static dyn_status serve(dyn_call *call, api_host *host, api_host_work *work,
                        void *context)
{
    dyn_session *session = host->session;
    const dyn_host served = {
        .context = host,
        .session = session,
        .read = host_read,
        .write = host_write,
        .begin_atomic = host_begin_atomic,
        .create = host_create,
        .drop = host_drop,
        .change_replica = host_change_replica,
        .snapshot = host_snapshot,
        .list = host_list,
        .export_table = host_export,
        .import_table = host_import,
        .list_jobs = host_list_jobs,
        .end = host_end,
    };
    dyn_statement_read_begins(session);
    dyn_tables_pin(session);
    dyn_status status = tables_settle(call, session);
    if (status == DYN_OK) status = work(call, &served, context);
    dyn_tables_unpin(session);
    dyn_statement_read_ends(session);
    return status;
}

typedef struct api_request {
    dyn_bytes operation;
    dyn_bytes request;
    dyn_bytes *response;
} api_request;

static dyn_status call_api(dyn_call *call, const dyn_host *host, void *context)
{
    const api_request *asked = context;
    return dyn_api_call(call, host, asked->operation, asked->request,
                        asked->response);
}

dyn_status api_host_call(dyn_call *call, dyn_session *session,
                         dyn_bytes operation, dyn_bytes request,
                         dyn_bytes *response)
{
    api_host host = {
        .session = session, .function = "dynamo_api", .undo = undo_of(session)};
    api_request asked = {operation, request, response};
    return serve(call, &host, call_api, &asked);
}

typedef struct other_work {
    api_host_work *work;
    void *context;
} other_work;

static dyn_status do_work(dyn_call *call, const dyn_host *host, void *context)
{
    const other_work *other = context;
    return host->end(host->context, call,
                     other->work(call, host, other->context));
}

dyn_status api_host_run(dyn_call *call, dyn_session *session,
                        const char *function, api_host_work *work,
                        void *context)
{
    api_host host = {
        .session = session, .function = function, .undo = undo_of(session)};
    other_work other = {work, context};
    return serve(call, &host, do_work, &other);
}
