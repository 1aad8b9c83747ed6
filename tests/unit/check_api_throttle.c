/* What is throttled in a request of several parts: batches leave it for another
 * request and do the rest, transactions are cancelled, a statement has an error
 * of its own (docs/semantics.md 6, 12). The clock is stopped: a new table may
 * take one second's worth, and a part passes while anything of that is left. */
#include "api.h"

#define TABLE_TEXT                                                             \
    "The level of configured provisioned throughput for the table was "        \
    "exceeded. Consider increasing your provisioning level with the "          \
    "UpdateTable API."
#define INDEX_TEXT                                                             \
    "The level of configured provisioned throughput for one or more global "   \
    "secondary indexes of the table was exceeded. Consider increasing your "   \
    "provisioning level for the under-provisioned global secondary indexes "   \
    "with the UpdateTable API."
#define REASON(word, resource)                                                 \
    "\n{\"ThrottlingReasons\":[{\"reason\":\"" word "\",\"resource\":"         \
    "\"arn:aws:dynamodb:us-east-1:000000000000:table/" resource "\"}]}"
#define EXCEEDED "ProvisionedThroughputExceededException: "
#define CANCELED                                                               \
    "TransactionCanceledException: Transaction cancelled, please refer "       \
    "cancellation reasons for specific reasons "
#define THROTTLED_REASON(text)                                                 \
    "{\"Code\":\"ProvisionedThroughputExceeded\",\"Message\":\"" text "\"}"
#define NO_REASON "{\"Code\":\"None\"}"

#define KEY(id)      "{\"id\":{\"S\":\"" id "\"}}"
#define PUT(id)      "{\"PutRequest\":{\"Item\":" KEY(id) "}}"
#define DELETE(id)   "{\"DeleteRequest\":{\"Key\":" KEY(id) "}}"
#define GET(t, id)   "{\"Get\":{\"TableName\":\"" t "\",\"Key\":" KEY(id) "}}"
#define WRITE(t, id) "{\"Put\":{\"TableName\":\"" t "\",\"Item\":" KEY(id) "}}"

/* Few: two reads and two writes of one unit. Many: as many as a test wants.
 * Indexed: many, and one write of its index. */
static void setup(void)
{
    api_setup("SELECT dynamo_clock('2026-01-01 00:00:00');"
              "CREATE VIRTUAL TABLE Few USING dynamo(id TEXT PARTITION KEY, "
              "billing = 'provisioned', read_units = 2, write_units = 2);"
              "CREATE VIRTUAL TABLE Many USING dynamo(id TEXT PARTITION KEY, "
              "billing = 'provisioned', read_units = 900, write_units = 900);"
              "CREATE VIRTUAL TABLE Indexed USING dynamo("
              "id TEXT PARTITION KEY, tag TEXT, GLOBAL INDEX by_tag (tag) "
              "READ UNITS 1 WRITE UNITS 1, "
              "billing = 'provisioned', read_units = 900, write_units = 900);");
}

static void teardown(void)
{
    run_sql("SELECT dynamo_clock(NULL)");
    api_teardown();
}

static void wait_a_second(void)
{
    run_sql("SELECT dynamo_clock('+1 second')");
}

static void check_answer(const char *operation, const char *request,
                         const char *expected)
{
    check_exchange(&(exchange){operation, request, expected});
}

/* Nothing of the table's units is left. */
static void exhaust_writes(const char *table)
{
    char *sql = sqlite3_mprintf("INSERT INTO %s(id) VALUES('x'), ('y')", table);
    run_sql(sql);
    sqlite3_free(sql);
}

static int count_items(const char *table)
{
    sqlite3_stmt *statement = NULL;
    char *sql = sqlite3_mprintf("SELECT items FROM dynamo_tables "
                                "WHERE table_name = %Q",
                                table);
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int count = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    return count;
}

