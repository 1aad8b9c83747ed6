/* Trees of rows: what is written comes back, by key and in ranges, whatever
 * the sizes of pages, keys and items; leaves come and go with the rows. */
#include "engine/store.h"
#include "item/key.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static dyn_call call;
static sqlite3 *db;
static dyn_store *store;

static const int page_sizes[] = {512, 1024, 4096, 8192, 65536};

static void exec(const char *sql)
{
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static int64_t number(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static void open_with(int page_size)
{
    char sql[64];
    snprintf(sql, sizeof(sql), "PRAGMA page_size = %d", page_size);
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    exec(sql);
    ck_assert_int_eq(dyn_store_open(&call, db, "main", "t", &store), DYN_OK);
    ck_assert_int_eq(dyn_store_create(&call, store), DYN_OK);
}

static void setup(void)
{
    dyn_call_begin(&call);
    store = NULL;
}

static void teardown(void)
{
    dyn_store_close(store);
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static void forget(void)
{
    dyn_call_end(&call);
    dyn_call_begin(&call);
}

/* ------------------------------------------------------------------ a model --
 */

enum { KEYS = 3000, KEY_BYTES_MAX = 9000, ITEM_BYTES_MAX = 20000 };

/* The key of a number: some are long, and many share much. */
static dyn_bytes key_of(uint32_t n)
{
    static unsigned char key[KEY_BYTES_MAX];
    size_t size = (size_t)snprintf((char *)key, sizeof(key), "%08u-%u", n / 60,
                                   n % 60 + 10);
    if (n % 97 == 0) {
        memset(key + size, 'k', KEY_BYTES_MAX - size);
        size = 20 + n * 7 % (KEY_BYTES_MAX - 20);
    }
    return (dyn_bytes){key, size};
}

/* Sizes of the items; 0: there is none. */
static uint32_t sizes[KEYS];

static dyn_bytes item_of(uint32_t n)
{
    static unsigned char item[ITEM_BYTES_MAX];
    for (uint32_t i = 0; i < sizes[n]; i++)
        item[i] = (unsigned char)(n + i * sizes[n]);
    return (dyn_bytes){item, sizes[n]};
}

static uint32_t random_size(uint64_t *state)
{
    switch (unit_random(state, 20)) {
    case 0:
        return 1 + unit_random(state, ITEM_BYTES_MAX);
    case 1:
        return 1 + unit_random(state, 2000);
    default:
        return 1 + unit_random(state, 90);
    }
}

static void put(uint32_t n, uint32_t size)
{
    dyn_row row;
    bool found = false;
    ck_assert_int_eq(
        n % 2 == 0
            ? dyn_store_get(&call, store, key_of(n), &found, &row)
            : dyn_store_get_to_write(&call, store, key_of(n), &found, &row),
        DYN_OK);
    ck_assert_int_eq(found, sizes[n] > 0);
    if (found) ck_assert(dyn_bytes_equal(row.item, item_of(n)));
    sizes[n] = size;
    if (size == 0) {
        if (found)
            ck_assert_int_eq(dyn_store_delete(&call, store, &row), DYN_OK);
    } else if (found) {
        ck_assert_int_eq(dyn_store_replace(&call, store, &row, item_of(n)),
                         DYN_OK);
    } else {
        ck_assert_int_eq(dyn_store_insert(&call, store, key_of(n), item_of(n)),
                         DYN_OK);
        ck_assert_int_eq(dyn_store_insert(&call, store, key_of(n), item_of(n)),
                         DYN_EXISTS);
    }
}

static int compare_numbers(const void *left, const void *right)
{
    dyn_bytes a = {NULL, 0};
    ck_assert_int_eq(dyn_copy(&call, key_of(*(const uint32_t *)left), &a),
                     DYN_OK);
    return dyn_bytes_compare(a, key_of(*(const uint32_t *)right));
}

/* The numbers of the rows that are there, in the order of their keys. */
static size_t sorted(uint32_t *numbers)
{
    size_t count = 0;
    for (uint32_t n = 0; n < KEYS; n++) {
        if (sizes[n] > 0) numbers[count++] = n;
    }
    qsort(numbers, count, sizeof(*numbers), compare_numbers);
    return count;
}

/* Read a range in pages of some rows, in either direction. */
static void assert_range(const uint32_t *numbers, size_t from, size_t to,
                         dyn_bytes low, dyn_bytes high, bool down,
                         size_t page_rows)
{
    size_t left = to - from;
    bool is_end = false;
    while (!is_end) {
        const dyn_row *rows = NULL;
        size_t count = 0;
        ck_assert_int_eq(dyn_store_range(&call, store, 0, low, high, down,
                                         page_rows, 100000, &rows, &count,
                                         &is_end),
                         DYN_OK);
        ck_assert(is_end || count > 0);
        ck_assert_uint_le(count, left);
        for (size_t i = 0; i < count; i++) {
            uint32_t n = numbers[down ? from + left - 1 : to - left];
            ck_assert(dyn_bytes_equal(rows[i].key, key_of(n)));
            ck_assert(dyn_bytes_equal(rows[i].item, item_of(n)));
            left--;
        }
        if (count == 0) break;
        if (down) {
            high = rows[count - 1].key;
        } else {
            dyn_bytes last = rows[count - 1].key;
            unsigned char *next = dyn_alloc(&call, last.size_bytes + 1);
            memcpy(next, last.data, last.size_bytes);
            next[last.size_bytes] = 0;
            low = (dyn_bytes){next, last.size_bytes + 1};
        }
    }
    ck_assert_uint_eq(left, 0);
}

static void assert_ranges(uint64_t *state)
{
    static uint32_t numbers[KEYS];
    static const unsigned char last[] = {0xff};
    size_t count = sorted(numbers);
    int64_t stored = 0;
    int64_t leaves = 0;
    assert_range(numbers, 0, count, (dyn_bytes){last, 0}, (dyn_bytes){last, 1},
                 false, 256);
    assert_range(numbers, 0, count, (dyn_bytes){last, 0}, (dyn_bytes){last, 1},
                 true, 100);
    for (int i = 0; i < 40 && count > 0; i++) {
        size_t from = unit_random(state, (uint32_t)count);
        size_t to = from + unit_random(state, (uint32_t)(count - from));
        dyn_bytes low = {NULL, 0};
        dyn_bytes high = {NULL, 0};
        ck_assert_int_eq(dyn_copy(&call, key_of(numbers[from]), &low), DYN_OK);
        ck_assert_int_eq(dyn_copy(&call, key_of(numbers[to]), &high), DYN_OK);
        assert_range(numbers, from, to, low, high, unit_random(state, 2) == 0,
                     1 + unit_random(state, 30));
        forget();
    }
    ck_assert_int_eq(dyn_store_count(&call, store, 0, &stored, &leaves),
                     DYN_OK);
    ck_assert_int_eq(stored, (int64_t)count);
    ck_assert_int_eq(leaves, number("SELECT count(*) FROM t_leaves"));
    ck_assert_int_eq(leaves, number("SELECT count(*) FROM t_directory"));
}

/* Each row of _large is in a leaf. */
static void assert_nothing_lost(void)
{
    int64_t large = 0;
    ck_assert_int_eq(dyn_store_count_large(&call, store, &large), DYN_OK);
    for (uint32_t n = 0; n < KEYS; n++) {
        bool is_large = false;
        if (sizes[n] == 0) continue;
        ck_assert_int_eq(
            dyn_store_is_large(&call, store, key_of(n), item_of(n), &is_large),
            DYN_OK);
        large -= is_large;
    }
    ck_assert_int_eq(large, 0);
}

START_TEST(random_writes_are_those_of_a_model)
{
    uint64_t state = (uint64_t)_i;
    memset(sizes, 0, sizeof(sizes));
    open_with(page_sizes[_i]);
    exec("BEGIN");
    for (int step = 0; step < 12000; step++) {
        /* first they grow more often than not, then they go */
        bool is_removed = unit_random(&state, 10) < (step < 6000 ? 2u : 7u);
        uint32_t n = unit_random(&state, KEYS);
        if (unit_random(&state, 3) == 0) n = (uint32_t)(step % KEYS);
        put(n, is_removed ? 0 : random_size(&state));
        forget();
        if (step % 3000 == 2999) assert_ranges(&state);
    }
    assert_nothing_lost();
    ck_assert_int_gt(number("SELECT count(*) FROM t_leaves"), 8);
    for (uint32_t n = 0; n < KEYS; n++) {
        put(n, 0);
        forget();
    }
    assert_ranges(&state);
    assert_nothing_lost();
    ck_assert_int_eq(number("SELECT count(*) FROM t_leaves"), 1);
    exec("COMMIT");
}
END_TEST

/* Rows in their order fill leaves; a leaf fills a page, and no page is lost to
 * overflow. */
START_TEST(a_leaf_fills_a_page)
{
    open_with(page_sizes[_i]);
    exec("BEGIN");
    for (uint32_t n = 0; n < KEYS; n++) {
        unsigned char key[16];
        char text[17];
        snprintf(text, sizeof(text), "12345678%08u", n);
        memcpy(key, text, sizeof(key));
        ck_assert_int_eq(dyn_store_insert(&call, store,
                                          (dyn_bytes){key, sizeof(key)},
                                          dyn_bytes_text("a short item")),
                         DYN_OK);
    }
    exec("COMMIT");
    int64_t leaves = number("SELECT count(*) FROM t_leaves");
    int64_t leaf_bytes = number("SELECT max(length(data)) FROM t_leaves");
    ck_assert_int_eq(number("SELECT min(length(data)) FROM t_leaves"),
                     leaf_bytes);
    /* sixteen bytes a row: three of sizes, one or two of key, twelve of item */
    ck_assert_int_lt(leaves * leaf_bytes, KEYS * 18 + leaf_bytes + leaves * 40);
    int64_t pages = number("PRAGMA page_count");
    ck_assert_int_lt(pages * page_sizes[_i],
                     leaves * leaf_bytes * 11 / 10 + 40 * page_sizes[_i]);
}
END_TEST

START_TEST(a_reserve_in_pages_is_left_alone)
{
    int reserved = 16;
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    ck_assert_int_eq(
        sqlite3_file_control(db, "main", SQLITE_FCNTL_RESERVE_BYTES, &reserved),
        SQLITE_OK);
    exec("VACUUM");
    ck_assert_int_eq(dyn_store_open(&call, db, "main", "t", &store), DYN_OK);
    ck_assert_int_eq(dyn_store_create(&call, store), DYN_OK);
    ck_assert_int_eq(dyn_store_insert(&call, store, dyn_bytes_text("12345678k"),
                                      dyn_bytes_text("item")),
                     DYN_OK);
    ck_assert_int_eq(number("SELECT length(data) FROM t_leaves"),
                     4096 - 16 - 35 - 4);
}
END_TEST

/* What is found to be written is looked for again when anything was written. */
START_TEST(rows_of_a_leaf_are_written_in_turn)
{
    enum { ROWS = 5 };
    dyn_row rows[ROWS];
    bool found = false;
    memset(sizes, 0, sizeof(sizes));
    open_with(4096);
    for (uint32_t n = 1; n <= ROWS; n++)
        put(n, 50);
    for (uint32_t n = 1; n <= ROWS; n++) {
        dyn_bytes key = {NULL, 0};
        ck_assert_int_eq(dyn_copy(&call, key_of(n), &key), DYN_OK);
        ck_assert_int_eq(
            dyn_store_get_to_write(&call, store, key, &found, &rows[n - 1]),
            DYN_OK);
    }
    for (uint32_t n = 1; n <= ROWS; n++) {
        sizes[n] = n == 3 ? 0 : 60;
        ck_assert_int_eq(
            n == 3 ? dyn_store_delete(&call, store, &rows[n - 1])
                   : dyn_store_replace(&call, store, &rows[n - 1], item_of(n)),
            DYN_OK);
    }
    for (uint32_t n = 1; n <= ROWS; n++)
        put(n, 70);
}
END_TEST

/* A hint of another state of the table leads nowhere else. */
START_TEST(a_rollback_is_noticed)
{
    dyn_row row;
    bool found = false;
    memset(sizes, 0, sizeof(sizes));
    open_with(1024);
    for (uint32_t n = 0; n < 500; n++)
        put(n, 50);
    exec("BEGIN");
    for (uint32_t n = 500; n < KEYS; n++)
        put(n, 50);
    exec("ROLLBACK");
    memset(sizes + 500, 0, (KEYS - 500) * sizeof(*sizes));
    for (uint32_t n = 0; n < KEYS; n++) {
        ck_assert_int_eq(dyn_store_get(&call, store, key_of(n), &found, &row),
                         DYN_OK);
        ck_assert_int_eq(found, n < 500);
        forget();
    }
    for (uint32_t n = 0; n < KEYS; n += 2)
        put(n, n % 4 == 0 ? 0 : 70);
    assert_nothing_lost();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("store");
    tcase_set_timeout(tests, 100);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, random_writes_are_those_of_a_model, 0,
                        COUNT_OF(page_sizes));
    tcase_add_loop_test(tests, a_leaf_fills_a_page, 0, COUNT_OF(page_sizes));
    tcase_add_test(tests, a_reserve_in_pages_is_left_alone);
    tcase_add_test(tests, rows_of_a_leaf_are_written_in_turn);
    tcase_add_test(tests, a_rollback_is_noticed);
    return unit_run("store", tests);
}
