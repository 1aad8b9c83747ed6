/* Numbers, by examples; tests/model/numbers.py has the other 100,000. */
#include "item/number.h"

#include <check.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define NINES_38  "99999999999999999999999999999999999999"
#define ZEROS_43  "0000000000000000000000000000000000000000000"
#define ZEROS_129 ZEROS_43 ZEROS_43 ZEROS_43

#define NO_NUMBER "The parameter cannot be converted to a numeric value"
#define OVERFLOW                                                               \
    "Number overflow. Attempting to store a number with magnitude larger "     \
    "than supported range"
#define UNDERFLOW                                                              \
    "Number underflow. Attempting to store a number with magnitude smaller "   \
    "than supported range"
#define TOO_MANY_DIGITS                                                        \
    "Attempting to store more than 38 significant digits in a Number"

static dyn_call call;

static void setup(void)
{
    dyn_call_begin(&call);
}

/* No function of the module allocates. */
static void teardown(void)
{
    ck_assert_ptr_null(call.blocks);
    ck_assert_uint_eq(call.free_bytes, DYN_CALL_FIRST_BYTES);
    dyn_call_end(&call);
}

static dyn_number number(const char *text)
{
    dyn_number parsed;
    ck_assert_msg(dyn_number_parse(&call, dyn_bytes_text(text), &parsed) ==
                      DYN_OK,
                  "%s: %s", text, call.error.message);
    return parsed;
}

static void assert_text(const dyn_number *actual, const char *expected)
{
    char text[DYN_NUMBER_TEXT_BYTES];
    ck_assert_uint_eq(dyn_number_format(actual, text), strlen(expected));
    ck_assert_str_eq(text, expected);
}

static const struct {
    const char *text;
    const char *trimmed;
} accepted[] = {
    {"0", "0"},
    {"-0", "0"},
    {"+0.00", "0"},
    {"0e999999", "0"},
    {"-.0E-99999999999999999999", "0"},
    {"1", "1"},
    {"+1", "1"},
    {"-42", "-42"},
    {"0042.1200", "42.12"},
    {".5", "0.5"},
    {"5.", "5"},
    {"-5.e1", "-50"},
    {"100", "100"},
    {"100.5", "100.5"},
    {"0.00015", "0.00015"},
    {"12345e-3", "12.345"},
    {"12345e-5", "0.12345"},
    {"12345E-06", "0.012345"},
    {"1.5e+3", "1500"},
    {"18446744073709551615", "18446744073709551615"},
    {"18446744073709551616", "18446744073709551616"},
    {"1234567890123456789", "1234567890123456789"},
    {"12345678901234567890", "12345678901234567890"},
    {"10000000000000000001", "10000000000000000001"},
    {"-0.1000000000000000000000000000000000001",
     "-0.1000000000000000000000000000000000001"},
    {NINES_38, NINES_38},
    {NINES_38 ZEROS_43, NINES_38 ZEROS_43},
    {"-" NINES_38 "e-19", "-9999999999999999999.9999999999999999999"},
    {"1E-130", "0." ZEROS_129 "1"},
    {"1E125", "100" ZEROS_43 ZEROS_43 "0000000000000000000000000000000000000"},
    {"-" NINES_38 "E-167", "-0." ZEROS_129 NINES_38},
    {NINES_38 "E88", NINES_38 ZEROS_43 ZEROS_43 "00"},
    {"0." ZEROS_129 ZEROS_129 "1e259", "1"},
    {"1" ZEROS_129 ZEROS_129 "e-258", "1"},
};

START_TEST(parse_trims_and_format_expands)
{
    dyn_number parsed = number(accepted[_i].text);
    assert_text(&parsed, accepted[_i].trimmed);
}
END_TEST

START_TEST(equal_numbers_have_equal_members)
{
    dyn_number parsed = number(accepted[_i].text);
    dyn_number again = number(accepted[_i].trimmed);
    ck_assert(dyn_number_equal(&parsed, &again));
    ck_assert_int_eq(dyn_number_compare(&parsed, &again), 0);
    ck_assert_uint_eq(parsed.high, again.high);
    ck_assert_uint_eq(parsed.low, again.low);
    ck_assert_int_eq(parsed.exponent, again.exponent);
    ck_assert_int_eq(parsed.negative, again.negative);
}
END_TEST

