/*
 * The one clock. It is the process's: all connections see the same time, so
 * that what they share (capacity) and what a test freezes agree. Nothing else
 * in the extension reads time.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_CLOCK_H
#define DYN_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Milliseconds since 1970, UTC. */
int64_t dyn_clock_now_ms(void);

/* Wait until a time: false, at once, when the clock stands still before it, or
 * when the process never waits. */
bool dyn_clock_wait_until(int64_t time_ms);

/* The process never waits, for its threads have others to serve. */
void dyn_clock_forbid_waiting(void);

/* Stand still at a time until told otherwise. */
void dyn_clock_freeze(int64_t now_ms);

/* Make it later (or earlier) by so much: a frozen clock stays frozen, a running
 * one runs on. */
void dyn_clock_move(int64_t by_ms);

/* The system's time again. */
void dyn_clock_release(void);

#endif
