/* Stored items: every value comes back, equal items are equal bytes, and
 * damaged bytes are refused. */
#include "call.h"
#include "fault.h"
#include "item/codec.h"
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

static dyn_bytes encoded(const dyn_map *item)
{
    dyn_bytes out;
    ck_assert_int_eq(
        dyn_item_encode(&call, NULL, item, dyn_map_size_bytes(item), &out),
        DYN_OK);
    return out;
}

static bool maps_equal(const dyn_map *a, const dyn_map *b)
{
    dyn_value x = {.type = DYN_TYPE_M, .map = *a};
    dyn_value y = {.type = DYN_TYPE_M, .map = *b};
    return dyn_value_equal(&x, &y);
}

static void assert_comes_back(const dyn_map *item)
{
    dyn_view view;
    dyn_map again;
    ck_assert_int_eq(dyn_view_open(&call, encoded(item), &view), DYN_OK);
    ck_assert_uint_eq(view.size_bytes, dyn_map_size_bytes(item));
    ck_assert_uint_eq(view.count, item->count);
    ck_assert_int_eq(dyn_view_decode(&call, &view, &again), DYN_OK);
    ck_assert(maps_equal(item, &again));
    for (size_t i = 0; i < item->count; i++) {
        bool found;
        dyn_value value;
        ck_assert_int_eq(dyn_view_find(&call, &view, item->attributes[i].name,
                                       &found, &value),
                         DYN_OK);
        ck_assert(found);
        ck_assert(dyn_value_equal(&value, &item->attributes[i].value));
    }
}

#define NINES "99999999999999999999999999999999999999"

static const char *const items[] = {
    "{}",
    "{\"a\":null}",
    "{\"a\":true,\"b\":false}",
    "{\"a\":\"\",\"b\":\"text\",\"c\":\"\xf0\x9f\x98\x80\\u0000\"}",
    "{\"a\":0,\"b\":1,\"c\":-1,\"d\":1e125,\"e\":1e-130,\"f\":-1e-130}",
    "{\"a\":" NINES ",\"b\":-" NINES ",\"c\":0." NINES "}",
    "{\"a\":{\"B\":\"\"},\"b\":{\"B\":\"AP8=\"}}",
    "{\"a\":[],\"b\":[null],\"c\":[1,\"x\",[true,{}]]}",
    "{\"a\":{},\"b\":{\"x\":{\"y\":{\"z\":[{}]}}}}",
    "{\"a\":{\"SS\":[\"\"]},\"b\":{\"SS\":[\"x\",\"y\"]}}",
    "{\"a\":{\"NS\":[\"0\"]},\"b\":{\"NS\":[\"-1\",\"2.50\"]}}",
    "{\"a\":{\"BS\":[\"\"]},\"b\":{\"BS\":[\"AA==\",\"/w==\"]}}",
    "{\"a\":[{\"SS\":[\"x\"]},{\"M\":{\"S\":{\"S\":\"x\"}}}]}",
};

START_TEST(an_item_comes_back)
{
    dyn_map item = item_of(items[_i]);
    assert_comes_back(&item);
}
END_TEST

static const size_t lengths[] = {
    0,   1,   120, 121, 122,   123,   124,   125,   126,   127,   128,
    129, 130, 255, 256, 16380, 16381, 16382, 16383, 16384, 16385, 65535,
};

/* Values of about so many bytes, of each type that has a length. */
START_TEST(every_length_comes_back)
{
    static unsigned char bytes[(1 << 16) + 7];
    memset(bytes, 'x', sizeof(bytes));
    dyn_bytes run = {bytes, lengths[_i]};
    dyn_value scalar = {.type = DYN_TYPE_S, .bytes = run};
    dyn_attribute member = {.name = {bytes, 3}, .value = scalar};
    dyn_value binary = {.type = DYN_TYPE_B, .bytes = run};
    dyn_attribute attributes[] = {
        {{bytes, 1}, scalar},
        {{bytes, 2}, binary},
        {{bytes, 3}, {.type = DYN_TYPE_L, .list = {&scalar, 1}}},
        {{bytes, 4}, {.type = DYN_TYPE_M, .map = {&member, 1}}},
        {{bytes, 5}, {.type = DYN_TYPE_SS, .list = {&scalar, 1}}},
        {{bytes, 6}, {.type = DYN_TYPE_BS, .list = {&binary, 1}}},
        {{bytes, 7 + lengths[_i]}, {.type = DYN_TYPE_NULL}},
    };
    dyn_map item = {attributes, COUNT_OF(attributes)};
    assert_comes_back(&item);
}
END_TEST

