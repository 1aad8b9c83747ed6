/* The catalogue of a store: partitions, indexes, usage and meta come back as
 * they were written; and what is of no known form is damage. */
#include "engine/catalogue.h"
#include "engine/rows.h"
#include "store.h"
#include "unit.h"

#include <string.h>

/* ----------------------------------------------------------- partitions -- */

static dyn_partition_row *partitions(int64_t tree, size_t expected)
{
    dyn_partition_row *rows = NULL;
    size_t count = 0;
    ck_assert_int_eq(
        dyn_catalogue_partitions(&call, store, tree, &rows, &count), DYN_OK);
    ck_assert_uint_eq(count, expected);
    return rows;
}

static void add_partition(int64_t tree, uint64_t low)
{
    const dyn_partition_row row = {.tree = tree,
                                   .low = low,
                                   .parent = 77,
                                   .reason = DYN_PARTITION_HEAT,
                                   .since_ms = 1234567890123};
    ck_assert_int_eq(dyn_catalogue_partition_insert(&call, store, &row),
                     DYN_OK);
}

START_TEST(partitions_of_a_tree_are_in_the_order_of_their_hashes)
{
    create_store("PRAGMA page_size = 4096");
    add_partition(1, UINT64_MAX);
    add_partition(1, 0);
    add_partition(1, UINT64_C(1) << 63);
    add_partition(2, 7);
    const dyn_partition_row *rows = partitions(1, 3);
    ck_assert_uint_eq(rows[0].low, 0);
    ck_assert_uint_eq(rows[1].low, UINT64_C(1) << 63);
    ck_assert_uint_eq(rows[2].low, UINT64_MAX);
    ck_assert_int_eq(rows[0].tree, 1);
    ck_assert_int_eq(rows[2].parent, 77);
    ck_assert_int_eq(rows[2].reason, DYN_PARTITION_HEAT);
    ck_assert_int_eq(rows[2].since_ms, 1234567890123);
    ck_assert(dyn_uses_is_empty(&rows[2].uses));
    ck_assert_int_eq(dyn_catalogue_partitions_delete(&call, store, 1), DYN_OK);
    partitions(1, 0);
    ck_assert_uint_eq(partitions(2, 1)->low, 7);
}
END_TEST

START_TEST(counters_of_a_partition_add_up_and_its_minute_is_replaced)
{
    create_store("PRAGMA page_size = 4096");
    add_partition(0, 0);
    dyn_partition_row more = {
        .partition = partitions(0, 1)->partition,
        .items = 3,
        .bytes = 100,
        .left_items = 1,
        .left_bytes = 40,
        .is_charged = true,
        .minute = 9,
        .uses = {.units = {[DYN_USE_SCAN] = 5, [DYN_USE_PUT_ITEM] = 700},
                 .throttled = {[DYN_USE_BACKFILL] = 9}},
    };
    ck_assert_int_eq(dyn_catalogue_partition_add(&call, store, &more), DYN_OK);
    more.is_charged = false; /* its minute and uses are nothing then */
    more.minute = 10;
    ck_assert_int_eq(dyn_catalogue_partition_add(&call, store, &more), DYN_OK);
    const dyn_partition_row *row = partitions(0, 1);
    ck_assert_int_eq(row->items, 6);
    ck_assert_int_eq(row->bytes, 200);
    ck_assert_int_eq(row->left_items, 2);
    ck_assert_int_eq(row->left_bytes, 80);
    ck_assert_int_eq(row->minute, 9);
    ck_assert_mem_eq(&row->uses, &more.uses, sizeof(dyn_uses));
    more.is_charged = true;
    more.uses.units[DYN_USE_SCAN] = 6;
    ck_assert_int_eq(dyn_catalogue_partition_add(&call, store, &more), DYN_OK);
    row = partitions(0, 1);
    ck_assert_int_eq(row->minute, 10);
    ck_assert_mem_eq(&row->uses, &more.uses, sizeof(dyn_uses));
}
END_TEST

