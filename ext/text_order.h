/*
 * The order of texts in SQL. That of keys is DynamoDB's: by the bytes of UTF-8.
 * SQLite's BINARY goes by the bytes of the encoding of the database, so it is
 * the same only in UTF-8. In a database in UTF-16 the columns of our tables
 * have a collation of ours, and SQLite sorts, compares and merges their texts
 * in the order in which ranges of keys are read.
 */
#ifndef EXT_TEXT_ORDER_H
#define EXT_TEXT_ORDER_H

#include "base/call.h"
#include "base/sqlite.h"

/* Register the collation. Where a statement runs, that which another extension
 * of ours has registered stays. Returns a SQLite code. */
int text_order_register(sqlite3 *db);

/* The collation that has the order of keys in the databases of a connection,
 * which are all in one encoding: BINARY or ours. Fails as bridge_fail() does.
 */
dyn_status text_order_find(dyn_call *call, sqlite3 *db, const char **out);

/* Whether it is BINARY. */
bool text_order_is_binary(const char *collation);

#endif
