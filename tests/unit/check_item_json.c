/* Items in JSON: plain and typed reading, and that what is printed reads back
 * as the same value. */
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

static const char *printed(const dyn_map *item, dyn_json_form form)
{
    dyn_buffer out;
    dyn_bytes text;
    dyn_buffer_begin(&out, &call, 16);
    dyn_item_to_json(&out, item, form);
    ck_assert_int_eq(dyn_buffer_end(&out, &text), DYN_OK);
    return (const char *)text.data;
}

/* A text, and the item in both forms. */
static const struct {
    const char *text;
    const char *plain;
    const char *typed;
} items[] = {
    {"{}", "{}", "{}"},
    {"{\"a\":null}", "{\"a\":null}", "{\"a\":{\"NULL\":true}}"},
    {"{\"a\":{\"NULL\":true}}", "{\"a\":null}", "{\"a\":{\"NULL\":true}}"},
    {"{\"a\":true,\"b\":false}", "{\"a\":true,\"b\":false}",
     "{\"a\":{\"BOOL\":true},\"b\":{\"BOOL\":false}}"},
    {"{\"a\":\"x\"}", "{\"a\":\"x\"}", "{\"a\":{\"S\":\"x\"}}"},
    {"{\"a\":{\"S\":\"x\"}}", "{\"a\":\"x\"}", "{\"a\":{\"S\":\"x\"}}"},
    {"{\"a\":42.1200}", "{\"a\":42.12}", "{\"a\":{\"N\":\"42.12\"}}"},
    {"{\"a\":{\"N\":\"0042.1200\"}}", "{\"a\":42.12}",
     "{\"a\":{\"N\":\"42.12\"}}"},
    {"{\"a\":-0.0}", "{\"a\":0}", "{\"a\":{\"N\":\"0\"}}"},
    {"{\"a\":12345678901234567890123456789012345678}",
     "{\"a\":12345678901234567890123456789012345678}",
     "{\"a\":{\"N\":\"12345678901234567890123456789012345678\"}}"},
    {"{\"a\":{\"B\":\"AP8=\"}}", "{\"a\":{\"B\":\"AP8=\"}}",
     "{\"a\":{\"B\":\"AP8=\"}}"},
    {"{\"a\":[1,\"x\",{\"S\":\"y\"}]}", "{\"a\":[1,\"x\",\"y\"]}",
     "{\"a\":{\"L\":[{\"N\":\"1\"},{\"S\":\"x\"},{\"S\":\"y\"}]}}"},
    {"{\"a\":{\"L\":[{\"S\":\"y\"}]}}", "{\"a\":[\"y\"]}",
     "{\"a\":{\"L\":[{\"S\":\"y\"}]}}"},
    {"{\"a\":{\"x\":1}}", "{\"a\":{\"x\":1}}",
     "{\"a\":{\"M\":{\"x\":{\"N\":\"1\"}}}}"},
    {"{\"a\":{\"M\":{\"x\":{\"N\":\"1\"}}}}", "{\"a\":{\"x\":1}}",
     "{\"a\":{\"M\":{\"x\":{\"N\":\"1\"}}}}"},
    {"{\"a\":{\"SS\":[\"y\",\"x\"]}}", "{\"a\":{\"SS\":[\"x\",\"y\"]}}",
     "{\"a\":{\"SS\":[\"x\",\"y\"]}}"},
    {"{\"a\":{\"NS\":[\"10\",\"9\"]}}", "{\"a\":{\"NS\":[\"9\",\"10\"]}}",
     "{\"a\":{\"NS\":[\"9\",\"10\"]}}"},
    {"{\"a\":{\"BS\":[\"/w==\",\"\"]}}", "{\"a\":{\"BS\":[\"\",\"/w==\"]}}",
     "{\"a\":{\"BS\":[\"\",\"/w==\"]}}"},
    /* An item itself is never read as typed. */
    {"{\"S\":\"x\"}", "{\"S\":\"x\"}", "{\"S\":{\"S\":\"x\"}}"},
    {"{\"M\":{\"S\":\"x\"}}", "{\"M\":\"x\"}", "{\"M\":{\"S\":\"x\"}}"},
    /* Objects that are not exactly of typed form are maps. */
    {"{\"a\":{\"S\":1}}", "{\"a\":{\"S\":1}}",
     "{\"a\":{\"M\":{\"S\":{\"N\":\"1\"}}}}"},
    {"{\"a\":{\"N\":1}}", "{\"a\":{\"N\":1}}",
     "{\"a\":{\"M\":{\"N\":{\"N\":\"1\"}}}}"},
    {"{\"a\":{\"NULL\":false}}", "{\"a\":{\"NULL\":false}}",
     "{\"a\":{\"M\":{\"NULL\":{\"BOOL\":false}}}}"},
    {"{\"a\":{\"S\":\"x\",\"N\":\"1\"}}", "{\"a\":{\"N\":\"1\",\"S\":\"x\"}}",
     "{\"a\":{\"M\":{\"N\":{\"S\":\"1\"},\"S\":{\"S\":\"x\"}}}}"},
    {"{\"a\":{\"L\":[1]}}", "{\"a\":{\"M\":{\"L\":{\"L\":[{\"N\":\"1\"}]}}}}",
     "{\"a\":{\"M\":{\"L\":{\"L\":["
     "{\"N\":\"1\"}]}}}}"},
    {"{\"a\":{\"s\":\"x\"}}", "{\"a\":{\"s\":\"x\"}}",
     "{\"a\":{\"M\":{\"s\":{\"S\":\"x\"}}}}"},
    /* A map that looks like a typed value is printed as a map. */
    {"{\"a\":{\"M\":{\"S\":{\"S\":\"x\"}}}}",
     "{\"a\":{\"M\":{\"S\":{\"S\":\"x\"}}}}",
     "{\"a\":{\"M\":{\"S\":{\"S\":\"x\"}}}}"},
    {"{\"a\":{\"M\":{\"BOOL\":{\"BOOL\":true}}}}",
     "{\"a\":{\"M\":{\"BOOL\":{\"BOOL\":true}}}}",
     "{\"a\":{\"M\":{\"BOOL\":{\"BOOL\":true}}}}"},
    {"{\"a\":{\"M\":{\"SS\":{\"L\":[{\"S\":\"x\"}]}}}}",
     "{\"a\":{\"M\":{\"SS\":{\"L\":[{\"S\":\"x\"}]}}}}",
     "{\"a\":{\"M\":{\"SS\":{\"L\":[{\"S\":\"x\"}]}}}}"},
};