START_TEST(a_split_is_prepared_beside_the_units)
{
    create_store("PRAGMA page_size = 4096");
    add_partition(0, 5);
    dyn_partition_row row = *partitions(0, 1);
    row.uses.units[DYN_USE_PUT_ITEM] = 7;
    row.is_charged = true;
    ck_assert_int_eq(dyn_catalogue_partition_add(&call, store, &row), DYN_OK);
    row = (dyn_partition_row){.partition = row.partition,
                              .items = 8,
                              .bytes = 9,
                              .is_walked = true,
                              .walked = UINT64_MAX - 1,
                              .left_items = 3,
                              .left_bytes = 4,
                              .give_up_bytes = 6};
    ck_assert_int_eq(dyn_catalogue_partition_set(&call, store, &row), DYN_OK);
    const dyn_partition_row *set = partitions(0, 1);
    ck_assert(set->is_walked);
    ck_assert_uint_eq(set->walked, UINT64_MAX - 1);
    ck_assert_int_eq(set->items, 8);
    ck_assert_int_eq(set->left_bytes, 4);
    ck_assert_int_eq(set->give_up_bytes, 6);
    ck_assert_uint_eq(set->low, 5);
    ck_assert_int_eq(set->uses.units[DYN_USE_PUT_ITEM], 7);
    ck_assert_int_eq(set->parent, 77);
    row.is_walked = false;
    ck_assert_int_eq(dyn_catalogue_partition_set(&call, store, &row), DYN_OK);
    ck_assert(!partitions(0, 1)->is_walked);
}
END_TEST

/* -------------------------------------------------------------- indexes -- */

static const dyn_index_row *indexes(size_t expected)
{
    dyn_index_row *rows = NULL;
    size_t count = 0;
    ck_assert_int_eq(dyn_catalogue_indexes(&call, store, &rows, &count),
                     DYN_OK);
    ck_assert_uint_eq(count, expected);
    return rows;
}

static void add_index(int64_t tree, const char *declaration, bool is_filling)
{
    const dyn_index_row row = {
        .tree = tree, .declaration = declaration, .is_filling = is_filling};
    ck_assert_int_eq(dyn_catalogue_index_insert(&call, store, &row), DYN_OK);
}

START_TEST(an_index_is_filled_up_to_a_position)
{
    create_store("PRAGMA page_size = 4096");
    add_index(31, "last", false);
    add_index(2, "first", true);
    const dyn_index_row *rows = indexes(2);
    ck_assert_int_eq(rows[0].tree, 2);
    ck_assert_str_eq(rows[0].declaration, "first");
    ck_assert(rows[0].is_filling); /* from the very first item */
    ck_assert_uint_eq(rows[0].position.size_bytes, 0);
    ck_assert_int_eq(rows[1].tree, 31);
    ck_assert(!rows[1].is_filling);
    const dyn_index_row row = {.tree = 2,
                               .is_filling = true,
                               .position = dyn_bytes_text("12345678k"),
                               .skipped = 4};
    ck_assert_int_eq(dyn_catalogue_index_set(&call, store, &row), DYN_OK);
    ck_assert_int_eq(dyn_catalogue_index_declare(&call, store, 31, "other"),
                     DYN_OK);
    rows = indexes(2);
    ck_assert(rows[0].is_filling);
    ck_assert(dyn_bytes_equal_text(rows[0].position, "12345678k"));
    ck_assert_int_eq(rows[0].skipped, 4);
    ck_assert_str_eq(rows[0].declaration, "first");
    ck_assert_str_eq(rows[1].declaration, "other");
}
END_TEST

static void add_row(int64_t tree)
{
    ck_assert_int_eq(dyn_rows_insert(&call, store, tree,
                                     dyn_bytes_text("12345678k"),
                                     dyn_bytes_text("item")),
                     DYN_OK);
}

static int64_t count_rows(int64_t tree)
{
    int64_t rows = 0;
    int64_t leaves = 0;
    ck_assert_int_eq(dyn_rows_count(&call, store, tree, &rows, &leaves),
                     DYN_OK);
    return rows;
}

/* A tree has no rows that an index of before, or damage, has left there. */
START_TEST(an_index_begins_and_ends_with_its_tree)
{
    create_store("PRAGMA page_size = 4096");
    add_row(DYN_TREE_ITEMS);
    add_row(3);
    add_index(3, "one", false);
    ck_assert_int_eq(count_rows(3), 0);
    add_row(3);
    ck_assert_int_eq(dyn_catalogue_index_delete(&call, store, 3), DYN_OK);
    indexes(0);
    ck_assert_int_eq(count_rows(3), 0);
    ck_assert_int_eq(count_rows(DYN_TREE_ITEMS), 1);
    ck_assert_int_eq(number("SELECT count(*) FROM t_leaves"), 1);
}
END_TEST

