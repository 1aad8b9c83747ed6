/* A table as it was: at each position of the log, the past has the rows that
 * the trees of items and entries had then, by key and in ranges, whatever was
 * written since and however little memory it may take. */
#include "api.h"
#include "base/clock.h"
#include "engine/past.h"
#include "item/key.h"

#include <stdio.h>

enum { KEYS = 150, ROUNDS = 12, STATES = ROUNDS + 1, TREES = 3 };

static const unsigned char after_all[] = {0xff, 0xff, 0xff, 0xff, 0xff,
                                          0xff, 0xff, 0xff, 0xff};
static dyn_call call;
static dyn_session *session;
static dyn_table *table;

static void setup(void)
{
    dyn_clock_freeze(INT64_C(1767225600000)); /* 2026-01-01 */
    api_setup(
        "PRAGMA page_size = 512;"
        "CREATE VIRTUAL TABLE t USING dynamo(p TEXT PARTITION KEY, s NUMBER "
        "SORT KEY, a TEXT, b NUMBER, text TEXT, stream = 'NEW_AND_OLD_IMAGES',"
        "LOCAL INDEX by_a (a) PROJECT (text),"
        "GLOBAL INDEX by_b (b, a))");
    dyn_call_begin(&call);
    ck_assert_int_eq(dyn_session_open(&call, db, &session), DYN_OK);
    ck_assert_int_eq(dyn_table_open(&call, session, "main", "t", &table),
                     DYN_OK);
    ck_assert_int_eq(dyn_table_refresh(&call, table), DYN_OK);
}

static void teardown(void)
{
    dyn_table_close(table);
    dyn_session_release(session);
    dyn_call_end(&call);
    api_teardown();
    dyn_clock_release();
}

static void write_something(uint64_t *random)
{
    char sql[300];
    uint32_t n = unit_random(random, KEYS);
    uint32_t bytes =
        unit_random(random, 8) == 0 ? unit_random(random, 3000) : 10;
    if (unit_random(random, 3) == 0) {
        snprintf(sql, sizeof(sql), "DELETE FROM t WHERE p = 'p%u' AND s = %u",
                 n % 7, n / 7);
    } else {
        snprintf(sql, sizeof(sql),
                 "INSERT OR REPLACE INTO t VALUES('p%u', %u, iif(%u = 0, NULL, "
                 "'a%u'), iif(%u = 0, NULL, %u), hex(zeroblob(%u)))",
                 n % 7, n / 7, unit_random(random, 4), unit_random(random, 5),
                 unit_random(random, 4), unit_random(random, 3), bytes / 2);
    }
    run_sql(sql);
    if (unit_random(random, 5) == 0) dyn_clock_move(1);
}

/* -------------------------------------------------------------- states -- */

static const int64_t trees[TREES] = {DYN_TREE_ITEMS, 1, 2};

typedef struct state {
    int64_t position;
    dyn_rows rows[TREES];
} state;

static state states[STATES];

static dyn_range whole(int64_t tree)
{
    return (dyn_range){.tree = tree,
                       .low = {after_all, 0},
                       .high = {after_all, sizeof(after_all)},
                       .rows_max = 1000,
                       .bytes_max = SIZE_MAX};
}

/* The earliest that is known. */
static int64_t first_position(void)
{
    return dyn_table_log_keep(table)->whole_from;
}

static void keep_state(state *out)
{
    dyn_log_bounds log;
    dyn_store *store = dyn_table_store(table);
    dyn_store_forget(store);
    ck_assert_int_eq(dyn_log_read_bounds(&call, store, &log), DYN_OK);
    out->position = log.is_empty ? first_position() : log.last;
    for (int i = 0; i < TREES; i++) {
        const dyn_range range = whole(trees[i]);
        ck_assert_int_eq(dyn_rows_range(&call, store, &range, &out->rows[i]),
                         DYN_OK);
        ck_assert(out->rows[i].is_end);
    }
}

