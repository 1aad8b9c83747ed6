/* Caches: what is kept, how long, in how many bytes, and what goes first. */
#include "engine/cache.h"

#include "fault.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>

enum { BYTES_MAX = 2000, ITEM_MS = 1000, QUERY_MS = 500, MODEL_KEYS = 40 };

static dyn_cache *cache;
static int64_t bytes_before;

static dyn_cache *open_cache(int64_t bytes_max)
{
    dyn_cache_settings settings = {.bytes_max = bytes_max,
                                   .keep_ms = {ITEM_MS, QUERY_MS}};
    return dyn_cache_open(&settings);
}

static void setup(void)
{
    bytes_before = sqlite3_memory_used();
    cache = open_cache(BYTES_MAX);
    ck_assert_ptr_nonnull(cache);
}

/* All memory is given back. */
static void teardown(void)
{
    dyn_cache_close(cache);
    ck_assert_int_eq(sqlite3_memory_used(), bytes_before);
}

static void put(dyn_cache_kind kind, const char *key, const char *value,
                int64_t now_ms)
{
    dyn_cache_put(cache, kind, dyn_bytes_text(key), dyn_bytes_text(value), 3,
                  now_ms);
}

/* NULL when it is not there. */
static const char *get(dyn_cache_kind kind, const char *key, int64_t now_ms)
{
    static char text[256];
    dyn_bytes value = {NULL, 0};
    if (!dyn_cache_find(cache, kind, dyn_bytes_text(key), now_ms, &value))
        return NULL;
    snprintf(text, sizeof(text), "%.*s", (int)value.size_bytes,
             value.size_bytes == 0 ? "" : (const char *)value.data);
    return text;
}

static const dyn_cache_counts *counts(dyn_cache_kind kind)
{
    return dyn_cache_counts_of(cache, kind);
}

START_TEST(a_value_is_found_by_its_kind_and_key)
{
    put(DYN_CACHE_ITEMS, "a", "item", 0);
    put(DYN_CACHE_QUERIES, "a", "query", 0);
    ck_assert_str_eq(get(DYN_CACHE_ITEMS, "a", 0), "item");
    ck_assert_str_eq(get(DYN_CACHE_QUERIES, "a", 0), "query");
    ck_assert_ptr_null(get(DYN_CACHE_ITEMS, "b", 0));
}
END_TEST

START_TEST(a_value_of_no_bytes_is_a_value)
{
    put(DYN_CACHE_ITEMS, "absent", "", 0);
    ck_assert_str_eq(get(DYN_CACHE_ITEMS, "absent", 0), "");
}
END_TEST

START_TEST(a_value_replaces_another_and_begins_anew)
{
    put(DYN_CACHE_ITEMS, "a", "old", 0);
    put(DYN_CACHE_ITEMS, "a", "new", 900);
    ck_assert_str_eq(get(DYN_CACHE_ITEMS, "a", 1899), "new");
    ck_assert_int_eq(counts(DYN_CACHE_ITEMS)->entries, 1);
}
END_TEST

START_TEST(each_kind_has_its_time)
{
    put(DYN_CACHE_ITEMS, "a", "x", 100);
    put(DYN_CACHE_QUERIES, "a", "x", 100);
    ck_assert_ptr_nonnull(get(DYN_CACHE_QUERIES, "a", 599));
    ck_assert_ptr_null(get(DYN_CACHE_QUERIES, "a", 600));
    ck_assert_ptr_nonnull(get(DYN_CACHE_ITEMS, "a", 1099));
    ck_assert_ptr_null(get(DYN_CACHE_ITEMS, "a", 1100));
    ck_assert_int_eq(counts(DYN_CACHE_ITEMS)->expired, 1);
    ck_assert_int_eq(counts(DYN_CACHE_ITEMS)->entries, 0);
    ck_assert_int_eq(counts(DYN_CACHE_ITEMS)->bytes, 0);
}
END_TEST

