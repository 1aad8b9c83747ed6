/* Token buckets: the numbers of docs/semantics.md 6, and that any sequence of
 * requests is granted what the rules grant and nothing else. */
#include "engine/bucket.h"
#include "unit.h"

enum { MILLI = 1000, SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS };

static const dyn_bucket_rate read_limit = {DYN_PARTITION_READ_UNITS,
                                           DYN_PARTITION_SECONDS};
static const dyn_bucket_rate write_limit = {DYN_PARTITION_WRITE_UNITS,
                                            DYN_PARTITION_SECONDS};

static dyn_bucket_rate provisioned(int64_t units)
{
    return (dyn_bucket_rate){units, DYN_PROVISIONED_SECONDS};
}

/* Requests of one cost until one is refused: the units that were granted. */
static int64_t drain(dyn_bucket *bucket, int64_t cost_milli)
{
    int64_t granted_milli = 0;
    while (dyn_bucket_may(bucket)) {
        dyn_bucket_pay(bucket, cost_milli);
        granted_milli += cost_milli;
    }
    return granted_milli / MILLI;
}

/* --------------------------------------------------- the numbers of rules --
 */

START_TEST(a_new_table_has_one_seconds_worth)
{
    dyn_bucket bucket = dyn_bucket_begin(provisioned(150), 5000);
    dyn_bucket_fill(&bucket, provisioned(150), 5000);
    ck_assert_int_eq(drain(&bucket, MILLI), 150);
}
END_TEST

START_TEST(five_idle_minutes_at_150_are_45000_units)
{
    dyn_bucket bucket = dyn_bucket_begin(provisioned(150), 0);
    drain(&bucket, MILLI);
    dyn_bucket_fill(&bucket, provisioned(150), 5 * MINUTE_MS);
    ck_assert_int_eq(drain(&bucket, MILLI), 45000);
}
END_TEST

START_TEST(more_than_five_minutes_are_not_kept)
{
    dyn_bucket bucket = dyn_bucket_begin(provisioned(150), 0);
    dyn_bucket_fill(&bucket, provisioned(150), 60 * MINUTE_MS);
    ck_assert_int_eq(drain(&bucket, MILLI), 45000);
    dyn_bucket_fill(&bucket, provisioned(150), 60 * MINUTE_MS + SECOND_MS);
    ck_assert_int_eq(drain(&bucket, MILLI), 150);
}
END_TEST

START_TEST(a_partition_serves_3000_reads_and_1000_writes_a_second)
{
    dyn_bucket reads = dyn_bucket_begin(read_limit, 0);
    dyn_bucket writes = dyn_bucket_begin(write_limit, 0);
    for (int64_t second = 0; second < 10; second++) {
        int64_t now_ms = second * MINUTE_MS; /* idle for long, or not */
        dyn_bucket_fill(&reads, read_limit, now_ms);
        dyn_bucket_fill(&writes, write_limit, now_ms);
        ck_assert_int_eq(drain(&reads, MILLI), 3000);
        ck_assert_int_eq(drain(&writes, MILLI), 1000);
        dyn_bucket_fill(&reads, read_limit, now_ms + SECOND_MS);
        dyn_bucket_fill(&writes, write_limit, now_ms + SECOND_MS);
        ck_assert_int_eq(drain(&reads, MILLI), 3000);
        ck_assert_int_eq(drain(&writes, MILLI), 1000);
    }
}
END_TEST

START_TEST(an_eventual_read_is_half_a_unit)
{
    dyn_bucket bucket = dyn_bucket_begin(provisioned(10), 0);
    int requests = 0;
    for (; dyn_bucket_may(&bucket); requests++)
        dyn_bucket_pay(&bucket, MILLI / 2);
    ck_assert_int_eq(requests, 20);
}
END_TEST

START_TEST(a_request_is_let_in_above_zero_and_pays_its_whole_cost)
{
    dyn_bucket_rate rate = provisioned(5);
    dyn_bucket bucket = {1, 0};
    ck_assert(dyn_bucket_may(&bucket));
    dyn_bucket_pay(&bucket, 400 * MILLI);
    ck_assert_int_eq(bucket.balance_milli, 1 - 400 * MILLI);
    ck_assert(!dyn_bucket_may(&bucket));
    ck_assert_int_eq(dyn_bucket_next_ms(&bucket, rate, 0), 80 * SECOND_MS);
    dyn_bucket_fill(&bucket, rate, 80 * SECOND_MS - 1);
    ck_assert(!dyn_bucket_may(&bucket));
    dyn_bucket_fill(&bucket, rate, 80 * SECOND_MS);
    ck_assert(dyn_bucket_may(&bucket));
}
END_TEST

