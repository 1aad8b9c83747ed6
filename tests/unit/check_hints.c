/* Hints: what they tell of a key, and how many leaves they have room for. */
#include "engine/hints.h"
#include "engine/leaf_cache.h"
#include "fault.h"
#include "item/key.h"
#include "unit.h"

#include <sqlite3.h>

enum { TREE = 3, LEAVES = 20000, KEYS = 300000 };

/* Hints know hashes by their first four bytes. */
#define UNIT (UINT64_C(1) << 32)

static dyn_hints *hints;
static unsigned char bounds[2][DYN_KEY_HASH_BYTES];
static unsigned char key_bytes[DYN_KEY_HASH_BYTES];

static void setup(void)
{
    hints = dyn_hints_open();
    ck_assert_ptr_nonnull(hints);
}

static void teardown(void)
{
    dyn_hints_close(hints);
    dyn_leaf_cache_set_limit(DYN_LEAF_CACHE_BYTES);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static dyn_bytes hash_in(unsigned char *bytes, uint64_t hash)
{
    dyn_key_write_hash(hash, bytes);
    return (dyn_bytes){bytes, DYN_KEY_HASH_BYTES};
}

static dyn_bytes key_of(uint64_t hash)
{
    return hash_in(key_bytes, hash);
}

/* The leaf with the hashes from low to less than high; 0: to the last one. */
static dyn_leaf leaf_of(int64_t id, uint64_t low, uint64_t high)
{
    dyn_leaf leaf = {.id = id};
    leaf.low = hash_in(bounds[0], low);
    if (high > 0) leaf.high = hash_in(bounds[1], high);
    return leaf;
}

/* With the hashes from low to high units. */
static void add(int64_t tree, int64_t id, uint64_t low, uint64_t high)
{
    dyn_leaf leaf = leaf_of(id, low * UNIT, high * UNIT);
    dyn_hints_add(hints, tree, key_of(low * UNIT), &leaf);
}

/* The leaf that has a key for certain; 0: none is known. */
static int64_t leaf_with(int64_t tree, dyn_bytes key)
{
    dyn_hint all[DYN_HINTS_MAX];
    size_t count = dyn_hints_find(hints, tree, key, all);
    return count > 0 && all[0].is_certain ? all[0].leaf : 0;
}

static int64_t leaf_at(int64_t tree, uint64_t hash)
{
    return leaf_with(tree, key_of(hash));
}

/* Whether a leaf is said to have a hash perhaps. */
static bool may_have(int64_t leaf, uint64_t hash)
{
    dyn_hint all[DYN_HINTS_MAX];
    size_t count = dyn_hints_find(hints, TREE, key_of(hash), all);
    for (size_t i = 0; i < count; i++) {
        if (all[i].leaf == leaf) return !all[i].is_certain;
    }
    return false;
}

static uint64_t next_hash(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state ^ *state >> 29;
}

/* Look for keys at random in so many leaves; how many of the last half had a
 * hint. */
static int found_of(uint64_t leaves)
{
    uint64_t width = UINT64_MAX / leaves;
    uint64_t state = 1;
    int found = 0;
    for (int i = 0; i < KEYS; i++) {
        uint64_t hash = next_hash(&state);
        uint64_t number = hash / width < leaves ? hash / width : leaves - 1;
        int64_t id = leaf_at(TREE, hash);
        ck_assert(id == 0 || id == (int64_t)number + 1);
        if (id != 0) {
            found += i >= KEYS / 2;
            continue;
        }
        dyn_leaf leaf = leaf_of((int64_t)number + 1, number * width,
                                number + 1 < leaves ? (number + 1) * width : 0);
        dyn_hints_add(hints, TREE, key_of(hash), &leaf);
    }
    return found;
}

START_TEST(a_key_between_the_bounds_of_a_leaf_has_a_hint)
{
    add(TREE, 7, 1000, 2000);
    ck_assert_int_eq(leaf_at(TREE, 1000 * UNIT), 7);
    ck_assert_int_eq(leaf_at(TREE, 2000 * UNIT - 1), 7);
    ck_assert_int_eq(leaf_at(TREE, 2000 * UNIT), 0);
    ck_assert_int_eq(leaf_at(TREE, 1000 * UNIT - 1), 0);
    ck_assert_int_eq(leaf_at(TREE + 1, 1000 * UNIT), 0);
}
END_TEST

START_TEST(the_last_leaf_has_all_hashes_but_the_last_ones)
{
    add(TREE, 7, UINT32_MAX - 9, 0);
    ck_assert_int_eq(leaf_at(TREE, (UINT32_MAX - 1) * UNIT), 7);
}
END_TEST

START_TEST(two_leaves_of_a_place_have_room_there)
{
    add(TREE, 7, 1000, 2000);
    add(TREE, 8, 2000, 3000);
    ck_assert_int_eq(leaf_at(TREE, 1000 * UNIT), 7);
    ck_assert_int_eq(leaf_at(TREE, 2000 * UNIT), 8);
}
END_TEST

START_TEST(a_later_hint_corrects_those_of_its_place)
{
    add(TREE, 7, 1000, 2000);
    add(TREE, 8, 1500, 3000);
    ck_assert_int_eq(leaf_at(TREE, 1499 * UNIT), 7);
    ck_assert_int_eq(leaf_at(TREE, 1500 * UNIT), 8);
    add(TREE, 9, 500, 1200);
    add(TREE, 8, 1500, 2500); /* it drove the other one out */
    ck_assert_int_eq(leaf_at(TREE, 1100 * UNIT), 9);
    ck_assert_int_eq(leaf_at(TREE, 1300 * UNIT), 0);
    ck_assert_int_eq(leaf_at(TREE, 2499 * UNIT), 8);
    ck_assert_int_eq(leaf_at(TREE, 2500 * UNIT), 0);
}
END_TEST

/* A leaf from a key of a hash on; the key. */
static dyn_bytes begin_within(dyn_leaf *leaf, unsigned char *bytes,
                              uint64_t hash, unsigned char rest)
{
    dyn_key_write_hash(hash, bytes);
    bytes[DYN_KEY_HASH_BYTES] = rest;
    leaf->low = (dyn_bytes){bytes, DYN_KEY_HASH_BYTES + 1};
    return leaf->low;
}

START_TEST(leaves_that_share_a_hash_may_both_have_it)
{
    unsigned char low[DYN_KEY_HASH_BYTES + 1];
    add(TREE, 7, 1000, 2000);
    dyn_leaf right = leaf_of(8, 0, 2000 * UNIT);
    begin_within(&right, low, 1500 * UNIT, 5);
    dyn_hints_add_new(hints, TREE, &right);
    ck_assert_int_eq(leaf_at(TREE, 1499 * UNIT), 7);
    ck_assert_int_eq(leaf_at(TREE, 1501 * UNIT), 8);
    ck_assert_int_eq(leaf_at(TREE, 1500 * UNIT), 0);
    ck_assert(may_have(7, 1500 * UNIT));
    ck_assert(may_have(8, 1500 * UNIT));
    ck_assert(!may_have(7, 1502 * UNIT));
}
END_TEST

START_TEST(a_bound_is_a_key_too)
{
    static const unsigned char low[] = {0x12, 0x34};
    static const unsigned char high[] = {0x13};
    dyn_leaf leaf = {
        .id = 7, .low = {low, sizeof(low)}, .high = {high, sizeof(high)}};
    dyn_hints_add_new(hints, TREE, &leaf);
    ck_assert_int_eq(leaf_with(TREE, leaf.low), 7);
    ck_assert_int_eq(leaf_with(TREE, leaf.high), 0);
}
END_TEST

START_TEST(a_leaf_with_a_part_of_one_hash_is_remembered_by_the_key)
{
    unsigned char low[DYN_KEY_HASH_BYTES + 1];
    unsigned char high[DYN_KEY_HASH_BYTES + 1];
    unsigned char other[DYN_KEY_HASH_BYTES + 1];
    dyn_leaf leaf = {.id = 8};
    dyn_leaf next = {.id = 9};
    begin_within(&leaf, low, 1000 * UNIT, 1);
    leaf.high = begin_within(&next, high, 1000 * UNIT, 3);
    dyn_bytes within = begin_within(&next, other, 1000 * UNIT, 2);
    dyn_hints_add(hints, TREE, leaf.low, &leaf);
    ck_assert_int_eq(leaf_with(TREE, leaf.low), 8);
    ck_assert_int_eq(leaf_with(TREE, within), 0);
    ck_assert_int_eq(leaf_with(TREE + 1, leaf.low), 0);
    dyn_hints_add(hints, TREE, within, &leaf);
    ck_assert_int_eq(leaf_with(TREE, within), 8);
}
END_TEST

START_TEST(without_memory_there_are_none)
{
    fault_set(0);
    ck_assert_ptr_null(dyn_hints_open());
    fault_set(0);
    add(TREE, 7, 1000, 2000);
    fault_set_off();
    dyn_hint all[DYN_HINTS_MAX];
    ck_assert_int_eq(leaf_at(TREE, 1000 * UNIT), 0);
    ck_assert_uint_eq(dyn_hints_find(NULL, TREE, key_of(1), all), 0);
    dyn_hints_close(NULL);
}
END_TEST

START_TEST(a_new_leaf_has_one)
{
    uint64_t width = UINT64_MAX / 16;
    dyn_leaf leaf = leaf_of(7, 3 * width, 4 * width);
    dyn_hints_add_new(hints, TREE, &leaf);
    ck_assert_int_eq(leaf_at(TREE, 7 * width / 2), 7);
    ck_assert_int_eq(leaf_at(TREE, 3 * width - UNIT), 0);
}
END_TEST

START_TEST(trees_do_not_drive_each_other_out)
{
    for (int64_t tree = 0; tree < 32; tree++)
        add(tree, tree + 1, 1000, 2000);
    for (int64_t tree = 0; tree < 32; tree++)
        ck_assert_int_eq(leaf_at(tree, 1000 * UNIT), tree + 1);
    ck_assert_int_eq(leaf_at(32, 1000 * UNIT), 0);
    ck_assert_int_eq(leaf_at(-1, 1000 * UNIT), 0);
}
END_TEST

START_TEST(they_grow_until_nearly_every_key_has_one)
{
    ck_assert_int_gt(found_of(LEAVES), KEYS / 2 / 100 * 95);
    ck_assert_int_lt(sqlite3_memory_used(), LEAVES * 110);
}
END_TEST

START_TEST(few_leaves_take_little)
{
    ck_assert_int_gt(found_of(20), KEYS / 2 / 100 * 95);
    ck_assert_int_lt(sqlite3_memory_used(), 6000);
}
END_TEST

START_TEST(the_limit_of_leaves_is_theirs)
{
    dyn_leaf_cache_set_limit(8 * 48 * 1024);
    int found = found_of(LEAVES);
    ck_assert_int_gt(found, 0);
    ck_assert_int_lt(found, KEYS / 2 / 4);
    ck_assert_int_lt(sqlite3_memory_used(), 51 * 1024);
}
END_TEST

START_TEST(without_memory_to_grow_they_stay_as_they_are)
{
    int without = 0;
    for (int n = 0; n < 3; n++) {
        fault_set(n);
        found_of(200);
        without += fault_hit();
        fault_set_off();
    }
    ck_assert_int_gt(without, 0);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, a_key_between_the_bounds_of_a_leaf_has_a_hint);
    tcase_add_test(tests, the_last_leaf_has_all_hashes_but_the_last_ones);
    tcase_add_test(tests, two_leaves_of_a_place_have_room_there);
    tcase_add_test(tests, a_later_hint_corrects_those_of_its_place);
    tcase_add_test(tests, leaves_that_share_a_hash_may_both_have_it);
    tcase_add_test(tests, a_bound_is_a_key_too);
    tcase_add_test(tests,
                   a_leaf_with_a_part_of_one_hash_is_remembered_by_the_key);
    tcase_add_test(tests, without_memory_there_are_none);
    tcase_add_test(tests, a_new_leaf_has_one);
    tcase_add_test(tests, trees_do_not_drive_each_other_out);
    tcase_add_test(tests, they_grow_until_nearly_every_key_has_one);
    tcase_add_test(tests, few_leaves_take_little);
    tcase_add_test(tests, the_limit_of_leaves_is_theirs);
    tcase_add_test(tests, without_memory_to_grow_they_stay_as_they_are);
}

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("hints");
    tcase_add_checked_fixture(tests, setup, teardown);
    add_tests(tests);
    return unit_run("hints", tests);
}