START_TEST(an_item_is_printed_in_both_forms)
{
    dyn_map item = item_of(items[_i].text);
    ck_assert_str_eq(printed(&item, DYN_JSON_TYPED), items[_i].typed);
    ck_assert_str_eq(printed(&item, DYN_JSON_PLAIN), items[_i].plain);
}
END_TEST

static void assert_reads_back(const dyn_map *item)
{
    dyn_value value = {.type = DYN_TYPE_M, .map = *item};
    for (int form = DYN_JSON_PLAIN; form <= DYN_JSON_TYPED; form++) {
        const char *text = printed(item, (dyn_json_form)form);
        dyn_value again = {.type = DYN_TYPE_M, .map = item_of(text)};
        ck_assert_msg(dyn_value_equal(&value, &again), "%s", text);
    }
    const dyn_json *json;
    dyn_value typed = {.type = DYN_TYPE_M};
    ck_assert_int_eq(
        dyn_json_parse(&call, dyn_bytes_text(printed(item, DYN_JSON_TYPED)),
                       DYN_JSON_DEPTH_MAX, &json),
        DYN_OK);
    ck_assert_int_eq(dyn_item_from_typed(&call, json, &typed.map), DYN_OK);
    ck_assert(dyn_value_equal(&value, &typed));
}

START_TEST(what_is_printed_reads_back)
{
    dyn_map item = item_of(items[_i].text);
    assert_reads_back(&item);
}
END_TEST

/* --------------------------------------------------------------- random -- */

static uint64_t state;

static void random_value(dyn_value *out, int levels);

static dyn_bytes random_word(void)
{
    static const char *const words[] = {"", "AA==", "1", "x", "\"\\\n"};
    return dyn_bytes_text(words[unit_random(&state, COUNT_OF(words))]);
}

