/*
 * DeleteTable: remove a table with all that it holds.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_DELETE_TABLE_H
#define DYN_OPS_DELETE_TABLE_H

#include "engine/table.h"

/* Fails with DYN_INVALID when the table is protected from being removed. It has
 * been read. */
dyn_status dyn_delete_table_check(dyn_call *call, const dyn_table *table);

/*
 * Remove the shadow tables, also those of a table that is damaged.
 *
 * Fails with DYN_INVALID as that does, and as a write does.
 */
dyn_status dyn_delete_table(dyn_call *call, dyn_table *table);

#endif
