/* Auto scaling: the numbers of docs/semantics.md 8, and that every decision is
 * that of the rule as it is written, over random loads. */
#include "engine/scaling.h"
#include "unit.h"

enum { UNIT_MINUTE_MILLI = 60 * 1000, MANY = 1000 };

static dyn_scaling_settings settings;
static dyn_scaling scaling;
static int64_t minute;
static int64_t provisioned;

static void setup(void)
{
    settings = (dyn_scaling_settings){
        .minimum_units = 5,
        .maximum_units = 1000,
        .target_percent = DYN_SCALING_TARGET_DEFAULT,
    };
    scaling = (dyn_scaling){0};
    minute = 100;
    provisioned = 100;
}

static dyn_scaling_change use_milli(int64_t consumed_milli, int64_t left)
{
    int64_t units = 0;
    dyn_scaling_change change = dyn_scaling_end_minute(
        &scaling, &settings, minute++,
        (dyn_scaling_minute){consumed_milli, provisioned}, left, &units);
    if (change != DYN_SCALING_NONE) provisioned = units;
    return change;
}

/* A minute of so many units in its average second. */
static dyn_scaling_change use(int64_t units)
{
    return use_milli(units * UNIT_MINUTE_MILLI, MANY);
}

static void use_in_vain(int64_t units, int minutes)
{
    for (int i = 0; i < minutes; i++)
        ck_assert_int_eq(use(units), DYN_SCALING_NONE);
}

/* --------------------------------------------------------------------- up --
 */

START_TEST(it_goes_up_after_2_minutes_above_target)
{
    use_in_vain(84, 1);
    ck_assert_int_eq(use(84), DYN_SCALING_UP);
    ck_assert_int_eq(provisioned, 120); /* 84 is 70 % of it */
    use_in_vain(84, 100);
}
END_TEST

START_TEST(a_spike_of_one_minute_changes_nothing)
{
    for (int i = 0; i < 20; i++) {
        use_in_vain(1000, 1);
        use_in_vain(60, 1);
    }
}
END_TEST

START_TEST(at_target_is_not_above_target)
{
    use_in_vain(70, 10);
    ck_assert_int_eq(use_milli(70 * UNIT_MINUTE_MILLI + 1, MANY),
                     DYN_SCALING_NONE);
    ck_assert_int_eq(use_milli(70 * UNIT_MINUTE_MILLI + 1, MANY),
                     DYN_SCALING_UP);
    ck_assert_int_eq(provisioned, 101);
}
END_TEST

START_TEST(up_is_to_what_the_last_minute_needs)
{
    use_in_vain(500, 1);
    ck_assert_int_eq(use(84), DYN_SCALING_UP);
    ck_assert_int_eq(provisioned, 120);
}
END_TEST

START_TEST(up_stops_at_the_maximum)
{
    use_in_vain(5000, 1);
    ck_assert_int_eq(use(5000), DYN_SCALING_UP);
    ck_assert_int_eq(provisioned, 1000);
    use_in_vain(5000, 30);
}
END_TEST

START_TEST(what_needs_just_the_maximum_is_not_held_by_it)
{
    const dyn_scaling_minute busy = {700 * UNIT_MINUTE_MILLI, provisioned};
    const dyn_scaling_minute busier = {700 * UNIT_MINUTE_MILLI + 1,
                                       provisioned};
    for (int i = 0; i < DYN_SCALING_UP_MINUTES; i++)
        dyn_scaling_add_minute(&scaling, minute++, busy);
    dyn_scaling_decision decision =
        dyn_scaling_decide(&scaling, &settings, provisioned, MANY);
    ck_assert_int_eq(decision.units, 1000);
    ck_assert_int_eq(decision.hold, DYN_SCALING_FREE);
    dyn_scaling_add_minute(&scaling, minute++, busier);
    decision = dyn_scaling_decide(&scaling, &settings, provisioned, MANY);
    ck_assert_int_eq(decision.units, 1000);
    ck_assert_int_eq(decision.hold, DYN_SCALING_AT_MAXIMUM);
}
END_TEST

