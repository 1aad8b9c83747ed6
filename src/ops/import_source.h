/*
 * What an import reads: one file, the files of a folder, or those of an export
 * of the service, which its manifest names (docs/semantics.md 20).
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_IMPORT_SOURCE_H
#define DYN_OPS_IMPORT_SOURCE_H

#include "base/call.h"

#include <stdint.h>

typedef struct dyn_source_file {
    const char *path;
    int64_t items; /* that the manifest says it has; -1: it says nothing */
} dyn_source_file;

typedef struct dyn_import_source {
    const dyn_source_file *files;
    size_t count;
} dyn_import_source;

/*
 * Find the files. path is that of a file, of a manifest-summary.json, of a
 * folder with one, of a folder with the folder AWSDynamoDB of one export, or of
 * any other folder: all its files are read. If verifies is set, the sums that a
 * manifest has of its files are checked, which reads them.
 *
 * Everything is in the memory of call. Fails with DYN_INVALID when there is no
 * such file, when an export is not whole, or when a sum is another; DYN_NOMEM.
 */
dyn_status dyn_import_find(dyn_call *call, const char *path, bool verifies,
                           dyn_import_source *out);

#endif
