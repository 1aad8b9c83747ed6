/* The log of a table: sequences rise whatever the clock does, records come back
 * as they were written, and what is of no known form is damage. */
#include "engine/log.h"
#include "store.h"
#include "unit.h"

enum { ALL = 1000 };

static dyn_bytes key = {(const unsigned char *)"12345678k", 9};

static void append(int64_t now_ms)
{
    const dyn_log_record record = {.event = DYN_LOG_MODIFY,
                                   .actor = DYN_ACTOR_TTL,
                                   .key = key,
                                   .after = {(const unsigned char *)"new", 3}};
    int64_t sequence = 0;
    ck_assert_int_eq(dyn_log_append(&call, store, dyn_log_sequence_at(now_ms),
                                    &record, &sequence),
                     DYN_OK);
}

static dyn_log_records records(size_t count)
{
    dyn_log_records out;
    const dyn_log_range range = {
        .high = INT64_MAX, .records_max = ALL, .bytes_max = ALL};
    ck_assert_int_eq(dyn_log_read(&call, store, &range, &out), DYN_OK);
    ck_assert_uint_eq(out.count, count);
    ck_assert(out.is_end);
    return out;
}

static dyn_log_bounds bounds(void)
{
    dyn_log_bounds out;
    ck_assert_int_eq(dyn_log_read_bounds(&call, store, &out), DYN_OK);
    return out;
}

static void trim(int64_t below, size_t records_max, bool expected)
{
    bool removed = false;
    ck_assert_int_eq(dyn_log_trim(&call, store, below, records_max, &removed),
                     DYN_OK);
    ck_assert_int_eq(removed, expected);
}

START_TEST(a_sequence_begins_with_its_time)
{
    ck_assert_int_eq(dyn_log_sequence_at(1), 1 << DYN_LOG_NUMBER_BITS);
    ck_assert_int_eq(dyn_log_time_ms(dyn_log_sequence_at(123456) + 77), 123456);
    ck_assert_int_eq(dyn_log_sequence_at(-5), 0);
    ck_assert_int_gt(dyn_log_sequence_at(INT64_MAX),
                     dyn_log_sequence_at(INT64_C(1) << 42));
}
END_TEST

START_TEST(sequences_rise_when_the_clock_stands_or_goes_back)
{
    create_store("PRAGMA page_size = 4096");
    append(1000);
    append(1000);
    append(5);
    append(2000);
    const dyn_log_record *all = records(4).all;
    int64_t first = dyn_log_sequence_at(1000);
    ck_assert_int_eq(all[0].sequence, first);
    ck_assert_int_eq(all[1].sequence, first + 1);
    ck_assert_int_eq(all[2].sequence, first + 2);
    ck_assert_int_eq(all[3].sequence, dyn_log_sequence_at(2000));
}
END_TEST

static bool has_had(int64_t low, int64_t below)
{
    bool out = false;
    ck_assert_int_eq(dyn_log_has_had(&call, store, dyn_log_sequence_at(low),
                                     dyn_log_sequence_at(below), &out),
                     DYN_OK);
    return out;
}

START_TEST(it_knows_of_records_that_have_been_removed)
{
    create_store("PRAGMA page_size = 4096");
    ck_assert(!has_had(0, 5000));
    append(1000);
    append(2000);
    ck_assert(has_had(0, 1001) && has_had(1000, 1001) && has_had(1001, 2001));
    ck_assert(!has_had(0, 1000) && !has_had(1001, 2000) &&
              !has_had(2001, 9000));
    trim(dyn_log_sequence_at(1001), 1, true);
    ck_assert(has_had(0, 1001) && has_had(1000, 1001) && has_had(1001, 2001));
    ck_assert(!has_had(1001, 2000) && !has_had(2001, 9000));
}
END_TEST

START_TEST(sequences_rise_when_all_records_are_gone)
{
    create_store("PRAGMA page_size = 4096");
    append(1000);
    int64_t first = bounds().first;
    trim(INT64_MAX, ALL, true);
    ck_assert(bounds().is_empty);
    ck_assert_int_eq(bounds().last, first);
    append(5);
    ck_assert_int_eq(records(1).all->sequence, first + 1);
}
END_TEST