START_TEST(clearing_an_index_leaves_items_and_other_indexes)
{
    create_store("PRAGMA page_size = 4096");
    add_index(3, "one", false);
    add_index(4, "two", false);
    for (int64_t tree = 0; tree < 6; tree++) /* 1, 2, 5: of no index */
        add_row(tree);
    ck_assert_int_eq(dyn_catalogue_index_clear(&call, store, 3), DYN_OK);
    indexes(2);
    for (int64_t tree = 0; tree < 6; tree++)
        ck_assert_int_eq(count_rows(tree), tree == 0 || tree == 4);
    ck_assert_int_eq(number("SELECT count(*) FROM t_leaves"), 2);
}
END_TEST

/* ---------------------------------------------------------------- usage -- */

static void add_usage(int64_t minute, const char *name, dyn_use use,
                      int64_t units)
{
    const dyn_usage_row row = {
        minute, dyn_bytes_text(name), use, units, 2 * units, 3 * units};
    ck_assert_int_eq(dyn_catalogue_usage_add(&call, store, &row), DYN_OK);
}

static const dyn_usage_row *usage(size_t expected)
{
    dyn_usage_row *rows = NULL;
    size_t count = 0;
    ck_assert_int_eq(
        dyn_catalogue_usage(&call, store, INT64_MIN, &rows, &count), DYN_OK);
    ck_assert_uint_eq(count, expected);
    return rows;
}

START_TEST(what_is_of_one_minute_name_and_use_adds_up)
{
    create_store("PRAGMA page_size = 4096");
    add_usage(11, "", DYN_USE_QUERY, 100);
    add_usage(10, "index", DYN_USE_SCAN, 1);
    add_usage(10, "", DYN_USE_QUERY, 10);
    add_usage(10, "index", DYN_USE_SCAN, 2);
    add_usage(10, "index", DYN_USE_BACKFILL, 4);
    const dyn_usage_row *rows = usage(4);
    ck_assert_int_eq(rows[0].minute, 10);
    ck_assert(dyn_bytes_equal_text(rows[0].name, ""));
    ck_assert_int_eq(rows[0].read_halves, 10);
    ck_assert(dyn_bytes_equal_text(rows[1].name, "index"));
    ck_assert_int_eq(rows[1].read_halves, 3);
    ck_assert_int_eq(rows[1].write_units, 6);
    ck_assert_int_eq(rows[1].throttled, 9);
    ck_assert_int_eq(rows[2].use, DYN_USE_BACKFILL);
    ck_assert_int_eq(rows[3].minute, 11);
    ck_assert_int_eq(dyn_catalogue_usage_prune(&call, store, 11, 2), DYN_OK);
    usage(2);
    ck_assert_int_eq(dyn_catalogue_usage_prune(&call, store, 11, 2), DYN_OK);
    ck_assert_int_eq(usage(1)->minute, 11);
}
END_TEST

static void add_load(int64_t minute, int64_t partition)
{
    const dyn_load_row row = {minute, partition, 1, 20, 300};
    ck_assert_int_eq(dyn_catalogue_load_add(&call, store, &row), DYN_OK);
}

static const dyn_load_row *loads(int64_t first_minute, size_t expected)
{
    dyn_load_row *rows = NULL;
    size_t count = 0;
    ck_assert_int_eq(
        dyn_catalogue_loads(&call, store, first_minute, &rows, &count), DYN_OK);
    ck_assert_uint_eq(count, expected);
    return rows;
}

START_TEST(loads_of_a_partition_and_minute_add_up_and_go_with_the_partition)
{
    create_store("PRAGMA page_size = 4096");
    add_partition(0, 0);
    add_partition(5, 0);
    int64_t first = partitions(0, 1)->partition;
    int64_t second = partitions(5, 1)->partition;
    for (int i = 0; i < 5; i++) {
        add_load(10 + i, second);
        add_load(10 + i, first);
    }
    add_load(14, second);
    const dyn_load_row *rows = loads(13, 4);
    ck_assert_int_eq(rows[0].minute, 13);
    ck_assert_int_eq(rows[0].partition, first);
    ck_assert_int_eq(rows[3].read_halves, 2);
    ck_assert_int_eq(rows[3].write_units, 40);
    ck_assert_int_eq(rows[3].throttled, 600);
    ck_assert_int_eq(dyn_catalogue_loads_prune(&call, store, 12, 3), DYN_OK);
    loads(0, 7);
    ck_assert_int_eq(dyn_catalogue_partitions_delete(&call, store, 5), DYN_OK);
    rows = loads(0, 3);
    ck_assert_int_eq(rows[2].partition, first);
}
END_TEST

