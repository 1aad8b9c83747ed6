/* What an account lets in: the numbers of docs/semantics.md 6 and 7, and that
 * threads are granted together what one would be. */
#include "base/clock.h"
#include "engine/account.h"
#include "fault.h"
#include "unit.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, START = 100 * MINUTE };

static dyn_call call;
static dyn_account *account;
static int64_t now_ms;

static void come_to(int64_t time_ms)
{
    now_ms = time_ms;
    dyn_clock_freeze(now_ms);
}

static void setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    dyn_call_begin(&call);
    come_to(START);
    ck_assert_int_eq(dyn_account_open(&call, NULL, "main", "/a.db",
                                      dyn_bytes_text("one"), &account),
                     DYN_OK);
}

static void teardown(void)
{
    dyn_account_release(account);
    dyn_call_end(&call);
    dyn_clock_release();
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static const uint64_t lows[] = {0, UINT64_C(1) << 62, UINT64_C(1) << 63,
                                UINT64_C(3) << 62};

/* A table of so many partitions, and an index of one on tree 1, with the same
 * limits. */
static void adopt(int64_t generation, size_t count, dyn_limit read,
                  dyn_limit write)
{
    const dyn_account_tree trees[] = {
        {0, lows, count, {read, write}},
        {1, lows, 1, {read, write}},
    };
    ck_assert_int_eq(dyn_account_adopt(&call, account, generation, trees, 2),
                     DYN_OK);
}

static dyn_limit provisioned(int64_t units)
{
    return (dyn_limit){false, units, 0};
}

static dyn_limit on_demand(int64_t maximum, int64_t floor_units)
{
    return (dyn_limit){true, maximum, floor_units};
}

static dyn_charge writes(int64_t tree, uint64_t hash, int64_t units)
{
    return (dyn_charge){.index = -1,
                        .use = DYN_USE_PUT_ITEM,
                        .tree = tree,
                        .hash = hash,
                        .minute = now_ms / MINUTE,
                        .write_units = units};
}

static dyn_charge reads(int64_t tree, uint64_t hash, int64_t halves)
{
    return (dyn_charge){.index = -1,
                        .use = DYN_USE_GET_ITEM,
                        .tree = tree,
                        .hash = hash,
                        .minute = now_ms / MINUTE,
                        .read_halves = halves};
}

static dyn_refusals refusals;

static bool ask(const dyn_charge *charges, size_t count)
{
    if (!dyn_account_admit(account, now_ms, charges, count, &refusals))
        return false;
    dyn_account_settle(account, now_ms, charges, count, DYN_SETTLE_PAID);
    return true;
}

/* How many requests of a charge are let in now, one after the other. */
static int64_t let_in(dyn_charge charge)
{
    int64_t count = 0;
    while (ask(&charge, 1))
        count++;
    return count;
}

START_TEST(a_new_table_has_one_second_s_worth)
{
    adopt(1, 1, provisioned(10), provisioned(5));
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 5);
    ck_assert_int_eq(let_in(reads(0, 0, 1)), 20);
    ck_assert_uint_eq(refusals.count, 1);
    ck_assert_int_eq(refusals.all[0].tree, 0);
    ck_assert_int_eq(refusals.all[0].direction, DYN_READING);
    ck_assert_int_eq(refusals.all[0].reason, DYN_PROVISIONED_EXCEEDED);
    ck_assert_int_eq(refusals.next_ms, now_ms + 1);
}
END_TEST

START_TEST(five_idle_minutes_at_150_keep_45000_units)
{
    adopt(1, 4, provisioned(150), provisioned(150));
    ck_assert_int_eq(let_in(reads(0, 0, 2)), 150);
    come_to(now_ms + 10 * MINUTE);
    int64_t units = 0;
    for (int i = 0; i < 4; i++) /* 3,000 a second of each partition */
        units += let_in(reads(0, lows[i], 2));
    ck_assert_int_eq(units, 12000);
    for (int second = 0; second < 12; second++) {
        come_to(now_ms + SECOND);
        for (int i = 0; i < 4; i++)
            units += let_in(reads(0, lows[i], 2));
    }
    ck_assert_int_eq(units, 45000 + 12 * 150);
}
END_TEST

