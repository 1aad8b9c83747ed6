/* Keys as bytes: their order is the order of the values, what begins with a
 * prefix is a range, and what is written reads back. */
#include "fault.h"
#include "item/key.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { ROUNDS = 10000, ROUNDS_OF_A_CALL = 200 };

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

static void free_now_and_then(int round)
{
    if (round % ROUNDS_OF_A_CALL != 0) return;
    dyn_call_end(&call);
    dyn_call_begin(&call);
}

/* Few different bytes, among them those that are escaped and the last ones, so
 * that pairs often share a beginning. */
static dyn_bytes random_bytes(uint32_t size_max)
{
    static const unsigned char alphabet[] = {0x00, 0x01, 0x02, 'a',
                                             'b',  0x7f, 0xfe, 0xff};
    uint32_t size = unit_random(&state, size_max + 1);
    unsigned char *data = dyn_alloc(&call, size);
    for (uint32_t i = 0; i < size; i++)
        data[i] = alphabet[unit_random(&state, sizeof(alphabet))];
    return (dyn_bytes){data, size};
}

static dyn_number random_number(void)
{
    static const int exponents[] = {-130, -40, -3, -2, -1, 0, 1, 2, 80};
    char text[80];
    size_t used = 0;
    dyn_number number;
    if (unit_random(&state, 2) == 0) text[used++] = '-';
    uint32_t digits =
        unit_random(&state, 3) == 0 ? 1 + unit_random(&state, 38) : 1;
    for (uint32_t i = 0; i < digits; i++) {
        text[used++] =
            (char)('0' + unit_random(&state, 3) + unit_random(&state, 2) * 7);
    }
    sprintf(text + used, "e%d", exponents[unit_random(&state, 9)]);
    ck_assert_int_eq(dyn_number_parse(&call, dyn_bytes_text(text), &number),
                     DYN_OK);
    return number;
}

static dyn_value random_value(dyn_type type)
{
    dyn_value value = {.type = type};
    if (type == DYN_TYPE_N) {
        value.number = random_number();
    } else {
        value.bytes = random_bytes(6);
    }
    return value;
}

static dyn_bytes sort_key(const dyn_value *value)
{
    dyn_buffer key;
    dyn_bytes out;
    dyn_buffer_begin(&key, &call, 16);
    dyn_key_add_sort(&key, value);
    ck_assert_int_eq(dyn_buffer_end(&key, &out), DYN_OK);
    return out;
}

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

static const dyn_type types[] = {DYN_TYPE_S, DYN_TYPE_N, DYN_TYPE_B};

START_TEST(sort_keys_are_in_the_order_of_their_values)
{
    for (int round = 0; round < ROUNDS; round++) {
        dyn_value a = random_value(types[_i]);
        dyn_value b = random_value(types[_i]);
        int order = dyn_bytes_compare(sort_key(&a), sort_key(&b));
        ck_assert_int_eq(sign(order), sign(dyn_value_compare(&a, &b)));
        free_now_and_then(round);
    }
}
END_TEST

/* Several components: the first that differs decides. */
START_TEST(what_follows_a_sort_key_does_not_change_its_order)
{
    for (int round = 0; round < ROUNDS; round++) {
        dyn_bytes keys[2];
        dyn_value first[2];
        dyn_value second[2];
        for (int i = 0; i < 2; i++) {
            dyn_buffer key;
            first[i] = random_value(types[_i]);
            second[i] = random_value(types[unit_random(&state, 3)]);
            if (i == 1) second[1].type = second[0].type;
            if (i == 1) second[1] = random_value(second[0].type);
            dyn_buffer_begin(&key, &call, 16);
            dyn_key_add_sort(&key, &first[i]);
            dyn_key_add_sort(&key, &second[i]);
            ck_assert_int_eq(dyn_buffer_end(&key, &keys[i]), DYN_OK);
        }
        int order = dyn_value_compare(&first[0], &first[1]);
        if (order == 0) order = dyn_value_compare(&second[0], &second[1]);
        ck_assert_int_eq(sign(dyn_bytes_compare(keys[0], keys[1])),
                         sign(order));
        free_now_and_then(round);
    }
}
END_TEST