START_TEST(the_longest_text_fills_its_buffer)
{
    dyn_number longest = number("-" NINES_38 "E-167");
    char text[DYN_NUMBER_TEXT_BYTES];
    ck_assert_uint_eq(dyn_number_format(&longest, text), sizeof(text) - 1);
}
END_TEST

static const struct {
    const char *text;
    const char *message;
} refused[] = {
    {"", NO_NUMBER},
    {"a", NO_NUMBER ": a"},
    {"-", NO_NUMBER ": -"},
    {"+", NO_NUMBER ": +"},
    {".", NO_NUMBER ": ."},
    {"-.e1", NO_NUMBER ": -.e1"},
    {"e5", NO_NUMBER ": e5"},
    {"1e", NO_NUMBER ": 1e"},
    {"1e+", NO_NUMBER ": 1e+"},
    {"1e-", NO_NUMBER ": 1e-"},
    {"1e1.5", NO_NUMBER ": 1e1.5"},
    {"1e1e1", NO_NUMBER ": 1e1e1"},
    {"1.2.3", NO_NUMBER ": 1.2.3"},
    {"1..2", NO_NUMBER ": 1..2"},
    {"+-1", NO_NUMBER ": +-1"},
    {" 1", NO_NUMBER ":  1"},
    {"1 ", NO_NUMBER ": 1 "},
    {"1,5", NO_NUMBER ": 1,5"},
    {"0x10", NO_NUMBER ": 0x10"},
    {"NaN", NO_NUMBER ": NaN"},
    {"Infinity", NO_NUMBER ": Infinity"},
    {"\xd9\xa1", NO_NUMBER ": \xd9\xa1"}, /* a digit, in Arabic */
    {"1e126", OVERFLOW},
    {"-1e126", OVERFLOW},
    {NINES_38 "e89", OVERFLOW},
    {"1e99999999999999", OVERFLOW},
    {"1e9223372036854775808", OVERFLOW},
    {"1e99999999999999999999999999999999999999999999", OVERFLOW},
    {"9.9e-131", UNDERFLOW},
    {"-1e-131", UNDERFLOW},
    {"1e-99999999999999999999999999999999999999999999", UNDERFLOW},
    {"0." ZEROS_129 "09", UNDERFLOW},
    {NINES_38 "9", TOO_MANY_DIGITS},
    {"1." ZEROS_43 "1", TOO_MANY_DIGITS},
    {"100000000000000000000000000000000000001", TOO_MANY_DIGITS},
    {NINES_38 "9e88", OVERFLOW}, /* the range is checked first */
};

START_TEST(parse_refuses_with_the_text_of_dynamodb)
{
    dyn_number untouched = {1, 2, 3, true};
    dyn_number out = untouched;
    ck_assert_int_eq(
        dyn_number_parse(&call, dyn_bytes_text(refused[_i].text), &out),
        DYN_INVALID);
    ck_assert_str_eq(call.error.message, refused[_i].message);
    ck_assert(dyn_number_equal(&out, &untouched));
}
END_TEST

START_TEST(parse_reads_no_further_than_the_size)
{
    dyn_number out;
    dyn_bytes text = {(const unsigned char *)"12e34", 2};
    ck_assert_int_eq(dyn_number_parse(&call, text, &out), DYN_OK);
    assert_text(&out, "12");
    text.size_bytes = 3;
    ck_assert_int_eq(dyn_number_parse(&call, text, &out), DYN_INVALID);
    ck_assert_str_eq(call.error.message, NO_NUMBER ": 12e");
    text = (dyn_bytes){NULL, 0};
    ck_assert_int_eq(dyn_number_parse(&call, text, &out), DYN_INVALID);
    text = (dyn_bytes){(const unsigned char *)"1\0002", 3};
    ck_assert_int_eq(dyn_number_parse(&call, text, &out), DYN_INVALID);
}
END_TEST