START_TEST(a_hot_partition_may_use_what_the_others_do_not)
{
    adopt(1, 4, provisioned(400), provisioned(400));
    let_in(writes(0, 0, 1));
    for (int second = 0; second < 60; second++) {
        come_to(now_ms + SECOND);
        for (int i = 0; i < 3; i++) { /* 50 each, and 150 */
            for (int k = 0; k < 50; k++) {
                dyn_charge charge = writes(0, lows[i], 1);
                ck_assert(ask(&charge, 1));
            }
        }
        for (int k = 0; k < 150; k++) {
            dyn_charge charge = writes(0, lows[3], 1);
            ck_assert(ask(&charge, 1));
        }
    }
}
END_TEST

START_TEST(a_partition_has_its_own_limit)
{
    adopt(1, 4, provisioned(40000), provisioned(40000));
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 1000);
    ck_assert_int_eq(refusals.all[0].reason, DYN_KEY_RANGE_EXCEEDED);
    ck_assert_int_eq(let_in(reads(0, 0, 2)), 3000);
    ck_assert_int_eq(let_in(writes(0, UINT64_MAX, 1)), 1000);
    come_to(now_ms + SECOND / 2);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 500);
}
END_TEST

START_TEST(a_request_pays_whole_and_the_balance_goes_below_zero)
{
    adopt(1, 1, provisioned(10), provisioned(10));
    dyn_charge large = writes(0, 0, 100);
    ck_assert(ask(&large, 1));
    come_to(now_ms + 9 * SECOND);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 0);
    ck_assert_int_eq(refusals.next_ms, now_ms + 1);
    come_to(now_ms + 1);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 1);
}
END_TEST

START_TEST(an_index_that_is_exhausted_refuses_the_write_to_the_table)
{
    adopt(1, 1, provisioned(10), provisioned(5));
    ck_assert_int_eq(let_in(writes(1, 0, 1)), 5);
    const dyn_charge both[] = {writes(0, 0, 1), writes(1, 0, 1)};
    ck_assert(!ask(both, 2));
    ck_assert_uint_eq(refusals.count, 1);
    ck_assert_int_eq(refusals.all[0].tree, 1);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 5); /* nothing was taken */
}
END_TEST

START_TEST(who_waits_is_told_when_the_last_of_all_limits_is_free)
{
    adopt(1, 1, provisioned(1), provisioned(1));
    dyn_charge both[] = {writes(0, 0, 10), writes(1, 0, 5)};
    ck_assert(ask(both, 2));
    ck_assert(!ask(both, 1));
    int64_t last_ms = refusals.next_ms;
    ck_assert(!ask(both, 2));
    ck_assert_int_eq(refusals.next_ms, last_ms);
    ck_assert(!ask(&both[1], 1));
    ck_assert_int_lt(refusals.next_ms, last_ms);
}
END_TEST

START_TEST(what_is_not_done_is_given_back)
{
    adopt(1, 1, provisioned(10), provisioned(5));
    dyn_charge charge = writes(0, 0, 5);
    ck_assert(dyn_account_admit(account, now_ms, &charge, 1, &refusals));
    ck_assert(!dyn_account_admit(account, now_ms, &charge, 1, &refusals));
    dyn_account_refund(account, &charge, 1);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 5);
}
END_TEST

START_TEST(a_lookup_is_given_back_by_its_write)
{
    adopt(1, 1, provisioned(10), provisioned(5));
    ck_assert_int_eq(let_in(reads(0, 0, 1)), 20);
    const dyn_charge update[] = {reads(0, 0, -1), writes(0, 0, 1)};
    ck_assert(ask(update, 2));
    ck_assert_int_eq(let_in(reads(0, 0, 1)), 1);
}
END_TEST

