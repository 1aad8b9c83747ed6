/* What units are used for: sums, and the stored form. */
#include "engine/uses.h"
#include "unit.h"

#include <string.h>

static dyn_call call;

static void setup(void)
{
    dyn_call_begin(&call);
}

static void teardown(void)
{
    dyn_call_end(&call);
}

static const dyn_uses mixed = {
    .units = {[DYN_USE_GET_ITEM] = 1,
              [DYN_USE_SCAN] = 300,
              [DYN_USE_PUT_ITEM] = INT64_C(1) << 50,
              [DYN_USE_BACKFILL] = 7},
    .throttled = {[DYN_USE_QUERY] = 2, [DYN_USE_PUT_ITEM] = 129},
};

START_TEST(reads_and_writes_are_summed_apart)
{
    dyn_uses_sum sum = dyn_uses_sum_of(&mixed);
    ck_assert_int_eq(sum.read_halves, 301);
    ck_assert_int_eq(sum.write_units, (INT64_C(1) << 50) + 7);
    ck_assert_int_eq(sum.throttled, 131);
}
END_TEST

START_TEST(uses_are_added_one_by_one)
{
    dyn_uses sum = mixed;
    dyn_uses_add(&sum, &mixed);
    for (int i = 0; i < DYN_USE_COUNT; i++) {
        ck_assert_int_eq(sum.units[i], 2 * mixed.units[i]);
        ck_assert_int_eq(sum.throttled[i], 2 * mixed.throttled[i]);
    }
}
END_TEST

START_TEST(what_is_written_reads_back)
{
    static const dyn_uses none;
    dyn_uses back;
    dyn_bytes bytes;
    ck_assert_int_eq(dyn_uses_write(&call, &mixed, &bytes), DYN_OK);
    ck_assert(dyn_uses_read(bytes, &back));
    ck_assert_mem_eq(&back, &mixed, sizeof(back));
    for (size_t size = 0; size < bytes.size_bytes; size++) {
        bool is_read = dyn_uses_read((dyn_bytes){bytes.data, size}, &back);
        ck_assert(!is_read || !dyn_uses_is_empty(&back) || size == 0);
    }
    ck_assert_int_eq(dyn_uses_write(&call, &none, &bytes), DYN_OK);
    ck_assert_uint_eq(bytes.size_bytes, 0);
    ck_assert(dyn_uses_read(bytes, &back));
    ck_assert(dyn_uses_is_empty(&back));
}
END_TEST

/* A refund may come before what it is of. */
START_TEST(a_number_below_zero_is_written_as_zero)
{
    static const dyn_uses owed = {.units = {[DYN_USE_GET_ITEM] = -1}};
    dyn_bytes bytes;
    ck_assert_int_eq(dyn_uses_write(&call, &owed, &bytes), DYN_OK);
    ck_assert_uint_eq(bytes.size_bytes, 0);
}
END_TEST

static const struct {
    unsigned char bytes[10];
    size_t size_bytes;
} damaged[] = {
    {{0}, 1},
    {{0, 1}, 2},
    {{DYN_USE_COUNT, 1, 1}, 3},
    {{1, 1, 1, 1, 1, 1}, 6}, /* twice */
    {{2, 1, 1, 1, 1, 1}, 6}, /* not in order */
    {{0, 0x80, 0, 1}, 4},
    {{0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10, 0}, 10},
};

START_TEST(other_bytes_are_none)
{
    dyn_uses uses;
    dyn_bytes bytes = {damaged[_i].bytes, damaged[_i].size_bytes};
    ck_assert(!dyn_uses_read(bytes, &uses));
}
END_TEST

START_TEST(operations_have_the_names_of_the_service)
{
    ck_assert_str_eq(dyn_use_name(DYN_USE_GET_ITEM), "GetItem");
    ck_assert(dyn_use_is_read(DYN_USE_SCAN));
    ck_assert_str_eq(dyn_use_name(DYN_USE_CONDITION_CHECK), "ConditionCheck");
    ck_assert(!dyn_use_is_read(DYN_USE_CONDITION_CHECK));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("uses");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, reads_and_writes_are_summed_apart);
    tcase_add_test(tests, uses_are_added_one_by_one);
    tcase_add_test(tests, what_is_written_reads_back);
    tcase_add_test(tests, a_number_below_zero_is_written_as_zero);
    tcase_add_loop_test(tests, other_bytes_are_none, 0, COUNT_OF(damaged));
    tcase_add_test(tests, operations_have_the_names_of_the_service);
    return unit_run("uses", tests);
}
