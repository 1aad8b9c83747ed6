#include "power_vfs.h"

#include "power_random.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 200, NO_FILE = -1 };

const char *const power_suffixes[POWER_NAMES] = {"", "-journal", "-wal"};

typedef struct vfs_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
    power_name name;
    int file; /* NO_FILE: it is not recorded */
    bool syncs_directory;
} vfs_file;

static sqlite3_vfs *real_vfs;
static power_record *current; /* NULL: nothing is recorded */
static char paths[POWER_NAMES][PATH_BYTES];
static int named[POWER_NAMES]; /* the file that has the name, or NO_FILE */
static power_random vfs_random;

/* ------------------------------------------------------------ the record -- */

static void *must_have(void *memory)
{
    if (memory == NULL) abort();
    return memory;
}

static void add(power_event event)
{
    if (current->count == current->capacity) {
        current->capacity = 2 * current->capacity + 64;
        current->events = must_have(realloc(
            current->events, current->capacity * sizeof(*current->events)));
    }
    current->events[current->count++] = event;
}

static void add_of(const vfs_file *file, power_kind kind, int64_t at)
{
    if (file->file == NO_FILE) return;
    add((power_event){
        .kind = kind, .name = file->name, .file = file->file, .at = at});
}

/* The name that a path stands for; POWER_NAMES if it is not recorded. */
static power_name name_of(const char *path)
{
    power_name name = POWER_MAIN;
    if (current == NULL || path == NULL) return POWER_NAMES;
    while (name < POWER_NAMES && strcmp(path, paths[name]) != 0)
        name++;
    return name;
}

void power_vfs_begin(power_record *record, const char *path, uint64_t seed)
{
    for (int name = 0; name < POWER_NAMES; name++) {
        snprintf(paths[name], PATH_BYTES, "%s%s", path, power_suffixes[name]);
        named[name] = NO_FILE;
    }
    vfs_random.state = seed;
    sqlite3_randomness(0, NULL); /* it takes a new seed from the VFS */
    current = record;
}

void power_vfs_end(void)
{
    current = NULL;
}

void power_record_free(power_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        free(record->events[i].bytes);
    free(record->events);
    *record = (power_record){0};
}

/* ----------------------------------------------------------------- files -- */

#define REAL(file) (((vfs_file *)(file))->real)
#define PASS(file, method, ...)                                                \
    (REAL(file)->pMethods->method(REAL(file), __VA_ARGS__))

static int file_close(sqlite3_file *f)
{
    return REAL(f)->pMethods->xClose(REAL(f));
}
static int file_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return PASS(f, xRead, to, n, at);
}
static int file_write(sqlite3_file *f, const void *from, int n,
                      sqlite3_int64 at)
{
    const vfs_file *file = (vfs_file *)f;
    if (file->file != NO_FILE) {
        size_t size = (size_t)n;
        void *bytes = must_have(malloc(size));
        add((power_event){POWER_WRITE, file->name, file->file, at, size,
                          memcpy(bytes, from, size)});
    }
    return PASS(f, xWrite, from, n, at);
}
static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    add_of((vfs_file *)f, POWER_TRUNCATE, size);
    return PASS(f, xTruncate, size);
}
static int file_sync(sqlite3_file *f, int flags)
{
    (void)flags;
    vfs_file *file = (vfs_file *)f;
    add_of(file, POWER_SYNC, 0);
    if (file->syncs_directory) add_of(file, POWER_SYNC_DIRECTORY, 0);
    file->syncs_directory = false;
    return SQLITE_OK;
}
static int file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return PASS(f, xFileSize, size);
}
static int file_lock(sqlite3_file *f, int level)
{
    return PASS(f, xLock, level);
}
static int file_unlock(sqlite3_file *f, int level)
{
    return PASS(f, xUnlock, level);
}
static int file_reserved(sqlite3_file *f, int *out)
{
    return PASS(f, xCheckReservedLock, out);
}
static int file_control(sqlite3_file *f, int op, void *argument)
{
    return PASS(f, xFileControl, op, argument);
}
static int file_sector(sqlite3_file *f)
{
    (void)f;
    return 512;
}
static int file_device(sqlite3_file *f)
{
    (void)f;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}
static int file_shm_map(sqlite3_file *f, int page, int size, int extend,
                        void volatile **out)
{
    return PASS(f, xShmMap, page, size, extend, out);
}
static int file_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return PASS(f, xShmLock, offset, n, flags);
}
static void file_shm_barrier(sqlite3_file *f)
{
    REAL(f)->pMethods->xShmBarrier(REAL(f));
}
static int file_shm_unmap(sqlite3_file *f, int remove)
{
    return PASS(f, xShmUnmap, remove);
}

static const sqlite3_io_methods file_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = file_shm_map,
    .xShmLock = file_shm_lock,
    .xShmBarrier = file_shm_barrier,
    .xShmUnmap = file_shm_unmap,
};

/* --------------------------------------------------------------- the VFS -- */

static void note_open(vfs_file *file, power_name name, int flags)
{
    const int journals = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL;
    file->file = NO_FILE;
    file->syncs_directory = false;
    if (name == POWER_NAMES) return;
    bool is_new = named[name] == NO_FILE;
    if (is_new) named[name] = current->files++;
    file->name = name;
    file->file = named[name];
    file->syncs_directory =
        (flags & SQLITE_OPEN_CREATE) != 0 && (flags & journals) != 0;
    if (is_new) add_of(file, POWER_CREATE, 0);
}

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base,
                    int flags, int *out_flags)
{
    (void)vfs;
    vfs_file *file = (vfs_file *)base;
    file->real = (sqlite3_file *)(file + 1);
    int rc = real_vfs->xOpen(real_vfs, path, file->real, flags, out_flags);
    base->pMethods = file->real->pMethods != NULL ? &file_methods : NULL;
    if (rc == SQLITE_OK) note_open(file, name_of(path), flags);
    return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int syncs_directory)
{
    (void)vfs;
    power_name name = name_of(path);
    if (name != POWER_NAMES && named[name] != NO_FILE) {
        power_event event = {
            .kind = POWER_DELETE, .name = name, .file = named[name]};
        add(event);
        event.kind = POWER_SYNC_DIRECTORY;
        if (syncs_directory) add(event);
        named[name] = NO_FILE;
    }
    return real_vfs->xDelete(real_vfs, path, 0);
}

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *out)
{
    (void)vfs;
    for (int i = 0; i < count; i++)
        out[i] = (char)power_random_next(&vfs_random);
    return count;
}

void power_vfs_install(void)
{
    static sqlite3_vfs power;
    real_vfs = sqlite3_vfs_find(NULL);
    power = *real_vfs; /* whose other methods do not mind */
    power.zName = "power";
    power.szOsFile = (int)sizeof(vfs_file) + real_vfs->szOsFile;
    power.xOpen = vfs_open;
    power.xDelete = vfs_delete;
    power.xRandomness = vfs_randomness;
    sqlite3_vfs_register(&power, 1);
}