static void provision(int64_t minute, const char *name, int64_t units)
{
    const dyn_provisioned_row row = {minute, dyn_bytes_text(name), units == 0,
                                     units, 2 * units};
    ck_assert_int_eq(dyn_catalogue_provisioned_put(&call, store, &row), DYN_OK);
}

static const dyn_provisioned_row *provisioned(size_t expected)
{
    dyn_provisioned_row *rows = NULL;
    size_t count = 0;
    ck_assert_int_eq(dyn_catalogue_provisioned(&call, store, &rows, &count),
                     DYN_OK);
    ck_assert_uint_eq(count, expected);
    return rows;
}

START_TEST(what_was_provisioned_stays_known_for_the_minutes_that_are_kept)
{
    create_store("PRAGMA page_size = 4096");
    provision(10, "", 1);
    provision(20, "", 0);
    provision(20, "index", 9);
    provision(30, "", 3);
    provision(30, "", 4);
    const dyn_provisioned_row *rows = provisioned(4);
    ck_assert(rows[1].is_on_demand);
    ck_assert_int_eq(rows[2].read_units, 4);
    ck_assert_int_eq(rows[2].write_units, 8);
    ck_assert(dyn_bytes_equal_text(rows[3].name, "index"));
    ck_assert_int_eq(dyn_catalogue_provisioned_prune(&call, store, 19), DYN_OK);
    provisioned(4);
    ck_assert_int_eq(dyn_catalogue_provisioned_prune(&call, store, 29), DYN_OK);
    ck_assert_int_eq(provisioned(3)->minute, 20);
    ck_assert_int_eq(dyn_catalogue_provisioned_prune(&call, store, 99), DYN_OK);
    ck_assert_int_eq(provisioned(2)->minute, 30);
}
END_TEST

/* ----------------------------------------------------------------- meta -- */

static void set_text(const char *name, const char *text)
{
    ck_assert_int_eq(dyn_catalogue_meta_set_text(&call, store, name, text),
                     DYN_OK);
}

static bool meta(const char *name, dyn_bytes *text, int64_t *value)
{
    bool found = false;
    ck_assert_int_eq(
        dyn_catalogue_meta(&call, store, name, &found, text, value), DYN_OK);
    return found;
}

START_TEST(meta_has_texts_and_numbers)
{
    dyn_bytes text = {NULL, 0};
    int64_t value = 1;
    create_store("PRAGMA page_size = 4096");
    ck_assert(!meta("name", &text, &value));
    ck_assert_uint_eq(text.size_bytes, 0);
    ck_assert_int_eq(value, 0);
    set_text("name", "one");
    set_text("name", "another");
    ck_assert_int_eq(
        dyn_catalogue_meta_set_number(&call, store, "number", INT64_MIN),
        DYN_OK);
    ck_assert(meta("name", &text, &value));
    ck_assert(dyn_bytes_equal_text(text, "another"));
    ck_assert(meta("number", &text, &value));
    ck_assert_int_eq(value, INT64_MIN);
    ck_assert_int_eq(dyn_catalogue_meta_delete(&call, store, "name"), DYN_OK);
    ck_assert(!meta("name", &text, &value));
}
END_TEST

static const char *const encodings[] = {
    "PRAGMA encoding = 'UTF-8'",
    "PRAGMA encoding = 'UTF-16le'",
    "PRAGMA encoding = 'UTF-16be'",
};

