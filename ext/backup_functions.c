/* dynamo_backup() and dynamo_restore(): the API's backups, without its JSON. */
#include "backup_functions.h"

#include "api/backup_description.h"
#include "api/restore.h"
#include "api_host.h"
#include "base/arn.h"
#include "base/clock.h"
#include "base/exception.h"
#include "base/time_text.h"
#include "bridge.h"
#include "ops/backup.h"
#include "ops/restore.h"
#include "sql_function.h"
#include "tables.h"
#include "times.h"

/* ------------------------------------------------------------ backing up -- */

/* A backup that is to be made; and its ARN. */
typedef struct backup_work {
    dyn_bytes table;
    dyn_bytes name;
    const char *arn;
} backup_work;

static dyn_status make_backup(dyn_call *call, const dyn_host *host,
                              void *context)
{
    backup_work *work = context;
    dyn_table *table = NULL;
    dyn_backup backup;
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(host->write(host->context, call, (const char *)work->table.data,
                        &table));
    dyn_status status = dyn_table_refresh(call, table);
    if (status == DYN_OK)
        status = dyn_create_backup(call, table, work->name, &backup);
    DYN_TRY(tables_name_failure(call, table, status));
    return dyn_backup_arn(call, &backup, &work->arn);
}

static dyn_status backup_text(dyn_call *call, dyn_session *session, int argc,
                              sqlite3_value **argv, dyn_bytes *out)
{
    (void)argc;
    backup_work work = {.arn = NULL};
    DYN_TRY(bridge_text(call, argv[0], &work.table));
    DYN_TRY(bridge_text(call, argv[1], &work.name));
    DYN_TRY(api_host_run(call, session, "dynamo_backup", make_backup, &work));
    *out = dyn_bytes_text(work.arn);
    return DYN_OK;
}

static void backup(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, backup_text);
}

/* ------------------------------------------------------------- restoring -- */

/* A restore that is to be made; and how many items it has restored. */
typedef struct restore_work {
    dyn_bytes source; /* the ARN of a backup, or the name of a table */
    dyn_bytes target;
    int64_t time_ms; /* of a table */
    int64_t items;
} restore_work;

static dyn_status restore_backup(dyn_call *call, const dyn_host *host,
                                 void *context)
{
    restore_work *work = context;
    dyn_backup found;
    dyn_origin origin = {.backup_arn = work->source};
    dyn_definition source;
    dyn_definition definition;
    const char *arn = NULL;
    dyn_table *table = NULL;
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_find_backup(call, host->session, work->source, &found));
    DYN_TRY(dyn_backup_table_arn(call, &found, &arn));
    origin.time_ms = found.created_ms;
    origin.table_arn = dyn_bytes_text(arn);
    DYN_TRY(dyn_backup_definition(call, &found, &source));
    DYN_TRY(dyn_restore_definition(call, &source, &definition));
    DYN_TRY(dyn_restore_create(call, host, work->target, &definition, &origin,
                               &table));
    work->items = found.items;
    return dyn_restore_backup(call, &found, table);
}

static dyn_status check_time(dyn_call *call, const dyn_table *source,
                             int64_t time_ms)
{
    dyn_restore_window window = dyn_restore_window_of(source);
    if (!window.is_there) {
        return dyn_fail(call, DYN_INVALID,
                        "there is no earlier time to restore to, for no "
                        "changes are kept: SELECT dynamo_alter('%s', "
                        "'point_in_time = 35') keeps them from now on",
                        dyn_table_label(source));
    }
    if (time_ms >= window.earliest_ms && time_ms <= window.latest_ms)
        return DYN_OK;
    const char *given = NULL;
    const char *earliest = NULL;
    const char *latest = NULL;
    DYN_TRY(dyn_time_text(call, time_ms, &given));
    DYN_TRY(dyn_time_text(call, window.earliest_ms, &earliest));
    DYN_TRY(dyn_time_text(call, window.latest_ms, &latest));
    return dyn_fail_as(call, "InvalidRestoreTimeException",
                       "it can be restored as it was from %s to %s, not at %s",
                       earliest, latest, given);
}

