/* Ceilings on demand: the numbers of docs/semantics.md 7, and that the few
 * minutes which are kept answer as all minutes would. */
#include "engine/peak.h"
#include "unit.h"

enum { UNIT_MINUTE_MILLI = 60 * 1000 };

/* A minute with so many units in its average second. */
static void use(dyn_peak *peak, int64_t minute, int64_t units)
{
    dyn_peak_end_minute(peak, minute, units * UNIT_MINUTE_MILLI);
}

START_TEST(a_new_table_serves_4000_writes_and_12000_reads_at_once)
{
    dyn_peak writes = dyn_peak_begin(DYN_ON_DEMAND_WRITE_UNITS);
    dyn_peak reads = dyn_peak_begin(DYN_ON_DEMAND_READ_UNITS);
    ck_assert_int_eq(dyn_peak_ceiling(&writes, 0), 4000);
    ck_assert_int_eq(dyn_peak_ceiling(&reads, 0), 12000);
}
END_TEST

START_TEST(the_floor_is_the_highest_ever_provisioned)
{
    dyn_peak peak = dyn_peak_begin(DYN_ON_DEMAND_WRITE_UNITS);
    dyn_peak_raise_floor(&peak, 10000);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 0), 10000);
    dyn_peak_raise_floor(&peak, 5000);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 0), 10000);
}
END_TEST

START_TEST(the_ceiling_is_twice_the_peak_30_minutes_after_it)
{
    dyn_peak peak = dyn_peak_begin(DYN_ON_DEMAND_WRITE_UNITS);
    use(&peak, 10, 4000); /* ends when minute 11 begins */
    for (int minute = 11; minute < 41; minute++)
        ck_assert_int_eq(dyn_peak_ceiling(&peak, minute), 4000);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 41), 8000);
}
END_TEST

START_TEST(a_peak_of_less_than_half_of_the_floor_changes_nothing)
{
    dyn_peak peak = dyn_peak_begin(DYN_ON_DEMAND_WRITE_UNITS);
    use(&peak, 0, 2000);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 31), 4000);
    use(&peak, 31, 2001);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 62), 4002);
}
END_TEST

/* Use all there is: whoever doubles within 30 minutes is above the ceiling,
 * whoever waits is not. */
START_TEST(the_ceiling_doubles_every_half_hour_and_not_within_one)
{
    dyn_peak peak = dyn_peak_begin(DYN_ON_DEMAND_WRITE_UNITS);
    for (int minute = 0; minute < 5 * 31; minute++) {
        int64_t ceiling = dyn_peak_ceiling(&peak, minute);
        ck_assert_int_eq(ceiling, (int64_t)4000 << minute / 31);
        use(&peak, minute, ceiling);
    }
}
END_TEST

START_TEST(the_ceiling_is_never_lowered)
{
    dyn_peak peak = dyn_peak_begin(DYN_ON_DEMAND_WRITE_UNITS);
    use(&peak, 0, 50000);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 31), 100000);
    for (int minute = 31; minute < 10000; minute++)
        use(&peak, minute, 1);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 10000), 100000);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 0), 100000);
}
END_TEST

START_TEST(an_average_is_exact_and_a_ceiling_a_whole_number_not_above_it)
{
    dyn_peak peak = dyn_peak_begin(1);
    dyn_peak_end_minute(&peak, 0, 100 * UNIT_MINUTE_MILLI + 29999);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 31), 200);
    dyn_peak_end_minute(&peak, 1, 100 * UNIT_MINUTE_MILLI + 30000);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 32), 201);
}
END_TEST

START_TEST(a_peak_that_rises_for_30_minutes_fits)
{
    dyn_peak peak = dyn_peak_begin(1);
    for (int minute = 0; minute < 500; minute++) {
        ck_assert_int_eq(dyn_peak_ceiling(&peak, minute),
                         minute < 31 ? 1 : 2 * (minute - 30));
        use(&peak, minute, minute + 1);
        ck_assert_int_le(peak.pending_count, DYN_PEAK_DELAY_MINUTES);
    }
    ck_assert_int_eq(peak.pending_count, DYN_PEAK_DELAY_MINUTES);
}
END_TEST

START_TEST(after_time_went_backwards_peaks_count_30_minutes_later)
{
    dyn_peak peak = dyn_peak_begin(1);
    use(&peak, 1000000, 700);
    use(&peak, 1000001, 800);
    use(&peak, 50, 10);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 80), 1);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 81), 1600);
    for (int minute = 0; minute < 100; minute++)
        use(&peak, 200 - minute, 801 + minute);
    ck_assert_int_eq(peak.pending_count, 1);
}
END_TEST

START_TEST(a_minute_told_twice_counts_once_with_its_larger_sum)
{
    dyn_peak peak = dyn_peak_begin(1);
    for (int64_t units = 1; units <= 100; units++)
        use(&peak, 0, units);
    use(&peak, 0, 50);
    ck_assert_int_eq(peak.pending_count, 1);
    ck_assert_int_eq(dyn_peak_ceiling(&peak, 31), 200);
}
END_TEST

/* All minutes, and the rule as it is written. */
enum { MINUTES = 3000 };

static int64_t ceiling_of(const int64_t *sums, int64_t minute, int64_t floor)
{
    int64_t peak = 0;
    for (int64_t i = 0; i < minute - 30; i++)
        if (sums[i] > peak) peak = sums[i];
    int64_t ceiling = 2 * peak / UNIT_MINUTE_MILLI;
    return ceiling > floor ? ceiling : floor;
}

static int64_t random_sum(uint64_t *state, int minute)
{
    int64_t range = (int64_t)1 << unit_random(state, 32);
    int64_t sum = unit_random(state, (uint32_t)range);
    return unit_random(state, 3) == 0 ? sum : sum / 8 + minute * 1000;
}

START_TEST(what_is_kept_answers_as_all_minutes_do)
{
    static int64_t sums[MINUTES];
    uint64_t state = (uint64_t)_i;
    dyn_peak peak = dyn_peak_begin(40);
    for (int minute = 0; minute < MINUTES; minute++) {
        sums[minute] = 0;
        if (unit_random(&state, 4) != 0) {
            ck_assert_int_eq(dyn_peak_ceiling(&peak, minute),
                             ceiling_of(sums, minute, 40));
        }
        if (unit_random(&state, 5) == 0) continue; /* nothing was used */
        sums[minute] = random_sum(&state, minute);
        dyn_peak_end_minute(&peak, minute, sums[minute]);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("peak");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests,
                   a_new_table_serves_4000_writes_and_12000_reads_at_once);
    tcase_add_test(tests, the_floor_is_the_highest_ever_provisioned);
    tcase_add_test(tests, the_ceiling_is_twice_the_peak_30_minutes_after_it);
    tcase_add_test(tests,
                   a_peak_of_less_than_half_of_the_floor_changes_nothing);
    tcase_add_test(tests,
                   the_ceiling_doubles_every_half_hour_and_not_within_one);
    tcase_add_test(tests, the_ceiling_is_never_lowered);
    tcase_add_test(
        tests, an_average_is_exact_and_a_ceiling_a_whole_number_not_above_it);
    tcase_add_test(tests, a_peak_that_rises_for_30_minutes_fits);
    tcase_add_test(tests,
                   after_time_went_backwards_peaks_count_30_minutes_later);
    tcase_add_test(tests, a_minute_told_twice_counts_once_with_its_larger_sum);
    tcase_add_loop_test(tests, what_is_kept_answers_as_all_minutes_do, 0, 20);
    return unit_run("peak", tests);
}