START_TEST(a_balance_of_zero_lets_nothing_in)
{
    dyn_bucket bucket = {0, 0};
    ck_assert(!dyn_bucket_may(&bucket));
    dyn_bucket_pay(&bucket, 0);
    ck_assert(!dyn_bucket_may(&bucket));
}
END_TEST

/* The official example of adaptive capacity. */
enum { PARTITIONS = 4, TABLE_UNITS = 400 };

typedef struct buckets {
    dyn_bucket table;
    dyn_bucket partitions[PARTITIONS];
} buckets;

static buckets begin_buckets(void)
{
    buckets all = {.table = dyn_bucket_begin(provisioned(TABLE_UNITS), 0)};
    for (int i = 0; i < PARTITIONS; i++)
        all.partitions[i] = dyn_bucket_begin(write_limit, 0);
    return all;
}

/* A write of one unit must pass both. */
static bool write_to(buckets *all, int partition, int64_t now_ms)
{
    dyn_bucket *one = &all->partitions[partition];
    dyn_bucket_fill(&all->table, provisioned(TABLE_UNITS), now_ms);
    dyn_bucket_fill(one, write_limit, now_ms);
    if (!dyn_bucket_may(&all->table) || !dyn_bucket_may(one)) return false;
    dyn_bucket_pay(&all->table, MILLI);
    dyn_bucket_pay(one, MILLI);
    return true;
}

/* Writes of one unit: how many are let in. */
static int write_many(buckets *all, int partition, int64_t now_ms, int writes)
{
    int granted = 0;
    for (int i = 0; i < writes; i++)
        if (write_to(all, partition, now_ms)) granted++;
    return granted;
}

START_TEST(of_400_over_4_partitions_one_may_take_150_unthrottled)
{
    static const int load[PARTITIONS] = {50, 50, 50, 150};
    buckets all = begin_buckets();
    for (int64_t now_ms = 0; now_ms < 20 * MINUTE_MS; now_ms += SECOND_MS) {
        for (int i = 0; i < PARTITIONS; i++)
            ck_assert_int_eq(write_many(&all, i, now_ms, load[i]), load[i]);
    }
}
END_TEST

START_TEST(of_400_over_4_partitions_one_may_take_all_while_others_rest)
{
    buckets all = begin_buckets();
    for (int64_t now_ms = 0; now_ms < 20 * MINUTE_MS; now_ms += SECOND_MS) {
        ck_assert_int_eq(write_many(&all, 3, now_ms, 500), TABLE_UNITS);
        ck_assert(!write_to(&all, 0, now_ms));
    }
}
END_TEST

START_TEST(a_burst_of_the_table_is_1000_a_second_in_one_partition)
{
    buckets all = begin_buckets();
    int64_t granted = 0;
    for (int64_t second = 300; second < 360; second++) {
        int64_t before = granted;
        while (write_to(&all, 3, second * SECOND_MS))
            granted++;
        ck_assert_int_eq(granted - before, 1000);
    }
    ck_assert(write_to(&all, 0, 359 * SECOND_MS));
}
END_TEST

/* ---------------------------------------------------------------- changes --
 */

START_TEST(a_raise_keeps_the_balance_and_gains_by_the_new_rate)
{
    dyn_bucket bucket = dyn_bucket_begin(provisioned(10), 0);
    dyn_bucket_set_rate(&bucket, provisioned(10), provisioned(100),
                        2 * SECOND_MS);
    ck_assert_int_eq(bucket.balance_milli, 30 * MILLI);
    dyn_bucket_fill(&bucket, provisioned(100), 3 * SECOND_MS);
    ck_assert_int_eq(bucket.balance_milli, 130 * MILLI);
}
END_TEST

