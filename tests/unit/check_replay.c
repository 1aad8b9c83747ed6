/* Replays of a usage: what is granted, throttled and provisioned, by rules that
 * can be worked out by hand, and against a model that goes second by second. */
#include "engine/replay.h"
#include "unit.h"

#include <string.h>

enum { MILLI = 1000, UNIT_MINUTE_MILLI = 60 * MILLI, DAY_MINUTES = 24 * 60 };

static dyn_replay_settings of_mode(dyn_replay_mode mode, int64_t units)
{
    dyn_replay_limits limits = {
        .units = units,
        .scaling = {.minimum_units = 5,
                    .maximum_units = 40000,
                    .target_percent = DYN_SCALING_TARGET_DEFAULT},
    };
    return (dyn_replay_settings){mode, limits, limits};
}

/* Minutes of so many units a second, read and written. */
static void use(dyn_replay *replay, int64_t *minute, int minutes, int64_t units)
{
    for (int i = 0; i < minutes; i++) {
        int64_t milli = units * UNIT_MINUTE_MILLI;
        ck_assert(dyn_replay_add(replay, (*minute)++, milli, milli));
    }
}

/* ------------------------------------------------------------ provisioned --
 */

START_TEST(a_load_within_what_is_provisioned_is_never_throttled)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_PROVISIONED, 100);
    dyn_replay replay = dyn_replay_begin(&settings);
    int64_t minute = 30000000;
    use(&replay, &minute, DAY_MINUTES, 100);
    ck_assert_int_eq(replay.read.total.throttled_milli, 0);
    ck_assert_int_eq(replay.read.total.granted_milli,
                     (int64_t)DAY_MINUTES * 100 * UNIT_MINUTE_MILLI);
    ck_assert_int_eq(replay.read.total.unit_minutes, DAY_MINUTES * 100);
}
END_TEST

START_TEST(an_idle_table_at_150_serves_a_burst_of_45000_units)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_PROVISIONED, 150);
    dyn_replay replay = dyn_replay_begin(&settings);
    int64_t minute = 0;
    use(&replay, &minute, 10, 0);
    use(&replay, &minute, 1, 10000);
    ck_assert_int_eq(replay.write.minute.granted_milli,
                     (45000 + 59 * 150) * MILLI);
    ck_assert_int_eq(replay.write.minute.throttled_milli,
                     (600000 - 45000 - 59 * 150) * MILLI);
}
END_TEST

START_TEST(reads_and_writes_have_their_own_units)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_PROVISIONED, 10);
    dyn_replay replay = dyn_replay_begin(&settings);
    settings.write.units = 20;
    replay = dyn_replay_begin(&settings);
    for (int64_t minute = 0; minute < 10; minute++)
        dyn_replay_add(&replay, minute, 0, 20 * UNIT_MINUTE_MILLI);
    ck_assert_int_eq(replay.read.total.granted_milli, 0);
    ck_assert_int_eq(replay.read.total.unit_minutes, 100);
    ck_assert_int_eq(replay.write.total.granted_milli, 200 * UNIT_MINUTE_MILLI);
    ck_assert_int_eq(replay.write.total.unit_minutes, 200);
}
END_TEST

/* ----------------------------------------------------------------- scaled --
 */

START_TEST(scaling_lags_2_minutes_up_and_15_down)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_SCALED, 100);
    dyn_replay replay = dyn_replay_begin(&settings);
    int64_t minute = 0;
    use(&replay, &minute, 10, 70);
    ck_assert_int_eq(replay.read.rate.units, 100);
    use(&replay, &minute, 1, 84);
    ck_assert_int_eq(replay.read.rate.units, 100);
    use(&replay, &minute, 1, 84);
    ck_assert_int_eq(replay.read.rate.units, 120);
    ck_assert_int_eq(replay.read.minute.unit_minutes, 100);
    use(&replay, &minute, 14, 35);
    ck_assert_int_eq(replay.read.rate.units, 120);
    use(&replay, &minute, 1, 35);
    ck_assert_int_eq(replay.read.rate.units, 50);
    ck_assert_int_eq(replay.read.total.unit_minutes, 12 * 100 + 15 * 120);
    ck_assert_int_eq(replay.read.total.throttled_milli, 0);
}
END_TEST

START_TEST(a_spike_is_throttled_until_scaling_follows)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_SCALED, 100);
    dyn_replay replay = dyn_replay_begin(&settings);
    int64_t minute = 0;
    use(&replay, &minute, 10, 70);
    use(&replay, &minute, 20, 1000);
    ck_assert_int_gt(replay.read.total.throttled_milli, 0);
    use(&replay, &minute, 20, 1000);
    ck_assert_int_eq(replay.read.minute.throttled_milli, 0);
    ck_assert_int_eq(replay.read.rate.units, (1000 * 10 + 6) / 7);
}
END_TEST

