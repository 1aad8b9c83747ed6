/*
 * The ceiling of a table or index on demand (docs/semantics.md 7): the larger
 * of a floor and twice the peak. The peak is the largest one-minute average; a
 * minute counts from 30 minutes after its end. The ceiling is never lowered.
 *
 * Sums are thousandths of a unit, of a whole minute: an average is a sum
 * divided by 60, and is not worked out before it is asked for. Minutes are
 * numbers, of minutes since 1970 or any other time.
 *
 * Layer: engine. Includes nothing of ours; no function can fail.
 */
#ifndef DYN_ENGINE_PEAK_H
#define DYN_ENGINE_PEAK_H

#include <stdint.h>

enum {
    DYN_PEAK_DELAY_MINUTES = 30,
    DYN_ON_DEMAND_READ_UNITS = 12000, /* a second: the floors of a new table */
    DYN_ON_DEMAND_WRITE_UNITS = 4000,
};

typedef struct dyn_peak_minute {
    int64_t minute;
    int64_t sum_milli;
} dyn_peak_minute;

/* pending are minutes that do not count yet and will raise the peak when they
 * do: a minute rises above all before it, so minutes and sums both ascend.
 * There is room for all that can be: in minute m those that have ended and do
 * not count yet are m - 30 .. m - 1. */
typedef struct dyn_peak {
    int64_t floor_units;
    int64_t counted_milli; /* the sum of the peak; 0: none counts yet */
    int64_t pending_count;
    dyn_peak_minute pending[DYN_PEAK_DELAY_MINUTES];
} dyn_peak;

/* The floor of a new table is DYN_ON_DEMAND_.._UNITS; of one that was
 * provisioned, the larger of that and the highest value ever provisioned. */
dyn_peak dyn_peak_begin(int64_t floor_units);

/* The floor is at least so much. */
void dyn_peak_raise_floor(dyn_peak *peak, int64_t units);

/* A minute has ended in which so much was used. Each minute is told once, in
 * order; minutes without use may be left out. When time went backwards, the
 * minutes that lie ahead are taken to end with this one. */
void dyn_peak_end_minute(dyn_peak *peak, int64_t minute, int64_t sum_milli);

/* The ceiling in a minute: the largest whole number of units a second that is
 * not above twice the peak, or the floor. */
int64_t dyn_peak_ceiling(dyn_peak *peak, int64_t minute);

#endif
