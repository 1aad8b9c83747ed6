/* Paths and folders; the contracts are in folder.h. */
// NOLINTNEXTLINE(bugprone-reserved-identifier): POSIX names it so
#define _POSIX_C_SOURCE 200809L
#include "file/folder.h"

#include "base/buffer.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

dyn_path_kind dyn_path_kind_of(const char *path)
{
    struct stat found;
    if (stat(path, &found) != 0) return DYN_PATH_NONE;
    if (S_ISREG(found.st_mode)) return DYN_PATH_FILE;
    return S_ISDIR(found.st_mode) ? DYN_PATH_FOLDER : DYN_PATH_OTHER;
}

bool dyn_path_ends_in_slash(const char *path)
{
    size_t length = strlen(path);
    return length > 0 && path[length - 1] == '/';
}

const char *dyn_path_join(dyn_call *call, const char *folder, const char *name)
{
    return dyn_format(call, "%s%s%s", folder,
                      dyn_path_ends_in_slash(folder) ? "" : "/", name);
}

dyn_status dyn_path_fail(dyn_call *call, const char *path)
{
    enum { WORDS_BYTES = 200 };
    char words[WORDS_BYTES] = "";
    int code = errno;
    if (strerror_r(code, words, sizeof(words)) != 0) words[0] = '\0';
    return dyn_fail(call, DYN_INVALID, "%s: %s", path, words);
}

static bool make_one(const char *path)
{
    enum { ALL_MAY = 0777 }; /* less what the process does not let */
    return mkdir(path, ALL_MAY) == 0 || errno == EEXIST;
}

dyn_status dyn_folder_make(dyn_call *call, const char *path)
{
    char *part = dyn_format(call, "%s", path);
    if (part == NULL) return DYN_NOMEM;
    for (char *c = part + 1; part[0] != '\0' && *c != '\0'; c++) {
        if (*c != '/') continue;
        *c = '\0';
        if (!make_one(part)) return dyn_path_fail(call, part);
        *c = '/';
    }
    if (make_one(part) && dyn_path_kind_of(part) == DYN_PATH_FOLDER)
        return DYN_OK;
    return dyn_path_fail(call, part);
}

dyn_status dyn_folder_sync(dyn_call *call, const char *path)
{
    int folder = open(path, O_RDONLY | O_CLOEXEC);
    bool is_done = folder >= 0 && (fsync(folder) == 0 || errno == EINVAL);
    dyn_status status = is_done ? DYN_OK : dyn_path_fail(call, path);
    if (folder >= 0) close(folder);
    return status;
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static dyn_status add_names(dyn_call *call, DIR *folder, const char *path,
                            dyn_buffer *out)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL)
            return errno == 0 ? DYN_OK : dyn_path_fail(call, path);
        if (entry->d_name[0] == '.') continue;
        const char *name = dyn_format(call, "%s", entry->d_name);
        if (name == NULL) return DYN_NOMEM;
        dyn_buffer_add(out, (const void *)&name, sizeof(name));
    }
}

dyn_status dyn_folder_list(dyn_call *call, const char *path,
                           const char ***names, size_t *count)
{
    enum { ROOM_NAMES = 16 };
    dyn_buffer all;
    dyn_bytes bytes = {NULL, 0};
    DIR *folder = opendir(path);
    if (folder == NULL) return dyn_path_fail(call, path);
    dyn_buffer_begin(&all, call, ROOM_NAMES * sizeof(char *));
    dyn_status status = add_names(call, folder, path, &all);
    closedir(folder);
    if (status == DYN_OK) status = dyn_buffer_end(&all, &bytes);
    if (status != DYN_OK) return status;
    *names = (const char **)(void *)bytes.data;
    *count = bytes.size_bytes / sizeof(char *);
    if (*count > 0)
        qsort((void *)*names, *count, sizeof(char *), compare_names);
    return DYN_OK;
}
