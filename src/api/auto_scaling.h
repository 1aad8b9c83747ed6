/*
 * What the operations on auto scaling share. The settings of a table are its
 * options read_scaling and write_scaling, and those of a global index stand
 * with the index (engine/declaration_scaling.h). A table here has one replica:
 * itself.
 *
 * Layer: api.
 */
#ifndef DYN_API_AUTO_SCALING_H
#define DYN_API_AUTO_SCALING_H

#include "base/buffer.h"
#include "engine/table.h"

/* Write the description of a table, the member TableAutoScalingDescription.
 * Fails with DYN_NOMEM. */
dyn_status dyn_auto_scaling_describe(dyn_call *call, dyn_buffer *out,
                                     const dyn_table *table);

#endif
