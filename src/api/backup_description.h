/*
 * Backups in requests and responses.
 *
 * Layer: api.
 */
#ifndef DYN_API_BACKUP_DESCRIPTION_H
#define DYN_API_BACKUP_DESCRIPTION_H

#include "api/shape.h"
#include "engine/backup.h"

extern const dyn_shape dyn_shape_backup_arn; /* BackupArn */

/* Write BackupDetails, a member; or BackupDescription, which has them and what
 * the table was. status is CREATING, AVAILABLE or DELETED. Fail with
 * DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_backup_write_details(dyn_call *call, dyn_buffer *out,
                                    const dyn_backup *backup,
                                    const char *status);
dyn_status dyn_backup_describe(dyn_call *call, dyn_buffer *out,
                               const dyn_backup *backup, const char *status);

/* Write a BackupSummary, an element. */
dyn_status dyn_backup_write_summary(dyn_call *call, dyn_buffer *out,
                                    const dyn_backup *backup);

/* The ARN of the table that was copied. Fails with DYN_NOMEM. */
dyn_status dyn_backup_table_arn(dyn_call *call, const dyn_backup *backup,
                                const char **out);

#endif
