/*
 * A program that links SQLite, and dynamo from its static library. Prints "ok".
 */
#include "dynamo.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static int expect(sqlite3 *db, const char *sql, const char *want)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(statement);
    const char *text = rc == SQLITE_ROW
                           ? (const char *)sqlite3_column_text(statement, 0)
                           : sqlite3_errmsg(db);
    int failed = text == NULL || strcmp(text, want) != 0;
    if (failed) printf("%s: %s\n", sql, text == NULL ? "NULL" : text);
    sqlite3_finalize(statement);
    return failed;
}

/* Two connections, each of which finds the extension there. */
static int run(void)
{
    sqlite3 *db = NULL;
    int failed = sqlite3_open(":memory:", &db) != SQLITE_OK;
    failed += sqlite3_exec(db,
                           "CREATE VIRTUAL TABLE orders USING dynamo(id TEXT "
                           "PARTITION KEY, day TEXT SORT KEY, amount NUMBER);"
                           "INSERT INTO orders(id, day, amount) VALUES('ann', "
                           "'mon', 1.5), ('ann', 'tue', 2);"
                           "UPDATE orders SET amount = amount * 2 WHERE id = "
                           "'ann' AND day = 'tue';",
                           NULL, NULL, NULL) != SQLITE_OK;
    failed +=
        expect(db, "SELECT sum(amount) FROM orders WHERE id = 'ann'", "5.5");
    failed += expect(db, "SELECT dynamo_check('orders')", "ok");
    failed += expect(db, "SELECT items FROM dynamo_tables", "2");
    failed += sqlite3_close(db) != SQLITE_OK;
    return failed;
}

int main(void)
{
    int rc = sqlite3_auto_extension((void (*)(void))sqlite3_dynamo_init);
    int failed = rc != SQLITE_OK;
    failed += run();
    failed += run();
    sqlite3_reset_auto_extension();
    failed += sqlite3_shutdown() != SQLITE_OK;
    if (sqlite3_memory_used() != 0) {
        printf("%lld bytes are not freed\n", sqlite3_memory_used());
        failed++;
    }
    if (failed == 0) puts("ok");
    return failed != 0;
}
