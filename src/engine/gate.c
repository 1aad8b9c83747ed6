/* What may be consumed of a tree; the contracts are in gate.h. */
#include "engine/gate.h"

#include "base/limits.h"

enum { MINUTE_MS = 60 * 1000 };

/* On demand, a table of the service has no more than its account's quota. */
static dyn_bucket_rate rate_of(dyn_gate *gate, int64_t minute)
{
    if (!gate->limit.is_on_demand) {
        return (dyn_bucket_rate){gate->limit.units, DYN_PROVISIONED_SECONDS};
    }
    int64_t ceiling = dyn_peak_ceiling(&gate->peak, minute);
    if (ceiling > DYN_TABLE_UNITS_MAX) ceiling = DYN_TABLE_UNITS_MAX;
    return (dyn_bucket_rate){ceiling, DYN_PARTITION_SECONDS};
}

static dyn_bucket_rate maximum_of(const dyn_gate *gate)
{
    return (dyn_bucket_rate){gate->limit.units, DYN_PARTITION_SECONDS};
}

static bool has_maximum(const dyn_gate *gate)
{
    return gate->limit.is_on_demand && gate->limit.units > 0;
}

/* What was ever provisioned is there on demand, too. */
static int64_t floor_of(const dyn_limit *limit)
{
    return limit->is_on_demand || limit->units < limit->floor_units
               ? limit->floor_units
               : limit->units;
}

dyn_gate dyn_gate_begin(const dyn_limit *limit, int64_t now_ms)
{
    dyn_gate gate = {
        .limit = *limit,
        .peak = dyn_peak_begin(floor_of(limit)),
        .minute = now_ms / MINUTE_MS,
    };
    gate.bucket = dyn_bucket_begin(rate_of(&gate, gate.minute), now_ms);
    gate.maximum = dyn_bucket_begin(maximum_of(&gate), now_ms);
    return gate;
}

/* A minute begins, with the ceiling that it has. */
static void begin_minute(dyn_gate *gate, int64_t minute)
{
    dyn_bucket_rate before = rate_of(gate, gate->minute);
    gate->minute = minute;
    dyn_bucket_set_rate(&gate->bucket, before, rate_of(gate, minute),
                        minute * MINUTE_MS);
}

/* Come to a time. When other minutes have begun, the peak is told of the one
 * that was left. A bucket on demand is full after a second, so of the minutes
 * between only the last one matters. */
static void come_to(dyn_gate *gate, int64_t now_ms)
{
    int64_t minute = now_ms / MINUTE_MS;
    if (minute == gate->minute) return;
    if (gate->minute_milli > 0)
        dyn_peak_end_minute(&gate->peak, gate->minute, gate->minute_milli);
    gate->minute_milli = 0;
    if (minute - 1 > gate->minute) begin_minute(gate, minute - 1);
    begin_minute(gate, minute);
}

void dyn_gate_fill(dyn_gate *gate, int64_t now_ms)
{
    come_to(gate, now_ms);
    dyn_bucket_fill(&gate->bucket, rate_of(gate, gate->minute), now_ms);
    if (has_maximum(gate))
        dyn_bucket_fill(&gate->maximum, maximum_of(gate), now_ms);
}

void dyn_gate_change(dyn_gate *gate, const dyn_limit *limit, int64_t now_ms)
{
    dyn_gate_fill(gate, now_ms);
    dyn_bucket_rate before = rate_of(gate, gate->minute);
    dyn_bucket_rate maximum_before = maximum_of(gate);
    gate->limit = *limit;
    dyn_peak_raise_floor(&gate->peak, floor_of(limit));
    dyn_bucket_set_rate(&gate->bucket, before, rate_of(gate, gate->minute),
                        now_ms);
    dyn_bucket_set_rate(&gate->maximum, maximum_before, maximum_of(gate),
                        now_ms);
}

void dyn_gate_merge(dyn_gate *gate, const dyn_gate *before,
                    const dyn_gate *stored, int64_t now_ms)
{
    dyn_gate known = *before;
    dyn_gate merged = *stored;
    dyn_gate_fill(gate, now_ms);
    dyn_gate_fill(&known, now_ms);
    dyn_gate_fill(&merged, now_ms);
    dyn_bucket_take(&merged.bucket, rate_of(&merged, merged.minute),
                    known.bucket.balance_milli - gate->bucket.balance_milli);
    if (has_maximum(gate)) {
        dyn_bucket_take(&merged.maximum, maximum_of(&merged),
                        known.maximum.balance_milli -
                            gate->maximum.balance_milli);
    }
    merged.minute_milli += gate->minute_milli - known.minute_milli;
    *gate = merged;
}

bool dyn_gate_has_units(dyn_gate *gate, int64_t now_ms, int64_t *next_ms)
{
    if (dyn_bucket_may(&gate->bucket)) return true;
    *next_ms =
        dyn_bucket_next_ms(&gate->bucket, rate_of(gate, gate->minute), now_ms);
    return false;
}

bool dyn_gate_is_below_maximum(const dyn_gate *gate, int64_t now_ms,
                               int64_t *next_ms)
{
    if (!has_maximum(gate) || dyn_bucket_may(&gate->maximum)) return true;
    *next_ms = dyn_bucket_next_ms(&gate->maximum, maximum_of(gate), now_ms);
    return false;
}

void dyn_gate_pay(dyn_gate *gate, int64_t milli)
{
    dyn_bucket_take(&gate->bucket, rate_of(gate, gate->minute), milli);
    if (has_maximum(gate))
        dyn_bucket_take(&gate->maximum, maximum_of(gate), milli);
}

void dyn_gate_count(dyn_gate *gate, int64_t milli, int64_t now_ms)
{
    come_to(gate, now_ms);
    gate->minute_milli += milli;
}