static void write_and_keep_states(uint64_t *random)
{
    keep_state(&states[0]);
    for (int round = 1; round < STATES; round++) {
        for (int i = 0; i < 25; i++)
            write_something(random);
        keep_state(&states[round]);
    }
    for (int i = 0; i < TREES; i++)
        ck_assert_uint_gt(states[ROUNDS].rows[i].count, 10);
}

/* ------------------------------------------------------------- reading -- */

/* One assertion: each of them is slow. */
static void check_row(const dyn_row *row, const dyn_row *expected)
{
    bool is_same = dyn_bytes_equal(row->key, expected->key) &&
                   dyn_bytes_equal(row->item, expected->item);
    if (!is_same) ck_abort_msg("a row is not as it was");
}

static dyn_bytes behind(dyn_bytes key)
{
    unsigned char *bytes = dyn_alloc(&call, key.size_bytes + 1);
    memcpy(bytes, key.data, key.size_bytes);
    bytes[key.size_bytes] = 0;
    return (dyn_bytes){bytes, key.size_bytes + 1};
}

/* Read a range in pages: the rows number from to less than to. */
static void check_range(dyn_past *past, const dyn_rows *rows, size_t from,
                        size_t to, dyn_range range)
{
    dyn_rows page = {.is_end = false};
    while (!page.is_end) {
        ck_assert_int_eq(dyn_past_range(&call, past, &range, &page), DYN_OK);
        ck_assert(page.is_end || page.count > 0);
        ck_assert_uint_le(page.count, range.rows_max);
        for (size_t i = 0; i < page.count; i++) {
            if (from == to) ck_abort_msg("there are too many rows");
            check_row(&page.all[i], &rows->all[range.down ? --to : from++]);
        }
        if (page.count == 0) break;
        dyn_bytes last = page.all[page.count - 1].key;
        if (range.down) {
            range.high = last;
        } else {
            range.low = behind(last);
        }
    }
    ck_assert_uint_eq(from, to);
}

/* The whole of a tree, and a part of it that begins and ends with a row. */
static void check_tree(dyn_past *past, const dyn_rows *rows, int64_t tree,
                       uint64_t *random)
{
    dyn_range range = whole(tree);
    range.down = unit_random(random, 2) == 0;
    range.rows_max = 1 + unit_random(random, 60);
    range.bytes_max =
        unit_random(random, 2) == 0 ? SIZE_MAX : unit_random(random, 3000);
    check_range(past, rows, 0, rows->count, range);
    if (rows->count < 2) return;
    size_t from = unit_random(random, (uint32_t)rows->count);
    size_t to = from + unit_random(random, (uint32_t)(rows->count - from));
    range.low = rows->all[from].key;
    range.high = rows->all[to].key;
    check_range(past, rows, from, to, range);
}

/* Each item of another state is there if this one has it. */
static void check_items(dyn_past *past, const dyn_rows *rows,
                        const dyn_rows *keys)
{
    size_t at = 0;
    for (size_t i = 0; i < keys->count; i++) {
        dyn_row row;
        bool found = false;
        dyn_bytes key = keys->all[i].key;
        while (at < rows->count &&
               dyn_bytes_compare(rows->all[at].key, key) < 0)
            at++;
        dyn_status status = dyn_past_get(&call, past, key, &found, &row);
        bool was_there =
            at < rows->count && dyn_bytes_equal(rows->all[at].key, key);
        if (status != DYN_OK || found != was_there)
            ck_abort_msg("an item is not as it was");
        if (found) check_row(&row, &rows->all[at]);
    }
}

static void check_state(const state *expected, size_t bytes_max,
                        uint64_t *random)
{
    dyn_past past;
    dyn_past_begin(&past, table, expected->position);
    past.bytes_max = bytes_max;
    for (int i = 0; i < TREES; i++)
        check_tree(&past, &expected->rows[i], trees[i], random);
    check_items(&past, &expected->rows[0],
                &states[unit_random(random, STATES)].rows[0]);
    dyn_past_end(&past);
}

