/*
 * DynamoDB's numbers: decimals of up to 38 significant digits
 * (docs/semantics.md 1), their text, their order, their sum, and their stored
 * bytes.
 *
 * A number is held trimmed, so equal numbers have equal members. Nothing here
 * allocates; a dyn_number owns nothing.
 *
 * The stored form compares with memcmp() as the numbers do, once a terminator
 * follows it: 0x00 after a positive number, 0xFF after a negative one, nothing
 * after zero (key.h adds it). A number has one stored form.
 *
 *   zero       0x80
 *   positive   0xC0  exponent  pair, 1 to 19 times
 *   negative   0x40  the same bytes, each complemented
 *   exponent   power of ten of the first digit, -130 .. 125, plus 130
 *   pair       two digits, 00 .. 99, plus 1; an odd last digit is followed by
 *              a 0; the first digit is not 0, the last pair is not 00
 *
 * Layer: item. Knows nothing of values and keys.
 */
#ifndef DYN_ITEM_NUMBER_H
#define DYN_ITEM_NUMBER_H

#include "base/call.h"

/* (high << 64 | low) * 10^exponent, or less than zero by as much. The
 * coefficient has 1 to 38 decimal digits, the last of them not 0, and its first
 * digit stands for 10^-130 .. 10^125. Zero has 0 in every member. */
typedef struct dyn_number {
    uint64_t high, low;
    int16_t exponent;
    bool negative;
} dyn_number;

enum {
    /* The longest text is a negative number of 38 digits that begins at
     * 10^-130: "-0." (3), 129 zeros, the digits, and a zero byte. The longest
     * integer, "-" and 126 digits, is shorter. */
    DYN_NUMBER_TEXT_BYTES = 3 + 129 + DYN_NUMBER_DIGITS_MAX + 1,

    /* The longest stored form is two bytes and 19 pairs; the one byte more is
     * for a terminator. */
    DYN_NUMBER_ENCODED_BYTES = 2 + DYN_NUMBER_DIGITS_MAX / 2 + 1,
};

/*
 * Read a number: an optional sign, digits with an optional point among, before
 * or after them, and optionally e or E and an integer exponent. No blanks.
 * Takes time proportional to the text, whatever the exponent.
 *
 * Fails with DYN_INVALID and one of DynamoDB's texts, leaving *out alone
 * (docs/semantics.md 14, values):
 *   The parameter cannot be converted to a numeric value
 *   The parameter cannot be converted to a numeric value: <text>
 *   Number overflow. Attempting to store ...   10^126 or more
 *   Number underflow. Attempting to store ...  less than 10^-130, and not 0
 *   Attempting to store more than 38 significant digits in a Number
 * A number that breaks two rules is reported by the first of them.
 */
dyn_status dyn_number_parse(dyn_call *call, dyn_bytes text, dyn_number *out);

/* Write a number trimmed and expanded, with no exponent (docs/semantics.md 1),
 * and a zero byte. Returns the length without that. */
size_t dyn_number_format(const dyn_number *number,
                         char out[DYN_NUMBER_TEXT_BYTES]);

/* -1, 0 or 1. */
int dyn_number_compare(const dyn_number *a, const dyn_number *b);

bool dyn_number_equal(const dyn_number *a, const dyn_number *b);

/*
 * The exact sum or difference. out may be a or b.
 *
 * Fails with DYN_INVALID and the texts of dyn_number_parse(), leaving *out
 * alone, when the result is out of range or needs more than 38 digits.
 */
dyn_status dyn_number_add(dyn_call *call, const dyn_number *a,
                          const dyn_number *b, dyn_number *out);
dyn_status dyn_number_subtract(dyn_call *call, const dyn_number *a,
                               const dyn_number *b, dyn_number *out);

/* DynamoDB's size in bytes (docs/semantics.md 1, "Item size"). */
size_t dyn_number_size_bytes(const dyn_number *number);

/* Write the stored form, without a terminator. Returns its size in bytes. */
size_t dyn_number_encode(const dyn_number *number,
                         unsigned char out[DYN_NUMBER_ENCODED_BYTES]);

/* Read a stored form, without a terminator. Returns false, leaving *out alone,
 * when the bytes are not exactly what dyn_number_encode() writes for some
 * number. */
bool dyn_number_decode(dyn_bytes encoded, dyn_number *out);

void dyn_number_from_int64(int64_t value, dyn_number *out);

/* The shortest decimal that strtod() reads back as value, of several the
 * nearest to it, of two as near the even one; -0.0 is 0. Returns false, leaving
 * *out alone, for a NaN, an infinity, and a decimal out of DynamoDB's range. */
bool dyn_number_from_double(double value, dyn_number *out);

/* Returns false, leaving *out alone, unless the number is an int64_t. */
bool dyn_number_to_int64(const dyn_number *number, int64_t *out);

/* The largest integer that is not above the number. Returns false, leaving *out
 * alone, when it is no int64_t. */
bool dyn_number_floor(const dyn_number *number, int64_t *out);

/* Write the double nearest to number. Returns whether dyn_number_from_double()
 * makes the same number of it again, that is, whether nothing was lost. */
bool dyn_number_to_double(const dyn_number *number, double *out);

#endif
