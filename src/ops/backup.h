/*
 * Backups of tables: CreateBackup, and what is done with them.
 *
 * What writes is within a transaction that is undone when it fails.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_BACKUP_H
#define DYN_OPS_BACKUP_H

#include "engine/backup.h"
#include "engine/table.h"

/* Copy a table that has been read, as it is in the transaction, into the
 * archive of its schema. Takes no units. Fails with DYN_INVALID when the name
 * is none (3 to 255 letters, digits, _ . -); with DYN_CORRUPT when the table is
 * damaged; and as a write does. */
dyn_status dyn_create_backup(dyn_call *call, dyn_table *table, dyn_bytes name,
                             dyn_backup *out);

/* All backups of the connection's schemas, in the memory of call. Fails as
 * backup.h of the engine says. */
dyn_status dyn_list_backups(dyn_call *call, const dyn_session *session,
                            const dyn_backup **all, size_t *count);

/* The backup of an ARN. Fails with DYN_INVALID, a BackupNotFoundException, and
 * as the list does. */
dyn_status dyn_find_backup(dyn_call *call, const dyn_session *session,
                           dyn_bytes arn, dyn_backup *out);

/* Remove one that has been found. Fails as a write does. */
dyn_status dyn_delete_backup(dyn_call *call, const dyn_session *session,
                             const dyn_backup *backup);

#endif
