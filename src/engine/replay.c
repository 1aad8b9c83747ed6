/* A replay; the contract is in replay.h. */
#include "engine/replay.h"

enum { SECONDS = 60, SECOND_MS = 1000, MINUTE_MS = SECONDS * SECOND_MS };

/* ------------------------------------------------------------------ sides --
 */

static dyn_bucket_rate ceiling(dyn_replay_side *side,
                               const dyn_replay_limits *limits, int64_t minute)
{
    int64_t units = dyn_peak_ceiling(&side->peak, minute);
    int64_t most = limits->maximum_units > 0 ? limits->maximum_units
                                             : DYN_BUCKET_UNITS_MAX;
    return (dyn_bucket_rate){units < most ? units : most, 1};
}

static dyn_replay_side begin_side(int64_t floor_units,
                                  const dyn_replay_limits *limits)
{
    dyn_replay_side side = {
        .rate = {limits->units, DYN_PROVISIONED_SECONDS},
        .peak = dyn_peak_begin(floor_units),
    };
    dyn_peak_raise_floor(&side.peak, limits->units);
    return side;
}

/* The first minute: the table is new. */
static void begin_first(dyn_replay_side *side, const dyn_replay_limits *limits,
                        dyn_replay_mode mode, int64_t minute)
{
    if (mode == DYN_REPLAY_ON_DEMAND)
        side->rate = ceiling(side, limits, minute);
    side->bucket = dyn_bucket_begin(side->rate, minute * MINUTE_MS);
}

static int64_t grant(dyn_replay_side *side, int64_t load_milli, int64_t now_ms)
{
    dyn_bucket_fill(&side->bucket, side->rate, now_ms);
    if (!dyn_bucket_may(&side->bucket)) return 0;
    int64_t granted = load_milli < side->bucket.balance_milli
                          ? load_milli
                          : side->bucket.balance_milli;
    dyn_bucket_pay(&side->bucket, granted);
    return granted;
}

static void run_minute(dyn_replay_side *side, int64_t minute,
                       int64_t load_milli)
{
    int64_t rest = load_milli % SECONDS;
    dyn_replay_amounts amounts = {.throttled_milli = load_milli};
    for (int64_t second = 0; load_milli > 0 && second < SECONDS; second++) {
        int64_t load = load_milli / SECONDS + rest * (second + 1) / SECONDS -
                       rest * second / SECONDS;
        int64_t now_ms = minute * MINUTE_MS + second * SECOND_MS;
        int64_t granted = grant(side, load, now_ms);
        amounts.granted_milli += granted;
        amounts.throttled_milli -= granted;
    }
    side->minute = amounts;
}

static void set_rate(dyn_replay_side *side, dyn_bucket_rate rate,
                     int64_t minute)
{
    dyn_bucket_set_rate(&side->bucket, side->rate, rate, minute * MINUTE_MS);
    side->rate = rate;
}

static void add_up(dyn_replay_side *side)
{
    side->total.granted_milli += side->minute.granted_milli;
    side->total.throttled_milli += side->minute.throttled_milli;
    side->total.unit_minutes += side->minute.unit_minutes;
}

static void scale(dyn_replay *replay, dyn_replay_side *side,
                  const dyn_scaling_settings *settings, int64_t minute)
{
    int64_t units = 0;
    int64_t end_ms = (minute + 1) * MINUTE_MS;
    dyn_scaling_minute ended = {side->minute.granted_milli, side->rate.units};
    dyn_scaling_change change = dyn_scaling_end_minute(
        &side->scaling, settings, minute, ended,
        dyn_decreases_left(&replay->decreases, end_ms), &units);
    if (change == DYN_SCALING_NONE) return;
    if (change == DYN_SCALING_DOWN)
        dyn_decreases_add(&replay->decreases, end_ms);
    set_rate(side, (dyn_bucket_rate){units, side->rate.seconds}, minute + 1);
}

/* ----------------------------------------------------------------- replay --
 */

dyn_replay dyn_replay_begin(const dyn_replay_settings *settings)
{
    return (dyn_replay){
        .settings = *settings,
        .read = begin_side(DYN_ON_DEMAND_READ_UNITS, &settings->read),
        .write = begin_side(DYN_ON_DEMAND_WRITE_UNITS, &settings->write),
    };
}

static void replay_side(dyn_replay *replay, dyn_replay_side *side,
                        const dyn_replay_limits *limits, int64_t load_milli)
{
    int64_t minute = replay->next_minute;
    dyn_replay_mode mode = replay->settings.mode;
    run_minute(side, minute, load_milli);
    if (mode == DYN_REPLAY_ON_DEMAND) {
        dyn_peak_end_minute(&side->peak, minute, side->minute.granted_milli);
        set_rate(side, ceiling(side, limits, minute + 1), minute + 1);
    } else {
        side->minute.unit_minutes = side->rate.units;
    }
    if (mode == DYN_REPLAY_SCALED)
        scale(replay, side, &limits->scaling, minute);
    add_up(side);
}

static void replay_minute(dyn_replay *replay, int64_t read_milli,
                          int64_t write_milli)
{
    const dyn_replay_settings *settings = &replay->settings;
    replay_side(replay, &replay->read, &settings->read, read_milli);
    replay_side(replay, &replay->write, &settings->write, write_milli);
    replay->next_minute++;
}

static bool begin_at(dyn_replay *replay, int64_t minute)
{
    const dyn_replay_settings *settings = &replay->settings;
    if (minute < INT64_MIN / MINUTE_MS) return false;
    begin_first(&replay->read, &settings->read, settings->mode, minute);
    begin_first(&replay->write, &settings->write, settings->mode, minute);
    replay->has_begun = true;
    replay->next_minute = minute;
    return true;
}

bool dyn_replay_add(dyn_replay *replay, int64_t minute, int64_t read_milli,
                    int64_t write_milli)
{
    if (minute >= INT64_MAX / MINUTE_MS) return false;
    if (!replay->has_begun && !begin_at(replay, minute)) return false;
    if (minute < replay->next_minute ||
        minute - replay->next_minute > DYN_REPLAY_GAP_MINUTES_MAX) {
        return false;
    }
    while (replay->next_minute < minute)
        replay_minute(replay, 0, 0);
    replay_minute(replay, read_milli, write_milli);
    return true;
}