START_TEST(what_is_known_only_afterwards_is_paid_all_the_same)
{
    adopt(1, 1, provisioned(10), provisioned(5));
    dyn_charge rest = reads(0, 0, 40);
    dyn_account_settle(account, now_ms, &rest, 1, DYN_SETTLE_UNPAID);
    ck_assert_int_eq(let_in(reads(0, 0, 1)), 0);
    ck_assert_int_eq(refusals.next_ms, now_ms + SECOND + 1);
}
END_TEST

START_TEST(a_raised_limit_fills_faster_and_keeps_the_balance)
{
    adopt(1, 1, provisioned(10), provisioned(5));
    let_in(writes(0, 0, 1));
    come_to(now_ms + SECOND);
    adopt(2, 1, provisioned(10), provisioned(50));
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 5);
    come_to(now_ms + SECOND);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 50);
}
END_TEST

START_TEST(a_child_of_a_split_has_the_balance_of_its_parent)
{
    adopt(1, 1, provisioned(40000), provisioned(40000));
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 1000);
    adopt(2, 4, provisioned(40000), provisioned(40000));
    ck_assert_int_eq(let_in(writes(0, UINT64_MAX, 1)), 0);
    come_to(now_ms + SECOND);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(let_in(writes(0, lows[i], 1)), 1000);
}
END_TEST

/* ------------------------------------------------------------- on demand -- */

START_TEST(a_new_table_on_demand_has_4000_and_12000)
{
    adopt(1, 4, on_demand(0, 12000), on_demand(0, 4000));
    int64_t written = 0;
    int64_t read = 0;
    for (int i = 0; i < 4; i++) {
        written += let_in(writes(0, lows[i], 1));
        read += let_in(reads(0, lows[i], 2));
    }
    ck_assert_int_eq(written, 4000);
    ck_assert_int_eq(read, 12000);
}
END_TEST

/* So many units in each of so many seconds. */
static void write_for(int seconds, int64_t units)
{
    for (int second = 0; second < seconds; second++) {
        dyn_charge charge = writes(0, 0, units);
        ck_assert(ask(&charge, 1));
        come_to(now_ms + SECOND);
    }
}

START_TEST(the_ceiling_is_twice_the_peak_after_30_minutes)
{
    adopt(1, 4, on_demand(0, 100), on_demand(0, 100));
    write_for(60, 90);
    come_to(now_ms + 29 * MINUTE);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 100);
    come_to(now_ms + 2 * MINUTE);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 180);
    ck_assert_int_eq(refusals.all[0].reason, DYN_ACCOUNT_LIMIT_EXCEEDED);
}
END_TEST

START_TEST(a_ceiling_that_rose_in_idle_minutes_is_there_at_once)
{
    adopt(1, 4, on_demand(0, 100), on_demand(0, 100));
    write_for(60, 90);
    come_to(now_ms + 40 * MINUTE);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 180);
}
END_TEST

/* Without limits, units are counted all the same. */
static void settle_free(int64_t units)
{
    dyn_charge charge = writes(0, 0, units);
    dyn_account_settle(account, now_ms, &charge, 1, DYN_SETTLE_FREE);
}

START_TEST(what_was_consumed_without_limits_is_there_with_them)
{
    adopt(1, 4, on_demand(0, 100), on_demand(0, 100));
    settle_free(90 * 60);
    come_to(now_ms + MINUTE);
    settle_free(90 * 60);
    come_to(now_ms + 40 * MINUTE);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 180);
}
END_TEST

START_TEST(a_table_on_demand_has_no_more_than_its_account)
{
    adopt(1, 4, on_demand(0, 100), on_demand(0, 100));
    settle_free(30000 * 60);
    come_to(now_ms + 40 * MINUTE);
    dyn_charge all = writes(0, lows[0], 40000);
    dyn_charge more = writes(0, lows[1], 1);
    ck_assert(ask(&all, 1));
    ck_assert(!ask(&more, 1));
    ck_assert_int_eq(refusals.all[0].reason, DYN_ACCOUNT_LIMIT_EXCEEDED);
}
END_TEST

