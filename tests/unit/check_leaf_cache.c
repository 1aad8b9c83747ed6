/* Leaves that are kept: found while nothing has changed, and never otherwise;
 * within the limit of memory, and without any. */
#include "engine/leaf_cache.h"
#include "fault.h"
#include "unit.h"

#include <sqlite3.h>
#include <string.h>

enum { TREE = 2, PLACES = 4096 };

static dyn_leaf_cache *cache;

static void setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    cache = dyn_leaf_cache_open();
    ck_assert_ptr_nonnull(cache);
}

static void teardown(void)
{
    dyn_leaf_cache_close(cache);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static dyn_bytes text(const char *bytes)
{
    return dyn_bytes_text(bytes);
}

static void add(int64_t id, const char *rows, int64_t changes)
{
    const dyn_leaf leaf = {id, text("a"), text("m"), text(rows)};
    dyn_leaf_cache_add(cache, TREE, &leaf, changes);
}

static bool has(int64_t tree, int64_t id, int64_t changes, const char *rows)
{
    const dyn_leaf *leaf = dyn_leaf_cache_find(cache, tree, id, changes);
    if (leaf == NULL) return false;
    ck_assert(leaf->id == id && dyn_bytes_equal(leaf->low, text("a")) &&
              dyn_bytes_equal(leaf->high, text("m")));
    return dyn_bytes_equal(leaf->rows, text(rows));
}

START_TEST(a_leaf_is_found_while_nothing_has_changed)
{
    add(7, "rows", 100);
    ck_assert(has(TREE, 7, 100, "rows"));
    ck_assert(!has(TREE, 7, 101, "rows"));
    ck_assert(!has(TREE, 8, 100, "rows"));
    ck_assert(!has(TREE + 1, 7, 100, "rows"));
    add(7, "other rows, which are longer", 101);
    ck_assert(has(TREE, 7, 101, "other rows, which are longer"));
    ck_assert(!has(TREE, 7, 100, "other rows, which are longer"));
    dyn_leaf_cache_forget(cache);
    ck_assert(!has(TREE, 7, 101, "other rows, which are longer"));
}
END_TEST

START_TEST(leaves_of_one_place_replace_each_other)
{
    add(1, "first", 5);
    add(1 + PLACES, "second", 5);
    ck_assert(!has(TREE, 1, 5, "first"));
    ck_assert(has(TREE, 1 + PLACES, 5, "second"));
    ck_assert_ptr_null(dyn_leaf_cache_find(NULL, TREE, 1, 5));
}
END_TEST

START_TEST(the_leaves_of_all_have_one_limit)
{
    enum { CACHES = 5, BYTES = 32 * 1024 };
    static char rows[BYTES + 1];
    dyn_leaf_cache *all[CACHES];
    const dyn_leaf leaf = {0, text("a"), text("m"), {NULL, 0}};
    memset(rows, 'x', BYTES);
    for (int c = 0; c < CACHES; c++) {
        all[c] = dyn_leaf_cache_open();
        for (int64_t id = 0; id < PLACES; id++) {
            dyn_leaf kept = leaf;
            kept.id = id;
            kept.rows = text(rows);
            dyn_leaf_cache_add(all[c], TREE, &kept, 1);
        }
    }
    ck_assert_uint_le((size_t)sqlite3_memory_used(),
                      DYN_LEAF_CACHE_BYTES_MAX + (size_t)8 * 64 * 1024);
    for (int c = 0; c < CACHES; c++)
        dyn_leaf_cache_close(all[c]);
    add(1, "there is room again", 1);
    ck_assert(has(TREE, 1, 1, "there is room again"));
}
END_TEST

START_TEST(without_memory_nothing_is_kept)
{
    fault_set(0);
    add(3, "rows", 1);
    fault_set_off();
    ck_assert(!has(TREE, 3, 1, "rows"));
    add(3, "rows", 1);
    ck_assert(has(TREE, 3, 1, "rows"));
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("leaf_cache");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_leaf_is_found_while_nothing_has_changed);
    tcase_add_test(tests, leaves_of_one_place_replace_each_other);
    tcase_add_test(tests, the_leaves_of_all_have_one_limit);
    tcase_add_test(tests, without_memory_nothing_is_kept);
    return unit_run("leaf_cache", tests);
}
