/*
 * dynamo_handlers, dynamo_replicas and dynamo_jobs: how far the work is that is
 * done beside reads and writes.
 */
#include "look.h"

#include "base/clock.h"
#include "base/time_text.h"
#include "jobs.h"
#include "ops/handler.h"
#include "replicas.h"

static dyn_status add_handler(dyn_call *call, dyn_table *table,
                              const dyn_handler *handler, dyn_buffer *rows)
{
    const char *name = NULL;
    int64_t behind = 0;
    int64_t first = 0;
    const dyn_handler_state *state = &handler->state;
    DYN_TRY(look_table_name(call, table, &name));
    DYN_TRY(dyn_log_count_behind(call, dyn_table_store(table),
                                 handler->position, &behind, &first));
    const char *next = NULL;
    if (state->failures > 0)
        DYN_TRY(dyn_time_text(call, state->next_ms, &next));
    int64_t lag_ms = dyn_clock_now_ms() - dyn_log_time_ms(first);
    look_row out = {{
        look_text(name),
        look_text((const char *)handler->name.data),
        look_number(handler->is_sync),
        look_text((const char *)handler->settings.sql.data),
        look_text(handler->settings.filter.size_bytes == 0
                      ? NULL
                      : (const char *)handler->settings.filter.data),
        look_number(handler->position),
        look_number(behind),
        look_number(behind == 0 || lag_ms < 0 ? 0 : lag_ms),
        look_number(state->handled),
        look_number(state->dead),
        look_number(state->failures),
        look_text(next),
        look_text(state->error.size_bytes == 0
                      ? NULL
                      : (const char *)state->error.data),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_handlers(dyn_call *call, dyn_table *table,
                               dyn_buffer *rows)
{
    dyn_handler *handlers = NULL;
    size_t count = 0;
    DYN_TRY(dyn_handlers(call, table, &handlers, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_handler(call, table, &handlers[i], rows));
    return DYN_OK;
}

const looking_table look_handlers = {
    .name = "dynamo_handlers",
    .declaration =
        "CREATE TABLE x(table_name, name, sync, sql, filter, sequence, "
        "behind, lag_ms, handled, dead, failures, next_attempt, error, "
        "argument HIDDEN)",
    .columns = 13,
    .add = add_handlers,
};

/* What is the matter with a replica. */
static dyn_status replica_state(dyn_call *call, dyn_table *table,
                                const dyn_replica *replica, const char **out)
{
    bool found = false;
    dyn_birth birth;
    dyn_replica known;
    dyn_table *other = NULL;
    *out = "away";
    DYN_TRY(replicas_find(call, dyn_table_session(table), replica->id, &other));
    if (other == NULL) return DYN_OK;
    DYN_TRY(dyn_table_birth(call, table, &birth));
    DYN_TRY(dyn_replica_find_id(call, other, birth.id, &found, &known));
    *out = found ? "ACTIVE" : "dropped";
    return DYN_OK;
}

/* How many changes that were made here wait for a region, and since when. */
static dyn_status add_replica(dyn_call *call, dyn_table *table,
                              const dyn_replica *replica, dyn_buffer *rows)
{
    const char *name = NULL;
    const char *schema = dyn_format(call, "%s", dyn_table_schema(table));
    const char *state = NULL;
    dyn_waiting waiting;
    if (schema == NULL) return DYN_NOMEM;
    DYN_TRY(look_table_name(call, table, &name));
    DYN_TRY(replica_state(call, table, replica, &state));
    DYN_TRY(dyn_replica_waiting(call, table, replica, &waiting));
    int64_t lag_ms = dyn_clock_now_ms() - dyn_log_time_ms(waiting.first);
    look_row out = {{
        look_text(schema),
        look_text(name),
        look_text((const char *)replica->region.data),
        look_text(state),
        look_number(replica->is_strong),
        look_number(waiting.count),
        look_number(waiting.count == 0 || lag_ms < 0 ? 0 : lag_ms),
        look_number(replica->position),
        look_number(replica->received),
        look_number(replica->conflicts),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_replicas(dyn_call *call, dyn_table *table,
                               dyn_buffer *rows)
{
    dyn_replica *replicas = NULL;
    size_t count = 0;
    DYN_TRY(dyn_replicas(call, table, &replicas, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_replica(call, table, &replicas[i], rows));
    return DYN_OK;
}

const looking_table look_replicas = {
    .name = "dynamo_replicas",
    .declaration =
        "CREATE TABLE x(schema_name, table_name, region, state, strong, "
        "behind, lag_ms, sequence, received, conflicts, argument HIDDEN)",
    .columns = 10,
    .add = add_replicas,
};

/* NULL for a time that has not come. */
static dyn_status moment_cell(dyn_call *call, int64_t time_ms, look_cell *out)
{
    const char *text = NULL;
    if (time_ms != 0) DYN_TRY(dyn_time_text(call, time_ms, &text));
    *out = look_text(text);
    return DYN_OK;
}

static dyn_status add_job(dyn_call *call, const dyn_job *job, dyn_buffer *rows)
{
    look_cell started;
    look_cell updated;
    look_cell ended;
    DYN_TRY(moment_cell(call, job->started_ms, &started));
    DYN_TRY(moment_cell(call, job->updated_ms, &updated));
    DYN_TRY(moment_cell(call, job->ended_ms, &ended));
    look_row out = {{
        look_text(job->id),
        look_text(jobs_kind_name(job->kind)),
        look_text(job->table),
        look_text(job->path),
        look_text(jobs_state_name(job->state)),
        look_number(job->items),
        look_number(job->deletes),
        look_number(job->errors),
        look_number(job->bytes),
        look_text(job->message),
        started,
        updated,
        ended,
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

/* Jobs stay when their table is gone. */
static dyn_status add_jobs(dyn_call *call, dyn_session *session,
                           const char *name, dyn_buffer *rows)
{
    dyn_job *jobs = NULL;
    size_t count = 0;
    DYN_TRY(jobs_list(call, session, &jobs, &count));
    for (size_t i = 0; i < count; i++) {
        if (name == NULL || sqlite3_stricmp(name, jobs[i].table) == 0)
            DYN_TRY(add_job(call, &jobs[i], rows));
    }
    return DYN_OK;
}

const looking_table look_jobs = {
    .name = "dynamo_jobs",
    .declaration =
        "CREATE TABLE x(id, kind, table_name, path, state, items, deletes, "
        "errors, bytes, message, started, updated, ended, argument HIDDEN)",
    .columns = 13,
    .add_others = add_jobs,
};
