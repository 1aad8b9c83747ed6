/*
 * Auto scaling of the provisioned read or write units of a table or index
 * (docs/semantics.md 8). At the end of each minute it looks at what was
 * consumed and provisioned in the last minutes, and says what is to be
 * provisioned from now on:
 *
 * - up, when consumption was above target in the last 2 minutes, to what the
 *   average second of the last minute needs
 * - down, when it was more than 20 % below target in each of the last 15
 *   minutes, to what the average second of the busiest of them needs, so that
 *   no load of this quarter of an hour would be above target
 *
 * What n units a second need is n / target, rounded up to whole units, within
 * minimum and maximum. Each minute is compared with what was provisioned at its
 * end. Nothing is asked for that would move a value the other way: one that
 * lies outside of minimum and maximum stays until load calls for a change.
 *
 * Consumed amounts are thousandths of a unit, of a whole minute. Minutes are
 * numbers.
 *
 * Layer: engine. Includes nothing of ours; no function can fail.
 */
#ifndef DYN_ENGINE_SCALING_H
#define DYN_ENGINE_SCALING_H

#include <stdbool.h>
#include <stdint.h>

enum {
    DYN_SCALING_TARGET_MIN = 20, /* percent */
    DYN_SCALING_TARGET_MAX = 90,
    DYN_SCALING_TARGET_DEFAULT = 70,
    DYN_SCALING_UP_MINUTES = 2,
    DYN_SCALING_DOWN_MINUTES = 15,
};

typedef struct dyn_scaling_settings {
    int64_t minimum_units; /* 1 or more */
    int64_t maximum_units; /* not below the minimum, at most 40,000,000 */
    int64_t target_percent;
    int64_t up_cooldown_seconds;   /* since the last up, until the next */
    int64_t down_cooldown_seconds; /* since the last down, until the next */
    bool is_up_only;               /* it never goes down */
} dyn_scaling_settings;

typedef struct dyn_scaling_minute {
    int64_t consumed_milli;
    int64_t provisioned_units; /* a second, at the end of the minute */
} dyn_scaling_minute;

/* The minutes that the next decision may look at; all zero: none yet. Minute m
 * has its place at m modulo 15. */
typedef struct dyn_scaling {
    dyn_scaling_minute minutes[DYN_SCALING_DOWN_MINUTES];
    int64_t count; /* of minutes known in a row, last_minute among them */
    int64_t last_minute;
    bool was_up; /* up_minute: at the end of which it was decided last */
    bool was_down;
    int64_t up_minute;
    int64_t down_minute;
} dyn_scaling;

typedef enum dyn_scaling_change {
    DYN_SCALING_NONE,
    DYN_SCALING_UP,
    DYN_SCALING_DOWN,
} dyn_scaling_change;

/* What keeps units from being what the load calls for. */
typedef enum dyn_scaling_hold {
    DYN_SCALING_FREE,
    DYN_SCALING_AT_MAXIMUM, /* more than that is called for */
    DYN_SCALING_COOLDOWN,
    DYN_SCALING_NO_DECREASES, /* left now */
} dyn_scaling_hold;

/* wanted is what the load calls for, and change what is to be done: that, or
 * nothing when it is held back. A change up may be as far as the maximum and
 * still be held by it. units say something when change does. */
typedef struct dyn_scaling_decision {
    dyn_scaling_change wanted;
    dyn_scaling_change change;
    dyn_scaling_hold hold;
    int64_t units;
} dyn_scaling_decision;

/* Whether all members are within what is said above. */
bool dyn_scaling_is_valid(const dyn_scaling_settings *settings);

/* A minute has ended. Minutes come in order, those without consumption too: a
 * minute that is left out, or time that goes backwards, begins a new row. */
void dyn_scaling_add_minute(dyn_scaling *scaling, int64_t minute,
                            dyn_scaling_minute ended);

/* The minute before the last one by so many, less than count. */
const dyn_scaling_minute *dyn_scaling_ago(const dyn_scaling *scaling,
                                          int64_t minutes);

/* What is to be done at the end of the last minute, which the caller does.
 * units_now is what is provisioned, which may be another number than at that
 * end. Without decreases left there is no change down, and the next minute may
 * ask again. */
dyn_scaling_decision dyn_scaling_decide(dyn_scaling *scaling,
                                        const dyn_scaling_settings *settings,
                                        int64_t units_now,
                                        int64_t decreases_left);

/* Both at once: the change, and with one *units, which else say nothing. */
dyn_scaling_change dyn_scaling_end_minute(
    dyn_scaling *scaling, const dyn_scaling_settings *settings, int64_t minute,
    dyn_scaling_minute ended, int64_t decreases_left, int64_t *units);

#endif
