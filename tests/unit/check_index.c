/* Indexes: how they are declared and printed, what an item has in one, and the
 * way back from an entry to the key of its item. */
#include "call.h"
#include "engine/declaration.h"
#include "engine/index.h"
#include "item/item_json.h"
#include "item/key.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { ARGUMENTS_MAX = 40 };

/* A table with a sort key and an index. */
static dyn_status declare(const char *index, dyn_definition *out)
{
    const char *arguments[] = {"id TEXT PARTITION KEY",
                               "day NUMBER SORT KEY",
                               "a TEXT",
                               "b NUMBER",
                               "c BLOB",
                               "d",
                               index};
    return dyn_declaration_parse(&call, arguments, COUNT_OF(arguments), out);
}

/* ---------------------------------------------------------- declarations -- */

static const struct {
    const char *index;
    const char *printed;
} good[] = {
    {"LOCAL INDEX x (a)", "LOCAL INDEX \"x\" (\"a\")"},
    {"local index x (a) project keys",
     "LOCAL INDEX \"x\" (\"a\") PROJECT KEYS"},
    {"LOCAL INDEX x (e BLOB)", "LOCAL INDEX \"x\" (\"e\" BLOB)"},
    {"GLOBAL INDEX x (a)", "GLOBAL INDEX \"x\" PARTITION KEY (\"a\")"},
    {"GLOBAL INDEX x (a, b) PROJECT ALL",
     "GLOBAL INDEX \"x\" PARTITION KEY (\"a\") SORT KEY (\"b\")"},
    {"GLOBAL INDEX \"x-1.y\" (day, id)",
     "GLOBAL INDEX \"x-1.y\" PARTITION KEY (\"day\") SORT KEY (\"id\")"},
    {"GLOBAL INDEX x (a TEXT, e NUMBER) PROJECT (d, \"f \"\"g\"\"\")",
     "GLOBAL INDEX \"x\" PARTITION KEY (\"a\") SORT KEY (\"e\" NUMBER) PROJECT "
     "(\"d\", \"f \"\"g\"\"\")"},
    {"GLOBAL INDEX x (a) PROJECT (id, day, a)",
     "GLOBAL INDEX \"x\" PARTITION KEY (\"a\") PROJECT KEYS"},
    {"GLOBAL INDEX x PARTITION KEY (a, b, c, day) SORT KEY (id, e TEXT, f "
     "TEXT, g TEXT)",
     "GLOBAL INDEX \"x\" PARTITION KEY (\"a\", \"b\", \"c\", \"day\") SORT KEY "
     "(\"id\", \"e\" TEXT, \"f\" TEXT, \"g\" TEXT)"},
};

START_TEST(a_good_index_is_read_and_printed)
{
    dyn_definition table;
    const char *text = NULL;
    ck_assert_int_eq(declare(good[_i].index, &table), DYN_OK);
    ck_assert_uint_eq(table.index_count, 1);
    ck_assert_uint_eq(table.column_count, 6);
    ck_assert_int_eq(
        dyn_declaration_print_index(&call, &table, table.indexes, &text),
        DYN_OK);
    ck_assert_str_eq(text, good[_i].printed);

    /* and what is printed is read again */
    dyn_definition more;
    dyn_definition bare = table;
    bare.index_count = 0;
    bare.attribute_count = bare.column_count;
    ck_assert_int_eq(dyn_declaration_add_index(&call, &bare, text, &more),
                     DYN_OK);
    const char *again = NULL;
    ck_assert_int_eq(
        dyn_declaration_print_index(&call, &more, more.indexes, &again),
        DYN_OK);
    ck_assert_str_eq(again, text);
    ck_assert_uint_eq(more.attribute_count, table.attribute_count);
}
END_TEST