START_TEST(writes_that_are_throttled_come_back_and_the_rest_is_done)
{
    check_answer(
        "BatchWriteItem",
        "{\"RequestItems\":{\"Few\":[" PUT("a") "," DELETE("b") "," PUT(
            "c") "," DELETE("d") "],\"Many\":[" PUT("e") "]}}",
        "{\"UnprocessedItems\":{\"Few\":[" PUT("c") "," DELETE("d") "]}}");
    ck_assert_int_eq(count_items("Few"), 1);
    ck_assert_int_eq(count_items("Many"), 1);
}
END_TEST

/* As a client does. */
START_TEST(what_comes_back_is_a_request_for_the_rest)
{
    check_answer(
        "BatchWriteItem",
        "{\"RequestItems\":{\"Few\":[" PUT("a") "," PUT("b") "," PUT("c") "]}}",
        "{\"UnprocessedItems\":{\"Few\":[" PUT("c") "]}}");
    wait_a_second();
    check_answer("BatchWriteItem",
                 "{\"RequestItems\":{\"Few\":[" PUT("c") "]}}",
                 "{\"UnprocessedItems\":{}}");
    ck_assert_int_eq(count_items("Few"), 3);
}
END_TEST

START_TEST(a_batch_of_writes_that_can_do_nothing_is_refused)
{
    exhaust_writes("Few");
    check_answer("BatchWriteItem",
                 "{\"RequestItems\":{\"Few\":[" PUT("a") "," PUT("b") "]}}",
                 EXCEEDED TABLE_TEXT REASON(
                     "TableWriteProvisionedThroughputExceeded", "Few"));
    ck_assert_int_eq(count_items("Few"), 2);
}
END_TEST

START_TEST(a_batch_that_can_do_one_write_is_not_refused)
{
    exhaust_writes("Few");
    check_answer(
        "BatchWriteItem",
        "{\"RequestItems\":{\"Few\":[" PUT("a") "],\"Many\":[" PUT("b") "]}}",
        "{\"UnprocessedItems\":{\"Few\":[" PUT("a") "]}}");
}
END_TEST

#define TAGGED(id)                                                             \
    "{\"PutRequest\":{\"Item\":{\"id\":{\"S\":\"" id                           \
    "\"},\"tag\":{\"S\":\"t\"}}}}"

START_TEST(an_index_without_units_throttles_what_it_takes_part_in)
{
    check_answer("BatchWriteItem",
                 "{\"RequestItems\":{\"Indexed\":[" TAGGED("a") "," TAGGED(
                     "b") "," PUT("c") "]}}",
                 "{\"UnprocessedItems\":{\"Indexed\":[" TAGGED("b") "]}}");
    check_answer(
        "BatchWriteItem", "{\"RequestItems\":{\"Indexed\":[" TAGGED("b") "]}}",
        EXCEEDED INDEX_TEXT REASON("IndexWriteProvisionedThroughputExceeded",
                                   "Indexed/index/by_tag"));
}
END_TEST

START_TEST(a_batch_is_charged_for_what_it_does)
{
    check_answer("BatchWriteItem",
                 "{\"RequestItems\":{\"Few\":[" PUT("a") "," PUT("b") "," PUT(
                     "c") "]},\"ReturnConsumedCapacity\":\"TOTAL\"}",
                 "{\"UnprocessedItems\":{\"Few\":[" PUT(
                     "c") "]},\"ConsumedCapacity\":[{\"TableName\":\"Few\","
                          "\"CapacityUnits\":2.0}]}");
}
END_TEST

START_TEST(keys_that_are_throttled_come_back_with_what_was_asked_of_them)
{
    run_sql("INSERT INTO Few(id) VALUES('a'), ('b')");
    check_answer(
        "BatchGetItem",
        "{\"RequestItems\":{\"Few\":{\"Keys\":[" KEY("a") "," KEY(
            "none") "," KEY("b") "],\"ConsistentRead\":true,"
                                 "\"ProjectionExpression\":\"#i\","
                                 "\"ExpressionAttributeNames\":{\"#"
                                 "i\":\"id\"}}"
                                 ",\"Many\":{\"Keys\":[" KEY("c") "]}}}",
        "{\"Responses\":{\"Few\":[" KEY(
            "a") "],\"Many\":[]},\"UnprocessedKeys\":{\"Few\":{"
                 "\"Keys\":[" KEY("b") "],\"ConsistentRead\":true,"
                                       "\"ProjectionExpression\":\"#"
                                       "i\","
                                       "\"ExpressionAttributeNames\":{"
                                       "\"#i\":\"id\"}}}}");
}
END_TEST