START_TEST(each_minute_has_a_sum_of_its_own)
{
    adopt(1, 4, on_demand(0, 100), on_demand(0, 100));
    write_for(120, 60);
    come_to(now_ms + 40 * MINUTE);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 120);
}
END_TEST

START_TEST(a_maximum_on_demand_is_a_limit_of_its_own)
{
    adopt(1, 4, on_demand(7, 12000), on_demand(3, 4000));
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 3);
    ck_assert_int_eq(refusals.all[0].reason, DYN_MAX_ON_DEMAND_EXCEEDED);
    ck_assert_int_eq(let_in(reads(0, 0, 2)), 7);
    come_to(now_ms + MINUTE);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 3);
}
END_TEST

START_TEST(what_was_ever_provisioned_is_there_on_demand)
{
    adopt(1, 1, (dyn_limit){false, 10, 0}, (dyn_limit){false, 700, 400});
    adopt(2, 1, on_demand(0, 0), on_demand(0, 400));
    come_to(now_ms + MINUTE);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 700);
}
END_TEST

START_TEST(what_is_provisioned_once_more_is_there_from_then_on)
{
    adopt(1, 1, on_demand(0, 100), on_demand(0, 100));
    adopt(2, 1, on_demand(0, 100), on_demand(0, 400));
    come_to(now_ms + MINUTE);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 400);
}
END_TEST

START_TEST(reading_and_writing_are_refused_each_for_itself)
{
    adopt(1, 1, provisioned(1), provisioned(1));
    dyn_charge charges[] = {writes(0, 0, 5), reads(0, 0, 10)};
    ck_assert(ask(charges, 2));
    ck_assert(!ask(charges, 2));
    ck_assert_uint_eq(refusals.count, 2);
    ck_assert_int_eq(refusals.all[0].direction, DYN_WRITING);
    ck_assert_int_eq(refusals.all[1].direction, DYN_READING);
}
END_TEST

START_TEST(what_a_partition_has_left_is_that_of_now)
{
    adopt(1, 1, provisioned(5000), provisioned(5000));
    let_in(writes(0, 0, 1));
    ck_assert_int_eq(
        dyn_account_burst(account, 0, 0, now_ms).milli[DYN_WRITING], 0);
    come_to(now_ms + SECOND / 2);
    ck_assert_int_eq(
        dyn_account_burst(account, 0, 0, now_ms).milli[DYN_WRITING], 500000);
}
END_TEST

/* --------------------------------------------------------------- stored -- */

static int writer; /* whose address names a connection that writes */
static int other_writer;

static void restore(const char *text)
{
    dyn_account_restore(account, 0, &other_writer, text);
}

/* The account of a process that opens the file. */
static dyn_account *open_in(const char *process)
{
    dyn_account *out = NULL;
    ck_assert_int_eq(dyn_account_open(&call, NULL, "main", process,
                                      dyn_bytes_text("one"), &out),
                     DYN_OK);
    return out;
}

static void reopen(const char *text)
{
    dyn_account_release(account);
    account = open_in("/a.db");
    adopt(1, 1, provisioned(10), provisioned(5));
    restore(text);
}

/* By a writer, which has not committed yet. */
static const char *save(void)
{
    const char *text = NULL;
    ck_assert_int_eq(dyn_account_save(&call, account, 0, &writer, &text),
                     DYN_OK);
    return text;
}

static const char *commit(void)
{
    const char *text = save();
    dyn_account_committed(account, &writer);
    return text;
}

START_TEST(a_balance_comes_back_when_the_file_is_opened_again)
{
    adopt(1, 1, provisioned(10), provisioned(5));
    come_to(now_ms + 10 * SECOND);
    dyn_charge charge = writes(0, 0, 25);
    ck_assert(ask(&charge, 1));
    const char *text = commit();
    reopen(text);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 5 + 10 * 5 - 25);
    restore(text); /* it is known */
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 0);
}
END_TEST

