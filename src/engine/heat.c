/* The load of a partition; the contract is in heat.h. */
#include "engine/heat.h"

enum { HOT_MILLI = 60 * 1000 * 80 / 100 }; /* of one unit a second, a minute */

dyn_heat dyn_heat_begin(uint64_t low, uint64_t last, int64_t minute)
{
    return (dyn_heat){.low = low, .last = last, .minute = minute};
}

static uint64_t bin_width(const dyn_heat *heat)
{
    return (heat->last - heat->low) / DYN_HEAT_BINS + 1;
}

/* ----------------------------------------------------------------- adding --
 */

static dyn_heat_counter *counter_of(dyn_heat *heat, uint64_t hash)
{
    dyn_heat_counter *least = heat->counters;
    for (int i = 0; i < DYN_HEAT_COUNTERS; i++) {
        dyn_heat_counter *counter = &heat->counters[i];
        if (counter->hash == hash) return counter;
        if (counter->taken_milli + counter->seen_milli <
            least->taken_milli + least->seen_milli) {
            least = counter;
        }
    }
    *least = (dyn_heat_counter){
        .hash = hash, .taken_milli = least->taken_milli + least->seen_milli};
    return least;
}

void dyn_heat_add(dyn_heat *heat, uint64_t hash, int64_t load_milli)
{
    if (load_milli == 0) return;
    if (hash > heat->highest_hash) heat->highest_hash = hash;
    heat->load_milli += load_milli;
    heat->bins[(hash - heat->low) / bin_width(heat)] += load_milli;
    counter_of(heat, hash)->seen_milli += load_milli;
}

void dyn_heat_throttle(dyn_heat *heat)
{
    heat->is_throttled = true;
}

/* --------------------------------------------------------------- deciding --
 */

static bool is_hot(const dyn_heat *heat, int64_t limit_units)
{
    return heat->is_throttled || heat->load_milli >= limit_units * HOT_MILLI;
}

static bool has_majority(const dyn_heat *heat)
{
    for (int i = 0; i < DYN_HEAT_COUNTERS; i++) {
        int64_t seen = heat->counters[i].seen_milli;
        if (seen > heat->load_milli - seen) return true;
    }
    return false;
}

/* The border of bins that is nearest to the median and has load on both sides.
 */
static bool find_border(const dyn_heat *heat, uint64_t *cut)
{
    bool found = false;
    int64_t nearest = 0;
    int64_t below = 0;
    for (int bin = 1; bin < DYN_HEAT_BINS; bin++) {
        below += heat->bins[bin - 1];
        int64_t above = heat->load_milli - below;
        int64_t distance = below > above ? below - above : above - below;
        if (below == 0 || above == 0) continue;
        if (found && distance >= nearest) continue;
        found = true;
        nearest = distance;
        *cut = heat->low + (uint64_t)bin * bin_width(heat);
    }
    return found;
}

/* Where no key has a majority there are two keys with load at least, so that
 * the highest is not the lowest. */
static bool find_cut(const dyn_heat *heat, uint64_t *cut)
{
    if (heat->load_milli == 0 || has_majority(heat)) return false;
    if (!find_border(heat, cut)) *cut = heat->highest_hash;
    return true;
}

bool dyn_heat_come_to(dyn_heat *heat, int64_t minute, int64_t limit_units,
                      uint64_t *cut)
{
    if (minute == heat->minute) return false;
    bool hot = is_hot(heat, limit_units);
    bool splits = hot && heat->was_hot && find_cut(heat, cut);
    bool follows = minute - 1 == heat->minute;
    *heat = dyn_heat_begin(heat->low, heat->last, minute);
    heat->was_hot = hot && follows;
    return splits;
}