START_TEST(a_decrease_cuts_the_balance_at_the_new_most)
{
    dyn_bucket bucket = dyn_bucket_begin(provisioned(100), 0);
    dyn_bucket_fill(&bucket, provisioned(100), 10 * MINUTE_MS);
    dyn_bucket_set_rate(&bucket, provisioned(100), provisioned(10),
                        10 * MINUTE_MS);
    ck_assert_int_eq(bucket.balance_milli, 3000 * MILLI);
}
END_TEST

START_TEST(a_debt_survives_a_change_of_rate)
{
    dyn_bucket bucket = {-5 * MILLI, 0};
    dyn_bucket_set_rate(&bucket, provisioned(1), provisioned(2), SECOND_MS);
    ck_assert_int_eq(bucket.balance_milli, -4 * MILLI);
}
END_TEST

START_TEST(a_refund_gives_back_up_to_the_most)
{
    dyn_bucket bucket = {-5 * MILLI, 0};
    dyn_bucket_refund(&bucket, provisioned(1), 7 * MILLI);
    ck_assert_int_eq(bucket.balance_milli, 2 * MILLI);
    dyn_bucket_refund(&bucket, provisioned(1), INT64_MAX);
    ck_assert_int_eq(bucket.balance_milli, 300 * MILLI);
    dyn_bucket_refund(&bucket, provisioned(1), 1);
    ck_assert_int_eq(bucket.balance_milli, 300 * MILLI);
}
END_TEST

START_TEST(a_rate_of_zero_never_lets_anything_in)
{
    dyn_bucket_rate none = {0, 300};
    dyn_bucket bucket = dyn_bucket_begin(none, 0);
    dyn_bucket_fill(&bucket, none, INT64_MAX);
    ck_assert(!dyn_bucket_may(&bucket));
    ck_assert_int_eq(dyn_bucket_next_ms(&bucket, none, 0), INT64_MAX);
}
END_TEST

/* ------------------------------------------------------------------- time --
 */

START_TEST(time_that_goes_back_a_little_gains_nothing_twice)
{
    dyn_bucket bucket = dyn_bucket_begin(provisioned(10), 0);
    dyn_bucket_fill(&bucket, provisioned(10), 100 * SECOND_MS);
    ck_assert_int_eq(bucket.balance_milli, 1010 * MILLI);
    for (int i = 0; i < 10; i++) {
        dyn_bucket_fill(&bucket, provisioned(10), 90 * SECOND_MS);
        dyn_bucket_fill(&bucket, provisioned(10), 100 * SECOND_MS);
    }
    ck_assert_int_eq(bucket.balance_milli, 1010 * MILLI);
}
END_TEST

START_TEST(a_clock_set_back_takes_nothing_and_goes_on)
{
    dyn_bucket bucket = {5 * MILLI, 1000 * SECOND_MS};
    dyn_bucket_fill(&bucket, provisioned(10), 10 * SECOND_MS);
    ck_assert_int_eq(bucket.balance_milli, 5 * MILLI);
    dyn_bucket_fill(&bucket, provisioned(10), 11 * SECOND_MS);
    ck_assert_int_eq(bucket.balance_milli, 15 * MILLI);
}
END_TEST

static const int64_t times[] = {INT64_MIN, INT64_MIN + 1, -1,       0,
                                1,         INT64_MAX - 1, INT64_MAX};
static const int64_t rates[] = {0, 1, 3000, DYN_BUCKET_UNITS_MAX};
static const int64_t balances[] = {DYN_BUCKET_DEBT_MILLI,
                                   DYN_BUCKET_DEBT_MILLI + 1,
                                   -1,
                                   0,
                                   1,
                                   INT64_MAX / 2,
                                   INT64_MAX};

static void try_edge(dyn_bucket_rate rate, dyn_bucket bucket, int64_t now_ms)
{
    int64_t most = rate.units * rate.seconds * MILLI;
    int64_t before = bucket.balance_milli < most ? bucket.balance_milli : most;
    int64_t next_ms = dyn_bucket_next_ms(&bucket, rate, now_ms);
    ck_assert_int_ge(next_ms, now_ms);
    dyn_bucket_fill(&bucket, rate, now_ms);
    ck_assert_int_ge(bucket.balance_milli, before);
    ck_assert_int_le(bucket.balance_milli, most);
    ck_assert(dyn_bucket_may(&bucket) == (bucket.balance_milli > 0));
    dyn_bucket_pay(&bucket, INT64_MAX);
    ck_assert_int_ge(bucket.balance_milli, DYN_BUCKET_DEBT_MILLI);
    dyn_bucket_refund(&bucket, rate, INT64_MAX);
    ck_assert_int_le(bucket.balance_milli, most);
}

