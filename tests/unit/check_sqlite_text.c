/* Texts for SQLite: what databases in each encoding give back. */
#include "base/sqlite_text.h"

#include "base/utf8.h"

#include <check.h>
#include <sqlite3.h>
#include <stdlib.h>

static const struct {
    const char *text;
    bool is_special;
} texts[] = {
    {"", false},
    {"a", false},
    {"\xef\xbf", false},
    {"\xef\xbf\xbd", false},     /* U+FFFD */
    {"\xef\xbb\xbfmark", false}, /* U+FEFF */
    {"\xf0\x9f\x98\x80", false}, /* U+1F600 */
    {"\xf0\x9f\xbf\xbf", false}, /* U+1FFFF, which SQLite takes over */
    {"\xef\xbf\xbe", true},      /* U+FFFE: a byte order mark, swapped */
    {"\xef\xbf\xbf", true},      /* U+FFFF */
    {"\xef\xbb\xbf\xef\xbf\xbf", true},
    {"\xef\xbd\x81\xef\xbf\xbf", true},
    {"\xc3\xa9\xf0\x9f\x98\x80\xef\xbf\xbf\xe2\x82\xac", true},
    {"\xef\xbf\xbf\xff", false}, /* is not valid */
    {"\xef\xbf\xbf\xf0", false},
};
static const char *const encodings[] = {"UTF-8", "UTF-16le", "UTF-16be"};

enum {
    TEXTS = sizeof(texts) / sizeof(texts[0]),
    ENCODINGS = sizeof(encodings) / sizeof(encodings[0]),
};

static sqlite3 *open_database(const char *encoding)
{
    sqlite3 *db = NULL;
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    char *sql =
        sqlite3_mprintf("PRAGMA encoding = '%s'; CREATE TABLE t(a)", encoding);
    ck_assert_int_eq(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_free(sql);
    return db;
}

START_TEST(special_texts_are_those_that_sqlite_changes)
{
    dyn_bytes text = dyn_bytes_text(texts[_i].text);
    ck_assert_int_eq(dyn_sqlite_text_is_special(text), texts[_i].is_special);
}
END_TEST

static void expect_returned(sqlite3 *db, dyn_bytes text)
{
    sqlite3_stmt *statement = NULL;
    dyn_sqlite_text given = dyn_sqlite_text_of(text, SQLITE_STATIC);
    ck_assert_ptr_nonnull(given.data);
    ck_assert_int_eq(sqlite3_prepare_v2(db, "SELECT ?", -1, &statement, NULL),
                     SQLITE_OK);
    sqlite3_bind_text64(statement, 1, given.data, given.size_bytes,
                        given.destructor, given.encoding);
    ck_assert_int_eq(sqlite3_step(statement), SQLITE_ROW);
    const unsigned char *found = sqlite3_column_text(statement, 0);
    size_t size = (size_t)sqlite3_column_bytes(statement, 0);
    ck_assert(dyn_bytes_equal((dyn_bytes){found, size}, text));
    sqlite3_finalize(statement);
}

START_TEST(valid_texts_come_back_from_any_encoding)
{
    sqlite3 *db = open_database(encodings[_i]);
    for (int i = 0; i < TEXTS; i++) {
        dyn_bytes text = dyn_bytes_text(texts[i].text);
        if (dyn_utf8_valid(text)) expect_returned(db, text);
    }
    const unsigned char zeros[] = {0, 0xef, 0xbf, 0xbf, 0};
    expect_returned(db, (dyn_bytes){zeros, sizeof(zeros)});
    expect_returned(db, (dyn_bytes){NULL, 0});
    ck_assert_int_eq(sqlite3_close(db), SQLITE_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sqlite_text");
    TCase *tests = tcase_create("sqlite_text");
    tcase_add_loop_test(tests, special_texts_are_those_that_sqlite_changes, 0,
                        TEXTS);
    tcase_add_loop_test(tests, valid_texts_come_back_from_any_encoding, 0,
                        ENCODINGS);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
