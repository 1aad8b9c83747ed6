/* Values as trees: their order, their size, and the limits of an item. */
#include "call.h"
#include "fault.h"
#include "item/item_json.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static dyn_map item_of(const char *text)
{
    dyn_map item;
    ck_assert_int_eq(dyn_item_from_text(&call, dyn_bytes_text(text), &item),
                     DYN_OK);
    return item;
}

START_TEST(a_type_has_one_name)
{
    for (int i = 0; i < DYN_TYPE_COUNT; i++) {
        dyn_type type;
        const char *name = dyn_type_name((dyn_type)i);
        ck_assert(dyn_type_from_name(dyn_bytes_text(name), &type));
        ck_assert_int_eq(type, i);
    }
}
END_TEST

static const char *const no_types[] = {"", "s", "SSS", "MAP", "N ", "null"};

START_TEST(what_is_no_type_has_none)
{
    dyn_type type;
    ck_assert(!dyn_type_from_name(dyn_bytes_text(no_types[_i]), &type));
}
END_TEST

START_TEST(attributes_are_in_the_order_of_their_bytes)
{
    static const char *const names[] = {"Z", "a", "ab", "b", "\xc3\xa4"};
    dyn_map item = item_of("{\"b\":1,\"\xc3\xa4\":1,\"ab\":1,\"Z\":1,\"a\":1}");
    ck_assert_uint_eq(item.count, 5);
    for (size_t i = 0; i < item.count; i++) {
        ck_assert(dyn_bytes_equal_text(item.attributes[i].name, names[i]));
        ck_assert_ptr_eq(dyn_map_find(&item, dyn_bytes_text(names[i])),
                         &item.attributes[i].value);
    }
    ck_assert_ptr_null(dyn_map_find(&item, dyn_bytes_text("aa")));
}
END_TEST

START_TEST(an_attribute_given_twice_is_refused)
{
    dyn_attribute attributes[] = {
        {.name = dyn_bytes_text("a")},
        {.name = dyn_bytes_text("b")},
        {.name = dyn_bytes_text("a")},
    };
    dyn_map map = {attributes, 3};
    ck_assert_int_eq(dyn_map_sort(&call, &map), DYN_INVALID);
    ck_assert_str_eq(call.error.message, "attribute a is given more than once");
}
END_TEST

/* Sets as given, and as they are printed. */
static const struct {
    const char *given;
    const char *sorted;
} sets[] = {
    {"{\"a\":{\"SS\":[\"b\",\"\",\"a\",\"B\"]}}",
     "{\"a\":{\"SS\":[\"\",\"B\",\"a\",\"b\"]}}"},
    {"{\"a\":{\"NS\":[\"10\",\"9\",\"-1\",\"0\",\"1e2\"]}}",
     "{\"a\":{\"NS\":[\"-1\",\"0\",\"9\",\"10\",\"100\"]}}"},
    {"{\"a\":{\"BS\":[\"/w==\",\"\",\"AA==\"]}}",
     "{\"a\":{\"BS\":[\"\",\"AA==\",\"/w==\"]}}"},
};

START_TEST(members_are_in_the_order_of_their_values)
{
    dyn_map item = item_of(sets[_i].given);
    dyn_buffer out;
    dyn_bytes text;
    dyn_buffer_begin(&out, &call, 16);
    dyn_item_to_json(&out, &item, DYN_JSON_PLAIN);
    ck_assert_int_eq(dyn_buffer_end(&out, &text), DYN_OK);
    ck_assert_str_eq((const char *)text.data, sets[_i].sorted);
}
END_TEST

#define INVALID "One or more parameter values were invalid: "
#define DUPLICATES(members)                                                    \
    INVALID "Input collection [" members "] contains duplicates."

static const struct {
    const char *text;
    const char *message;
} refused_sets[] = {
    {"{\"SS\":[]}", INVALID "An string set  may not be empty"},
    {"{\"NS\":[]}", INVALID "An number set  may not be empty"},
    {"{\"BS\":[]}", INVALID "Binary sets should not be empty"},
    {"{\"SS\":[\"a\",\"a\"]}", DUPLICATES("a, a")},
    {"{\"SS\":[\"b\",\"a\",\"b\"]}", DUPLICATES("b, a, b")},
    {"{\"NS\":[\"1\",\"1.0\"]}", "Input collection contains duplicates"},
    {"{\"BS\":[\"AA==\",\"AA==\"]}",
     INVALID "Input collection [AA==, AA==]of type BS contains duplicates."},
};

START_TEST(a_set_that_is_none_is_refused)
{
    char text[100];
    dyn_map item;
    snprintf(text, sizeof(text), "{\"a\":%s}", refused_sets[_i].text);
    ck_assert_int_eq(dyn_item_from_text(&call, dyn_bytes_text(text), &item),
                     DYN_INVALID);
    ck_assert_str_eq(call.error.message, dyn_format(&call, "attribute a: %s",
                                                    refused_sets[_i].message));
}
END_TEST

/* No two of these are equal. */
static const char *const different[] = {
    "{\"a\":null}",
    "{\"a\":false}",
    "{\"a\":true}",
    "{\"a\":0}",
    "{\"a\":1}",
    "{\"a\":\"\"}",
    "{\"a\":\"1\"}",
    "{\"a\":{\"B\":\"\"}}",
    "{\"a\":{\"B\":\"MQ==\"}}",
    "{\"a\":[]}",
    "{\"a\":[1]}",
    "{\"a\":[1,1]}",
    "{\"a\":{}}",
    "{\"a\":{\"x\":1}}",
    "{\"a\":{\"y\":1}}",
    "{\"a\":{\"SS\":[\"1\"]}}",
    "{\"a\":{\"NS\":[\"1\"]}}",
    "{\"a\":{\"NS\":[\"1\",\"2\"]}}",
    "{\"a\":{\"BS\":[\"MQ==\"]}}",
};