static const struct {
    const char *index;
    const char *message;
} bad[] = {
    {"GLOBAL INDEX", "expected the name of the index at the end"},
    {"GLOBAL INDEX x", "expected ( at the end"},
    {"GLOBAL INDEX x a", "unexpected \"a\": expected ("},
    {"GLOBAL INDEX x (a", "expected ) at the end"},
    {"GLOBAL INDEX x (a,)", "unexpected \")\": expected the name of a key"},
    {"GLOBAL INDEX x (a TIME)", "unexpected \"TIME\": expected )"},
    {"GLOBAL INDEX x (a, b, c)",
     "index x: (a, b) is a partition and a sort key; for more of them write "
     "PARTITION KEY (a, ...) SORT KEY (b, ...)"},
    {"GLOBAL INDEX x (d)",
     "index x: column \"d\" is a key and needs a type: TEXT, NUMBER or BLOB"},
    {"GLOBAL INDEX x (e)",
     "index x: key \"e\" needs a type: declare a column \"e\" with one, or "
     "write it behind the name here, as in \"e\" TEXT"},
    {"GLOBAL INDEX x (a NUMBER)", "index x: key \"a\" is TEXT elsewhere"},
    {"GLOBAL INDEX x (a, a)", "index x: \"a\" is in its key twice"},
    {"LOCAL INDEX x (id)", "index x: \"id\" is in its key twice"},
    {"LOCAL INDEX x (a, b)",
     "index x: key \"b\" is one too many: there may be 1 here"},
    {"GLOBAL INDEX x PARTITION KEY (a, b, c, day, id)",
     "index x: key \"id\" is one too many: there may be 4 here"},
    {"GLOBAL INDEX x (a) PROJECT",
     "expected ALL, KEYS or a list of names behind PROJECT at the end"},
    {"GLOBAL INDEX x (a) PROJECT ()",
     "unexpected \")\": expected the name of an attribute"},
    {"GLOBAL INDEX x (a) PROJECT (e, e)", "index x: \"e\" is projected twice"},
    {"GLOBAL INDEX x (a) PROJECT (1)",
     "unexpected \"1\": expected the name of an attribute"},
    {"GLOBAL INDEX \"x y\" (a)",
     "index name \"x y\": letters, digits, _ . and - are allowed"},
    {"GLOBAL INDEX x (a) b", "unexpected \"b\": expected a comma"},
};

START_TEST(a_bad_index_is_refused_with_a_reason)
{
    dyn_definition table;
    ck_assert_int_eq(declare(bad[_i].index, &table), DYN_INVALID);
    ck_assert_str_eq(call.error.message, bad[_i].message);
}
END_TEST

/* count indexes, each made by format with its number. */
static dyn_status declare_many(int count, const char *format)
{
    const char *arguments[ARGUMENTS_MAX] = {"id TEXT PARTITION KEY",
                                            "day NUMBER SORT KEY", "a TEXT"};
    for (int i = 0; i < count; i++)
        arguments[3 + i] = dyn_format(&call, format, i, i, i, i, i, i);
    dyn_definition table;
    return dyn_declaration_parse(&call, arguments, (size_t)count + 3, &table);
}

START_TEST(there_are_up_to_5_local_and_20_global_indexes)
{
    static const char local[] = "LOCAL INDEX x%d (a)";
    static const char global[] = "GLOBAL INDEX x%d (a)";
    ck_assert_int_eq(declare_many(5, local), DYN_OK);
    ck_assert_int_eq(declare_many(6, local), DYN_INVALID);
    ck_assert_str_eq(
        call.error.message,
        "index x5 is one too many: a table has up to 5 local indexes");
    ck_assert_int_eq(declare_many(20, global), DYN_OK);
    ck_assert_int_eq(declare_many(21, global), DYN_INVALID);
    ck_assert_str_eq(
        call.error.message,
        "index x20 is one too many: a table has up to 20 global indexes");
}
END_TEST

START_TEST(lists_have_up_to_20_names_and_100_together)
{
    static const char five[] =
        "GLOBAL INDEX x%d (a) PROJECT (p%d, q%d, r%d, s%d, t%d)";
    ck_assert_int_eq(declare_many(20, five), DYN_OK);
    static const char six[] =
        "GLOBAL INDEX x%d (a) PROJECT (p%d, q%d, r%d, s%d, t%d, u)";
    ck_assert_int_eq(declare_many(16, six), DYN_OK);
    ck_assert_int_eq(declare_many(17, six), DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     "index x16: all indexes of a table together can project "
                     "100 attributes by name");

    dyn_definition table;
    ck_assert_int_eq(
        declare("GLOBAL INDEX x (a) PROJECT (e1,e2,e3,e4,e5,e6,e7,e8,e9,e10,"
                "f1,f2,f3,f4,f5,f6,f7,f8,f9,f10,id)",
                &table),
        DYN_OK);
    ck_assert_int_eq(
        declare("GLOBAL INDEX x (a) PROJECT (e1,e2,e3,e4,e5,e6,e7,e8,e9,e10,"
                "f1,f2,f3,f4,f5,f6,f7,f8,f9,f10,g)",
                &table),
        DYN_INVALID);
}
END_TEST

START_TEST(local_indexes_come_first_in_the_order_of_their_declaration)
{
    const char *arguments[] = {"GLOBAL INDEX g1 (a)",
                               "LOCAL INDEX l1 (a)",
                               "GLOBAL INDEX g2 (a)",
                               "LOCAL INDEX l2 (b)",
                               "id TEXT PARTITION KEY",
                               "day NUMBER SORT KEY",
                               "a TEXT",
                               "b TEXT"};
    static const char *const names[] = {"l1", "l2", "g1", "g2"};
    dyn_definition table;
    ck_assert_int_eq(
        dyn_declaration_parse(&call, arguments, COUNT_OF(arguments), &table),
        DYN_OK);
    ck_assert_uint_eq(table.index_count, COUNT_OF(names));
    for (int i = 0; i < (int)COUNT_OF(names); i++) {
        ck_assert_int_eq(dyn_definition_index(&table, dyn_bytes_text(names[i])),
                         i);
    }
    ck_assert_int_eq(dyn_definition_index(&table, dyn_bytes_text("L1")), -1);
}
END_TEST