/* It has cost what a read costs. */
START_TEST(a_read_of_nothing_is_a_part_that_is_done)
{
    check_answer("BatchGetItem",
                 "{\"RequestItems\":{\"Few\":{\"Keys\":[" KEY("a") "," KEY(
                     "b") "," KEY("c") "],\"ConsistentRead\":true}}}",
                 "{\"Responses\":{\"Few\":[]},\"UnprocessedKeys\":{\"Few\":{"
                 "\"Keys\":[" KEY("c") "],\"ConsistentRead\":true}}}");
}
END_TEST

START_TEST(a_batch_of_reads_that_can_do_nothing_is_refused)
{
    static const char request[] = "{\"RequestItems\":{\"Few\":{\"Keys\":[" KEY(
        "a") "," KEY("b") "],\"ConsistentRead\":true}}}";
    check_answer("BatchGetItem", request,
                 "{\"Responses\":{\"Few\":[]},\"UnprocessedKeys\":{}}");
    check_answer("BatchGetItem", request,
                 EXCEEDED TABLE_TEXT REASON(
                     "TableReadProvisionedThroughputExceeded", "Few"));
}
END_TEST

START_TEST(a_throttled_write_cancels_its_transaction)
{
    exhaust_writes("Few");
    check_answer(
        "TransactWriteItems",
        "{\"TransactItems\":[" WRITE("Many", "a") "," WRITE("Few", "b") "]}",
        CANCELED "[None, ProvisionedThroughputExceeded]\n"
                 "{\"CancellationReasons\":[" NO_REASON
                 "," THROTTLED_REASON(TABLE_TEXT) "]}");
    ck_assert_int_eq(sqlite3_errcode(db), SQLITE_BUSY);
    ck_assert_int_eq(count_items("Many"), 0);
}
END_TEST

START_TEST(a_throttled_index_has_its_own_message)
{
    run_sql("INSERT INTO Indexed(id, tag) VALUES('x', 't')");
    check_answer("TransactWriteItems",
                 "{\"TransactItems\":[{\"Put\":{\"TableName\":\"Indexed\","
                 "\"Item\":{\"id\":{\"S\":\"y\"},\"tag\":{\"S\":\"t\"}}}}]}",
                 CANCELED "[ProvisionedThroughputExceeded]\n"
                          "{\"CancellationReasons\":[" THROTTLED_REASON(
                              INDEX_TEXT) "]}");
}
END_TEST

START_TEST(a_throttled_read_cancels_its_transaction)
{
    check_answer("TransactGetItems",
                 "{\"TransactItems\":[" GET("Few", "a") "," GET(
                     "Few", "b") "," GET("Many", "c") "]}",
                 CANCELED "[None, ProvisionedThroughputExceeded, None]\n"
                          "{\"CancellationReasons\":[" NO_REASON
                          "," THROTTLED_REASON(TABLE_TEXT) "," NO_REASON "]}");
}
END_TEST

/* The token of a transaction that was cancelled is not spent. */
START_TEST(a_cancelled_transaction_can_be_tried_again)
{
    static const char request[] = "{\"TransactItems\":[" WRITE(
        "Few", "a") "],"
                    "\"ClientRequestToken\":\"t\"}";
    exhaust_writes("Few");
    check_answer("TransactWriteItems", request,
                 CANCELED "[ProvisionedThroughputExceeded]\n"
                          "{\"CancellationReasons\":[" THROTTLED_REASON(
                              TABLE_TEXT) "]}");
    wait_a_second();
    check_answer("TransactWriteItems", request, "{}");
    ck_assert_int_eq(count_items("Few"), 3);
}
END_TEST

