/* dynamo_maintain(): what is due of all tables is done, their replicas receive
 * changes, and their handlers run. */
#include "maintain.h"

#include "bridge.h"
#include "change_table.h"
#include "ops/due.h"
#include "ops/handle.h"
#include "ops/steps.h"
#include "replicas.h"
#include "sql_function.h"
#include "tables.h"

enum { BATCHES_MAX = 1000 }; /* of one handler, in one call */

/* -------------------------------------------------------------- due work -- */

/* What has due work done for a table; *sql is NULL when there is no more, or no
 * table: it may have been dropped meanwhile. */
static dyn_status find_due(dyn_call *call, dyn_session *session,
                           const char *name, const dyn_maintenance *run,
                           const char **sql)
{
    dyn_table *table = NULL;
    *sql = NULL;
    dyn_status status = tables_find(call, session, name, &table);
    if (status == DYN_NOT_FOUND) return DYN_OK;
    if (status != DYN_OK) return status;
    status = dyn_table_refresh(call, table);
    DYN_TRY(tables_name_failure(call, table, status));
    if (dyn_maintenance_is_over(run, table)) return DYN_OK;
    return tables_join_sql(call, table, sql);
}

/* One transaction. The read is over before the write begins, which may have to
 * wait. */
static dyn_status maintain_once(dyn_call *call, dyn_session *session,
                                const char *name, dyn_maintenance *run,
                                bool *is_over)
{
    const char *sql = NULL;
    sqlite3_stmt *hold = NULL;
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status = find_due(call, session, name, run, &sql);
    sqlite3_finalize(hold);
    *is_over = sql == NULL;
    if (status != DYN_OK || *is_over) return status;
    run->transactions++;
    session->maintenance = run;
    status = bridge_run(call, session->db, sql);
    session->maintenance = NULL;
    *is_over = !sqlite3_get_autocommit(session->db); /* done by its COMMIT */
    return status;
}

/* -------------------------------------------------------------- handlers -- */

/* The batches of a handler. */
typedef struct handler_step {
    dyn_session *session;
    const char *table;
    dyn_bytes name;
    int64_t *work;              /* records that are handled */
    int batches;                /* so far */
    dyn_handle_outcome outcome; /* of the last one */
} handler_step;

static dyn_status run_batch(dyn_call *call, dyn_table *table,
                            const void *context)
{
    bool found = false;
    bool is_due = false;
    dyn_handler handler;
    handler_step *step = *(handler_step *const *)context;
    DYN_TRY(dyn_handler_find(call, table, step->name, &found, &handler));
    if (found) DYN_TRY(dyn_handle_is_due(call, table, &handler, &is_due));
    if (!is_due) return DYN_OK;
    DYN_TRY(dyn_handle_batch(call, table, &handler,
                             dyn_handle_batch_size(&handler), &step->outcome));
    if (step->outcome.error == NULL) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, "%s", step->outcome.error);
}

static dyn_status note_failure(dyn_call *call, dyn_table *table,
                               const void *context)
{
    bool found = false;
    dyn_handler handler;
    const handler_step *step = context;
    DYN_TRY(dyn_handler_find(call, table, step->name, &found, &handler));
    return found ? dyn_handle_failed(call, table, &handler, &step->outcome)
                 : DYN_OK;
}

/* Commit may fail by what the SQL has done, as for a foreign key that is
 * checked only then. */
static dyn_status read_failure(dyn_call *call, dyn_status status,
                               dyn_handle_outcome *outcome)
{
    bool is_of_commit = status == DYN_SQLITE && outcome->records > 0 &&
                        (call->error.sqlite_code & 0xff) == SQLITE_CONSTRAINT;
    if (outcome->error != NULL || !is_of_commit) return DYN_OK;
    outcome->failed_at = outcome->records;
    outcome->error = dyn_format(call, "%s", call->error.message);
    return outcome->error != NULL ? DYN_OK : DYN_NOMEM;
}

/* A batch in a transaction of its own, and the note of its failure in
 * another. */
static dyn_status handle_once(dyn_call *call, void *context, bool *is_end)
{
    static const char name[] = "dynamo_maintain";
    handler_step *step = context;
    dyn_handle_outcome *outcome = &step->outcome;
    *outcome = (dyn_handle_outcome){.records = 0};
    dyn_status status =
        change_table(call, step->session, name, step->table, run_batch, &step);
    DYN_TRY(read_failure(call, status, outcome));
    *is_end = outcome->records == 0 || ++step->batches == BATCHES_MAX;
    if (outcome->error != NULL)
        return change_table(call, step->session, name, step->table,
                            note_failure, step);
    *step->work += (int64_t)outcome->records;
    return status;
}

