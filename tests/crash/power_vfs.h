/*
 * A VFS for tests of power cuts. It is the system's own, and keeps a record, in
 * order, of all that is asked of the disk for one database: writes,
 * truncations, syncs, and files that come and go. power_disk.h makes of the
 * record what a disk may hold after a cut at any point of it.
 *
 * The shared memory of a WAL is memory, so it is in no record. Nothing is
 * really synced, and random bytes are the same in each record with the same
 * seed. One thread, one database at a time.
 *
 * A directory is synced where SQLite's VFS for Unix does it: with the first
 * sync of a journal or WAL that was opened to be created, and with a deletion
 * that asks for it.
 */
#ifndef TESTS_POWER_VFS_H
#define TESTS_POWER_VFS_H

#include <stddef.h>
#include <stdint.h>

/* Files by their names, with the suffixes "", "-journal" and "-wal". */
typedef enum power_name {
    POWER_MAIN,
    POWER_JOURNAL,
    POWER_WAL,
    POWER_NAMES
} power_name;

extern const char *const power_suffixes[POWER_NAMES];

typedef enum power_kind {
    POWER_CREATE,   /* an empty file under a name that was free */
    POWER_WRITE,    /* `bytes`, `size` of them, at the offset `at` */
    POWER_TRUNCATE, /* to the size `at` */
    POWER_SYNC,
    POWER_DELETE,         /* of the name; the file is without one */
    POWER_SYNC_DIRECTORY, /* names are on the disk as they are now */
} power_kind;

/* A file has a number of its own: another one of the same name has another. */
typedef struct power_event {
    power_kind kind;
    power_name name;
    int file;
    int64_t at;
    size_t size;
    unsigned char *bytes;
} power_event;

typedef struct power_record {
    power_event *events;
    size_t count;
    size_t capacity;
    int files; /* their numbers are below */
} power_record;

/* Make it the default VFS. Ends the process if memory is out, as all here. */
void power_vfs_install(void);

/* Record into an empty record what happens to the database at an absolute path,
 * where nothing is yet, until the end is called with no file of it open. */
void power_vfs_begin(power_record *record, const char *path, uint64_t seed);
void power_vfs_end(void);

void power_record_free(power_record *record);

#endif
