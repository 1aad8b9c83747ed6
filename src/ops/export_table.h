/*
 * Export of a table: its items as lines of DynamoDB JSON, `{"Item":{…}}`, or
 * the items that have changed in a period (docs/semantics.md 20). It consumes
 * no units.
 *
 * The caller holds a read transaction, so that what is exported is one state.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_EXPORT_TABLE_H
#define DYN_OPS_EXPORT_TABLE_H

#include "engine/table.h"
#include "ops/export_files.h"

/*
 * Write the items of a table, which is up to date. job has its id; its counts
 * are set, and its manifest, a path relative to that of the request, if it is a
 * folder.
 *
 * Fails with DYN_INVALID when a file cannot be written, as folder.h says, when
 * the log does not go back to the time of the request (restore.h has the
 * window), or when no stream has all changes of the period; as the store does.
 * Files of a folder that are whole stay; the manifest is written last.
 */
dyn_status dyn_export_table(dyn_call *call, dyn_table *table,
                            const dyn_export_request *request, dyn_job *job);

#endif
