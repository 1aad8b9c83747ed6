/*
 * The files of an export: one, or those of a folder as the service lays it out
 * (docs/semantics.md 20). What is in their lines is for the caller.
 *
 * Functions fail with DYN_INVALID when a file cannot be written, as
 * file/folder.h says; DYN_NOMEM.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_EXPORT_FILES_H
#define DYN_OPS_EXPORT_FILES_H

#include "base/buffer.h"
#include "file/writer.h"
#include "ops/job.h"

#define DYN_EXPORT_FILE_BYTES_DEFAULT (INT64_C(32) << 20)

/* What is exported of a time: the items that have changed. */
typedef struct dyn_export_period {
    int64_t from_ms; /* since 1970 */
    int64_t to_ms;   /* without what is later */
    bool has_old;    /* with the items as they were before */
} dyn_export_period;

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
    const dyn_export_period *period; /* into a folder; NULL: all items, */
    int64_t time_ms; /* as they were at the end of it; 0: as they are */
} dyn_export_request;

typedef struct dyn_export_files {
    dyn_call *call; /* for what lives as long as the export */
    const dyn_export_request *request;
    dyn_job *job;
    const char *folder;  /* of the one export; NULL: it is a file */
    dyn_writer *writer;  /* of the present file, if it is open. Owned */
    const char *name;    /* of that file, in the folder AWSDynamoDB */
    int64_t file_items;  /* in it so far */
    int64_t file_bytes;  /* of text */
    int files;           /* so far */
    dyn_buffer manifest; /* a line for each file */
} dyn_export_files;

/* Where an export goes by its path alone: into a folder if one is there, or
 * the path ends in a slash. */
bool dyn_export_is_folder(const char *path);

/* Fail with DYN_INVALID unless a folder is there. */
dyn_status dyn_export_check_folder(dyn_call *call, const char *path);

/* Begin: make the folder, or the file. dyn_export_discard() has to follow. job
 * has its id; its counts are set from now on. */
dyn_status dyn_export_begin(dyn_call *call, const dyn_export_request *request,
                            dyn_job *job, dyn_export_files *out);

/* Add the line of an item. A failure is left in call, or in that of the
 * export. */
dyn_status dyn_export_add(dyn_call *call, dyn_export_files *out,
                          dyn_bytes line);

/* All is written: end the last file, and write the manifest of a folder. */
dyn_status dyn_export_end(dyn_export_files *out);

/* Remove a file that is not whole. */
void dyn_export_discard(dyn_export_files *out);

#endif
