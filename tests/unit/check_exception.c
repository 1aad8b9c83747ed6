/* What SQLite refuses, as an exception: which clients repeat, and the words. */
#include "base/exception.h"
#include "call.h"

#include <sqlite3.h>
#include <string.h>

static const struct {
    int code;
    const char *exception;
} kinds[] = {
    {SQLITE_BUSY, "ThrottlingException"},
    {SQLITE_BUSY_RECOVERY, "ThrottlingException"},
    {SQLITE_BUSY_SNAPSHOT, "ThrottlingException"},
    {SQLITE_LOCKED, "ThrottlingException"},
    {SQLITE_LOCKED_SHAREDCACHE, "ThrottlingException"},
    {SQLITE_PROTOCOL, "ThrottlingException"},
    {SQLITE_READONLY, "AccessDeniedException"},
    {SQLITE_READONLY_DIRECTORY, "AccessDeniedException"},
    {SQLITE_PERM, "AccessDeniedException"},
    {SQLITE_AUTH, "AccessDeniedException"},
    {SQLITE_FULL, "ServiceQuotaExceededException"},
    {SQLITE_TOOBIG, "ValidationException"},
    {SQLITE_INTERRUPT, "InternalServerError"},
    {SQLITE_IOERR_WRITE, "InternalServerError"},
    {SQLITE_CANTOPEN_ISDIR, "InternalServerError"},
    {SQLITE_SCHEMA, "InternalServerError"},
    {SQLITE_CORRUPT, "InternalServerError"},
    {SQLITE_NOTADB, "InternalServerError"},
    {SQLITE_ERROR, "InternalServerError"},
    {SQLITE_MISUSE, "InternalServerError"},
};

START_TEST(each_kind_has_its_exception_and_keeps_its_code)
{
    ck_assert_int_eq(dyn_fail_sqlite(&call, kinds[_i].code, "said"),
                     DYN_SQLITE);
    ck_assert_str_eq(dyn_exception_name(&call.error), kinds[_i].exception);
    ck_assert_int_eq(dyn_exception_code(&call.error), kinds[_i].code);
    ck_assert_int_eq(strncmp(call.error.message, "said", 4), 0);
}
END_TEST

START_TEST(memory_that_is_out_is_told_as_ours_is)
{
    ck_assert_int_eq(dyn_fail_sqlite(&call, SQLITE_NOMEM, "said"), DYN_NOMEM);
    ck_assert_int_eq(dyn_exception_code(&call.error), SQLITE_NOMEM);
    ck_assert_str_eq(dyn_exception_text(&call),
                     "InternalServerError: out of memory");
}
END_TEST

START_TEST(what_can_be_done_is_said_once)
{
    dyn_fail_sqlite(&call, SQLITE_FULL, "database or disk is full");
    char *message = dyn_format(&call, "orders: %s", call.error.message);
    ck_assert_str_eq(message, "orders: database or disk is full: make room, or "
                              "raise PRAGMA max_page_count");
    dyn_fail_sqlite(&call, SQLITE_FULL, message);
    ck_assert_str_eq(call.error.message, message);
}
END_TEST

START_TEST(what_was_read_too_early_is_told_from_a_lock)
{
    dyn_fail_sqlite(&call, SQLITE_BUSY_SNAPSHOT, "database is locked");
    ck_assert_ptr_nonnull(strstr(call.error.message, "BEGIN IMMEDIATE"));
    dyn_fail_sqlite(&call, SQLITE_BUSY_RECOVERY, "database is locked");
    ck_assert_ptr_nonnull(strstr(call.error.message, "PRAGMA busy_timeout"));
}
END_TEST

START_TEST(an_exception_that_was_told_with_its_name_is_told_as_it_was)
{
    dyn_fail_as(&call, "", "UnknownOperationException: no such thing");
    ck_assert_str_eq(dyn_exception_text(&call),
                     "UnknownOperationException: no such thing");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("exception");
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_loop_test(tests, each_kind_has_its_exception_and_keeps_its_code,
                        0, COUNT_OF(kinds));
    tcase_add_test(tests, memory_that_is_out_is_told_as_ours_is);
    tcase_add_test(tests, what_can_be_done_is_said_once);
    tcase_add_test(tests, what_was_read_too_early_is_told_from_a_lock);
    tcase_add_test(tests,
                   an_exception_that_was_told_with_its_name_is_told_as_it_was);
    return unit_run("exception", tests);
}