static void random_list(dyn_list *out, int levels)
{
    out->count = unit_random(&state, 3);
    out->elements = dyn_alloc(&call, out->count * sizeof(dyn_value));
    for (size_t i = 0; i < out->count; i++)
        random_value(&out->elements[i], levels);
}

/* Names are mostly those of types, and mostly one to a map. */
static void random_map(dyn_map *out, int levels)
{
    out->count = unit_random(&state, 4) == 0 ? unit_random(&state, 4) : 1;
    out->attributes = dyn_alloc(&call, out->count * sizeof(dyn_attribute));
    uint32_t name = unit_random(&state, DYN_TYPE_COUNT);
    for (size_t i = 0; i < out->count; i++) {
        dyn_type type = (dyn_type)((name + i) % DYN_TYPE_COUNT);
        out->attributes[i].name = dyn_bytes_text(dyn_type_name(type));
        random_value(&out->attributes[i].value, levels);
    }
    ck_assert_int_eq(dyn_map_sort(&call, out), DYN_OK);
}

static void random_set(dyn_value *out)
{
    out->list.count = 1 + unit_random(&state, 2);
    out->list.elements = dyn_alloc(&call, out->list.count * sizeof(dyn_value));
    dyn_type type = dyn_type_of_member(out->type);
    for (size_t i = 0; i < out->list.count; i++) {
        dyn_value *member = &out->list.elements[i];
        member->type = type;
        if (type == DYN_TYPE_N) {
            dyn_number_from_int64((int64_t)i, &member->number);
        } else {
            member->bytes = dyn_bytes_text(i == 0 ? "" : "AA==");
        }
    }
}

static void random_value(dyn_value *out, int levels)
{
    memset(out, 0, sizeof(*out));
    out->type = (dyn_type)unit_random(&state, DYN_TYPE_COUNT);
    bool is_container = out->type == DYN_TYPE_L || out->type == DYN_TYPE_M;
    if (is_container && levels == 0) out->type = DYN_TYPE_S;
    if (out->type == DYN_TYPE_M) {
        random_map(&out->map, levels - 1);
    } else if (out->type == DYN_TYPE_L) {
        random_list(&out->list, levels - 1);
    } else if (dyn_type_is_set(out->type)) {
        random_set(out);
    } else if (out->type == DYN_TYPE_BOOL) {
        out->boolean = unit_random(&state, 2) == 0;
    } else if (out->type == DYN_TYPE_N) {
        dyn_number_from_int64(unit_random(&state, 100), &out->number);
    } else if (out->type != DYN_TYPE_NULL) {
        out->bytes = random_word();
    }
}

START_TEST(random_items_read_back)
{
    state = (uint64_t)_i;
    for (int round = 0; round < 5000; round++) {
        dyn_attribute attribute = {.name = dyn_bytes_text("a")};
        dyn_map item = {&attribute, 1};
        random_value(&attribute.value, 5);
        assert_reads_back(&item);
        dyn_call_end(&call);
        dyn_call_begin(&call);
    }
}
END_TEST

/* ---------------------------------------------------------------- sizes -- */

#define DIGITS "12345678901234567890123456789012345678"

/* The vectors of docs/semantics.md 1; numbers as the only attribute, named a.
 */