START_TEST(every_count_comes_back)
{
    static dyn_value elements[1 << 16];
    memset(elements, 0, sizeof(elements));
    dyn_attribute attribute = {
        dyn_bytes_text("a"),
        {.type = DYN_TYPE_L, .list = {elements, lengths[_i]}}};
    dyn_map item = {&attribute, 1};
    assert_comes_back(&item);
}
END_TEST

/* An item of lists within each other, with a set in the last one. */
static dyn_map nested(size_t levels)
{
    static char text[300];
    size_t used = (size_t)sprintf(text, "{\"a\":");
    memset(text + used, '[', levels);
    used += levels;
    used += (size_t)sprintf(text + used, "{\"SS\":[\"x\"]}");
    memset(text + used, ']', levels);
    strcpy(text + used + levels, "}");
    return item_of(text);
}

START_TEST(nesting_up_to_32_levels_comes_back)
{
    for (size_t levels = 0; levels <= DYN_NESTING_LEVELS_MAX; levels++) {
        dyn_map item = nested(levels);
        assert_comes_back(&item);
    }
}
END_TEST

START_TEST(deeper_nesting_is_refused)
{
    dyn_map item = nested(DYN_NESTING_LEVELS_MAX + 2);
    dyn_view view;
    ck_assert_int_eq(dyn_view_open(&call, encoded(&item), &view), DYN_OK);
    ck_assert_int_eq(dyn_view_decode(&call, &view, &item), DYN_CORRUPT);
}
END_TEST

/* Two spellings of one item. */
static const struct {
    const char *a;
    const char *b;
} equal[] = {
    {"{\"a\":1,\"b\":2}", "{\"b\":2,\"a\":1}"},
    {"{\"a\":1.50}", "{\"a\":15e-1}"},
    {"{\"a\":-0}", "{\"a\":{\"N\":\"0.000\"}}"},
    {"{\"a\":{\"x\":1,\"y\":2}}", "{\"a\":{\"M\":{\"y\":{\"N\":\"2\"},"
                                  "\"x\":{\"N\":\"1\"}}}}"},
    {"{\"a\":{\"SS\":[\"b\",\"a\"]}}", "{\"a\":{\"SS\":[\"a\",\"b\"]}}"},
    {"{\"a\":{\"NS\":[\"10\",\"9.0\"]}}", "{\"a\":{\"NS\":[\"9\",\"1e1\"]}}"},
    {"{\"a\":{\"BS\":[\"AA==\",\"\"]}}", "{\"a\":{\"BS\":[\"\",\"AA==\"]}}"},
};

START_TEST(equal_items_are_equal_bytes)
{
    dyn_map a = item_of(equal[_i].a);
    dyn_map b = item_of(equal[_i].b);
    ck_assert(dyn_bytes_equal(encoded(&a), encoded(&b)));
}
END_TEST

START_TEST(different_items_are_different_bytes)
{
    dyn_map a = item_of(items[_i]);
    for (int i = 0; i < COUNT_OF(items); i++) {
        dyn_map b = item_of(items[i]);
        ck_assert_int_eq(dyn_bytes_equal(encoded(&a), encoded(&b)), i == _i);
    }
}
END_TEST

/* --------------------------------------------------------------- damage -- */

static dyn_bytes copy_of(dyn_bytes bytes)
{
    dyn_bytes out;
    ck_assert_int_eq(dyn_copy(&call, bytes, &out), DYN_OK);
    return out;
}

/* Bytes are refused, or are what encoding makes of the item that they decode
 * to. Returns whether they are refused. */
static bool is_refused_or_canonical(const unsigned char *data,
                                    size_t size_bytes)
{
    dyn_call inner;
    dyn_view view;
    dyn_map item;
    dyn_bytes again;
    dyn_call_begin(&inner);
    dyn_status status =
        dyn_view_open(&inner, (dyn_bytes){data, size_bytes}, &view);
    if (status == DYN_OK) {
        bool found;
        dyn_value value;
        dyn_view_find(&inner, &view, dyn_bytes_text("a"), &found, &value);
        status = dyn_view_decode(&inner, &view, &item);
    }
    if (status == DYN_OK) {
        ck_assert_int_eq(dyn_item_encode(&inner, NULL,
                                         view.is_reference ? NULL : &item,
                                         view.size_bytes, &again),
                         DYN_OK);
        ck_assert(dyn_bytes_equal(again, (dyn_bytes){data, size_bytes}));
    } else {
        ck_assert_int_eq(status, DYN_CORRUPT);
    }
    dyn_call_end(&inner);
    return status != DYN_OK;
}

