/*
 * What is stored of the auto scaling of a table: what the next decision needs
 * to know, so that all connections to a file make one decision a minute, also
 * after it was closed; and the decisions, for people to read.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_SCALING_RECORD_H
#define DYN_ENGINE_SCALING_RECORD_H

#include "engine/scaling.h"
#include "engine/table.h"

/* Read or write units of the table, whose name is empty, or of an index. */
typedef struct dyn_scaled {
    dyn_bytes name;
    dyn_direction direction;
} dyn_scaled;

/* What the next decision needs to know. */
typedef struct dyn_scaling_past {
    dyn_scaling scaling;
    dyn_scaling_change wanted; /* by the last decision, and what held it back */
    dyn_scaling_hold hold;
} dyn_scaling_past;

/* What is damaged is as what is not there. Fails as the store does. */
dyn_status dyn_scaling_load_past(dyn_call *call, dyn_table *table,
                                 const dyn_scaled *what, bool *found,
                                 dyn_scaling_past *out);
dyn_status dyn_scaling_save_past(dyn_call *call, dyn_table *table,
                                 const dyn_scaled *what,
                                 const dyn_scaling_past *p);

/* Forget that of an index. Fails as a write does. */
dyn_status dyn_scaling_forget(dyn_call *call, dyn_table *table,
                              dyn_bytes index);

/* A decision: units were changed, or a change began to be held back, and then
 * before and after are equal. */
typedef struct dyn_scaling_row {
    int64_t minute; /* since 1970, in which it was made */
    dyn_scaled what;
    int64_t before_units;
    int64_t after_units;
    dyn_scaling_change wanted;
    dyn_scaling_hold hold;
} dyn_scaling_row;

/* Add one, and remove those that are more than 15 days older. Fails as a write
 * does. */
dyn_status dyn_scaling_add_decision(dyn_call *call, dyn_table *table,
                                    const dyn_scaling_row *row);

/* All of them, by time, in the memory of call. Fails with DYN_CORRUPT,
 * DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_scaling_decisions(dyn_call *call, dyn_table *table,
                                 dyn_scaling_row **rows, size_t *count);

/* Fails with DYN_CORRUPT when any of it is damaged. */
dyn_status dyn_scaling_check_record(dyn_call *call, dyn_table *table);

/* As people read them. NULL: nothing. */
const char *dyn_scaling_change_word(dyn_scaling_change change);
const char *dyn_scaling_hold_word(dyn_scaling_hold hold);

#endif
