/* A replay of a usage as a whole: which settings and prices count, what is
 * refused, and that the figures are those of the model. */
#include "fault.h"
#include "ops/replay_usage.h"
#include "unit.h"

#include <sqlite3.h>
#include <string.h>

enum { MILLI = 1000, MINUTE = 30000000 };

static dyn_call call;
static dyn_replay_plan plan;
static dyn_bytes text_index;
static dyn_bytes source;

static void setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    dyn_call_begin(&call);
    dyn_replay_plan_begin(&call, &plan);
}

static void teardown(void)
{
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static dyn_status read_settings(const char *settings)
{
    return dyn_replay_plan_read(&call, dyn_bytes_text(settings), &plan,
                                &text_index, &source);
}

static void declare(int64_t read_units, int64_t write_units)
{
    dyn_throughput declared = {.read_units = read_units,
                               .write_units = write_units};
    dyn_replay_plan_declare(&plan, &declared);
}

static void use(int64_t minute, int64_t units)
{
    ck_assert_int_eq(dyn_replay_plan_add(&call, &plan, MINUTE + minute,
                                         units * MILLI, units * MILLI),
                     DYN_OK);
}

static const char *run(void)
{
    dyn_bytes out = {NULL, 0};
    ck_assert_int_eq(dyn_replay_plan_run(&call, &plan, &out), DYN_OK);
    return (const char *)out.data;
}

static void shows(const char *part)
{
    const char *report = run();
    ck_assert_msg(strstr(report, part) != NULL, "%s is not in %s", part,
                  report);
}

START_TEST(what_is_set_goes_before_what_is_declared)
{
    ck_assert_int_eq(read_settings("{\"provisioned\":{\"write_units\":9}}"),
                     DYN_OK);
    declare(5, 6);
    use(0, 60);
    shows("\"provisioned\":{\"read_units\":5,\"write_units\":9,");
    shows("\"scaled\":{\"read_units\":5,\"write_units\":6,");
}
END_TEST

START_TEST(without_units_the_busiest_minute_has_what_it_needs)
{
    declare(0, 0);
    use(0, 60);
    use(5, 121);
    shows("\"provisioned\":{\"read_units\":3,\"write_units\":3,"
          "\"granted_read_units\":181,\"throttled_read_units\":0,");
}
END_TEST

START_TEST(rows_of_a_minute_add_up)
{
    declare(1, 1);
    use(0, 100);
    use(0, 20);
    shows("{\"minutes\":1,\"read_units\":120,\"write_units\":120,");
    shows("\"granted_write_units\":60,\"throttled_write_units\":60,");
}
END_TEST

/* A million of each, and two units for a minute. */
START_TEST(money_is_units_times_their_prices)
{
    declare(1, 1);
    use(0, 1000000);
    ck_assert_int_eq(dyn_replay_plan_price(
                         &call, &plan, dyn_bytes_text("read_unit_hour"), 0.6),
                     DYN_OK);
    ck_assert_int_eq(dyn_replay_plan_price(
                         &call, &plan, dyn_bytes_text("write_unit_hour"), 1e6),
                     DYN_OK);
    shows("\"money\":16666.6766667}");
    ck_assert_int_eq(read_settings("{\"prices\":{\"million_reads\":2.5e0,"
                                   "\"million_writes\":0}}"),
                     DYN_OK);
    /* a new table on demand grants 12,000 reads a second */
    shows("\"granted_read_units\":720000,\"throttled_read_units\":280000,");
    shows("\"money\":1.8}");
}
END_TEST

START_TEST(the_largest_usage_can_be_counted)
{
    declare(1, 1);
    ck_assert_int_eq(read_settings("{\"provisioned\":{\"read_units\":40000000},"
                                   "\"prices\":{\"read_unit_hour\":1000000}}"),
                     DYN_OK);
    use(0, DYN_REPLAY_MINUTE_UNITS_MAX);
    use(DYN_REPLAY_GAP_MINUTES_MAX, DYN_REPLAY_MINUTE_UNITS_MAX);
    shows("\"read_unit_hours\":3513600666666.667,");
}
END_TEST

static const char *const refused[] = {
    "",
    "[]",
    "{\"mode\":\"scaled\"}",
    "{\"provisioned\":[]}",
    "{\"provisioned\":{\"read_units\":0}}",
    "{\"provisioned\":{\"read_units\":40000001}}",
    "{\"provisioned\":{\"read_units\":1.5}}",
    "{\"provisioned\":{\"read_units\":\"5\"}}",
    "{\"provisioned\":{\"max_read_units\":5}}",
    "{\"on_demand\":{\"max_read_units\":-1}}",
    "{\"scaled\":{\"target_percent\":19}}",
    "{\"scaled\":{\"minimum_write_units\":40001}}",
    "{\"index\":5}",
    "{\"prices\":{\"million_reads\":1000001}}",
    "{\"prices\":{\"million_reads\":null}}",
    "{\"prices\":{\"storage\":1}}",
    "{\"prices\":true}",
};

START_TEST(settings_that_mean_nothing_are_refused)
{
    ck_assert_int_eq(read_settings(refused[_i]), DYN_INVALID);
}
END_TEST

START_TEST(an_index_and_a_source_of_prices_are_texts)
{
    ck_assert_int_eq(
        read_settings("{\"index\":\"by_day\",\"prices\":\"list\"}"), DYN_OK);
    ck_assert_str_eq((const char *)text_index.data, "by_day");
    ck_assert_str_eq((const char *)source.data, "list");
    ck_assert_int_eq(read_settings("{}"), DYN_OK);
    ck_assert_ptr_null(text_index.data);
    ck_assert_ptr_null(source.data);
}
END_TEST

START_TEST(too_long_and_too_much_is_refused)
{
    static const int64_t most = (int64_t)DYN_REPLAY_MINUTE_UNITS_MAX * MILLI;
    int64_t late = MINUTE + DYN_REPLAY_GAP_MINUTES_MAX + 1;
    ck_assert_int_eq(dyn_replay_plan_add(&call, &plan, MINUTE, most, 0),
                     DYN_OK);
    ck_assert_int_eq(dyn_replay_plan_add(&call, &plan, MINUTE, 1, 0),
                     DYN_INVALID);
    ck_assert_int_eq(dyn_replay_plan_add(&call, &plan, MINUTE, 0, most),
                     DYN_OK);
    ck_assert_int_eq(dyn_replay_plan_add(&call, &plan, MINUTE, 0, 1),
                     DYN_INVALID);
    ck_assert_int_eq(dyn_replay_plan_add(&call, &plan, late, 0, 0),
                     DYN_INVALID);
    ck_assert_int_eq(dyn_replay_plan_add(&call, &plan, late - 1, 0, 0), DYN_OK);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("replay_usage");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, what_is_set_goes_before_what_is_declared);
    tcase_add_test(tests, without_units_the_busiest_minute_has_what_it_needs);
    tcase_add_test(tests, rows_of_a_minute_add_up);
    tcase_add_test(tests, money_is_units_times_their_prices);
    tcase_add_test(tests, the_largest_usage_can_be_counted);
    tcase_add_loop_test(tests, settings_that_mean_nothing_are_refused, 0,
                        sizeof(refused) / sizeof(refused[0]));
    tcase_add_test(tests, an_index_and_a_source_of_prices_are_texts);
    tcase_add_test(tests, too_long_and_too_much_is_refused);
    return unit_run("replay_usage", tests);
}
