/* UTF-8: every code point, and every way to write it wrongly. */
#include "base/utf8.h"

#include <check.h>
#include <stdlib.h>

static dyn_bytes bytes_of(const char *data, size_t size_bytes)
{
    return (dyn_bytes){(const unsigned char *)data, size_bytes};
}

static const struct {
    const char *name;
    const char *text;
    size_t size_bytes;
    size_t valid_bytes;
} texts[] = {
#define TEXT(name, text, valid_bytes)                                          \
    {                                                                          \
        name, text, sizeof(text) - 1, valid_bytes                              \
    }
    TEXT("empty text", "", 0),
    TEXT("ASCII", "plain", 5),
    TEXT("ASCII of two words and a rest", "0123456789abcdefghi", 19),
    TEXT("a zero byte", "a\0b", 3),
    TEXT("two to four bytes", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9),
    TEXT("U+0080, the first of two bytes", "\xc2\x80", 2),
    TEXT("U+07FF, the last of two bytes", "\xdf\xbf", 2),
    TEXT("U+0800, the first of three bytes", "\xe0\xa0\x80", 3),
    TEXT("U+D7FF, before the surrogates", "\xed\x9f\xbf", 3),
    TEXT("U+E000, behind the surrogates", "\xee\x80\x80", 3),
    TEXT("U+FFFF, the last of three bytes", "\xef\xbf\xbf", 3),
    TEXT("U+10000, the first of four bytes", "\xf0\x90\x80\x80", 4),
    TEXT("U+10FFFF, the last of all", "\xf4\x8f\xbf\xbf", 4),
    TEXT("U+110000", "\xf4\x90\x80\x80", 0),
    TEXT("a lead byte of no code point", "\xf5\x80\x80\x80", 0),
    TEXT("a lead byte of five", "\xf8\x88\x80\x80\x80", 0),
    TEXT("0xff", "ab\xff", 2),
    TEXT("a continuation without a lead", "a\x80", 1),
    TEXT("an overlong slash of two bytes", "\xc0\xaf", 0),
    TEXT("an overlong U+007F", "\xc1\xbf", 0),
    TEXT("an overlong U+07FF", "\xe0\x9f\xbf", 0),
    TEXT("an overlong U+FFFF", "\xf0\x8f\xbf\xbf", 0),
    TEXT("the first surrogate", "\xed\xa0\x80", 0),
    TEXT("the last surrogate", "\xed\xbf\xbf", 0),
    TEXT("two of two bytes, cut", "abc\xc3", 3),
    TEXT("two of three bytes, cut", "abc\xe2\x82", 3),
    TEXT("three of four bytes, cut", "abc\xf0\x9f\x98", 3),
    TEXT("a second byte that is ASCII", "\xc3(", 0),
    TEXT("a third byte that is ASCII", "\xe2\x82(", 0),
    TEXT("a fourth byte that is ASCII", "\xf0\x9f\x98(", 0),
    TEXT("bad in the second word", "0123456789\x80pqrstuv", 10),
    TEXT("bad behind the words", "0123456789abcdef\x80", 16),
#undef TEXT
};

START_TEST(text_is_valid_up_to_its_first_bad_sequence)
{
    dyn_bytes text = bytes_of(texts[_i].text, texts[_i].size_bytes);
    ck_assert_msg(dyn_utf8_valid_bytes(text) == texts[_i].valid_bytes, "%s",
                  texts[_i].name);
    ck_assert_msg(dyn_utf8_valid(text) ==
                      (texts[_i].valid_bytes == text.size_bytes),
                  "%s", texts[_i].name);
}
END_TEST

START_TEST(a_bad_byte_is_found_wherever_it_is)
{
    char text[200]; /* longer than what is read in one go */
    for (size_t size = 1; size <= sizeof(text); size++) {
        for (size_t at = 0; at < size; at++) {
            memset(text, 'a', sizeof(text));
            text[at] = '\x80';
            ck_assert_uint_eq(dyn_utf8_valid_bytes(bytes_of(text, size)), at);
        }
    }
}
END_TEST

