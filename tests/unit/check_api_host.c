/* dynamo_api() among other statements, transactions and connections. */
#define _POSIX_C_SOURCE 200809L // NOLINT(bugprone-reserved-identifier)
#include "api.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char path[] = "/tmp/check_api_host-XXXXXX";
static sqlite3 *other; /* another connection to the same file */

static void setup(void)
{
    strcpy(path + strlen(path) - 6, "XXXXXX");
    close(mkstemp(path));
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_dynamo_init(db, NULL, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
    ck_assert_int_eq(sqlite3_dynamo_init(other, NULL, NULL), SQLITE_OK);
    run_sql("CREATE VIRTUAL TABLE things USING dynamo(id TEXT PARTITION KEY);"
            "CREATE TABLE plain(x)");
}

static void teardown(void)
{
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
    api_teardown();
    unlink(path);
}

static void run_other(const char *sql)
{
    char *message = NULL;
    sqlite3_exec(other, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message);
}

/* The first column of the first row, as text; to be freed. */
static char *text_of(sqlite3 *of, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_msg(sqlite3_prepare_v2(of, sql, -1, &statement, NULL) ==
                      SQLITE_OK,
                  "%s: %s", sql, sqlite3_errmsg(of));
    bool is_row = sqlite3_step(statement) == SQLITE_ROW;
    char *text = sqlite3_mprintf(
        "%s", is_row ? (const char *)sqlite3_column_text(statement, 0)
                     : sqlite3_errmsg(of));
    sqlite3_finalize(statement);
    return text;
}

static void check_text(sqlite3 *of, const char *sql, const char *expected)
{
    char *text = text_of(of, sql);
    ck_assert_str_eq(text, expected);
    sqlite3_free(text);
}

#define PUT(id)                                                                \
    "{\"TableName\":\"things\",\"Item\":{\"id\":{\"S\":\"" id "\"}}}"
#define GET(id)   "{\"TableName\":\"things\",\"Key\":{\"id\":{\"S\":\"" id "\"}}}"
#define FOUND(id) "{\"Item\":{\"id\":{\"S\":\"" id "\"}}}"
#define GONE      "ResourceNotFoundException: Requested resource not found"

static void check(const char *operation, const char *request,
                  const char *answer)
{
    check_exchange(&(exchange){operation, request, answer});
}

static void check_sound(int items)
{
    char expected[32];
    snprintf(expected, sizeof(expected), "%d", items);
    check_text(db, "SELECT dynamo_check('things')", "ok");
    check_text(db, "SELECT items FROM dynamo_tables", expected);
    check_text(other, "SELECT dynamo_check('things')", "ok");
    check_text(other, "SELECT items FROM dynamo_tables", expected);
}

START_TEST(a_write_alone_is_a_transaction)
{
    check("PutItem", PUT("a"), "{}");
    ck_assert(sqlite3_get_autocommit(db));
    check("GetItem", GET("a"), FOUND("a"));
    check_text(other, "SELECT id FROM things('scan')", "a");
    check_sound(1);
}
END_TEST

START_TEST(a_failed_write_leaves_no_transaction)
{
    check("PutItem",
          "{\"TableName\":\"things\",\"Item\":{\"id\":{\"S\":\"a\"}},"
          "\"ConditionExpression\":\"attribute_exists(id)\"}",
          "ConditionalCheckFailedException: The conditional request failed");
    ck_assert(sqlite3_get_autocommit(db));
    check_sound(0);
}
END_TEST

START_TEST(writes_belong_to_the_transaction)
{
    run_sql("BEGIN");
    check("PutItem", PUT("a"), "{}");
    run_sql("SAVEPOINT s");
    check("PutItem", PUT("b"), "{}");
    run_sql("ROLLBACK TO s");
    check("PutItem", PUT("c"), "{}");
    check("GetItem", GET("b"), "{}");
    check("GetItem", GET("c"), FOUND("c"));
    check_text(other, "SELECT count(*) FROM things('scan')", "0");
    run_sql("COMMIT");
    check_sound(2);
    run_sql("BEGIN");
    check("DeleteItem", GET("a"), "{}");
    run_sql("ROLLBACK");
    check_sound(2);
}
END_TEST

START_TEST(a_table_made_in_the_transaction_is_written)
{
    run_sql("BEGIN; DROP TABLE things;"
            "CREATE VIRTUAL TABLE things USING dynamo(id TEXT PARTITION KEY)");
    check("PutItem", PUT("a"), "{}");
    check("PutItem", PUT("b"), "{}");
    run_sql("COMMIT");
    check_sound(2);
    run_sql("BEGIN; DROP TABLE things");
    check("PutItem", PUT("a"), GONE);
    check("GetItem", GET("a"), GONE);
    run_sql("ROLLBACK");
    check("PutItem", PUT("c"), "{}");
    check_sound(3);
}
END_TEST

START_TEST(reads_are_allowed_where_something_is_written_and_writes_are_not)
{
    check("PutItem", PUT("a"), "{}");
    check_text(db,
               "INSERT INTO plain SELECT dynamo_api('PutItem', '" PUT(
                   "b") "') RETURNING x",
               "ValidationException: dynamo_api() cannot write within a "
               "statement that writes: use SELECT dynamo_api(...)");
    run_sql("INSERT INTO plain SELECT dynamo_api('GetItem', '" GET("a") "')");
    check_text(db, "SELECT x FROM plain", FOUND("a"));
    run_sql("BEGIN");
    check_text(db,
               "INSERT INTO plain SELECT dynamo_api('PutItem', '" PUT(
                   "b") "') RETURNING x",
               "ValidationException: dynamo_api() cannot write within a "
               "statement that writes: use SELECT dynamo_api(...)");
    run_sql("COMMIT");
    check_sound(1);
}
END_TEST

START_TEST(a_query_may_write_for_each_row)
{
    run_sql("INSERT INTO plain VALUES('a'), ('b'), ('c')");
    check_text(db,
               "SELECT count(dynamo_api('PutItem', json_object('TableName', "
               "'things', 'Item', json_object('id', json_object('S', x))))) "
               "FROM plain",
               "3");
    check_text(db,
               "SELECT count(dynamo_api('DeleteItem', json_object('TableName', "
               "'things', 'Key', json_object('id', json_object('S', id))))) "
               "FROM things('scan')",
               "3");
    check_sound(0);
}
END_TEST

START_TEST(reading_writes_nothing)
{
    run_sql("PRAGMA query_only = ON");
    check("GetItem", GET("a"), "{}");
    check("Scan", "{\"TableName\":\"things\"}",
          "{\"Items\":[],\"Count\":0,\"ScannedCount\":0}");
    run_sql("PRAGMA query_only = OFF");
}
END_TEST

START_TEST(what_another_connection_changes_is_seen)
{
    check("PutItem", PUT("a"), "{}");
    run_other("DELETE FROM things WHERE id = 'a'");
    check("GetItem", GET("a"), "{}");
    run_other("DROP TABLE things");
    check("GetItem", GET("a"), GONE);
    check("PutItem", PUT("a"), GONE);
    run_other("CREATE VIRTUAL TABLE things USING dynamo(id NUMBER PARTITION "
              "KEY)");
    check("GetItem", GET("a"),
          "ValidationException: The provided key element does not match the "
          "schema");
    run_other("DROP TABLE things; CREATE VIRTUAL TABLE things USING "
              "dynamo(id TEXT PARTITION KEY)");
    check("PutItem", PUT("b"), "{}");
    check_sound(1);
}
END_TEST

START_TEST(a_table_that_was_the_last_one_is_missed)
{
    check("PutItem", PUT("a"), "{}");
    run_other("DROP TABLE things; DROP TABLE plain");
    check("GetItem", GET("a"), GONE);
    check("PutItem", PUT("a"), GONE);
}
END_TEST

/* A statement that is prepared keeps the table that was there open. */
START_TEST(a_table_that_was_replaced_is_found_though_the_old_one_is_open)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT id FROM things('scan')", -1,
                                        &statement, NULL),
                     SQLITE_OK);
    check("PutItem", PUT("a"), "{}");
    run_other("DROP TABLE things; CREATE VIRTUAL TABLE things USING "
              "dynamo(id NUMBER PARTITION KEY)");
    check("GetItem", GET("a"),
          "ValidationException: The provided key element does not match the "
          "schema");
    check("PutItem", PUT("a"),
          "ValidationException: One or more parameter values were invalid: "
          "Type mismatch for key id expected: N actual: S");
    sqlite3_finalize(statement);
}
END_TEST

