/*
 * The lines of an incremental export: for each item that has changed in a
 * period, `{"Metadata":{…},"Keys":{…},"OldImage":{…},"NewImage":{…}}`, with
 * what it was before the first change and what it is after the last. An image
 * of nothing is left out.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_EXPORT_CHANGES_H
#define DYN_OPS_EXPORT_CHANGES_H

#include "engine/table.h"
#include "ops/export_files.h"

/* Fails with DYN_INVALID when no stream has all changes of the period, or not
 * the images; as the store does; as dyn_export_add(). It takes 16 bytes of
 * memory for each change. */
dyn_status dyn_export_changes(dyn_call *call, dyn_table *table,
                              const dyn_export_period *period,
                              dyn_export_files *files);

#endif
