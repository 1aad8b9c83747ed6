/* Leaves that have changed: found by their ids, listed in their order, within
 * memory that is given back, and without any. */
#include "engine/leaf_buffer.h"
#include "fault.h"
#include "unit.h"

#include <sqlite3.h>
#include <string.h>

enum { TREE = 2, IDS = 1000 };

static dyn_leaf_buffer *buffer;

static void setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    buffer = dyn_leaf_buffer_open();
    ck_assert_ptr_nonnull(buffer);
}

static void teardown(void)
{
    dyn_leaf_buffer_close(buffer);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static bool put(int64_t id, size_t bytes)
{
    static unsigned char rows[100000];
    memset(rows, (int)(id + (int64_t)bytes), bytes);
    const dyn_leaf leaf = {
        id, dyn_bytes_text("a"), dyn_bytes_text("m"), {rows, bytes}};
    return dyn_leaf_buffer_put(buffer, TREE, &leaf);
}

/* Whether the leaf of an id is there, as it was put. */
static bool has(int64_t id, size_t bytes)
{
    const dyn_changed_leaf *found = dyn_leaf_buffer_find(buffer, id);
    if (found == NULL) return false;
    ck_assert_int_eq(found->tree, TREE);
    ck_assert_int_eq(found->leaf.id, id);
    ck_assert(dyn_bytes_equal_text(found->leaf.low, "a"));
    ck_assert(dyn_bytes_equal_text(found->leaf.high, "m"));
    ck_assert_uint_eq(found->leaf.rows.size_bytes, bytes);
    for (size_t i = 0; i < bytes; i++)
        ck_assert_uint_eq(found->leaf.rows.data[i],
                          (unsigned char)(id + (int64_t)bytes));
    return true;
}

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
            dyn_leaf_buffer_remove(buffer, id);
        else
            ck_assert(put(id, sizes[id]));
    }
    for (uint32_t id = 0; id < IDS; id++)
        ck_assert_int_eq(has(id, sizes[id]), sizes[id] > 0);
}
END_TEST

START_TEST(leaves_are_listed_by_their_ids)
{
    dyn_call call;
    const dyn_changed_leaf **all = NULL;
    size_t count = 0;
    dyn_call_begin(&call);
    ck_assert_int_eq(dyn_leaf_buffer_list(&call, NULL, &all, &count), DYN_OK);
    ck_assert_uint_eq(count, 0);
    for (int64_t id = IDS; id > 0; id--)
        ck_assert(put(id * 77 % 1009, 10));
    ck_assert_int_eq(dyn_leaf_buffer_list(&call, buffer, &all, &count), DYN_OK);
    ck_assert_uint_eq(count, IDS);
    for (size_t i = 1; i < count; i++)
        ck_assert_int_lt(all[i - 1]->leaf.id, all[i]->leaf.id);
    dyn_call_end(&call);
    dyn_leaf_buffer_clear(buffer);
    ck_assert_ptr_null(dyn_leaf_buffer_find(buffer, 77));
    ck_assert(put(77, 10));
}
END_TEST

START_TEST(there_is_a_limit_of_memory)
{
    int64_t id = 0;
    while (!dyn_leaf_buffer_is_full(buffer))
        ck_assert(put(++id, 90000));
    ck_assert_int_gt(id * 90000, DYN_LEAF_BUFFER_BYTES_MAX - 200000);
    ck_assert_int_lt(id * 90000, DYN_LEAF_BUFFER_BYTES_MAX + 200000);
    dyn_leaf_buffer *other = dyn_leaf_buffer_open();
    ck_assert(!dyn_leaf_buffer_is_full(other)); /* has none to write */
    dyn_leaf_buffer_close(other);
    dyn_leaf_buffer_clear(buffer);
    ck_assert(!dyn_leaf_buffer_is_full(buffer));
}
END_TEST

/* What is there stays when there is no memory. */
START_TEST(lack_of_memory_changes_nothing)
{
    ck_assert(put(1, 10));
    ck_assert(put(3, 10));
    dyn_leaf_buffer_remove(buffer, 3);
    fault_set(0);
    ck_assert(!put(2, 10));
    fault_set(0);
    ck_assert(!put(1, 90000));
    fault_set_off();
    ck_assert(has(1, 10));
    ck_assert(!has(2, 10));
    for (int64_t id = 2; id < IDS; id++) {
        fault_set(1); /* its places, or its memory */
        bool is_there = put(id, 10);
        fault_set_off();
        ck_assert_int_eq(has(id, 10), is_there);
        ck_assert(has(1, 10));
    }
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("leaf_buffer");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, random_changes_are_those_of_a_model);
    tcase_add_test(tests, leaves_are_listed_by_their_ids);
    tcase_add_test(tests, there_is_a_limit_of_memory);
    tcase_add_test(tests, lack_of_memory_changes_nothing);
    return unit_run("leaf_buffer", tests);
}