START_TEST(a_hit_does_not_make_a_value_live_longer)
{
    put(DYN_CACHE_ITEMS, "a", "x", 0);
    ck_assert_ptr_nonnull(get(DYN_CACHE_ITEMS, "a", 999));
    ck_assert_ptr_null(get(DYN_CACHE_ITEMS, "a", 1000));
}
END_TEST

START_TEST(a_value_of_later_is_not_there_when_the_clock_is_set_back)
{
    put(DYN_CACHE_ITEMS, "a", "x", 5000);
    ck_assert_ptr_null(get(DYN_CACHE_ITEMS, "a", 4999));
    ck_assert_ptr_null(get(DYN_CACHE_ITEMS, "a", 5000));
}
END_TEST

START_TEST(bytes_stay_below_their_limit)
{
    char key[16];
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof(key), "%d", i);
        put(i % 2 == 0 ? DYN_CACHE_ITEMS : DYN_CACHE_QUERIES, key, "value", 0);
        ck_assert_int_le(counts(DYN_CACHE_ITEMS)->bytes +
                             counts(DYN_CACHE_QUERIES)->bytes,
                         BYTES_MAX);
    }
    ck_assert_int_gt(counts(DYN_CACHE_ITEMS)->evictions, 0);
    ck_assert_int_gt(counts(DYN_CACHE_QUERIES)->evictions, 0);
}
END_TEST

START_TEST(what_was_not_used_for_longest_goes_first)
{
    char key[16];
    put(DYN_CACHE_ITEMS, "used", "value", 0);
    put(DYN_CACHE_ITEMS, "unused", "value", 0);
    for (int i = 0; i < 100; i++) {
        snprintf(key, sizeof(key), "%d", i);
        put(DYN_CACHE_QUERIES, key, "value", 0);
        ck_assert_ptr_nonnull(get(DYN_CACHE_ITEMS, "used", 0));
    }
    ck_assert_ptr_null(get(DYN_CACHE_ITEMS, "unused", 0));
}
END_TEST

START_TEST(what_is_too_large_is_not_kept_and_nothing_goes_for_it)
{
    char large[BYTES_MAX + 1];
    memset(large, 'x', BYTES_MAX);
    large[BYTES_MAX] = '\0';
    put(DYN_CACHE_ITEMS, "a", "x", 0);
    put(DYN_CACHE_ITEMS, "b", large, 0);
    ck_assert_ptr_null(get(DYN_CACHE_ITEMS, "b", 0));
    ck_assert_ptr_nonnull(get(DYN_CACHE_ITEMS, "a", 0));
    put(DYN_CACHE_ITEMS, "a", large, 0);
    ck_assert_ptr_null(get(DYN_CACHE_ITEMS, "a", 0));
}
END_TEST

START_TEST(a_kind_is_cleared_alone)
{
    put(DYN_CACHE_ITEMS, "a", "x", 0);
    put(DYN_CACHE_ITEMS, "b", "x", 0);
    put(DYN_CACHE_QUERIES, "a", "x", 0);
    dyn_cache_clear(cache, DYN_CACHE_ITEMS);
    ck_assert_int_eq(counts(DYN_CACHE_ITEMS)->entries, 0);
    ck_assert_ptr_nonnull(get(DYN_CACHE_QUERIES, "a", 0));
}
END_TEST

START_TEST(hits_are_counted_with_what_they_save)
{
    put(DYN_CACHE_ITEMS, "a", "x", 0);
    get(DYN_CACHE_ITEMS, "a", 0);
    get(DYN_CACHE_ITEMS, "a", 0);
    get(DYN_CACHE_ITEMS, "b", 0);
    dyn_cache_missed(cache, DYN_CACHE_ITEMS);
    ck_assert_int_eq(counts(DYN_CACHE_ITEMS)->hits, 2);
    ck_assert_int_eq(counts(DYN_CACHE_ITEMS)->misses, 1);
    ck_assert_int_eq(counts(DYN_CACHE_ITEMS)->halves_saved, 6);
}
END_TEST

