/*
 * Changes of a table that is there: its options, its indexes.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_ALTER_TABLE_H
#define DYN_OPS_ALTER_TABLE_H

#include "engine/table.h"

typedef enum dyn_alteration_kind {
    DYN_ADD_INDEX,
    DYN_DROP_INDEX,
    DYN_REBUILD_INDEX,
    DYN_CHANGE_INDEX,
    DYN_CHANGE_OPTIONS,
} dyn_alteration_kind;

/* One change. */
typedef struct dyn_alteration {
    dyn_alteration_kind kind;
    dyn_definition definition; /* of the table after it: a global index more, or
                                * other options */
    dyn_bytes name; /* of the index to be dropped, rebuilt, changed */
    dyn_throughput throughput; /* what it is given */
} dyn_alteration;

/*
 * Read what a person asks for:
 *
 *   ADD GLOBAL INDEX name keys [project]    as in declaration.h
 *   DROP INDEX name
 *   REBUILD INDEX name
 *   INDEX name READ UNITS n ...
 *   option = value, ...
 *
 * *out is in the memory of call, and points to that of the table's definition
 * and of the text. Fails with DYN_INVALID, DYN_NOMEM.
 */
dyn_status dyn_alteration_read(dyn_call *call, const dyn_table *table,
                               const char *text, dyn_alteration *out);

/*
 * Make a change of a table that is up to date. An index that is added or
 * rebuilt is filled here as far as one step goes, and then as due work. The
 * caller rolls back what a failure leaves.
 *
 * Fails with DYN_INVALID, also for what cannot be changed; DYN_NOT_FOUND when
 * there is no such index; and as a write does.
 */
dyn_status dyn_alter_table(dyn_call *call, dyn_table *table,
                           const dyn_alteration *alteration);

#endif