static dyn_status restore_found(dyn_call *call, const dyn_host *host,
                                dyn_table *source, restore_work *work)
{
    dyn_origin origin = {.time_ms = work->time_ms};
    dyn_definition definition;
    dyn_table *table = NULL;
    const char *arn =
        dyn_format(call, DYN_ARN_PREFIX "%s", dyn_table_label(source));
    if (arn == NULL) return DYN_NOMEM;
    origin.table_arn = dyn_bytes_text(arn);
    DYN_TRY(check_time(call, source, work->time_ms));
    DYN_TRY(dyn_restore_definition(call, dyn_table_definition(source),
                                   &definition));
    DYN_TRY(dyn_restore_create(call, host, work->target, &definition, &origin,
                               &table));
    return dyn_restore_past(call, source, work->time_ms, table, &work->items);
}

static dyn_status restore_past(dyn_call *call, const dyn_host *host,
                               void *context)
{
    restore_work *work = context;
    dyn_table *source = NULL;
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(host->write(host->context, call, (const char *)work->source.data,
                        &source));
    dyn_status status = dyn_table_refresh(call, source);
    if (status == DYN_OK) status = restore_found(call, host, source, work);
    return tables_name_failure(call, source, status);
}

static dyn_status read_time(dyn_call *call, sqlite3 *db, sqlite3_value *value,
                            int64_t *time_ms)
{
    bool is_move = false;
    DYN_TRY(times_read(call, db, "dynamo_restore", " or '-5 minutes'", value,
                       &is_move, time_ms));
    if (is_move) *time_ms += dyn_clock_now_ms();
    return DYN_OK;
}

/* A backup is of one time, a table is restored to a time that is given. */
static dyn_status restore_source(dyn_call *call, dyn_session *session,
                                 sqlite3_value *time, restore_work *work)
{
    bool is_backup = dyn_bytes_begin_with(work->source, dyn_bytes_text("arn:"));
    if (is_backup == (time == NULL)) {
        if (time != NULL)
            DYN_TRY(read_time(call, session->db, time, &work->time_ms));
        return api_host_run(call, session, "dynamo_restore",
                            is_backup ? restore_backup : restore_past, work);
    }
    return dyn_fail(
        call, DYN_INVALID,
        is_backup ? "dynamo_restore: a backup is of one time: leave the "
                    "third argument out: %.*s"
                  : "dynamo_restore: \"%.*s\" is no backup (SELECT arn "
                    "FROM dynamo_backups lists those there are); to "
                    "restore a table, say as of which time: "
                    "dynamo_restore('orders', 'copy', '-5 minutes')",
        (int)work->source.size_bytes, (const char *)work->source.data);
}

static void restore(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    enum { TIME = 2 };
    dyn_call call;
    restore_work work = {.items = 0};
    dyn_session *session = sqlite3_user_data(context);
    sqlite3_value *time = argc > TIME ? argv[TIME] : NULL;
    dyn_call_begin(&call);
    dyn_status status = bridge_text(&call, argv[0], &work.source);
    if (status == DYN_OK) status = bridge_text(&call, argv[1], &work.target);
    if (status == DYN_OK) status = restore_source(&call, session, time, &work);
    if (status == DYN_OK) {
        sqlite3_result_int64(context, work.items);
    } else {
        bridge_result_error(context, &call, status);
    }
    dyn_call_end(&call);
}

/* ---------------------------------------------------------- registration -- */

static const sql_function functions[] = {
    {"dynamo_backup", 2, SQLITE_DIRECTONLY, backup},
    {"dynamo_restore", 2, SQLITE_DIRECTONLY, restore},
    {"dynamo_restore", 3, SQLITE_DIRECTONLY, restore},
};

int backup_functions_register(sqlite3 *db, dyn_session *session)
{
    return sql_functions_of_session(
        db, functions, sizeof(functions) / sizeof(functions[0]), session);
}
