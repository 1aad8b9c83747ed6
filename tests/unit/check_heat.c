/* Splits for heat: when, where, and when not (docs/semantics.md 6); and that
 * the sketch keeps its promises against the loads themselves. */
#include "engine/heat.h"
#include "unit.h"

enum { MILLI = 1000, LIMIT = 1000, FULL_MILLI = LIMIT * 60 * MILLI };

static dyn_heat heat;
static int64_t minute;
static uint64_t cut;

static void begin(uint64_t low, uint64_t last)
{
    minute = 7;
    cut = 0;
    heat = dyn_heat_begin(low, last, minute);
}

static bool end_minute(void)
{
    return dyn_heat_come_to(&heat, ++minute, LIMIT, &cut);
}

/* Load of so many keys, evenly over the range. */
static void spread(int64_t load_milli, int keys)
{
    uint64_t step = (heat.last - heat.low) / (uint64_t)keys;
    for (int i = 0; i < keys; i++) {
        int64_t load = load_milli * (i + 1) / keys - load_milli * i / keys;
        dyn_heat_add(&heat, heat.low + (uint64_t)i * step, load);
    }
}

/* ------------------------------------------------------------------- when --
 */

START_TEST(two_minutes_in_a_row_at_80_percent_split)
{
    begin(0, UINT64_MAX);
    spread(FULL_MILLI / 5 * 4, 1000);
    ck_assert(!end_minute());
    spread(FULL_MILLI / 5 * 4, 1000);
    ck_assert(end_minute());
    ck_assert_uint_eq(cut, UINT64_MAX / 2 + 1);
}
END_TEST

START_TEST(less_than_80_percent_does_not_split)
{
    begin(0, UINT64_MAX);
    for (int i = 0; i < 10; i++) {
        spread(FULL_MILLI / 5 * 4 - 1, 1000);
        ck_assert(!end_minute());
    }
}
END_TEST

START_TEST(a_minute_that_throttled_is_hot)
{
    begin(0, UINT64_MAX);
    for (int i = 0; i < 2; i++) {
        spread(10 * MILLI, 10);
        dyn_heat_throttle(&heat);
        ck_assert(end_minute() == (i == 1));
    }
    spread(10 * MILLI, 10);
    ck_assert(!end_minute());
}
END_TEST

START_TEST(hot_minutes_that_are_not_neighbours_do_not_split)
{
    begin(0, UINT64_MAX);
    for (int i = 0; i < 10; i++) {
        spread(FULL_MILLI, 1000);
        ck_assert(!end_minute());
        if (i % 2 == 0) {
            minute++; /* nobody came by */
            ck_assert(!dyn_heat_come_to(&heat, minute, LIMIT, &cut));
        } else {
            ck_assert(!end_minute());
        }
    }
}
END_TEST

START_TEST(time_that_goes_backwards_does_not_split)
{
    begin(0, UINT64_MAX);
    for (int i = 0; i < 10; i++) {
        spread(FULL_MILLI, 1000);
        ck_assert(!dyn_heat_come_to(&heat, --minute, LIMIT, &cut));
    }
}
END_TEST

START_TEST(who_does_not_split_is_told_again)
{
    begin(0, UINT64_MAX);
    for (int i = 0; i < 5; i++) {
        spread(FULL_MILLI, 1000);
        ck_assert(end_minute() == (i > 0));
    }
}
END_TEST

/* ------------------------------------------------------------------ where --
 */

START_TEST(the_cut_halves_the_load_and_not_the_range)
{
    begin(0, UINT64_MAX);
    for (int i = 0; i < 2; i++) {
        for (uint64_t key = 0; key < 1024; key++)
            dyn_heat_add(&heat, key << 52, FULL_MILLI / 1024); /* a quarter */
        end_minute();
    }
    ck_assert_uint_eq(cut, UINT64_C(1) << 61);
}
END_TEST

START_TEST(one_key_with_more_than_half_does_not_split)
{
    begin(0, UINT64_MAX);
    for (int i = 0; i < 5; i++) {
        dyn_heat_add(&heat, UINT64_MAX / 3, FULL_MILLI / 2 + 1);
        spread(FULL_MILLI / 2, 1000);
        ck_assert(!end_minute());
    }
}
END_TEST

START_TEST(two_keys_with_half_each_are_separated)
{
    begin(0, UINT64_MAX);
    for (int i = 0; i < 2; i++) {
        dyn_heat_add(&heat, 1, FULL_MILLI / 2);
        dyn_heat_add(&heat, 2, FULL_MILLI / 2);
        ck_assert(end_minute() == (i == 1));
    }
    ck_assert_uint_eq(cut, 2);
}
END_TEST

