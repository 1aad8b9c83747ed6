/* The table of jobs; the contracts are in jobs.h. */
#include "jobs.h"

#include "base/clock.h"
#include "bridge.h"
#include "tables.h"

#include <inttypes.h>
#include <stdlib.h>

/* The columns, in the order in which they are bound and read. */
#define COLUMNS                                                                \
    "id, kind, table_name, table_id, path, state, items, deletes, bytes, "     \
    "errors, message, started_ms, updated_ms, ended_ms, manifest, token, "     \
    "request"

static const char *const kinds[] = {
    [DYN_JOB_EXPORT] = "export",
    [DYN_JOB_IMPORT] = "import",
};
static const char *const states[] = {
    [DYN_JOB_RUNNING] = "IN_PROGRESS",
    [DYN_JOB_COMPLETED] = "COMPLETED",
    [DYN_JOB_FAILED] = "FAILED",
};

const char *jobs_kind_name(dyn_job_kind kind)
{
    return kinds[kind];
}

const char *jobs_state_name(dyn_job_state state)
{
    return states[state];
}

dyn_status jobs_new(dyn_call *call, dyn_table *table, dyn_job_kind kind,
                    const char *path, dyn_job *out)
{
    uint32_t number = 0;
    dyn_birth birth;
    int64_t now_ms = dyn_clock_now_ms();
    sqlite3_randomness(sizeof(number), &number);
    DYN_TRY(dyn_table_birth(call, table, &birth));
    *out = (dyn_job){
        .id = dyn_format(call, "%014" PRId64 "-%08" PRIx32,
                         now_ms > 0 ? now_ms : 0, number),
        .kind = kind,
        .table = dyn_format(call, "%s", dyn_table_label(table)),
        .table_id = dyn_format(call, "%.*s", (int)birth.id.size_bytes,
                               (const char *)birth.id.data),
        .path = path,
        .started_ms = now_ms,
        .updated_ms = now_ms,
    };
    bool is_whole =
        out->id != NULL && out->table != NULL && out->table_id != NULL;
    return is_whole ? DYN_OK : DYN_NOMEM;
}

/* --------------------------------------------------------------- writing -- */

/* One statement with all columns of a job; the name of a schema is put in. */
static dyn_status write_job(dyn_call *call, sqlite3 *db, const char *format,
                            const char *schema, const dyn_job *job)
{
    sqlite3_stmt *statement = NULL;
    const char *const texts[] = {job->id,    kinds[job->kind],
                                 job->table, job->table_id,
                                 job->path,  states[job->state]};
    const int64_t counts[] = {job->items, job->deletes, job->bytes,
                              job->errors};
    const int64_t times[] = {job->started_ms, job->updated_ms};
    const char *const others[] = {job->manifest, job->origin.token,
                                  job->origin.request};
    char *sql = sqlite3_mprintf(format, schema);
    if (sql == NULL) return dyn_fail_nomem(call);
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    sqlite3_free(sql);
    if (rc != SQLITE_OK) return bridge_fail(call, db);
    int at = 0;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        sqlite3_bind_text(statement, ++at, texts[i], -1, SQLITE_STATIC);
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        sqlite3_bind_int64(statement, ++at, counts[i]);
    sqlite3_bind_text(statement, ++at, job->message, -1, SQLITE_STATIC);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        sqlite3_bind_int64(statement, ++at, times[i]);
    ++at;
    if (job->ended_ms != 0) sqlite3_bind_int64(statement, at, job->ended_ms);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        sqlite3_bind_text(statement, ++at, others[i], -1, SQLITE_STATIC);
    sqlite3_int64 users = sqlite3_last_insert_rowid(db);
    sqlite3_step(statement);
    rc = sqlite3_finalize(statement);
    sqlite3_set_last_insert_rowid(db, users);
    return rc == SQLITE_OK ? DYN_OK : bridge_fail(call, db);
}

dyn_status jobs_add(dyn_call *call, sqlite3 *db, const char *schema,
                    const dyn_job *job)
{
    char *sql = sqlite3_mprintf(
        "CREATE TABLE IF NOT EXISTS \"%w\"._dynamo_jobs(id TEXT PRIMARY KEY, "
        "kind TEXT, table_name TEXT, table_id TEXT, path TEXT, state TEXT, "
        "items INTEGER, deletes INTEGER, bytes INTEGER, errors INTEGER, "
        "message TEXT, started_ms INTEGER, updated_ms INTEGER, ended_ms "
        "INTEGER, manifest TEXT, token TEXT, request TEXT)",
        schema);
    if (sql == NULL) return dyn_fail_nomem(call);
    dyn_status status = bridge_run(call, db, sql);
    sqlite3_free(sql);
    if (status != DYN_OK) return status;
    return write_job(call, db,
                     "INSERT INTO \"%w\"._dynamo_jobs(" COLUMNS
                     ") VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
                     "?)",
                     schema, job);
}

