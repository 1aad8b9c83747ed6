/* The collation dynamo; the contracts are in text_order.h. */
#include "text_order.h"

#include "bridge.h"

static const char BINARY[] = "BINARY";
static const char OURS[] = "dynamo";

/* SQLite converts what it compares from UTF-16. */
static int compare(void *unused, int left_bytes, const void *left,
                   int right_bytes, const void *right)
{
    (void)unused;
    return dyn_bytes_compare((dyn_bytes){left, (size_t)left_bytes},
                             (dyn_bytes){right, (size_t)right_bytes});
}

int text_order_register(sqlite3 *db)
{
    int rc =
        sqlite3_create_collation_v2(db, OURS, SQLITE_UTF8, NULL, compare, NULL);
    return rc == SQLITE_BUSY ? SQLITE_OK : rc;
}

dyn_status text_order_find(dyn_call *call, sqlite3 *db, const char **out)
{
    sqlite3_stmt *statement = NULL;
    const char *encoding = NULL;
    if (sqlite3_prepare_v2(db, "PRAGMA encoding", -1, &statement, NULL) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        encoding = (const char *)sqlite3_column_text(statement, 0);
    }
    dyn_status status = encoding == NULL ? bridge_fail(call, db) : DYN_OK;
    if (encoding != NULL) *out = strcmp(encoding, "UTF-8") == 0 ? BINARY : OURS;
    sqlite3_finalize(statement);
    return status;
}

bool text_order_is_binary(const char *collation)
{
    return strcmp(collation, BINARY) == 0;
}
