/* Versions of replicated items: which of two is later, what is stored of them,
 * and when those without an item go. */
#include "engine/log.h"
#include "engine/versions.h"
#include "store.h"
#include "unit.h"

enum { ALL = 1000 };

static dyn_bytes text(const char *from)
{
    return (dyn_bytes){(const unsigned char *)from, strlen(from)};
}

static dyn_version version(int64_t time_ms, int64_t number, const char *region)
{
    return (dyn_version){dyn_log_sequence_at(time_ms) + number, text(region),
                         false};
}

static void later(dyn_version one, dyn_version other)
{
    ck_assert(dyn_version_is_later(&one, &other));
    ck_assert(!dyn_version_is_later(&other, &one));
}

START_TEST(the_later_time_wins_then_the_name_of_the_region)
{
    later(version(2, 0, "a"), version(1, 9, "b"));
    later(version(1, 0, "b"), version(1, 9, "a"));
    later(version(1, 1, "a"), version(1, 0, "a"));
    later(version(0, 1, "a"), (dyn_version){0});
}
END_TEST

START_TEST(none_is_later_than_itself)
{
    dyn_version one = version(1, 1, "a");
    ck_assert(!dyn_version_is_later(&one, &one));
}
END_TEST

static void write(const char *key, int64_t time_ms, bool is_deleted)
{
    dyn_version made = version(time_ms, 0, "eu");
    made.is_deleted = is_deleted;
    ck_assert_int_eq(dyn_version_write(&call, store, text(key), &made, time_ms),
                     DYN_OK);
}

static dyn_version read(const char *key)
{
    dyn_version out;
    ck_assert_int_eq(dyn_version_read(&call, store, text(key), &out), DYN_OK);
    return out;
}

START_TEST(a_version_comes_back_and_one_that_is_not_known_is_the_first)
{
    create_store("PRAGMA page_size = 4096");
    ck_assert_int_eq(read("k").sequence, 0);
    write("k", 5, false);
    ck_assert_int_eq(read("k").sequence, dyn_log_sequence_at(5));
    ck_assert(dyn_bytes_equal(read("k").region, text("eu")));
    ck_assert(!read("k").is_deleted);
    write("k", 6, true);
    ck_assert(read("k").is_deleted);
}
END_TEST

START_TEST(they_are_listed_behind_a_key)
{
    dyn_versions all;
    create_store("PRAGMA page_size = 4096");
    write("b", 1, false);
    write("a", 2, true);
    ck_assert_int_eq(
        dyn_versions_read(&call, store, (dyn_bytes){NULL, 0}, ALL, &all),
        DYN_OK);
    ck_assert_uint_eq(all.count, 2);
    ck_assert(dyn_bytes_equal(all.keys[0], text("a")));
    ck_assert_int_eq(dyn_versions_read(&call, store, text("a"), ALL, &all),
                     DYN_OK);
    ck_assert_uint_eq(all.count, 1);
    ck_assert(dyn_bytes_equal(all.keys[0], text("b")));
}
END_TEST

START_TEST(only_those_without_an_item_go_and_the_oldest_first)
{
    int64_t first = 0;
    create_store("PRAGMA page_size = 4096");
    ck_assert_int_eq(dyn_versions_first_deleted(&call, store, &first), DYN_OK);
    ck_assert_int_eq(first, INT64_MAX);
    write("item", 1, false);
    write("b", 3, true);
    write("a", 4, true);
    write("c", 9, true);
    ck_assert_int_eq(dyn_versions_first_deleted(&call, store, &first), DYN_OK);
    ck_assert_int_eq(first, 3);
    ck_assert_int_eq(dyn_versions_prune(&call, store, 9, 1), DYN_OK);
    ck_assert_int_eq(read("b").sequence, 0);
    ck_assert(read("a").is_deleted);
    ck_assert_int_eq(dyn_versions_prune(&call, store, 9, ALL), DYN_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM t_versions"), 2);
    ck_assert_int_eq(dyn_versions_clear(&call, store), DYN_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM t_versions"), 0);
}
END_TEST

static const char *const damages[] = {
    "UPDATE t_versions SET sequence = -1",
    "UPDATE t_versions SET sequence = 'x'",
    "UPDATE t_versions SET region = x''",
    "UPDATE t_versions SET deleted = 'x'",
};

START_TEST(what_is_of_no_known_form_is_damage)
{
    dyn_version out;
    create_store("PRAGMA page_size = 4096");
    write("k", 5, false);
    exec(damages[_i]);
    ck_assert_int_eq(dyn_version_read(&call, store, text("k"), &out),
                     DYN_CORRUPT);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("versions");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, the_later_time_wins_then_the_name_of_the_region);
    tcase_add_test(tests, none_is_later_than_itself);
    tcase_add_test(tests,
                   a_version_comes_back_and_one_that_is_not_known_is_the_first);
    tcase_add_test(tests, they_are_listed_behind_a_key);
    tcase_add_test(tests, only_those_without_an_item_go_and_the_oldest_first);
    tcase_add_loop_test(tests, what_is_of_no_known_form_is_damage, 0,
                        COUNT_OF(damages));
    return unit_run("versions", tests);
}