START_TEST(missing_bytes_are_refused)
{
    dyn_map item = item_of(items[_i]);
    dyn_bytes stored = encoded(&item);
    for (size_t size = 0; size < stored.size_bytes; size++) {
        dyn_view view;
        dyn_map back;
        dyn_bytes cut = {stored.data, size};
        dyn_status status = dyn_view_open(&call, cut, &view);
        if (status == DYN_OK && view.is_reference) continue;
        if (status == DYN_OK) status = dyn_view_decode(&call, &view, &back);
        ck_assert_int_eq(status, DYN_CORRUPT);
    }
}
END_TEST

START_TEST(what_decodes_is_canonical)
{
    dyn_map item = item_of(items[_i]);
    dyn_bytes stored = copy_of(encoded(&item));
    unsigned char *data = (unsigned char *)stored.data;
    for (size_t i = 0; i < stored.size_bytes; i++) {
        unsigned char byte = data[i];
        for (unsigned other = 0; other <= 0xff; other++) {
            data[i] = (unsigned char)other;
            is_refused_or_canonical(data, stored.size_bytes);
        }
        data[i] = byte;
    }
}
END_TEST

START_TEST(random_damage_is_refused_or_canonical)
{
    uint64_t state = (uint64_t)_i;
    int refused = 0;
    for (int round = 0; round < 4000; round++) {
        dyn_map item = item_of(items[_i]);
        dyn_bytes stored = copy_of(encoded(&item));
        unsigned char *data = (unsigned char *)stored.data;
        uint32_t size = (uint32_t)stored.size_bytes;
        uint32_t changes = 1 + unit_random(&state, 4);
        for (uint32_t i = 0; i < changes; i++)
            data[unit_random(&state, size)] =
                (unsigned char)unit_random(&state, 256);
        if (unit_random(&state, 4) == 0) {
            size = unit_random(&state, size + 1);
        }
        refused += is_refused_or_canonical(data, size);
        if (round % 100 == 99) {
            dyn_call_end(&call);
            dyn_call_begin(&call);
        }
    }
    ck_assert_int_gt(refused, 0);
}
END_TEST

/* Bytes that no encoding writes. */
static const struct {
    const char *why;
    const char *data;
    size_t size_bytes;
} impossible[] = {
    {"a count without attributes", "\x02\x01", 2},
    {"a huge count", "\x02\xff\xff\xff\xff\x0f", 6},
    {"bytes behind the last attribute",
     "\x02\x01\x02"
     "a\x00\x00",
     6},
    {"attributes out of order",
     "\x04\x02\x02"
     "b\x00\x02"
     "a\x00",
     8},
    {"an attribute twice",
     "\x04\x02\x02"
     "a\x00\x02"
     "a\x00",
     8},
    {"a length longer than it must be",
     "\x02\x01\x82\x00"
     "a\x00",
     6},
    {"a number of a name, without names", "\x02\x01\x01\x00", 4},
    {"an unknown tag",
     "\x02\x01\x02"
     "a\x0a",
     5},
    {"a long form of a short string",
     "\x02\x01\x02"
     "a\x03\x01x",
     7},
    {"a number of no bytes",
     "\x02\x01\x02"
     "a\x20",
     5},
    {"an empty set",
     "\x01\x01\x02"
     "a\x07\x01\x00",
     7},
    {"a set out of order",
     "\x03\x01\x02"
     "a\x07\x05\x02\x01"
     "b\x01"
     "a",
     11},
    {"a list with more than its elements",
     "\x01\x01\x02"
     "a\x05\x03\x01\x00\x00",
     9},
    {"a list with less than its elements",
     "\x01\x01\x02"
     "a\x05\x02\x02\x00",
     8},
};

START_TEST(what_no_encoding_writes_is_refused)
{
    ck_assert_msg(
        is_refused_or_canonical((const unsigned char *)impossible[_i].data,
                                impossible[_i].size_bytes),
        "%s", impossible[_i].why);
}
END_TEST

/* ---------------------------------------------------------------- paths -- */

#define INDEX(number)                                                          \
    {                                                                          \
        .is_index = true, .index = (number)                                    \
    }
#define NAME(text)                                                             \
    {                                                                          \
        .name = {(const unsigned char *)(text), sizeof(text) - 1 }             \
    }