/* A text of a million digits: head, digit repeated, tail. */
static dyn_status parse_long(const char *head, char digit, const char *tail,
                             dyn_number *out)
{
    enum { DIGITS = 1000000 };
    static char digits[DIGITS + 1];
    static char text[DIGITS + 64];
    memset(digits, digit, DIGITS);
    int size = snprintf(text, sizeof(text), "%s%s%s", head, digits, tail);
    ck_assert_int_lt(size, (int)sizeof(text));
    return dyn_number_parse(&call, dyn_bytes_text(text), out);
}

START_TEST(parse_takes_a_million_digits)
{
    dyn_number out;
    ck_assert_int_eq(parse_long("0.", '0', "123e1000001", &out), DYN_OK);
    assert_text(&out, "1.23");
    ck_assert_int_eq(parse_long("7", '0', "e-999999", &out), DYN_OK);
    assert_text(&out, "70");
    ck_assert_int_eq(parse_long("", '0', "7", &out), DYN_OK);
    assert_text(&out, "7");
    ck_assert_int_eq(parse_long("-7.", '0', "", &out), DYN_OK);
    assert_text(&out, "-7");
    ck_assert_int_eq(parse_long("1e", '0', "2", &out), DYN_OK);
    assert_text(&out, "100");
    ck_assert_int_eq(parse_long("0.", '0', "1", &out), DYN_INVALID);
    ck_assert_str_eq(call.error.message, UNDERFLOW);
    ck_assert_int_eq(parse_long("", '3', "", &out), DYN_INVALID);
    ck_assert_str_eq(call.error.message, OVERFLOW);
    ck_assert_int_eq(parse_long("0.", '3', "", &out), DYN_INVALID);
    ck_assert_str_eq(call.error.message, TOO_MANY_DIGITS);
    ck_assert_int_eq(parse_long("1e", '9', "", &out), DYN_INVALID);
    ck_assert_str_eq(call.error.message, OVERFLOW);
    ck_assert_int_eq(parse_long("", 'x', "", &out), DYN_INVALID);
    ck_assert_uint_eq(strlen(call.error.message), DYN_ERROR_MESSAGE_BYTES - 1);
}
END_TEST

static const char *const ascending[] = {
    "-9.9999999999999999999999999999999999999e125",
    "-1e125",
    "-99999999999999999999999999999999999999",
    "-99999999999999999999999999999999999998",
    "-101",
    "-100.5",
    "-100",
    "-99",
    "-10",
    "-1.5",
    "-1.00000000001",
    "-1",
    "-0.99",
    "-0.9",
    "-1e-129",
    "-1.1e-130",
    "-1e-130",
    "0",
    "1e-130",
    "1.00000000000000000000000000000000001e-130",
    "1e-129",
    "0.1",
    "0.10000000000000000000000000000000000001",
    "0.11",
    "0.9",
    "0.99",
    "1",
    "1.1",
    "2",
    "9.9999999999999999999999999999999999999",
    "10",
    "12",
    "12.0000000001",
    "13",
    "100",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999999999999999999999998",
    "99999999999999999999999999999999999999",
    "1e38",
    "1.0000000000000000000000000000000000001e38",
    "1e125",
    "9.9999999999999999999999999999999999999e125",
};

static int sign_of(int order)
{
    return (order > 0) - (order < 0);
}

/* The stored form and the terminator that a key puts behind it. */
static dyn_bytes key_of(const dyn_number *value,
                        unsigned char out[DYN_NUMBER_ENCODED_BYTES])
{
    size_t size = dyn_number_encode(value, out);
    if (size > 1) out[size++] = value->negative ? 0xff : 0x00;
    return (dyn_bytes){out, size};
}

