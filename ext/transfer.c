/* Exports and imports; the contracts are in transfer.h. */
#include "transfer.h"

#include "base/clock.h"
#include "bridge.h"
#include "jobs.h"
#include "tables.h"
#include "undo.h"

static const char savepoint[] = "dynamo_transfer";

/* One export or import. */
typedef struct transfer {
    dyn_call *call; /* for what lives as long as it does */
    dyn_session *session;
    const char *name;
    const char *path;
    const dyn_job_origin *origin;
    dyn_job *job;
    const char *schema; /* of the table; NULL: no job is written */
    bool is_within;     /* a transaction that was there before */
} transfer;

/* What is to be done with the table in a transaction, with memory of its own.
 */
typedef dyn_status table_work(dyn_call *call, transfer *what, dyn_table *table,
                              void *argument);

dyn_status transfer_check(dyn_call *call, const dyn_session *session,
                          const char *function)
{
    if (session->is_estimating) {
        return dyn_fail(call, DYN_INVALID, "%s: an estimate opens no files",
                        function);
    }
    if (!bridge_is_writing(session->db)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "%s has no place in a statement that writes", function);
}

/* ---------------------------------------------------------- transactions -- */

static dyn_status find(dyn_call *call, const transfer *what, dyn_table **out)
{
    DYN_TRY(tables_find(call, what->session, what->name, out));
    dyn_status status = dyn_table_refresh(call, *out);
    return tables_name_failure(call, *out, status);
}

/* Writing: as dynamo_alter() does it (functions.c). */
static dyn_status join_and_do(dyn_call *call, transfer *what, table_work *work,
                              void *argument)
{
    dyn_table *table = NULL;
    sqlite3_stmt *hold = NULL;
    sqlite3_stmt *joined = NULL;
    DYN_TRY(tables_hold(call, what->session, &hold));
    dyn_status status = find(call, what, &table);
    if (status == DYN_OK) status = tables_join(call, table, &joined);
    sqlite3_finalize(hold);
    if (status == DYN_OK) status = work(call, what, table, argument);
    sqlite3_finalize(joined);
    return status;
}

static dyn_status do_or_undo(dyn_call *call, transfer *what, table_work *work,
                             void *argument)
{
    dyn_session *session = what->session;
    undo_steps steps;
    bool is_own = false;
    dyn_status status =
        undo_begin(call, session, savepoint, true, &steps, &is_own);
    if (status != DYN_OK) goto done;
    status = join_and_do(call, what, work, argument);
    if (status == DYN_OK) status = undo_keep(call, session, savepoint, is_own);
    if (status != DYN_OK) undo_run(&steps, is_own);
done:
    undo_free(&steps);
    return status;
}

/* The same with memory for it alone. */
static dyn_status do_in_transaction(transfer *what, table_work *work,
                                    void *argument)
{
    dyn_call call;
    dyn_call_begin(&call);
    dyn_status status = do_or_undo(&call, what, work, argument);
    if (status != DYN_OK) dyn_call_take_error(what->call, &call);
    dyn_call_end(&call);
    return status;
}

/* ------------------------------------------------------------------ jobs -- */

/* Begin the job, and write it. */
static dyn_status add_job(dyn_call *call, transfer *what, dyn_table *table,
                          void *argument)
{
    dyn_job *job = what->job;
    const dyn_job_kind *kind = argument;
    DYN_TRY(jobs_new(what->call, table, *kind, what->path, job));
    job->origin = *what->origin;
    what->schema = dyn_format(what->call, "%s", dyn_table_schema(table));
    if (what->schema == NULL) return dyn_fail_nomem(call);
    return jobs_add(call, what->session->db, what->schema, job);
}

static dyn_status update_job(dyn_call *call, transfer *what, dyn_table *table,
                             void *argument)
{
    (void)table, (void)argument;
    if (what->schema == NULL) return DYN_OK;
    return jobs_update(call, what->session->db, what->schema, what->job);
}

static dyn_status end_job(transfer *what, dyn_job_state state)
{
    what->job->state = state;
    what->job->ended_ms = dyn_clock_now_ms();
    what->job->updated_ms = what->job->ended_ms;
    if (what->schema == NULL) return DYN_OK;
    return do_in_transaction(what, update_job, NULL);
}

/* A failure is written where it can be: not after an interrupt, not without
 * memory, and not within a transaction, where the job is undone. It remains the
 * failure. */
static void fail_job(transfer *what)
{
    const dyn_error error = what->call->error;
    if (what->is_within || what->schema == NULL) return;
    what->job->message = dyn_format(what->call, "%s", error.message);
    end_job(what, DYN_JOB_FAILED);
    what->call->error = error;
}

/* ---------------------------------------------------------------- export -- */

