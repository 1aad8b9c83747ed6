/* How often throughput may be lowered; the contract is in decreases.h. */
#include "engine/decreases.h"

enum { HOUR_MS = 60 * 60 * 1000, DAY_MS = 24 * HOUR_MS };

static int64_t day_of(int64_t time_ms)
{
    int64_t day = time_ms / DAY_MS;
    return time_ms % DAY_MS < 0 ? day - 1 : day;
}

static int64_t count_today(const dyn_decreases *decreases, int64_t now_ms)
{
    return day_of(decreases->last_ms) == day_of(now_ms) ? decreases->count : 0;
}

int64_t dyn_decreases_left(const dyn_decreases *decreases, int64_t now_ms)
{
    int64_t count = count_today(decreases, now_ms);
    if (count < DYN_DECREASES_AT_ONCE) return DYN_DECREASES_AT_ONCE - count;
    return count < DYN_DECREASES_A_DAY && decreases->last_ms <= now_ms - HOUR_MS
               ? 1
               : 0;
}

void dyn_decreases_add(dyn_decreases *decreases, int64_t now_ms)
{
    decreases->count = count_today(decreases, now_ms) + 1;
    decreases->last_ms = now_ms;
}
