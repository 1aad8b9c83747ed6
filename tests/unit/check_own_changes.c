/* Foreign changes: what is ours never changes their number, and what is not
 * always does. */
#include "engine/own_changes.h"
#include "unit.h"

static dyn_own_changes own;
static int64_t first; /* with 10 changes in all */

static void setup(void)
{
    own = (dyn_own_changes){.counted = 0};
    first = dyn_foreign_changes(&own, 10);
}

START_TEST(changes_of_stores_are_ours)
{
    own.counted += 3;
    ck_assert_int_eq(dyn_foreign_changes(&own, 13), first);
    ck_assert_int_ne(dyn_foreign_changes(&own, 14), first);
}
END_TEST

/* SQLite counts rows of virtual tables when their statement ends. */
START_TEST(rows_are_ours_before_they_are_counted_and_after)
{
    dyn_own_changes_add_row(&own);
    dyn_own_changes_add_row(&own);
    ck_assert_int_eq(dyn_foreign_changes(&own, 10), first);
    ck_assert_int_eq(dyn_foreign_changes(&own, 12), first);
    ck_assert_int_ne(dyn_foreign_changes(&own, 13), first);
}
END_TEST

START_TEST(rows_excuse_no_other_number_of_changes)
{
    for (int64_t others = 1; others <= 5; others++) {
        setup();
        dyn_own_changes_add_row(&own);
        dyn_own_changes_add_row(&own);
        ck_assert_int_ne(dyn_foreign_changes(&own, 12 + others), first);
    }
}
END_TEST

/* They are counted once: then the same number more is somebody else's. */
START_TEST(rows_are_counted_once)
{
    dyn_own_changes_add_row(&own);
    ck_assert_int_eq(dyn_foreign_changes(&own, 11), first);
    ck_assert_int_ne(dyn_foreign_changes(&own, 12), first);
}
END_TEST

START_TEST(rows_that_are_rolled_back_excuse_nothing)
{
    dyn_own_changes_add_row(&own);
    dyn_own_changes_forget_rows(&own);
    ck_assert_int_ne(dyn_foreign_changes(&own, 11), first);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("own_changes");
    tcase_add_checked_fixture(tests, setup, NULL);
    tcase_add_test(tests, changes_of_stores_are_ours);
    tcase_add_test(tests, rows_are_ours_before_they_are_counted_and_after);
    tcase_add_test(tests, rows_excuse_no_other_number_of_changes);
    tcase_add_test(tests, rows_are_counted_once);
    tcase_add_test(tests, rows_that_are_rolled_back_excuse_nothing);
    return unit_run("own_changes", tests);
}
