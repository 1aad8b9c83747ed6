/* Decreases of throughput: 4 at once, then one an hour, 27 a day. */
#include "engine/decreases.h"
#include "unit.h"

#include <stdbool.h>

static const int64_t minute_ms = INT64_C(60000);
static const int64_t hour_ms = INT64_C(3600000);
static const int64_t day_ms = INT64_C(86400000);

/* Decreases as often as it is let, in steps of a minute: how many they are. */
static int64_t decrease_all(dyn_decreases *decreases, int64_t from_ms,
                            int64_t until_ms)
{
    int64_t made = 0;
    for (int64_t now_ms = from_ms; now_ms < until_ms; now_ms += minute_ms) {
        while (dyn_decreases_left(decreases, now_ms) > 0) {
            dyn_decreases_add(decreases, now_ms);
            made++;
        }
    }
    return made;
}

START_TEST(four_may_be_made_at_once)
{
    dyn_decreases decreases = {0, 0};
    for (int left = 4; left > 0; left--) {
        ck_assert_int_eq(dyn_decreases_left(&decreases, day_ms + 5), left);
        dyn_decreases_add(&decreases, day_ms + 5);
    }
    ck_assert_int_eq(dyn_decreases_left(&decreases, day_ms + 5), 0);
}
END_TEST

START_TEST(after_four_there_is_one_an_hour)
{
    dyn_decreases decreases = {4, day_ms + 5};
    for (int64_t hour = 1; hour < 24; hour++) {
        int64_t now_ms = day_ms + 5 + hour * hour_ms;
        ck_assert_int_eq(dyn_decreases_left(&decreases, now_ms - 1), 0);
        ck_assert_int_eq(dyn_decreases_left(&decreases, now_ms), 1);
        dyn_decreases_add(&decreases, now_ms);
    }
}
END_TEST

START_TEST(the_28th_decrease_of_a_day_is_refused)
{
    dyn_decreases decreases = {0, 0};
    int64_t begin_ms = 20000 * day_ms;
    ck_assert_int_eq(decrease_all(&decreases, begin_ms, begin_ms + day_ms), 27);
    ck_assert_int_eq(decreases.count, 27);
    ck_assert_int_eq(dyn_decreases_left(&decreases, begin_ms + day_ms - 1), 0);
    ck_assert_int_eq(dyn_decreases_left(&decreases, begin_ms + day_ms), 4);
    ck_assert_int_eq(
        decrease_all(&decreases, begin_ms + day_ms, begin_ms + 2 * day_ms), 27);
}
END_TEST

START_TEST(twenty_seven_are_the_most_whenever_they_were_made)
{
    dyn_decreases decreases = {27, day_ms};
    ck_assert_int_eq(dyn_decreases_left(&decreases, day_ms + 20 * hour_ms), 0);
}
END_TEST

START_TEST(a_day_before_1970_is_a_day)
{
    dyn_decreases decreases = {4, -1};
    ck_assert_int_eq(dyn_decreases_left(&decreases, -1), 0);
    ck_assert_int_eq(dyn_decreases_left(&decreases, 0), 4);
}
END_TEST

/* All decreases, and the rule as it is written. */
enum { ATTEMPTS = 2000 };

static bool may(const int64_t *made_ms, int made, int64_t now_ms)
{
    int today = 0;
    bool is_in_last_hour = false;
    for (int i = 0; i < made; i++) {
        if (made_ms[i] / day_ms != now_ms / day_ms) continue;
        today++;
        if (now_ms - made_ms[i] < hour_ms) is_in_last_hour = true;
    }
    return today < 4 || (today < 27 && !is_in_last_hour);
}

START_TEST(what_is_let_is_what_the_rule_lets)
{
    static int64_t made_ms[ATTEMPTS];
    uint64_t state = (uint64_t)_i;
    dyn_decreases decreases = {0, 0};
    int made = 0;
    int64_t now_ms = 20000 * day_ms;
    for (int i = 0; i < ATTEMPTS; i++) {
        uint32_t pause_ms = (uint32_t)(unit_random(&state, 3) * hour_ms / 2);
        now_ms += unit_random(&state, pause_ms + 60000);
        bool let = dyn_decreases_left(&decreases, now_ms) > 0;
        ck_assert(let == may(made_ms, made, now_ms));
        if (!let) continue;
        dyn_decreases_add(&decreases, now_ms);
        made_ms[made++] = now_ms;
    }
    ck_assert_int_lt(made, ATTEMPTS);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("decreases");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, four_may_be_made_at_once);
    tcase_add_test(tests, after_four_there_is_one_an_hour);
    tcase_add_test(tests, the_28th_decrease_of_a_day_is_refused);
    tcase_add_test(tests, twenty_seven_are_the_most_whenever_they_were_made);
    tcase_add_test(tests, a_day_before_1970_is_a_day);
    tcase_add_loop_test(tests, what_is_let_is_what_the_rule_lets, 0, 20);
    return unit_run("decreases", tests);
}
