/* Large items: what is written of a row that becomes another one makes the row
 * that it is to be, and is little where the items differ little. */
#include "call.h"
#include "engine/large.h"

#include <sqlite3.h>

enum { ITEM_BYTES = 40000, KEY_BYTES = 20 };

static uint64_t state = 1;
static unsigned char key_data[KEY_BYTES];
static const dyn_bytes key = {key_data, KEY_BYTES};

static dyn_bytes random_bytes(size_t size)
{
    unsigned char *data = dyn_alloc(&call, size + 1);
    ck_assert_ptr_nonnull(data);
    for (size_t i = 0; i < size; i++)
        data[i] = (unsigned char)unit_random(&state, 256);
    return (dyn_bytes){data, size};
}

/* An item with some bytes in the place of others. */
static dyn_bytes with(dyn_bytes item, size_t at, size_t gone, dyn_bytes more)
{
    dyn_buffer out;
    dyn_bytes result = {NULL, 0};
    size_t rest = at + gone;
    dyn_buffer_begin(&out, &call, item.size_bytes);
    dyn_buffer_add(&out, item.data, at);
    dyn_buffer_add_bytes(&out, more);
    dyn_buffer_add(&out, item.data + rest, item.size_bytes - rest);
    ck_assert_int_eq(dyn_buffer_end(&out, &result), DYN_OK);
    return result;
}

static dyn_bytes row_of(dyn_bytes item, dyn_large_pad pad)
{
    dyn_buffer out;
    dyn_bytes row = {NULL, 0};
    dyn_buffer_begin(&out, &call, item.size_bytes);
    dyn_large_add(&out, key, item, pad);
    ck_assert_int_eq(dyn_buffer_end(&out, &row), DYN_OK);
    return row;
}

/* Change a row in place; returns how many bytes were written, 0 when there is
 * no room. *pad becomes that of the row as it is then. */
static size_t change_row(dyn_bytes from, dyn_bytes to, dyn_large_pad *pad)
{
    dyn_large_change change = {
        .key = key, .from = from, .to = to, .before = *pad};
    dyn_large_run *runs = NULL;
    size_t count = 0;
    size_t written = 0;
    if (!dyn_large_fit(&change)) return 0;
    dyn_bytes row = row_of(from, *pad);
    unsigned char *data = dyn_alloc(&call, row.size_bytes);
    ck_assert_ptr_nonnull(data);
    memcpy(data, row.data, row.size_bytes);
    ck_assert_int_eq(dyn_large_runs(&call, &change, &runs, &count), DYN_OK);
    for (size_t i = 0; i < count; i++) {
        size_t bytes = runs[i].bytes.size_bytes;
        ck_assert_uint_le(runs[i].at + bytes, row.size_bytes);
        memcpy(data + runs[i].at, runs[i].bytes.data, bytes);
        written += bytes;
    }
    dyn_bytes expected = row_of(to, change.after);
    ck_assert_uint_eq(expected.size_bytes, row.size_bytes);
    ck_assert(
        dyn_bytes_equal(expected, (dyn_bytes){data, expected.size_bytes}));
    *pad = change.after;
    return written;
}

START_TEST(rows_change_in_place)
{
    dyn_bytes item = random_bytes(ITEM_BYTES);
    dyn_large_pad pad = dyn_large_new_pad(item.size_bytes);
    int fitted = 0;
    for (int i = 0; i < 400; i++) {
        size_t at = unit_random(&state, (uint32_t)item.size_bytes - 300);
        size_t gone = unit_random(&state, 12);
        if (unit_random(&state, 40) == 0) gone = 300;
        if (unit_random(&state, 4) == 0) at = 0;
        if (unit_random(&state, 4) == 0) at = item.size_bytes - gone;
        dyn_bytes more = random_bytes(unit_random(&state, 12));
        dyn_bytes to = with(item, at, gone, more);
        if (change_row(item, to, &pad) > 0) {
            fitted++;
        } else {
            pad = dyn_large_new_pad(to.size_bytes);
        }
        item = to;
    }
    ck_assert_int_gt(fitted, 350);
}
END_TEST

