/*
 * Export of a table: its items as lines of DynamoDB JSON, `{"Item":{…}}`, in
 * one file, or in a folder as the service lays out its exports
 * (docs/semantics.md 20). It consumes no units.
 *
 * The caller holds a read transaction, so that what is exported is one state.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_EXPORT_TABLE_H
#define DYN_OPS_EXPORT_TABLE_H

#include "engine/table.h"
#include "ops/job.h"

#define DYN_EXPORT_FILE_BYTES_DEFAULT (INT64_C(32) << 20)

typedef struct dyn_export_request {
    const char *path;       /* of the file, or of the folder */
    bool is_folder;         /* the service's layout, in a new folder
                             * AWSDynamoDB/ID in it; it is made if need be */
    bool may_replace;       /* a file that is there */
    int64_t file_bytes_max; /* of text in each file of a folder; it ends behind
                             * the line that passes this */
    const char *bucket;     /* what the manifest says of where it lies; NULL:
                             * the path, and no prefix */
    const char *prefix;
} dyn_export_request;

/* Fail with DYN_INVALID unless a folder is there. */
dyn_status dyn_export_check_folder(dyn_call *call, const char *path);

/* Where an export goes by its path alone: into a folder if one is there, or
 * the path ends in a slash. */
bool dyn_export_is_folder(const char *path);

/*
 * Write the items of a table, which is up to date. job has its id; its counts
 * are set, and its manifest, a path relative to that of the request, if it is a
 * folder.
 *
 * Fails with DYN_INVALID when a file cannot be written, as folder.h says; as
 * the store does. Files of a folder that are whole stay; the manifest is
 * written last.
 */
dyn_status dyn_export_table(dyn_call *call, dyn_table *table,
                            const dyn_export_request *request, dyn_job *job);

#endif
