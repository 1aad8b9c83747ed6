/* Items and entries beside their keys: what lies in the key is not stored twice
 * and is read from there. */
#include "engine/declaration.h"
#include "engine/names.h"
#include "engine/row.h"
#include "item/item_json.h"
#include "item/key.h"
#include "unit.h"

#include <sqlite3.h>

static dyn_call call;
static dyn_definition table;
static dyn_map item;
static dyn_bytes key;
static dyn_names names;
static const dyn_layout *layout;

static dyn_bytes key_of(const dyn_map *of)
{
    dyn_buffer buffer;
    dyn_bytes out = {NULL, 0};
    dyn_key_begin(&buffer, &call);
    dyn_key_add_partition(&buffer, dyn_map_find(of, dyn_bytes_text("id")));
    dyn_key_set_hash(&buffer);
    dyn_key_add_sort(&buffer, dyn_map_find(of, dyn_bytes_text("day")));
    ck_assert_int_eq(dyn_buffer_end(&buffer, &out), DYN_OK);
    return out;
}

static void setup(void)
{
    static const char *const arguments[] = {"z", "day TEXT SORT KEY", "none",
                                            "id TEXT PARTITION KEY"};
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    dyn_call_begin(&call);
    ck_assert_int_eq(
        dyn_declaration_parse(&call, arguments, COUNT_OF(arguments), &table),
        DYN_OK);
    ck_assert_int_eq(
        dyn_item_from_text(&call,
                           dyn_bytes_text("{\"a\":1,\"day\":\"m\\u0000n\","
                                          "\"f\":2,\"id\":\"x\",\"z\":3}"),
                           &item),
        DYN_OK);
    key = key_of(&item);
    ck_assert_int_eq(dyn_names_of(&call, &table, &names), DYN_OK);
    ck_assert_int_eq(dyn_row_layout(&call, &table, NULL, &names, &layout),
                     DYN_OK);
}

