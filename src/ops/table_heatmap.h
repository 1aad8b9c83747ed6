/*
 * The heat map of a table or of a global index: its partitions and what load
 * they have had, as heatmap.h draws it.
 *
 *   options   word ...
 *   word      index NAME     of this index; else of the table
 *           | minutes N      of the last N minutes, 1 to 180; else 60
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_TABLE_HEATMAP_H
#define DYN_OPS_TABLE_HEATMAP_H

#include "engine/table.h"

/* Draw it as SVG, in the memory of call. Fails with DYN_INVALID for options
 * of text that are none, and for a local index; DYN_NOT_FOUND when there is no
 * such index; DYN_CORRUPT, DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_table_heatmap(dyn_call *call, dyn_table *table, dyn_bytes text,
                             dyn_bytes *svg);

#endif
