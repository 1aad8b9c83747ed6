/*
 * When the provisioned throughput of a table or index was changed, and how
 * often it may still be lowered: 27 times a day, 4 at once and then one an hour
 * (docs/semantics.md 5). A day is one of UTC.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_THROUGHPUT_HISTORY_H
#define DYN_ENGINE_THROUGHPUT_HISTORY_H

#include "engine/table.h"

/* Times are in ms since 1970; 0: never. */
typedef struct dyn_throughput_history {
    int64_t increased_ms;
    int64_t decreased_ms;
    int64_t decreases_today;
    int64_t on_demand_ms; /* billing became that, behind its creation; or with
                           * that, and has been changed since */
} dyn_throughput_history;

/* That of the table, whose name is empty, or of the index of that name. Fails
 * as the store does. */
dyn_status dyn_throughput_history_read(dyn_call *call, dyn_table *table,
                                       dyn_bytes name,
                                       dyn_throughput_history *out);

/* Take note of a change from before to after. Fails with DYN_INVALID, a
 * LimitExceededException, when it is one decrease too many; and as a write
 * does.
 */
dyn_status dyn_throughput_history_note(dyn_call *call, dyn_table *table,
                                       dyn_bytes name,
                                       const dyn_throughput *before,
                                       const dyn_throughput *after);

/* Take note that a table became one on demand at that time. Fails as a write
 * does. */
dyn_status dyn_throughput_history_on_demand(dyn_call *call, dyn_table *table,
                                            int64_t time_ms);

/* Forget an index. Fails as a write does. */
dyn_status dyn_throughput_history_forget(dyn_call *call, dyn_table *table,
                                         dyn_bytes name);

#endif