static const size_t sizes[] = {1, 700, 3000, DYN_PAST_BYTES_MAX};

START_TEST(it_has_the_rows_that_were_there)
{
    uint64_t random = 11;
    write_and_keep_states(&random);
    for (int i = 0; i < STATES; i++)
        check_state(&states[i], sizes[_i], &random);
}
END_TEST

START_TEST(it_stays_while_the_table_is_written)
{
    uint64_t random = 5;
    dyn_past past;
    write_and_keep_states(&random);
    const state *then = &states[STATES / 2];
    dyn_past_begin(&past, table, then->position);
    for (int i = 0; i < 20; i++) {
        check_tree(&past, &then->rows[i % TREES], trees[i % TREES], &random);
        write_something(&random);
        dyn_store_forget(dyn_table_store(table));
    }
    dyn_past_end(&past);
}
END_TEST

START_TEST(a_time_is_the_last_position_in_it)
{
    run_sql("INSERT INTO t(p, s) VALUES('p', 1), ('p', 2)");
    state then;
    keep_state(&then);
    int64_t now_ms = dyn_clock_now_ms();
    ck_assert_int_ge(dyn_past_position(now_ms), then.position);
    ck_assert_int_lt(dyn_past_position(now_ms - 1), then.position);
    ck_assert_int_eq(dyn_past_position(-5), 0);
    ck_assert_int_gt(dyn_past_position(INT64_MAX - 1), then.position);
}
END_TEST

/* -------------------------------------------------------------- damage -- */

static const char *const damages[] = {
    /* a record, and what it says */
    "UPDATE t_log SET key = x'00' || key WHERE event = 2",
    "UPDATE t_log SET old = NULL WHERE event = 2",
    "UPDATE t_log SET old = new WHERE event = 2",
    "UPDATE t_log SET new = NULL WHERE event = 2",
    "UPDATE t_log SET event = 1 WHERE event = 2",
    "UPDATE t_log SET event = 2 WHERE event = 1",
    "DELETE FROM t_log WHERE event = 3", /* it ends with another one's item */
    /* the rows now are not those of the end of the log */
    "DELETE FROM t_leaves; DELETE FROM t_directory",
};

START_TEST(a_log_that_is_not_that_of_the_table_is_damage)
{
    dyn_past past;
    dyn_rows page;
    const dyn_range range = whole(DYN_TREE_ITEMS);
    run_sql("INSERT INTO t(p, s, a) VALUES('p', 1, 'x'), ('p', 2, 'x');"
            "UPDATE t SET a = 'y' WHERE p = 'p' AND s = 1;"
            "DELETE FROM t WHERE p = 'p' AND s = 2");
    run_sql(damages[_i]);
    dyn_store_forget(dyn_table_store(table));
    dyn_past_begin(&past, table, first_position());
    ck_assert_int_eq(dyn_past_range(&call, &past, &range, &page), DYN_CORRUPT);
    ck_assert_msg(strstr(call.error.message, "damaged") != NULL, "%s",
                  call.error.message);
    dyn_past_end(&past);
}
END_TEST

/* ------------------------------------------------- reads of a follower -- */

/* Reads of a table whose follower is behind, and what that has. */
static const struct {
    const char *sql;
    const char *rows;
} reads[] = {
    {"SELECT n FROM f WHERE id = 'a'", "1 "},
    {"SELECT n FROM f WHERE id = 'b'", "2 "},
    {"SELECT n FROM f WHERE id = 'c'", ""},
    {"SELECT n FROM f('scan')", "2 1 "},
    {"SELECT n FROM f WHERE t = 'x' AND n > 0 ORDER BY n DESC", "2 1 "},
    {"SELECT n FROM f WHERE t = 'y' AND n > 0", ""},
};

