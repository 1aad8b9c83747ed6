/*
 * How often provisioned throughput may still be lowered: 27 times a day, 4 at
 * once and then one an hour (docs/semantics.md 5). A day is one of UTC. That is
 * 27 for whoever makes the first 4 in the first hour of the day.
 *
 * Times are milliseconds since 1970.
 *
 * Layer: engine. Includes nothing of ours; no function can fail.
 */
#ifndef DYN_ENGINE_DECREASES_H
#define DYN_ENGINE_DECREASES_H

#include <stdint.h>

enum {
    DYN_DECREASES_AT_ONCE = 4,
    DYN_DECREASES_A_DAY = 27,
};

/* All zero: none was ever made. */
typedef struct dyn_decreases {
    int64_t count; /* on the day of the last */
    int64_t last_ms;
} dyn_decreases;

/* How many may be made now; 0: none. */
int64_t dyn_decreases_left(const dyn_decreases *decreases, int64_t now_ms);

/* One is made now. */
void dyn_decreases_add(dyn_decreases *decreases, int64_t now_ms);

#endif