static const struct {
    const char *name;
    dyn_step steps[3];
    size_t step_count;
    const char *expected; /* NULL: there is nothing */
} paths[] = {
    {"a", {INDEX(0)}, 0, "[10,[20,{\"x\":30}],\"s\"]"},
    {"a", {INDEX(0)}, 1, "10"},
    {"a", {INDEX(2)}, 1, "\"s\""},
    {"a", {INDEX(3)}, 1, NULL},
    {"a", {INDEX((size_t)-1)}, 1, NULL},
    {"a", {INDEX(1), INDEX(0)}, 2, "20"},
    {"a", {INDEX(1), INDEX(1), NAME("x")}, 3, "30"},
    {"a", {INDEX(1), INDEX(1), NAME("y")}, 3, NULL},
    {"a", {NAME("x")}, 1, NULL},
    {"a", {INDEX(0), INDEX(0)}, 2, NULL},
    {"m", {NAME("x")}, 1, "{\"y\":[1]}"},
    {"m", {NAME("x"), NAME("y"), INDEX(0)}, 3, "1"},
    {"m", {NAME("")}, 1, "null"},
    {"m", {NAME("X")}, 1, NULL},
    {"m", {INDEX(0)}, 1, NULL},
    {"s", {INDEX(0)}, 1, NULL},
    {"s", {NAME("x")}, 1, NULL},
    {"set", {INDEX(0)}, 1, NULL},
    {"set", {INDEX(0)}, 0, "{\"SS\":[\"x\"]}"},
    {"none", {NAME("x")}, 1, NULL},
    {"", {NAME("x")}, 0, NULL},
};

START_TEST(a_path_leads_to_a_value)
{
    dyn_map item = item_of(
        "{\"a\":[10,[20,{\"x\":30}],\"s\"],\"m\":{\"x\":{\"y\":[1]},\"\":null}"
        ",\"s\":\"text\",\"set\":{\"SS\":[\"x\"]}}");
    dyn_view view;
    bool found;
    dyn_value value;
    ck_assert_int_eq(dyn_view_open(&call, encoded(&item), &view), DYN_OK);
    ck_assert_int_eq(dyn_view_find_path(
                         &call, &view, dyn_bytes_text(paths[_i].name),
                         paths[_i].steps, paths[_i].step_count, &found, &value),
                     DYN_OK);
    ck_assert_int_eq(found, paths[_i].expected != NULL);
    if (!found) return;
    dyn_buffer out;
    dyn_bytes text;
    dyn_buffer_begin(&out, &call, 16);
    dyn_value_to_json(&out, &value, DYN_JSON_PLAIN);
    ck_assert_int_eq(dyn_buffer_end(&out, &text), DYN_OK);
    ck_assert_str_eq((const char *)text.data, paths[_i].expected);
}
END_TEST

START_TEST(coding_survives_running_out_of_memory)
{
    static char text[9000];
    memset(text, 'x', sizeof(text) - 1);
    memcpy(text, "{\"b\":[1,{}],\"a\":\"", 17);
    memcpy(text + sizeof(text) - 3, "\"}", 3);
    dyn_map item = item_of(text);
    for (int countdown = 0; countdown < 100; countdown++) {
        dyn_call inner;
        dyn_bytes stored;
        dyn_view view;
        dyn_map again;
        dyn_call_begin(&inner);
        fault_set(countdown);
        dyn_status status = dyn_item_encode(&inner, NULL, &item,
                                            dyn_map_size_bytes(&item), &stored);
        if (status == DYN_OK) {
            status = dyn_view_open(&inner, stored, &view);
        }
        if (status == DYN_OK) status = dyn_view_decode(&inner, &view, &again);
        fault_set_off();
        ck_assert_int_eq(status, fault_hit() ? DYN_NOMEM : DYN_OK);
        dyn_call_end(&inner);
        if (!fault_hit()) return;
    }
    ck_abort_msg("never succeeded");
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("codec");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_loop_test(tests, an_item_comes_back, 0, COUNT_OF(items));
    tcase_add_loop_test(tests, every_length_comes_back, 0, COUNT_OF(lengths));
    tcase_add_loop_test(tests, every_count_comes_back, 0, COUNT_OF(lengths));
    tcase_add_test(tests, nesting_up_to_32_levels_comes_back);
    tcase_add_test(tests, deeper_nesting_is_refused);
    tcase_add_loop_test(tests, equal_items_are_equal_bytes, 0, COUNT_OF(equal));
    tcase_add_loop_test(tests, different_items_are_different_bytes, 0,
                        COUNT_OF(items));
    tcase_add_loop_test(tests, missing_bytes_are_refused, 0, COUNT_OF(items));
    tcase_add_loop_test(tests, what_decodes_is_canonical, 0, COUNT_OF(items));
    tcase_add_loop_test(tests, random_damage_is_refused_or_canonical, 0,
                        COUNT_OF(items));
    tcase_add_loop_test(tests, what_no_encoding_writes_is_refused, 0,
                        COUNT_OF(impossible));
    tcase_add_loop_test(tests, a_path_leads_to_a_value, 0, COUNT_OF(paths));
    tcase_add_test(tests, coding_survives_running_out_of_memory);
    return unit_run("codec", tests);
}