static const char *const wrong_values[][2] = {
    {"event", "event % 3 + 1"},
    {"actor", "actor + 1"},
    {"key", "key || x'00'"},
    {"key", "substr(key, 2)"},
    {"key", "(SELECT min(key) FROM f_log)"},
    {"old", "NULL"},
    {"old", "new"},
    {"old", "old || x'00'"},
    {"new", "NULL"},
    {"new", "old"},
    {"sum", "sum - 1"},
};

static bool is_damaged; /* an answer was that the log is damaged */

/* The rows that a statement shows are those, unless it finds damage. */
static void check_read(const char *sql, const char *rows)
{
    sqlite3_stmt *statement = NULL;
    char shown[64] = "";
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL),
                     SQLITE_OK);
    int rc = SQLITE_ROW;
    while ((rc = sqlite3_step(statement)) == SQLITE_ROW) {
        size_t at = strlen(shown);
        snprintf(shown + at, sizeof(shown) - at, "%s ",
                 (const char *)sqlite3_column_text(statement, 0));
    }
    bool is_right = rc == SQLITE_DONE && strcmp(shown, rows) == 0;
    if (!is_right && sqlite3_extended_errcode(db) != SQLITE_CORRUPT_VTAB)
        ck_abort_msg("%s: %s, %s", sql, shown, sqlite3_errmsg(db));
    is_damaged = is_damaged || rc != SQLITE_DONE;
    sqlite3_finalize(statement);
}

/* Of three reads in turn, one is of each copy: the primary's is not looked at.
 */
static void check_reads(void)
{
    for (size_t i = 0; i < COUNT_OF(reads); i++) {
        check_read(reads[i].sql, reads[i].rows);
        check_read(reads[i].sql, reads[i].rows);
        sqlite3_exec(db, reads[i].sql, NULL, NULL, NULL);
    }
}

START_TEST(a_follower_is_right_or_the_log_is_damaged)
{
    char sql[200];
    run_sql("CREATE VIRTUAL TABLE f USING dynamo(id TEXT PARTITION KEY, n "
            "NUMBER, t TEXT, GLOBAL INDEX by_t (t, n), replica_delay_ms = 100, "
            "index_delay_ms = 100);"
            "INSERT INTO f VALUES('a', 1, 'x'), ('b', 2, 'x');");
    dyn_clock_move(1000);
    run_sql("UPDATE f SET n = 3 WHERE id = 'a'; UPDATE f SET t = 'y' WHERE id "
            "= 'a'; DELETE FROM f WHERE id = 'b'; INSERT INTO f VALUES('c', 4, "
            "'y'); UPDATE f SET n = 5 WHERE id = 'c'");
    check_reads();
    ck_assert(!is_damaged);
    for (int record = 0; record < 7; record++) {
        run_sql("SAVEPOINT whole");
        snprintf(sql, sizeof(sql),
                 "UPDATE OR IGNORE f_log SET %s = %s WHERE sequence = (SELECT "
                 "sequence FROM f_log ORDER BY sequence LIMIT 1 OFFSET %d)",
                 wrong_values[_i][0], wrong_values[_i][1], record);
        sqlite3_exec(db, sql, NULL, NULL, NULL);
        check_reads();
        run_sql("ROLLBACK TO whole; RELEASE whole");
    }
    ck_assert(is_damaged);
    is_damaged = false;
    check_reads();
    ck_assert(!is_damaged);
    run_sql("DROP TABLE f");
}
END_TEST

