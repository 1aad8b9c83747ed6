/* The lifetime of a store: its shadow tables come and go together, under its
 * name; and how a function of the store fails. */
#define _POSIX_C_SOURCE 200809L // NOLINT(bugprone-reserved-identifier)
#include "engine/rows.h"
#include "engine/store.h"
#include "store.h"
#include "unit.h"

#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/check_store-XXXXXX";
static sqlite3 *other; /* another connection to the same file */

/* A store in a file that another connection has open, too. */
static void create_in_file(void)
{
    strcpy(path + strlen(path) - 6, "XXXXXX");
    close(mkstemp(path));
    ck_assert_int_eq(sqlite3_open(path, &db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_open(path, &other), SQLITE_OK);
    ck_assert_int_eq(dyn_store_open(&call, db, "main", "t", &store), DYN_OK);
    ck_assert_int_eq(dyn_store_create(&call, store), DYN_OK);
}

static void close_file(void)
{
    ck_assert_int_eq(sqlite3_close(other), SQLITE_OK);
    unlink(path);
}

static dyn_status insert(const char *key, size_t item_bytes)
{
    static unsigned char item[5000];
    return dyn_rows_insert(&call, store, DYN_TREE_ITEMS, dyn_bytes_text(key),
                           (dyn_bytes){item, item_bytes});
}

static dyn_status get(const char *key, bool *found)
{
    dyn_row row;
    return dyn_rows_get(&call, store, DYN_TREE_ITEMS, dyn_bytes_text(key),
                        found, &row);
}

static bool exists(void)
{
    bool out = false;
    ck_assert_int_eq(dyn_store_exists(&call, store, &out), DYN_OK);
    return out;
}

static int64_t tables(const char *name)
{
    char sql[100];
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM sqlite_schema"
             " WHERE type = 'table' AND name GLOB '%s_*'",
             name);
    return number(sql);
}

START_TEST(shadow_tables_exist_from_create_to_drop)
{
    ck_assert_int_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    ck_assert_int_eq(dyn_store_open(&call, db, "main", "t", &store), DYN_OK);
    ck_assert(!exists());
    ck_assert_int_eq(dyn_store_create(&call, store), DYN_OK);
    ck_assert(exists());
    ck_assert_int_eq(tables("t"), 13);
    ck_assert_int_eq(insert("12345678k", 10), DYN_OK);
    ck_assert_int_eq(dyn_store_drop(&call, store), DYN_OK);
    ck_assert(!exists());
    ck_assert_int_eq(number("SELECT count(*) FROM sqlite_schema"), 0);
}
END_TEST

/* Statements of the old name are not run any more. */
START_TEST(a_rename_takes_all_along)
{
    bool found = false;
    create_store("PRAGMA page_size = 4096");
    ck_assert_int_eq(insert("12345678k", 10), DYN_OK);
    ck_assert_int_eq(dyn_store_rename(&call, store, "an \"odd\" {table}"),
                     DYN_OK);
    ck_assert(exists());
    ck_assert_int_eq(tables("t"), 0);
    ck_assert_int_eq(tables("an \"odd\" {table}"), 13);
    ck_assert_int_eq(get("12345678k", &found), DYN_OK);
    ck_assert(found);
    ck_assert_int_eq(insert("12345678l", 10), DYN_OK);
}
END_TEST

START_TEST(a_rename_that_is_rolled_back_is_noticed)
{
    create_store("BEGIN");
    exec("COMMIT; BEGIN");
    ck_assert_int_eq(dyn_store_rename(&call, store, "u"), DYN_OK);
    ck_assert(exists());
    exec("ROLLBACK");
    ck_assert(!exists());
    ck_assert_int_eq(tables("t"), 13);
}
END_TEST