START_TEST(an_earlier_text_changes_nothing)
{
    adopt(1, 1, provisioned(10), provisioned(5));
    const char *earlier = commit();
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 5);
    restore(earlier);
    commit();
    restore(earlier);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 0);
}
END_TEST

/* Another connection may see what was committed before the writer hears that it
 * was; and the writer what it has not committed. */
START_TEST(a_text_of_its_own_takes_nothing_twice)
{
    adopt(1, 1, provisioned(10), provisioned(10));
    commit();
    dyn_charge charge = writes(0, 0, 4);
    ck_assert(ask(&charge, 1));
    const char *text = save();
    dyn_account_restore(account, 0, &writer, text);
    dyn_account_restore(account, 0, &other_writer, text);
    dyn_account_committed(account, &writer);
    restore(text);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 6);
}
END_TEST

/* The account of a second process, which has read what the first one stores. */
static dyn_account *open_second(void)
{
    dyn_account *first = account;
    adopt(1, 1, provisioned(10), provisioned(10));
    const char *text = commit();
    dyn_account *second = account = open_in("/other.db");
    adopt(1, 1, provisioned(10), provisioned(10));
    restore(text);
    account = first;
    return second;
}

START_TEST(what_fills_since_a_change_fills_what_is_stored_too)
{
    dyn_account *first = account;
    dyn_account *second = open_second();
    dyn_charge charge = writes(0, 0, 4);
    adopt(2, 1, provisioned(50), provisioned(50));
    account = second;
    adopt(2, 1, provisioned(50), provisioned(50));
    come_to(now_ms + 10 * SECOND);
    ck_assert(ask(&charge, 1));
    const char *text = commit();
    account = first;
    restore(text);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 10 + 10 * 50 - 4);
    dyn_account_release(second);
}
END_TEST

START_TEST(a_maximum_is_shared_by_all_processes)
{
    dyn_account *first = account;
    dyn_account *second = open_second();
    dyn_charge charge = writes(0, 0, 4);
    adopt(2, 1, on_demand(10, 100), on_demand(10, 100));
    account = second;
    adopt(2, 1, on_demand(10, 100), on_demand(10, 100));
    come_to(now_ms + MINUTE);
    ck_assert(ask(&charge, 1));
    account = first;
    ck_assert(ask(&charge, 1));
    account = second;
    const char *text = commit();
    account = first;
    restore(text);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 2);
    dyn_account_release(second);
}
END_TEST

/* It may have been provisioned since the text was written. */
START_TEST(a_text_does_not_take_away_what_was_ever_provisioned)
{
    adopt(1, 1, on_demand(0, 100), on_demand(0, 100));
    const char *text = commit();
    dyn_account_release(account);
    account = open_in("/a.db");
    adopt(1, 1, on_demand(0, 400), on_demand(0, 400));
    restore(text);
    come_to(now_ms + MINUTE);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 400);
}
END_TEST

/* 50 a second here and 40 there are 90. */
START_TEST(a_peak_is_that_of_all_processes)
{
    dyn_account *first = account;
    adopt(1, 1, on_demand(0, 100), on_demand(0, 100));
    const char *text = commit();
    dyn_account *second = account = open_in("/other.db");
    adopt(1, 1, on_demand(0, 100), on_demand(0, 100));
    restore(text);
    for (int second_of = 0; second_of < 60; second_of++) {
        come_to(START + second_of * SECOND);
        dyn_charge charge = writes(0, 0, 50);
        account = first;
        ck_assert(ask(&charge, 1));
        charge.write_units = 40;
        account = second;
        ck_assert(ask(&charge, 1));
    }
    text = commit();
    account = first;
    restore(text);
    come_to(START + 40 * MINUTE);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 180);
    dyn_account_release(second);
}
END_TEST