START_TEST(every_code_point_is_written_as_valid_utf8)
{
    unsigned char before[DYN_UTF8_BYTES_MAX] = {0};
    size_t before_bytes = 0;
    size_t wrong = 0;
    for (uint32_t code_point = 0; code_point <= 0x10ffff; code_point++) {
        if (code_point == 0xd800) code_point = 0xe000;
        unsigned char out[DYN_UTF8_BYTES_MAX];
        size_t size = dyn_utf8_encode(code_point, out);
        dyn_bytes written = {out, size};
        wrong += !dyn_utf8_valid(written);
        for (size_t cut = 1; cut < size; cut++)
            wrong += dyn_utf8_valid((dyn_bytes){out, cut});
        /* UTF-8 is in the order of code points, so none is written twice. */
        wrong +=
            dyn_bytes_compare((dyn_bytes){before, before_bytes}, written) >= 0;
        memcpy(before, out, size);
        before_bytes = size;
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* Validity hangs on the first two bytes; each of the others is one of 64. */
START_TEST(valid_sequences_are_as_many_as_code_points)
{
    size_t valid = 0;
    for (unsigned lead = 0x80; lead <= 0xff; lead++) {
        for (unsigned second = 0; second <= 0xff; second++) {
            unsigned char text[4] = {(unsigned char)lead, (unsigned char)second,
                                     0x80, 0x80};
            size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
            size_t tails = size == 2 ? 1 : size == 3 ? 64 : 64 * 64;
            if (dyn_utf8_valid((dyn_bytes){text, size})) valid += tails;
        }
    }
    ck_assert_uint_eq(valid, 0x110000 - 0x800 - 0x80);
}
END_TEST

static const struct {
    uint32_t code_point;
    const char *text;
} encodings[] = {
    {'A', "A"},
    {0x7f, "\x7f"},
    {0x80, "\xc2\x80"},
    {0x7ff, "\xdf\xbf"},
    {0x20ac, "\xe2\x82\xac"},
    {0xffff, "\xef\xbf\xbf"},
    {0x10000, "\xf0\x90\x80\x80"},
    {0x1f600, "\xf0\x9f\x98\x80"},
    {0x10ffff, "\xf4\x8f\xbf\xbf"},
};

START_TEST(code_points_are_written_in_as_few_bytes_as_possible)
{
    unsigned char out[DYN_UTF8_BYTES_MAX];
    size_t size = dyn_utf8_encode(encodings[_i].code_point, out);
    ck_assert(dyn_bytes_equal_text((dyn_bytes){out, size}, encodings[_i].text));
}
END_TEST

START_TEST(what_is_written_is_read)
{
    size_t wrong = 0;
    for (uint32_t code_point = 0; code_point <= 0x10ffff; code_point++) {
        unsigned char text[DYN_UTF8_BYTES_MAX];
        uint32_t found = 0;
        if (code_point >= 0xd800 && code_point <= 0xdfff) continue;
        size_t size = dyn_utf8_encode(code_point, text);
        if (dyn_utf8_decode(text, &found) != size || found != code_point)
            wrong++;
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(the_length_of_text_is_its_code_points)
{
    ck_assert_uint_eq(dyn_utf8_length(dyn_bytes_text("")), 0);
    ck_assert_uint_eq(dyn_utf8_length(dyn_bytes_text("plain")), 5);
    ck_assert_uint_eq(dyn_utf8_length(dyn_bytes_text(
                          "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80")),
                      4);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("utf8");
    TCase *tests = tcase_create("utf8");
    tcase_add_loop_test(tests, text_is_valid_up_to_its_first_bad_sequence, 0,
                        sizeof(texts) / sizeof(texts[0]));
    tcase_add_test(tests, a_bad_byte_is_found_wherever_it_is);
    tcase_add_test(tests, every_code_point_is_written_as_valid_utf8);
    tcase_add_test(tests, valid_sequences_are_as_many_as_code_points);
    tcase_add_loop_test(tests,
                        code_points_are_written_in_as_few_bytes_as_possible, 0,
                        sizeof(encodings) / sizeof(encodings[0]));
    tcase_add_test(tests, what_is_written_is_read);
    tcase_add_test(tests, the_length_of_text_is_its_code_points);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
