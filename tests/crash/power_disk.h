/*
 * A disk that a record (power_vfs.h) is played to, and what it may hold when
 * the power is cut.
 *
 * What has been synced is there. Of what was written to a file since it was
 * synced last, there may be nothing, all, what came first, or any part: later
 * writes without earlier ones, some sectors of 512 bytes of a write, and the
 * begin or the end of a sector. Files may have their new size without what was
 * written there: they hold zeros or garbage then. Each name of a file may be
 * any that it had since its directory was synced.
 *
 * Names and truncations arrive in their order, as they do in a file system with
 * a journal: a file is not shorter while a name is what it was before. SQLite
 * relies on it. With synchronous = FULL and a rollback journal, VACUUM deletes
 * the journal, without a sync of the directory, and then makes the file
 * shorter; what it cuts off is not in the journal.
 *
 * A write never changes bytes beside those that it writes. That is what SQLite
 * assumes by default (SQLITE_IOCAP_POWERSAFE_OVERWRITE), and the recorded files
 * say so: without it SQLite writes, and loses, whole sectors.
 */
#ifndef TESTS_POWER_DISK_H
#define TESTS_POWER_DISK_H

#include "power_random.h"
#include "power_vfs.h"

#include <stdbool.h>

typedef struct power_disk power_disk;

/* How much of what is not synced is there. */
typedef enum power_loss {
    POWER_LOSE_NOTHING,
    POWER_LOSE_AT_RANDOM,
} power_loss;

/* An empty disk; the record lives longer. Free it. */
power_disk *power_disk_new(const power_record *record);
void power_disk_free(power_disk *disk);

/* Play the record up to, and without, the event of that number, which is not
 * less than that of the last call. */
void power_disk_play(power_disk *disk, size_t end);

/* Cut the power, and write what is left to the files of a database at the path,
 * taking the place of all that are there. The disk itself goes on. `how` is
 * then what is left of what is not synced, in words. */
void power_disk_cut(const power_disk *disk, power_loss loss,
                    power_random *random, const char *path, const char **how);

#endif