START_TEST(what_begins_with_a_prefix_is_a_range)
{
    int inside = 0;
    for (int round = 0; round < ROUNDS; round++) {
        dyn_value value = {.type = DYN_TYPE_B, .bytes = random_bytes(5)};
        dyn_bytes prefix = random_bytes(2);
        dyn_buffer key;
        dyn_bytes low;
        dyn_bytes high;
        dyn_buffer_begin(&key, &call, 16);
        dyn_key_add_sort_prefix(&key, prefix);
        ck_assert_int_eq(dyn_buffer_end(&key, &low), DYN_OK);
        ck_assert_int_eq(dyn_key_after(&call, low, &high), DYN_OK);
        dyn_bytes stored = sort_key(&value);
        bool is_inside =
            dyn_bytes_compare(low, stored) <= 0 &&
            (high.size_bytes == 0 || dyn_bytes_compare(stored, high) < 0);
        ck_assert_int_eq(is_inside, dyn_bytes_begin_with(value.bytes, prefix));
        inside += is_inside;
        free_now_and_then(round);
    }
    ck_assert_int_gt(inside, ROUNDS / 10);
}
END_TEST

static const struct {
    const char *bytes;
    size_t size_bytes;
    const char *after;
    size_t after_bytes;
} successors[] = {
    {"", 0, "", 0},         {"a", 1, "b", 1},
    {"a\0", 2, "a\1", 2},   {"a\xff", 2, "b", 1},
    {"\xff", 1, "", 0},     {"\xfe\xff\xff", 3, "\xff", 1},
    {"\xff\xff", 2, "", 0}, {"\xff\x00", 2, "\xff\x01", 2},
};

START_TEST(after_a_prefix_comes_its_successor)
{
    dyn_bytes out;
    dyn_bytes bytes = {(const unsigned char *)successors[_i].bytes,
                       successors[_i].size_bytes};
    ck_assert_int_eq(dyn_key_after(&call, bytes, &out), DYN_OK);
    ck_assert(dyn_bytes_equal(
        out, (dyn_bytes){(const unsigned char *)successors[_i].after,
                         successors[_i].after_bytes}));
}
END_TEST

/* A key of a table with both keys. */
static dyn_bytes table_key(const dyn_value *partition, const dyn_value *sort)
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

static dyn_status read_key(dyn_bytes key, dyn_type partition_type,
                           dyn_type sort_type, dyn_value *partition,
                           dyn_value *sort, size_t *left)
{
    dyn_bytes rest = {key.data + DYN_KEY_HASH_BYTES,
                      key.size_bytes - DYN_KEY_HASH_BYTES};
    DYN_TRY(dyn_key_next_partition(&call, &rest, partition_type, partition));
    DYN_TRY(dyn_key_next_sort(&call, &rest, sort_type, sort));
    *left = rest.size_bytes;
    return DYN_OK;
}

START_TEST(a_key_reads_back)
{
    for (int round = 0; round < ROUNDS; round++) {
        dyn_type partition_type = types[unit_random(&state, 3)];
        dyn_value partition = random_value(partition_type);
        dyn_value sort = random_value(types[_i]);
        dyn_value partition_again;
        dyn_value sort_again;
        size_t left;
        dyn_bytes key = table_key(&partition, &sort);
        ck_assert_int_eq(read_key(key, partition_type, types[_i],
                                  &partition_again, &sort_again, &left),
                         DYN_OK);
        ck_assert_uint_eq(left, 0);
        ck_assert(dyn_value_equal(&partition, &partition_again));
        ck_assert(dyn_value_equal(&sort, &sort_again));
        free_now_and_then(round);
    }
}
END_TEST

START_TEST(a_cut_key_is_refused)
{
    for (int round = 0; round < 300; round++) {
        dyn_value partition = random_value(DYN_TYPE_S);
        dyn_value sort = random_value(types[_i]);
        dyn_bytes key = table_key(&partition, &sort);
        for (size_t size = DYN_KEY_HASH_BYTES; size < key.size_bytes; size++) {
            size_t left;
            ck_assert_int_eq(read_key((dyn_bytes){key.data, size}, DYN_TYPE_S,
                                      types[_i], &partition, &sort, &left),
                             DYN_CORRUPT);
        }
        free_now_and_then(round);
    }
}
END_TEST