static dyn_status begin_export(transfer *what, dyn_table *table)
{
    if (what->schema != NULL) return DYN_OK;
    DYN_TRY(jobs_new(what->call, table, DYN_JOB_EXPORT, what->path, what->job));
    what->job->origin = *what->origin;
    return DYN_OK;
}

/* In one read transaction. */
static dyn_status write_files(transfer *what, const dyn_export_request *request)
{
    dyn_call *call = what->call;
    dyn_table *table = NULL;
    sqlite3_stmt *hold = NULL;
    DYN_TRY(tables_hold(call, what->session, &hold));
    dyn_status status = find(call, what, &table);
    if (status == DYN_OK) status = begin_export(what, table);
    if (status == DYN_OK) {
        status = dyn_export_table(call, table, request, what->job);
        status = tables_name_failure(call, table, status);
    }
    sqlite3_finalize(hold);
    return status;
}

static bool is_read_only(const dyn_call *call, dyn_status status)
{
    enum { PRIMARY = 0xff };
    return status == DYN_SQLITE &&
           (call->error.sqlite_code & PRIMARY) == SQLITE_READONLY;
}

static dyn_status export_table(transfer *what,
                               const dyn_export_request *request)
{
    dyn_job_kind kind = DYN_JOB_EXPORT;
    dyn_status status = do_in_transaction(what, add_job, &kind);
    if (status != DYN_OK) {
        if (!is_read_only(what->call, status)) return status;
        what->schema = NULL;
    }
    status = write_files(what, request);
    if (status == DYN_OK) return end_job(what, DYN_JOB_COMPLETED);
    fail_job(what);
    return status;
}

/* ---------------------------------------------------------------- import -- */

/* A step, and its job in the same transaction. */
static dyn_status import_step(dyn_call *call, transfer *what, dyn_table *table,
                              void *argument)
{
    dyn_status status = dyn_import_step(call, table, argument, what->job);
    DYN_TRY(tables_name_failure(call, table, status));
    return update_job(call, what, table, NULL);
}

static dyn_status import_steps(transfer *what, dyn_import *import)
{
    dyn_job_kind kind = DYN_JOB_IMPORT;
    DYN_TRY(do_in_transaction(what, add_job, &kind));
    while (!import->is_over) {
        const dyn_job before = *what->job;
        dyn_status status = do_in_transaction(what, import_step, import);
        if (status == DYN_OK) continue;
        *what->job = before; /* of what is committed */
        return status;
    }
    return DYN_OK;
}

/* Within a transaction: an import that is refused is undone, too. */
static dyn_status import_within(transfer *what, dyn_import *import)
{
    dyn_call *call = what->call;
    dyn_session *session = what->session;
    undo_steps steps;
    bool is_own = false;
    dyn_status status =
        undo_begin(call, session, "dynamo_import", true, &steps, &is_own);
    if (status != DYN_OK) goto done;
    status = import_steps(what, import);
    if (status == DYN_OK && import->has_failed)
        status = dyn_fail(call, DYN_INVALID, "%s", what->job->message);
    if (status == DYN_OK)
        status = undo_keep(call, session, "dynamo_import", is_own);
    if (status != DYN_OK) undo_run(&steps, is_own);
done:
    undo_free(&steps);
    return status;
}

static dyn_status import_table(transfer *what, dyn_import *import)
{
    if (what->is_within) return import_within(what, import);
    dyn_status status = import_steps(what, import);
    if (status != DYN_OK) fail_job(what);
    return status;
}

/* ----------------------------------------------------------------- begin -- */

static transfer begin(dyn_call *call, dyn_session *session, const char *name,
                      const dyn_job_origin *origin, dyn_job *job)
{
    return (transfer){
        .call = call,
        .session = session,
        .name = name,
        .origin = origin,
        .job = job,
        .is_within = !sqlite3_get_autocommit(session->db),
    };
}

dyn_status transfer_export(dyn_call *call, dyn_session *session,
                           const char *name, const dyn_export_request *request,
                           const dyn_job_origin *origin, dyn_job *job)
{
    transfer what = begin(call, session, name, origin, job);
    what.path = request->path;
    dyn_statement_read_begins(session);
    dyn_tables_pin(session);
    dyn_status status = export_table(&what, request);
    dyn_tables_unpin(session);
    dyn_statement_read_ends(session);
    return status;
}

dyn_status transfer_import(dyn_call *call, dyn_session *session,
                           const char *name, dyn_import *import,
                           const dyn_job_origin *origin, dyn_job *job)
{
    transfer what = begin(call, session, name, origin, job);
    what.path = import->request.path;
    dyn_statement_read_begins(session);
    dyn_tables_pin(session);
    dyn_status status = import_table(&what, import);
    dyn_tables_unpin(session);
    dyn_statement_read_ends(session);
    return status;
}