START_TEST(numbers_and_their_stored_bytes_have_one_order)
{
    for (int i = 0; i < (int)COUNT(ascending); i++) {
        for (int j = 0; j < (int)COUNT(ascending); j++) {
            dyn_number a = number(ascending[i]);
            dyn_number b = number(ascending[j]);
            unsigned char left[DYN_NUMBER_ENCODED_BYTES];
            unsigned char right[DYN_NUMBER_ENCODED_BYTES];
            int stored = dyn_bytes_compare(key_of(&a, left), key_of(&b, right));
            ck_assert_int_eq(dyn_number_compare(&a, &b), sign_of(i - j));
            ck_assert_int_eq(sign_of(stored), sign_of(i - j));
            ck_assert_int_eq(dyn_number_equal(&a, &b), i == j);
        }
    }
}
END_TEST

static const struct {
    const char *a;
    const char *b;
    const char *sum; /* or the message of the refusal */
} sums[] = {
    {"0", "0", "0"},
    {"0", "-5", "-5"},
    {"5", "0", "5"},
    {"1", "2", "3"},
    {"5", "5", "10"},
    {"5", "-5", "0"},
    {"-5", "-7", "-12"},
    {"5", "-7", "-2"},
    {"0.1", "0.2", "0.3"},
    {"99.95", "0.05", "100"},
    {"1e20", "1", "100000000000000000001"},
    {"18446744073709551615", "1", "18446744073709551616"},
    {"1e36", "0.1", "1000000000000000000000000000000000000.1"},
    {"1e38", "-1", NINES_38},
    {"-1e38", "1", "-" NINES_38},
    {NINES_38, "1", "100000000000000000000000000000000000000"},
    {NINES_38, NINES_38, TOO_MANY_DIGITS},
    {NINES_38, "-" NINES_38, "0"},
    {NINES_38, "2", TOO_MANY_DIGITS},
    {NINES_38, "0.1", TOO_MANY_DIGITS},
    {"1e36", "0.01", TOO_MANY_DIGITS},
    {"2.9e38", NINES_38, TOO_MANY_DIGITS},
    {"2e38", "-1", TOO_MANY_DIGITS},
    {"-1e125", "1.5e87", TOO_MANY_DIGITS},
    {"-" NINES_38 "e88", "1.5e88", TOO_MANY_DIGITS},
    {"2e38", "-" NINES_38, TOO_MANY_DIGITS},
    {"1.1e38", "-" NINES_38, "10000000000000000000000000000000000001"},
    {"1e125", "1e-130", TOO_MANY_DIGITS},
    {"1e125", "-1e-130", TOO_MANY_DIGITS},
    {"9e125", "1e125", OVERFLOW},
    {NINES_38 "e88", "1e88", OVERFLOW},
    {NINES_38 "e88", "1.5e88", OVERFLOW},
    {NINES_38 "e88", "0.5e88", TOO_MANY_DIGITS},
    {"-" NINES_38 "e88", "-" NINES_38 "e88", OVERFLOW},
    {NINES_38 "e88", "-1e88", "99999999999999999999999999999999999998e88"},
    {"1.1e-130", "-1e-130", UNDERFLOW},
    {"1.5e-130", "1.5e-130", "3e-130"},
};

static void check_sum(dyn_status status, const dyn_number *out,
                      const char *expected)
{
    if (strchr(expected, ' ') != NULL) {
        ck_assert_int_eq(status, DYN_INVALID);
        ck_assert_str_eq(call.error.message, expected);
    } else {
        dyn_number value = number(expected);
        ck_assert_int_eq(status, DYN_OK);
        ck_assert(dyn_number_equal(out, &value));
    }
}

START_TEST(sums_are_exact_or_refused)
{
    dyn_number a = number(sums[_i].a);
    dyn_number b = number(sums[_i].b);
    dyn_number out;
    dyn_status status = dyn_number_add(&call, &a, &b, &out);
    check_sum(status, &out, sums[_i].sum);
    status = dyn_number_add(&call, &b, &a, &out);
    check_sum(status, &out, sums[_i].sum);
}
END_TEST

START_TEST(subtracting_is_adding_the_opposite)
{
    dyn_number a = number(sums[_i].a);
    dyn_number b = number(sums[_i].b);
    if (b.low != 0) b.negative = !b.negative;
    dyn_number out;
    dyn_status status = dyn_number_subtract(&call, &a, &b, &out);
    check_sum(status, &out, sums[_i].sum);
}
END_TEST

