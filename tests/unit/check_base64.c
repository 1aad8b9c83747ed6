/* Base64: the vectors of RFC 4648, and what strict reading refuses. */
#include "base/base64.h"
#include "call.h"
#include "fault.h"

#include <sqlite3.h>

/* RFC 4648, section 10, and what reaches the ends of the alphabet. */
static const struct {
    const char *bytes;
    size_t size_bytes;
    const char *text;
} pairs[] = {
    {"", 0, ""},
    {"f", 1, "Zg=="},
    {"fo", 2, "Zm8="},
    {"foo", 3, "Zm9v"},
    {"foob", 4, "Zm9vYg=="},
    {"fooba", 5, "Zm9vYmE="},
    {"foobar", 6, "Zm9vYmFy"},
    {"\0", 1, "AA=="},
    {"\0\0\0", 3, "AAAA"},
    {"\xff\xff\xff", 3, "////"},
    {"\xfb\xef\xbe", 3, "++++"},
    {"\xff", 1, "/w=="},
};

START_TEST(bytes_are_encoded_with_padding)
{
    dyn_bytes bytes = {(const unsigned char *)pairs[_i].bytes,
                       pairs[_i].size_bytes};
    char out[16] = {0};
    ck_assert_uint_eq(dyn_base64_encoded_bytes(bytes.size_bytes),
                      strlen(pairs[_i].text));
    dyn_base64_encode(bytes, out);
    ck_assert_str_eq(out, pairs[_i].text);
}
END_TEST

START_TEST(text_is_decoded)
{
    dyn_bytes out;
    ck_assert_int_eq(
        dyn_base64_decode(&call, dyn_bytes_text(pairs[_i].text), &out), DYN_OK);
    ck_assert_ptr_nonnull(out.data);
    ck_assert_uint_eq(out.size_bytes, pairs[_i].size_bytes);
    ck_assert_mem_eq(out.data, pairs[_i].bytes, pairs[_i].size_bytes);
}
END_TEST

static const char *const refused[] = {
    "Z",        "Zg",       "Zg=",     "Zm9",      "Zm9vYg",   "=",
    "==",       "====",     "Z===",    "=AAA",     "A=AA",     "AA=A",
    "Zg==Zg==", "Zm8=Zm8=", "Zg==\n",  "Zm9v\n",   " Zm9v",    "Zm 9",
    "Zm9v    ", "Zh==",     "Zv==",    "Zm9=",     "Zm+=",     "Zm9-",
    "Zm9_",     "Zm9.",     "Zm9\xe9", "Zm9v====", "Zm9vZ===", "Zm9vYg==A",
    "\001AAA",  "@AAA",     "[AAA",    "`AAA",     "{AAA",     ":AAA",
};

START_TEST(text_that_is_not_the_one_encoding_is_refused)
{
    dyn_bytes out;
    ck_assert_int_eq(
        dyn_base64_decode(&call, dyn_bytes_text(refused[_i]), &out),
        DYN_INVALID);
    ck_assert_str_eq(call.error.message, "Invalid base64 text");
}
END_TEST

START_TEST(a_zero_byte_is_no_digit)
{
    static const char text[] = "AA\0A";
    dyn_bytes out;
    ck_assert_int_eq(
        dyn_base64_decode(&call, (dyn_bytes){(const unsigned char *)text, 4},
                          &out),
        DYN_INVALID);
}
END_TEST

/* Of 256 bytes in the place of a digit, the 64 of the alphabet are read, each
 * as another value. */
START_TEST(the_alphabet_has_64_characters)
{
    bool seen[64] = {false};
    int valid = 0;
    for (int byte = 0; byte <= 0xff; byte++) {
        unsigned char text[4] = {'A', 'A', 'A', (unsigned char)byte};
        dyn_bytes out;
        if (dyn_base64_decode(&call, (dyn_bytes){text, 4}, &out) != DYN_OK ||
            out.size_bytes < 3) {
            continue;
        }
        ck_assert_uint_lt(out.data[2], 64);
        ck_assert(!seen[out.data[2]]);
        seen[out.data[2]] = true;
        valid++;
    }
    ck_assert_int_eq(valid, 64);
}
END_TEST

enum { BIG_BYTES = 5000 };

static void fill(unsigned char *bytes, size_t size_bytes)
{
    uint32_t random = 1;
    for (size_t i = 0; i < size_bytes; i++) {
        random = random * 1664525 + 1013904223;
        bytes[i] = (unsigned char)(random >> 24);
    }
}

START_TEST(what_is_encoded_decodes_to_the_same_bytes)
{
    unsigned char bytes[300];
    fill(bytes, sizeof(bytes));
    for (size_t size = 0; size <= sizeof(bytes); size++) {
        char text[400];
        dyn_base64_encode((dyn_bytes){bytes, size}, text);
        dyn_bytes encoded = {(const unsigned char *)text,
                             dyn_base64_encoded_bytes(size)};
        dyn_bytes out;
        ck_assert_int_eq(dyn_base64_decode(&call, encoded, &out), DYN_OK);
        ck_assert(dyn_bytes_equal(out, (dyn_bytes){bytes, size}));
    }
}
END_TEST

START_TEST(decoding_survives_running_out_of_memory)
{
    static unsigned char bytes[BIG_BYTES];
    static char text[BIG_BYTES * 2];
    fill(bytes, sizeof(bytes));
    dyn_base64_encode((dyn_bytes){bytes, sizeof(bytes)}, text);
    dyn_bytes encoded = {(const unsigned char *)text,
                         dyn_base64_encoded_bytes(sizeof(bytes))};
    for (int countdown = 0; countdown < 100; countdown++) {
        dyn_bytes out;
        fault_set(countdown);
        dyn_status status = dyn_base64_decode(&call, encoded, &out);
        fault_set_off();
        ck_assert_int_eq(status, fault_hit() ? DYN_NOMEM : DYN_OK);
        dyn_call_end(&call);
        ck_assert_int_eq(sqlite3_memory_used(), 0);
        dyn_call_begin(&call);
        if (status != DYN_OK) continue;
        ck_assert_int_gt(countdown, 0);
        return;
    }
    ck_abort_msg("decoding never succeeded");
}
END_TEST

int main(void)
{
    fault_install();
    Suite *suite = suite_create("base64");
    TCase *tests = tcase_create("base64");
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_loop_test(tests, bytes_are_encoded_with_padding, 0,
                        sizeof(pairs) / sizeof(pairs[0]));
    tcase_add_loop_test(tests, text_is_decoded, 0,
                        sizeof(pairs) / sizeof(pairs[0]));
    tcase_add_loop_test(tests, text_that_is_not_the_one_encoding_is_refused, 0,
                        (int)(sizeof(refused) / sizeof(refused[0])));
    tcase_add_test(tests, a_zero_byte_is_no_digit);
    tcase_add_test(tests, the_alphabet_has_64_characters);
    tcase_add_test(tests, what_is_encoded_decodes_to_the_same_bytes);
    tcase_add_test(tests, decoding_survives_running_out_of_memory);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
