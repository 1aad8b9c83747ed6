/* Leaves in memory: those that were read are found while nothing has changed,
 * and never otherwise; those that have been changed until they are written; all
 * of them within the limit of memory, and without any. */
#include "engine/leaf_cache.h"
#include "fault.h"
#include "unit.h"

#include <sqlite3.h>
#include <string.h>

enum { TREE = 2, IDS = 1000 };

static dyn_leaf_pool pool;
static dyn_leaf_cache *cache;

static void setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    cache = dyn_leaf_cache_open(&pool);
    ck_assert_ptr_nonnull(cache);
}

static void teardown(void)
{
    dyn_leaf_cache_close(cache);
    dyn_leaf_cache_set_limit(DYN_LEAF_CACHE_BYTES);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

/* A leaf whose rows tell its id and size. */
static dyn_leaf leaf_of(int64_t id, size_t bytes)
{
    static unsigned char rows[100000];
    memset(rows, (int)(id + (int64_t)bytes), bytes);
    return (dyn_leaf){.id = id,
                      .low = dyn_bytes_text("a"),
                      .high = dyn_bytes_text("m"),
                      .rows = {rows, bytes}};
}

static void add_once(int64_t id, size_t bytes, int64_t changes)
{
    const dyn_leaf leaf = leaf_of(id, bytes);
    dyn_leaf_cache_add(cache, TREE, &leaf, changes);
}

/* One that is asked for again. */
static void add(int64_t id, size_t bytes, int64_t changes)
{
    add_once(id, bytes, changes);
    add_once(id, bytes, changes);
}

static bool change(int64_t id, size_t bytes)
{
    const dyn_leaf leaf = leaf_of(id, bytes);
    return dyn_leaf_cache_change(cache, &(dyn_changed_leaf){TREE, leaf, false});
}

/* Whether a leaf is known, which is as it was kept, of that size. */
static bool has(int64_t id, size_t bytes, int64_t changes)
{
    const dyn_leaf *leaf = dyn_leaf_cache_find(cache, TREE, id, changes);
    if (leaf == NULL) return false;
    const dyn_leaf expected = leaf_of(id, bytes);
    ck_assert_int_eq(leaf->id, id);
    ck_assert(dyn_bytes_equal(leaf->low, expected.low));
    ck_assert(dyn_bytes_equal(leaf->high, expected.high));
    ck_assert(dyn_bytes_equal(leaf->rows, expected.rows));
    return true;
}

/* ------------------------------------------------------------- reading -- */

START_TEST(a_leaf_is_found_while_nothing_has_changed)
{
    add(7, 50, 100);
    ck_assert(has(7, 50, 100));
    ck_assert(!has(7, 50, 101));
    ck_assert(!has(8, 50, 100));
    ck_assert_ptr_null(dyn_leaf_cache_find(cache, TREE + 1, 7, 100));
    ck_assert_ptr_null(dyn_leaf_cache_find(NULL, TREE, 7, 100));
    add(7, 500, 101);
    ck_assert(has(7, 500, 101));
    ck_assert(!has(7, 500, 100));
    dyn_leaf_cache_forget(cache);
    ck_assert(!has(7, 500, 101));
}
END_TEST

/* What the caller has found may be added again. */
START_TEST(a_leaf_that_is_known_stays)
{
    add(7, 50, 100);
    const dyn_leaf *found = dyn_leaf_cache_find(cache, TREE, 7, 100);
    dyn_leaf_cache_add(cache, TREE, found, 100);
    ck_assert_ptr_eq(dyn_leaf_cache_find(cache, TREE, 7, 100), found);
    ck_assert(change(8, 50));
    add(8, 60, 100);
    ck_assert(has(8, 50, 100));
}
END_TEST

START_TEST(the_leaf_used_longest_ago_goes_first)
{
    enum { BYTES = 10000 };
    dyn_leaf_cache_set_limit(10 * (BYTES + 200));
    for (int64_t id = 1; id <= 10; id++)
        add(id, BYTES, 1);
    ck_assert(has(1, BYTES, 1));
    ck_assert(has(3, BYTES, 1));
    for (int64_t id = 11; id <= 13; id++)
        add(id, BYTES, 1);
    ck_assert(has(1, BYTES, 1));
    ck_assert(!has(2, BYTES, 1));
    ck_assert(has(3, BYTES, 1));
    ck_assert(!has(4, BYTES, 1));
    ck_assert(!has(5, BYTES, 1));
    ck_assert(has(6, BYTES, 1));
    const dyn_leaf_cache_counts counts = dyn_leaf_cache_counts_of(cache);
    ck_assert_int_eq(counts.entries, 10);
    ck_assert_int_eq(counts.evictions, 3);
    ck_assert_int_eq(counts.hits, 5);
    ck_assert_int_eq(counts.misses, 3);
    ck_assert_int_gt(counts.bytes, 10 * BYTES);
    ck_assert_int_le(counts.bytes, dyn_leaf_cache_limit());
}
END_TEST

static void add_many(dyn_leaf_cache *to, size_t bytes)
{
    for (int64_t id = 0; id < IDS; id++) {
        const dyn_leaf leaf = leaf_of(id, bytes);
        dyn_leaf_cache_add(to, TREE, &leaf, 1);
        dyn_leaf_cache_add(to, TREE, &leaf, 1);
    }
}

START_TEST(a_leaf_that_is_read_once_takes_the_place_of_none)
{
    enum { BYTES = 10000 };
    dyn_leaf_cache_set_limit(10 * (BYTES + 200));
    for (int64_t id = 1; id <= 10; id++)
        add_once(id, BYTES, 1);
    for (int64_t id = 11; id < 500; id++)
        add_once(id, BYTES, 1);
    for (int64_t id = 1; id <= 10; id++)
        ck_assert(has(id, BYTES, 1));
    add_once(490, BYTES, 1);
    ck_assert(has(490, BYTES, 1));
    add_once(2, BYTES, 2); /* changed since */
    ck_assert(has(2, BYTES, 2));
}
END_TEST

/* Before a leaf goes, others give up the room that they had for changes, though
 * the one that was not used for longest has none. */
START_TEST(room_for_changes_is_given_up_first)
{
    enum { LEAVES = 50 };
    add_once(0, 1000, 1);
    for (int64_t id = 1; id <= LEAVES; id++)
        ck_assert(change(id, 100));
    dyn_leaf_cache_written(cache, 1);
    int64_t bytes = dyn_leaf_cache_counts_of(cache).bytes;
    dyn_leaf_cache_set_limit(bytes);
    for (int64_t id = 1; id <= LEAVES; id++)
        ck_assert(has(id, 100, 1));
    for (int64_t id = LEAVES + 1; id <= 60 * LEAVES; id++)
        add_once(id, 1000, 1); /* of which the last ones find no room */
    for (int64_t id = 1; id <= 3 * LEAVES; id++)
        ck_assert(has(id, id <= LEAVES ? 100 : 1000, 1));
    ck_assert_int_le(dyn_leaf_cache_counts_of(cache).bytes, bytes);
    ck_assert_int_eq(dyn_leaf_cache_counts_of(cache).evictions, 0);
}
END_TEST

/* What is written fills what room there is; the first that is read takes it. */
START_TEST(what_nobody_has_read_makes_room)
{
    enum { BYTES = 10000 };
    dyn_leaf_cache_set_limit(10 * (BYTES + 200));
    for (int64_t id = 1; id <= 12; id++) {
        const dyn_leaf leaf = leaf_of(id, BYTES);
        dyn_leaf_cache_add_written(cache, TREE, &leaf, 1);
    }
    ck_assert(!has(11, BYTES, 1));
    ck_assert(has(1, BYTES, 1));
    for (int64_t id = 21; id <= 29; id++)
        add_once(id, BYTES, 1);
    ck_assert(has(1, BYTES, 1));
    for (int64_t id = 21; id <= 29; id++)
        ck_assert(has(id, BYTES, 1));
    add_once(30, BYTES, 1);
    ck_assert(!has(30, BYTES, 1));
    const dyn_leaf leaf = leaf_of(1, 500);
    dyn_leaf_cache_add_written(cache, TREE, &leaf, 1);
    ck_assert(has(1, 500, 1));
}
END_TEST

START_TEST(what_a_call_holds_lives_until_it_ends)
{
    dyn_call call;
    dyn_call_begin(&call);
    add(7, 500, 1);
    const dyn_leaf *found = dyn_leaf_cache_find(cache, TREE, 7, 1);
    const dyn_leaf expected = leaf_of(7, 500);
    ck_assert_int_eq(dyn_leaf_cache_hold(&call, found), DYN_OK);
    ck_assert_int_eq(dyn_leaf_cache_hold(&call, found), DYN_OK);
    add(7, 500, 2);
    ck_assert(change(7, 500));
    dyn_leaf_cache_discard(cache);
    ck_assert(dyn_bytes_equal(found->rows, expected.rows));
    dyn_call_end(&call);
    add(8, 500, 1);
    found = dyn_leaf_cache_find(cache, TREE, 8, 1);
    dyn_alloc(&call, DYN_CALL_FIRST_BYTES);
    fault_set(0);
    ck_assert_int_eq(dyn_leaf_cache_hold(&call, found), DYN_NOMEM);
    fault_set_off();
    dyn_call_end(&call);
    ck_assert(has(8, 500, 1));
}
END_TEST

START_TEST(the_tables_of_a_connection_have_one_limit)
{
    enum { CACHES = 5, LIMIT = 8 << 20, BYTES = 32 * 1024 };
    dyn_leaf_cache *all[CACHES];
    dyn_leaf_cache_set_limit(LIMIT);
    for (int c = 0; c < CACHES; c++) {
        all[c] = dyn_leaf_cache_open(&pool);
        add_many(all[c], BYTES);
        /* what was used longest ago is another table's */
        ck_assert_int_gt(dyn_leaf_cache_counts_of(all[c]).bytes, LIMIT - 65536);
    }
    ck_assert_int_le(sqlite3_memory_used(), LIMIT + 65536);
    ck_assert_int_ge(sqlite3_memory_used(), LIMIT - 65536);
    for (int c = 0; c < CACHES; c++)
        dyn_leaf_cache_close(all[c]);
    add(1, 50, 1);
    ck_assert(has(1, 50, 1));
    dyn_leaf_cache_set_limit(0);
    add(2, 50, 1);
    ck_assert(!has(2, 50, 1));
}
END_TEST

START_TEST(an_idle_connection_keeps_nobody_out)
{
    enum { LIMIT = 8 << 20, BYTES = 32 * 1024, MARGIN = 2 * BYTES };
    dyn_leaf_pool idle = {.bytes = 0};
    dyn_leaf_cache *its = dyn_leaf_cache_open(&idle);
    dyn_leaf_cache_set_limit(LIMIT);
    add_many(its, BYTES);
    ck_assert_int_gt(idle.bytes, LIMIT - MARGIN);
    add_many(cache, BYTES);
    ck_assert_int_gt(pool.bytes, LIMIT / 2 - MARGIN);
    ck_assert_int_le(pool.bytes, LIMIT / 2);
    dyn_leaf_cache_find(its, TREE, 1, 1); /* it is used again */
    ck_assert_int_le(idle.bytes, LIMIT / 2);
    ck_assert_int_gt(idle.bytes, LIMIT / 2 - MARGIN);
    add_many(cache, BYTES);
    ck_assert_int_le(pool.bytes + idle.bytes, LIMIT);
    dyn_leaf_cache_close(its);
    add_many(cache, BYTES);
    ck_assert_int_gt(pool.bytes, LIMIT - MARGIN);
}
END_TEST

START_TEST(without_memory_nothing_is_kept)
{
    fault_set(0);
    add_once(3, 50, 1);
    fault_set_off();
    ck_assert(!has(3, 50, 1));
    add_once(3, 50, 1);
    ck_assert(has(3, 50, 1));
}
END_TEST

/* A leaf of many rows. */
static dyn_leaf leaf_of_rows(int64_t id)
{
    enum { ROWS = 100, ROW_BYTES = 13 };
    static unsigned char rows[ROWS * ROW_BYTES];
    for (unsigned char i = 0; i < ROWS; i++) {
        const unsigned char row[ROW_BYTES] = {0,   9,   i,   'i', 's', ' ', 'a',
                                              ' ', 'k', 'e', 'y', 1,   'x'};
        memcpy(rows + ROW_BYTES * i, row, sizeof(row));
    }
    return (dyn_leaf){.id = id, .rows = {rows, sizeof(rows)}};
}

static const dyn_leaf *find_to_read(int64_t tree, int64_t id, int64_t changes)
{
    const dyn_leaf *found = dyn_leaf_cache_find(cache, tree, id, changes);
    ck_assert_ptr_nonnull(found);
    dyn_leaf_cache_only_reads(found);
    return found;
}

START_TEST(a_leaf_that_is_read_again_has_heads)
{
    const dyn_leaf leaf = leaf_of_rows(1);
    dyn_leaf_cache_add(cache, TREE, &leaf, 1);
    for (int i = 0; i < 3; i++) {
        const dyn_leaf *found = find_to_read(TREE, 1, 1);
        ck_assert_ptr_nonnull(found->heads);
        ck_assert_uint_gt(found->heads->count, 10);
    }
    dyn_leaf_cache_add(cache, TREE, &leaf, 2);
    ck_assert_ptr_nonnull(find_to_read(TREE, 1, 2)->heads);
    ck_assert(
        dyn_leaf_cache_change(cache, &(dyn_changed_leaf){TREE, leaf, false}));
    ck_assert_ptr_null(find_to_read(TREE, 1, 2)->heads);
    dyn_leaf_cache_written(cache, 3);
    dyn_leaf_cache_add(cache, TREE + 1, &leaf, 3);
    fault_set(0);
    ck_assert_ptr_null(find_to_read(TREE, 1, 3)->heads);
    ck_assert_ptr_null(find_to_read(TREE, 1, 3)->heads);
    fault_set_off();
    add(2, 500, 1); /* of no rows */
    ck_assert_ptr_null(find_to_read(TREE, 2, 1)->heads);
}
END_TEST

START_TEST(a_leaf_that_is_read_to_be_changed_has_none)
{
    const dyn_leaf leaf = leaf_of_rows(1);
    dyn_leaf_cache_add_written(cache, TREE, &leaf, 1);
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_null(dyn_leaf_cache_find(cache, TREE, 1, 1)->heads);
    ck_assert_ptr_null(find_to_read(TREE, 1, 1)->heads);
    ck_assert_ptr_nonnull(find_to_read(TREE, 1, 1)->heads);
}
END_TEST

/* ------------------------------------------------------------- changes -- */

START_TEST(random_changes_are_those_of_a_model)
{
    static size_t sizes[IDS];
    uint64_t state = 1;
    memset(sizes, 0, sizeof(sizes));
    for (int step = 0; step < 20000; step++) {
        uint32_t id = unit_random(&state, IDS);
        sizes[id] = unit_random(&state, 5) == 0
                        ? 0
                        : 1 + unit_random(&state, step % 10 == 0 ? 9000 : 3000);
        if (sizes[id] == 0)
            dyn_leaf_cache_remove(cache, id);
        else
            ck_assert(change(id, sizes[id]));
        dyn_leaf_cache_forget(cache);
    }
    for (uint32_t id = 0; id < IDS; id++)
        ck_assert_int_eq(has(id, sizes[id], id), sizes[id] > 0);
}
END_TEST

START_TEST(changes_are_listed_by_their_ids)
{
    dyn_call call;
    const dyn_changed_leaf **all = NULL;
    size_t count = 0;
    dyn_call_begin(&call);
    ck_assert_int_eq(dyn_leaf_cache_changed(&call, NULL, &all, &count), DYN_OK);
    ck_assert_uint_eq(count, 0);
    for (int64_t id = IDS; id > 0; id--)
        ck_assert(change(id * 77 % 1009, 10));
    add(5000, 10, 1);
    ck_assert_int_eq(dyn_leaf_cache_changed(&call, cache, &all, &count),
                     DYN_OK);
    ck_assert_uint_eq(count, IDS);
    for (size_t i = 1; i < count; i++)
        ck_assert_int_lt(all[i - 1]->leaf.id, all[i]->leaf.id);
    ck_assert_int_eq(all[0]->tree, TREE);
    dyn_call_end(&call);
    dyn_leaf_cache_discard(cache);
    ck_assert(!has(77, 10, 1));
    ck_assert(!has(5000, 10, 1));
    ck_assert(change(77, 10));
}
END_TEST

START_TEST(what_is_written_is_kept)
{
    dyn_call call;
    const dyn_changed_leaf **all = NULL;
    size_t count = 0;
    ck_assert(change(1, 10));
    ck_assert(has(1, 10, 4711));
    dyn_leaf_cache_written(cache, 1);
    dyn_call_begin(&call);
    ck_assert_int_eq(dyn_leaf_cache_changed(&call, cache, &all, &count),
                     DYN_OK);
    ck_assert_uint_eq(count, 0);
    dyn_call_end(&call);
    ck_assert(has(1, 10, 1));
    ck_assert(!has(1, 10, 2));
    ck_assert(change(1, 20));
    ck_assert(has(1, 20, 6));
    dyn_leaf_cache_written(cache, 7);
    dyn_leaf_cache_forget(cache);
    ck_assert(!has(1, 20, 7));
}
END_TEST

START_TEST(a_changed_leaf_is_changed_in_place)
{
    const dyn_leaf leaf = {.id = 1,
                           .low = dyn_bytes_text("a"),
                           .high = dyn_bytes_text("m"),
                           .rows = dyn_bytes_text("first second third")};
    ck_assert(!dyn_leaf_cache_splice(cache, 1, 0, dyn_bytes_text("x"), 0));
    dyn_leaf_cache_add(cache, TREE, &leaf, 1);
    ck_assert(!dyn_leaf_cache_splice(cache, 1, 0, dyn_bytes_text("x"), 0));
    ck_assert(
        dyn_leaf_cache_change(cache, &(dyn_changed_leaf){TREE, leaf, false}));
    ck_assert(
        dyn_leaf_cache_splice(cache, 1, 6, dyn_bytes_text("longer one"), 6));
    const dyn_leaf *found = dyn_leaf_cache_find(cache, TREE, 1, 2);
    ck_assert(dyn_bytes_equal_text(found->rows, "first longer one third"));
    ck_assert(dyn_bytes_equal_text(found->high, "m"));
    ck_assert(dyn_leaf_cache_splice(cache, 1, 5, dyn_bytes_text(""), 6));
    ck_assert(dyn_bytes_equal_text(found->rows, "first third"));
    ck_assert(dyn_leaf_cache_splice(cache, 1, 0, dyn_bytes_text(""), 5));
    ck_assert(dyn_bytes_equal_text(found->rows, "third"));
    static unsigned char much[8192];
    ck_assert(!dyn_leaf_cache_splice(cache, 1, 5,
                                     (dyn_bytes){much, sizeof(much)}, 0));
    ck_assert(dyn_bytes_equal_text(found->rows, "third"));
}
END_TEST

START_TEST(a_new_leaf_is_new_until_it_is_written)
{
    const dyn_leaf leaf = leaf_of(7, 100);
    ck_assert_int_eq(dyn_leaf_cache_last_new(NULL), 0);
    ck_assert(change(9, 100));
    ck_assert(
        dyn_leaf_cache_change(cache, &(dyn_changed_leaf){TREE, leaf, true}));
    ck_assert(change(7, 100));
    ck_assert(change(7, 9000)); /* out of its room */
    ck_assert(dyn_leaf_cache_is_new(cache, 7));
    ck_assert(!dyn_leaf_cache_is_new(cache, 9));
    ck_assert_int_eq(dyn_leaf_cache_last_new(cache), 7);
    dyn_leaf_cache_written(cache, 1);
    ck_assert(change(7, 100));
    ck_assert(!dyn_leaf_cache_is_new(cache, 7));
    ck_assert_int_eq(dyn_leaf_cache_last_new(cache), 0);
}
END_TEST

/* They are full at seven eighths of the limit; what was read makes room for
 * them. */
START_TEST(changes_have_a_limit_of_memory)
{
    enum { LIMIT = 8 << 20, BYTES = 90000 };
    dyn_leaf_cache_set_limit(LIMIT);
    for (int64_t id = 1000; id < 1200; id++)
        add(id, BYTES / 2, 1);
    int64_t id = 0;
    while (!dyn_leaf_cache_is_full(cache))
        ck_assert(change(++id, BYTES));
    ck_assert_int_gt(id * BYTES, LIMIT / 8 * 7 - 200000);
    ck_assert_int_lt(id * BYTES, LIMIT / 8 * 7 + 200000);
    ck_assert_int_le(sqlite3_memory_used(), LIMIT + 65536);
    dyn_leaf_cache *other = dyn_leaf_cache_open(&pool);
    ck_assert(!dyn_leaf_cache_is_full(other)); /* has none to write */
    dyn_leaf_cache_close(other);
    dyn_leaf_cache_written(cache, 1);
    ck_assert(!dyn_leaf_cache_is_full(cache));
}
END_TEST

/* What is there stays when there is no memory. */
START_TEST(lack_of_memory_changes_nothing)
{
    ck_assert(change(1, 10));
    fault_set(0);
    ck_assert(!change(2, 10));
    fault_set(0);
    ck_assert(!change(1, 90000));
    fault_set_off();
    ck_assert(has(1, 10, 1));
    ck_assert(!has(2, 10, 1));
    for (int64_t id = 2; id < IDS; id++) {
        fault_set(1); /* its places, or its memory */
        bool is_there = change(id, 10);
        fault_set_off();
        ck_assert_int_eq(has(id, 10, 1), is_there);
        ck_assert(has(1, 10, 1));
    }
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("leaf_cache");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_leaf_is_found_while_nothing_has_changed);
    tcase_add_test(tests, a_leaf_that_is_known_stays);
    tcase_add_test(tests, the_leaf_used_longest_ago_goes_first);
    tcase_add_test(tests, a_leaf_that_is_read_once_takes_the_place_of_none);
    tcase_add_test(tests, a_leaf_that_is_read_again_has_heads);
    tcase_add_test(tests, a_leaf_that_is_read_to_be_changed_has_none);
    tcase_add_test(tests, room_for_changes_is_given_up_first);
    tcase_add_test(tests, what_nobody_has_read_makes_room);
    tcase_add_test(tests, what_a_call_holds_lives_until_it_ends);
    tcase_add_test(tests, the_tables_of_a_connection_have_one_limit);
    tcase_add_test(tests, an_idle_connection_keeps_nobody_out);
    tcase_add_test(tests, without_memory_nothing_is_kept);
    tcase_add_test(tests, random_changes_are_those_of_a_model);
    tcase_add_test(tests, changes_are_listed_by_their_ids);
    tcase_add_test(tests, what_is_written_is_kept);
    tcase_add_test(tests, a_changed_leaf_is_changed_in_place);
    tcase_add_test(tests, a_new_leaf_is_new_until_it_is_written);
    tcase_add_test(tests, changes_have_a_limit_of_memory);
    tcase_add_test(tests, lack_of_memory_changes_nothing);
    return unit_run("leaf_cache", tests);
}
