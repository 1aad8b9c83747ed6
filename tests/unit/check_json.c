/* JSON: what is read, what is refused and where, and writing strings. */
#include "fault.h"
#include "item/json.h"

#include <check.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

static dyn_call call;
static unsigned char *copy; /* the text of the last parse() */

static void setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    dyn_call_begin(&call);
}

static void teardown(void)
{
    free(copy);
    copy = NULL;
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

static dyn_bytes bytes_of(const char *data, size_t size_bytes)
{
    return (dyn_bytes){(const unsigned char *)data, size_bytes};
}

/* Parse a copy that ends where its memory does, so that a sanitizer notices
 * reading beyond it. The tree lives until the next parse(). */
static dyn_status parse(dyn_bytes text, const dyn_json **out)
{
    free(copy);
    copy = malloc(text.size_bytes + (text.size_bytes == 0));
    ck_assert_ptr_nonnull(copy);
    if (text.size_bytes > 0) memcpy(copy, text.data, text.size_bytes);
    return dyn_json_parse(&call, (dyn_bytes){copy, text.size_bytes},
                          DYN_JSON_DEPTH_MAX, out);
}

static const dyn_json *parse_ok(const char *text)
{
    const dyn_json *root = NULL;
    ck_assert_msg(parse(dyn_bytes_text(text), &root) == DYN_OK, "%s: %s", text,
                  call.error.message);
    return root;
}

/* A tree as text again, in a form of its own that shows what was read. */
static void show(dyn_buffer *out, const dyn_json *json)
{
    static const char *const words[] = {"null", "false", "true"};
    switch (json->type) {
    case DYN_JSON_NULL:
    case DYN_JSON_FALSE:
    case DYN_JSON_TRUE:
        dyn_buffer_add_text(out, words[json->type]);
        return;
    case DYN_JSON_NUMBER:
        dyn_buffer_add_bytes(out, json->text);
        return;
    case DYN_JSON_STRING:
        dyn_json_write_string(out, json->text);
        return;
    case DYN_JSON_ARRAY:
    case DYN_JSON_OBJECT:
        break;
    }
    bool is_object = json->type == DYN_JSON_OBJECT;
    size_t count = 0;
    dyn_buffer_add_byte(out, is_object ? '{' : '[');
    for (const dyn_json *c = json->first; c != NULL; c = c->next) {
        if (count++ > 0) dyn_buffer_add_byte(out, ',');
        if (is_object) {
            dyn_json_write_string(out, c->key);
            dyn_buffer_add_byte(out, ':');
        }
        show(out, c);
    }
    dyn_buffer_add_byte(out, is_object ? '}' : ']');
    ck_assert_uint_eq(json->count, count);
}

static const char *shown(const dyn_json *json)
{
    dyn_buffer buffer;
    dyn_bytes text;
    dyn_buffer_begin(&buffer, &call, 0);
    show(&buffer, json);
    ck_assert_int_eq(dyn_buffer_end(&buffer, &text), DYN_OK);
    return (const char *)text.data;
}

/* Each document is read as the one beside it. */
static const struct {
    const char *text;
    const char *read;
} documents[] = {
    {"null", "null"},
    {" \t\r\n true \t\r\n ", "true"},
    {"false", "false"},
    {"[]", "[]"},
    {"{}", "{}"},
    {"[ ]", "[]"},
    {"{\n}", "{}"},
    {"[1,2 , 3]", "[1,2,3]"},
    {"[[],[[]],{}]", "[[],[[]],{}]"},
    {"{\"b\":1,\"a\":{\"c\":[null]}}", "{\"b\":1,\"a\":{\"c\":[null]}}"},
    {" { \"a\" : \"b\" , \"c\" : [ true , false ] } ",
     "{\"a\":\"b\",\"c\":[true,false]}"},
    {"{\"\":0}", "{\"\":0}"},
    {"{\"a\":1,\"A\":2,\"a \":3}", "{\"a\":1,\"A\":2,\"a \":3}"},
    {"{\"a\":{\"a\":{\"a\":1}}}", "{\"a\":{\"a\":{\"a\":1}}}"},
    {"\"\"", "\"\""},
    {"\"a longer string than a word\"", "\"a longer string than a word\""},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
    {"\"\\u0041\\u00e9\\u20AC\\u20ac\"",
     "\"A\xc3\xa9\xe2\x82\xac\xe2\x82\xac\""},
    {"\"\\ud83d\\uDE00\"", "\"\xf0\x9f\x98\x80\""},
    {"\"\\ud800\\udc00\\udbff\\udfff\"",
     "\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""},
    {"\"\\u0000\\u001f\\u007f\"", "\"\\u0000\\u001f\x7f\""},
    {"\"\xc3\xa9\xf0\x9f\x98\x80\x7f\"", "\"\xc3\xa9\xf0\x9f\x98\x80\x7f\""},
    {"{\"k\\u0065y\":1}", "{\"key\":1}"},
    {"0", "0"},
    {"-0", "-0"},
    {"0.0", "0.0"},
    {"1E5", "1E5"},
    {"-12.340e-05", "-12.340e-05"},
    {"1e+5", "1e+5"},
    {"99999999999999999999999999999999999999",
     "99999999999999999999999999999999999999"},
    {"1.0000000000000000000000000000000000001e-130",
     "1.0000000000000000000000000000000000001e-130"},
};

START_TEST(documents_are_read_as_they_are_written)
{
    ck_assert_str_eq(shown(parse_ok(documents[_i].text)), documents[_i].read);
}
END_TEST

static const struct {
    const char *text;
    const char *message; /* behind `malformed JSON at byte ` */
} refused[] = {
    {"", "0: expected a value"},
    {"  ", "2: expected a value"},
    {"\xef\xbb\xbf{}", "0: expected a value"},
    {"nul", "0: expected a value"},
    {"True", "0: expected a value"},
    {"NaN", "0: expected a value"},
    {"'a'", "0: expected a value"},
    {"/**/1", "0: expected a value"},
    {"\f1", "0: expected a value"},
    {"nullx", "4: text after the value"},
    {"1 2", "2: text after the value"},
    {"{}}", "2: text after the value"},
    {"01", "1: text after the value"},
    {"1.2.3", "3: text after the value"},
    {"0x10", "1: text after the value"},
    {"+1", "0: expected a value"},
    {".5", "0: expected a value"},
    {"-", "1: expected a digit"},
    {"-a", "1: expected a digit"},
    {"-Infinity", "1: expected a digit"},
    {"1.", "2: expected a digit"},
    {"1.e5", "2: expected a digit"},
    {"1e", "2: expected a digit"},
    {"1e+", "3: expected a digit"},
    {"1e+-1", "3: expected a digit"},
    {"[", "1: expected a value"},
    {"[1", "2: expected ',' or ']'"},
    {"[1 2]", "3: expected ',' or ']'"},
    {"[1}", "2: expected ',' or ']'"},
    {"[1,]", "3: expected a value"},
    {"[,1]", "1: expected a value"},
    {"]", "0: expected a value"},
    {"{", "1: expected a name"},
    {"{1:2}", "1: expected a name"},
    {"{a:2}", "1: expected a name"},
    {"{\"a\"", "4: expected ':'"},
    {"{\"a\" 1}", "5: expected ':'"},
    {"{\"a\":", "5: expected a value"},
    {"{\"a\":}", "5: expected a value"},
    {"{\"a\":1", "6: expected ',' or '}'"},
    {"{\"a\": \"b\" ]", "10: expected ',' or '}'"},
    {"{\"a\":1,}", "7: expected a name"},
    {"\"abc", "4: expected '\"' at the end of a string"},
    {"\"ab\\n", "5: expected '\"' at the end of a string"},
    {"\"ab\\", "3: invalid escape"},
    {"\"ab\\\"", "5: expected '\"' at the end of a string"},
    {"\"a\nb\"", "2: control character in a string"},
    {"\"\\n\x1f\"", "3: control character in a string"},
    {"\"\\n\x01", "3: control character in a string"},
    {"\"\\x41\"", "1: invalid escape"},
    {"\"\\'\"", "1: invalid escape"},
    {"\"\\U0041\"", "1: invalid escape"},
    {"\"ab\\u004\"", "3: invalid escape"},
    {"\"\\u00g0\"", "1: invalid escape"},
    {"\"\\u+041\"", "1: invalid escape"},
    {"\"\\u12", "1: invalid escape"},
    {"\"\\ud800\"", "1: unpaired surrogate"},
    {"\"\\ud800x\"", "1: unpaired surrogate"},
    {"\"\\ud800\\n\"", "1: unpaired surrogate"},
    {"\"\\ud800\\u0041\"", "1: unpaired surrogate"},
    {"\"\\ud800\\ud800\"", "1: unpaired surrogate"},
    {"\"\\udc00\"", "1: unpaired surrogate"},
    {"\"\\udc00\\ud800\"", "1: unpaired surrogate"},
    {"\"ab\xff\"", "3: invalid UTF-8"},
    {"\"\xed\xa0\x80\"", "1: invalid UTF-8"},
    {"\"ab\xc3\"", "3: invalid UTF-8"},
    {"{\"a\":1,\"a\":1}", "7: duplicate name \"a\""},
    {"[{\"a\":1,\"b\":2,\"\\u0061\":3}]", "14: duplicate name \"a\""},
    {"{\"\":1,\"\":2}", "6: duplicate name \"\""},
    {"{\"\xc3\xa9\":1,\"\\u00e9\":2}", "8: duplicate name \"\xc3\xa9\""},
    {"{ \"b\":{\"a\":[1,\"a\"]}, \"a\":\"a\" ,\n\"a\":2, \"a\":3}",
     "31: duplicate name \"a\""},
};

START_TEST(malformed_documents_are_refused_where_they_are_wrong)
{
    char message[DYN_ERROR_MESSAGE_BYTES];
    const dyn_json *root;
    ck_assert_msg(parse(dyn_bytes_text(refused[_i].text), &root) == DYN_INVALID,
                  "%s", refused[_i].text);
    snprintf(message, sizeof(message), "malformed JSON at byte %s",
             refused[_i].message);
    ck_assert_str_eq(call.error.message, message);
}
END_TEST

START_TEST(a_zero_byte_is_no_blank)
{
    static const struct {
        const char *text;
        size_t size_bytes;
        const char *message;
    } texts[] = {
        {"\0", 1, "malformed JSON at byte 0: expected a value"},
        {"1\0", 2, "malformed JSON at byte 1: text after the value"},
        {"\"\0\"", 3,
         "malformed JSON at byte 1: control character in a string"},
        {"\"\\\0\"", 4, "malformed JSON at byte 1: invalid escape"},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const dyn_json *root;
        ck_assert_int_eq(
            parse(bytes_of(texts[i].text, texts[i].size_bytes), &root),
            DYN_INVALID);
        ck_assert_str_eq(call.error.message, texts[i].message);
    }
}
END_TEST

START_TEST(an_escaped_zero_byte_is_part_of_the_string)
{
    const dyn_json *root = parse_ok("\"a\\u0000b\"");
    ck_assert(dyn_bytes_equal(root->text, bytes_of("a\0b", 3)));
}
END_TEST

START_TEST(strings_and_numbers_without_escapes_are_slices_of_the_text)
{
    static const char text[] = "{\"name\":\"value\",\"n\":12}";
    const unsigned char *start = (const unsigned char *)text;
    const dyn_json *root;
    ck_assert_int_eq(dyn_json_parse(&call, dyn_bytes_text(text), 1, &root),
                     DYN_OK);
    ck_assert_ptr_eq(root->first->key.data, start + 2);
    ck_assert_ptr_eq(root->first->text.data, start + 9);
    ck_assert_ptr_eq(root->first->next->text.data, start + 20);
}
END_TEST

/* Strings are read by words, so the distance of a byte from the beginning is
 * tried as well as the byte itself. */
START_TEST(bytes_that_must_be_escaped_end_a_string_wherever_they_are)
{
    for (int byte = 1; byte < 0x80; byte++) {
        bool plain = byte >= 0x20 && byte != '"' && byte != '\\';
        for (int before = 0; before < 20; before++) {
            char text[64];
            snprintf(text, sizeof(text), "\"%.*s%c 0123456789\"", before,
                     "\x7f\x7f!#[]\x7f\x7f!#[]\x7f\x7f!#[]\x7f\x7f!#[]", byte);
            const dyn_json *root;
            dyn_status status = parse(dyn_bytes_text(text), &root);
            ck_assert_int_eq(status, plain ? DYN_OK : DYN_INVALID);
        }
    }
}
END_TEST

/* Every prefix of a document, which is not one itself. */
START_TEST(a_document_that_is_cut_is_refused)
{
    static const char text[] =
        " {\"a\\u00e9\\ud83d\\ude00\" : [1.5e-3, true, null, \"b\\n\xc3\xa9\"]"
        ", \"c\": {\"d\": false}}";
    const dyn_json *root;
    for (size_t size = 0; size < sizeof(text) - 1; size++) {
        ck_assert_int_eq(parse(bytes_of(text, size), &root), DYN_INVALID);
    }
    ck_assert_int_eq(parse(dyn_bytes_text(text), &root), DYN_OK);
}
END_TEST

START_TEST(nesting_is_bounded)
{
    static const char *const levels[] = {"[", "{\"a\":"};
    for (size_t i = 0; i < 2; i++) {
        char *text = calloc(1, 100000 * strlen(levels[i]) + 1);
        const dyn_json *root;
        ck_assert_ptr_nonnull(text);
        for (size_t n = 0; n < 100000; n++) {
            memcpy(text + n * strlen(levels[i]), levels[i], strlen(levels[i]));
        }
        ck_assert_int_eq(
            dyn_json_parse(&call, dyn_bytes_text(text), 100, &root),
            DYN_INVALID);
        ck_assert_str_eq(call.error.message,
                         dyn_format(&call,
                                    "malformed JSON at byte %zu: nested more "
                                    "than 100 levels deep",
                                    100 * strlen(levels[i])));
        free(text);
    }
}
END_TEST

static const struct {
    const char *text;
    size_t depth; /* the least depth_max it is read with */
} depths[] = {
    {"1", 0},          {"[]", 1},          {"{}", 1},
    {"[[],[],[]]", 2}, {"[[[]],[[]]]", 3}, {"{\"a\":[{}],\"b\":[{}]}", 3},
};

START_TEST(depth_counts_what_is_open_at_once)
{
    dyn_bytes text = dyn_bytes_text(depths[_i].text);
    size_t depth = depths[_i].depth;
    const dyn_json *root;
    ck_assert_int_eq(dyn_json_parse(&call, text, depth, &root), DYN_OK);
    if (depth == 0) return;
    ck_assert_int_eq(dyn_json_parse(&call, text, depth - 1, &root),
                     DYN_INVALID);
}
END_TEST

/* An object of count members n0, n1, ... in an order that is not theirs,
 * followed by one more of that name. Freed by the caller. */
static char *object_of(size_t count, const char *last)
{
    char *text = malloc(count * 32 + 64);
    ck_assert_ptr_nonnull(text);
    char *next = text;
    *next++ = '{';
    for (size_t i = 0; i < count; i++) {
        next += sprintf(next, "\"n%zu\":%zu,", i * 7919 % count, i);
    }
    sprintf(next, "\"%s\":-1}", last);
    return text;
}

START_TEST(a_duplicate_name_is_found_among_many)
{
    static const size_t counts[] = {1, 2, 7, 8, 9, 10, 63, 64, 65, 1000};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        for (size_t n = 0; n <= counts[i]; n++) {
            char last[32];
            snprintf(last, sizeof(last), "n%zu", n);
            char *text = object_of(counts[i], last);
            const dyn_json *root;
            dyn_status status = parse(dyn_bytes_text(text), &root);
            size_t at = (size_t)(strrchr(text, ',') + 1 - text);
            ck_assert_int_eq(status, n < counts[i] ? DYN_INVALID : DYN_OK);
            if (status == DYN_INVALID) {
                ck_assert_str_eq(
                    call.error.message,
                    dyn_format(&call,
                               "malformed JSON at byte %zu: duplicate name "
                               "\"%s\"",
                               at, last));
            }
            free(text);
            dyn_call_end(&call);
            dyn_call_begin(&call);
        }
    }
}
END_TEST

START_TEST(a_duplicate_name_is_cut_to_fit_the_message)
{
    enum { NAME_BYTES = DYN_ERROR_MESSAGE_BYTES };
    char *name = calloc(1, NAME_BYTES + 1);
    ck_assert_ptr_nonnull(name);
    memset(name, 'n', NAME_BYTES);
    dyn_bytes text =
        dyn_bytes_text(dyn_format(&call, "{\"%s\":1,\"%s\":2}", name, name));
    free(name);
    const dyn_json *root;
    ck_assert_int_eq(parse(text, &root), DYN_INVALID);
    ck_assert_uint_eq(strlen(call.error.message), DYN_ERROR_MESSAGE_BYTES - 1);
}
END_TEST

START_TEST(members_are_found_by_name)
{
    const dyn_json *root = parse_ok("{\"a\":1,\"bc\":{\"d\":2},\"\\u0065\":3}");
    ck_assert(dyn_bytes_equal_text(dyn_json_member(root, "a")->text, "1"));
    ck_assert(dyn_bytes_equal_text(dyn_json_member(root, "e")->text, "3"));
    ck_assert_int_eq(dyn_json_member(root, "bc")->type, DYN_JSON_OBJECT);
    ck_assert_ptr_null(dyn_json_member(root, "b"));
    ck_assert_ptr_null(dyn_json_member(root, "d"));
    ck_assert_ptr_null(dyn_json_member(root, ""));
    ck_assert_ptr_null(dyn_json_member(root->first, "a"));
    ck_assert_ptr_null(dyn_json_member(parse_ok("[\"a\"]"), "a"));
    ck_assert_ptr_null(dyn_json_member(parse_ok("{}"), "a"));
}
END_TEST

/* All bytes that are a string by themselves, escaped and read again. */
START_TEST(a_string_that_is_written_is_read_as_itself)
{
    enum { PERIOD = 0x80 };
    char text[3 * PERIOD];
    for (size_t i = 0; i < sizeof(text); i++) {
        text[i] = (char)(i % PERIOD);
    }
    for (size_t start = 0; start < PERIOD; start++) {
        dyn_bytes bytes = bytes_of(text + start, sizeof(text) - PERIOD);
        dyn_buffer buffer;
        dyn_bytes written;
        const dyn_json *root;
        dyn_buffer_begin(&buffer, &call, 0);
        dyn_json_write_string(&buffer, bytes);
        ck_assert_int_eq(dyn_buffer_end(&buffer, &written), DYN_OK);
        ck_assert_int_eq(parse(written, &root), DYN_OK);
        ck_assert(dyn_bytes_equal(root->text, bytes));
    }
}
END_TEST

START_TEST(an_empty_string_is_written_as_quotes)
{
    dyn_buffer buffer;
    dyn_bytes written;
    dyn_buffer_begin(&buffer, &call, 0);
    dyn_json_write_string(&buffer, (dyn_bytes){NULL, 0});
    ck_assert_int_eq(dyn_buffer_end(&buffer, &written), DYN_OK);
    ck_assert_str_eq((const char *)written.data, "\"\"");
}
END_TEST

/* The document takes memory for its nodes, for a long string with an escape
 * and for the names of a big object. */
START_TEST(reading_survives_running_out_of_memory)
{
    static char filler[4001];
    static char document[20000];
    memset(filler, 'x', sizeof(filler) - 1);
    char *object = object_of(300, "last\\n");
    snprintf(document, sizeof(document), "[\"\\n%s\",%s]", filler, object);
    free(object);

    int countdown = 0;
    for (bool done = false; !done; countdown++) {
        const dyn_json *root = NULL;
        fault_set(countdown);
        dyn_status status =
            dyn_json_parse(&call, dyn_bytes_text(document), 2, &root);
        fault_set_off();
        done = !fault_hit();
        ck_assert_int_eq(status, done ? DYN_OK : DYN_NOMEM);
        ck_assert_int_eq(call.error.status, status);
        if (done) ck_assert_uint_eq(root->first->next->count, 301);
        dyn_call_end(&call);
        ck_assert_int_eq(sqlite3_memory_used(), 0);
        dyn_call_begin(&call);
    }
    ck_assert_int_gt(countdown, 4);
}
END_TEST

START_TEST(writing_survives_running_out_of_memory)
{
    char text[5000];
    memset(text, '\n', sizeof(text));
    int countdown = 0;
    for (bool done = false; !done; countdown++) {
        dyn_buffer buffer;
        dyn_bytes written = {NULL, 0};
        fault_set(countdown);
        dyn_buffer_begin(&buffer, &call, 3000);
        dyn_json_write_string(&buffer, bytes_of(text, sizeof(text)));
        dyn_status status = dyn_buffer_end(&buffer, &written);
        fault_set_off();
        done = !fault_hit();
        ck_assert_int_eq(status, done ? DYN_OK : DYN_NOMEM);
        ck_assert_int_eq(call.error.status, status);
        if (done) ck_assert_uint_eq(written.size_bytes, 2 * sizeof(text) + 2);
        dyn_call_end(&call);
        ck_assert_int_eq(sqlite3_memory_used(), 0);
        dyn_call_begin(&call);
    }
    ck_assert_int_gt(countdown, 2);
}
END_TEST

int main(void)
{
    fault_install();
    Suite *suite = suite_create("json");
    TCase *tests = tcase_create("json");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, documents_are_read_as_they_are_written, 0,
                        sizeof(documents) / sizeof(documents[0]));
    tcase_add_loop_test(tests,
                        malformed_documents_are_refused_where_they_are_wrong, 0,
                        sizeof(refused) / sizeof(refused[0]));
    tcase_add_test(tests, a_zero_byte_is_no_blank);
    tcase_add_test(tests, an_escaped_zero_byte_is_part_of_the_string);
    tcase_add_test(tests,
                   strings_and_numbers_without_escapes_are_slices_of_the_text);
    tcase_add_test(tests,
                   bytes_that_must_be_escaped_end_a_string_wherever_they_are);
    tcase_add_test(tests, a_document_that_is_cut_is_refused);
    tcase_add_test(tests, nesting_is_bounded);
    tcase_add_loop_test(tests, depth_counts_what_is_open_at_once, 0,
                        sizeof(depths) / sizeof(depths[0]));
    tcase_add_test(tests, a_duplicate_name_is_found_among_many);
    tcase_add_test(tests, a_duplicate_name_is_cut_to_fit_the_message);
    tcase_add_test(tests, members_are_found_by_name);
    tcase_add_test(tests, a_string_that_is_written_is_read_as_itself);
    tcase_add_test(tests, an_empty_string_is_written_as_quotes);
    tcase_add_test(tests, reading_survives_running_out_of_memory);
    tcase_add_test(tests, writing_survives_running_out_of_memory);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