/* What was rolled back is consumed, and the next text takes its number. */
START_TEST(a_text_that_is_rolled_back_is_not_known)
{
    dyn_account *first = account;
    dyn_account *second = open_second();
    dyn_charge charge = writes(0, 0, 4);
    ck_assert(ask(&charge, 1));
    save();
    dyn_account_rolled_back(account, &writer);
    account = second;
    ck_assert(ask(&charge, 1));
    const char *text = commit();
    account = first;
    restore(text);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 2);
    dyn_account_release(second);
}
END_TEST

enum { PROCESSES = 3, STEPS = 20000 };

static const char *const processes[PROCESSES] = {"/1.db", "/2.db", "/3.db"};

/* A request as any process might make it. */
static dyn_charge random_charge(void)
{
    int64_t units = 1 + rand() % 40;
    return rand() % 2 == 0 ? writes(0, 0, units) : reads(0, 0, units);
}

/* Each step is a transaction of some process: it reads what is stored, asks,
 * and commits. A model is asked the same in one process. */
static void check_processes(dyn_limit read, dyn_limit write)
{
    dyn_account *model = account;
    dyn_account *all[PROCESSES];
    char text[2000] = "";
    int refused = 0;
    adopt(1, 1, read, write);
    for (int i = 0; i < PROCESSES; i++) {
        account = all[i] = open_in(processes[i]);
        adopt(1, 1, read, write);
    }
    for (int i = 0; i < STEPS; i++) {
        come_to(now_ms + (rand() % 50 == 0 ? MINUTE : rand() % (2 * SECOND)));
        dyn_charge charge = random_charge();
        account = model;
        bool expected = ask(&charge, 1);
        account = all[rand() % PROCESSES];
        restore(text);
        ck_assert_int_eq(ask(&charge, 1), expected);
        refused += !expected;
        snprintf(text, sizeof(text), "%s", commit());
        dyn_call_end(&call);
        dyn_call_begin(&call);
    }
    ck_assert_int_gt(refused, STEPS / 100);
    for (int i = 0; i < PROCESSES; i++)
        dyn_account_release(all[i]);
    account = model;
}

/* Of reading, then of writing. */
static const dyn_limit limits_of_processes[][DYN_DIRECTIONS] = {
    {{false, 2, 0}, {false, 4, 0}},
    {{true, 2, 400}, {true, 4, 400}},
    {{true, 0, 1}, {true, 0, 2}},
};

START_TEST(processes_are_granted_together_what_one_would_be)
{
    const dyn_limit *limits = limits_of_processes[_i];
    check_processes(limits[DYN_READING], limits[DYN_WRITING]);
}
END_TEST

/* What a process has only read, it tells when it writes next. */
START_TEST(what_is_not_stored_is_kept_when_another_process_stores)
{
    dyn_account *first = account;
    dyn_account *second = open_second();
    account = second;
    ck_assert_int_eq(let_in(reads(0, 0, 8)), 3); /* 12 of 10 */
    account = first;
    dyn_charge charge = writes(0, 0, 3);
    ck_assert(ask(&charge, 1));
    const char *text = commit();
    account = second;
    restore(text);
    ck_assert_int_eq(let_in(reads(0, 0, 1)), 0);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 7);
    text = commit();
    account = first;
    ck_assert_int_eq(let_in(reads(0, 0, 8)), 3); /* it does not know yet */
    restore(text);
    come_to(now_ms + SECOND);
    ck_assert_int_eq(let_in(reads(0, 0, 1)), 0); /* 24 of 20 */
    come_to(now_ms + SECOND);
    ck_assert_int_eq(let_in(reads(0, 0, 2)), 6);
    dyn_account_release(second);
}
END_TEST

