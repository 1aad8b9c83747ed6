/* What the tests of the API share: a database, and requests to dynamo_api(). */
#ifndef TESTS_API_H
#define TESTS_API_H

#include "dynamo.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

/* A request, and what comes back: the response, or the text of the error. */
typedef struct exchange {
    const char *operation;
    const char *request;
    const char *answer;
} exchange;

static sqlite3 *db;

static inline void run_sql(const char *sql)
{
    char *message = NULL;
    sqlite3_exec(db, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message);
}

static inline void api_setup(const char *sql)
{
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_dynamo_init(db, NULL, NULL), SQLITE_OK);
    run_sql(sql);
}

static inline void api_teardown(void)
{
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

/* The answer to a request, to be freed with sqlite3_free(). */
static inline char *answer_to(const char *operation, const char *request)
{
    sqlite3_stmt *statement = NULL;
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT dynamo_api(?1, ?2)", -1,
                                        &statement, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(statement, 1, operation, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 2, request, -1, SQLITE_STATIC);
    bool is_row = sqlite3_step(statement) == SQLITE_ROW;
    char *answer = sqlite3_mprintf(
        "%s", is_row ? (const char *)sqlite3_column_text(statement, 0)
                     : sqlite3_errmsg(db));
    sqlite3_finalize(statement);
    return answer;
}

static inline void check_exchange(const exchange *e)
{
    char *answer = answer_to(e->operation, e->request);
    ck_assert_msg(strcmp(answer, e->answer) == 0,
                  "%s %s\nis      %s\nnot     %s", e->operation, e->request,
                  answer, e->answer);
    sqlite3_free(answer);
}

#endif
