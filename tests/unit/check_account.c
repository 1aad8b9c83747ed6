/* Accounts: one for a table of a file, exact under threads, and what a
 * transaction that ends means for them. */
#include "engine/account.h"
#include "fault.h"
#include "unit.h"

#include <pthread.h>
#include <sqlite3.h>
#include <string.h>

enum { MINUTE = 100 };

static dyn_call call;
static dyn_account *account;
static const int writer;
static const int other_writer;

static dyn_account *open_account(const char *file, const char *id)
{
    dyn_account *out = NULL;
    ck_assert_int_eq(
        dyn_account_open(&call, NULL, "main", file, dyn_bytes_text(id), &out),
        DYN_OK);
    return out;
}

/* A table of four partitions, and an index of one on tree 1. */
static void adopt(int64_t generation, size_t count)
{
    static const uint64_t lows[] = {0, UINT64_C(1) << 62, UINT64_C(1) << 63,
                                    UINT64_C(3) << 62};
    const dyn_account_tree trees[] = {{.tree = 0, .lows = lows, .count = count},
                                      {.tree = 1, .lows = lows, .count = 1}};
    ck_assert_int_eq(dyn_account_adopt(&call, account, generation, trees, 2),
                     DYN_OK);
}

static void setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    dyn_call_begin(&call);
    account = open_account("/a.db", "one");
    adopt(1, 4);
}