START_TEST(one_key_alone_does_not_split)
{
    static const uint64_t keys[] = {0, 1, UINT64_MAX / 2, UINT64_MAX};
    for (int k = 0; k < COUNT_OF(keys); k++) {
        begin(0, UINT64_MAX);
        for (int i = 0; i < 5; i++) {
            dyn_heat_add(&heat, keys[k], FULL_MILLI);
            ck_assert(!end_minute());
        }
    }
}
END_TEST

START_TEST(throttles_without_load_do_not_split)
{
    begin(0, UINT64_MAX);
    for (int i = 0; i < 5; i++) {
        dyn_heat_throttle(&heat);
        ck_assert(!end_minute());
    }
}
END_TEST

START_TEST(a_range_of_few_hashes_is_cut_within)
{
    for (uint64_t size = 2; size < 200; size++) {
        begin(UINT64_MAX - size + 1, UINT64_MAX);
        for (int i = 0; i < 2; i++) {
            dyn_heat_add(&heat, heat.low, FULL_MILLI / 2);
            dyn_heat_add(&heat, heat.last, FULL_MILLI / 2);
            ck_assert(end_minute() == (i == 1));
        }
        ck_assert_uint_gt(cut, heat.low);
        ck_assert_uint_le(cut, heat.last);
    }
}
END_TEST

START_TEST(a_range_of_one_hash_does_not_split)
{
    begin(9, 9);
    for (int i = 0; i < 5; i++) {
        dyn_heat_add(&heat, 9, FULL_MILLI);
        ck_assert(!end_minute());
    }
}
END_TEST

/* -------------------------------------------------- against the load itself --
 */

enum { KEYS_MAX = 300 };

typedef struct load {
    uint64_t hashes[KEYS_MAX];
    int64_t loads[KEYS_MAX];
    int keys;
    int64_t total;
} load;

static uint64_t random_hash(uint64_t *state, uint64_t low, uint64_t last)
{
    uint64_t hash = (uint64_t)unit_random(state, UINT32_MAX) << 33 ^
                    (uint64_t)unit_random(state, UINT32_MAX) << 8;
    uint64_t size = last - low + 1;
    return size == 0 ? hash : low + hash % size;
}

/* Few keys or many, of one weight or a few heavy ones. */
static void random_keys(uint64_t *state, load *out)
{
    out->keys =
        1 + (int)unit_random(state, 1 << unit_random(state, 9)) % KEYS_MAX;
    out->total = 0;
    for (int i = 0; i < out->keys; i++) {
        out->hashes[i] = random_hash(state, heat.low, heat.last);
        out->loads[i] = 0;
    }
}

/* Requests, of which a share goes to the first key. */
static void random_requests(uint64_t *state, load *out)
{
    uint32_t share = unit_random(state, 100);
    for (int i = 0; i < 3000; i++) {
        bool is_first = unit_random(state, 100) < share;
        int key = is_first ? 0 : (int)unit_random(state, (uint32_t)out->keys);
        int64_t milli = FULL_MILLI / 3000 / 2 + unit_random(state, 100000);
        dyn_heat_add(&heat, out->hashes[key], milli);
        out->loads[key] += milli;
        out->total += milli;
    }
}

/* The load of the key, or all keys of that hash, that has most. */
static int64_t heaviest(const load *all)
{
    int64_t most = 0;
    for (int i = 0; i < all->keys; i++) {
        int64_t sum = 0;
        for (int k = 0; k < all->keys; k++)
            if (all->hashes[k] == all->hashes[i]) sum += all->loads[k];
        if (sum > most) most = sum;
    }
    return most;
}

static int64_t load_below(const load *all, uint64_t hash)
{
    int64_t sum = 0;
    for (int i = 0; i < all->keys; i++)
        if (all->hashes[i] < hash) sum += all->loads[i];
    return sum;
}

/* The load of the bin where the median lies, bins cut as the header says. */
static int64_t median_bin(const load *all)
{
    uint64_t width = (heat.last - heat.low) / 64 + 1;
    uint64_t from = heat.low;
    for (int bin = 0; bin < 63 && heat.last - from >= width; bin++) {
        if (2 * load_below(all, from + width) >= all->total) {
            return load_below(all, from + width) - load_below(all, from);
        }
        from += width;
    }
    return all->total - load_below(all, from);
}