START_TEST(what_has_been_raised_meanwhile_is_not_wanted)
{
    const dyn_scaling_minute busy = {84 * UNIT_MINUTE_MILLI, provisioned};
    for (int i = 0; i < DYN_SCALING_UP_MINUTES; i++)
        dyn_scaling_add_minute(&scaling, minute++, busy);
    dyn_scaling_decision decision =
        dyn_scaling_decide(&scaling, &settings, 120, MANY);
    ck_assert_int_eq(decision.change, DYN_SCALING_NONE);
    ck_assert_int_eq(decision.wanted, DYN_SCALING_NONE);
}
END_TEST

START_TEST(a_load_that_grows_is_followed_a_minute_behind)
{
    use_in_vain(80, 1);
    for (int64_t units = 90; units < 190; units += 10) {
        ck_assert_int_eq(use(units), DYN_SCALING_UP);
        ck_assert_int_eq(provisioned, (units * 10 + 6) / 7);
    }
}
END_TEST

/* ------------------------------------------------------------------- down --
 */

START_TEST(it_goes_down_after_15_minutes_20_percent_below_target)
{
    use_in_vain(35, 14);
    ck_assert_int_eq(use(35), DYN_SCALING_DOWN);
    ck_assert_int_eq(provisioned, 50);
    use_in_vain(35, 100);
}
END_TEST

START_TEST(twenty_percent_below_target_is_not_more)
{
    use_in_vain(56, 100); /* 56 is 80 % of 70 */
    for (int i = 0; i < 14; i++)
        ck_assert_int_eq(use_milli(56 * UNIT_MINUTE_MILLI - 1, MANY),
                         DYN_SCALING_NONE);
    ck_assert_int_eq(use_milli(56 * UNIT_MINUTE_MILLI - 1, MANY),
                     DYN_SCALING_DOWN);
    ck_assert_int_eq(provisioned, 80);
}
END_TEST

START_TEST(one_busier_minute_begins_the_15_anew)
{
    use_in_vain(35, 14);
    use_in_vain(60, 1);
    use_in_vain(35, 14);
    ck_assert_int_eq(use(35), DYN_SCALING_DOWN);
}
END_TEST

START_TEST(down_is_to_what_the_busiest_of_the_15_needs)
{
    use_in_vain(1, 7);
    use_in_vain(49, 1);
    use_in_vain(1, 6);
    ck_assert_int_eq(use(1), DYN_SCALING_DOWN);
    ck_assert_int_eq(provisioned, 70);
}
END_TEST

START_TEST(down_stops_at_the_minimum)
{
    use_in_vain(0, 14);
    ck_assert_int_eq(use(0), DYN_SCALING_DOWN);
    ck_assert_int_eq(provisioned, 5);
    use_in_vain(0, 100);
}
END_TEST

START_TEST(without_decreases_left_it_does_not_go_down_and_asks_again)
{
    for (int i = 0; i < 40; i++)
        ck_assert_int_eq(use_milli(0, 0), DYN_SCALING_NONE);
    ck_assert_int_eq(use_milli(0, 1), DYN_SCALING_DOWN);
}
END_TEST

START_TEST(without_decreases_left_it_goes_up)
{
    use_in_vain(84, 1);
    ck_assert_int_eq(use_milli((int64_t)84 * UNIT_MINUTE_MILLI, 0),
                     DYN_SCALING_UP);
}
END_TEST

/* ------------------------------------------------------------ other rules --
 */

START_TEST(a_minute_left_out_begins_the_count_anew)
{
    use_in_vain(84, 1);
    minute++;
    use_in_vain(84, 1);
    ck_assert_int_eq(use(84), DYN_SCALING_UP);
    use_in_vain(0, 14);
    minute++;
    use_in_vain(0, 14);
    ck_assert_int_eq(use(0), DYN_SCALING_DOWN);
}
END_TEST