START_TEST(a_sum_may_replace_its_operands)
{
    dyn_number a = number("1.5");
    dyn_number b = number("0.5");
    ck_assert_int_eq(dyn_number_add(&call, &a, &b, &a), DYN_OK);
    assert_text(&a, "2");
    ck_assert_int_eq(dyn_number_subtract(&call, &a, &b, &b), DYN_OK);
    assert_text(&b, "1.5");
    ck_assert_int_eq(dyn_number_subtract(&call, &b, &b, &b), DYN_OK);
    assert_text(&b, "0");
}
END_TEST

/* The vectors of docs/semantics.md 1, and what its formula gives for some
 * others. */
static const struct {
    const char *text;
    size_t size_bytes;
} sizes[] = {
    {"0", 1},      {"1", 2},      {"12", 2},      {"123", 3},
    {"1010", 3},   {"123456", 4}, {NINES_38, 20}, {"100", 2},
    {"1E125", 2},  {"1.5", 3},    {"3.14159", 5}, {"100.5", 4},
    {"0.15", 2},   {"-42", 3},    {"-12345", 5},  {"0.0015", 2},
    {"1E-130", 2}, {"100.05", 4}, {"-0.15", 3},   {"-" NINES_38 "e-19", 22},
};

START_TEST(size_follows_the_table)
{
    dyn_number value = number(sizes[_i].text);
    ck_assert_uint_eq(dyn_number_size_bytes(&value), sizes[_i].size_bytes);
}
END_TEST

static const struct {
    const char *text;
    size_t size_bytes;
    unsigned char bytes[DYN_NUMBER_ENCODED_BYTES];
} stored[] = {
    {"0", 1, {0x80}},
    {"1", 3, {0xc0, 130, 11}},
    {"-1", 3, {0x40, 125, 244}},
    {"12", 3, {0xc0, 131, 13}},
    {"120", 3, {0xc0, 132, 13}},
    {"1.2003", 5, {0xc0, 130, 13, 1, 31}},
    {"-1.2003", 5, {0x40, 125, 242, 254, 224}},
    {"99", 3, {0xc0, 131, 100}},
    {"1e-130", 3, {0xc0, 0, 11}},
    {"1e125", 3, {0xc0, 255, 11}},
    {"-1e125", 3, {0x40, 0, 244}},
    {NINES_38, 21, {0xc0, 167, 100, 100, 100, 100, 100, 100, 100, 100, 100,
                    100,  100, 100, 100, 100, 100, 100, 100, 100, 100, 100}},
};

START_TEST(stored_bytes_are_as_documented)
{
    unsigned char bytes[DYN_NUMBER_ENCODED_BYTES];
    dyn_number value = number(stored[_i].text);
    size_t size = dyn_number_encode(&value, bytes);
    ck_assert_uint_eq(size, stored[_i].size_bytes);
    ck_assert_mem_eq(bytes, stored[_i].bytes, size);
}
END_TEST

static void check_round_trip(const char *text)
{
    unsigned char bytes[DYN_NUMBER_ENCODED_BYTES];
    dyn_number value = number(text);
    dyn_number again;
    size_t size = dyn_number_encode(&value, bytes);
    ck_assert(dyn_number_decode((dyn_bytes){bytes, size}, &again));
    ck_assert(dyn_number_equal(&value, &again));
}

START_TEST(decode_reads_what_encode_writes)
{
    for (size_t i = 0; i < COUNT(accepted); i++) {
        check_round_trip(accepted[i].text);
    }
    for (size_t i = 0; i < COUNT(ascending); i++) {
        check_round_trip(ascending[i]);
    }
}
END_TEST