START_TEST(a_query_goes_on_while_the_table_is_written)
{
    sqlite3_stmt *statement = NULL;
    int rows = 0;
    run_sql("CREATE VIRTUAL TABLE f USING dynamo(id TEXT PARTITION KEY, n "
            "NUMBER SORT KEY, replica_delay_ms = 100);"
            "WITH RECURSIVE i(n) AS (VALUES(1) UNION ALL SELECT n + 1 FROM i "
            "WHERE n < 2000) INSERT INTO f SELECT 'a', n FROM i");
    dyn_clock_move(1000);
    ck_assert_int_eq(
        sqlite3_prepare_v2(db, "SELECT n FROM f WHERE id = 'a' ORDER BY n", -1,
                           &statement, NULL),
        SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        ck_assert_int_eq(sqlite3_column_int(statement, 0), ++rows);
        if (rows % 100 != 1) continue;
        run_sql("DELETE FROM f WHERE id = 'a' AND n % 7 = 0 AND n < 1000;"
                "INSERT OR REPLACE INTO f VALUES('a', 1500.5), ('a', 3000)");
        dyn_clock_move(200);
    }
    ck_assert_int_eq(rows, 2000);
    sqlite3_reset(statement);
    /* the log is trimmed behind it: there is nothing to go on with */
    run_sql("SELECT n FROM f WHERE id = 'a'; SELECT n FROM f WHERE id = 'a'");
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    run_sql("DELETE FROM f WHERE id = 'a' AND n = 1900");
    dyn_clock_move(100 * 1000);
    run_sql("SELECT dynamo_maintain()");
    while (sqlite3_step(statement) == SQLITE_ROW)
        continue;
    ck_assert_str_eq(sqlite3_errmsg(db),
                     "f: the log of the table does not go back any more to the "
                     "time that is read");
    sqlite3_finalize(statement);
    run_sql("DROP TABLE f");
}
END_TEST

START_TEST(a_query_goes_on_behind_a_rollback)
{
    sqlite3_stmt *statement = NULL;
    int rows = 0;
    run_sql("CREATE VIRTUAL TABLE f USING dynamo(id TEXT PARTITION KEY, n "
            "NUMBER SORT KEY, replica_delay_ms = 100);"
            "WITH RECURSIVE i(n) AS (VALUES(1) UNION ALL SELECT n + 1 FROM i "
            "WHERE n < 2000) INSERT INTO f SELECT 'a', n FROM i");
    dyn_clock_move(1000);
    ck_assert_int_eq(
        sqlite3_prepare_v2(db, "SELECT n FROM f WHERE id = 'a' ORDER BY n", -1,
                           &statement, NULL),
        SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW) {
        ck_assert_int_eq(sqlite3_column_int(statement, 0), ++rows);
        if (rows == 200)
            run_sql("BEGIN; DELETE FROM f WHERE id = 'a' AND n = 1; SAVEPOINT "
                    "s; DELETE FROM f WHERE id = 'a' AND n > 900");
        if (rows == 800) run_sql("ROLLBACK TO s");
        if (rows == 1200)
            run_sql("INSERT INTO f VALUES('a', 1600.5), ('a', 1700.5)");
        if (rows == 1500)
            run_sql("ROLLBACK; DELETE FROM f WHERE id = 'a' AND n = 1900");
    }
    ck_assert_str_eq(sqlite3_errmsg(db), "no more rows available");
    ck_assert_int_eq(rows, 2000);
    sqlite3_finalize(statement);
    run_sql("DROP TABLE f");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("past");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, it_has_the_rows_that_were_there, 0,
                        COUNT_OF(sizes));
    tcase_add_test(tests, it_stays_while_the_table_is_written);
    tcase_add_test(tests, a_time_is_the_last_position_in_it);
    tcase_add_loop_test(tests, a_log_that_is_not_that_of_the_table_is_damage, 0,
                        COUNT_OF(damages));
    tcase_add_loop_test(tests, a_follower_is_right_or_the_log_is_damaged, 0,
                        COUNT_OF(wrong_values));
    tcase_add_test(tests, a_query_goes_on_while_the_table_is_written);
    tcase_add_test(tests, a_query_goes_on_behind_a_rollback);
    return unit_run("past", tests);
}