START_TEST(a_value_equals_only_itself)
{
    dyn_map a = item_of(different[_i]);
    for (int i = 0; i < COUNT_OF(different); i++) {
        dyn_map b = item_of(different[i]);
        ck_assert_int_eq(
            dyn_value_equal(&a.attributes[0].value, &b.attributes[0].value),
            i == _i);
    }
}
END_TEST

static const struct {
    const char *text;
    size_t levels;
} nested[] = {
    {"{\"a\":1}", 0},
    {"{\"a\":{\"SS\":[\"x\"]}}", 0},
    {"{\"a\":[]}", 1},
    {"{\"a\":{}}", 1},
    {"{\"a\":[1,[],[{}]]}", 3},
    {"{\"a\":{\"b\":1,\"c\":[{\"SS\":[\"x\"]}]}}", 2},
};

START_TEST(lists_and_maps_are_levels)
{
    dyn_map item = item_of(nested[_i].text);
    ck_assert_uint_eq(dyn_value_nesting_levels(&item.attributes[0].value),
                      nested[_i].levels);
}
END_TEST

/* An item of lists within each other. */
static const char *lists(size_t levels)
{
    static char text[300];
    char *end = text + sprintf(text, "{\"a\":");
    memset(end, '[', levels);
    memset(end + levels, ']', levels);
    strcpy(end + 2 * levels, "}");
    return text;
}

START_TEST(an_item_nests_up_to_32_levels)
{
    size_t size;
    dyn_map item = item_of(lists(32));
    ck_assert_int_eq(dyn_item_check(&call, &item, &size), DYN_OK);
    item = item_of(lists(33));
    ck_assert_int_eq(dyn_item_check(&call, &item, &size), DYN_INVALID);
    ck_assert_str_eq(call.error.message,
                     "Nesting Levels have exceeded supported limits: "
                     "Attributes in the item have nested levels beyond "
                     "supported limit");
}
END_TEST

/* An item with a name and a string of so many bytes. */
static const struct {
    size_t name_bytes;
    size_t value_bytes;
    dyn_status status;
} sizes[] = {
    {0, 1, DYN_INVALID},
    {1, 0, DYN_OK},
    {1, DYN_ITEM_BYTES_MAX - 1, DYN_OK},
    {1, DYN_ITEM_BYTES_MAX, DYN_TOO_LARGE},
    {DYN_ATTRIBUTE_NAME_BYTES_MAX, 1, DYN_OK},
    {DYN_ATTRIBUTE_NAME_BYTES_MAX + 1, 1, DYN_INVALID},
};

START_TEST(an_item_keeps_the_limits_of_sizes)
{
    static unsigned char bytes[DYN_ITEM_BYTES_MAX];
    memset(bytes, 'x', sizeof(bytes));
    dyn_attribute attribute = {
        .name = {bytes, sizes[_i].name_bytes},
        .value = {.type = DYN_TYPE_S, .bytes = {bytes, sizes[_i].value_bytes}},
    };
    dyn_map item = {&attribute, 1};
    size_t size;
    ck_assert_int_eq(dyn_item_check(&call, &item, &size), sizes[_i].status);
    if (sizes[_i].status == DYN_OK) {
        ck_assert_uint_eq(size, sizes[_i].name_bytes + sizes[_i].value_bytes);
    }
    if (sizes[_i].status == DYN_TOO_LARGE) {
        ck_assert_str_eq(call.error.message,
                         "Item size has exceeded the maximum allowed size");
    }
}
END_TEST

START_TEST(sorting_survives_running_out_of_memory)
{
    enum { MEMBERS = 1000 };
    static dyn_value members[MEMBERS];
    for (int countdown = 0; countdown < 100; countdown++) {
        for (int i = 0; i < MEMBERS; i++) {
            members[i].type = DYN_TYPE_N;
            dyn_number_from_int64(MEMBERS - i, &members[i].number);
        }
        dyn_value set = {.type = DYN_TYPE_NS, .list = {members, MEMBERS}};
        fault_set(countdown);
        dyn_status status = dyn_set_sort(&call, &set);
        fault_set_off();
        if (!fault_hit()) {
            ck_assert_int_eq(status, DYN_OK);
            for (int i = 0; i < MEMBERS; i++) {
                int64_t number;
                ck_assert(
                    dyn_number_to_int64(&set.list.elements[i].number, &number));
                ck_assert_int_eq(number, i + 1);
            }
            return;
        }
        ck_assert_int_eq(status, DYN_NOMEM);
    }
    ck_abort_msg("never succeeded");
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("value");
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_test(tests, a_type_has_one_name);
    tcase_add_loop_test(tests, what_is_no_type_has_none, 0, COUNT_OF(no_types));
    tcase_add_test(tests, attributes_are_in_the_order_of_their_bytes);
    tcase_add_test(tests, an_attribute_given_twice_is_refused);
    tcase_add_loop_test(tests, members_are_in_the_order_of_their_values, 0,
                        COUNT_OF(sets));
    tcase_add_loop_test(tests, a_set_that_is_none_is_refused, 0,
                        COUNT_OF(refused_sets));
    tcase_add_loop_test(tests, a_value_equals_only_itself, 0,
                        COUNT_OF(different));
    tcase_add_loop_test(tests, lists_and_maps_are_levels, 0, COUNT_OF(nested));
    tcase_add_test(tests, an_item_nests_up_to_32_levels);
    tcase_add_loop_test(tests, an_item_keeps_the_limits_of_sizes, 0,
                        COUNT_OF(sizes));
    tcase_add_test(tests, sorting_survives_running_out_of_memory);
    return unit_run("value", tests);
}
