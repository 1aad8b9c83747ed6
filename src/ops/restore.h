/*
 * Filling a table that has just been made: with the items of a backup, or with
 * those that another table had at an earlier time. engine/restore.h tells of
 * what it has to be made.
 *
 * What writes is within a transaction that is undone when it fails.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_RESTORE_H
#define DYN_OPS_RESTORE_H

#include "engine/backup.h"
#include "engine/table.h"

/* Take no units. Fail with DYN_CORRUPT when what is to be restored is damaged,
 * and as a write does. */
dyn_status dyn_restore_backup(dyn_call *call, const dyn_backup *backup,
                              dyn_table *table);

/* The same of a table as it was at the end of a millisecond, which lies in its
 * window; INT64_MAX: as it is. *items is how many there are. */
dyn_status dyn_restore_past(dyn_call *call, dyn_table *source, int64_t time_ms,
                            dyn_table *table, int64_t *items);

/* The times that a table can be restored to, in ms since 1970: as far as its
 * log is kept and has both items of each change. The table has been read. */
typedef struct dyn_restore_window {
    bool is_there; /* else there are none */
    int64_t earliest_ms;
    int64_t latest_ms;
} dyn_restore_window;

dyn_restore_window dyn_restore_window_of(const dyn_table *table);

#endif