/* Items are compared by pieces, of which the last one may be of one byte. */
START_TEST(the_last_byte_may_be_all_that_changes)
{
    enum { MORE_THAN_A_PIECE = 600 };
    dyn_bytes all = random_bytes(ITEM_BYTES + MORE_THAN_A_PIECE);
    for (size_t more = 0; more <= MORE_THAN_A_PIECE; more++) {
        dyn_bytes item = {all.data, ITEM_BYTES + more};
        size_t last = item.size_bytes - 1;
        unsigned char other = (unsigned char)~item.data[last];
        dyn_large_pad pad = dyn_large_new_pad(item.size_bytes);
        ck_assert_uint_gt(
            change_row(item, with(item, last, 1, (dyn_bytes){&other, 1}), &pad),
            0);
    }
}
END_TEST

START_TEST(a_change_at_an_end_writes_little)
{
    enum { LITTLE = 2000 };
    const dyn_bytes more = random_bytes(3);
    dyn_bytes item = random_bytes(ITEM_BYTES);
    dyn_large_pad fresh = dyn_large_new_pad(item.size_bytes);
    for (size_t gone = 0; gone < 6; gone++) {
        dyn_large_pad pad = fresh;
        size_t last = item.size_bytes - 6;
        size_t written = change_row(item, with(item, 5, gone, more), &pad);
        ck_assert_uint_gt(written, 0);
        ck_assert_uint_lt(written, LITTLE);
        pad = fresh;
        written = change_row(item, with(item, last, gone, more), &pad);
        ck_assert_uint_gt(written, 0);
        ck_assert_uint_lt(written, LITTLE);
    }
}
END_TEST

START_TEST(what_does_not_fit_is_told)
{
    dyn_bytes item = random_bytes(ITEM_BYTES);
    const dyn_bytes small = {item.data, 1000};
    dyn_large_pad pad = dyn_large_new_pad(item.size_bytes);
    dyn_large_pad none = {0, 0};
    size_t room = pad.front + pad.back;
    ck_assert_uint_eq((DYN_LARGE_HEADER_BYTES + room + item.size_bytes) % 64,
                      0);
    ck_assert_uint_eq(
        change_row(item, with(item, 0, 0, random_bytes(room + 1)), &pad), 0);
    ck_assert_uint_eq(
        change_row(item, with(item, 0, 1000, (dyn_bytes){NULL, 0}), &pad), 0);
    ck_assert_uint_eq(change_row(item, small, &pad), 0);
    ck_assert_uint_eq(change_row(small, small, &none), 0);
    ck_assert_uint_eq(dyn_large_new_pad(small.size_bytes).front, 0);
    ck_assert_uint_eq(dyn_large_new_pad(small.size_bytes).back, 0);
}
END_TEST

/* Each byte of a row counts, those between which an item lies, too. */
START_TEST(damage_is_noticed)
{
    dyn_bytes item = random_bytes(17000);
    dyn_bytes got = {NULL, 0};
    dyn_bytes row = row_of(item, dyn_large_new_pad(item.size_bytes));
    unsigned char *data = dyn_alloc(&call, row.size_bytes);
    ck_assert_ptr_nonnull(data);
    ck_assert(dyn_large_open(row, key, &got));
    ck_assert(dyn_bytes_equal(got, item));
    for (size_t at = 0; at < row.size_bytes; at++) {
        if (at == 100) at = row.size_bytes - 100;
        memcpy(data, row.data, row.size_bytes);
        data[at] ^= (unsigned char)(1 + unit_random(&state, 255));
        ck_assert(
            !dyn_large_open((dyn_bytes){data, row.size_bytes}, key, &got));
    }
    for (size_t size = 0; size < row.size_bytes; size += 7)
        ck_assert(!dyn_large_open((dyn_bytes){row.data, size}, key, &got));
    ck_assert(!dyn_large_open(row, (dyn_bytes){key_data, KEY_BYTES - 1}, &got));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("large");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_test(tests, rows_change_in_place);
    tcase_add_test(tests, the_last_byte_may_be_all_that_changes);
    tcase_add_test(tests, a_change_at_an_end_writes_little);
    tcase_add_test(tests, what_does_not_fit_is_told);
    tcase_add_test(tests, damage_is_noticed);
    return unit_run("large", tests);
}