START_TEST(minutes_before_one_left_out_do_not_count)
{
    for (int i = 0; i < 40; i++)
        ck_assert_int_eq(use_milli(0, 0), DYN_SCALING_NONE);
    minute++;
    use_in_vain(0, 14);
    ck_assert_int_eq(use(0), DYN_SCALING_DOWN);
}
END_TEST

START_TEST(time_that_goes_backwards_begins_the_count_anew)
{
    use_in_vain(84, 1);
    minute -= 1000;
    use_in_vain(84, 1);
    ck_assert_int_eq(use(84), DYN_SCALING_UP);
    minute = -20;
    use_in_vain(84, 40);
}
END_TEST

START_TEST(a_value_above_the_maximum_is_no_reason_to_change)
{
    settings.maximum_units = 90;
    use_in_vain(84, 40);
}
END_TEST

START_TEST(a_cooldown_delays_the_next_change_up)
{
    settings.up_cooldown_seconds = 150; /* three minutes' ends */
    use_in_vain(80, 1);
    ck_assert_int_eq(use(80), DYN_SCALING_UP);
    use_in_vain(200, 2);
    ck_assert_int_eq(use(200), DYN_SCALING_UP);
    use_in_vain(0, 14);
    ck_assert_int_eq(use(0), DYN_SCALING_DOWN);
}
END_TEST

START_TEST(a_cooldown_is_over_when_time_goes_backwards)
{
    settings.up_cooldown_seconds = 3600;
    use_in_vain(80, 1);
    ck_assert_int_eq(use(80), DYN_SCALING_UP);
    minute -= 1000;
    use_in_vain(200, 1);
    ck_assert_int_eq(use(200), DYN_SCALING_UP);
}
END_TEST

START_TEST(a_cooldown_delays_the_next_change_down)
{
    settings.down_cooldown_seconds = 3600;
    use_in_vain(35, 14);
    ck_assert_int_eq(use(35), DYN_SCALING_DOWN);
    use_in_vain(0, 59);
    ck_assert_int_eq(use(0), DYN_SCALING_DOWN);
    use_in_vain(84, 1);
    ck_assert_int_eq(use(84), DYN_SCALING_UP);
}
END_TEST

static const struct {
    dyn_scaling_settings settings;
    bool is_valid;
} given[] = {
    {{1, 1, 20, 0, 0, false}, true},
    {{1, 40000000, 90, 9, 9, false}, true},
    {{0, 1, 70, 0, 0, false}, false},
    {{2, 1, 70, 0, 0, false}, false},
    {{1, 40000001, 70, 0, 0, false}, false},
    {{1, 2, 19, 0, 0, false}, false},
    {{1, 2, 91, 0, 0, false}, false},
    {{1, 2, 70, -1, 0, false}, false},
    {{1, 2, 70, 0, INT64_MIN, false}, false},
};

START_TEST(settings_are_between_20_and_90_percent_and_minimum_and_maximum)
{
    ck_assert(dyn_scaling_is_valid(&given[_i].settings) == given[_i].is_valid);
}
END_TEST

START_TEST(the_largest_amounts_do_not_overflow)
{
    settings =
        (dyn_scaling_settings){1, 40000000, 20, INT64_MAX, INT64_MAX, false};
    provisioned = 40000000;
    for (int i = 0; i < 40; i++)
        use_milli(INT64_MAX, MANY);
    ck_assert_int_eq(provisioned, 40000000);
    for (int i = 0; i < 15; i++)
        use_milli(0, MANY);
    ck_assert_int_eq(provisioned, 1);
    for (int i = 0; i < 2; i++)
        use_milli(INT64_MAX, MANY);
    ck_assert_int_eq(provisioned, 40000000);
}
END_TEST

/* ---------------------------------------------------------------- held back --
 */