static void teardown(void)
{
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static dyn_bytes encoded(void)
{
    dyn_bytes out = {NULL, 0};
    size_t texts = 0;
    ck_assert_int_eq(dyn_item_encode_rest(&call, layout, &item,
                                          dyn_map_size_bytes(&item), &texts,
                                          &out),
                     DYN_OK);
    ck_assert_uint_eq(texts, 2);
    return out;
}

/* A column is found by its number as by its name, and what is no column by its
 * name. */
static void assert_columns(const dyn_view *view)
{
    for (size_t i = 0; i <= table.attribute_count; i++) {
        dyn_bytes name = i < table.attribute_count ? table.columns[i].name
                                                   : dyn_bytes_text("a");
        bool found = false;
        bool is_named = false;
        dyn_value value;
        dyn_value named;
        ck_assert_int_eq(dyn_view_column(&call, view, i, name, &found, &value),
                         DYN_OK);
        ck_assert_int_eq(dyn_view_find(&call, view, name, &is_named, &named),
                         DYN_OK);
        ck_assert_int_eq(found, is_named);
        if (found) ck_assert(dyn_value_equal(&value, &named));
    }
}

START_TEST(keys_are_not_stored_and_are_read)
{
    dyn_view view;
    dyn_map back = {NULL, 0};
    ck_assert_int_eq(
        dyn_row_open(&call, layout, DYN_TREE_ITEMS, key, encoded(), &view),
        DYN_OK);
    ck_assert_uint_eq(view.count, 3);
    assert_columns(&view);
    ck_assert_uint_eq(view.size_bytes, dyn_map_size_bytes(&item));
    for (size_t i = 0; i < item.count; i++) {
        bool found = false;
        dyn_value value;
        ck_assert_int_eq(dyn_view_find(&call, &view, item.attributes[i].name,
                                       &found, &value),
                         DYN_OK);
        ck_assert(found && dyn_value_equal(&value, &item.attributes[i].value));
    }
    ck_assert_int_eq(dyn_view_decode(&call, &view, &back), DYN_OK);
    ck_assert_uint_eq(back.count, item.count);
    for (size_t i = 0; i < item.count; i++) {
        ck_assert(
            dyn_bytes_equal(back.attributes[i].name, item.attributes[i].name));
        ck_assert(dyn_value_equal(&back.attributes[i].value,
                                  &item.attributes[i].value));
    }
}
END_TEST

/* Columns have their numbers: z, day, none, id. */
START_TEST(names_of_columns_are_stored_as_numbers)
{
    dyn_bytes stored = encoded();
    const unsigned char *at = stored.data;
    const unsigned char *end = at + stored.size_bytes;
    ck_assert_uint_eq(*at++, dyn_map_size_bytes(&item));
    ck_assert_uint_eq(*at++, 3);
    ck_assert(at[0] == 2 && at[1] == 'a' && (at[2] & 0xe0) == 0x20);
    at += 3 + (at[2] & 0x1f);
    ck_assert(at[0] == 2 && at[1] == 'f' && (at[2] & 0xe0) == 0x20);
    at += 3 + (at[2] & 0x1f);
    ck_assert(at[0] == 1 && (at[1] & 0xe0) == 0x20);
    ck_assert_ptr_eq(at + 2 + (at[1] & 0x1f), end);
}
END_TEST

/* Stored items that have one attribute, NULL, of a number that is a name. */
static const struct {
    const char *why;
    const char *data;
    size_t size_bytes;
    dyn_status status;
} numbered[] = {
    {"the number of a column", "\x02\x01\x05\x00", 4, DYN_OK},
    {"the number of no column", "\x02\x01\x09\x00", 4, DYN_CORRUPT},
    {"a large number", "\x02\x01\xff\xff\xff\x0f\x00", 7, DYN_CORRUPT},
    {"a number within a map", "\x02\x01\x05\x06\x03\x01\x07\x00", 8,
     DYN_CORRUPT},
    {"names in order", "\x02\x02\x05\x00\x01\x00", 6, DYN_OK},
    {"names out of order", "\x02\x02\x01\x00\x05\x00", 6, DYN_CORRUPT},
    {"the number of a key", "\x02\x01\x03\x00", 4, DYN_CORRUPT},
};

START_TEST(a_number_is_that_of_a_column)
{
    dyn_bytes stored = {(const unsigned char *)numbered[_i].data,
                        numbered[_i].size_bytes};
    dyn_view view;
    dyn_map back;
    ck_assert_int_eq(
        dyn_row_open(&call, layout, DYN_TREE_ITEMS, key, stored, &view),
        DYN_OK);
    ck_assert_msg(dyn_view_decode(&call, &view, &back) == numbered[_i].status,
                  "%s", numbered[_i].why);
    if (numbered[_i].status == DYN_OK) assert_columns(&view);
}
END_TEST

START_TEST(a_path_below_a_key_leads_nowhere)
{
    static const dyn_step step = {.is_index = true};
    dyn_view view;
    dyn_value value;
    bool found = true;
    ck_assert_int_eq(
        dyn_row_open(&call, layout, DYN_TREE_ITEMS, key, encoded(), &view),
        DYN_OK);
    ck_assert_int_eq(dyn_view_find_path(&call, &view, dyn_bytes_text("day"),
                                        &step, 1, &found, &value),
                     DYN_OK);
    ck_assert(!found);
}
END_TEST

START_TEST(what_cannot_be_an_item_is_damage)
{
    dyn_bytes stored = {NULL, 0};
    dyn_bytes cut = {key.data, key.size_bytes - 1};
    dyn_view view;
    dyn_map back;
    bool found = false;
    dyn_value value;

    /* a reference, which only an entry can be */
    ck_assert_int_eq(dyn_item_encode(&call, NULL, NULL, 9, &stored), DYN_OK);
    ck_assert_int_eq(
        dyn_row_open(&call, layout, DYN_TREE_ITEMS, key, stored, &view),
        DYN_CORRUPT);
    ck_assert_int_eq(dyn_item_encode(&call, NULL, NULL, 9, &stored), DYN_OK);
    ck_assert_int_eq(dyn_row_open(&call, layout, 1, key, stored, &view),
                     DYN_OK);
    ck_assert(view.is_reference && view.size_bytes == 9);

    /* keys among the attributes */
    ck_assert_int_eq(dyn_item_encode(&call, NULL, &item, 9, &stored), DYN_OK);
    ck_assert_int_eq(
        dyn_row_open(&call, layout, DYN_TREE_ITEMS, key, stored, &view),
        DYN_OK);
    ck_assert_int_eq(dyn_view_decode(&call, &view, &back), DYN_CORRUPT);

    /* a key that does not end */
    ck_assert_int_eq(
        dyn_item_encode(&call, NULL, &(dyn_map){NULL, 0}, 9, &stored), DYN_OK);
    ck_assert_int_eq(
        dyn_row_open(&call, layout, DYN_TREE_ITEMS, cut, stored, &view),
        DYN_OK);
    ck_assert_int_eq(dyn_view_decode(&call, &view, &back), DYN_CORRUPT);
    ck_assert_int_eq(
        dyn_view_find(&call, &view, dyn_bytes_text("day"), &found, &value),
        DYN_CORRUPT);

    /* a key without a whole hash */
    cut.size_bytes = DYN_KEY_HASH_BYTES - 1;
    ck_assert_int_eq(
        dyn_item_encode(&call, NULL, &(dyn_map){NULL, 0}, 9, &stored), DYN_OK);
    ck_assert_int_eq(
        dyn_row_open(&call, layout, DYN_TREE_ITEMS, cut, stored, &view),
        DYN_CORRUPT);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("row");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, keys_are_not_stored_and_are_read);
    tcase_add_test(tests, names_of_columns_are_stored_as_numbers);
    tcase_add_loop_test(tests, a_number_is_that_of_a_column, 0,
                        COUNT_OF(numbered));
    tcase_add_test(tests, a_path_below_a_key_leads_nowhere);
    tcase_add_test(tests, what_cannot_be_an_item_is_damage);
    return unit_run("row", tests);
}
