/* What the tests of the store, its rows and its catalogue share: an open store
 * of a table t, and SQL beside it. */
#ifndef TESTS_STORE_H
#define TESTS_STORE_H

#include "engine/store.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdio.h>

static dyn_call call;
static sqlite3 *db;
static dyn_store *store;

static inline void exec(const char *sql)
{
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
}

/* The number that a statement gives. */
static inline int64_t number(const char *sql)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

/* Make the shadow tables in an empty database in memory, which is to be as a
 * pragma says. */
static inline void create_store(const char *pragma)
{
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    exec(pragma);
    ck_assert_int_eq(dyn_store_open(&call, db, "main", "t", &store), DYN_OK);
    ck_assert_int_eq(dyn_store_create(&call, store), DYN_OK);
}

/* Begin a call without what the one before has left. */
static inline void forget(void)
{
    dyn_call_end(&call);
    dyn_call_begin(&call);
}

static inline void setup(void)
{
    dyn_call_begin(&call);
    db = NULL;
    store = NULL;
}

static inline void teardown(void)
{
    dyn_store_close(store);
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

#endif
