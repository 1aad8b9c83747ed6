/*
 * Estimates: a statement or a request is run, and rolled back. What it costs is
 * then what it would cost, by whatever way the cost comes about. No account
 * hears of it (engine/session.h).
 */
#include "estimate.h"

#include "api_host.h"
#include "base/exception.h"
#include "bridge.h"
#include "sql_function.h"
#include "tables.h"
#include "undo.h"

#include <ctype.h>

/* ------------------------------------------------------------ statements -- */

static bool begins_with(dyn_bytes text, const char *word)
{
    return dyn_bytes_begin_with(text, dyn_bytes_text(word));
}

static dyn_bytes skip(dyn_bytes text, size_t size_bytes)
{
    return (dyn_bytes){text.data + size_bytes, text.size_bytes - size_bytes};
}

/* Skip up to behind the end of a comment, which the end of the text is, too. */
static dyn_bytes skip_comment(dyn_bytes text, const char *end)
{
    text = skip(text, 2);
    while (text.size_bytes > 0 && !begins_with(text, end))
        text = skip(text, 1);
    return text.size_bytes > 0 ? skip(text, strlen(end)) : text;
}

/* Skip what is between statements. */
static dyn_bytes skip_blank(dyn_bytes text)
{
    while (text.size_bytes > 0) {
        if (begins_with(text, "--")) {
            text = skip_comment(text, "\n");
        } else if (begins_with(text, "/*")) {
            text = skip_comment(text, "*/");
        } else if (isspace(text.data[0]) || text.data[0] == ';') {
            text = skip(text, 1);
        } else {
            break;
        }
    }
    return text;
}

/* A statement is told by its first word before SQLite sees it: some do what
 * they do when they are prepared, and others cannot be rolled back. */
static bool is_of_items(dyn_bytes sql)
{
    static const char *const words[] = {"SELECT", "VALUES",  "WITH",  "INSERT",
                                        "UPDATE", "REPLACE", "DELETE"};
    size_t size = 0;
    while (size < sql.size_bytes && isalpha(sql.data[size]))
        size++;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (size == strlen(words[i]) &&
            sqlite3_strnicmp((const char *)sql.data, words[i], (int)size) == 0)
            return true;
    }
    return false;
}

/* *out is for the caller to finalize, also after a failure. */
static dyn_status prepare(dyn_call *call, sqlite3 *db, dyn_bytes sql,
                          sqlite3_stmt **out)
{
    const char *end = NULL;
    sql = skip_blank(sql);
    if (!is_of_items(sql)) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo_estimate() takes a SELECT, VALUES, INSERT, "
                        "REPLACE, UPDATE or DELETE, with or without WITH; or "
                        "the name of an operation of the API and its request");
    }
    int rc = sqlite3_prepare_v2(db, (const char *)sql.data, -1, out, &end);
    if (rc != SQLITE_OK) return bridge_fail(call, db);
    sql = skip_blank(skip(sql, (size_t)(end - (const char *)sql.data)));
    if (sql.size_bytes > 0) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo_estimate() takes one statement; behind it is: "
                        "%.*s",
                        (int)sql.size_bytes, (const char *)sql.data);
    }
    if (sqlite3_bind_parameter_count(*out) > 0) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo_estimate() takes a statement without "
                        "parameters: write their values in it");
    }
    return DYN_OK;
}

static dyn_status step_all(dyn_call *call, sqlite3 *db, sqlite3_stmt *statement)
{
    int rc = SQLITE_ROW;
    while (rc == SQLITE_ROW)
        rc = sqlite3_step(statement);
    return rc == SQLITE_DONE ? DYN_OK : bridge_fail(call, db);
}

/* ------------------------------------------------------------- estimates -- */

/* What is to be estimated: a statement; or, when that is NULL, a request. */
typedef struct subject {
    sqlite3_stmt *statement; /* owned */
    dyn_bytes operation;
    dyn_bytes request;
} subject;