/* Reading for days is no debt: what was gained in the meantime counts. */
START_TEST(what_is_not_stored_is_what_lacks_now)
{
    dyn_account *first = account;
    dyn_account *second = open_second();
    account = second;
    for (int i = 0; i < 1000; i++) {
        come_to(now_ms + MINUTE);
        dyn_charge charge = reads(0, 0, 500);
        ck_assert(ask(&charge, 1));
    }
    account = first;
    restore(commit());
    const char *text = commit();
    account = second;
    restore(text);
    come_to(now_ms + 5 * MINUTE);
    ck_assert_int_eq(let_in(reads(0, 0, 2)), 3000);
    dyn_account_release(second);
    account = first;
}
END_TEST

static const char *const damaged[] = {
    "",
    "x",
    "1 2 3",
    "0 0 0 0 0 0 0 0 31 0 0 0 0 0 0 0 0 0",
    "-9223372036854775808 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0",
    "0 0 0 0 0 0 0 -1 0 0 0 0 0 0 0 0 0 0",
    "0 0 0 0 0 0 0 0 2 5 5 4 6 0 0 0 0 0 0 0 0 0",
    "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 x",
    "0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 -1",
};

START_TEST(a_damaged_text_says_nothing)
{
    adopt(1, 1, provisioned(10), provisioned(5));
    reopen(damaged[_i]);
    ck_assert_int_eq(let_in(writes(0, 0, 1)), 5);
}
END_TEST

/* ------------------------------------------------------------------ heat -- */

static void write_minute(uint64_t spread, int64_t units_a_second)
{
    for (int second = 0; second < 60; second++) {
        for (int64_t i = 0; i < units_a_second; i++) {
            dyn_charge charge = writes(0, (uint64_t)i * spread, 1);
            ask(&charge, 1);
        }
        come_to(now_ms + SECOND);
    }
    dyn_charge next = writes(0, 0, 1);
    ask(&next, 1);
}

START_TEST(two_hot_minutes_split_at_the_median)
{
    uint64_t cut = 0;
    adopt(1, 1, provisioned(40000), provisioned(40000));
    write_minute(UINT64_MAX / 900, 900);
    ck_assert(!dyn_account_next_cut(account, 0, &cut));
    write_minute(UINT64_MAX / 900, 900);
    ck_assert(dyn_account_next_cut(account, 0, &cut));
    ck_assert_uint_gt(cut, UINT64_MAX / 100 * 48);
    ck_assert_uint_lt(cut, UINT64_MAX / 100 * 52);
    dyn_account_forget_cut(account, 0, cut);
    ck_assert(!dyn_account_next_cut(account, 0, &cut));
}
END_TEST

/* Who is not limited needs no more partitions. */
START_TEST(what_is_not_limited_is_not_hot)
{
    uint64_t cut = 0;
    adopt(1, 1, provisioned(40000), provisioned(40000));
    for (int second = 0; second < 180; second++) {
        for (uint64_t i = 0; i < 900; i++) {
            dyn_charge charge = writes(0, i * (UINT64_MAX / 900), 1);
            dyn_account_settle(account, now_ms, &charge, 1, DYN_SETTLE_FREE);
        }
        come_to(now_ms + SECOND);
    }
    ck_assert(!dyn_account_next_cut(account, 0, &cut));
}
END_TEST

START_TEST(one_hot_key_is_not_split)
{
    uint64_t cut = 0;
    adopt(1, 1, provisioned(40000), provisioned(40000));
    for (int i = 0; i < 3; i++)
        write_minute(0, 900);
    ck_assert(!dyn_account_next_cut(account, 0, &cut));
}
END_TEST

/* --------------------------------------------------------------- threads -- */

enum { THREADS = 8 };

static _Atomic int64_t granted;

static void *ask_until_refused(void *argument)
{
    dyn_refusals own;
    dyn_charge charge = writes(0, *(const uint64_t *)argument, 1);
    while (dyn_account_admit(account, now_ms, &charge, 1, &own)) {
        dyn_account_settle(account, now_ms, &charge, 1, DYN_SETTLE_PAID);
        granted++;
    }
    return NULL;
}