/* The decision of a minute of so many units in its average second. */
static dyn_scaling_decision decide(int64_t units, int64_t left)
{
    dyn_scaling_add_minute(
        &scaling, minute++,
        (dyn_scaling_minute){units * UNIT_MINUTE_MILLI, provisioned});
    dyn_scaling_decision out =
        dyn_scaling_decide(&scaling, &settings, provisioned, left);
    if (out.change != DYN_SCALING_NONE) provisioned = out.units;
    return out;
}

static void expect(dyn_scaling_decision decision, dyn_scaling_change wanted,
                   dyn_scaling_change change, dyn_scaling_hold hold)
{
    ck_assert_int_eq(decision.wanted, wanted);
    ck_assert_int_eq(decision.change, change);
    ck_assert_int_eq(decision.hold, hold);
}

START_TEST(the_maximum_holds_back_what_goes_beyond_it)
{
    settings.maximum_units = 110;
    use_in_vain(84, 1);
    expect(decide(84, MANY), DYN_SCALING_UP, DYN_SCALING_UP,
           DYN_SCALING_AT_MAXIMUM);
    ck_assert_int_eq(provisioned, 110);
    expect(decide(84, MANY), DYN_SCALING_UP, DYN_SCALING_NONE,
           DYN_SCALING_AT_MAXIMUM);
    expect(decide(77, MANY), DYN_SCALING_NONE, DYN_SCALING_NONE,
           DYN_SCALING_FREE);
}
END_TEST

START_TEST(a_cooldown_holds_back_both_ways)
{
    settings.up_cooldown_seconds = 600;
    settings.down_cooldown_seconds = 3600;
    use_in_vain(84, 1);
    ck_assert_int_eq(use(84), DYN_SCALING_UP);
    use_in_vain(100, 1);
    expect(decide(100, MANY), DYN_SCALING_UP, DYN_SCALING_NONE,
           DYN_SCALING_COOLDOWN);
    use_in_vain(50, 14);
    ck_assert_int_eq(use(50), DYN_SCALING_DOWN);
    use_in_vain(10, 14);
    expect(decide(10, MANY), DYN_SCALING_DOWN, DYN_SCALING_NONE,
           DYN_SCALING_COOLDOWN);
}
END_TEST

START_TEST(without_decreases_left_it_does_not_go_down)
{
    use_in_vain(10, 14);
    expect(decide(10, 0), DYN_SCALING_DOWN, DYN_SCALING_NONE,
           DYN_SCALING_NO_DECREASES);
    expect(decide(10, 1), DYN_SCALING_DOWN, DYN_SCALING_DOWN, DYN_SCALING_FREE);
}
END_TEST

START_TEST(what_only_goes_up_is_not_held_back_from_going_down)
{
    settings.is_up_only = true;
    use_in_vain(10, 30);
    expect(decide(10, MANY), DYN_SCALING_NONE, DYN_SCALING_NONE,
           DYN_SCALING_FREE);
}
END_TEST

/* ------------------------------------------------- against the whole trace --
 */

enum { MINUTES = 3000 };

typedef struct trace {
    int64_t consumed[MINUTES]; /* thousandths of a unit */
    int64_t provisioned[MINUTES];
} trace;

/* The units of the rule, in fractions: consumed / 60,000 / (target / 100). */
static int64_t needed(int64_t consumed_milli)
{
    int64_t units = settings.minimum_units;
    while (units < settings.maximum_units &&
           units * settings.target_percent * 600 < consumed_milli) {
        units++;
    }
    return units;
}

static int64_t rule(const trace *past, int last, int64_t left)
{
    int64_t target = settings.target_percent;
    int64_t now = past->provisioned[last];
    int above = 0;
    int below = 0;
    int64_t busiest = 0;
    for (int i = last; i >= 0 && i > last - 15; i--) {
        int64_t at_target = past->provisioned[i] * target * 600;
        int64_t consumed = past->consumed[i];
        if (i > last - 2 && consumed > at_target) above++;
        if (10 * consumed < 8 * at_target) below++;
        if (consumed > busiest) busiest = consumed;
    }
    int64_t up = needed(past->consumed[last]);
    if (above == 2) return up > now ? up : now;
    int64_t down = needed(busiest);
    return below == 15 && left > 0 && down < now ? down : now;
}