START_TEST(a_split_keeps_what_the_header_promises)
{
    load all;
    uint64_t state = (uint64_t)_i;
    uint64_t low = _i % 3 == 0 ? 0 : random_hash(&state, 0, UINT64_MAX / 2);
    uint64_t size = UINT64_MAX >> unit_random(&state, 64);
    begin(low, size > UINT64_MAX - low ? UINT64_MAX : low + size);
    random_keys(&state, &all);
    dyn_heat_throttle(&heat);
    ck_assert(!end_minute());
    random_requests(&state, &all);
    dyn_heat_throttle(&heat);
    bool splits = end_minute();
    int64_t most = heaviest(&all);
    if (most > all.total / 8 * 5 + 8) ck_assert(!splits);
    if (2 * most <= all.total) ck_assert(splits);
    if (!splits) return;
    int64_t below = load_below(&all, cut);
    int64_t off =
        2 * below > all.total ? below - all.total / 2 : all.total / 2 - below;
    ck_assert_int_gt(below, 0);
    ck_assert_int_lt(below, all.total);
    ck_assert_int_le(2 * off, median_bin(&all) + 2);
}
END_TEST

START_TEST(an_even_load_is_halved_within_a_128th)
{
    enum { REQUESTS = 100000 };
    static uint64_t hashes[REQUESTS];
    uint64_t state = (uint64_t)_i;
    int below = 0;
    begin(0, UINT64_MAX);
    dyn_heat_throttle(&heat);
    end_minute();
    for (int i = 0; i < REQUESTS; i++) {
        hashes[i] = random_hash(&state, 0, UINT64_MAX);
        dyn_heat_add(&heat, hashes[i], MILLI);
    }
    dyn_heat_throttle(&heat);
    ck_assert(end_minute());
    for (int i = 0; i < REQUESTS; i++)
        if (hashes[i] < cut) below++;
    ck_assert_int_le(abs(below - REQUESTS / 2), REQUESTS / 128);
}
END_TEST

/* Every key comes after many others: the counters are all taken. */
START_TEST(a_key_with_5_eighths_is_found_wherever_its_load_lies)
{
    enum { OTHERS = 3000, HOT_MILLI = 5001 };
    for (int place = 0; place <= OTHERS; place += 100) {
        begin(0, UINT64_MAX);
        dyn_heat_throttle(&heat);
        end_minute();
        for (int i = 0; i <= OTHERS; i++) {
            if (i == place) dyn_heat_add(&heat, 12345, HOT_MILLI);
            if (i < OTHERS) dyn_heat_add(&heat, (uint64_t)(i + 1) << 50, 1);
        }
        dyn_heat_throttle(&heat);
        ck_assert(!end_minute());
    }
}
END_TEST

/* Seven keys hold counters; all others meet in the eighth. */
START_TEST(a_key_is_found_among_others_that_take_its_counter)
{
    begin(0, UINT64_MAX);
    dyn_heat_throttle(&heat);
    end_minute();
    for (uint64_t key = 1; key < DYN_HEAT_COUNTERS; key++)
        dyn_heat_add(&heat, key << 40, 1000);
    for (uint64_t i = 0; i < 10000; i++) {
        dyn_heat_add(&heat, 12345, 3);
        dyn_heat_add(&heat, (i + 1) << 50, 1);
    }
    dyn_heat_throttle(&heat);
    ck_assert(!end_minute());
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("heat");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, two_minutes_in_a_row_at_80_percent_split);
    tcase_add_test(tests, less_than_80_percent_does_not_split);
    tcase_add_test(tests, a_minute_that_throttled_is_hot);
    tcase_add_test(tests, hot_minutes_that_are_not_neighbours_do_not_split);
    tcase_add_test(tests, time_that_goes_backwards_does_not_split);
    tcase_add_test(tests, who_does_not_split_is_told_again);
    tcase_add_test(tests, the_cut_halves_the_load_and_not_the_range);
    tcase_add_test(tests, one_key_with_more_than_half_does_not_split);
    tcase_add_test(tests, two_keys_with_half_each_are_separated);
    tcase_add_test(tests, one_key_alone_does_not_split);
    tcase_add_test(tests, throttles_without_load_do_not_split);
    tcase_add_test(tests, a_range_of_few_hashes_is_cut_within);
    tcase_add_test(tests, a_range_of_one_hash_does_not_split);
    tcase_add_loop_test(tests, a_split_keeps_what_the_header_promises, 0, 500);
    tcase_add_loop_test(tests, an_even_load_is_halved_within_a_128th, 0, 3);
    tcase_add_test(tests, a_key_with_5_eighths_is_found_wherever_its_load_lies);
    tcase_add_test(tests, a_key_is_found_among_others_that_take_its_counter);
    return unit_run("heat", tests);
}