static const struct {
    const char *why;
    size_t size_bytes;
    unsigned char bytes[DYN_NUMBER_ENCODED_BYTES + 1];
} damaged[] = {
    {"nothing", 0, {0}},
    {"another tag", 3, {0x41, 130, 11}},
    {"zero with more", 2, {0x80, 0}},
    {"zero with digits", 3, {0x80, 130, 11}},
    {"a tag alone", 1, {0xc0}},
    {"no digits", 2, {0xc0, 130}},
    {"no negative digits", 2, {0x40, 125}},
    {"pair byte 0", 4, {0xc0, 130, 11, 0}},
    {"pair byte 101", 4, {0xc0, 130, 11, 101}},
    {"negative pair byte 255", 4, {0x40, 125, 244, 255}},
    {"negative pair byte 154", 4, {0x40, 125, 244, 154}},
    {"first digit 0", 3, {0xc0, 130, 10}},
    {"first pair 00", 4, {0xc0, 130, 1, 11}},
    {"negative first digit 0", 3, {0x40, 125, 245}},
    {"last pair 00", 4, {0xc0, 130, 11, 1}},
    {"only pair 00", 3, {0xc0, 130, 1}},
    {"its terminator", 4, {0xc0, 130, 11, 0}},
    {"40 digits", 22, {0xc0, 130, 11, 11, 11, 11, 11, 11, 11, 11, 11,
                       11,   11,  11, 11, 11, 11, 11, 11, 11, 11, 11}},
};

START_TEST(decode_refuses_what_encode_never_writes)
{
    dyn_number untouched = {1, 2, 3, true};
    dyn_number out = untouched;
    dyn_bytes bytes = {damaged[_i].bytes, damaged[_i].size_bytes};
    ck_assert_msg(!dyn_number_decode(bytes, &out), "%s", damaged[_i].why);
    ck_assert(dyn_number_equal(&out, &untouched));
}
END_TEST

/* Whatever bytes decode accepts are the stored form of what it makes of them:
 * every change of one byte of every example. */
START_TEST(decode_accepts_one_form_of_a_number)
{
    for (size_t i = 0; i < COUNT(ascending) * DYN_NUMBER_ENCODED_BYTES; i++) {
        unsigned char bytes[DYN_NUMBER_ENCODED_BYTES];
        dyn_number value = number(ascending[i / DYN_NUMBER_ENCODED_BYTES]);
        size_t size = dyn_number_encode(&value, bytes);
        size_t changed = i % DYN_NUMBER_ENCODED_BYTES;
        if (changed >= size) continue;
        for (unsigned byte = 0; byte < 256; byte++) {
            unsigned char again[DYN_NUMBER_ENCODED_BYTES];
            bytes[changed] = (unsigned char)byte;
            if (!dyn_number_decode((dyn_bytes){bytes, size}, &value)) continue;
            ck_assert_uint_eq(dyn_number_encode(&value, again), size);
            ck_assert_mem_eq(again, bytes, size);
        }
    }
}
END_TEST

static const struct {
    int64_t value;
    const char *text;
} integers[] = {
    {0, "0"},
    {1, "1"},
    {-1, "-1"},
    {1200, "1200"},
    {-1000000000000000000, "-1000000000000000000"},
    {INT64_MAX, "9223372036854775807"},
    {INT64_MIN, "-9223372036854775808"},
};

START_TEST(integers_come_back_exactly)
{
    dyn_number value;
    int64_t again;
    dyn_number_from_int64(integers[_i].value, &value);
    assert_text(&value, integers[_i].text);
    dyn_number parsed = number(integers[_i].text);
    ck_assert(dyn_number_equal(&value, &parsed));
    ck_assert(dyn_number_to_int64(&value, &again));
    ck_assert_int_eq(again, integers[_i].value);
}
END_TEST

static const char *const not_integers[] = {
    "9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1e19",
    "1e20",
    "1e125",
    "-1e125",
    "0.5",
    "1e-130",
    "100.1",
    NINES_38,
};

START_TEST(other_numbers_are_no_integers)
{
    dyn_number value = number(not_integers[_i]);
    int64_t out = 7;
    ck_assert(!dyn_number_to_int64(&value, &out));
    ck_assert_int_eq(out, 7);
}
END_TEST

static const struct {
    const char *text;
    int64_t value;
} floors[] = {
    {"0", 0},
    {"7", 7},
    {"-7", -7},
    {"1e3", 1000},
    {"0.5", 0},
    {"-0.5", -1},
    {"1e-130", 0},
    {"-1e-130", -1},
    {"7.99999999999999999999999999999999999", 7},
    {"-7.00000000000000000000000000000000001", -8},
    {"9223372036854775807.5", INT64_MAX},
    {"-9223372036854775807.5", INT64_MIN},
};