/* 20 minutes of each, all day: 36 decreases for reads alone would be due. */
START_TEST(a_day_has_no_more_than_27_decreases)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_SCALED, 100);
    dyn_replay replay = dyn_replay_begin(&settings);
    int64_t minute = 20000 * DAY_MINUTES;
    int decreases = 0;
    for (int i = 0; i < DAY_MINUTES; i++) {
        int64_t read = replay.read.rate.units;
        int64_t write = replay.write.rate.units;
        use(&replay, &minute, 1, i / 20 % 2 == 0 ? 10 : 70);
        if (minute % DAY_MINUTES == 0) break; /* the end of it is tomorrow */
        if (replay.read.rate.units < read) decreases++;
        if (replay.write.rate.units < write) decreases++;
    }
    ck_assert_int_le(decreases, 27);
    ck_assert_int_ge(decreases, 20);
    ck_assert_int_eq(replay.decreases.count, decreases);
}
END_TEST

/* -------------------------------------------------------------- on demand --
 */

START_TEST(on_demand_serves_4000_writes_and_12000_reads_at_once)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_ON_DEMAND, 0);
    dyn_replay replay = dyn_replay_begin(&settings);
    int64_t minute = 0;
    use(&replay, &minute, 1, 20000);
    ck_assert_int_eq(replay.read.minute.granted_milli,
                     12000 * UNIT_MINUTE_MILLI);
    ck_assert_int_eq(replay.write.minute.granted_milli,
                     4000 * UNIT_MINUTE_MILLI);
    ck_assert_int_eq(replay.read.total.unit_minutes, 0);
}
END_TEST

START_TEST(who_doubles_within_30_minutes_is_throttled_on_demand)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_ON_DEMAND, 0);
    dyn_replay replay = dyn_replay_begin(&settings);
    int64_t minute = 0;
    use(&replay, &minute, 1, 4000);
    use(&replay, &minute, 30, 4001);
    ck_assert_int_eq(replay.write.total.throttled_milli,
                     30 * UNIT_MINUTE_MILLI);
    use(&replay, &minute, 1, 8000); /* the second before it gained 4,000 */
    ck_assert_int_eq(replay.write.minute.throttled_milli, 4000 * MILLI);
    use(&replay, &minute, 29, 8000);
    ck_assert_int_eq(replay.write.minute.throttled_milli, 0);
    ck_assert_int_eq(replay.write.total.throttled_milli,
                     30 * UNIT_MINUTE_MILLI + 4000 * MILLI);
}
END_TEST

START_TEST(on_demand_keeps_to_the_maximum_and_what_was_provisioned)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_ON_DEMAND, 30000);
    settings.write.maximum_units = 50;
    dyn_replay replay = dyn_replay_begin(&settings);
    int64_t minute = 0;
    use(&replay, &minute, 100, 30000);
    ck_assert_int_eq(replay.read.total.throttled_milli, 0);
    ck_assert_int_eq(replay.write.total.granted_milli,
                     100 * 50 * UNIT_MINUTE_MILLI);
}
END_TEST

/* ---------------------------------------------------------------- refused --
 */

START_TEST(minutes_come_in_order)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_SCALED, 10);
    dyn_replay replay = dyn_replay_begin(&settings);
    ck_assert(!dyn_replay_add(&replay, INT64_MAX, 1, 1));
    ck_assert(!dyn_replay_add(&replay, INT64_MIN, 1, 1));
    ck_assert(dyn_replay_add(&replay, 10, 1, 1));
    dyn_replay before = replay;
    ck_assert(!dyn_replay_add(&replay, 10, 1, 1));
    ck_assert(!dyn_replay_add(&replay, 9, 1, 1));
    ck_assert(!dyn_replay_add(&replay, INT64_MIN, 1, 1));
    ck_assert(!dyn_replay_add(&replay, 12 + DYN_REPLAY_GAP_MINUTES_MAX, 1, 1));
    ck_assert_int_eq(replay.next_minute, before.next_minute);
    ck_assert_int_eq(replay.read.total.granted_milli,
                     before.read.total.granted_milli);
    ck_assert(dyn_replay_add(&replay, 11 + DYN_REPLAY_GAP_MINUTES_MAX, 1, 1));
}
END_TEST

START_TEST(the_latest_minutes_do_not_overflow)
{
    dyn_replay_settings settings = of_mode(DYN_REPLAY_ON_DEMAND, 40000000);
    dyn_replay replay = dyn_replay_begin(&settings);
    int64_t last = INT64_MAX / (60 * MILLI) - 1;
    ck_assert(dyn_replay_add(&replay, last, INT64_MAX / 2, INT64_MAX / 2));
    ck_assert(!dyn_replay_add(&replay, last + 1, 1, 1));
    replay = dyn_replay_begin(&settings);
    ck_assert(dyn_replay_add(&replay, -last, INT64_MAX / 2, INT64_MAX / 2));
}
END_TEST

/* ------------------------------------------------------- second by second --
 */

enum { MINUTES = 600 };

typedef struct model {
    int64_t balance;
    int64_t units; /* of this minute */
    int64_t seconds;
    int64_t granted[MINUTES];
    int64_t provisioned[MINUTES];
} model;