/* Calm for some minutes, then another level; with noise. */
static int64_t random_load(uint64_t *state, int64_t *level)
{
    if (unit_random(state, 25) == 0)
        *level = (int64_t)unit_random(state, 1200) * UNIT_MINUTE_MILLI / 2;
    return *level + *level / 100 * unit_random(state, 20);
}

START_TEST(every_decision_is_that_of_the_rule)
{
    static trace past;
    uint64_t state = (uint64_t)_i;
    int64_t level = 0;
    int changes[3] = {0, 0, 0};
    settings.target_percent = 20 + unit_random(&state, 71);
    for (int i = 0; i < MINUTES; i++) {
        int64_t left = unit_random(&state, 4);
        past.consumed[i] = random_load(&state, &level);
        past.provisioned[i] = provisioned;
        int64_t expected = rule(&past, i, left);
        changes[use_milli(past.consumed[i], left)]++;
        ck_assert_int_eq(provisioned, expected);
    }
    ck_assert_int_gt(changes[DYN_SCALING_UP], 0);
    ck_assert_int_gt(changes[DYN_SCALING_DOWN], 0);
}
END_TEST

static void add_rules(TCase *tests)
{
    tcase_add_test(tests, it_goes_up_after_2_minutes_above_target);
    tcase_add_test(tests, a_spike_of_one_minute_changes_nothing);
    tcase_add_test(tests, at_target_is_not_above_target);
    tcase_add_test(tests, up_is_to_what_the_last_minute_needs);
    tcase_add_test(tests, up_stops_at_the_maximum);
    tcase_add_test(tests, what_needs_just_the_maximum_is_not_held_by_it);
    tcase_add_test(tests, what_has_been_raised_meanwhile_is_not_wanted);
    tcase_add_test(tests, a_load_that_grows_is_followed_a_minute_behind);
    tcase_add_test(tests,
                   it_goes_down_after_15_minutes_20_percent_below_target);
    tcase_add_test(tests, twenty_percent_below_target_is_not_more);
    tcase_add_test(tests, one_busier_minute_begins_the_15_anew);
    tcase_add_test(tests, down_is_to_what_the_busiest_of_the_15_needs);
    tcase_add_test(tests, down_stops_at_the_minimum);
    tcase_add_test(tests,
                   without_decreases_left_it_does_not_go_down_and_asks_again);
    tcase_add_test(tests, without_decreases_left_it_goes_up);
}

int main(void)
{
    TCase *tests = tcase_create("scaling");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, NULL);
    add_rules(tests);
    tcase_add_test(tests, a_minute_left_out_begins_the_count_anew);
    tcase_add_test(tests, minutes_before_one_left_out_do_not_count);
    tcase_add_test(tests, time_that_goes_backwards_begins_the_count_anew);
    tcase_add_test(tests, a_value_above_the_maximum_is_no_reason_to_change);
    tcase_add_test(tests, a_cooldown_delays_the_next_change_up);
    tcase_add_test(tests, a_cooldown_is_over_when_time_goes_backwards);
    tcase_add_test(tests, a_cooldown_delays_the_next_change_down);
    tcase_add_loop_test(
        tests, settings_are_between_20_and_90_percent_and_minimum_and_maximum,
        0, COUNT_OF(given));
    tcase_add_test(tests, the_maximum_holds_back_what_goes_beyond_it);
    tcase_add_test(tests, a_cooldown_holds_back_both_ways);
    tcase_add_test(tests, without_decreases_left_it_does_not_go_down);
    tcase_add_test(tests, what_only_goes_up_is_not_held_back_from_going_down);
    tcase_add_test(tests, the_largest_amounts_do_not_overflow);
    tcase_add_loop_test(tests, every_decision_is_that_of_the_rule, 0, 30);
    return unit_run("scaling", tests);
}
