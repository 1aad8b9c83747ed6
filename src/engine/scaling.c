/* Auto scaling; the contract is in scaling.h. */
#include "engine/scaling.h"

enum {
    MINUTE_SECONDS = 60,
    /* A unit a second for a minute is 60,000 thousandths, a hundredth of it
     * 600: units times percent times this is the consumption at that
     * percentage. */
    PERCENT_MILLI = MINUTE_SECONDS * 1000 / 100,
    BELOW_MILLI = PERCENT_MILLI * 80 / 100, /* 20 % below that */
    UNITS_MAX = 40 * 1000 * 1000,
};

bool dyn_scaling_is_valid(const dyn_scaling_settings *settings)
{
    return settings->minimum_units >= 1 &&
           settings->maximum_units >= settings->minimum_units &&
           settings->maximum_units <= UNITS_MAX &&
           settings->target_percent >= DYN_SCALING_TARGET_MIN &&
           settings->target_percent <= DYN_SCALING_TARGET_MAX &&
           settings->up_cooldown_seconds >= 0 &&
           settings->down_cooldown_seconds >= 0;
}

static int64_t place_of(int64_t minute)
{
    int64_t place = minute % DYN_SCALING_DOWN_MINUTES;
    return place < 0 ? place + DYN_SCALING_DOWN_MINUTES : place;
}

void dyn_scaling_add_minute(dyn_scaling *scaling, int64_t minute,
                            dyn_scaling_minute ended)
{
    if (minute != scaling->last_minute + 1) scaling->count = 0;
    if (scaling->count < DYN_SCALING_DOWN_MINUTES) scaling->count++;
    scaling->last_minute = minute;
    scaling->minutes[place_of(minute)] = ended;
}

const dyn_scaling_minute *dyn_scaling_ago(const dyn_scaling *scaling,
                                          int64_t minutes)
{
    return &scaling->minutes[place_of(scaling->last_minute - minutes)];
}

static bool is_above(const dyn_scaling_minute *minute, int64_t target_percent)
{
    return minute->consumed_milli >
           minute->provisioned_units * target_percent * PERCENT_MILLI;
}

static bool is_below(const dyn_scaling_minute *minute, int64_t target_percent)
{
    return minute->consumed_milli <
           minute->provisioned_units * target_percent * BELOW_MILLI;
}

/* The last minutes, so many of them, are all of a kind. */
static bool is_row(const dyn_scaling *scaling, int64_t target_percent,
                   int64_t minutes,
                   bool (*is)(const dyn_scaling_minute *, int64_t))
{
    if (scaling->count < minutes) return false;
    for (int64_t i = 0; i < minutes; i++) {
        if (!is(dyn_scaling_ago(scaling, i), target_percent)) return false;
    }
    return true;
}

static int64_t busiest_milli(const dyn_scaling *scaling)
{
    int64_t most = 0;
    for (int64_t i = 0; i < scaling->count; i++) {
        int64_t consumed = dyn_scaling_ago(scaling, i)->consumed_milli;
        if (consumed > most) most = consumed;
    }
    return most;
}

static int64_t needed_units(const dyn_scaling_settings *settings,
                            int64_t consumed_milli)
{
    int64_t at_one_unit = settings->target_percent * PERCENT_MILLI;
    int64_t units = consumed_milli / at_one_unit;
    if (consumed_milli % at_one_unit > 0) units++;
    return units;
}

static int64_t within(const dyn_scaling_settings *settings, int64_t units)
{
    if (units < settings->minimum_units) return settings->minimum_units;
    if (units > settings->maximum_units) return settings->maximum_units;
    return units;
}

/* Time that went backwards is no reason to wait. */
static bool is_over(int64_t cooldown_seconds, int64_t since, int64_t minute)
{
    return minute < since ||
           (minute - since) >= cooldown_seconds / MINUTE_SECONDS +
                                   (cooldown_seconds % MINUTE_SECONDS > 0);
}

/* Up, when the load calls for it. */
static dyn_scaling_decision decide_up(const dyn_scaling *scaling,
                                      const dyn_scaling_settings *settings,
                                      int64_t units_now)
{
    const dyn_scaling_minute *last = dyn_scaling_ago(scaling, 0);
    int64_t needed = needed_units(settings, last->consumed_milli);
    dyn_scaling_decision out = {.units = within(settings, needed)};
    bool is_more = out.units > units_now;
    if (needed > settings->maximum_units) out.hold = DYN_SCALING_AT_MAXIMUM;
    if (!is_more && out.hold == DYN_SCALING_FREE) return out;
    out.wanted = DYN_SCALING_UP;
    if (!is_more) return out;
    if (scaling->was_up && !is_over(settings->up_cooldown_seconds,
                                    scaling->up_minute, scaling->last_minute)) {
        out.hold = DYN_SCALING_COOLDOWN;
        return out;
    }
    out.change = DYN_SCALING_UP;
    return out;
}

static dyn_scaling_decision decide_down(const dyn_scaling *scaling,
                                        const dyn_scaling_settings *settings,
                                        int64_t units_now,
                                        int64_t decreases_left)
{
    int64_t needed = needed_units(settings, busiest_milli(scaling));
    dyn_scaling_decision out = {.units = within(settings, needed)};
    if (out.units >= units_now) return out;
    out.wanted = DYN_SCALING_DOWN;
    if (scaling->was_down &&
        !is_over(settings->down_cooldown_seconds, scaling->down_minute,
                 scaling->last_minute)) {
        out.hold = DYN_SCALING_COOLDOWN;
    } else if (decreases_left <= 0) {
        out.hold = DYN_SCALING_NO_DECREASES;
    } else {
        out.change = DYN_SCALING_DOWN;
    }
    return out;
}

static dyn_scaling_decision decide(const dyn_scaling *scaling,
                                   const dyn_scaling_settings *settings,
                                   int64_t units_now, int64_t decreases_left)
{
    if (is_row(scaling, settings->target_percent, DYN_SCALING_UP_MINUTES,
               is_above)) {
        return decide_up(scaling, settings, units_now);
    }
    if (!settings->is_up_only && is_row(scaling, settings->target_percent,
                                        DYN_SCALING_DOWN_MINUTES, is_below)) {
        return decide_down(scaling, settings, units_now, decreases_left);
    }
    return (dyn_scaling_decision){.wanted = DYN_SCALING_NONE};
}

dyn_scaling_decision dyn_scaling_decide(dyn_scaling *scaling,
                                        const dyn_scaling_settings *settings,
                                        int64_t units_now,
                                        int64_t decreases_left)
{
    dyn_scaling_decision out =
        decide(scaling, settings, units_now, decreases_left);
    if (out.change == DYN_SCALING_UP) {
        scaling->was_up = true;
        scaling->up_minute = scaling->last_minute;
    } else if (out.change == DYN_SCALING_DOWN) {
        scaling->was_down = true;
        scaling->down_minute = scaling->last_minute;
    }
    return out;
}

dyn_scaling_change dyn_scaling_end_minute(
    dyn_scaling *scaling, const dyn_scaling_settings *settings, int64_t minute,
    dyn_scaling_minute ended, int64_t decreases_left, int64_t *units)
{
    dyn_scaling_add_minute(scaling, minute, ended);
    dyn_scaling_decision decision = dyn_scaling_decide(
        scaling, settings, ended.provisioned_units, decreases_left);
    if (decision.change != DYN_SCALING_NONE) *units = decision.units;
    return decision.change;
}