dyn_status jobs_update(dyn_call *call, sqlite3 *db, const char *schema,
                       const dyn_job *job)
{
    return write_job(
        call, db,
        "UPDATE \"%w\"._dynamo_jobs SET state = ?6, items = ?7, deletes = ?8, "
        "bytes = ?9, errors = ?10, message = ?11, updated_ms = ?13, ended_ms = "
        "?14, manifest = ?15, request = ?17 WHERE id = ?1",
        schema, job);
}

/* --------------------------------------------------------------- reading -- */

typedef struct columns {
    dyn_call *call;
    sqlite3_stmt *row;
    int at;
    bool failed; /* there was no memory */
} columns;

static const char *next_text(columns *in)
{
    int at = in->at++;
    if (sqlite3_column_type(in->row, at) == SQLITE_NULL) return NULL;
    const char *text = (const char *)sqlite3_column_text(in->row, at);
    const char *copy = text == NULL ? NULL : dyn_format(in->call, "%s", text);
    if (copy == NULL) in->failed = true;
    return copy;
}

static int64_t next_number(columns *in)
{
    return sqlite3_column_int64(in->row, in->at++);
}

/* Whose row is not one of ours is of no job. */
static bool read_words(columns *in, dyn_job *out)
{
    const char *kind = (const char *)sqlite3_column_text(in->row, 1);
    const char *state = (const char *)sqlite3_column_text(in->row, 5);
    if (kind == NULL || state == NULL) return false;
    out->kind = strcmp(kind, kinds[DYN_JOB_IMPORT]) == 0 ? DYN_JOB_IMPORT
                                                         : DYN_JOB_EXPORT;
    out->state = DYN_JOB_RUNNING;
    for (int i = DYN_JOB_RUNNING; i <= DYN_JOB_FAILED; i++) {
        if (strcmp(state, states[i]) == 0) out->state = (dyn_job_state)i;
    }
    return true;
}

static dyn_status read_job(dyn_call *call, sqlite3_stmt *row, dyn_buffer *out)
{
    columns in = {.call = call, .row = row};
    dyn_job job;
    if (!read_words(&in, &job)) return DYN_OK;
    job.id = next_text(&in);
    in.at++;
    job.table = next_text(&in);
    job.table_id = next_text(&in);
    job.path = next_text(&in);
    in.at++;
    job.items = next_number(&in);
    job.deletes = next_number(&in);
    job.bytes = next_number(&in);
    job.errors = next_number(&in);
    job.message = next_text(&in);
    job.started_ms = next_number(&in);
    job.updated_ms = next_number(&in);
    job.ended_ms = next_number(&in);
    job.manifest = next_text(&in);
    job.origin.token = next_text(&in);
    job.origin.request = next_text(&in);
    if (in.failed) return dyn_fail_nomem(call);
    bool is_whole = job.id != NULL && job.table != NULL &&
                    job.table_id != NULL && job.path != NULL;
    if (is_whole) dyn_buffer_add(out, &job, sizeof(job));
    return DYN_OK;
}

/* Where there is no such table there are no jobs. */
static dyn_status read_schema(dyn_call *call, sqlite3 *db, const char *schema,
                              dyn_buffer *out)
{
    sqlite3_stmt *rows = NULL;
    if (sqlite3_table_column_metadata(db, schema, "_dynamo_jobs", "request",
                                      NULL, NULL, NULL, NULL,
                                      NULL) != SQLITE_OK) {
        return DYN_OK;
    }
    char *sql = sqlite3_mprintf(
        "SELECT " COLUMNS " FROM \"%w\"._dynamo_jobs ORDER BY rowid", schema);
    if (sql == NULL) return dyn_fail_nomem(call);
    int rc = sqlite3_prepare_v2(db, sql, -1, &rows, NULL);
    sqlite3_free(sql);
    if (rc != SQLITE_OK) return bridge_fail(call, db);
    dyn_status status = DYN_OK;
    while (status == DYN_OK && (rc = sqlite3_step(rows)) == SQLITE_ROW)
        status = read_job(call, rows, out);
    if (status == DYN_OK && rc != SQLITE_DONE) status = bridge_fail(call, db);
    sqlite3_finalize(rows);
    return status;
}

dyn_status jobs_list(dyn_call *call, dyn_session *session, dyn_job **jobs,
                     size_t *count)
{
    const char **schemas = NULL;
    size_t schema_count = 0;
    dyn_buffer all;
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(tables_schemas(call, session, &schemas, &schema_count));
    dyn_buffer_begin(&all, call, 4 * sizeof(dyn_job));
    for (size_t i = 0; i < schema_count; i++)
        DYN_TRY(read_schema(call, session->db, schemas[i], &all));
    DYN_TRY(dyn_buffer_end(&all, &bytes));
    *jobs = (dyn_job *)(uintptr_t)bytes.data;
    *count = bytes.size_bytes / sizeof(dyn_job);
    return DYN_OK;
}