START_TEST(no_time_rate_or_balance_overflows)
{
    for (int t = 0; t < COUNT_OF(times) * COUNT_OF(times); t++) {
        for (int r = 0; r < COUNT_OF(rates) * 2; r++) {
            dyn_bucket_rate rate = {rates[r / 2],
                                    r % 2 ? DYN_BUCKET_SECONDS_MAX : 1};
            for (int b = 0; b < COUNT_OF(balances); b++) {
                try_edge(rate,
                         (dyn_bucket){balances[b], times[t % COUNT_OF(times)]},
                         times[t / COUNT_OF(times)]);
            }
        }
    }
}
END_TEST

/* --------------------------------------------- against the rules as a whole --
 * The rules without a balance: a request is let in when what was granted since
 * any earlier moment is less than what the bucket may hold plus what it gained
 * since then; and what was granted since the beginning, less than one second's
 * worth plus what it gained. */

enum { REQUESTS = 400 };

typedef struct grant {
    int64_t time_ms;
    int64_t cost_milli;
} grant;

typedef struct history {
    grant grants[REQUESTS];
    int count;
} history;

/* The most that may still be granted at a time. */
static int64_t allowed(const history *past, dyn_bucket_rate rate,
                       int64_t now_ms)
{
    int64_t most = rate.units * MILLI * rate.seconds;
    int64_t least = most;
    int64_t granted = 0;
    for (int i = past->count - 1; i >= 0; i--) {
        int64_t since_ms = now_ms - past->grants[i].time_ms;
        granted += past->grants[i].cost_milli;
        if (most + since_ms * rate.units - granted < least)
            least = most + since_ms * rate.units - granted;
    }
    int64_t ever = rate.units * MILLI + now_ms * rate.units - granted;
    return ever < least ? ever : least;
}

static int64_t random_pause(uint64_t *state, dyn_bucket_rate rate)
{
    switch (unit_random(state, 8)) {
    case 0:
        return unit_random(state, (uint32_t)(2 * rate.seconds * SECOND_MS));
    case 1:
    case 2:
        return unit_random(state, 1000);
    default:
        return unit_random(state, 3);
    }
}

/* Costs below and far above what a second gains, halves among them. */
static int64_t random_cost(uint64_t *state, dyn_bucket_rate rate)
{
    uint32_t units = (uint32_t)rate.units;
    uint32_t most = unit_random(state, 4) == 0 ? units * 400 : units / 20;
    return (int64_t)(unit_random(state, 2 * most + 2) + 1) * (MILLI / 2);
}

static const dyn_bucket_rate tried[] = {
    {1, 300}, {7, 300}, {150, 300}, {40000, 300},
    {1, 1},   {3, 5},   {1000, 1},  {3000, 1},
};

START_TEST(what_is_granted_is_what_the_rules_allow_in_every_window)
{
    uint64_t state = (uint64_t)_i;
    dyn_bucket_rate rate = tried[_i % COUNT_OF(tried)];
    dyn_bucket bucket = dyn_bucket_begin(rate, 0);
    history past = {.count = 0};
    int refused = 0;
    int64_t now_ms = 0;
    for (int i = 0; i < REQUESTS; i++) {
        now_ms += random_pause(&state, rate);
        dyn_bucket_fill(&bucket, rate, now_ms);
        ck_assert_int_eq(bucket.balance_milli, allowed(&past, rate, now_ms));
        if (!dyn_bucket_may(&bucket)) {
            refused++;
            continue;
        }
        int64_t cost_milli = random_cost(&state, rate);
        dyn_bucket_pay(&bucket, cost_milli);
        past.grants[past.count++] = (grant){now_ms, cost_milli};
    }
    ck_assert_int_gt(refused, 0);
    ck_assert_int_gt(past.count, 0);
}
END_TEST

