/*
 * What statements consume, exactly (SEMANTICS 2, 3): dyn_cost sums it for the
 * last statement of a connection, dyn_usage by minute for a table until it is
 * written to the file.
 *
 * Charging cannot fail: the room for it is made before the operation
 * (dyn_cost_line_of, dyn_usage_prepare). Read units are counted in halves.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_METER_H
#define DYN_ENGINE_METER_H

#include "base/buffer.h"

/* What one table or index took of a statement. */
typedef struct dyn_cost_line {
    char *table;
    char *index; /* NULL: the table itself */
    int64_t read_halves;
    int64_t write_units;
    bool is_used;
} dyn_cost_line;

typedef struct dyn_cost {
    dyn_cost_line *lines;
    size_t count;
} dyn_cost;

void dyn_cost_reset(dyn_cost *cost); /* a statement begins */
void dyn_cost_free(dyn_cost *cost);

/* The line of a table, or of an index unless that is NULL, made when there is
 * none. Fails with DYN_NOMEM. */
dyn_status dyn_cost_line_of(dyn_call *call, dyn_cost *cost, const char *table,
                            const char *index, size_t *line);

/* {"read_units":..,"write_units":..,"tables":[..]} */
void dyn_cost_to_json(dyn_buffer *out, const dyn_cost *cost);

/* Half units as the number that people read: 1, 0.5. */
void dyn_halves_to_text(dyn_buffer *out, int64_t halves);

typedef struct dyn_usage_line {
    int64_t minute; /* since 1970 */
    int64_t tree;   /* 0: the table; else that of an index */
    int64_t read_halves;
    int64_t write_units;
    int64_t written_halves; /* by this transaction, beside those above */
    int64_t written_units;
} dyn_usage_line;

typedef struct dyn_usage {
    dyn_usage_line *lines; /* what is not yet in the file */
    size_t count;
    size_t room;
} dyn_usage;

/* Make room for count more lines. Fails with DYN_NOMEM. */
dyn_status dyn_usage_prepare(dyn_call *call, dyn_usage *usage, size_t count);

/* Add to a minute of a table or index. Where several operations that began in
 * different minutes end at once and there is no room for all, the newest line
 * of the same table or index takes it. */
void dyn_usage_add(dyn_usage *usage, int64_t minute, int64_t tree,
                   int64_t read_halves, int64_t write_units);
void dyn_usage_free(dyn_usage *usage);

/* Half units that reading size_bytes at once costs, and units of a write. */
int64_t dyn_read_halves(size_t size_bytes, bool is_strong);
int64_t dyn_write_units(size_t old_bytes, size_t new_bytes);

#endif