/* In UTF-16 the two characters are in the other order. */
START_TEST(meta_is_listed_in_the_order_of_utf8)
{
    dyn_meta_row *rows = NULL;
    size_t count = 0;
    create_store(encodings[_i]);
    set_text("tag \U0001F600", "behind");
    set_text("tag \uFF5E", "before \U0001F600");
    set_text("tag ", "of no name");
    set_text("tag", "no blank");
    set_text("tags x", "another word");
    ck_assert_int_eq(
        dyn_catalogue_meta_list(&call, store, "tag", &rows, &count), DYN_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert(dyn_bytes_equal_text(rows[0].name, ""));
    ck_assert(dyn_bytes_equal_text(rows[1].name, "\uFF5E"));
    ck_assert(dyn_bytes_equal_text(rows[1].text, "before \U0001F600"));
    ck_assert(dyn_bytes_equal_text(rows[2].name, "\U0001F600"));
}
END_TEST

START_TEST(meta_is_pruned_by_the_number_before_a_text)
{
    dyn_meta_row *rows = NULL;
    size_t count = 0;
    create_store(encodings[_i]);
    set_text("token a", "99 request");
    set_text("token b", "100 request");
    set_text("other", "1");
    ck_assert_int_eq(dyn_catalogue_meta_prune(&call, store, "token", 100),
                     DYN_OK);
    ck_assert_int_eq(
        dyn_catalogue_meta_list(&call, store, "token", &rows, &count), DYN_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert(dyn_bytes_equal_text(rows[0].name, "b"));
    ck_assert_int_eq(number("SELECT count(*) FROM t_meta"), 3); /* with id */
}
END_TEST

/* --------------------------------------------------------------- damage -- */

static dyn_status read_all(void)
{
    size_t count = 0;
    dyn_partition_row *partition = NULL;
    dyn_index_row *index = NULL;
    dyn_usage_row *units = NULL;
    dyn_load_row *load = NULL;
    dyn_provisioned_row *settings = NULL;
    DYN_TRY(dyn_catalogue_partitions(&call, store, 0, &partition, &count));
    DYN_TRY(dyn_catalogue_indexes(&call, store, &index, &count));
    DYN_TRY(dyn_catalogue_usage(&call, store, INT64_MIN, &units, &count));
    DYN_TRY(dyn_catalogue_loads(&call, store, 0, &load, &count));
    return dyn_catalogue_provisioned(&call, store, &settings, &count);
}

static const char *const damages[] = {
    "UPDATE t_partitions SET low = x'00'",
    "UPDATE t_partitions SET walked = 'seven b'",
    "UPDATE t_partitions SET uses = x'08'",
    "UPDATE t_partitions SET uses = x'000000ff'",
    "UPDATE t_partitions SET reason = 4",
    "UPDATE t_partitions SET reason = -1",
    "UPDATE t_indexes SET tree = 0",
    "UPDATE t_indexes SET tree = 32",
    "UPDATE t_indexes SET skipped = -1",
    "UPDATE t_indexes SET declaration = x'00'",
    "UPDATE t_usage SET read_halves = -1",
    "UPDATE t_usage SET write_units = 1 << 51",
    "UPDATE t_usage SET minute = -1 << 51",
    "UPDATE t_usage SET use = 8",
    "UPDATE t_usage SET use = -1",
    "UPDATE t_usage SET throttled = -1",
    "UPDATE t_loads SET write_units = -1",
    "UPDATE t_loads SET throttled = 1 << 51",
    "UPDATE t_provisioned SET read_units = -1",
    "UPDATE t_provisioned SET write_units = NULL",
    "DROP TABLE t_indexes",
};

START_TEST(what_is_of_no_known_form_is_damage)
{
    create_store("PRAGMA page_size = 4096");
    add_partition(0, 0);
    add_index(1, "index", false);
    add_usage(1, "", DYN_USE_QUERY, 1);
    add_load(1, 1);
    provision(1, "", 1);
    ck_assert_int_eq(read_all(), DYN_OK);
    exec(damages[_i]);
    ck_assert_int_eq(read_all(), DYN_CORRUPT);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("catalogue");
    int encoding_count = COUNT_OF(encodings);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests,
                   partitions_of_a_tree_are_in_the_order_of_their_hashes);
    tcase_add_test(tests,
                   counters_of_a_partition_add_up_and_its_minute_is_replaced);
    tcase_add_test(tests, a_split_is_prepared_beside_the_units);
    tcase_add_test(tests, an_index_is_filled_up_to_a_position);
    tcase_add_test(tests, an_index_begins_and_ends_with_its_tree);
    tcase_add_test(tests, clearing_an_index_leaves_items_and_other_indexes);
    tcase_add_test(tests, what_is_of_one_minute_name_and_use_adds_up);
    tcase_add_test(
        tests,
        loads_of_a_partition_and_minute_add_up_and_go_with_the_partition);
    tcase_add_test(
        tests, what_was_provisioned_stays_known_for_the_minutes_that_are_kept);
    tcase_add_test(tests, meta_has_texts_and_numbers);
    tcase_add_loop_test(tests, meta_is_listed_in_the_order_of_utf8, 0,
                        encoding_count);
    tcase_add_loop_test(tests, meta_is_pruned_by_the_number_before_a_text, 0,
                        encoding_count);
    tcase_add_loop_test(tests, what_is_of_no_known_form_is_damage, 0,
                        COUNT_OF(damages));
    return unit_run("catalogue", tests);
}