static void teardown(void)
{
    dyn_account_release(account);
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static void add(int64_t tree, uint64_t hash, int64_t minute, int64_t halves,
                int64_t units)
{
    dyn_charge charge = {
        .index = -1,
        .use = DYN_USE_QUERY,
        .tree = tree,
        .hash = hash,
        .minute = minute,
        .read_halves = halves,
    };
    if (halves != 0)
        dyn_account_settle(account, minute * 60000, &charge, 1,
                           DYN_SETTLE_FREE);
    charge.use = DYN_USE_PUT_ITEM;
    charge.read_halves = 0;
    charge.write_units = units;
    if (units != 0)
        dyn_account_settle(account, minute * 60000, &charge, 1,
                           DYN_SETTLE_FREE);
}

typedef struct sums {
    size_t lines;
    int64_t read_halves;
    int64_t write_units;
    int64_t throttled;
} sums;

static sums sum_of(const dyn_usage *usage, size_t count)
{
    sums out = {count, 0, 0, 0};
    for (size_t i = 0; i < count; i++) {
        dyn_uses_sum sum = dyn_uses_sum_of(&usage[i].uses);
        out.read_halves += sum.read_halves;
        out.write_units += sum.write_units;
        out.throttled += sum.throttled;
    }
    return out;
}

static sums pending(void)
{
    dyn_usage *usage = NULL;
    size_t count = 0;
    ck_assert_int_eq(dyn_account_usage(&call, account, &usage, &count), DYN_OK);
    return sum_of(usage, count);
}

static sums take(const void *taker)
{
    dyn_usage *usage = NULL;
    size_t count = 0;
    ck_assert_int_eq(dyn_account_take(&call, account, taker, &usage, &count),
                     DYN_OK);
    return sum_of(usage, count);
}

START_TEST(a_table_of_a_file_has_one_account)
{
    dyn_account *same = open_account("/a.db", "one");
    dyn_account *other_table = open_account("/a.db", "two");
    dyn_account *other_file = open_account("/b.db", "one");
    ck_assert_ptr_eq(same, account);
    ck_assert_ptr_ne(other_table, account);
    ck_assert_ptr_ne(other_file, account);
    dyn_account_release(same);
    dyn_account_release(other_table);
    dyn_account_release(other_file);
}
END_TEST

static void count_key(dyn_hot_kind kind, int64_t tree, const char *key,
                      int64_t halves, int64_t units)
{
    dyn_charge charge = {.index = -1,
                         .tree = tree,
                         .read_halves = halves,
                         .write_units = units,
                         .key = dyn_bytes_text(key)};
    dyn_account_count_keys(account, kind, 0, &charge, 1);
}

static dyn_hot_key_list hot_keys(dyn_hot_kind kind, int64_t tree)
{
    dyn_hot_key_list list;
    ck_assert_int_eq(dyn_account_hot_keys(&call, account, tree, kind, 0, &list),
                     DYN_OK);
    return list;
}

START_TEST(each_tree_has_hot_keys_of_each_kind)
{
    count_key(DYN_HOT_CONSUMED, 0, "cool", 3, 0);
    count_key(DYN_HOT_CONSUMED, 0, "hot", 0, 1);
    count_key(DYN_HOT_THROTTLED, 1, "refused", 0, 2);
    dyn_hot_key_list list = hot_keys(DYN_HOT_CONSUMED, 0);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_str_eq((const char *)list.keys[0].key.data, "hot");
    ck_assert_int_eq(list.keys[1].reads, 3);
    ck_assert_uint_eq(hot_keys(DYN_HOT_THROTTLED, 0).count, 0);
    ck_assert_uint_eq(hot_keys(DYN_HOT_CONSUMED, 1).count, 0);
    list = hot_keys(DYN_HOT_THROTTLED, 1);
    ck_assert_uint_eq(list.count, 1);
    ck_assert_int_eq(list.writes, 2);
}
END_TEST

START_TEST(refunds_and_charges_of_no_key_are_not_counted_by_key)
{
    count_key(DYN_HOT_CONSUMED, 0, "a", -2, 0);
    count_key(DYN_HOT_CONSUMED, 0, "", 2, 0);
    count_key(DYN_HOT_CONSUMED, 9, "a", 2, 0);
    ck_assert_uint_eq(hot_keys(DYN_HOT_CONSUMED, 0).count, 0);
    ck_assert_uint_eq(hot_keys(DYN_HOT_CONSUMED, 9).count, 0);
}
END_TEST

START_TEST(hot_keys_stay_when_partitions_are_split)
{
    count_key(DYN_HOT_CONSUMED, 0, "a", 1, 0);
    count_key(DYN_HOT_THROTTLED, 1, "b", 1, 0);
    adopt(2, 2);
    ck_assert_uint_eq(hot_keys(DYN_HOT_CONSUMED, 0).count, 1);
    ck_assert_uint_eq(hot_keys(DYN_HOT_THROTTLED, 1).count, 1);
}
END_TEST

enum { COUNTING_THREADS = 8, COUNTS = 2000 };

static void *count_often(void *key)
{
    for (int i = 0; i < COUNTS; i++)
        count_key(DYN_HOT_CONSUMED, 0, key, 1, 2);
    return NULL;
}

START_TEST(threads_count_keys_together)
{
    pthread_t threads[COUNTING_THREADS];
    char keys[2][2] = {"a", "b"};
    for (int i = 0; i < COUNTING_THREADS; i++) {
        ck_assert_int_eq(
            pthread_create(&threads[i], NULL, count_often, keys[i % 2]), 0);
    }
    for (int i = 0; i < COUNTING_THREADS; i++)
        pthread_join(threads[i], NULL);
    dyn_hot_key_list list = hot_keys(DYN_HOT_CONSUMED, 0);
    ck_assert_uint_eq(list.count, 2);
    ck_assert_int_eq(list.reads, COUNTING_THREADS * COUNTS);
    ck_assert_int_eq(list.keys[1].writes, COUNTING_THREADS / 2 * 2 * COUNTS);
}
END_TEST

START_TEST(without_memory_keys_are_not_counted)
{
    fault_set(0);
    count_key(DYN_HOT_CONSUMED, 0, "a", 1, 0);
    fault_set_off();
    ck_assert_uint_eq(hot_keys(DYN_HOT_CONSUMED, 0).count, 0);
}
END_TEST

START_TEST(a_database_without_a_file_has_its_own)
{
    dyn_account *first = NULL;
    dyn_account *second = NULL;
    static const char connections[2];
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(dyn_account_open(&call, (const void *)&connections[i],
                                          "main", "", dyn_bytes_text("one"),
                                          i == 0 ? &first : &second),
                         DYN_OK);
    }
    ck_assert_ptr_ne(first, second);
    dyn_account_release(first);
    dyn_account_release(second);
}
END_TEST

START_TEST(each_schema_without_a_file_has_its_own)
{
    dyn_account *first = open_account("", "one");
    dyn_account *second = NULL;
    ck_assert_int_eq(dyn_account_open(&call, NULL, "aux", "",
                                      dyn_bytes_text("one"), &second),
                     DYN_OK);
    ck_assert_ptr_ne(first, second);
    dyn_account_release(first);
    dyn_account_release(second);
}
END_TEST

START_TEST(partitions_are_those_of_before_when_it_is_rolled_back_to_then)
{
    adopt(2, 1);
    dyn_account_rolled_back_to(account, &writer, true);
    adopt(1, 4);
    for (uint64_t i = 0; i < 4; i++)
        add(0, i << 62, MINUTE, 1, 0);
    ck_assert_uint_eq(pending().lines, 4);
}
END_TEST

