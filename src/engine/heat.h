/*
 * The load of a partition over its hash range, by minute, and whether and where
 * it is to be split for heat (docs/semantics.md 6): when it was at 80 % or more
 * of its limit, or throttled by it, in two minutes in a row, at the median of
 * the load of the second, unless one key made more than half of that. A minute
 * is at 80 % when its average second is.
 *
 * A heat is of one kind of load, read or write units, for these have limits of
 * their own. Amounts are thousandths of a unit. Minutes are numbers. A key is
 * known by its hash.
 *
 * The memory is bounded, so two answers have an error:
 *   median    A cut lies on the border of one of 64 bins, which share out the
 *             hash range evenly. Its sides differ from half of the load by at
 *             most half of the load of the bin where the median lies: 1/128
 *             for a load that is spread evenly. When all load lies in one bin,
 *             the cut is before the highest hash, and the error is up to half.
 *   majority  8 counters find the keys of most load (Space-Saving, with what
 *             each counter took over from another key kept apart, so that it
 *             never says too much). A key with more than 5/8 of the load is
 *             found always, one with more than 1/2 in general, and one with
 *             less never.
 *
 * Layer: engine. Includes nothing of ours; no function can fail.
 */
#ifndef DYN_ENGINE_HEAT_H
#define DYN_ENGINE_HEAT_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DYN_HEAT_BINS = 64,
    DYN_HEAT_COUNTERS = 8,
};

typedef struct dyn_heat_counter {
    uint64_t hash;
    int64_t taken_milli; /* over from the key that had the counter before */
    int64_t seen_milli;  /* of this key since then */
} dyn_heat_counter;

typedef struct dyn_heat {
    uint64_t low; /* the hash range: low .. last */
    uint64_t last;
    int64_t minute;        /* of all below */
    bool was_hot;          /* so was the minute before */
    bool is_throttled;     /* by the limit of the partition */
    int64_t load_milli;    /* the sum of bins */
    uint64_t highest_hash; /* that had load */
    int64_t bins[DYN_HEAT_BINS];
    dyn_heat_counter counters[DYN_HEAT_COUNTERS];
} dyn_heat;

/* The heat of a new partition: no load yet. */
dyn_heat dyn_heat_begin(uint64_t low, uint64_t last, int64_t minute);

/* Come to a minute; called before load of it is added, and when a minute is
 * over. When it is another than that of the load so far, that minute ends, and
 * the load begins anew. Returns whether the partition is to be split; then *cut
 * is the first hash of the upper part, and both parts had load. A caller that
 * does not split need do nothing: the next hot minute says it again.
 * limit_units: of the partition, a second. */
bool dyn_heat_come_to(dyn_heat *heat, int64_t minute, int64_t limit_units,
                      uint64_t *cut);

/* Load at a hash of the range, 0 or more. */
void dyn_heat_add(dyn_heat *heat, uint64_t hash, int64_t load_milli);

/* A request was refused for the limit of the partition. */
void dyn_heat_throttle(dyn_heat *heat);

#endif
