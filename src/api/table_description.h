/*
 * TableDescription: what responses tell of a table.
 *
 * Layer: api.
 */
#ifndef DYN_API_TABLE_DESCRIPTION_H
#define DYN_API_TABLE_DESCRIPTION_H

#include "base/arn.h"
#include "base/buffer.h"
#include "engine/table.h"

/* Write the description, a member of that name. status is that of the table
 * (`ACTIVE`), and of its indexes unless they are being filled; DELETING, it has
 * no global indexes any more. The table has been read. Fails as
 * dyn_table_birth() does. */
dyn_status dyn_table_describe(dyn_call *call, dyn_buffer *out, const char *name,
                              dyn_table *table, const char *status);

#endif