START_TEST(a_floor_is_the_integer_that_is_not_above)
{
    dyn_number value = number(floors[_i].text);
    int64_t out = 1234;
    ck_assert(dyn_number_floor(&value, &out));
    ck_assert_int_eq(out, floors[_i].value);
}
END_TEST

static const char *const without_floor[] = {
    "9223372036854775808",
    "9223372036854775808.5",
    "-9223372036854775809",
    "-9223372036854775808.5",
    "1e125",
    "-1e125",
    NINES_38,
};

START_TEST(what_is_too_far_away_has_no_floor)
{
    dyn_number value = number(without_floor[_i]);
    int64_t out = 7;
    ck_assert(!dyn_number_floor(&value, &out));
    ck_assert_int_eq(out, 7);
}
END_TEST

static const struct {
    double value;
    const char *text;
} doubles[] = {
    {0.0, "0"},
    {-0.0, "0"},
    {1.0, "1"},
    {0.1, "0.1"},
    {-12.34, "-12.34"},
    {0.1 + 0.2, "0.30000000000000004"},
    {-73.987654321, "-73.987654321"},
    {1.0 / 3, "0.3333333333333333"},
    {100.0, "100"},
    {1e15 + 0.5, "1000000000000000.5"},
    {4503599627370495.5, "4503599627370495.5"},
    {9007199254740991.0, "9007199254740991"},
    {9007199254740992.0, "9007199254740992"},
    {9007199254740994.0, "9007199254740994"},
    {1152921504606846976.0, "1152921504606847000"},
    {85294973811622.125, "85294973811622.12"},
    {36028797018963968.0, "36028797018963970"},
    {1e22, "10000000000000000000000"},
    {1e23, "100000000000000000000000"},
    {123e-20, "0.00000000000000000123"},
    {0x1p-44, "0.00000000000005684341886080802"},
    {0x1p-24, "0.00000005960464477539063"},
    {1e-130, "0." ZEROS_129 "1"},
    {1e125, "100" ZEROS_43 ZEROS_43 "0000000000000000000000000000000000000"},
};

START_TEST(a_double_is_its_shortest_decimal)
{
    dyn_number value;
    double again;
    ck_assert(dyn_number_from_double(doubles[_i].value, &value));
    assert_text(&value, doubles[_i].text);
    ck_assert(dyn_number_to_double(&value, &again));
    ck_assert(again == doubles[_i].value);
}
END_TEST

START_TEST(powers_of_two_are_their_shortest_decimals)
{
    for (int power = -430; power <= 417; power++) {
        double value = ldexp(1.0, power);
        char shortest[64];
        for (int digits = 1; digits <= DBL_DECIMAL_DIG; digits++) {
            snprintf(shortest, sizeof(shortest), "%.*e", digits - 1, value);
            if (strtod(shortest, NULL) == value) break;
        }
        /* The search may have missed a shorter decimal, which is not the
         * nearest of its length but reads back all the same. */
        dyn_number nearest = number(shortest);
        dyn_number found;
        char text[DYN_NUMBER_TEXT_BYTES];
        size_t length = dyn_number_format(&nearest, text);
        ck_assert(dyn_number_from_double(value, &found));
        ck_assert_uint_le(dyn_number_format(&found, text), length);
        ck_assert(strtod(text, NULL) == value);
    }
}
END_TEST

START_TEST(other_doubles_are_no_numbers)
{
    static const double others[] = {1e126,   -1e126, 1e300,  9.9e-131,
                                    -1e-200, 5e-324, DBL_MAX};
    dyn_number untouched = {1, 2, 3, true};
    dyn_number out = untouched;
    for (size_t i = 0; i < COUNT(others); i++) {
        ck_assert(!dyn_number_from_double(others[i], &out));
    }
    ck_assert(!dyn_number_from_double((double)NAN, &out));
    ck_assert(!dyn_number_from_double((double)INFINITY, &out));
    ck_assert(!dyn_number_from_double(-(double)INFINITY, &out));
    ck_assert(dyn_number_equal(&out, &untouched));
}
END_TEST

