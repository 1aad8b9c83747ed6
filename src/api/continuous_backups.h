/*
 * Point-in-time recovery in requests and responses.
 *
 * Layer: api.
 */
#ifndef DYN_API_CONTINUOUS_BACKUPS_H
#define DYN_API_CONTINUOUS_BACKUPS_H

#include "base/buffer.h"
#include "engine/table.h"

/* Write ContinuousBackupsDescription, a member, of a table that has been read.
 */
void dyn_continuous_backups_describe(dyn_buffer *out, const dyn_table *table);

#endif
