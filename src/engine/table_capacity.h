/*
 * What a table and its global indexes consumed by minute, beside what was
 * provisioned then, and what of it changes.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_TABLE_CAPACITY_H
#define DYN_ENGINE_TABLE_CAPACITY_H

#include "engine/catalogue.h"
#include "engine/table.h"

/* Write what is provisioned from now on, where that is another than what is
 * stored as the last change. To be called when a definition is written. Fails
 * as a write does. */
dyn_status dyn_provisioned_note(dyn_call *call, dyn_store *store,
                                const dyn_definition *definition);

/* Whether the last changes that are stored are what is provisioned. Fails as
 * the store does. */
dyn_status dyn_provisioned_check(dyn_call *call, dyn_store *store,
                                 const dyn_definition *definition,
                                 bool *is_sound);

/* What was provisioned since when. */
typedef struct dyn_provisioned_history {
    dyn_provisioned_row *rows; /* by name and minute */
    size_t count;
} dyn_provisioned_history;

/* In the memory of call. Fails as the store does. */
dyn_status dyn_provisioned_read(dyn_call *call, dyn_store *store,
                                dyn_provisioned_history *out);

/* What was provisioned at the end of a minute, by the last line of a name until
 * then; NULL: nothing is known. */
const dyn_provisioned_row *
dyn_provisioned_at(const dyn_provisioned_history *all, dyn_bytes name,
                   int64_t minute);

/* A use in a minute. */
typedef struct dyn_capacity_row {
    dyn_usage_row usage;
    bool is_on_demand;  /* at the end of that minute; or nothing is known */
    int64_t read_units; /* provisioned, a second */
    int64_t write_units;
} dyn_capacity_row;

/* As dyn_table_usage(). */
dyn_status dyn_table_capacity(dyn_call *call, dyn_table *table,
                              dyn_capacity_row **rows, size_t *count);

#endif