/* --------------------------------------------------------------- entries -- */

static dyn_map item_of(const char *json)
{
    dyn_map item = {NULL, 0};
    ck_assert_int_eq(dyn_item_from_text(&call, dyn_bytes_text(json), &item),
                     DYN_OK);
    return item;
}

/* The key that an item with this id and day has in the table. */
static dyn_bytes key_of(const dyn_map *item)
{
    dyn_buffer key;
    dyn_bytes bytes = {NULL, 0};
    dyn_key_begin(&key, &call);
    dyn_key_add_partition(&key, dyn_map_find(item, dyn_bytes_text("id")));
    dyn_key_set_hash(&key);
    dyn_key_add_sort(&key, dyn_map_find(item, dyn_bytes_text("day")));
    ck_assert_int_eq(dyn_buffer_end(&key, &bytes), DYN_OK);
    return bytes;
}

static const struct {
    const char *index;
    const char *item;
    const char *entry; /* NULL: there is none */
} entries[] = {
    {"GLOBAL INDEX x (a)", "{\"id\":\"i\",\"day\":1,\"b\":2}", NULL},
    {"GLOBAL INDEX x (a, b)", "{\"id\":\"i\",\"day\":1,\"a\":\"v\"}", NULL},
    {"GLOBAL INDEX x (a)", "{\"id\":\"i\",\"day\":1,\"a\":\"v\",\"e\":[1]}",
     "{\"a\":\"v\",\"day\":1,\"e\":[1],\"id\":\"i\"}"},
    {"GLOBAL INDEX x (a) PROJECT KEYS",
     "{\"id\":\"i\",\"day\":1,\"a\":\"v\",\"e\":[1]}",
     "{\"a\":\"v\",\"day\":1,\"id\":\"i\"}"},
    {"GLOBAL INDEX x (a) PROJECT (e, f)",
     "{\"id\":\"i\",\"day\":1,\"a\":\"v\",\"e\":[1],\"g\":1}",
     "{\"a\":\"v\",\"day\":1,\"e\":[1],\"id\":\"i\"}"},
    {"LOCAL INDEX x (b) PROJECT KEYS",
     "{\"id\":\"i\",\"day\":1,\"a\":\"v\",\"b\":-7.5}",
     "{\"b\":-7.5,\"day\":1,\"id\":\"i\"}"},
    {"GLOBAL INDEX x (day, id) PROJECT KEYS",
     "{\"id\":\"i\\u0000\",\"day\":1,\"a\":\"v\"}",
     "{\"day\":1,\"id\":\"i\\u0000\"}"},
    {"GLOBAL INDEX x PARTITION KEY (a, id) SORT KEY (b)",
     "{\"id\":\"i\",\"day\":-1,\"a\":\"v\",\"b\":2}",
     "{\"a\":\"v\",\"b\":2,\"day\":-1,\"id\":\"i\"}"},
    {"GLOBAL INDEX x PARTITION KEY (a, b) SORT KEY (c, day) PROJECT KEYS",
     "{\"id\":\"i\",\"day\":1,\"a\":\"v\",\"b\":2,\"c\":{\"B\":\"AAE=\"}}",
     "{\"a\":\"v\",\"b\":2,\"c\":{\"B\":\"AAE=\"},\"day\":1,\"id\":\"i\"}"},
};

START_TEST(an_entry_has_what_the_index_projects_and_leads_to_its_item)
{
    dyn_definition table;
    dyn_entry entry;
    ck_assert_int_eq(declare(entries[_i].index, &table), DYN_OK);
    dyn_map item = item_of(entries[_i].item);
    dyn_bytes key = key_of(&item);
    ck_assert_int_eq(
        dyn_entry_of(&call, &table, table.indexes, &item, key, &entry), DYN_OK);
    ck_assert_int_eq(entry.is_there, entries[_i].entry != NULL);
    if (entries[_i].entry == NULL) return;

    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    dyn_buffer_begin(&text, &call, 64);
    dyn_item_to_json(&text, &entry.item, DYN_JSON_PLAIN);
    ck_assert_int_eq(dyn_buffer_end(&text, &bytes), DYN_OK);
    ck_assert_str_eq((const char *)bytes.data, entries[_i].entry);
    ck_assert_uint_eq(entry.size_bytes, dyn_map_size_bytes(&entry.item));

    dyn_bytes back = {NULL, 0};
    ck_assert_int_eq(
        dyn_entry_table_key(&call, &table, table.indexes, entry.key, &back),
        DYN_OK);
    ck_assert(dyn_bytes_equal(back, key));
    for (size_t size = DYN_KEY_HASH_BYTES + 1; size < entry.key.size_bytes;
         size++) { /* a key that is cut is noticed, or is of another item */
        dyn_bytes cut = {entry.key.data, size};
        dyn_status status =
            dyn_entry_table_key(&call, &table, table.indexes, cut, &back);
        ck_assert(status == DYN_CORRUPT ||
                  (status == DYN_OK && !dyn_bytes_equal(back, key)));
    }
}
END_TEST

