/* The ceiling on demand; the contract is in peak.h. */
#include "engine/peak.h"

#include <stdbool.h>
#include <string.h>

enum { MINUTE_MILLI = 60 * 1000 }; /* of one unit a second */

static void forget_first(dyn_peak *peak, int64_t count)
{
    peak->pending_count -= count;
    memmove(peak->pending, peak->pending + count,
            (size_t)peak->pending_count * sizeof(*peak->pending));
}

/* Whether a minute that has ended counts in another. A number of a minute is
 * far from the ends of int64_t: there are fewer of them than milliseconds. */
static bool counts(int64_t ended, int64_t minute)
{
    return minute - ended > DYN_PEAK_DELAY_MINUTES;
}

static void count_pending(dyn_peak *peak, int64_t minute)
{
    int64_t count = 0;
    while (count < peak->pending_count &&
           counts(peak->pending[count].minute, minute)) {
        peak->counted_milli = peak->pending[count++].sum_milli;
    }
    if (count > 0) forget_first(peak, count);
}

dyn_peak dyn_peak_begin(int64_t floor_units)
{
    return (dyn_peak){.floor_units = floor_units};
}

void dyn_peak_raise_floor(dyn_peak *peak, int64_t units)
{
    if (units > peak->floor_units) peak->floor_units = units;
}

/* The last one pending, NULL when there is none. */
static const dyn_peak_minute *last_of(const dyn_peak *peak)
{
    if (peak->pending_count == 0) return NULL;
    return &peak->pending[peak->pending_count - 1];
}

void dyn_peak_end_minute(dyn_peak *peak, int64_t minute, int64_t sum_milli)
{
    const dyn_peak_minute *last;
    count_pending(peak, minute + 1);
    while ((last = last_of(peak)) != NULL && last->minute >= minute) {
        if (last->sum_milli > sum_milli) sum_milli = last->sum_milli;
        peak->pending_count--;
    }
    if (sum_milli > (last == NULL ? peak->counted_milli : last->sum_milli)) {
        peak->pending[peak->pending_count++] =
            (dyn_peak_minute){minute, sum_milli};
    }
}

int64_t dyn_peak_ceiling(dyn_peak *peak, int64_t minute)
{
    count_pending(peak, minute);
    int64_t twice = 2 * peak->counted_milli / MINUTE_MILLI;
    return twice > peak->floor_units ? twice : peak->floor_units;
}