/* The ceiling of on demand in a minute, over all of them. */
static int64_t ceiling_of(const model *m, int minute, int64_t floor)
{
    int64_t ceiling = floor;
    for (int i = 0; i < minute - 30; i++) {
        if (2 * m->granted[i] / UNIT_MINUTE_MILLI > ceiling)
            ceiling = 2 * m->granted[i] / UNIT_MINUTE_MILLI;
    }
    return ceiling;
}

/* What scaling makes of the minutes up to one; down, if it may. */
static int64_t scaled_of(const model *m, int last, bool may_decrease)
{
    int above = 0;
    int below = 0;
    int64_t busiest = 0;
    for (int i = last; i >= 0 && i > last - 15; i--) {
        int64_t target = m->provisioned[i] * 70 * 600;
        if (i > last - 2 && m->granted[i] > target) above++;
        if (m->granted[i] * 10 < target * 8) below++;
        if (m->granted[i] > busiest) busiest = m->granted[i];
    }
    if (above < 2 && !(below == 15 && may_decrease)) return m->units;
    int64_t needs = above == 2 ? m->granted[last] : busiest;
    int64_t units = (needs + 70 * 600 - 1) / (70 * 600);
    if (units < 5) units = 5;
    if (units > 40000) units = 40000;
    if ((above == 2) == (units > m->units)) return units;
    return m->units;
}

static void model_minute(model *m, int minute, int64_t load)
{
    m->provisioned[minute] = m->units;
    m->granted[minute] = 0;
    for (int second = 0; second < 60; second++) {
        int64_t now = load * (second + 1) / 60 - load * second / 60;
        int64_t granted = now < m->balance ? now : m->balance;
        m->granted[minute] += granted;
        m->balance += m->units * MILLI - granted;
        if (m->balance > m->units * MILLI * m->seconds)
            m->balance = m->units * MILLI * m->seconds;
    }
}

/* The second before a change was gained by the rate before it. */
static void model_change(model *m, int64_t units)
{
    m->units = units;
    if (m->balance > units * MILLI * m->seconds)
        m->balance = units * MILLI * m->seconds;
}

static int64_t random_load(uint64_t *state, int64_t *level)
{
    if (unit_random(state, 20) == 0)
        *level = ((int64_t)1 << unit_random(state, 26)) * 8;
    if (unit_random(state, 10) == 0) return 0;
    return *level + unit_random(state, (uint32_t)*level);
}

/* Only writes: reads would take decreases away. */
START_TEST(a_replay_is_that_of_the_model)
{
    static model m;
    uint64_t state = (uint64_t)_i;
    int64_t level = 1000;
    dyn_replay_settings settings = of_mode((dyn_replay_mode)(_i % 3), 100);
    dyn_replay replay = dyn_replay_begin(&settings);
    bool is_on_demand = settings.mode == DYN_REPLAY_ON_DEMAND;
    m.units = is_on_demand ? 4000 : 100;
    m.seconds = is_on_demand ? 1 : 300;
    m.balance = m.units * MILLI;
    for (int i = 0; i < MINUTES; i++) {
        int64_t load = random_load(&state, &level);
        replay.decreases = (dyn_decreases){0, 0}; /* any number */
        model_minute(&m, i, load);
        int64_t units = m.units;
        if (is_on_demand) units = ceiling_of(&m, i + 1, 4000);
        if (settings.mode == DYN_REPLAY_SCALED) units = scaled_of(&m, i, true);
        model_change(&m, units);
        if (load == 0 && i > 0 && i + 1 < MINUTES) continue;
        ck_assert(dyn_replay_add(&replay, 1000 + i, 0, load));
        ck_assert_int_eq(replay.write.minute.granted_milli, m.granted[i]);
        ck_assert_int_eq(replay.write.minute.throttled_milli,
                         load - m.granted[i]);
        ck_assert_int_eq(replay.write.rate.units, m.units);
    }
    int64_t granted = 0;
    int64_t provisioned = 0;
    for (int i = 0; i < MINUTES; i++) {
        granted += m.granted[i];
        if (!is_on_demand) provisioned += m.provisioned[i];
    }
    ck_assert_int_eq(replay.write.total.granted_milli, granted);
    ck_assert_int_eq(replay.write.total.unit_minutes, provisioned);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("replay");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_load_within_what_is_provisioned_is_never_throttled);
    tcase_add_test(tests, an_idle_table_at_150_serves_a_burst_of_45000_units);
    tcase_add_test(tests, reads_and_writes_have_their_own_units);
    tcase_add_test(tests, scaling_lags_2_minutes_up_and_15_down);
    tcase_add_test(tests, a_spike_is_throttled_until_scaling_follows);
    tcase_add_test(tests, a_day_has_no_more_than_27_decreases);
    tcase_add_test(tests, on_demand_serves_4000_writes_and_12000_reads_at_once);
    tcase_add_test(tests, who_doubles_within_30_minutes_is_throttled_on_demand);
    tcase_add_test(tests,
                   on_demand_keeps_to_the_maximum_and_what_was_provisioned);
    tcase_add_test(tests, minutes_come_in_order);
    tcase_add_test(tests, the_latest_minutes_do_not_overflow);
    tcase_add_loop_test(tests, a_replay_is_that_of_the_model, 0, 60);
    return unit_run("replay", tests);
}