START_TEST(a_locked_file_is_an_error_that_leaves_nothing)
{
    run_other("BEGIN IMMEDIATE");
    check("PutItem", PUT("a"),
          "ThrottlingException: database is locked: another connection uses "
          "it: try again, or let SQLite wait with PRAGMA busy_timeout");
    ck_assert(sqlite3_get_autocommit(db));
    run_other("ROLLBACK");
    check("PutItem", PUT("a"), "{}");
    check_sound(1);
}
END_TEST

START_TEST(tables_of_other_schemas_are_named_with_them)
{
    run_sql("ATTACH ':memory:' AS extra;"
            "CREATE VIRTUAL TABLE extra.more USING dynamo(id TEXT PARTITION "
            "KEY);"
            "CREATE VIRTUAL TABLE temp.things USING dynamo(id TEXT PARTITION "
            "KEY)");
    check("PutItem", PUT("t"), "{}");
    check_text(db, "SELECT id FROM temp.things('scan')", "t");
    check_text(db, "SELECT count(*) FROM main.things('scan')", "0");
    check("PutItem",
          "{\"TableName\":\"extra.more\",\"Item\":{\"id\":{\"S\":\"e\"}}}",
          "{}");
    check("GetItem", "{\"TableName\":\"more\",\"Key\":{\"id\":{\"S\":\"e\"}}}",
          FOUND("e"));
}
END_TEST

