/* The calendar: days come back as they were, in the order of time, with the
 * leap years of the Gregorian calendar. */
#include "base/calendar.h"
#include "unit.h"

#include <stdbool.h>

#define DAY_MS    INT64_C(86400000)
#define TIME_0_MS INT64_C(-62167219200000) /* the year 0 begins */

static const struct {
    int64_t time_ms;
    dyn_date date;
} known[] = {
    {0, {1970, 1, 1, 0, 0, 0, 0}},
    {-1, {1969, 12, 31, 23, 59, 59, 999}},
    {951782400000, {2000, 2, 29, 0, 0, 0, 0}},
    {1709164800123, {2024, 2, 29, 0, 0, 0, 123}},
    {1767225600000, {2026, 1, 1, 0, 0, 0, 0}},
    {4107542399999, {2100, 2, 28, 23, 59, 59, 999}},
    {4107542400000, {2100, 3, 1, 0, 0, 0, 0}},
    {253402300799999, {9999, 12, 31, 23, 59, 59, 999}},
    {TIME_0_MS, {0, 1, 1, 0, 0, 0, 0}},
};

START_TEST(known_times_have_their_dates)
{
    dyn_date date = dyn_date_of(known[_i].time_ms);
    ck_assert_mem_eq(&date, &known[_i].date, sizeof(date));
    ck_assert_int_eq(dyn_date_ms(&date), known[_i].time_ms);
}
END_TEST

/* The day that is wrong, or -1. */
static int64_t find_wrong_day(void)
{
    dyn_date before = dyn_date_of(TIME_0_MS);
    for (int64_t day = 1; day < 10000 / 400 * 146097; day++) {
        int64_t time_ms = TIME_0_MS + day * DAY_MS;
        dyn_date date = dyn_date_of(time_ms);
        bool is_next = date.day == before.day + 1 || date.day == 1;
        if (dyn_date_ms(&date) != time_ms || !is_next) return day;
        before = date;
    }
    return before.year == 9999 ? -1 : 0;
}

START_TEST(every_day_comes_back_and_follows_the_one_before)
{
    ck_assert_int_eq(find_wrong_day(), -1);
}
END_TEST

START_TEST(times_beyond_four_digits_are_the_nearest)
{
    ck_assert_int_eq(dyn_date_of(INT64_MAX).year, 9999);
    ck_assert_int_eq(dyn_date_of(INT64_MIN).year, 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("calendar");
    tcase_add_loop_test(tests, known_times_have_their_dates, 0,
                        COUNT_OF(known));
    tcase_add_test(tests, every_day_comes_back_and_follows_the_one_before);
    tcase_add_test(tests, times_beyond_four_digits_are_the_nearest);
    return unit_run("calendar", tests);
}