START_TEST(a_damaged_key_is_refused_or_another_key)
{
    for (int round = 0; round < ROUNDS; round++) {
        dyn_type partition_type = types[unit_random(&state, 3)];
        dyn_value partition = random_value(partition_type);
        dyn_value sort = random_value(types[_i]);
        size_t left;
        dyn_bytes key = table_key(&partition, &sort);
        unsigned char *data = (unsigned char *)key.data;
        uint32_t size = (uint32_t)key.size_bytes - DYN_KEY_HASH_BYTES;
        data[DYN_KEY_HASH_BYTES + unit_random(&state, size)] =
            (unsigned char)unit_random(&state, 256);
        dyn_status status =
            read_key(key, partition_type, types[_i], &partition, &sort, &left);
        if (status == DYN_OK && left == 0) {
            dyn_bytes again = table_key(&partition, &sort);
            ck_assert_uint_eq(again.size_bytes, key.size_bytes);
            ck_assert_mem_eq(again.data + DYN_KEY_HASH_BYTES,
                             data + DYN_KEY_HASH_BYTES, size);
        } else {
            ck_assert(status == DYN_OK || status == DYN_CORRUPT);
        }
        free_now_and_then(round);
    }
}
END_TEST

START_TEST(a_hash_is_that_of_the_partition_key)
{
    dyn_value a = {.type = DYN_TYPE_S, .bytes = dyn_bytes_text("a")};
    dyn_value b = {.type = DYN_TYPE_S, .bytes = dyn_bytes_text("b")};
    ck_assert_uint_eq(dyn_key_hash(table_key(&a, &a)),
                      dyn_key_hash(table_key(&a, &b)));
    ck_assert_uint_ne(dyn_key_hash(table_key(&a, &a)),
                      dyn_key_hash(table_key(&b, &a)));
    ck_assert_uint_ne(dyn_key_digest(table_key(&a, &a)),
                      dyn_key_digest(table_key(&a, &b)));
}
END_TEST

static const uint64_t hashes[] = {0, 1, 0x0123456789abcdef, UINT64_MAX};

START_TEST(a_hash_is_written_with_its_first_byte_first)
{
    unsigned char bytes[DYN_KEY_HASH_BYTES];
    dyn_key_write_hash(hashes[_i], bytes);
    ck_assert_uint_eq(bytes[0], hashes[_i] >> 56);
    ck_assert_uint_eq(dyn_key_hash((dyn_bytes){bytes, sizeof(bytes)}),
                      hashes[_i]);
}
END_TEST

START_TEST(the_longest_key_is_as_long_as_announced)
{
    static unsigned char zeros[DYN_PARTITION_KEY_BYTES_MAX];
    dyn_value partition = {.type = DYN_TYPE_B, .bytes = {zeros, sizeof(zeros)}};
    dyn_value sort = {.type = DYN_TYPE_B,
                      .bytes = {zeros, DYN_SORT_KEY_BYTES_MAX}};
    ck_assert_uint_eq(table_key(&partition, &sort).size_bytes,
                      DYN_KEY_BYTES_MAX);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("key");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, sort_keys_are_in_the_order_of_their_values, 0,
                        COUNT_OF(types));
    tcase_add_loop_test(tests,
                        what_follows_a_sort_key_does_not_change_its_order, 0,
                        COUNT_OF(types));
    tcase_add_test(tests, what_begins_with_a_prefix_is_a_range);
    tcase_add_loop_test(tests, after_a_prefix_comes_its_successor, 0,
                        COUNT_OF(successors));
    tcase_add_loop_test(tests, a_key_reads_back, 0, COUNT_OF(types));
    tcase_add_loop_test(tests, a_cut_key_is_refused, 0, COUNT_OF(types));
    tcase_add_loop_test(tests, a_damaged_key_is_refused_or_another_key, 0,
                        COUNT_OF(types));
    tcase_add_test(tests, a_hash_is_that_of_the_partition_key);
    tcase_add_loop_test(tests, a_hash_is_written_with_its_first_byte_first, 0,
                        COUNT_OF(hashes));
    tcase_add_test(tests, the_longest_key_is_as_long_as_announced);
    return unit_run("key", tests);
}