START_TEST(threads_are_granted_together_what_one_would_be)
{
    adopt(1, 4, provisioned(100), provisioned(300));
    let_in(writes(0, 0, 1));
    for (int second = 1; second <= 5; second++) {
        pthread_t threads[THREADS];
        come_to(now_ms + SECOND);
        granted = 0;
        for (int i = 0; i < THREADS; i++) {
            ck_assert_int_eq(pthread_create(&threads[i], NULL,
                                            ask_until_refused,
                                            (void *)&lows[i % 4]),
                             0);
        }
        for (int i = 0; i < THREADS; i++)
            pthread_join(threads[i], NULL);
        ck_assert_int_eq(granted, 300);
    }
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("admission");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_new_table_has_one_second_s_worth);
    tcase_add_test(tests, five_idle_minutes_at_150_keep_45000_units);
    tcase_add_test(tests, a_hot_partition_may_use_what_the_others_do_not);
    tcase_add_test(tests, a_partition_has_its_own_limit);
    tcase_add_test(tests, a_request_pays_whole_and_the_balance_goes_below_zero);
    tcase_add_test(tests,
                   an_index_that_is_exhausted_refuses_the_write_to_the_table);
    tcase_add_test(tests,
                   who_waits_is_told_when_the_last_of_all_limits_is_free);
    tcase_add_test(tests, what_is_not_done_is_given_back);
    tcase_add_test(tests, a_lookup_is_given_back_by_its_write);
    tcase_add_test(tests, what_is_known_only_afterwards_is_paid_all_the_same);
    tcase_add_test(tests, a_raised_limit_fills_faster_and_keeps_the_balance);
    tcase_add_test(tests, a_child_of_a_split_has_the_balance_of_its_parent);
    tcase_add_test(tests, a_new_table_on_demand_has_4000_and_12000);
    tcase_add_test(tests, the_ceiling_is_twice_the_peak_after_30_minutes);
    tcase_add_test(tests, a_ceiling_that_rose_in_idle_minutes_is_there_at_once);
    tcase_add_test(tests, what_was_consumed_without_limits_is_there_with_them);
    tcase_add_test(tests, a_table_on_demand_has_no_more_than_its_account);
    tcase_add_test(tests, each_minute_has_a_sum_of_its_own);
    tcase_add_test(tests, a_maximum_on_demand_is_a_limit_of_its_own);
    tcase_add_test(tests, what_was_ever_provisioned_is_there_on_demand);
    tcase_add_test(tests, what_is_provisioned_once_more_is_there_from_then_on);
    tcase_add_test(tests, reading_and_writing_are_refused_each_for_itself);
    tcase_add_test(tests, what_a_partition_has_left_is_that_of_now);
    tcase_add_test(tests, a_balance_comes_back_when_the_file_is_opened_again);
    tcase_add_test(tests, an_earlier_text_changes_nothing);
    tcase_add_test(tests, a_text_of_its_own_takes_nothing_twice);
    tcase_add_test(tests, what_fills_since_a_change_fills_what_is_stored_too);
    tcase_add_test(tests, a_maximum_is_shared_by_all_processes);
    tcase_add_test(tests, a_text_does_not_take_away_what_was_ever_provisioned);
    tcase_add_test(tests, a_peak_is_that_of_all_processes);
    tcase_add_test(tests, a_text_that_is_rolled_back_is_not_known);
    tcase_add_loop_test(tests, processes_are_granted_together_what_one_would_be,
                        0, COUNT_OF(limits_of_processes));
    tcase_add_test(tests,
                   what_is_not_stored_is_kept_when_another_process_stores);
    tcase_add_test(tests, what_is_not_stored_is_what_lacks_now);
    tcase_add_loop_test(tests, a_damaged_text_says_nothing, 0,
                        COUNT_OF(damaged));
    tcase_add_test(tests, two_hot_minutes_split_at_the_median);
    tcase_add_test(tests, what_is_not_limited_is_not_hot);
    tcase_add_test(tests, one_hot_key_is_not_split);
    tcase_add_test(tests, threads_are_granted_together_what_one_would_be);
    return unit_run("admission", tests);
}