static const struct {
    const char *text;
    size_t size_bytes;
} sizes[] = {
    {"{}", 0},
    {"{\"shirt-color\":{\"S\":\"R\"},\"shirt-size\":{\"S\":\"M\"}}", 23},
    {"{\"a\":0}", 1 + 1},
    {"{\"a\":1}", 1 + 2},
    {"{\"a\":12}", 1 + 2},
    {"{\"a\":123}", 1 + 3},
    {"{\"a\":1010}", 1 + 3},
    {"{\"a\":123456}", 1 + 4},
    {"{\"a\":" DIGITS "}", 1 + 20},
    {"{\"a\":100}", 1 + 2},
    {"{\"a\":1E125}", 1 + 2},
    {"{\"a\":1.5}", 1 + 3},
    {"{\"a\":3.14159}", 1 + 5},
    {"{\"a\":100.5}", 1 + 4},
    {"{\"a\":0.15}", 1 + 2},
    {"{\"a\":-42}", 1 + 3},
    {"{\"a\":-12345}", 1 + 5},
    {"{\"a\":null}", 1 + 1},
    {"{\"a\":true}", 1 + 1},
    {"{\"a\":\"\"}", 1},
    {"{\"\xc3\xa4\":\"\xe2\x82\xac\"}", 2 + 3},
    {"{\"a\":{\"B\":\"AP8=\"}}", 1 + 2},
    {"{\"a\":[]}", 1 + 3},
    {"{\"a\":{}}", 1 + 3},
    {"{\"a\":[\"xy\",[]]}", 1 + 3 + (1 + 2) + (1 + 3)},
    {"{\"a\":{\"key\":\"xy\"}}", 1 + 3 + (1 + 3 + 2)},
    {"{\"a\":{\"SS\":[\"x\",\"yz\"]}}", 1 + 3},
    {"{\"a\":{\"NS\":[\"1\",\"-42\"]}}", 1 + 5},
    {"{\"a\":{\"BS\":[\"\",\"AP8=\"]}}", 1 + 2},
};

START_TEST(an_item_has_the_size_of_its_pieces)
{
    dyn_map item = item_of(sizes[_i].text);
    ck_assert_uint_eq(dyn_map_size_bytes(&item), sizes[_i].size_bytes);
}
END_TEST

/* -------------------------------------------------------------- refused -- */

static const struct {
    const char *text;
    const char *message; /* or the beginning of it */
} refused[] = {
    {"[]", "an item must be a JSON object"},
    {"null", "an item must be a JSON object"},
    {"\"a\"", "an item must be a JSON object"},
    {"", "malformed JSON at byte 0"},
    {"{\"a\":1,}", "malformed JSON at byte 7"},
    {"{\"a\":0042.12}", "malformed JSON at byte 6"},
    {"{\"a\":1,\"a\":2}", "malformed JSON at byte 7"},
    {"{\"a\":\"\xff\"}", "malformed JSON at byte 6"},
    {"{\"a\":{\"N\":\"x\"}}",
     "attribute a: The parameter cannot be converted to a numeric value: x"},
    {"{\"a\":1e126}",
     "attribute a: Number overflow. Attempting to store a number with "
     "magnitude larger than supported range"},
    {"{\"a\":1e-131}",
     "attribute a: Number underflow. Attempting to store a number with "
     "magnitude smaller than supported range"},
    {"{\"a\":" DIGITS "1}", "attribute a: Attempting to store more than 38 "
                            "significant digits in a Number"},
    {"{\"a\":{\"B\":\"AP8\"}}", "attribute a: Invalid base64 text"},
    {"{\"a\":{\"b\":[1,{\"c\":{\"N\":\"x\"}}]}}",
     "attribute a: attribute b: attribute c: The parameter cannot be converted "
     "to a numeric value: x"},
};

START_TEST(what_is_no_item_is_refused)
{
    dyn_map item;
    ck_assert_int_eq(
        dyn_item_from_text(&call, dyn_bytes_text(refused[_i].text), &item),
        DYN_INVALID);
    ck_assert_int_eq(strncmp(call.error.message, refused[_i].message,
                             strlen(refused[_i].message)),
                     0);
}
END_TEST

#define EMPTY                                                                  \
    "Supplied AttributeValue is empty, must contain exactly one of the "       \
    "supported datatypes"
#define SEVERAL                                                                \
    "Supplied AttributeValue has more than one datatypes set, must contain "   \
    "exactly one of the supported datatypes"

static const struct {
    const char *text;
    const char *message;
} refused_typed[] = {
    {"{}", EMPTY},
    {"1", EMPTY},
    {"\"x\"", EMPTY},
    {"{\"X\":\"x\"}", EMPTY},
    {"{\"B\":null}", EMPTY},
    {"[{\"S\":\"x\"}]", EMPTY},
    {"{\"S\":\"x\",\"N\":\"1\"}", SEVERAL},
    {"{\"NULL\":false}", "One or more parameter values were invalid: Null "
                         "attribute value types must have the value of true"},
    {"{\"L\":[1]}", EMPTY},
    {"{\"M\":{\"x\":{}}}", EMPTY},
    {"{\"SS\":[]}", "One or more parameter values were invalid: An string set "
                    " may not be empty"},
};

