/* Trees of rows: what is written comes back, by key and in ranges, whatever
 * the sizes of pages, keys and items; leaves come and go with the rows. */
#include "engine/rows.h"
#include "fault.h"
#include "item/key.h"
#include "store.h"
#include "unit.h"

#include <string.h>

static const int page_sizes[] = {512, 1024, 4096, 8192, 65536};

/* With one of the sizes, there is memory for few leaves. */
static void open_with(int page_size)
{
    enum { FEW_BYTES = 30000 };
    char pragma[64];
    dyn_leaf_cache_set_limit(page_size == 1024 ? FEW_BYTES
                                               : DYN_LEAF_CACHE_BYTES);
    snprintf(pragma, sizeof(pragma), "PRAGMA page_size = %d", page_size);
    create_store(pragma);
}

/* -------------------------------------------------------------- a model -- */

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
    case 0: /* many of them are changed in place */
        return unit_random(state, 2) == 0
                   ? 1 + unit_random(state, ITEM_BYTES_MAX)
                   : 16384 + unit_random(state, 200);
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
    ck_assert_int_eq(n % 2 == 0
                         ? dyn_rows_get(&call, store, DYN_TREE_ITEMS, key_of(n),
                                        &found, &row)
                         : dyn_rows_get_to_write(&call, store, DYN_TREE_ITEMS,
                                                 key_of(n), &found, &row),
                     DYN_OK);
    ck_assert_int_eq(found, sizes[n] > 0);
    if (found) ck_assert(dyn_bytes_equal(row.item, item_of(n)));
    sizes[n] = size;
    if (size == 0) {
        if (found)
            ck_assert_int_eq(
                dyn_rows_delete(&call, store, DYN_TREE_ITEMS, &row), DYN_OK);
    } else if (found) {
        ck_assert_int_eq(
            dyn_rows_replace(&call, store, DYN_TREE_ITEMS, &row, item_of(n)),
            DYN_OK);
    } else {
        ck_assert_int_eq(dyn_rows_insert(&call, store, DYN_TREE_ITEMS,
                                         key_of(n), item_of(n)),
                         DYN_OK);
        ck_assert_int_eq(dyn_rows_insert(&call, store, DYN_TREE_ITEMS,
                                         key_of(n), item_of(n)),
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
                         dyn_range range)
{
    size_t left = to - from;
    dyn_rows page = {.is_end = false};
    range.bytes_max = 100000;
    while (!page.is_end) {
        ck_assert_int_eq(dyn_rows_range(&call, store, &range, &page), DYN_OK);
        ck_assert(page.is_end || page.count > 0);
        ck_assert_uint_le(page.count, left);
        for (size_t i = 0; i < page.count; i++) {
            uint32_t n = numbers[range.down ? from + left - 1 : to - left];
            ck_assert(dyn_bytes_equal(page.all[i].key, key_of(n)));
            ck_assert(dyn_bytes_equal(page.all[i].item, item_of(n)));
            left--;
        }
        if (page.count == 0) break;
        dyn_bytes last = page.all[page.count - 1].key;
        if (range.down) {
            range.high = last;
        } else {
            unsigned char *next = dyn_alloc(&call, last.size_bytes + 1);
            memcpy(next, last.data, last.size_bytes);
            next[last.size_bytes] = 0;
            range.low = (dyn_bytes){next, last.size_bytes + 1};
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
    dyn_range all = {.low = {last, 0}, .high = {last, 1}, .rows_max = 256};
    assert_range(numbers, 0, count, all);
    all.down = true;
    all.rows_max = 100;
    assert_range(numbers, 0, count, all);
    for (int i = 0; i < 40 && count > 0; i++) {
        size_t from = unit_random(state, (uint32_t)count);
        size_t to = from + unit_random(state, (uint32_t)(count - from));
        dyn_range range = {.down = unit_random(state, 2) == 0,
                           .rows_max = 1 + unit_random(state, 30)};
        ck_assert_int_eq(dyn_copy(&call, key_of(numbers[from]), &range.low),
                         DYN_OK);
        ck_assert_int_eq(dyn_copy(&call, key_of(numbers[to]), &range.high),
                         DYN_OK);
        assert_range(numbers, from, to, range);
        forget();
    }
    ck_assert_int_eq(
        dyn_rows_count(&call, store, DYN_TREE_ITEMS, &stored, &leaves), DYN_OK);
    ck_assert_int_eq(stored, (int64_t)count);
    ck_assert_int_eq(leaves, number("SELECT count(*) FROM t_directory"));
}

/* Each leaf has its row, and there are no others. */
static void assert_written(void)
{
    ck_assert_int_eq(number("SELECT count(*) FROM t_leaves"),
                     number("SELECT count(*) FROM t_directory"));
}

/* Each row of _large is in a leaf. */
static void assert_nothing_lost(void)
{
    int64_t large = 0;
    ck_assert_int_eq(dyn_rows_count_large(&call, store, &large), DYN_OK);
    for (uint32_t n = 0; n < KEYS; n++) {
        bool is_large = false;
        if (sizes[n] == 0) continue;
        ck_assert_int_eq(
            dyn_rows_is_large(&call, store, key_of(n), item_of(n), &is_large),
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
        if (step % 3000 == 2999) {
            assert_ranges(&state);
            assert_written();
        }
    }
    assert_nothing_lost();
    ck_assert_int_gt(number("SELECT count(*) FROM t_leaves"), 8);
    for (uint32_t n = 0; n < KEYS; n++) {
        put(n, 0);
        forget();
    }
    assert_ranges(&state);
    assert_written();
    assert_nothing_lost();
    ck_assert_int_eq(number("SELECT count(*) FROM t_leaves"), 1);
    exec("COMMIT");
}
END_TEST

/* What is kept in memory, and what is in the file. */
static void flush(void)
{
    ck_assert_int_eq(dyn_rows_flush(&call, store), DYN_OK);
}

/* A savepoint begins, or what is behind the last one is rolled back; saved is
 * what it goes back to. */
static void move_savepoint(bool is_rolled_back, uint32_t *saved)
{
    if (is_rolled_back) {
        exec("ROLLBACK TO s");
        dyn_store_discard(store);
        memcpy(sizes, saved, sizeof(sizes));
        return;
    }
    flush();
    exec("RELEASE s; SAVEPOINT s");
    memcpy(saved, sizes, sizeof(sizes));
}

/* The same while leaves are written late: before savepoints and commits. */
START_TEST(deferred_writes_are_those_of_a_model)
{
    static uint32_t saved[KEYS];
    uint64_t state = 100 + (uint64_t)_i;
    memset(sizes, 0, sizeof(sizes));
    memset(saved, 0, sizeof(saved));
    open_with(page_sizes[_i]);
    exec("BEGIN; SAVEPOINT s");
    dyn_store_defer(store, true);
    for (int step = 0; step < 8000; step++) {
        bool is_removed = unit_random(&state, 10) < (step < 4000 ? 2u : 7u);
        put(unit_random(&state, KEYS), is_removed ? 0 : random_size(&state));
        forget();
        if (unit_random(&state, 100) == 0)
            move_savepoint(unit_random(&state, 3) == 0, saved);
        if (step % 2000 == 1999) assert_ranges(&state);
    }
    flush();
    exec("COMMIT");
    dyn_store_forget(store);
    assert_ranges(&state);
    assert_written();
    assert_nothing_lost();
}
END_TEST

/* Nobody but the store sees what is deferred; a store that may not defer any
 * more writes at once. */
START_TEST(a_flush_writes_what_was_deferred)
{
    memset(sizes, 0, sizeof(sizes));
    open_with(4096);
    put(1, 50);
    exec("BEGIN; CREATE TABLE before AS SELECT id, data FROM t_leaves");
    dyn_store_defer(store, true);
    put(2, 50);
    ck_assert_int_eq(
        number("SELECT count(*) FROM t_leaves NATURAL JOIN before"), 1);
    dyn_store_defer(store, false);
    flush();
    ck_assert_int_eq(
        number("SELECT count(*) FROM t_leaves NATURAL JOIN before"), 0);
    exec(
        "DELETE FROM before; INSERT INTO before SELECT id, data FROM t_leaves");
    put(3, 50);
    ck_assert_int_eq(
        number("SELECT count(*) FROM t_leaves NATURAL JOIN before"), 0);
    exec("COMMIT");
}
END_TEST

/* A leaf that is made has no row before; one that has gone again never has. */
START_TEST(a_leaf_that_is_made_is_written_by_the_flush)
{
    int64_t leaves = 0;
    memset(sizes, 0, sizeof(sizes));
    open_with(4096);
    exec("BEGIN");
    dyn_store_defer(store, true);
    for (uint32_t n = 0; n < 100; n++)
        put(n, 300);
    ck_assert_int_eq(number("SELECT count(*) FROM t_leaves"), 0);
    for (uint32_t n = 0; n < 50; n++)
        put(n, 0);
    ck_assert_int_eq(number("SELECT count(*) FROM t_leaves"), 0);
    flush();
    ck_assert_int_eq(dyn_rows_count_leaves(&call, store, &leaves), DYN_OK);
    ck_assert_int_gt(leaves, 1);
    ck_assert_int_eq(leaves, number("SELECT count(*) FROM t_directory"));
    for (uint32_t n = 0; n < 50; n++)
        put(n, 300);
    flush();
    ck_assert_int_gt(number("SELECT count(*) FROM t_leaves"), leaves);
    exec("COMMIT");
    assert_nothing_lost();
}
END_TEST

/* Without memory for it, a leaf that is made goes to the file at once. Those
 * that are made behind it, and kept in memory, have ids of their own. */
START_TEST(leaves_have_ids_of_their_own_where_memory_runs_out)
{
    const dyn_bytes key = dyn_bytes_text("12345678key");
    const dyn_bytes items[] = {dyn_bytes_text("one"), dyn_bytes_text("two"),
                               dyn_bytes_text("three")};
    open_with(4096);
    exec("BEGIN");
    dyn_store_defer(store, true);
    for (int i = 0; i < COUNT_OF(items); i++) {
        if (i == 1) fault_set(_i);
        dyn_status status = dyn_rows_insert(&call, store, 1 + i, key, items[i]);
        fault_set_off();
        if (status == DYN_OK) continue;
        ck_assert_int_eq(i, 1);
        forget();
        dyn_store_discard(store);
        if (sqlite3_get_autocommit(db) == 0) exec("ROLLBACK");
        return;
    }
    flush();
    exec("COMMIT");
    for (int i = 0; i < COUNT_OF(items); i++) {
        dyn_row row;
        bool found = false;
        ck_assert_int_eq(dyn_rows_get(&call, store, 1 + i, key, &found, &row),
                         DYN_OK);
        ck_assert(found && dyn_bytes_equal(row.item, items[i]));
    }
}
END_TEST

/* A leaf whose row is gone cannot be written. */
START_TEST(a_leaf_that_is_gone_is_damage)
{
    memset(sizes, 0, sizeof(sizes));
    open_with(4096);
    put(1, 50);
    exec("BEGIN");
    dyn_store_defer(store, true);
    put(2, 50);
    exec("DELETE FROM t_leaves");
    ck_assert_int_eq(dyn_rows_flush(&call, store), DYN_CORRUPT);
    forget();
    dyn_store_discard(store);
    exec("ROLLBACK");
    sizes[2] = 0;
    put(1, 60);
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
        ck_assert_int_eq(dyn_rows_insert(&call, store, DYN_TREE_ITEMS,
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

/* The bounds of a leaf are longer than its page then, also when no row is left
 * between them. */
START_TEST(keys_that_share_more_than_a_page_go_one_by_one)
{
    enum { SHARED_BYTES = 2100, ROWS = 300 };
    static unsigned char key[SHARED_BYTES + sizeof("1234")];
    int64_t rows = 0;
    int64_t leaves = 0;
    open_with(page_sizes[_i]);
    memset(key, 'p', SHARED_BYTES);
    for (uint32_t n = 0; n < 2 * ROWS; n++) {
        uint32_t number = n % ROWS * 7 % ROWS;
        bool found = false;
        dyn_row row;
        snprintf((char *)key + SHARED_BYTES, 5, "%04u", number);
        dyn_bytes at = {key, SHARED_BYTES + 4};
        ck_assert_int_eq(dyn_rows_get_to_write(&call, store, DYN_TREE_ITEMS, at,
                                               &found, &row),
                         DYN_OK);
        ck_assert_int_eq(found, n >= ROWS);
        ck_assert_int_eq(
            found ? dyn_rows_delete(&call, store, DYN_TREE_ITEMS, &row)
                  : dyn_rows_insert(&call, store, DYN_TREE_ITEMS, at,
                                    dyn_bytes_text("item")),
            DYN_OK);
        ck_assert_int_eq(
            dyn_rows_count(&call, store, DYN_TREE_ITEMS, &rows, &leaves),
            DYN_OK);
        ck_assert_int_eq(rows, n < ROWS ? n + 1 : 2 * ROWS - 1 - n);
        forget();
    }
    ck_assert_int_le(leaves, 2);
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
    ck_assert_int_eq(dyn_rows_insert(&call, store, DYN_TREE_ITEMS,
                                     dyn_bytes_text("12345678k"),
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
        ck_assert_int_eq(dyn_rows_get_to_write(&call, store, DYN_TREE_ITEMS,
                                               key, &found, &rows[n - 1]),
                         DYN_OK);
    }
    for (uint32_t n = 1; n <= ROWS; n++) {
        sizes[n] = n == 3 ? 0 : 60;
        ck_assert_int_eq(
            n == 3 ? dyn_rows_delete(&call, store, DYN_TREE_ITEMS, &rows[n - 1])
                   : dyn_rows_replace(&call, store, DYN_TREE_ITEMS,
                                      &rows[n - 1], item_of(n)),
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
        ck_assert_int_eq(
            dyn_rows_get(&call, store, DYN_TREE_ITEMS, key_of(n), &found, &row),
            DYN_OK);
        ck_assert_int_eq(found, n < 500);
        forget();
    }
    for (uint32_t n = 0; n < KEYS; n += 2)
        put(n, n % 4 == 0 ? 0 : 70);
    assert_nothing_lost();
}
END_TEST

/* --------------------------------------------------------- kept in memory --
 */

/* How many pages SQLite was asked for. */
static int pages_read(void)
{
    int now = 0;
    int sum = 0;
    int peak = 0;
    sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_HIT, &now, &peak, 0);
    sum += now;
    sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_MISS, &now, &peak, 0);
    return sum + now;
}

static dyn_status get(uint32_t n, dyn_row *row)
{
    dyn_bytes key = {NULL, 0};
    bool found = false;
    ck_assert_int_eq(dyn_copy(&call, key_of(n), &key), DYN_OK);
    dyn_status status =
        dyn_rows_get(&call, store, DYN_TREE_ITEMS, key, &found, row);
    ck_assert(found);
    return status;
}

START_TEST(a_large_item_is_kept)
{
    dyn_row row;
    memset(sizes, 0, sizeof(sizes));
    open_with(4096);
    put(1, 9000);
    put(2, 9000);
    put(2, 8000);
    dyn_store_discard(store);
    for (uint32_t n = 1; n <= 2; n++)
        ck_assert_int_eq(get(n, &row), DYN_OK);
    put(1, 7000);
    int before = pages_read();
    for (uint32_t n = 1; n <= 2; n++) {
        ck_assert_int_eq(get(n, &row), DYN_OK);
        ck_assert(dyn_bytes_equal(row.item, item_of(n)));
    }
    ck_assert_int_eq(pages_read(), before);
    exec("UPDATE t_large SET data = zeroblob(9000)");
    ck_assert_int_eq(get(2, &row), DYN_CORRUPT);
}
END_TEST

START_TEST(what_was_read_lives_as_long_as_its_call)
{
    dyn_row row;
    dyn_row again;
    dyn_bytes expected = {NULL, 0};
    memset(sizes, 0, sizeof(sizes));
    open_with(4096);
    put(1, 9000);
    ck_assert_int_eq(dyn_copy(&call, item_of(1), &expected), DYN_OK);
    ck_assert_int_eq(get(1, &row), DYN_OK);
    put(1, 8999);
    ck_assert_int_eq(get(1, &again), DYN_OK);
    ck_assert(dyn_bytes_equal(again.item, item_of(1)));
    put(1, 0);
    dyn_store_discard(store);
    ck_assert(dyn_bytes_equal(row.item, expected));
    ck_assert_uint_eq(again.item.size_bytes, 8999);
    ck_assert_int_eq(again.item.data[8998], (unsigned char)(1 + 8998 * 8999));
}
END_TEST

/* What a large item takes in memory, a leaf may have to give: the one as well
 * that is being read. */
START_TEST(a_leaf_that_is_read_is_not_lost)
{
    dyn_rows rows;
    const dyn_range range = {.tree = DYN_TREE_ITEMS,
                             .low = dyn_bytes_text("0"),
                             .high = dyn_bytes_text("1"),
                             .rows_max = 100,
                             .bytes_max = 1000000};
    memset(sizes, 0, sizeof(sizes));
    open_with(4096);
    for (uint32_t n = 120; n < 160; n++)
        put(n, 9000);
    for (int64_t limit = 2000; limit < 100000; limit += 1000) {
        dyn_store_discard(store);
        dyn_leaf_cache_set_limit(limit);
        for (int round = 0; round < 4; round++) {
            dyn_call inner;
            dyn_call_begin(&inner);
            ck_assert_int_eq(dyn_rows_range(&inner, store, &range, &rows),
                             DYN_OK);
            ck_assert_uint_eq(rows.count, 40);
            for (uint32_t i = 0; i < rows.count; i++)
                ck_assert(dyn_bytes_equal(rows.all[i].item, item_of(120 + i)));
            dyn_call_end(&inner);
        }
    }
    dyn_leaf_cache_set_limit(DYN_LEAF_CACHE_BYTES);
}
END_TEST

static void read_range(bool is_down)
{
    dyn_rows rows;
    const dyn_range range = {.tree = DYN_TREE_ITEMS,
                             .low = dyn_bytes_text("00000003-"),
                             .high = dyn_bytes_text("00000003."),
                             .down = is_down,
                             .rows_max = 100,
                             .bytes_max = 1000000};
    ck_assert_int_eq(dyn_rows_range(&call, store, &range, &rows), DYN_OK);
    ck_assert_uint_eq(rows.count, 40);
    ck_assert(rows.is_end);
    for (uint32_t i = 0; i < rows.count; i++) {
        uint32_t n = 180 + (is_down ? 39 - i : i);
        ck_assert(dyn_bytes_equal(rows.all[i].key, key_of(n)));
        ck_assert(dyn_bytes_equal(rows.all[i].item, item_of(n)));
    }
}

/* The items of one partition key, in some leaves. */
START_TEST(a_range_in_memory_reads_no_page)
{
    memset(sizes, 0, sizeof(sizes));
    open_with(4096);
    for (uint32_t n = 180; n < 220; n++)
        put(n, 300);
    ck_assert_int_ge(number("SELECT count(*) FROM t_leaves"), 3);
    read_range(false);
    read_range(true);
    int before = pages_read();
    read_range(false);
    read_range(true);
    ck_assert_int_eq(pages_read(), before);
}
END_TEST

/* ------------------------------------------------------------ of indexes -- */

enum { TREE = 3 };

static void assert_damage(dyn_status status, const char *problem)
{
    ck_assert_int_eq(status, DYN_CORRUPT);
    ck_assert_ptr_nonnull(strstr(call.error.message, "index 3 of t "));
    ck_assert_ptr_nonnull(strstr(call.error.message, problem));
    ck_assert(!call.error.torn);
    forget();
    dyn_store_begin_write(store);
}

START_TEST(an_entry_that_does_not_fit_its_item_is_damage)
{
    const dyn_bytes key = dyn_bytes_text("12345678k");
    const dyn_bytes item = dyn_bytes_text("item");
    const dyn_row row = {.key = key};
    open_with(4096);
    dyn_store_begin_write(store);
    assert_damage(dyn_rows_replace(&call, store, TREE, &row, item),
                  "lacks the entry of an item");
    assert_damage(dyn_rows_delete(&call, store, TREE, &row),
                  "lacks the entry of an item");
    ck_assert_int_eq(dyn_rows_insert(&call, store, TREE, key, item), DYN_OK);
    dyn_store_begin_write(store);
    assert_damage(dyn_rows_insert(&call, store, TREE, key, item),
                  "has an entry without an item");
}
END_TEST

START_TEST(an_entry_is_changed_by_its_key)
{
    const dyn_row row = {.key = dyn_bytes_text("12345678k")};
    dyn_row got;
    bool found = false;
    open_with(4096);
    ck_assert_int_eq(
        dyn_rows_insert(&call, store, TREE, row.key, dyn_bytes_text("one")),
        DYN_OK);
    ck_assert_int_eq(
        dyn_rows_replace(&call, store, TREE, &row, dyn_bytes_text("another")),
        DYN_OK);
    ck_assert_int_eq(dyn_rows_get(&call, store, TREE, row.key, &found, &got),
                     DYN_OK);
    ck_assert(found);
    ck_assert(dyn_bytes_equal_text(got.item, "another"));
    ck_assert_int_eq(
        dyn_rows_get(&call, store, DYN_TREE_ITEMS, row.key, &found, &got),
        DYN_OK);
    ck_assert(!found); /* in the tree of the items */
    ck_assert_int_eq(dyn_rows_delete(&call, store, TREE, &row), DYN_OK);
    ck_assert_int_eq(dyn_rows_get(&call, store, TREE, row.key, &found, &got),
                     DYN_OK);
    ck_assert(!found);
}
END_TEST

/* Not even one with a key that takes more of a leaf than an item may. */
START_TEST(an_entry_lies_in_its_leaf_whatever_its_size)
{
    static unsigned char bytes[400];
    const dyn_bytes key = {bytes, sizeof(bytes)};
    const dyn_row row = {.key = key};
    bool is_large = false;
    memset(bytes, 'k', sizeof(bytes));
    open_with(512);
    ck_assert_int_eq(dyn_rows_is_large(&call, store, key, key, &is_large),
                     DYN_OK);
    ck_assert(is_large);
    ck_assert_int_eq(
        dyn_rows_insert(&call, store, TREE, key, dyn_bytes_text("entry")),
        DYN_OK);
    ck_assert_int_eq(dyn_rows_replace(&call, store, TREE, &row, key), DYN_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM t_large"), 0);
    ck_assert_int_eq(dyn_rows_insert(&call, store, DYN_TREE_ITEMS, key, key),
                     DYN_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM t_large"), 1);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("rows");
    tcase_set_timeout(tests, 100);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, random_writes_are_those_of_a_model, 0,
                        COUNT_OF(page_sizes));
    tcase_add_loop_test(tests, deferred_writes_are_those_of_a_model, 0,
                        COUNT_OF(page_sizes));
    tcase_add_test(tests, a_flush_writes_what_was_deferred);
    tcase_add_test(tests, a_leaf_that_is_made_is_written_by_the_flush);
    tcase_add_loop_test(
        tests, leaves_have_ids_of_their_own_where_memory_runs_out, 0, 40);
    tcase_add_test(tests, a_leaf_that_is_gone_is_damage);
    tcase_add_loop_test(tests, a_leaf_fills_a_page, 0, COUNT_OF(page_sizes));
    tcase_add_loop_test(tests, keys_that_share_more_than_a_page_go_one_by_one,
                        0, COUNT_OF(page_sizes));
    tcase_add_test(tests, a_reserve_in_pages_is_left_alone);
    tcase_add_test(tests, rows_of_a_leaf_are_written_in_turn);
    tcase_add_test(tests, a_rollback_is_noticed);
    tcase_add_test(tests, a_large_item_is_kept);
    tcase_add_test(tests, what_was_read_lives_as_long_as_its_call);
    tcase_add_test(tests, a_leaf_that_is_read_is_not_lost);
    tcase_add_test(tests, a_range_in_memory_reads_no_page);
    tcase_add_test(tests, an_entry_that_does_not_fit_its_item_is_damage);
    tcase_add_test(tests, an_entry_is_changed_by_its_key);
    tcase_add_test(tests, an_entry_lies_in_its_leaf_whatever_its_size);
    return unit_run("rows", tests);
}
