/*
 * What may be consumed of a tree in one direction: a bucket of what is
 * provisioned, or, on demand, of a ceiling that rises with the peaks of the
 * past (peak.h), and one of the maximum that was set (docs/semantics.md 6
 * and 7).
 *
 * Amounts are thousandths of a unit. No function can fail.
 *
 * Layer: engine. Knows nothing of tables.
 */
#ifndef DYN_ENGINE_GATE_H
#define DYN_ENGINE_GATE_H

#include "engine/bucket.h"
#include "engine/peak.h"

/* What a table or global index may consume, a second. */
typedef struct dyn_limit {
    bool is_on_demand;
    int64_t units;       /* provisioned; on demand, the maximum, 0: none */
    int64_t floor_units; /* on demand: of the ceiling (peak.h) */
} dyn_limit;

/* Stored as it is, but its limit. */
typedef struct dyn_gate {
    dyn_limit limit;
    dyn_bucket bucket;  /* of what is provisioned; on demand, of the ceiling */
    dyn_bucket maximum; /* on demand */
    dyn_peak peak;
    int64_t minute;
    int64_t minute_milli; /* consumed in it */
} dyn_gate;

/* A gate as it is for a new table, and what a change of its limit makes of it.
 */
dyn_gate dyn_gate_begin(const dyn_limit *limit, int64_t now_ms);
void dyn_gate_change(dyn_gate *gate, const dyn_limit *limit, int64_t now_ms);

/* Come to a time, before anything that follows is asked of it. */
void dyn_gate_fill(dyn_gate *gate, int64_t now_ms);

/* Whether a request is let in, whatever it costs: by what is provisioned, or by
 * the ceiling; and by the maximum, if there is one. *next_ms is set where it is
 * not: when it may be let in. */
bool dyn_gate_has_units(dyn_gate *gate, int64_t now_ms, int64_t *next_ms);
bool dyn_gate_is_below_maximum(const dyn_gate *gate, int64_t now_ms,
                               int64_t *next_ms);

/* Pay for a request; below zero, give back. */
void dyn_gate_pay(dyn_gate *gate, int64_t milli);

/* What was consumed counts for the minute, and so for the peak. */
void dyn_gate_count(dyn_gate *gate, int64_t milli, int64_t now_ms);

/* Another process has stored what a gate is by now. What this one has taken
 * since it knew of the gate before is taken of that, too. */
void dyn_gate_merge(dyn_gate *gate, const dyn_gate *before,
                    const dyn_gate *stored, int64_t now_ms);

#endif
