/*
 * What a recorded usage would have got from other settings, and what that would
 * have cost: a replay (engine/replay.h) of three alternatives beside each
 * other, provisioned, scaled and on demand, with their money by a list of
 * prices.
 *
 * - dyn_replay_plan_begin()
 * - dyn_replay_plan_read(), what somebody wants
 * - dyn_replay_plan_declare(), what the table or index declares otherwise
 * - dyn_replay_plan_add(), the usage by minute
 * - dyn_replay_plan_run()
 *
 * Layer: ops. Knows no table.
 */
#ifndef DYN_OPS_REPLAY_USAGE_H
#define DYN_OPS_REPLAY_USAGE_H

#include "base/buffer.h"
#include "engine/definition.h"
#include "engine/replay.h"

enum {
    DYN_REPLAY_MODES = DYN_REPLAY_ON_DEMAND + 1,
    DYN_REPLAY_MINUTE_UNITS_MAX = 1000 * 1000 * 1000, /* of usage, read or
                                                       * written in a minute */
};

/* In any currency. Those it begins with are US dollars for tables of the class
 * Standard in us-east-1, since November 2024, from the service's price list. */
typedef struct dyn_replay_prices {
    double read_unit_hour; /* provisioned */
    double write_unit_hour;
    double million_reads; /* on demand: of units */
    double million_writes;
} dyn_replay_prices;

typedef struct dyn_replay_plan {
    dyn_replay_settings alternatives[DYN_REPLAY_MODES];
    dyn_replay_prices prices;
    dyn_buffer minutes;
} dyn_replay_plan;

/* The plan is in the memory of call. */
void dyn_replay_plan_begin(dyn_call *call, dyn_replay_plan *out);

/* Read settings: a JSON object, whose members `provisioned`, `scaled`,
 * `on_demand` and `prices` are objects of numbers, and others are refused but
 * for `index`. *index is that text and *source is `prices` when it is a text,
 * followed by a zero byte; without data: not given. Fails with DYN_INVALID,
 * DYN_NOMEM. */
dyn_status dyn_replay_plan_read(dyn_call *call, dyn_bytes settings_text,
                                dyn_replay_plan *plan, dyn_bytes *index,
                                dyn_bytes *source);

/* Complete the settings. Units that are not declared either are those of the
 * busiest minute of the usage. */
void dyn_replay_plan_declare(dyn_replay_plan *plan,
                             const dyn_throughput *declared);

/* Set a price by its name, the member of dyn_replay_prices. Fails with
 * DYN_INVALID when there is none of that name, or it is not from 0 to
 * 1,000,000. */
dyn_status dyn_replay_plan_price(dyn_call *call, dyn_replay_plan *plan,
                                 dyn_bytes name, double price);

/* Add usage of a minute since 1970, not earlier than that before, in
 * thousandths of a unit: from 0 to those of DYN_REPLAY_MINUTE_UNITS_MAX. Fails
 * with DYN_INVALID when the minute then has more than these, or more than
 * DYN_REPLAY_GAP_MINUTES_MAX lie between it and the first one; DYN_NOMEM. */
dyn_status dyn_replay_plan_add(dyn_call *call, dyn_replay_plan *plan,
                               int64_t minute, int64_t read_milli,
                               int64_t write_milli);

/*
 * Replay, and say as a JSON object, in the memory of call:
 *
 *   minutes                  from the first one of the usage to the last one
 *   read_units, write_units  of the usage
 *   provisioned, scaled, on_demand  objects: their settings, units granted and
 *                            throttled, hours of a provisioned unit, money
 *   prices                   those that were taken
 *
 * Fails with DYN_NOMEM.
 */
dyn_status dyn_replay_plan_run(dyn_call *call, const dyn_replay_plan *plan,
                               dyn_bytes *out);

#endif