/* Numbers that a double cannot hold, and the double nearest to them. */
static const struct {
    const char *text;
    double nearest;
} inexact[] = {
    {"9007199254740993", 9007199254740992.0},
    {"1152921504606846976", 1152921504606846976.0},
    {"0.1000000000000000055511151231257827021", 0.1},
    {"0.12345678901234567890", 0.12345678901234568},
    {"-" NINES_38, -1e38},
    {NINES_38 "e88", 1e126},
};

START_TEST(what_a_double_cannot_hold_becomes_the_nearest)
{
    dyn_number value = number(inexact[_i].text);
    double out;
    ck_assert(!dyn_number_to_double(&value, &out));
    ck_assert(out == inexact[_i].nearest);
}
END_TEST

/* Where the machine has a locale with a decimal comma. */
START_TEST(doubles_do_not_depend_on_the_locale)
{
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "de_DE",
                                        "fr_FR.UTF-8", "fr_FR.utf8", "ps_AF"};
    static const double values[] = {0.1 + 0.2, 1.5e-30, 6.02214076e23, 1e-9};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (setlocale(LC_ALL, names[i]) == NULL) continue;
        for (size_t j = 0; j < COUNT(values); j++) {
            dyn_number value;
            double again;
            ck_assert(dyn_number_from_double(values[j], &value));
            ck_assert(dyn_number_to_double(&value, &again));
            ck_assert(again == values[j]);
        }
        setlocale(LC_ALL, "C");
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("number");
    TCase *tests = tcase_create("number");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_loop_test(tests, parse_trims_and_format_expands, 0,
                        COUNT(accepted));
    tcase_add_loop_test(tests, equal_numbers_have_equal_members, 0,
                        COUNT(accepted));
    tcase_add_test(tests, the_longest_text_fills_its_buffer);
    tcase_add_loop_test(tests, parse_refuses_with_the_text_of_dynamodb, 0,
                        COUNT(refused));
    tcase_add_test(tests, parse_reads_no_further_than_the_size);
    tcase_add_test(tests, parse_takes_a_million_digits);
    tcase_add_test(tests, numbers_and_their_stored_bytes_have_one_order);
    tcase_add_loop_test(tests, sums_are_exact_or_refused, 0, COUNT(sums));
    tcase_add_loop_test(tests, subtracting_is_adding_the_opposite, 0,
                        COUNT(sums));
    tcase_add_test(tests, a_sum_may_replace_its_operands);
    tcase_add_loop_test(tests, size_follows_the_table, 0, COUNT(sizes));
    tcase_add_loop_test(tests, stored_bytes_are_as_documented, 0,
                        COUNT(stored));
    tcase_add_test(tests, decode_reads_what_encode_writes);
    tcase_add_loop_test(tests, decode_refuses_what_encode_never_writes, 0,
                        COUNT(damaged));
    tcase_add_test(tests, decode_accepts_one_form_of_a_number);
    tcase_add_loop_test(tests, integers_come_back_exactly, 0, COUNT(integers));
    tcase_add_loop_test(tests, other_numbers_are_no_integers, 0,
                        COUNT(not_integers));
    tcase_add_loop_test(tests, a_floor_is_the_integer_that_is_not_above, 0,
                        COUNT(floors));
    tcase_add_loop_test(tests, what_is_too_far_away_has_no_floor, 0,
                        COUNT(without_floor));
    tcase_add_loop_test(tests, a_double_is_its_shortest_decimal, 0,
                        COUNT(doubles));
    tcase_add_test(tests, powers_of_two_are_their_shortest_decimals);
    tcase_add_test(tests, other_doubles_are_no_numbers);
    tcase_add_loop_test(tests, what_a_double_cannot_hold_becomes_the_nearest, 0,
                        COUNT(inexact));
    tcase_add_test(tests, doubles_do_not_depend_on_the_locale);
    suite_add_tcase(suite, tests);

    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
