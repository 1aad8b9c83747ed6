/* DAX: what is written through it, with transactions and savepoints. */
#include "ops/dax.h"

#include "base/clock.h"
#include "fault.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>

static dyn_dax *dax;
static int64_t bytes_before;

static void setup(void)
{
    dyn_cache_settings settings = {.bytes_max = 10000, .keep_ms = {1000, 1000}};
    bytes_before = sqlite3_memory_used();
    dyn_clock_freeze(0);
    dax = dyn_dax_open(&settings);
    ck_assert_ptr_nonnull(dax);
}

static void teardown(void)
{
    dyn_dax_close(dax);
    ck_assert_int_eq(sqlite3_memory_used(), bytes_before);
    dyn_clock_release();
}

static void add(const char *key, const char *value)
{
    dyn_dax_add(dax, DYN_CACHE_ITEMS, dyn_bytes_text(key),
                dyn_bytes_text(value), 1);
}

static void write_item(const char *key, const char *value)
{
    dyn_dax_begin(dax);
    dyn_dax_write(dax, dyn_bytes_text(key), dyn_bytes_text(value), 1);
}

static const char *get(const char *key)
{
    static char text[256];
    dyn_bytes value = {NULL, 0};
    if (!dyn_dax_find(dax, DYN_CACHE_ITEMS, dyn_bytes_text(key), &value))
        return "none";
    snprintf(text, sizeof(text), "%.*s", (int)value.size_bytes,
             value.size_bytes == 0 ? "" : (const char *)value.data);
    return text;
}

START_TEST(what_is_written_is_cached_when_it_is_committed)
{
    add("a", "old");
    write_item("a", "new");
    write_item("b", "");
    ck_assert(dyn_dax_is_writing(dax));
    ck_assert_str_eq(get("a"), "old");
    dyn_dax_commit(dax);
    ck_assert(!dyn_dax_is_writing(dax));
    ck_assert_str_eq(get("a"), "new");
    ck_assert_str_eq(get("b"), "");
}
END_TEST

START_TEST(what_is_rolled_back_has_never_been_there)
{
    add("a", "old");
    write_item("a", "new");
    write_item("b", "new");
    dyn_dax_rollback(dax);
    ck_assert_str_eq(get("a"), "old");
    ck_assert_str_eq(get("b"), "none");
    dyn_dax_commit(dax);
    ck_assert_str_eq(get("b"), "none");
}
END_TEST

START_TEST(the_last_write_of_an_item_counts)
{
    write_item("a", "1");
    write_item("a", "2");
    dyn_dax_commit(dax);
    ck_assert_str_eq(get("a"), "2");
}
END_TEST

START_TEST(rolling_back_to_a_savepoint_leaves_what_was_written_before)
{
    write_item("a", "1");
    dyn_dax_savepoint(dax, 0);
    write_item("a", "2");
    write_item("b", "2");
    dyn_dax_rollback_to(dax, 0);
    write_item("c", "3");
    dyn_dax_rollback_to(dax, 0);
    write_item("d", "4");
    dyn_dax_release(dax, 0);
    dyn_dax_commit(dax);
    ck_assert_str_eq(get("a"), "1");
    ck_assert_str_eq(get("b"), "none");
    ck_assert_str_eq(get("c"), "none");
    ck_assert_str_eq(get("d"), "4");
}
END_TEST

START_TEST(savepoints_end_with_their_transaction)
{
    add("a", "old");
    dyn_dax_begin(dax);
    dyn_dax_savepoint(dax, 0);
    dyn_dax_commit(dax);
    write_item("a", "new");
    dyn_dax_savepoint(dax, 0);
    write_item("b", "undone");
    dyn_dax_rollback_to(dax, 0);
    dyn_dax_commit(dax);
    ck_assert_str_eq(get("a"), "new");
    ck_assert_str_eq(get("b"), "none");
}
END_TEST

START_TEST(what_is_released_goes_with_the_outer_savepoint)
{
    dyn_dax_begin(dax);
    dyn_dax_savepoint(dax, 0);
    write_item("a", "1");
    dyn_dax_savepoint(dax, 1);
    write_item("b", "2");
    dyn_dax_release(dax, 1);
    ck_assert_str_eq(get("a"), "none");
    dyn_dax_rollback_to(dax, 0);
    dyn_dax_commit(dax);
    ck_assert_str_eq(get("a"), "none");
    ck_assert_str_eq(get("b"), "none");
}
END_TEST

START_TEST(what_is_released_last_is_kept)
{
    dyn_dax_begin(dax);
    dyn_dax_savepoint(dax, 2);
    write_item("a", "1");
    dyn_dax_release(dax, 2);
    dyn_dax_savepoint(dax, 2);
    write_item("b", "2");
    dyn_dax_rollback_to(dax, 2);
    dyn_dax_commit(dax);
    ck_assert_str_eq(get("a"), "1");
    ck_assert_str_eq(get("b"), "none");
}
END_TEST

START_TEST(a_write_that_cannot_be_kept_clears_items_and_no_queries)
{
    add("a", "old");
    dyn_dax_add(dax, DYN_CACHE_QUERIES, dyn_bytes_text("q"),
                dyn_bytes_text("rows"), 1);
    write_item("a", "new");
    fault_set(0);
    write_item("a", "newer");
    fault_set_off();
    dyn_dax_commit(dax);
    ck_assert_str_eq(get("a"), "none");
    ck_assert_int_eq(dyn_dax_counts(dax, DYN_CACHE_QUERIES)->entries, 1);
}
END_TEST

START_TEST(more_writes_than_the_cache_has_bytes_are_not_remembered)
{
    char key[16];
    add("old", "old");
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "%d", i);
        write_item(key, "value");
    }
    ck_assert_int_lt(sqlite3_memory_used() - bytes_before, 30000);
    dyn_dax_commit(dax);
    ck_assert_str_eq(get("old"), "none");
    ck_assert_str_eq(get("999"), "none");
}
END_TEST

START_TEST(the_time_of_an_item_begins_with_the_commit)
{
    write_item("a", "1");
    dyn_clock_freeze(500);
    dyn_dax_commit(dax);
    dyn_clock_freeze(1499);
    ck_assert_str_eq(get("a"), "1");
    dyn_clock_freeze(1500);
    ck_assert_str_eq(get("a"), "none");
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("dax");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, what_is_written_is_cached_when_it_is_committed);
    tcase_add_test(tests, what_is_rolled_back_has_never_been_there);
    tcase_add_test(tests, the_last_write_of_an_item_counts);
    tcase_add_test(tests,
                   rolling_back_to_a_savepoint_leaves_what_was_written_before);
    tcase_add_test(tests, savepoints_end_with_their_transaction);
    tcase_add_test(tests, what_is_released_goes_with_the_outer_savepoint);
    tcase_add_test(tests, what_is_released_last_is_kept);
    tcase_add_test(tests,
                   a_write_that_cannot_be_kept_clears_items_and_no_queries);
    tcase_add_test(tests,
                   more_writes_than_the_cache_has_bytes_are_not_remembered);
    tcase_add_test(tests, the_time_of_an_item_begins_with_the_commit);
    return unit_run("dax", tests);
}
