/* Exports and imports within SQLite's transactions, and their rows of
 * _dynamo_jobs (jobs.h). Outside of a transaction, an import commits each of
 * its steps; within one, it is all or nothing, as an export's row is. */
#ifndef EXT_TRANSFER_H
#define EXT_TRANSFER_H

#include "ops/export_table.h"
#include "ops/import_table.h"

/* Fail with DYN_INVALID where no file may be opened: in a statement that
 * writes, in an estimate. */
dyn_status transfer_check(dyn_call *call, const dyn_session *session,
                          const char *function);

/*
 * Export a table by its name (tables_find()), or import into it; *job is told
 * in the memory of call. Neither leaves a transaction open that was not.
 *
 * Fail as tables_find(), dyn_export_table(), dyn_import_step() and SQLite do.
 * An import that is refused for its items is no failure: job->state tells it. A
 * database that may not be written has no row of its export.
 */
dyn_status transfer_export(dyn_call *call, dyn_session *session,
                           const char *name, const dyn_export_request *request,
                           const dyn_job_origin *origin, dyn_job *job);
dyn_status transfer_import(dyn_call *call, dyn_session *session,
                           const char *name, dyn_import *import,
                           const dyn_job_origin *origin, dyn_job *job);

#endif