static dyn_status run_handler(dyn_call *call, dyn_session *session,
                              const char *table, dyn_bytes name, int64_t *work)
{
    handler_step step = {session, table, name, work, 0, {.records = 0}};
    return dyn_work_run(call, handle_once, &step);
}

static dyn_status list_handlers(dyn_call *call, dyn_session *session,
                                const char *name, dyn_handler **handlers,
                                size_t *count)
{
    dyn_table *table = NULL;
    dyn_status status = tables_find(call, session, name, &table);
    *count = 0;
    if (status == DYN_NOT_FOUND) return DYN_OK;
    if (status != DYN_OK) return status;
    status = dyn_table_refresh(call, table);
    if (status == DYN_OK && dyn_table_log_keep(table)->has_readers)
        status = dyn_handlers(call, table, handlers, count);
    return tables_name_failure(call, table, status);
}

/* What keeps one handler from running does not keep the others from it. */
static dyn_status run_handlers(dyn_call *call, dyn_session *session,
                               const char *name, int64_t *work)
{
    dyn_handler *handlers = NULL;
    size_t count = 0;
    sqlite3_stmt *hold = NULL;
    dyn_error first = {.status = DYN_OK};
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status = list_handlers(call, session, name, &handlers, &count);
    sqlite3_finalize(hold);
    if (status != DYN_OK) return status;
    for (size_t i = 0; i < count; i++) {
        status = run_handler(call, session, name, handlers[i].name, work);
        if (status != DYN_OK && first.status == DYN_OK) first = call->error;
    }
    if (first.status != DYN_OK) call->error = first;
    return first.status;
}

/* ---------------------------------------------------------------- tables -- */

static dyn_status maintain_table(dyn_call *call, dyn_session *session,
                                 const char *name, int64_t *work)
{
    dyn_maintenance run = {0, 0};
    dyn_status status = DYN_OK;
    for (bool is_over = false; status == DYN_OK && !is_over;)
        status = maintain_once(call, session, name, &run, &is_over);
    *work += run.done;
    return status;
}

/* What goes wrong with one table is told after all have had their turn. */
static void note(dyn_error *first, const dyn_call *call, dyn_status status)
{
    if (status != DYN_OK && first->status == DYN_OK) *first = call->error;
}

typedef dyn_status maintain_one(dyn_call *call, dyn_session *session,
                                const char *name, int64_t *work);

static dyn_status for_each(dyn_call *call, dyn_session *session,
                           maintain_one *one, int64_t *work, dyn_error *first)
{
    const table_name *names = NULL;
    size_t count = 0;
    sqlite3_stmt *hold = NULL;
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status = tables_list(call, session, &names, &count);
    sqlite3_finalize(hold);
    if (status != DYN_OK) return status;
    for (size_t i = 0; i < count; i++) {
        char *name = dyn_format(call, "%s.%s", names[i].schema, names[i].name);
        if (name == NULL) return DYN_NOMEM;
        status = one(call, session, name, work);
        if (status == DYN_NOMEM) return status;
        note(first, call, status);
    }
    return DYN_OK;
}

/* What is due comes first: what expires is replicated, and what is replicated
 * is handled. */
static dyn_status maintain_all(dyn_call *call, dyn_session *session,
                               int64_t *work)
{
    dyn_error first = {.status = DYN_OK};
    DYN_TRY(for_each(call, session, maintain_table, work, &first));
    dyn_status status = replicas_run(call, session, work);
    if (status == DYN_NOMEM) return status;
    note(&first, call, status);
    DYN_TRY(for_each(call, session, run_handlers, work, &first));
    if (first.status != DYN_OK) call->error = first;
    return first.status;
}

static void maintain(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    dyn_call call;
    int64_t work = 0;
    dyn_session *session = sqlite3_user_data(context);
    dyn_call_begin(&call);
    dyn_tables_pin(session);
    dyn_status status = maintain_all(&call, session, &work);
    dyn_tables_unpin(session);
    if (status == DYN_OK) {
        sqlite3_result_int64(context, work);
    } else {
        bridge_result_error(context, &call, status);
    }
    dyn_call_end(&call);
}

int maintain_register(sqlite3 *db, dyn_session *session)
{
    static const sql_function function = {"dynamo_maintain", 0,
                                          SQLITE_DIRECTONLY, maintain};
    return sql_functions_of_session(db, &function, 1, session);
}