START_TEST(it_is_gone_with_the_last_one_that_has_it)
{
    dyn_account *made = open_account("/c.db", "three");
    dyn_account_drop(made);
    ck_assert(dyn_account_is_over(made));
    dyn_account_retain(made);
    ck_assert(!dyn_account_is_over(made));
    dyn_account_release(made);
    dyn_account_release(made);
    made = open_account("/c.db", "three");
    ck_assert(!dyn_account_has_usage(made));
    ck_assert(!dyn_account_is_over(made));
    dyn_account_release(made);
}
END_TEST

/* As when the drop of a table is rolled back, and it is opened again. */
START_TEST(what_is_opened_again_is_not_over)
{
    dyn_account *made = open_account("/c.db", "three");
    dyn_account_drop(made);
    dyn_account_release(open_account("/c.db", "three"));
    ck_assert(!dyn_account_is_over(made));
    dyn_account_release(made);
}
END_TEST

START_TEST(units_are_summed_by_partition_and_minute)
{
    for (int i = 0; i < 1000; i++)
        add(0, (uint64_t)i << 54, MINUTE, 1, 2);
    ck_assert_uint_eq(pending().lines, 4);
    add(0, 0, MINUTE + 1, 1, 0);
    ck_assert_uint_eq(pending().lines, 5);
    add(0, 1, MINUTE, 1, 0);
    add(0, UINT64_MAX, MINUTE - 1, 1, 0);
    ck_assert_uint_eq(pending().lines, 6);
    ck_assert_int_eq(pending().read_halves, 1003);
    ck_assert_int_eq(pending().write_units, 2000);
}
END_TEST

