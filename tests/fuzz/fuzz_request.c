/*
 * Any text as the request of each operation, on a database in memory; tables
 * are sound afterwards: a libFuzzer entry point.
 *
 * The first byte says which operation; the rest is the request.
 */
#include "dynamo.h"

#include <assert.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const operations[] = {
    "PutItem",
    "GetItem",
    "UpdateItem",
    "DeleteItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactGetItems",
    "TransactWriteItems",
    "CreateTable",
    "UpdateTable",
    "DescribeTable",
    "DeleteTable",
    "ListTables",
    "ExecuteStatement",
    "BatchExecuteStatement",
    "ExecuteTransaction",
    "TagResource",
    "UntagResource",
    "ListTagsOfResource",
    "DescribeLimits",
    "ListStreams",
    "DescribeStream",
    "GetShardIterator",
    "GetRecords",
};

static sqlite3 *db;

static void run(const char *sql)
{
    if (sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK) return;
    fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(db));
    abort();
}

static void begin(void)
{
    int rc = sqlite3_open(":memory:", &db);
    if (rc == SQLITE_OK) rc = sqlite3_dynamo_init(db, NULL, NULL);
    if (rc != SQLITE_OK) abort();
    run("SELECT dynamo_clock('2026-01-01 00:00:00')");
    run("CREATE VIRTUAL TABLE tab USING dynamo(a TEXT PARTITION KEY, b NUMBER "
        "SORT KEY, LOCAL INDEX lix (c TEXT), GLOBAL INDEX gix (d BLOB, b) "
        "PROJECT (e), billing = 'provisioned', read_units = 5, write_units = "
        "5, throttle = 'off', stream = 'NEW_AND_OLD_IMAGES')");
    run("INSERT INTO tab(item) VALUES"
        "('{\"a\":\"x\",\"b\":1,\"c\":\"s\",\"d\":{\"B\":\"AA==\"},\"e\":1}'),"
        "('{\"a\":\"x\",\"b\":2,\"m\":{\"n\":[1,{\"SS\":[\"a\",\"b\"]}]}}'),"
        "('{\"a\":\"y\",\"b\":-3.5,\"e\":\"text\",\"l\":[1,2,3]}')");
    run("PRAGMA temp_store = MEMORY");
}

static void call_api(const char *operation, const uint8_t *text, size_t size)
{
    sqlite3_stmt *statement = NULL;
    sqlite3_prepare_v2(db, "SELECT dynamo_api(?1, ?2)", -1, &statement, NULL);
    sqlite3_bind_text(statement, 1, operation, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, (const char *)text, (int)size,
                      SQLITE_TRANSIENT);
    sqlite3_step(statement);
    sqlite3_finalize(statement);
}

static int check_row(void *context, int count, char **values, char **names)
{
    (void)context, (void)count, (void)names;
    if (strcmp(values[0], "ok") == 0) return 0;
    fprintf(stderr, "%s\n", values[0]);
    abort();
}

/* What a request does is undone, so that each meets the same tables. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { COUNT = sizeof(operations) / sizeof(operations[0]) };
    if (size == 0) return 0;
    if (db == NULL) begin();
    run("BEGIN");
    call_api(operations[data[0] % COUNT], data + 1, size - 1);
    sqlite3_exec(db, "SELECT dynamo_check(table_name) FROM dynamo_tables",
                 check_row, NULL, NULL);
    run("ROLLBACK");
    return 0;
}