/* Millisecond by millisecond, with a rate that changes. */
START_TEST(filling_at_once_is_filling_each_millisecond)
{
    uint64_t state = (uint64_t)_i + 100;
    dyn_bucket_rate rate = {50, 3};
    dyn_bucket bucket = dyn_bucket_begin(rate, 0);
    int64_t slow_milli = 50 * MILLI;
    for (int64_t now_ms = 1; now_ms < 60 * SECOND_MS; now_ms++) {
        int64_t most = rate.units * rate.seconds * MILLI;
        slow_milli += rate.units;
        if (slow_milli > most) slow_milli = most;
        uint32_t choice = unit_random(&state, 2000);
        if (choice == 0) {
            dyn_bucket_rate after = {1 + unit_random(&state, 100), 3};
            dyn_bucket_set_rate(&bucket, rate, after, now_ms);
            rate = after;
            most = rate.units * rate.seconds * MILLI;
            if (slow_milli > most) slow_milli = most;
        } else if (choice < 20) {
            int64_t cost_milli = unit_random(&state, 50 * MILLI);
            dyn_bucket_fill(&bucket, rate, now_ms);
            ck_assert_int_eq(bucket.balance_milli, slow_milli);
            if (!dyn_bucket_may(&bucket)) continue;
            dyn_bucket_pay(&bucket, cost_milli);
            slow_milli -= cost_milli;
        }
    }
}
END_TEST

START_TEST(the_next_time_is_the_first_at_which_a_request_is_let_in)
{
    uint64_t state = (uint64_t)_i + 200;
    dyn_bucket_rate rate = {1 + unit_random(&state, 5000), 300};
    int64_t debt = -(int64_t)unit_random(&state, 1000000);
    dyn_bucket bucket = {debt, 77};
    int64_t next_ms = dyn_bucket_next_ms(&bucket, rate, 80);
    dyn_bucket before = bucket;
    dyn_bucket_fill(&before, rate, next_ms - 1);
    dyn_bucket_fill(&bucket, rate, next_ms);
    ck_assert(dyn_bucket_may(&bucket));
    ck_assert(next_ms == 80 || !dyn_bucket_may(&before));
}
END_TEST

static void add_rules(TCase *tests)
{
    tcase_add_test(tests, a_new_table_has_one_seconds_worth);
    tcase_add_test(tests, five_idle_minutes_at_150_are_45000_units);
    tcase_add_test(tests, more_than_five_minutes_are_not_kept);
    tcase_add_test(tests,
                   a_partition_serves_3000_reads_and_1000_writes_a_second);
    tcase_add_test(tests, an_eventual_read_is_half_a_unit);
    tcase_add_test(tests,
                   a_request_is_let_in_above_zero_and_pays_its_whole_cost);
    tcase_add_test(tests, a_balance_of_zero_lets_nothing_in);
    tcase_add_test(tests,
                   of_400_over_4_partitions_one_may_take_150_unthrottled);
    tcase_add_test(tests,
                   of_400_over_4_partitions_one_may_take_all_while_others_rest);
    tcase_add_test(tests,
                   a_burst_of_the_table_is_1000_a_second_in_one_partition);
}

int main(void)
{
    TCase *tests = tcase_create("bucket");
    tcase_set_timeout(tests, 60);
    add_rules(tests);
    tcase_add_test(tests, a_raise_keeps_the_balance_and_gains_by_the_new_rate);
    tcase_add_test(tests, a_decrease_cuts_the_balance_at_the_new_most);
    tcase_add_test(tests, a_debt_survives_a_change_of_rate);
    tcase_add_test(tests, a_refund_gives_back_up_to_the_most);
    tcase_add_test(tests, a_rate_of_zero_never_lets_anything_in);
    tcase_add_test(tests, time_that_goes_back_a_little_gains_nothing_twice);
    tcase_add_test(tests, a_clock_set_back_takes_nothing_and_goes_on);
    tcase_add_test(tests, no_time_rate_or_balance_overflows);
    tcase_add_loop_test(
        tests, what_is_granted_is_what_the_rules_allow_in_every_window, 0, 80);
    tcase_add_loop_test(tests, filling_at_once_is_filling_each_millisecond, 0,
                        10);
    tcase_add_loop_test(
        tests, the_next_time_is_the_first_at_which_a_request_is_let_in, 0, 200);
    return unit_run("bucket", tests);
}
