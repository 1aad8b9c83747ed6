/* Units: the vectors of docs/semantics.md 2 and 3, and the sums of them. */
#include "call.h"
#include "engine/cost.h"
#include "engine/units.h"
#include "fault.h"

#include <sqlite3.h>
#include <string.h>

static const struct {
    size_t size_bytes;
    int64_t strong_units;
} reads[] = {
    {0, 1},
    {1, 1},
    {3584, 1}, /* GetItem of 3.5 KB */
    {4095, 1},
    {4096, 1},
    {4097, 2},
    {10 * 1024, 3},     /* GetItem of 10 KB */
    {41779, 11},        /* Query of 40.8 KB */
    {1500 * 64, 24},    /* 1500 items of 64 bytes */
    {80 * 1024, 20},    /* 10 when eventual */
    {409600, 100},      /* the largest item */
    {1024 * 1024, 256}, /* a page */
};

START_TEST(a_read_costs_by_4_kb)
{
    ck_assert_int_eq(dyn_read_halves(reads[_i].size_bytes, true),
                     2 * reads[_i].strong_units);
    ck_assert_int_eq(dyn_read_halves(reads[_i].size_bytes, false),
                     reads[_i].strong_units);
}
END_TEST

static const struct {
    size_t old_bytes;
    size_t new_bytes;
    int64_t units;
} writes[] = {
    {0, 0, 1}, /* deleting nothing */
    {0, 1, 1},        {0, 1024, 1},    {0, 1025, 2},        {1025, 0, 2},
    {3000, 100, 3},   {100, 3000, 3},  {2048, 2048, 2},     {0, 409600, 400},
    {409600, 1, 400}, {1023, 1024, 1}, {102400, 4096, 100},
};

START_TEST(a_write_costs_the_larger_of_old_and_new_by_1_kb)
{
    ck_assert_int_eq(
        dyn_write_units(writes[_i].old_bytes, writes[_i].new_bytes),
        writes[_i].units);
}
END_TEST

static const struct {
    int64_t halves;
    const char *text;
} halves[] = {
    {0, "0"},   {1, "0.5"},  {2, "1"},
    {3, "1.5"}, {11, "5.5"}, {2000001, "1000000.5"},
};

START_TEST(halves_are_shown_as_people_read_them)
{
    dyn_buffer out;
    dyn_bytes text;
    dyn_buffer_begin(&out, &call, 16);
    dyn_halves_to_text(&out, halves[_i].halves);
    ck_assert_int_eq(dyn_buffer_end(&out, &text), DYN_OK);
    ck_assert_str_eq((const char *)text.data, halves[_i].text);
}
END_TEST

static const char *cost_text(const dyn_cost *cost)
{
    dyn_buffer out;
    dyn_bytes text;
    dyn_buffer_begin(&out, &call, 16);
    dyn_cost_to_json(&out, cost);
    ck_assert_int_eq(dyn_buffer_end(&out, &text), DYN_OK);
    return (const char *)text.data;
}

static void charge(dyn_cost *cost, const char *table, int64_t read_halves,
                   int64_t write_units)
{
    size_t line;
    ck_assert_int_eq(dyn_cost_line_of(&call, cost, table, NULL, &line), DYN_OK);
    cost->lines[line].is_used = true;
    cost->lines[line].read_halves += read_halves;
    cost->lines[line].write_units += write_units;
}

START_TEST(a_cost_names_the_tables_of_the_statement)
{
    dyn_cost cost = {NULL, 0};
    ck_assert_str_eq(cost_text(&cost),
                     "{\"read_units\":0,\"write_units\":0,\"tables\":[]}");
    charge(&cost, "a", 1, 0);
    charge(&cost, "b", 2, 3);
    charge(&cost, "a", 2, 1);
    ck_assert_str_eq(cost_text(&cost),
                     "{\"read_units\":2.5,\"write_units\":4,\"tables\":["
                     "{\"table\":\"a\",\"read_units\":1.5,\"write_units\":1},"
                     "{\"table\":\"b\",\"read_units\":1,\"write_units\":3}]}");
    dyn_cost_reset(&cost);
    charge(&cost, "b", 1, 0);
    ck_assert_str_eq(cost_text(&cost),
                     "{\"read_units\":0.5,\"write_units\":0,\"tables\":["
                     "{\"table\":\"b\",\"read_units\":0.5,\"write_units\":0}]"
                     "}");
    dyn_cost_free(&cost);
}
END_TEST

START_TEST(room_that_is_not_there_is_reported)
{
    dyn_cost cost = {NULL, 0};
    size_t line;
    for (int countdown = 0; countdown < 2; countdown++) {
        fault_set(countdown);
        ck_assert_int_eq(dyn_cost_line_of(&call, &cost, "t", NULL, &line),
                         DYN_NOMEM);
        ck_assert_uint_eq(cost.count, 0);
    }
    fault_set_off();
    ck_assert_int_eq(dyn_cost_line_of(&call, &cost, "t", NULL, &line), DYN_OK);
    dyn_cost_free(&cost);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("cost");
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_loop_test(tests, a_read_costs_by_4_kb, 0, COUNT_OF(reads));
    tcase_add_loop_test(tests, a_write_costs_the_larger_of_old_and_new_by_1_kb,
                        0, COUNT_OF(writes));
    tcase_add_loop_test(tests, halves_are_shown_as_people_read_them, 0,
                        COUNT_OF(halves));
    tcase_add_test(tests, a_cost_names_the_tables_of_the_statement);
    tcase_add_test(tests, room_that_is_not_there_is_reported);
    return unit_run("cost", tests);
}
