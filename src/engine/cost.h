/*
 * What the last statement of a connection has consumed, by table and index.
 * Read units are counted in halves.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_COST_H
#define DYN_ENGINE_COST_H

#include "base/buffer.h"

/* What one table or index took of a statement. */
typedef struct dyn_cost_line {
    char *table;
    char *index; /* NULL: the table itself */
    int64_t read_halves;
    int64_t write_units;
    const char *served_by; /* the copy that served the last read, a literal;
                            * NULL: there is one copy */
    int64_t lag_ms;        /* of that copy behind the table */
    int64_t cache_hits;    /* of a cache, that took nothing */
    bool is_used;
} dyn_cost_line;

typedef struct dyn_cost {
    dyn_cost_line *lines;
    size_t count;
} dyn_cost;

void dyn_cost_reset(dyn_cost *cost); /* a statement begins */

/* Copy what is counted, in the memory of call; and bring that back, when more
 * lines may have been made since. Saving fails with DYN_NOMEM. */
dyn_status dyn_cost_save(dyn_call *call, const dyn_cost *cost, dyn_cost *out);
void dyn_cost_restore(dyn_cost *cost, const dyn_cost *saved);

void dyn_cost_free(dyn_cost *cost);

/* A cache of that line has served a read. */
void dyn_cost_add_hit(dyn_cost *cost, size_t line);

/* The number of the line of a table, or of an index unless that is NULL; it is
 * made when there is none, and stays what it is. Fails with DYN_NOMEM. */
dyn_status dyn_cost_line_of(dyn_call *call, dyn_cost *cost, const char *table,
                            const char *index, size_t *line);

/* {"read_units":..,"write_units":..,"tables":[..]}; a line with cache hits has
 * "cache_hits" besides. */
void dyn_cost_to_json(dyn_buffer *out, const dyn_cost *cost);

/* Half units as the number that people read: 1, 0.5. */
void dyn_halves_to_text(dyn_buffer *out, int64_t halves);

#endif
