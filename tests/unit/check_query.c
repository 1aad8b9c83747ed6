/* Ranges of keys: the segments of a scan share out all hashes, and a key
 * condition is a range that holds the keys it means. */
#include "fault.h"
#include "ops/query.h"
#include "unit.h"

#include <sqlite3.h>
#include <string.h>

static dyn_call call;
static uint64_t state;

static void setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    dyn_call_begin(&call);
    state = 1;
}

static void teardown(void)
{
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static void free_now_and_then(uint64_t round)
{
    if (round % 256 != 0) return;
    dyn_call_end(&call);
    dyn_call_begin(&call);
}

static const uint64_t counts[] = {
    1, 2, 3, 4, 5, 6, 7, 10, 12, 100, 255, 256, 257, 1000, 4096, 99991, 1000000,
};

START_TEST(segments_follow_each_other_without_gaps)
{
    unsigned char end[DYN_KEY_HASH_BYTES] = {0};
    for (uint64_t i = 0; i < counts[_i]; i++) {
        dyn_bytes low;
        dyn_bytes high;
        /* One assertion: each of them is slow. */
        bool follows =
            dyn_query_segment(&call, i, counts[_i], &low, &high) == DYN_OK &&
            dyn_bytes_equal(low, (dyn_bytes){end, sizeof(end)}) &&
            dyn_bytes_compare(low, high) < 0;
        if (!follows) ck_abort_msg("segment %d", (int)i);
        memcpy(end, high.data, sizeof(end));
        if (i + 1 == counts[_i]) {
            ck_assert_uint_gt(high.size_bytes, DYN_KEY_HASH_BYTES);
            ck_assert_mem_eq(end, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
        }
        free_now_and_then(i);
    }
}
END_TEST

static uint64_t random_hash(void)
{
    switch (unit_random(&state, 8)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX;
    default:
        return (uint64_t)unit_random(&state, UINT32_MAX) << 33 ^
               unit_random(&state, UINT32_MAX);
    }
}

START_TEST(a_hash_is_in_exactly_one_segment)
{
    if (counts[_i] > 1000) return;
    for (int round = 0; round < 30; round++) {
        unsigned char key[DYN_KEY_HASH_BYTES + 1] = {0};
        dyn_key_write_hash(random_hash(), key);
        int found = 0;
        for (uint64_t i = 0; i < counts[_i]; i++) {
            dyn_bytes low;
            dyn_bytes high;
            dyn_bytes stored = {key, sizeof(key)};
            ck_assert_int_eq(
                dyn_query_segment(&call, i, counts[_i], &low, &high), DYN_OK);
            found += dyn_bytes_compare(low, stored) <= 0 &&
                     dyn_bytes_compare(stored, high) < 0;
            free_now_and_then(i);
        }
        ck_assert_int_eq(found, 1);
    }
}
END_TEST

/* ----------------------------------------------------------- conditions -- */

static dyn_bytes random_bytes(void)
{
    static const unsigned char alphabet[] = {0x00, 0x01, 'a', 0xff};
    uint32_t size = unit_random(&state, 4);
    unsigned char *data = dyn_alloc(&call, size);
    for (uint32_t i = 0; i < size; i++)
        data[i] = alphabet[unit_random(&state, sizeof(alphabet))];
    return (dyn_bytes){data, size};
}

static dyn_value random_value(dyn_type type)
{
    dyn_value value = {.type = type};
    if (type == DYN_TYPE_N) {
        dyn_number_from_int64((int64_t)unit_random(&state, 20) - 10,
                              &value.number);
    } else {
        value.bytes = random_bytes();
    }
    return value;
}

static dyn_bytes stored_key(const dyn_value *partition, const dyn_value *sort)
{
    dyn_buffer key;
    dyn_bytes out;
    dyn_key_begin(&key, &call);
    dyn_key_add_partition(&key, partition);
    dyn_key_set_hash(&key);
    dyn_key_add_sort(&key, sort);
    ck_assert_int_eq(dyn_buffer_end(&key, &out), DYN_OK);
    return out;
}

static bool is_within(const dyn_key_condition *condition,
                      const dyn_value *partition, const dyn_value *sort)
{
    if (!dyn_value_equal(condition->partition[0], partition)) return false;
    if (condition->lower.value != NULL) {
        int order = dyn_value_compare(sort, condition->lower.value);
        if (order < 0) return false;
        if (order == 0 && !condition->lower.is_inclusive) return false;
    }
    if (condition->upper.value != NULL) {
        int order = dyn_value_compare(sort, condition->upper.value);
        if (order > 0) return false;
        if (order == 0 && !condition->upper.is_inclusive) return false;
    }
    return condition->prefix == NULL ||
           dyn_bytes_begin_with(sort->bytes, *condition->prefix);
}

static const dyn_type types[] = {DYN_TYPE_S, DYN_TYPE_N, DYN_TYPE_B};

START_TEST(a_range_holds_the_keys_that_meet_the_condition)
{
    int inside = 0;
    for (uint64_t round = 0; round < 20000; round++) {
        dyn_value partition = random_value(DYN_TYPE_S);
        dyn_value asked =
            unit_random(&state, 8) == 0 ? random_value(DYN_TYPE_S) : partition;
        dyn_value sort = random_value(types[_i]);
        dyn_value lower = random_value(types[_i]);
        dyn_value upper = random_value(types[_i]);
        dyn_bytes prefix = random_bytes();
        bool has_prefix =
            types[_i] != DYN_TYPE_N && unit_random(&state, 3) == 0;
        dyn_key_condition condition = {
            .partition = {&asked},
            .partition_count = 1,
            .lower = {unit_random(&state, 2) ? &lower : NULL,
                      unit_random(&state, 2) == 0},
            .upper = {unit_random(&state, 2) ? &upper : NULL,
                      unit_random(&state, 2) == 0},
            .prefix = has_prefix ? &prefix : NULL,
        };
        dyn_bytes low;
        dyn_bytes high;
        dyn_bytes key = stored_key(&partition, &sort);
        ck_assert_int_eq(dyn_query_range(&call, &condition, &low, &high),
                         DYN_OK);
        bool is_in = dyn_bytes_compare(low, key) <= 0 &&
                     dyn_bytes_compare(key, high) < 0;
        ck_assert_int_eq(is_in, is_within(&condition, &partition, &sort));
        inside += is_in;
        free_now_and_then(round);
    }
    ck_assert_int_gt(inside, 1000);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("query");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, segments_follow_each_other_without_gaps, 0,
                        COUNT_OF(counts));
    tcase_add_loop_test(tests, a_hash_is_in_exactly_one_segment, 0,
                        COUNT_OF(counts));
    tcase_add_loop_test(tests, a_range_holds_the_keys_that_meet_the_condition,
                        0, COUNT_OF(types));
    return unit_run("query", tests);
}
