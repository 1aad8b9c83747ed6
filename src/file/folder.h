/*
 * Paths and folders of the file system.
 *
 * A failure is DYN_INVALID with the path and the system's words, `/no/such: No
 * such file or directory`; DYN_NOMEM.
 *
 * Layer: file.
 */
#ifndef DYN_FILE_FOLDER_H
#define DYN_FILE_FOLDER_H

#include "base/call.h"

typedef enum dyn_path_kind {
    DYN_PATH_NONE, /* nothing is there, or it may not be looked at */
    DYN_PATH_FILE,
    DYN_PATH_FOLDER,
    DYN_PATH_OTHER, /* a device, a pipe, a socket */
} dyn_path_kind;

dyn_path_kind dyn_path_kind_of(const char *path);

/* Whether a path names a folder by ending in a slash. */
bool dyn_path_ends_in_slash(const char *path);

/* folder/name in the memory of call, with one slash between them; NULL when
 * there is none. */
const char *dyn_path_join(dyn_call *call, const char *folder, const char *name);

/* Fail with the system's words for what went wrong last. */
dyn_status dyn_path_fail(dyn_call *call, const char *path);

/* Make a folder, and those above it, unless they are there. */
dyn_status dyn_folder_make(dyn_call *call, const char *path);

/* Write to the disk which names a folder has. */
dyn_status dyn_folder_sync(dyn_call *call, const char *path);

/* The names in a folder but hidden ones, in the order of their bytes, in the
 * memory of call. */
dyn_status dyn_folder_list(dyn_call *call, const char *path,
                           const char ***names, size_t *count);

#endif