static dyn_status run(dyn_call *call, dyn_session *session, const subject *of)
{
    dyn_bytes response = {NULL, 0};
    return of->statement != NULL ? step_all(call, session->db, of->statement)
                                 : api_host_call(call, session, of->operation,
                                                 of->request, &response);
}

static dyn_status write_cost(dyn_call *call, const dyn_session *session,
                             dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 256);
    dyn_cost_to_json(&text, &session->cost);
    return dyn_buffer_end(&text, out);
}

static dyn_status explain(dyn_call *call, dyn_status status)
{
    enum { PRIMARY = 0xff };
    if (status != DYN_SQLITE ||
        (call->error.sqlite_code & PRIMARY) != SQLITE_READONLY)
        return status;
    return dyn_fail_sqlite(call, call->error.sqlite_code,
                           "dynamo_estimate() writes, and rolls that back: a "
                           "write cannot be estimated in a read-only database");
}

/* What is left open is a failure. */
static dyn_status roll_back(dyn_call *call, dyn_session *session,
                            const undo_steps *undo, bool is_own,
                            dyn_status status)
{
    undo_run(undo, is_own);
    return status == DYN_OK ? dyn_session_check(call, session) : status;
}

/* A request may write or not: it decides that as it does within a transaction.
 */
static dyn_status estimate(dyn_call *call, dyn_session *session,
                           const subject *of, dyn_bytes *out)
{
    undo_steps undo;
    dyn_estimate begun;
    bool is_own = false;
    bool writes =
        of->statement != NULL && !sqlite3_stmt_readonly(of->statement);
    DYN_TRY(dyn_estimate_begin(call, session, &begun));
    dyn_status status =
        undo_begin(call, session, "dynamo_estimate", writes, &undo, &is_own);
    if (status == DYN_OK) {
        status = run(call, session, of);
        if (status == DYN_OK) status = write_cost(call, session, out);
        if (of->statement != NULL) sqlite3_reset(of->statement);
        status = roll_back(call, session, &undo, is_own, status);
    }
    undo_free(&undo);
    dyn_estimate_end(session, &begun);
    return explain(call, status);
}

static dyn_status check_no_write(dyn_call *call, sqlite3 *db)
{
    if (!bridge_is_writing(db)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "dynamo_estimate() has no place in a statement that "
                    "writes: use SELECT dynamo_estimate(...)");
}

static dyn_status estimate_arguments(dyn_call *call, dyn_session *session,
                                     int argc, sqlite3_value **argv,
                                     dyn_bytes *out)
{
    subject of = {.statement = NULL};
    DYN_TRY(tables_settle(call, session));
    DYN_TRY(check_no_write(call, session->db));
    DYN_TRY(bridge_text(call, argv[0], &of.operation));
    dyn_status status =
        argc > 1 ? bridge_text(call, argv[1], &of.request)
                 : prepare(call, session->db, of.operation, &of.statement);
    if (status == DYN_OK) status = estimate(call, session, &of, out);
    sqlite3_finalize(of.statement);
    return status;
}

static void estimate_function(sqlite3_context *context, int argc,
                              sqlite3_value **argv)
{
    dyn_session *session = sqlite3_user_data(context);
    sqlite3_int64 rowid = sqlite3_last_insert_rowid(session->db);
    dyn_call call;
    dyn_bytes cost = {NULL, 0};
    dyn_call_begin(&call);
    dyn_status status = estimate_arguments(&call, session, argc, argv, &cost);
    sqlite3_set_last_insert_rowid(session->db, rowid);
    if (status == DYN_OK) {
        bridge_result_text(context, cost);
    } else if (argc > 1) {
        bridge_result_exception(context, &call, status);
    } else {
        bridge_result_error(context, &call, status);
    }
    dyn_call_end(&call);
}

int estimate_register(sqlite3 *db, dyn_session *session)
{
    static const sql_function functions[] = {
        {"dynamo_estimate", 1, SQLITE_DIRECTONLY, estimate_function},
        {"dynamo_estimate", 2, SQLITE_DIRECTONLY, estimate_function},
    };
    return sql_functions_of_session(
        db, functions, sizeof(functions) / sizeof(functions[0]), session);
}