START_TEST(the_cost_is_that_of_the_last_call)
{
    check("PutItem", PUT("a"), "{}");
    check("GetItem", GET("a"), FOUND("a"));
    check_text(db, "SELECT dynamo_cost()",
               "{\"read_units\":0.5,\"write_units\":0,\"tables\":[{\"table\":"
               "\"things\",\"read_units\":0.5,\"write_units\":0}]}");
    /* The read is no part of the write. */
    check("PutItem", PUT("a"), "{}");
    check_text(db,
               "SELECT sum(read_units) || ' ' || sum(write_units) FROM "
               "dynamo_capacity('things')",
               "0.5 2");
}
END_TEST

START_TEST(each_call_of_a_statement_tells_its_own_units)
{
    check("PutItem", PUT("a"), "{}");
    check("PutItem", PUT("b"), "{}");
    check_text(db,
               "SELECT group_concat(dynamo_api('GetItem', json_object("
               "'TableName', 'things', 'ReturnConsumedCapacity', 'TOTAL', "
               "'Key', json_object('id', json_object('S', id)))) ->> "
               "'$.ConsumedCapacity.CapacityUnits') FROM things('scan')",
               "0.5,0.5");
    check_text(db, "SELECT dynamo_cost() ->> 'read_units'", "1.5");
}
END_TEST

/* ----------------------------------------------------------- expressions -- */

/* Add to each of a hundred items, with an expression for each. */
static void add_to_hundred(int amount)
{
    enum { COUNT = 100 };
    char *request = sqlite3_mprintf("{\"TransactItems\":[");
    for (int i = 0; i < COUNT; i++) {
        request = sqlite3_mprintf(
            "%z%s{\"Update\":{\"TableName\":\"things\",\"Key\":{\"id\":{\"S\":"
            "\"%d\"}},\"UpdateExpression\":\"SET n%d = if_not_exists(n%d, :z) "
            "+ :v\",\"ExpressionAttributeValues\":{\":z\":{\"N\":\"0\"},\":v\":"
            "{\"N\":\"%d\"}}}}",
            request, i == 0 ? "" : ",", i, i, i, amount + i);
    }
    request = sqlite3_mprintf("%z]}", request);
    ck_assert_ptr_nonnull(request);
    check_exchange(&(exchange){"TransactWriteItems", request, "{}"});
    sqlite3_free(request);
}

START_TEST(a_request_may_have_more_expressions_than_are_kept)
{
    add_to_hundred(1);
    add_to_hundred(1000);
    add_to_hundred(1000);
    check_text(db,
               "SELECT count(*) FROM things('scan') WHERE item = "
               "printf('{\"id\":\"%s\",\"n%s\":%d}', id, id, 2001 + 3 * id)",
               "100");
}
END_TEST

/* ------------------------------------------------- statements are kept -- */

/* How often SQLite prepares a statement of a text, counted by its authorizer,
 * which hears of each table that one is prepared to write. */
static int count_inserts(void *context, int action, const char *name,
                         const char *b, const char *c, const char *d)
{
    (void)b, (void)c, (void)d;
    int *count = context;
    if (action == SQLITE_INSERT && strcmp(name, "things") == 0) ++*count;
    return SQLITE_OK;
}

START_TEST(writes_alone_prepare_nothing_again)
{
    int count = 0;
    ck_assert_int_eq(sqlite3_set_authorizer(db, count_inserts, &count),
                     SQLITE_OK);
    check("PutItem", PUT("a"), "{}");
    check("PutItem", PUT("b"), "{}");
    int before = count;
    ck_assert_int_gt(before, 0);
    check("PutItem", PUT("c"), "{}");
    check("PutItem", PUT("d"), "{}");
    ck_assert_int_eq(count, before);
    check_sound(4);
}
END_TEST

START_TEST(a_connection_with_kept_statements_closes)
{
    sqlite3_stmt *own = NULL;
    check("PutItem", PUT("a"), "{}");
    ck_assert_ptr_nonnull(sqlite3_next_stmt(db, NULL));
    ck_assert_int_eq(
        sqlite3_prepare_v2(db, "SELECT * FROM things('scan')", -1, &own, NULL),
        SQLITE_OK);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_BUSY);
    check("PutItem", PUT("b"), "{}");
    check("GetItem", GET("b"), FOUND("b"));
    sqlite3_finalize(own);
    check_sound(2);
    /* teardown() closes it */
}
END_TEST