START_TEST(what_is_not_typed_is_refused_where_it_must_be)
{
    const dyn_json *json;
    dyn_value value;
    ck_assert_int_eq(dyn_json_parse(&call,
                                    dyn_bytes_text(refused_typed[_i].text),
                                    DYN_JSON_DEPTH_MAX, &json),
                     DYN_OK);
    ck_assert_int_eq(dyn_value_from_typed(&call, json, &value), DYN_INVALID);
    ck_assert_str_eq(call.error.message, refused_typed[_i].message);
}
END_TEST

static const char *const wrong_shapes[] = {
    "{\"S\":1}",    "{\"N\":1}",     "{\"B\":false}", "{\"BOOL\":1}",
    "{\"NULL\":1}", "{\"L\":{}}",    "{\"M\":[]}",    "{\"SS\":\"x\"}",
    "{\"NS\":[1]}", "{\"BS\":[[]]}",
};

START_TEST(members_that_are_null_or_unknown_are_not_there)
{
    const dyn_json *json;
    dyn_value value;
    const char *text = "{\"N\":null,\"X\":1,\"S\":\"x\",\"s\":{}}";
    ck_assert_int_eq(
        dyn_json_parse(&call, dyn_bytes_text(text), DYN_JSON_DEPTH_MAX, &json),
        DYN_OK);
    ck_assert_int_eq(dyn_value_from_typed(&call, json, &value), DYN_OK);
    ck_assert_int_eq(value.type, DYN_TYPE_S);
    ck_assert(dyn_bytes_equal_text(value.bytes, "x"));
}
END_TEST

START_TEST(a_typed_value_of_the_wrong_shape_is_refused)
{
    const dyn_json *json;
    dyn_value value;
    ck_assert_int_eq(dyn_json_parse(&call, dyn_bytes_text(wrong_shapes[_i]),
                                    DYN_JSON_DEPTH_MAX, &json),
                     DYN_OK);
    ck_assert_int_eq(dyn_value_from_typed(&call, json, &value), DYN_INVALID);
    ck_assert_ptr_nonnull(strstr(call.error.message, "wrong JSON type"));
}
END_TEST

START_TEST(reading_survives_running_out_of_memory)
{
    static char text[20000];
    size_t used = (size_t)sprintf(text, "{\"a\":{\"SS\":[\"0\"");
    for (int i = 1; used < sizeof(text) - 20; i++)
        used += (size_t)sprintf(text + used, ",\"\\u0041%d\"", i);
    strcpy(text + used, "]}}");
    for (int countdown = 0; countdown < 1000; countdown++) {
        dyn_call inner;
        dyn_map item;
        dyn_call_begin(&inner);
        fault_set(countdown);
        dyn_status status =
            dyn_item_from_text(&inner, dyn_bytes_text(text), &item);
        fault_set_off();
        dyn_call_end(&inner);
        ck_assert_int_eq(status, fault_hit() ? DYN_NOMEM : DYN_OK);
        if (!fault_hit()) return;
    }
    ck_abort_msg("never succeeded");
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("item_json");
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_loop_test(tests, an_item_is_printed_in_both_forms, 0,
                        COUNT_OF(items));
    tcase_add_loop_test(tests, what_is_printed_reads_back, 0, COUNT_OF(items));
    tcase_add_loop_test(tests, random_items_read_back, 0, 4);
    tcase_add_loop_test(tests, an_item_has_the_size_of_its_pieces, 0,
                        COUNT_OF(sizes));
    tcase_add_loop_test(tests, what_is_no_item_is_refused, 0,
                        COUNT_OF(refused));
    tcase_add_loop_test(tests, what_is_not_typed_is_refused_where_it_must_be, 0,
                        COUNT_OF(refused_typed));
    tcase_add_test(tests, members_that_are_null_or_unknown_are_not_there);
    tcase_add_loop_test(tests, a_typed_value_of_the_wrong_shape_is_refused, 0,
                        COUNT_OF(wrong_shapes));
    tcase_add_test(tests, reading_survives_running_out_of_memory);
    return unit_run("item_json", tests);
}
