/*
 * The kinds of due work that need the engine alone. Of each: when it is next
 * due, and a step of it.
 *
 * A step takes at most rows_max rows, of whatever the kind works on, and adds
 * to *done how much it did. It is taken in the transaction that is about to
 * end, with the table up to date. Which kinds there are, and when how much of
 * them is done, is decided above the engine (ops/due.h).
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_DUE_KINDS_H
#define DYN_ENGINE_DUE_KINDS_H

#include "engine/table.h"

/* In ms since 1970, under the clock. */
#define DYN_DUE_NOW   INT64_MIN
#define DYN_DUE_NEVER INT64_MAX /* as things are */

/* What a step returns that has failed. Damaged rows that it met before it had
 * written anything fail dynamo_maintain() alone: others have not asked for the
 * work, and need not be kept from writing. */
dyn_status dyn_due_forgive(const dyn_call *call, const dyn_table *table,
                           dyn_status status);

/* Fail as a write does. */
int64_t dyn_fill_due_ms(dyn_table *table);
int64_t dyn_expiry_tree_due_ms(dyn_table *table);
int64_t dyn_usage_due_ms(dyn_table *table);
int64_t dyn_scaling_due_ms(dyn_table *table);
int64_t dyn_split_due_ms(dyn_table *table);
int64_t dyn_trim_due_ms(dyn_table *table);
dyn_status dyn_fill_step(dyn_call *call, dyn_table *table, size_t rows_max,
                         int64_t *done);
dyn_status dyn_expiry_tree_step(dyn_call *call, dyn_table *table,
                                size_t rows_max, int64_t *done);
dyn_status dyn_usage_step(dyn_call *call, dyn_table *table, size_t rows_max,
                          int64_t *done);
dyn_status dyn_scaling_step(dyn_call *call, dyn_table *table, size_t rows_max,
                            int64_t *done);
dyn_status dyn_split_step(dyn_call *call, dyn_table *table, size_t rows_max,
                          int64_t *done);
dyn_status dyn_trim_step(dyn_call *call, dyn_table *table, size_t rows_max,
                         int64_t *done);

#endif
