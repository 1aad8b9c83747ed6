/* Exports and imports as a connection tells of them: rows of an ordinary table
 * _dynamo_jobs beside the dynamo table, made when it is needed first. */
#ifndef EXT_JOBS_H
#define EXT_JOBS_H

#include "base/sqlite.h"
#include "engine/table.h"
#include "ops/job.h"

/* A new job of a table, which is up to date, in the memory of call: it has
 * begun, and is not written yet. Fails with DYN_CORRUPT, DYN_SQLITE, DYN_NOMEM.
 */
dyn_status jobs_new(dyn_call *call, dyn_table *table, dyn_job_kind kind,
                    const char *path, dyn_job *out);

/* Write a job that is new in a schema; or what became of it. Fail with
 * DYN_SQLITE, DYN_NOMEM. */
dyn_status jobs_add(dyn_call *call, sqlite3 *db, const char *schema,
                    const dyn_job *job);
dyn_status jobs_update(dyn_call *call, sqlite3 *db, const char *schema,
                       const dyn_job *job);

/* All jobs of all schemas, the oldest first, in the memory of call. Fails with
 * DYN_SQLITE, DYN_NOMEM. */
dyn_status jobs_list(dyn_call *call, dyn_session *session, dyn_job **jobs,
                     size_t *count);

/* export, import; IN_PROGRESS, COMPLETED, FAILED. */
const char *jobs_kind_name(dyn_job_kind kind);
const char *jobs_state_name(dyn_job_state state);

#endif