START_TEST(the_commits_of_others_change_the_version)
{
    unsigned first = 0;
    unsigned version = 0;
    create_in_file();
    ck_assert_str_eq(dyn_store_file(store), path);
    ck_assert_int_eq(dyn_store_version(&call, store, &first), DYN_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM t_leaves"), 0);
    ck_assert_int_eq(dyn_store_version(&call, store, &version), DYN_OK);
    ck_assert_uint_eq(version, first);
    ck_assert_int_eq(
        sqlite3_exec(other, "CREATE TABLE plain(x)", NULL, NULL, NULL),
        SQLITE_OK);
    ck_assert_int_eq(number("SELECT count(*) FROM plain"), 0);
    ck_assert_int_eq(dyn_store_version(&call, store, &version), DYN_OK);
    ck_assert_uint_ne(version, first);
    close_file();
}
END_TEST

START_TEST(a_database_in_memory_has_no_file)
{
    create_store("PRAGMA page_size = 4096");
    ck_assert_str_eq(dyn_store_file(store), "");
}
END_TEST

/* -------------------------------------------------------------- failing -- */

START_TEST(a_table_that_is_missing_is_damage)
{
    bool found = false;
    create_store("PRAGMA page_size = 4096");
    exec("DROP TABLE t_leaves");
    ck_assert_int_eq(get("12345678k", &found), DYN_CORRUPT);
    ck_assert_ptr_nonnull(
        strstr(call.error.message, "shadow tables are damaged: "));
}
END_TEST

START_TEST(a_lock_is_no_damage)
{
    bool found = false;
    create_in_file();
    ck_assert_int_eq(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL),
                     SQLITE_OK);
    ck_assert_int_eq(get("12345678k", &found), DYN_SQLITE);
    ck_assert_int_eq(call.error.sqlite_code, SQLITE_BUSY);
    close_file();
}
END_TEST

/* A large item is written before its leaf, another one only there. */
START_TEST(a_failed_write_is_torn_when_another_row_was_written)
{
    create_store("PRAGMA page_size = 4096");
    ck_assert_int_eq(insert("12345678k", 10), DYN_OK);
    exec("CREATE TRIGGER refuse BEFORE UPDATE ON t_leaves"
         " BEGIN SELECT raise(ABORT, 'refused'); END");
    for (int i = 0; i < 4; i++) {
        bool is_large = i % 2 == 1;
        dyn_store_begin_write(store);
        forget();
        ck_assert_int_eq(insert("12345678l", is_large ? 5000 : 10),
                         DYN_CORRUPT);
        ck_assert_str_eq(call.error.message,
                         "shadow tables are damaged: refused");
        ck_assert(call.error.torn == is_large);
    }
}
END_TEST

static int pages_written(void)
{
    int now = 0;
    int peak = 0;
    sqlite3_db_status(db, SQLITE_DBSTATUS_CACHE_WRITE, &now, &peak, 0);
    return now;
}

/* Put an item of many pages that is another one at one place, in a transaction;
 * returns how many pages that writes, page 1 among them. */
static int pages_of_change(size_t at, size_t more)
{
    enum { BYTES = 100000 };
    static unsigned char item[BYTES + 200];
    const dyn_bytes key = dyn_bytes_text("12345678 the key");
    dyn_row row;
    bool found = false;
    item[at]++;
    dyn_bytes new = {item, BYTES + more};
    int before = pages_written();
    exec("BEGIN");
    ck_assert_int_eq(
        dyn_rows_get_to_write(&call, store, DYN_TREE_ITEMS, key, &found, &row),
        DYN_OK);
    ck_assert_int_eq(
        found ? dyn_rows_replace(&call, store, DYN_TREE_ITEMS, &row, new)
              : dyn_rows_insert(&call, store, DYN_TREE_ITEMS, key, new),
        DYN_OK);
    exec("COMMIT");
    int written = pages_written() - before;
    dyn_store_discard(store);
    ck_assert_int_eq(
        dyn_rows_get(&call, store, DYN_TREE_ITEMS, key, &found, &row), DYN_OK);
    ck_assert(found && dyn_bytes_equal(row.item, new));
    return written;
}

START_TEST(a_large_item_is_changed_in_place)
{
    create_in_file();
    ck_assert_int_gt(pages_of_change(0, 0), 24);
    ck_assert_int_eq(pages_of_change(0, 0), 2);
    ck_assert_int_eq(pages_of_change(99999, 0), 3);
    ck_assert_int_eq(pages_of_change(99999, 30), 3);
    ck_assert_int_eq(pages_of_change(50000, 30), 3);
    ck_assert_int_gt(pages_of_change(0, 190), 24);
    ck_assert_int_eq(pages_of_change(0, 190), 2);
    ck_assert_int_eq(number("SELECT count(*) FROM t_large"), 1);
    close_file();
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("store");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, shadow_tables_exist_from_create_to_drop);
    tcase_add_test(tests, a_rename_takes_all_along);
    tcase_add_test(tests, a_rename_that_is_rolled_back_is_noticed);
    tcase_add_test(tests, the_commits_of_others_change_the_version);
    tcase_add_test(tests, a_database_in_memory_has_no_file);
    tcase_add_test(tests, a_table_that_is_missing_is_damage);
    tcase_add_test(tests, a_lock_is_no_damage);
    tcase_add_test(tests, a_failed_write_is_torn_when_another_row_was_written);
    tcase_add_test(tests, a_large_item_is_changed_in_place);
    return unit_run("store", tests);
}