START_TEST(a_table_that_was_written_can_be_dropped_and_made_again)
{
    for (int i = 0; i < 3; i++) {
        check("PutItem", PUT("a"), "{}");
        check_sound(1);
        run_sql("DROP TABLE things;"
                "CREATE VIRTUAL TABLE things USING dynamo(id TEXT PARTITION "
                "KEY, n NUMBER)");
    }
    run_other("DROP TABLE things;"
              "CREATE VIRTUAL TABLE things USING dynamo(id TEXT PARTITION "
              "KEY, other NUMBER)");
    check("PutItem", PUT("b"), "{}");
    check("GetItem", GET("b"), FOUND("b"));
    check_sound(1);
    run_other("DROP TABLE things");
    check("PutItem", PUT("b"), GONE);
    check("PutItem", PUT("b"), GONE);
}
END_TEST

START_TEST(a_schema_that_was_written_can_be_detached)
{
    static const char put[] =
        "{\"TableName\":\"one.things\",\"Item\":{\"id\":{\"S\":\"a\"}}}";
    static const char get[] =
        "{\"TableName\":\"one.things\",\"Key\":{\"id\":{\"S\":\"a\"}}}";
    for (int i = 0; i < 3; i++) {
        run_sql("ATTACH ':memory:' AS one;"
                "CREATE VIRTUAL TABLE one.things USING dynamo(id TEXT "
                "PARTITION KEY)");
        check("GetItem", get, "{}");
        check("PutItem", put, "{}");
        check("GetItem", get, FOUND("a"));
        run_sql("DETACH one");
    }
    check("PutItem", put, GONE);
}
END_TEST

static int deny_table_info(void *context, int action, const char *name,
                           const char *b, const char *c, const char *d)
{
    (void)context, (void)b, (void)c, (void)d;
    bool is_denied = action == SQLITE_PRAGMA && strcmp(name, "table_info") == 0;
    return is_denied ? SQLITE_DENY : SQLITE_OK;
}

START_TEST(where_statements_cannot_be_kept_they_are_prepared_again)
{
    check("PutItem", PUT("a"), "{}"); /* finds the table */
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_dynamo_init(db, NULL, NULL), SQLITE_OK);
    check_text(db, "SELECT count(*) FROM things('scan')", "1");
    ck_assert_int_eq(sqlite3_set_authorizer(db, deny_table_info, NULL),
                     SQLITE_OK);
    check("PutItem", PUT("b"), "{}");
    check("PutItem", PUT("c"), "{}");
    sqlite3_set_authorizer(db, NULL, NULL);
    check_sound(3);
}
END_TEST

START_TEST(the_table_that_keeps_statements_cannot_be_read)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT * FROM dynamo_kept", -1,
                                        &statement, NULL),
                     SQLITE_ERROR);
    ck_assert_ptr_null(statement);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("api_host");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_write_alone_is_a_transaction);
    tcase_add_test(tests, a_failed_write_leaves_no_transaction);
    tcase_add_test(tests, writes_belong_to_the_transaction);
    tcase_add_test(tests, a_table_made_in_the_transaction_is_written);
    tcase_add_test(
        tests, reads_are_allowed_where_something_is_written_and_writes_are_not);
    tcase_add_test(tests, a_query_may_write_for_each_row);
    tcase_add_test(tests, reading_writes_nothing);
    tcase_add_test(tests, what_another_connection_changes_is_seen);
    tcase_add_test(tests, a_table_that_was_the_last_one_is_missed);
    tcase_add_test(
        tests, a_table_that_was_replaced_is_found_though_the_old_one_is_open);
    tcase_add_test(tests, a_locked_file_is_an_error_that_leaves_nothing);
    tcase_add_test(tests, tables_of_other_schemas_are_named_with_them);
    tcase_add_test(tests, the_cost_is_that_of_the_last_call);
    tcase_add_test(tests, each_call_of_a_statement_tells_its_own_units);
    tcase_add_test(tests, a_request_may_have_more_expressions_than_are_kept);
    tcase_add_test(tests, writes_alone_prepare_nothing_again);
    tcase_add_test(tests, a_connection_with_kept_statements_closes);
    tcase_add_test(tests,
                   a_table_that_was_written_can_be_dropped_and_made_again);
    tcase_add_test(tests, a_schema_that_was_written_can_be_detached);
    tcase_add_test(tests,
                   where_statements_cannot_be_kept_they_are_prepared_again);
    tcase_add_test(tests, the_table_that_keeps_statements_cannot_be_read);
    return unit_run("api_host", tests);
}
