/* When items expire, and the keys of the tree of that. */
#include "call.h"
#include "engine/expiry.h"
#include "item/item_json.h"

#include <sqlite3.h>
#include <stdio.h>

static const int64_t now_ms = INT64_C(1767225600000); /* 2026-01-01 */
static const int64_t five_years = INT64_C(5) * 365 * 86400;

static const dyn_definition definition = {
    .ttl = {(const unsigned char *)"at", 2}};

static dyn_map item(const char *text)
{
    dyn_map out;
    ck_assert_int_eq(dyn_item_from_text(&call, dyn_bytes_text(text), &out),
                     DYN_OK);
    return out;
}

static dyn_expiry expiry_of(const char *text)
{
    dyn_map map = item(text);
    return dyn_expiry_of(&definition, &map);
}

/* ------------------------------------------------------------- of an item --
 */

static const struct {
    const char *item;
    int64_t second;
} timed[] = {
    {"{\"at\":0}", 0},
    {"{\"at\":1767225600}", 1767225600},
    {"{\"at\":{\"N\":\"1767225600.999\"}}", 1767225600},
    {"{\"at\":-0.5}", -1},
    {"{\"at\":1e15}", 1000000000000000},
};

START_TEST(a_number_is_a_time)
{
    dyn_expiry expiry = expiry_of(timed[_i].item);
    ck_assert(expiry.is_there);
    ck_assert_int_eq(expiry.second, timed[_i].second);
}
END_TEST

static const char *const timeless[] = {
    "{}",
    "{\"At\":1}",
    "{\"x\":{\"at\":1}}",
    "{\"at\":\"1767225600\"}",
    "{\"at\":null}",
    "{\"at\":true}",
    "{\"at\":[1767225600]}",
    "{\"at\":{\"NS\":[\"1767225600\"]}}",
    "{\"at\":1e17}",
    "{\"at\":-1e17}",
    "{\"at\":1e125}",
};

START_TEST(anything_else_is_none)
{
    ck_assert(!expiry_of(timeless[_i]).is_there);
}
END_TEST

START_TEST(without_the_option_there_is_no_time)
{
    const dyn_definition none = {.column_count = 0};
    dyn_map map = item("{\"at\":5}");
    ck_assert(!dyn_expiry_of(&none, &map).is_there);
}
END_TEST

START_TEST(a_stored_item_says_the_same)
{
    dyn_map map = item("{\"a\":1,\"at\":{\"N\":\"7.5\"},\"b\":[]}");
    dyn_bytes stored = {NULL, 0};
    dyn_view view;
    dyn_expiry expiry = {false, 0};
    ck_assert_int_eq(
        dyn_item_encode(&call, NULL, &map, dyn_map_size_bytes(&map), &stored),
        DYN_OK);
    ck_assert_int_eq(dyn_view_open(&call, stored, &view), DYN_OK);
    ck_assert_int_eq(dyn_expiry_of_view(&call, &definition, &view, &expiry),
                     DYN_OK);
    ck_assert(expiry.is_there);
    ck_assert_int_eq(expiry.second, 7);
}
END_TEST

/* ------------------------------------------------------------------- over --
 */

static bool is_over(int64_t second, int64_t at_ms)
{
    dyn_expiry expiry = {true, second};
    return dyn_expiry_is_over(&expiry, at_ms);
}

START_TEST(it_is_over_once_a_whole_second_is_later)
{
    int64_t now = now_ms / 1000;
    ck_assert(!is_over(now + 1, now_ms));
    ck_assert(!is_over(now, now_ms));
    ck_assert(!is_over(now, now_ms + 999));
    ck_assert(is_over(now, now_ms + 1000));
    ck_assert(is_over(now - 1, now_ms));
}
END_TEST

START_TEST(what_was_over_five_years_ago_is_not)
{
    int64_t now = now_ms / 1000;
    ck_assert(is_over(now - five_years + 1, now_ms));
    ck_assert(!is_over(now - five_years, now_ms));
    ck_assert(!is_over(now - five_years + 1, now_ms + 1000));
    ck_assert(!is_over(0, now_ms));
}
END_TEST

START_TEST(before_1970_seconds_are_seconds)
{
    ck_assert(is_over(-2, -1));
    ck_assert(!is_over(-1, -1));
    ck_assert(is_over(-1, 0));
}
END_TEST

START_TEST(an_item_without_a_time_is_never_over)
{
    dyn_expiry never = {false, 0};
    ck_assert(!dyn_expiry_is_over(&never, 5000));
}
END_TEST

/* ------------------------------------------------------------------- keys --
 */

START_TEST(keys_are_in_the_order_of_time)
{
    static const int64_t seconds[] = {
        -4000000000000000, -256, -1, 0, 1, 255, 256, 1767225600,
        4000000000000000};
    dyn_bytes last = {NULL, 0};
    for (int i = 0; i < COUNT_OF(seconds); i++) {
        dyn_bytes key = {NULL, 0};
        ck_assert_int_eq(dyn_expiry_key(&call,
                                        dyn_bytes_text(i % 2 ? "a" : "b"),
                                        seconds[i], &key),
                         DYN_OK);
        ck_assert_uint_eq(key.size_bytes, 9);
        if (i > 0) ck_assert_int_lt(dyn_bytes_compare(last, key), 0);
        last = key;
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("expiry");
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_loop_test(tests, a_number_is_a_time, 0, COUNT_OF(timed));
    tcase_add_loop_test(tests, anything_else_is_none, 0, COUNT_OF(timeless));
    tcase_add_test(tests, without_the_option_there_is_no_time);
    tcase_add_test(tests, a_stored_item_says_the_same);
    tcase_add_test(tests, it_is_over_once_a_whole_second_is_later);
    tcase_add_test(tests, what_was_over_five_years_ago_is_not);
    tcase_add_test(tests, before_1970_seconds_are_seconds);
    tcase_add_test(tests, an_item_without_a_time_is_never_over);
    tcase_add_test(tests, keys_are_in_the_order_of_time);
    return unit_run("expiry", tests);
}