#define INVALID "One or more parameter values were invalid: "

static const struct {
    const char *item;
    const char *message;
} refused[] = {
    {"{\"id\":\"i\",\"day\":1,\"a\":5}",
     INVALID "Type mismatch for Index Key a Expected: S Actual: N IndexName: "
             "x"},
    {"{\"id\":\"i\",\"day\":1,\"a\":\"v\",\"b\":null}",
     INVALID "Type mismatch for Index Key b Expected: N Actual: NULL "
             "IndexName: x"},
    {"{\"id\":\"i\",\"day\":1,\"b\":\"v\"}", /* a is missing, b still wrong */
     INVALID "Type mismatch for Index Key b Expected: N Actual: S IndexName: "
             "x"},
    {"{\"id\":\"i\",\"day\":1,\"a\":\"\"}",
     "One or more parameter values are not valid. A value specified for a "
     "secondary index key is not supported. The AttributeValue for a key "
     "attribute cannot contain an empty string value. IndexName: x, IndexKey: "
     "a"},
};

START_TEST(a_key_that_the_index_cannot_hold_is_refused)
{
    dyn_definition table;
    dyn_entry entry;
    ck_assert_int_eq(declare("GLOBAL INDEX x (a, b)", &table), DYN_OK);
    dyn_map item = item_of(refused[_i].item);
    ck_assert_int_eq(dyn_entry_of(&call, &table, table.indexes, &item,
                                  key_of(&item), &entry),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message, refused[_i].message);
}
END_TEST

/* An item whose a has so many bytes. */
static dyn_map long_item(int bytes)
{
    char *text = dyn_alloc(&call, (size_t)bytes + 1);
    memset(text, 'v', (size_t)bytes);
    text[bytes] = '\0';
    return item_of(
        dyn_format(&call, "{\"id\":\"i\",\"day\":1,\"a\":\"%s\"}", text));
}

static dyn_status entry_status(const char *index, int bytes)
{
    dyn_definition table;
    dyn_entry entry;
    dyn_map item = long_item(bytes);
    ck_assert_int_eq(declare(index, &table), DYN_OK);
    return dyn_entry_of(&call, &table, table.indexes, &item, key_of(&item),
                        &entry);
}

START_TEST(index_keys_have_the_limits_of_keys)
{
    static const char partition[] = "GLOBAL INDEX x (a)";
    static const char sort[] = "GLOBAL INDEX x (id, a)";
    static const char aggregated[] =
        "GLOBAL INDEX x PARTITION KEY (day) SORT KEY (id, a)";
    ck_assert_int_eq(entry_status(partition, 2048), DYN_OK);
    ck_assert_int_eq(entry_status(partition, 2049), DYN_INVALID);
    ck_assert_int_eq(entry_status(sort, 1024), DYN_OK);
    ck_assert_int_eq(entry_status(sort, 1025), DYN_INVALID);
    ck_assert_int_eq(entry_status(aggregated, 1023), DYN_OK);
    ck_assert_int_eq(entry_status(aggregated, 1024), DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     INVALID "Aggregated size of all range keys has exceeded "
                             "the size limit of 1024 bytes IndexName: x");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("index");
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_loop_test(tests, a_good_index_is_read_and_printed, 0,
                        COUNT_OF(good));
    tcase_add_loop_test(tests, a_bad_index_is_refused_with_a_reason, 0,
                        COUNT_OF(bad));
    tcase_add_test(tests, there_are_up_to_5_local_and_20_global_indexes);
    tcase_add_test(tests, lists_have_up_to_20_names_and_100_together);
    tcase_add_test(tests,
                   local_indexes_come_first_in_the_order_of_their_declaration);
    tcase_add_loop_test(
        tests, an_entry_has_what_the_index_projects_and_leads_to_its_item, 0,
        COUNT_OF(entries));
    tcase_add_loop_test(tests, a_key_that_the_index_cannot_hold_is_refused, 0,
                        COUNT_OF(refused));
    tcase_add_test(tests, index_keys_have_the_limits_of_keys);
    return unit_run("index", tests);
}