START_TEST(records_come_back_as_they_were_written)
{
    create_store("PRAGMA page_size = 4096");
    append(1000);
    const dyn_log_record *record = records(1).all;
    ck_assert_int_eq(record->event, DYN_LOG_MODIFY);
    ck_assert_int_eq(record->actor, DYN_ACTOR_TTL);
    ck_assert(dyn_bytes_equal(record->key, key));
    ck_assert_uint_eq(record->before.size_bytes, 0);
    ck_assert(dyn_bytes_equal_text(record->after, "new"));
}
END_TEST

START_TEST(a_range_is_read_from_either_end_a_page_at_a_time)
{
    create_store("PRAGMA page_size = 4096");
    for (int64_t i = 1; i <= 9; i++)
        append(i);
    dyn_log_records out;
    dyn_log_range range = {.low = dyn_log_sequence_at(3),
                           .high = dyn_log_sequence_at(8),
                           .records_max = 2,
                           .bytes_max = ALL};
    ck_assert_int_eq(dyn_log_read(&call, store, &range, &out), DYN_OK);
    ck_assert_uint_eq(out.count, 2);
    ck_assert_int_eq(out.all[1].sequence, dyn_log_sequence_at(4));
    ck_assert(!out.is_end);
    range.down = true;
    range.records_max = 6;
    ck_assert_int_eq(dyn_log_read(&call, store, &range, &out), DYN_OK);
    ck_assert_uint_eq(out.count, 6);
    ck_assert_int_eq(out.all[0].sequence, dyn_log_sequence_at(8));
    ck_assert(out.is_end);
    range.bytes_max = 0;
    ck_assert_int_eq(dyn_log_read(&call, store, &range, &out), DYN_OK);
    ck_assert_uint_eq(out.count, 1);
}
END_TEST

START_TEST(trimming_removes_the_oldest_in_steps)
{
    create_store("PRAGMA page_size = 4096");
    for (int64_t i = 1; i <= 5; i++)
        append(i);
    trim(dyn_log_sequence_at(4), 2, true);
    ck_assert_int_eq(records(3).all->sequence, dyn_log_sequence_at(3));
    trim(dyn_log_sequence_at(4), 2, true);
    trim(dyn_log_sequence_at(4), 2, false);
    ck_assert_int_eq(bounds().first, dyn_log_sequence_at(4));
}
END_TEST

static const char *const damages[] = {
    "UPDATE t_log SET event = 0",
    "UPDATE t_log SET event = 4",
    "UPDATE t_log SET actor = -1",
    "UPDATE t_log SET actor = 0",
    "UPDATE t_log SET key = x'31'",
    "UPDATE t_log SET old = new",
    "UPDATE t_log SET new = NULL",
    "UPDATE t_log SET sum = sum + 1",
    "UPDATE t_log SET sequence = 3; UPDATE t_log SET key = 'text'",
};

START_TEST(what_is_not_as_it_was_written_is_damage)
{
    dyn_log_records out;
    const dyn_log_range range = {
        .high = INT64_MAX, .records_max = ALL, .bytes_max = ALL};
    create_store("PRAGMA page_size = 4096");
    append(1000);
    exec(damages[_i]);
    ck_assert_int_eq(dyn_log_read(&call, store, &range, &out), DYN_CORRUPT);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("log");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_sequence_begins_with_its_time);
    tcase_add_test(tests, it_knows_of_records_that_have_been_removed);
    tcase_add_test(tests, sequences_rise_when_the_clock_stands_or_goes_back);
    tcase_add_test(tests, sequences_rise_when_all_records_are_gone);
    tcase_add_test(tests, records_come_back_as_they_were_written);
    tcase_add_test(tests, a_range_is_read_from_either_end_a_page_at_a_time);
    tcase_add_test(tests, trimming_removes_the_oldest_in_steps);
    tcase_add_loop_test(tests, what_is_not_as_it_was_written_is_damage, 0,
                        COUNT_OF(damages));
    return unit_run("log", tests);
}