START_TEST(units_and_refused_requests_are_kept_by_use)
{
    dyn_charge charge = {.index = -1,
                         .use = DYN_USE_DELETE_ITEM,
                         .minute = MINUTE,
                         .write_units = 7};
    dyn_usage *usage = NULL;
    size_t count = 0;
    add(0, 0, MINUTE, 3, 4);
    dyn_account_throttle(account, &charge);
    dyn_account_throttle(account, &charge);
    ck_assert_int_eq(dyn_account_usage(&call, account, &usage, &count), DYN_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(usage->uses.units[DYN_USE_QUERY], 3);
    ck_assert_int_eq(usage->uses.units[DYN_USE_PUT_ITEM], 4);
    ck_assert_int_eq(usage->uses.units[DYN_USE_DELETE_ITEM], 0);
    ck_assert_int_eq(usage->uses.throttled[DYN_USE_DELETE_ITEM], 2);
}
END_TEST

START_TEST(refused_requests_alone_are_pending_too)
{
    dyn_charge charge = {.index = -1,
                         .use = DYN_USE_GET_ITEM,
                         .tree = 1,
                         .minute = MINUTE,
                         .read_halves = 1};
    dyn_account_throttle(account, &charge);
    ck_assert(dyn_account_has_usage(account));
    ck_assert_int_eq(take(&writer).throttled, 1);
    ck_assert(!dyn_account_has_usage(account));
    dyn_account_rolled_back(account, &writer);
    ck_assert_int_eq(pending().throttled, 1);
}
END_TEST

START_TEST(what_goes_back_behind_a_savepoint_is_pending_whole)
{
    add(0, 0, MINUTE, 1, 0);
    take(&writer);
    dyn_account_savepoint(account, &writer);
    add(0, 0, MINUTE, 3, 0);
    take(&writer);
    dyn_account_rolled_back_to(account, &writer, false);
    ck_assert_int_eq(pending().read_halves, 4);
}
END_TEST

START_TEST(a_savepoint_of_an_ended_transaction_keeps_nothing_back)
{
    add(0, 0, MINUTE, 1, 0);
    take(&writer);
    dyn_account_savepoint(account, &writer);
    dyn_account_committed(account, &writer);
    add(0, 0, MINUTE, 3, 0);
    dyn_account_savepoint(account, &writer);
    take(&writer);
    dyn_account_rolled_back_to(account, &writer, true);
    ck_assert_int_eq(pending().read_halves, 3);
}
END_TEST

/* What does not fit any more is of no partition, not of the first one. */
START_TEST(what_is_kept_by_tree_is_added_to_no_partition)
{
    enum { MINUTES = 1100 };
    dyn_usage *usage = NULL;
    size_t count = 0;
    add(1, 0, MINUTE - 2, 1, 0);
    add(1, 0, MINUTE - 1, 1, 0); /* puts aside the first of 4096 */
    for (int i = 0; i < MINUTES; i++) {
        for (int k = 0; k < 4; k++)
            add(0, (uint64_t)k << 62, MINUTE + i, 1, 0);
    }
    ck_assert_int_eq(dyn_account_usage(&call, account, &usage, &count), DYN_OK);
    for (size_t i = 0; i < count; i++) {
        if (usage[i].is_of_tree) continue;
        ck_assert_int_eq(usage[i].uses.units[DYN_USE_QUERY], 1);
    }
}
END_TEST

START_TEST(what_is_refunded_is_not_pending)
{
    add(0, 0, MINUTE, 1, 0);
    add(0, 0, MINUTE, -1, 0);
    ck_assert(!dyn_account_has_usage(account));
}
END_TEST

/* Of very many minutes, those by tree stay exact. */
START_TEST(so_many_minutes_are_kept_by_partition)
{
    enum { MINUTES = 3000 };
    dyn_usage *usage = NULL;
    size_t count = 0;
    size_t of_tree = 0;
    for (int i = 0; i < MINUTES; i++) {
        for (int k = 0; k < 4; k++)
            add(0, (uint64_t)k << 62, MINUTE + i, 1, 2);
    }
    ck_assert_int_eq(dyn_account_usage(&call, account, &usage, &count), DYN_OK);
    for (size_t i = 0; i < count; i++)
        of_tree += usage[i].is_of_tree;
    ck_assert_uint_eq(of_tree, MINUTES - 4096 / 4 - 1);
    ck_assert_uint_eq(count, of_tree + 4096 + 4);
    ck_assert_int_eq(take(&writer).read_halves, 4 * MINUTES);
    dyn_account_rolled_back(account, &writer);
    ck_assert_int_eq(pending().write_units, 8 * MINUTES);
    ck_assert_uint_eq(pending().lines, count);
}
END_TEST

START_TEST(units_of_an_index_that_is_gone_are_nobodys)
{
    add(2, 0, MINUTE, 1, 1);
    ck_assert(!dyn_account_has_usage(account));
}
END_TEST

START_TEST(what_is_written_is_gone_with_the_commit)
{
    add(0, 0, MINUTE, 3, 4);
    ck_assert_int_eq(take(&writer).write_units, 4);
    ck_assert(!dyn_account_has_usage(account));
    add(0, 0, MINUTE, 1, 0);
    dyn_account_committed(account, &writer);
    ck_assert_int_eq(pending().read_halves, 1);
    dyn_account_rolled_back(account, &writer);
    ck_assert_int_eq(pending().read_halves, 1);
    ck_assert_int_eq(pending().write_units, 0);
}
END_TEST

START_TEST(what_is_rolled_back_stays_consumed)
{
    add(0, 0, MINUTE, 3, 4);
    take(&writer);
    add(0, 0, MINUTE + 1, 1, 0);
    take(&writer); /* a commit that was refused is tried again */
    dyn_account_rolled_back(account, &other_writer);
    ck_assert(!dyn_account_has_usage(account));
    dyn_account_rolled_back(account, &writer);
    ck_assert_int_eq(pending().read_halves, 4);
    ck_assert_int_eq(pending().write_units, 4);
}
END_TEST

START_TEST(a_split_loses_no_units)
{
    adopt(2, 1);
    add(0, UINT64_MAX, MINUTE, 0, 5);
    adopt(3, 4);
    add(0, UINT64_MAX, MINUTE, 0, 5);
    ck_assert_uint_eq(pending().lines, 2);
    ck_assert_int_eq(pending().write_units, 10);
    adopt(2, 1); /* as somebody sees it who reads an earlier moment */
    ck_assert_uint_eq(pending().lines, 2);
    dyn_account_rolled_back(account, &writer);
    adopt(2, 1); /* the split is rolled back */
    ck_assert_uint_eq(pending().lines, 1);
    ck_assert_int_eq(pending().write_units, 10);
}
END_TEST

START_TEST(where_memory_is_out_units_go_to_another_minute)
{
    for (int i = 0; i < 100; i++) {
        fault_set(0);
        add(0, 0, MINUTE + i, 1, 0);
        fault_set_off();
    }
    ck_assert_int_eq(pending().read_halves, 100);
}
END_TEST

START_TEST(running_out_of_memory_is_reported_and_loses_nothing)
{
    add(0, 0, MINUTE, 3, 4);
    for (int countdown = 0;; countdown++) {
        dyn_usage *usage = NULL;
        size_t count = 0;
        fault_set(countdown);
        dyn_account *made = NULL;
        dyn_status status = dyn_account_open(&call, NULL, "main", "/d.db",
                                             dyn_bytes_text("four"), &made);
        if (status == DYN_OK) {
            status = dyn_account_take(&call, account, &writer, &usage, &count);
        }
        fault_set_off();
        dyn_account_release(made);
        dyn_account_rolled_back(account, &writer);
        ck_assert_int_eq(pending().write_units, 4);
        if (!fault_hit()) break;
        ck_assert_int_eq(status, DYN_NOMEM);
    }
}
END_TEST

enum { THREADS = 8, ROUNDS = 20000 };

static void *consume(void *argument)
{
    dyn_call own;
    dyn_account *mine = NULL;
    (void)argument;
    dyn_call_begin(&own);
    for (int i = 0; i < ROUNDS; i++) {
        dyn_usage *usage = NULL;
        size_t count = 0;
        const dyn_charge charges[] = {{.index = -1,
                                       .use = DYN_USE_QUERY,
                                       .hash = (uint64_t)i << 50,
                                       .minute = i / 1000,
                                       .read_halves = 1},
                                      {.index = -1,
                                       .use = DYN_USE_PUT_ITEM,
                                       .hash = (uint64_t)i << 50,
                                       .minute = i / 1000,
                                       .write_units = 2}};
        if (dyn_account_open(&own, NULL, "main", "/a.db", dyn_bytes_text("one"),
                             &mine) != DYN_OK)
            return NULL;
        dyn_account_settle(mine, 0, charges, 2, DYN_SETTLE_FREE);
        if (i % 1000 == 0) {
            dyn_account_usage(&own, mine, &usage, &count);
            dyn_call_end(&own);
            dyn_call_begin(&own);
        }
        dyn_account_release(mine);
    }
    dyn_call_end(&own);
    return NULL;
}

START_TEST(threads_lose_no_units)
{
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, consume, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(pending().read_halves, THREADS * ROUNDS);
    ck_assert_int_eq(pending().write_units, 2 * THREADS * ROUNDS);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("account");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_table_of_a_file_has_one_account);
    tcase_add_test(tests, a_database_without_a_file_has_its_own);
    tcase_add_test(tests, each_tree_has_hot_keys_of_each_kind);
    tcase_add_test(tests, refunds_and_charges_of_no_key_are_not_counted_by_key);
    tcase_add_test(tests, hot_keys_stay_when_partitions_are_split);
    tcase_add_test(tests, threads_count_keys_together);
    tcase_add_test(tests, without_memory_keys_are_not_counted);
    tcase_add_test(tests, each_schema_without_a_file_has_its_own);
    tcase_add_test(
        tests, partitions_are_those_of_before_when_it_is_rolled_back_to_then);
    tcase_add_test(tests, it_is_gone_with_the_last_one_that_has_it);
    tcase_add_test(tests, what_is_opened_again_is_not_over);
    tcase_add_test(tests, units_are_summed_by_partition_and_minute);
    tcase_add_test(tests, units_and_refused_requests_are_kept_by_use);
    tcase_add_test(tests, refused_requests_alone_are_pending_too);
    tcase_add_test(tests, what_goes_back_behind_a_savepoint_is_pending_whole);
    tcase_add_test(tests,
                   a_savepoint_of_an_ended_transaction_keeps_nothing_back);
    tcase_add_test(tests, what_is_kept_by_tree_is_added_to_no_partition);
    tcase_add_test(tests, what_is_refunded_is_not_pending);
    tcase_add_test(tests, so_many_minutes_are_kept_by_partition);
    tcase_add_test(tests, units_of_an_index_that_is_gone_are_nobodys);
    tcase_add_test(tests, what_is_written_is_gone_with_the_commit);
    tcase_add_test(tests, what_is_rolled_back_stays_consumed);
    tcase_add_test(tests, a_split_loses_no_units);
    tcase_add_test(tests, where_memory_is_out_units_go_to_another_minute);
    tcase_add_test(tests, running_out_of_memory_is_reported_and_loses_nothing);
    tcase_add_test(tests, threads_lose_no_units);
    return unit_run("account", tests);
}