START_TEST(without_memory_less_is_kept)
{
    dyn_cache_close(cache);
    for (int i = 0; i < 2; i++) {
        fault_set(i);
        ck_assert_ptr_null(open_cache(BYTES_MAX));
        fault_set_off();
    }
    cache = open_cache(1000000);
    char key[16];
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "%d", i);
        fault_set(i % 3);
        put(DYN_CACHE_ITEMS, key, "value", 0);
        fault_set_off();
    }
    int found = 0;
    for (int i = 0; i < 1000; i++) {
        snprintf(key, sizeof(key), "%d", i);
        found += get(DYN_CACHE_ITEMS, key, 0) != NULL;
    }
    ck_assert_int_eq(found, counts(DYN_CACHE_ITEMS)->entries);
    ck_assert_int_gt(found, 300);
    ck_assert_int_lt(found, 1000);
}
END_TEST

/* The model: keys in the order of their last use. */
typedef struct model {
    int keys[MODEL_KEYS];
    int values[MODEL_KEYS];
    int count;
} model;

static int model_find(const model *m, int key)
{
    int at = 0;
    while (at < m->count && m->keys[at] != key)
        at++;
    return at;
}

static void model_remove(model *m, int at)
{
    m->count--;
    for (; at < m->count; at++) {
        m->keys[at] = m->keys[at + 1];
        m->values[at] = m->values[at + 1];
    }
}

static void model_add(model *m, int key, int value)
{
    m->keys[m->count] = key;
    m->values[m->count++] = value;
}

static void step(model *m, uint64_t *random, int room)
{
    char key[16];
    char value[16];
    int number = (int)unit_random(random, MODEL_KEYS);
    int at = model_find(m, number);
    bool is_there = at < m->count;
    snprintf(key, sizeof(key), "%03d", number);
    if (unit_random(random, 2) == 0) {
        int next = (int)unit_random(random, 1000);
        snprintf(value, sizeof(value), "%03d", next);
        put(DYN_CACHE_ITEMS, key, value, 0);
        if (is_there) model_remove(m, at);
        if (m->count == room) model_remove(m, 0);
        model_add(m, number, next);
        return;
    }
    const char *found = get(DYN_CACHE_ITEMS, key, 0);
    ck_assert_int_eq(found != NULL, is_there);
    if (!is_there) return;
    int expected = m->values[at];
    ck_assert_int_eq(atoi(found), expected);
    model_remove(m, at);
    model_add(m, number, expected);
}

START_TEST(it_does_as_a_list_in_the_order_of_use)
{
    model m = {.count = 0};
    uint64_t random = 7;
    put(DYN_CACHE_ITEMS, "000", "000", 0);
    int room = (int)(BYTES_MAX / counts(DYN_CACHE_ITEMS)->bytes);
    ck_assert_int_lt(room, MODEL_KEYS);
    dyn_cache_clear(cache, DYN_CACHE_ITEMS);
    for (int i = 0; i < 100000; i++)
        step(&m, &random, room);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("cache");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_value_is_found_by_its_kind_and_key);
    tcase_add_test(tests, a_value_of_no_bytes_is_a_value);
    tcase_add_test(tests, a_value_replaces_another_and_begins_anew);
    tcase_add_test(tests, each_kind_has_its_time);
    tcase_add_test(tests, a_hit_does_not_make_a_value_live_longer);
    tcase_add_test(tests,
                   a_value_of_later_is_not_there_when_the_clock_is_set_back);
    tcase_add_test(tests, bytes_stay_below_their_limit);
    tcase_add_test(tests, what_was_not_used_for_longest_goes_first);
    tcase_add_test(tests,
                   what_is_too_large_is_not_kept_and_nothing_goes_for_it);
    tcase_add_test(tests, a_kind_is_cleared_alone);
    tcase_add_test(tests, hits_are_counted_with_what_they_save);
    tcase_add_test(tests, without_memory_less_is_kept);
    tcase_add_test(tests, it_does_as_a_list_in_the_order_of_use);
    return unit_run("cache", tests);
}
