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

static void add(dyn_scaling *scaling, int64_t minute, dyn_scaling_minute ended)
{
    if (minute != scaling->last_minute + 1) scaling->count = 0;
    if (scaling->count < DYN_SCALING_DOWN_MINUTES) scaling->count++;
    scaling->last_minute = minute;
    scaling->minutes[place_of(minute)] = ended;
}

static const dyn_scaling_minute *ago(const dyn_scaling *scaling, int64_t ago)
{
    return &scaling->minutes[place_of(scaling->last_minute - ago)];
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
        if (!is(ago(scaling, i), target_percent)) return false;
    }
    return true;
}

static int64_t busiest_milli(const dyn_scaling *scaling)
{
    int64_t most = 0;
    for (int64_t i = 0; i < scaling->count; i++) {
        int64_t consumed = ago(scaling, i)->consumed_milli;
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

static bool goes_up(const dyn_scaling *scaling,
                    const dyn_scaling_settings *settings, int64_t *units)
{
    const dyn_scaling_minute *last = ago(scaling, 0);
    if (!is_row(scaling, settings->target_percent, DYN_SCALING_UP_MINUTES,
                is_above) ||
        (scaling->was_up &&
         !is_over(settings->up_cooldown_seconds, scaling->up_minute,
                  scaling->last_minute))) {
        return false;
    }
    *units = needed_units(settings, last->consumed_milli);
    return *units > last->provisioned_units;
}

static bool goes_down(const dyn_scaling *scaling,
                      const dyn_scaling_settings *settings, int64_t *units)
{
    const dyn_scaling_minute *last = ago(scaling, 0);
    if (!is_row(scaling, settings->target_percent, DYN_SCALING_DOWN_MINUTES,
                is_below) ||
        (scaling->was_down &&
         !is_over(settings->down_cooldown_seconds, scaling->down_minute,
                  scaling->last_minute))) {
        return false;
    }
    *units = needed_units(settings, busiest_milli(scaling));
    return *units < last->provisioned_units;
}

dyn_scaling_change dyn_scaling_end_minute(
    dyn_scaling *scaling, const dyn_scaling_settings *settings, int64_t minute,
    dyn_scaling_minute ended, int64_t decreases_left, int64_t *units)
{
    add(scaling, minute, ended);
    if (goes_up(scaling, settings, units)) {
        scaling->was_up = true;
        scaling->up_minute = minute;
        return DYN_SCALING_UP;
    }
    if (decreases_left > 0 && goes_down(scaling, settings, units)) {
        scaling->was_down = true;
        scaling->down_minute = minute;
        return DYN_SCALING_DOWN;
    }
    return DYN_SCALING_NONE;
}
