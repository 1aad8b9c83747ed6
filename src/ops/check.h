/*
 * The check of a table: every item, the partition map, the counters, the log,
 * and what is kept about its capacity.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_CHECK_H
#define DYN_OPS_CHECK_H

#include "engine/table.h"

/* Compare all that is stored with all that it should be. *report, in the
 * memory of call, is `ok` or one problem a line, 100 of them at most; damage
 * that prevents reading on is the last one.
 * Fails with DYN_NOMEM, DYN_SQLITE. */
dyn_status dyn_check_table(dyn_call *call, dyn_table *table, dyn_bytes *report);

#endif
