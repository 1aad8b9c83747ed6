/* The sketch of hot keys: its bounds against exact counts, how load fades, and
 * what is kept of a key. */
#include "engine/hot_keys.h"
#include "fault.h"
#include "item/key.h"
#include "unit.h"

#include <sqlite3.h>
#include <string.h>

enum {
    GENERATION = DYN_HOT_KEYS_GENERATION_MS,
    COUNTERS = DYN_HOT_KEYS_COUNTERS,
    KEYS = 2000,
};

static dyn_call call;
static dyn_hot_keys *hot;
static dyn_hot_key_list list;
static uint64_t state;

static void setup(void)
{
    state = 1;
    dyn_call_begin(&call);
    hot = dyn_hot_keys_open(dyn_hot_units);
    ck_assert_ptr_nonnull(hot);
}

static void teardown(void)
{
    dyn_hot_keys_close(hot);
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static void add(int64_t now_ms, const char *key, int64_t reads, int64_t writes)
{
    dyn_hot_keys_add(hot, now_ms, dyn_bytes_text(key), reads, writes);
}

static void list_at(int64_t now_ms)
{
    ck_assert_int_eq(dyn_hot_keys_list(&call, hot, now_ms, &list), DYN_OK);
}

static void check_key(size_t number, const char *key, int64_t reads,
                      int64_t writes)
{
    ck_assert_uint_lt(number, list.count);
    const dyn_hot_key *k = &list.keys[number];
    ck_assert_str_eq((const char *)k->key.data, key);
    ck_assert_uint_eq(k->key_bytes, strlen(key));
    ck_assert_int_eq(k->reads, reads);
    ck_assert_int_eq(k->writes, writes);
    ck_assert_int_eq(k->weight, reads + 6 * writes);
    ck_assert_int_eq(k->error, 0);
}

START_TEST(few_keys_are_counted_exactly)
{
    add(0, "a", 1, 0);
    add(0, "b", 0, 1);
    add(1, "a", 2, 0);
    add(2, "c", 5, 2);
    list_at(3);
    ck_assert_uint_eq(list.count, 3);
    check_key(0, "c", 5, 2);
    check_key(1, "b", 0, 1);
    check_key(2, "a", 3, 0);
    ck_assert_int_eq(list.reads, 8);
    ck_assert_int_eq(list.writes, 3);
    ck_assert_int_eq(list.unlisted, 0);
}
END_TEST

START_TEST(factors_alike_weigh_reads_and_writes_alike)
{
    dyn_hot_keys_close(hot);
    hot = dyn_hot_keys_open((dyn_hot_factors){.read = 1, .write = 1});
    add(0, "a", 3, 0);
    add(0, "b", 0, 4);
    list_at(0);
    ck_assert_str_eq((const char *)list.keys[0].key.data, "b");
    ck_assert_int_eq(list.keys[0].weight, 4);
    ck_assert_int_eq(list.keys[1].weight, 3);
}
END_TEST

START_TEST(keys_that_weigh_alike_are_listed_in_their_order)
{
    for (const char *c = "hgfedcba"; *c != '\0'; c++)
        add(0, (char[]){*c, '\0'}, 1, 0);
    list_at(0);
    for (size_t i = 0; i < 8; i++)
        check_key(i, (char[]){(char)('a' + (int)i), '\0'}, 1, 0);
}
END_TEST

START_TEST(what_weighs_nothing_takes_no_counter)
{
    add(0, "a", 0, 0);
    add(0, "", 1, 1);
    list_at(0);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_int_eq(list.reads, 0);
}
END_TEST

START_TEST(without_memory_nothing_is_listed)
{
    fault_set(0);
    dyn_hot_keys *none = dyn_hot_keys_open(dyn_hot_units);
    fault_set_off();
    ck_assert_ptr_null(none);
    dyn_hot_keys_add(none, 0, dyn_bytes_text("a"), 1, 1);
    ck_assert_int_eq(dyn_hot_keys_list(&call, none, 7, &list), DYN_OK);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_int_eq(list.since_ms, 7);
    dyn_hot_keys_close(none);
}
END_TEST

START_TEST(a_list_without_memory_fails)
{
    add(0, "a", 1, 0);
    call.free_bytes = 0;
    fault_set(0);
    ck_assert_int_eq(dyn_hot_keys_list(&call, hot, 0, &list), DYN_NOMEM);
    fault_set_off();
}
END_TEST

START_TEST(adding_needs_no_memory)
{
    fault_set(0);
    for (int64_t i = 0; i < 1000; i++)
        dyn_hot_keys_add(hot, i * GENERATION / 100,
                         (dyn_bytes){(unsigned char *)&i, sizeof(i)}, 1, 1);
    ck_assert(!fault_hit());
    fault_set_off();
}
END_TEST

/* ------------------------------------------------------------------ keys -- */

START_TEST(the_first_bytes_of_a_long_key_are_kept)
{
    unsigned char key[DYN_KEY_BYTES_MAX];
    memset(key, 'k', sizeof(key));
    for (size_t size = DYN_HOT_KEY_BYTES_MAX - 1; size < sizeof(key); size++) {
        if (size > DYN_HOT_KEY_BYTES_MAX + 1 && size % 97 != 0) continue;
        dyn_bytes whole = {key, size};
        int64_t now_ms = (int64_t)size * 2 * GENERATION;
        dyn_hot_keys_add(hot, now_ms, whole, 1, 0);
        list_at(now_ms);
        ck_assert_uint_eq(list.count, 1);
        ck_assert_uint_eq(list.keys[0].key_bytes, size);
        ck_assert_uint_eq(list.keys[0].digest, dyn_key_digest(whole));
        size_t kept =
            size < DYN_HOT_KEY_BYTES_MAX ? size : DYN_HOT_KEY_BYTES_MAX;
        ck_assert_uint_eq(list.keys[0].key.size_bytes, kept);
        ck_assert_mem_eq(list.keys[0].key.data, key, kept);
    }
}
END_TEST

START_TEST(long_keys_that_begin_alike_are_counted_apart)
{
    unsigned char key[DYN_HOT_KEY_BYTES_MAX + 1] = {0};
    for (int i = 0; i < 60; i++) {
        key[DYN_HOT_KEY_BYTES_MAX] = (unsigned char)(i % 3);
        dyn_hot_keys_add(hot, 0, (dyn_bytes){key, sizeof(key)}, 1, 0);
    }
    list_at(0);
    ck_assert_uint_eq(list.count, 3);
    for (size_t i = 0; i < 3; i++)
        ck_assert_int_eq(list.keys[i].weight, 20);
}
END_TEST

/* ------------------------------------------------------------------ time -- */

START_TEST(load_fades_with_the_second_generation)
{
    int64_t begin = INT64_C(5000) * GENERATION;
    add(begin + 10, "old", 1, 0);
    add(begin + GENERATION + 5, "new", 2, 0);
    add(begin + GENERATION, "old", 4, 0);
    list_at(begin + 2 * GENERATION - 1);
    ck_assert_uint_eq(list.count, 2);
    check_key(0, "old", 5, 0);
    check_key(1, "new", 2, 0);
    ck_assert_int_eq(list.reads, 7);
    ck_assert_int_eq(list.since_ms, begin + 10);
    list_at(begin + 2 * GENERATION);
    check_key(0, "old", 4, 0);
    check_key(1, "new", 2, 0);
    ck_assert_int_eq(list.reads, 6);
    ck_assert_int_eq(list.since_ms, begin + GENERATION);
    list_at(begin + 3 * GENERATION);
    ck_assert_uint_eq(list.count, 0);
    ck_assert_int_eq(list.reads, 0);
}
END_TEST

START_TEST(a_pause_of_two_generations_forgets_all)
{
    add(0, "old", 1, 0);
    add(2 * GENERATION + 5, "new", 1, 0);
    list_at(2 * GENERATION + 6);
    ck_assert_uint_eq(list.count, 1);
    check_key(0, "new", 1, 0);
    ck_assert_int_eq(list.since_ms, 2 * GENERATION + 5);
}
END_TEST

START_TEST(a_clock_that_goes_back_a_little_forgets_nothing)
{
    add(GENERATION, "a", 1, 0);
    add(GENERATION - 1, "a", 2, 0);
    list_at(GENERATION - 1);
    check_key(0, "a", 3, 0);
    ck_assert_int_eq(list.since_ms, GENERATION - 1);
}
END_TEST

START_TEST(a_clock_that_is_set_back_forgets_what_was_later)
{
    add(10 * GENERATION, "later", 1, 0);
    add(-GENERATION - 1, "a", 1, 0);
    list_at(-GENERATION - 1);
    ck_assert_uint_eq(list.count, 1);
    check_key(0, "a", 1, 0);
    add(-GENERATION, "b", 2, 0);
    list_at(-1);
    check_key(0, "b", 2, 0);
    check_key(1, "a", 1, 0);
    list_at(0);
    ck_assert_uint_eq(list.count, 1);
}
END_TEST

/* ---------------------------------------------------------------- bounds -- */

/* Exact counts of numbered keys, of the generation that is filled and of the
 * one before. */
typedef struct exact {
    int64_t reads[2][KEYS];
    int64_t writes[2][KEYS];
} exact;

static exact counts;

static int64_t true_reads(size_t key)
{
    return counts.reads[0][key] + counts.reads[1][key];
}

static int64_t true_writes(size_t key)
{
    return counts.writes[0][key] + counts.writes[1][key];
}

static int64_t true_weight(size_t key)
{
    return true_reads(key) + 6 * true_writes(key);
}

/* How keys are drawn: all alike, few of them often, or others with time. */
static uint32_t draw(int shape, uint32_t step)
{
    uint32_t key = unit_random(&state, KEYS);
    if (shape == 0) return key;
    for (int i = 0; i < shape; i++)
        key = unit_random(&state, key + 1);
    return shape < 3 ? key : (key + step / 500) % KEYS;
}

static void add_random(int64_t now_ms, int shape, uint32_t step)
{
    uint32_t key = draw(shape, step);
    int64_t reads = unit_random(&state, 3) == 0 ? unit_random(&state, 50) : 0;
    int64_t writes = reads > 0 ? 0 : unit_random(&state, 9);
    unsigned char bytes[24] = {0};
    memcpy(bytes, &key, sizeof(key));
    dyn_hot_keys_add(hot, now_ms, (dyn_bytes){bytes, sizeof(bytes)}, reads,
                     writes);
    counts.reads[0][key] += reads;
    counts.writes[0][key] += writes;
}

static void check_listed(bool is_listed[KEYS])
{
    int64_t least = INT64_MAX;
    for (size_t i = 0; i < list.count; i++) {
        const dyn_hot_key *k = &list.keys[i];
        uint32_t key;
        memcpy(&key, k->key.data, sizeof(key));
        ck_assert(!is_listed[key]);
        is_listed[key] = true;
        ck_assert_int_le(k->reads, true_reads(key));
        ck_assert_int_le(k->writes, true_writes(key));
        ck_assert_int_eq(k->weight, k->reads + 6 * k->writes + k->error);
        ck_assert_int_le(k->weight - k->error, true_weight(key));
        ck_assert_int_ge(k->weight, true_weight(key));
        ck_assert_int_le(k->error, list.unlisted);
        ck_assert_int_le(k->weight - k->error, least);
        least = k->weight - k->error;
    }
}

static void check_bounds(int64_t now_ms)
{
    bool is_listed[KEYS] = {false};
    int64_t reads = 0;
    int64_t writes = 0;
    list_at(now_ms);
    ck_assert_uint_le(list.count, 2 * COUNTERS);
    check_listed(is_listed);
    for (size_t key = 0; key < KEYS; key++) {
        reads += true_reads(key);
        writes += true_writes(key);
    }
    ck_assert_int_eq(list.reads, reads);
    ck_assert_int_eq(list.writes, writes);
    ck_assert_int_le(list.unlisted * COUNTERS, reads + 6 * writes);
    int64_t heaviest = 0; /* of those that are not listed */
    for (size_t key = 0; key < KEYS; key++) {
        if (!is_listed[key] && true_weight(key) > heaviest)
            heaviest = true_weight(key);
    }
    ck_assert_int_le(heaviest, list.unlisted);
}

START_TEST(the_bounds_hold_for_any_load)
{
    enum { STEPS = 30000, GENERATIONS = 5 };
    memset(&counts, 0, sizeof(counts));
    state = (uint64_t)_i + 1;
    int64_t before = 0;
    for (uint32_t step = 0; step < STEPS; step++) {
        int64_t now_ms = (int64_t)step * GENERATION * GENERATIONS / STEPS;
        if (now_ms / GENERATION != before) {
            memcpy(counts.reads[1], counts.reads[0], sizeof(counts.reads[0]));
            memcpy(counts.writes[1], counts.writes[0],
                   sizeof(counts.writes[0]));
            memset(counts.reads[0], 0, sizeof(counts.reads[0]));
            memset(counts.writes[0], 0, sizeof(counts.writes[0]));
            before = now_ms / GENERATION;
        }
        add_random(now_ms, _i % 4, step);
        if (step % 700 == 0) check_bounds(now_ms);
    }
}
END_TEST

START_TEST(a_key_of_more_than_its_share_is_listed_first)
{
    for (int64_t i = 0; i < 100000; i++) {
        dyn_bytes key = {(unsigned char *)&i, sizeof(i)};
        dyn_hot_keys_add(hot, 0, key, 1, 0);
        if (i % 20 == 0) add(0, "hot", 1, 0);
    }
    list_at(0);
    ck_assert_str_eq((const char *)list.keys[0].key.data, "hot");
    ck_assert_int_ge(list.keys[0].weight, 5000);
    ck_assert_int_le(list.keys[0].weight - list.keys[0].error, 5000);
    ck_assert_int_le(list.keys[0].error, 105000 / COUNTERS);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_test(tests, few_keys_are_counted_exactly);
    tcase_add_test(tests, factors_alike_weigh_reads_and_writes_alike);
    tcase_add_test(tests, keys_that_weigh_alike_are_listed_in_their_order);
    tcase_add_test(tests, what_weighs_nothing_takes_no_counter);
    tcase_add_test(tests, without_memory_nothing_is_listed);
    tcase_add_test(tests, a_list_without_memory_fails);
    tcase_add_test(tests, adding_needs_no_memory);
    tcase_add_test(tests, the_first_bytes_of_a_long_key_are_kept);
    tcase_add_test(tests, long_keys_that_begin_alike_are_counted_apart);
    tcase_add_test(tests, load_fades_with_the_second_generation);
    tcase_add_test(tests, a_pause_of_two_generations_forgets_all);
    tcase_add_test(tests, a_clock_that_goes_back_a_little_forgets_nothing);
    tcase_add_test(tests, a_clock_that_is_set_back_forgets_what_was_later);
    tcase_add_loop_test(tests, the_bounds_hold_for_any_load, 0, 16);
    tcase_add_test(tests, a_key_of_more_than_its_share_is_listed_first);
}

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("hot_keys");
    tcase_add_checked_fixture(tests, setup, teardown);
    add_tests(tests);
    return unit_run("hot_keys", tests);
}
