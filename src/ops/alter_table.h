/*
 * Changes of a table that is there: its indexes.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_ALTER_TABLE_H
#define DYN_OPS_ALTER_TABLE_H

#include "engine/table.h"

/*
 * Do what a text says:
 *
 *   ADD GLOBAL INDEX name keys [project]    as in declaration.h
 *   DROP INDEX name
 *   REBUILD INDEX name
 *
 * An index that is added or rebuilt is filled here as far as one step goes, and
 * then by dyn_table_sync(). The caller rolls back what a failure leaves.
 * Fails with DYN_INVALID, also for what cannot be changed; DYN_NOT_FOUND when
 * there is no such index; and as a write does.
 */
dyn_status dyn_alter_table(dyn_call *call, dyn_table *table, const char *text);

#endif