START_TEST(a_throttled_statement_cancels_its_transaction)
{
    exhaust_writes("Few");
    check_answer("ExecuteTransaction",
                 "{\"TransactStatements\":["
                 "{\"Statement\":\"INSERT INTO Few VALUE {'id':'a'}\"},"
                 "{\"Statement\":\"INSERT INTO Many VALUE {'id':'b'}\"}]}",
                 CANCELED "[ProvisionedThroughputExceeded, None]\n"
                          "{\"CancellationReasons\":[" THROTTLED_REASON(
                              TABLE_TEXT) "," NO_REASON "]}");
    ck_assert_int_eq(count_items("Many"), 0);
}
END_TEST

#define STATEMENT_ERROR                                                        \
    "{\"Error\":{\"Code\":\"ProvisionedThroughputExceeded\",\"Message\":"      \
    "\"" TABLE_TEXT "\"},\"TableName\":\"Few\"}"

/* Also when no statement is done. */
START_TEST(a_throttled_statement_of_a_batch_has_an_error_of_its_own)
{
    exhaust_writes("Few");
    check_answer("BatchExecuteStatement",
                 "{\"Statements\":["
                 "{\"Statement\":\"INSERT INTO Few VALUE {'id':'a'}\"},"
                 "{\"Statement\":\"INSERT INTO Many VALUE {'id':'b'}\"}]}",
                 "{\"Responses\":[" STATEMENT_ERROR
                 ",{\"TableName\":\"Many\"}]}");
    check_answer("BatchExecuteStatement",
                 "{\"Statements\":["
                 "{\"Statement\":\"INSERT INTO Few VALUE {'id':'a'}\"}]}",
                 "{\"Responses\":[" STATEMENT_ERROR "]}");
}
END_TEST

START_TEST(a_partial_batch_is_part_of_the_transaction_around_it)
{
    run_sql("BEGIN");
    check_answer(
        "BatchWriteItem",
        "{\"RequestItems\":{\"Few\":[" PUT("a") "," PUT("b") "," PUT("c") "]}}",
        "{\"UnprocessedItems\":{\"Few\":[" PUT("c") "]}}");
    check_answer("BatchWriteItem",
                 "{\"RequestItems\":{\"Few\":[" PUT("d") "]}}",
                 EXCEEDED TABLE_TEXT REASON(
                     "TableWriteProvisionedThroughputExceeded", "Few"));
    run_sql("COMMIT");
    ck_assert_int_eq(count_items("Few"), 2);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("api_throttle");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests,
                   writes_that_are_throttled_come_back_and_the_rest_is_done);
    tcase_add_test(tests, what_comes_back_is_a_request_for_the_rest);
    tcase_add_test(tests, a_batch_of_writes_that_can_do_nothing_is_refused);
    tcase_add_test(tests, a_batch_that_can_do_one_write_is_not_refused);
    tcase_add_test(tests,
                   an_index_without_units_throttles_what_it_takes_part_in);
    tcase_add_test(tests, a_batch_is_charged_for_what_it_does);
    tcase_add_test(
        tests, keys_that_are_throttled_come_back_with_what_was_asked_of_them);
    tcase_add_test(tests, a_read_of_nothing_is_a_part_that_is_done);
    tcase_add_test(tests, a_batch_of_reads_that_can_do_nothing_is_refused);
    tcase_add_test(tests, a_throttled_write_cancels_its_transaction);
    tcase_add_test(tests, a_throttled_index_has_its_own_message);
    tcase_add_test(tests, a_throttled_read_cancels_its_transaction);
    tcase_add_test(tests, a_cancelled_transaction_can_be_tried_again);
    tcase_add_test(tests, a_throttled_statement_cancels_its_transaction);
    tcase_add_test(tests,
                   a_throttled_statement_of_a_batch_has_an_error_of_its_own);
    tcase_add_test(tests, a_partial_batch_is_part_of_the_transaction_around_it);
    return unit_run("api_throttle", tests);
}
