/* Time to live of a table whose tree of the times is damaged: what is told,
 * what still works, and that the option mends it. */
#include "api.h"
#include "base/clock.h"

#include <stdio.h>

#define TREE "(SELECT leaf FROM hurt_directory WHERE tree = 31)"
#define MENDS                                                                  \
    "; dynamo_check() tells more, dynamo_alter() with ttl = NULL and then "    \
    "with ttl mends it"

static void setup(void)
{
    dyn_clock_freeze(INT64_C(1767225600000)); /* 2026-01-01 */
    api_setup(
        "CREATE VIRTUAL TABLE hurt USING dynamo(id TEXT PARTITION KEY, at "
        "NUMBER, ttl = 'at');"
        "INSERT INTO hurt VALUES('a', 1767225700), ('b', 1767225800), ('c', "
        "NULL);");
}

static void teardown(void)
{
    api_teardown();
    dyn_clock_release();
}

/* The text of the first row, or of the error. */
static void check_sql(const char *sql, const char *expected)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL),
                     SQLITE_OK);
    bool is_row = sqlite3_step(statement) == SQLITE_ROW;
    const char *text = is_row ? (const char *)sqlite3_column_text(statement, 0)
                              : sqlite3_errmsg(db);
    ck_assert_str_eq(text, expected);
    sqlite3_finalize(statement);
}

static void check_it_is_mended(void)
{
    run_sql("SELECT dynamo_alter('hurt', 'ttl = NULL');"
            "SELECT dynamo_alter('hurt', 'ttl = ''at''')");
    check_sql("SELECT dynamo_check('hurt')", "ok");
    dyn_clock_move(1000 * 1000);
    run_sql("SELECT dynamo_maintain()");
    check_sql("SELECT count(at) FROM hurt('scan')", "0");
    check_sql("SELECT dynamo_check('hurt')", "ok");
}

START_TEST(rows_that_are_lost)
{
    run_sql("DELETE FROM hurt_leaves WHERE id IN " TREE ";"
            "DELETE FROM hurt_directory WHERE tree = 31");
    check_sql("SELECT dynamo_check('hurt')",
              "ttl: item x'2955F6F52BBC229D000162': its time is missing\n"
              "ttl: item x'887FDF1D183253C3000161': its time is missing\n"
              "ttl: 0 times, and should be 2");
    check_sql("DELETE FROM hurt WHERE id = 'a'",
              "hurt: shadow tables are damaged: the tree of the times of "
              "expiry of hurt lacks the entry of an item" MENDS);
    check_it_is_mended();
}
END_TEST

START_TEST(a_row_too_many_is_dropped_by_the_sweep)
{
    run_sql(
        "CREATE TEMP TABLE kept AS SELECT * FROM hurt_leaves WHERE id IN " TREE
        ";"
        "DELETE FROM hurt WHERE id = 'a';"
        "UPDATE hurt SET at = 1767229999 WHERE id = 'b';"
        "UPDATE hurt_leaves SET data = (SELECT data FROM kept) WHERE id "
        "IN " TREE);
    dyn_clock_move(1000 * 1000);
    run_sql("INSERT INTO hurt VALUES('d', NULL)");
    check_sql("SELECT group_concat(id) FROM hurt('scan') WHERE at IS NOT NULL",
              "b");
    check_sql("SELECT dynamo_check('hurt')",
              "ttl: item x'2955F6F52BBC229D000162': its time is missing\n"
              "ttl: 0 times, and should be 1");
    dyn_clock_move(-1000 * 1000);
}
END_TEST

START_TEST(a_damaged_leaf_keeps_nobody_from_writing)
{
    run_sql("UPDATE hurt_leaves SET data = zeroblob(4057) WHERE id IN " TREE);
    dyn_clock_move(1000 * 1000);
    check_sql("SELECT dynamo_check('hurt')",
              "ttl: shadow tables are damaged: a row of hurt_leaves is of no "
              "known form");
    run_sql("INSERT INTO hurt VALUES('e', NULL)");
    check_sql("SELECT dynamo_maintain()",
              "hurt: shadow tables are damaged: a row of hurt_leaves is of no "
              "known form");
    check_it_is_mended();
}
END_TEST

START_TEST(a_tree_that_is_lost)
{
    run_sql("DELETE FROM hurt_indexes");
    check_sql("SELECT dynamo_check('hurt')",
              "ttl: its tree is missing in _indexes");
    run_sql("INSERT INTO hurt VALUES('f', 1767225700)");
    check_it_is_mended();
}
END_TEST

START_TEST(a_line_of_another_kind)
{
    run_sql("UPDATE hurt_indexes SET declaration = 'GLOBAL INDEX i (at)'");
    check_sql("SELECT dynamo_check('hurt')",
              "shadow tables are damaged: the tree of the times of expiry has "
              "a wrong line in _indexes");
}
END_TEST

START_TEST(an_item_that_is_damaged_is_let_go)
{
    run_sql("UPDATE hurt_leaves SET data = zeroblob(4057) WHERE id IN (SELECT "
            "leaf FROM hurt_directory WHERE tree = 0)");
    dyn_clock_move(150 * 1000);
    run_sql("SELECT dynamo_maintain()");
    run_sql("SELECT dynamo_maintain()");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("time_to_live");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, rows_that_are_lost);
    tcase_add_test(tests, a_row_too_many_is_dropped_by_the_sweep);
    tcase_add_test(tests, a_damaged_leaf_keeps_nobody_from_writing);
    tcase_add_test(tests, a_tree_that_is_lost);
    tcase_add_test(tests, a_line_of_another_kind);
    tcase_add_test(tests, an_item_that_is_damaged_is_let_go);
    return unit_run("time_to_live", tests);
}
