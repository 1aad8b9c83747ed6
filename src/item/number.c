/*
 * Decimals in 128-bit integers: 10^38 is less than 2^127. What fits 64 bits,
 * as nearly all numbers do, is worked on there, since dividing 128 bits is a
 * function call. Needs a compiler with __int128, that is, a 64-bit target.
 */
#include "item/number.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>

/* The conversions from and to double count on it. */
_Static_assert(FLT_EVAL_METHOD == 0 && FLT_RADIX == 2 && DBL_MANT_DIG == 53,
               "double is IEEE 754 binary64, computed as such");

__extension__ typedef unsigned __int128 wide;

enum {
    FIRST_DIGIT_MIN = -130, /* powers of ten */
    FIRST_DIGIT_MAX = 125,
    PAIRS_MAX = DYN_NUMBER_DIGITS_MAX / 2,
    POWER_64_MAX = 19,  /* of ten, in 64 bits */
    NARROW_PAIRS = 9,   /* their digits fit 64 bits */
    DIGITS_ENOUGH = 17, /* to tell any double from any other */

    TAG_NEGATIVE = 0x40,
    TAG_ZERO = 0x80,
    TAG_POSITIVE = 0xc0,
    HEAD_BYTES = 2, /* tag and exponent */
};

static const uint64_t NARROW_PAIRS_POWER = 1000000000000000000; /* 10^18 */

static const uint64_t powers_of_ten[POWER_64_MAX + 1] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000U,
};

/* 10^exponent; exponent is 0 to 38. */
static wide power_of_ten(unsigned exponent)
{
    if (exponent <= POWER_64_MAX) return powers_of_ten[exponent];
    return (wide)powers_of_ten[POWER_64_MAX] *
           powers_of_ten[exponent - POWER_64_MAX];
}

static wide coefficient_of(const dyn_number *number)
{
    return (wide)number->high << 64 | number->low;
}

static bool is_zero(const dyn_number *number)
{
    return (number->high | number->low) == 0;
}

/* How many decimal digits; coefficient is not 0. 1233 / 4096 is little less
 * than log10(2), so the guess is right or one too few. */
static unsigned count_digits(wide coefficient)
{
    uint64_t high = (uint64_t)(coefficient >> 64);
    int bits = high != 0 ? 128 - __builtin_clzll(high)
                         : 64 - __builtin_clzll((uint64_t)coefficient);
    unsigned digits = (unsigned)bits * 1233 / 4096;
    return digits + (coefficient >= power_of_ten(digits));
}

/* The power of ten of the first digit; number is not 0. */
static int first_digit_of(const dyn_number *number)
{
    return number->exponent + (int)count_digits(coefficient_of(number)) - 1;
}

/* Zeros at the end become part of the exponent. coefficient is not 0. */
static void trim(wide *coefficient, int *exponent)
{
    wide many = *coefficient;
    while (many > UINT64_MAX && many % 10 == 0) {
        many /= 10;
        *exponent += 1;
    }
    *coefficient = many;
    if (many > UINT64_MAX) return;

    uint64_t few = (uint64_t)many;
    while (few % 1000 == 0) {
        few /= 1000;
        *exponent += 3;
    }
    while (few % 10 == 0) {
        few /= 10;
        *exponent += 1;
    }
    *coefficient = few;
}

/* coefficient is trimmed, not 0, and in range with its exponent. */
static void set(dyn_number *out, bool negative, wide coefficient, int exponent)
{
    *out = (dyn_number){
        .high = (uint64_t)(coefficient >> 64),
        .low = (uint64_t)coefficient,
        .exponent = (int16_t)exponent,
        .negative = negative,
    };
}

static dyn_status fail_overflow(dyn_call *call)
{
    return dyn_fail_reason(call, DYN_INVALID, DYN_REASON_NUMBER,
                           "Number overflow. Attempting to store a number with "
                           "magnitude larger than supported range");
}

static dyn_status fail_digits(dyn_call *call)
{
    return dyn_fail_reason(call, DYN_INVALID, DYN_REASON_NUMBER,
                           "Attempting to store more than 38 significant "
                           "digits in a Number");
}

/* Check a number of so many significant digits, the last of which stands for
 * 10^exponent. */
static dyn_status check_limits(dyn_call *call, int64_t digits, int64_t exponent)
{
    int64_t first_digit = exponent + digits - 1;
    if (first_digit > FIRST_DIGIT_MAX) return fail_overflow(call);
    if (first_digit < FIRST_DIGIT_MIN) {
        return dyn_fail_reason(call, DYN_INVALID, DYN_REASON_NUMBER,
                               "Number underflow. Attempting to store a number "
                               "with magnitude smaller than supported range");
    }
    if (digits > DYN_NUMBER_DIGITS_MAX) return fail_digits(call);
    return DYN_OK;
}

/* What has been read of a text. The counts are as long as the text. */
typedef struct numeral {
    const unsigned char *next;
    const unsigned char *end;
    int64_t digits;   /* significant ones, none when it is 0 */
    wide coefficient; /* meaningless when there are more than 38 */
    int64_t exponent;
} numeral;

/* The value of the digit at *next, or more than 9. */
static unsigned digit_at(const unsigned char *next)
{
    return (unsigned)*next - '0';
}

/* Put a digit other than 0 behind the coefficient, and zeros before it unless
 * it is the first. */
static void add_digit(numeral *text, int64_t zeros, unsigned digit)
{
    int64_t more = text->digits == 0 ? 1 : zeros + 1;
    text->digits += more;
    if (text->digits <= POWER_64_MAX) {
        uint64_t few = (uint64_t)text->coefficient;
        text->coefficient = few * powers_of_ten[more] + digit;
    } else if (text->digits <= DYN_NUMBER_DIGITS_MAX) {
        text->coefficient *= power_of_ten((unsigned)more);
        text->coefficient += digit;
    }
}

/* Read digits with an optional point. False when there is no digit. Zeros are
 * held back until another digit shows that they are not trailing. */
static bool scan_digits(numeral *text)
{
    const unsigned char *start = text->next;
    const unsigned char *next = start;
    const unsigned char *point = NULL;
    int64_t zeros = 0;
    for (; next < text->end; next++) {
        unsigned digit = digit_at(next);
        if (digit == 0) {
            zeros++;
        } else if (digit <= 9) {
            add_digit(text, zeros, digit);
            zeros = 0;
        } else if (*next == '.' && point == NULL) {
            point = next;
        } else {
            break;
        }
    }
    text->next = next;
    text->exponent = zeros;
    if (point != NULL) text->exponent -= next - point - 1;
    return next - start > (point != NULL);
}

/* Read what follows the e. False when there is no digit. An exponent past
 * counting stays huge; no text has as many digits to make up for it. */
static bool scan_exponent(numeral *text)
{
    static const int64_t HUGE_EXPONENT = 1000000000000000000;
    bool negative = text->next < text->end && *text->next == '-';
    if (text->next < text->end && (negative || *text->next == '+')) {
        text->next++;
    }
    if (text->next == text->end) return false;
    int64_t exponent = 0;
    for (; text->next < text->end; text->next++) {
        unsigned digit = digit_at(text->next);
        if (digit > 9) return false;
        if (exponent < HUGE_EXPONENT / 10) exponent = exponent * 10 + digit;
    }
    text->exponent += negative ? -exponent : exponent;
    return true;
}

static dyn_status fail_text(dyn_call *call, dyn_bytes text)
{
    int shown = text.size_bytes < DYN_ERROR_MESSAGE_BYTES
                    ? (int)text.size_bytes
                    : DYN_ERROR_MESSAGE_BYTES;
    return dyn_fail_reason(
        call, DYN_INVALID, DYN_REASON_NUMBER,
        "The parameter cannot be converted to a numeric value: %.*s", shown,
        (const char *)text.data);
}

dyn_status dyn_number_parse(dyn_call *call, dyn_bytes text, dyn_number *out)
{
    if (text.size_bytes == 0) {
        return dyn_fail_reason(
            call, DYN_INVALID, DYN_REASON_NUMBER,
            "The parameter cannot be converted to a numeric value");
    }
    numeral read = {.next = text.data, .end = text.data + text.size_bytes};
    bool negative = *read.next == '-';
    if (negative || *read.next == '+') read.next++;
    if (!scan_digits(&read)) return fail_text(call, text);
    if (read.next < read.end) {
        if (*read.next != 'e' && *read.next != 'E') {
            return fail_text(call, text);
        }
        read.next++;
        if (!scan_exponent(&read)) return fail_text(call, text);
    }
    if (read.digits == 0) {
        *out = (dyn_number){0};
        return DYN_OK;
    }
    DYN_TRY(check_limits(call, read.digits, read.exponent));
    set(out, negative, read.coefficient, (int)read.exponent);
    return DYN_OK;
}

/* Write the digits in pairs, 0 to 99, an odd last digit followed by a 0.
 * Returns the number of pairs. */
static unsigned split(wide coefficient, unsigned digits,
                      unsigned char pairs[PAIRS_MAX])
{
    unsigned count = (digits + 1) / 2;
    if (digits % 2 != 0) coefficient *= 10;
    unsigned left = count;
    while (coefficient > UINT64_MAX) {
        wide rest = coefficient / NARROW_PAIRS_POWER;
        uint64_t low = (uint64_t)(coefficient - rest * NARROW_PAIRS_POWER);
        for (unsigned i = 0; i < NARROW_PAIRS; i++) {
            pairs[--left] = (unsigned char)(low % 100);
            low /= 100;
        }
        coefficient = rest;
    }
    uint64_t rest = (uint64_t)coefficient;
    while (left > 0) {
        pairs[--left] = (unsigned char)(rest % 100);
        rest /= 100;
    }
    return count;
}

/* Write the digits, and perhaps a 0 behind them. */
static void write_digits(wide coefficient, unsigned digits, char *out)
{
    unsigned char pairs[PAIRS_MAX];
    unsigned count = split(coefficient, digits, pairs);
    for (unsigned i = 0; i < count; i++) {
        *out++ = (char)('0' + pairs[i] / 10);
        *out++ = (char)('0' + pairs[i] % 10);
    }
}

size_t dyn_number_format(const dyn_number *number,
                         char out[DYN_NUMBER_TEXT_BYTES])
{
    if (is_zero(number)) {
        memcpy(out, "0", 2);
        return 1;
    }
    wide coefficient = coefficient_of(number);
    unsigned digits = count_digits(coefficient);
    int whole = (int)digits + number->exponent; /* digits before the point */
    char *next = out;
    if (number->negative) *next++ = '-';
    if (number->exponent >= 0) {
        write_digits(coefficient, digits, next);
        memset(next + digits, '0', (size_t)number->exponent);
        next += whole;
    } else if (whole > 0) {
        write_digits(coefficient, digits, next + 1);
        memmove(next, next + 1, (size_t)whole);
        next[whole] = '.';
        next += digits + 1;
    } else {
        size_t zeros = (size_t)-whole;
        memcpy(next, "0.", 2);
        memset(next + 2, '0', zeros);
        write_digits(coefficient, digits, next + 2 + zeros);
        next += 2 + zeros + digits;
    }
    *next = '\0';
    return (size_t)(next - out);
}

/* Compare two numbers other than 0 without their signs. */
static int compare_magnitudes(const dyn_number *a, const dyn_number *b)
{
    wide left = coefficient_of(a);
    wide right = coefficient_of(b);
    if (a->exponent != b->exponent) {
        int order = first_digit_of(a) - first_digit_of(b);
        if (order != 0) return order < 0 ? -1 : 1;
        /* The first digits stand for the same power, so the one with fewer
         * digits has as many as the other when scaled. */
        int scale = a->exponent - b->exponent;
        if (scale > 0) left *= power_of_ten((unsigned)scale);
        if (scale < 0) right *= power_of_ten((unsigned)-scale);
    }
    return (left > right) - (left < right);
}

int dyn_number_compare(const dyn_number *a, const dyn_number *b)
{
    int left = is_zero(a) ? 0 : a->negative ? -1 : 1;
    int right = is_zero(b) ? 0 : b->negative ? -1 : 1;
    if (left != right) return left < right ? -1 : 1;
    if (left == 0) return 0;
    return left * compare_magnitudes(a, b);
}

bool dyn_number_equal(const dyn_number *a, const dyn_number *b)
{
    return a->low == b->low && a->high == b->high &&
           a->exponent == b->exponent && a->negative == b->negative;
}

/*
 * Refuse a sum of more than 38 digits, big being so much greater than small
 * that their sum is no less than 10^38 times the last digit of small. Whether
 * it also passes the range depends on what small adds to the last digit of big.
 */
static dyn_status fail_sum(dyn_call *call, const dyn_number *big,
                           const dyn_number *small)
{
    int scale = big->exponent - small->exponent;
    wide coefficient = coefficient_of(big);
    if (big->negative == small->negative && scale <= DYN_NUMBER_DIGITS_MAX) {
        coefficient += coefficient_of(small) / power_of_ten((unsigned)scale);
    }
    int first_digit = big->exponent + (int)count_digits(coefficient) - 1;
    return first_digit > FIRST_DIGIT_MAX ? fail_overflow(call)
                                         : fail_digits(call);
}

dyn_status dyn_number_add(dyn_call *call, const dyn_number *a,
                          const dyn_number *b, dyn_number *out)
{
    if (is_zero(a) || is_zero(b)) {
        *out = is_zero(a) ? *b : *a;
        return DYN_OK;
    }
    const dyn_number *big = a->exponent >= b->exponent ? a : b;
    const dyn_number *small = big == a ? b : a;

    /* Scale big to the exponent of small. If that makes 2 * 10^38 or more, the
     * result has more than 38 digits, as small is less than 10^38 and its last
     * digit stays. If not, it all fits 128 bits. */
    int scale = big->exponent - small->exponent;
    wide left = coefficient_of(big);
    wide right = coefficient_of(small);
    if (scale > DYN_NUMBER_DIGITS_MAX ||
        left >= 2 * power_of_ten((unsigned)(DYN_NUMBER_DIGITS_MAX - scale))) {
        return fail_sum(call, big, small);
    }
    left *= power_of_ten((unsigned)scale);

    bool negative = big->negative;
    wide sum = left + right;
    if (big->negative != small->negative) {
        if (left < right) negative = small->negative;
        sum = left < right ? right - left : left - right;
    }
    if (sum == 0) {
        *out = (dyn_number){0};
        return DYN_OK;
    }
    int exponent = small->exponent;
    trim(&sum, &exponent);
    DYN_TRY(check_limits(call, count_digits(sum), exponent));
    set(out, negative, sum, exponent);
    return DYN_OK;
}

dyn_status dyn_number_subtract(dyn_call *call, const dyn_number *a,
                               const dyn_number *b, dyn_number *out)
{
    dyn_number opposite = *b;
    opposite.negative = !b->negative && !is_zero(b);
    return dyn_number_add(call, a, &opposite, out);
}

size_t dyn_number_size_bytes(const dyn_number *number)
{
    if (is_zero(number)) return 1;
    int digits = (int)count_digits(coefficient_of(number));
    int whole = digits + number->exponent;
    if (whole > digits) whole = digits;
    if (whole < 0) whole = 0;
    int size = 1 + (whole + 1) / 2 + (digits - whole + 1) / 2;
    return (size_t)size + number->negative;
}

size_t dyn_number_encode(const dyn_number *number,
                         unsigned char out[DYN_NUMBER_ENCODED_BYTES])
{
    if (is_zero(number)) {
        out[0] = TAG_ZERO;
        return 1;
    }
    unsigned char pairs[PAIRS_MAX];
    wide coefficient = coefficient_of(number);
    unsigned digits = count_digits(coefficient);
    unsigned count = split(coefficient, digits, pairs);
    int exponent = number->exponent + (int)digits - 1 - FIRST_DIGIT_MIN;
    unsigned flip = number->negative ? 0xff : 0;

    out[0] = number->negative ? TAG_NEGATIVE : TAG_POSITIVE;
    out[1] = (unsigned char)((unsigned)exponent ^ flip);
    for (unsigned i = 0; i < count; i++) {
        out[HEAD_BYTES + i] = (unsigned char)((pairs[i] + 1U) ^ flip);
    }
    return HEAD_BYTES + count;
}

/* Read pairs into a coefficient without the 0 that may follow the last digit.
 * Returns the number of digits, or 0 when the pairs are not canonical. */
static unsigned join(const unsigned char *bytes, size_t count, unsigned flip,
                     wide *coefficient)
{
    wide many = 0;
    uint64_t few = 0;
    unsigned pair = 0;
    for (size_t i = 0; i < count; i++) {
        pair = (bytes[i] ^ flip) - 1;
        if (pair > 99) return 0;
        if (i == 0 && pair < 10) return 0;
        if (i + 1 == count) break;
        if (i < NARROW_PAIRS) {
            few = few * 100 + pair;
            many = few;
        } else {
            many = many * 100 + pair;
        }
    }
    if (pair == 0) return 0;
    bool odd = pair % 10 == 0;
    *coefficient = odd ? many * 10 + pair / 10 : many * 100 + pair;
    return (unsigned)count * 2 - odd;
}

bool dyn_number_decode(dyn_bytes encoded, dyn_number *out)
{
    const unsigned char *bytes = encoded.data;
    if (encoded.size_bytes == 1 && bytes[0] == TAG_ZERO) {
        *out = (dyn_number){0};
        return true;
    }
    if (encoded.size_bytes <= HEAD_BYTES ||
        encoded.size_bytes > HEAD_BYTES + PAIRS_MAX) {
        return false;
    }
    if (bytes[0] != TAG_POSITIVE && bytes[0] != TAG_NEGATIVE) return false;
    bool negative = bytes[0] == TAG_NEGATIVE;
    unsigned flip = negative ? 0xff : 0;
    wide coefficient;
    unsigned digits = join(bytes + HEAD_BYTES, encoded.size_bytes - HEAD_BYTES,
                           flip, &coefficient);
    if (digits == 0) return false;
    int first_digit = (int)(bytes[1] ^ flip) + FIRST_DIGIT_MIN;
    set(out, negative, coefficient, first_digit - (int)digits + 1);
    return true;
}

static void set_uint64(dyn_number *out, bool negative, uint64_t magnitude)
{
    if (magnitude == 0) {
        *out = (dyn_number){0};
        return;
    }
    wide coefficient = magnitude;
    int exponent = 0;
    trim(&coefficient, &exponent);
    set(out, negative, coefficient, exponent);
}

void dyn_number_from_int64(int64_t value, dyn_number *out)
{
    uint64_t magnitude = (uint64_t)value;
    set_uint64(out, value < 0, value < 0 ? 0 - magnitude : magnitude);
}

static bool int64_of(wide magnitude, bool is_negative, int64_t *out)
{
    wide limit = (wide)INT64_MAX + is_negative;
    if (magnitude > limit) return false;
    uint64_t bits = (uint64_t)magnitude;
    if (!is_negative) {
        *out = (int64_t)bits;
    } else {
        *out = bits == 0 ? 0 : -(int64_t)(bits - 1) - 1;
    }
    return true;
}

bool dyn_number_to_int64(const dyn_number *number, int64_t *out)
{
    /* Trimmed, so a negative exponent means a fraction. */
    if (number->high != 0) return false;
    if (number->exponent < 0 || number->exponent >= POWER_64_MAX) return false;
    return int64_of((wide)number->low * powers_of_ten[number->exponent],
                    number->negative, out);
}

bool dyn_number_floor(const dyn_number *number, int64_t *out)
{
    if (number->exponent >= 0) return dyn_number_to_int64(number, out);
    unsigned digits = (unsigned)-number->exponent;
    wide whole = digits > DYN_NUMBER_DIGITS_MAX
                     ? 0
                     : coefficient_of(number) / power_of_ten(digits);
    /* Trimmed, so there is a fraction. */
    return int64_of(whole + number->negative, number->negative, out);
}

/* A double: fraction * 2^-shift. */
typedef struct binary {
    uint64_t fraction; /* 2^52 to 2^53 - 1 */
    int shift;
} binary;

static const uint64_t HIDDEN_BIT = UINT64_C(1) << 52;
static const uint64_t FRACTION_END = UINT64_C(1) << 53;

/* magnitude is positive, finite and not subnormal. */
static binary binary_of(double magnitude)
{
    uint64_t bits;
    memcpy(&bits, &magnitude, sizeof(bits));
    return (binary){
        .fraction = (bits & (HIDDEN_BIT - 1)) | HIDDEN_BIT,
        .shift = 1075 - (int)(bits >> 52),
    };
}

/* The double nearest to coefficient * 10^exponent. strtod() sees no point, so
 * the locale's does not matter. */
static double nearest_double(wide coefficient, int exponent)
{
    char text[DYN_NUMBER_DIGITS_MAX + 16];
    unsigned digits = count_digits(coefficient);
    write_digits(coefficient, digits, text);
    snprintf(text + digits, sizeof(text) - digits, "e%d", exponent);
    return strtod(text, NULL);
}

/* value / 2^bits, rounded to the nearest integer, of two to the even one, as
 * printf() does. bits is not 0. */
static wide shift_right(wide value, int bits)
{
    wide less_than_half = ((wide)1 << (bits - 1)) - 1;
    wide is_odd = value >> bits & 1;
    return (value + less_than_half + is_odd) >> bits;
}

/*
 * The shortest decimal for a double of about 10^-6 to 10^15 that is not an
 * integer, in exact arithmetic: fraction * 10^scale stays below 2^127 for
 * scales up to 22. Returns false when it takes more than that.
 *
 * The first scale is the shortest at which the nearest decimal reads back as
 * the double, that is, is no further from it than half the distance between
 * doubles, 2^-shift. The search starts where there are at most 15 digits (the
 * logarithm as in count_digits()): no two decimals of up to 15 digits read back
 * as the same double. Two cases do not arise here: a decimal midway between two
 * doubles has 18 digits or more; and a power of two, below which doubles are
 * closer, either is the decimal found or needs a scale past the last.
 */
static bool shortest_exactly(binary value, wide *coefficient, int *exponent)
{
    enum { SCALE_MAX = 22 };
    if (value.shift < 1) return false;
    int scale = DBL_DIG - 1 - (DBL_MANT_DIG - value.shift) * 1233 / 4096;
    for (scale = scale < 0 ? 0 : scale; scale <= SCALE_MAX; scale++) {
        wide power = power_of_ten((unsigned)scale);
        wide exact = value.fraction * power;
        wide rounded = shift_right(exact, value.shift);
        wide back = rounded << value.shift;
        wide error = back < exact ? exact - back : back - exact;
        if (2 * error < power) {
            *coefficient = rounded;
            *exponent = -scale;
            return true;
        }
    }
    return false;
}

/* The nearest decimal of so many digits, 2 to 17. What separates the first
 * digit from the others is the locale's. */
static void round_to_digits(double magnitude, int digits, wide *coefficient,
                            int *exponent)
{
    char text[64];
    snprintf(text, sizeof(text), "%.*e", digits - 1, magnitude);
    uint64_t read = 0;
    const char *next = text;
    for (; *next != 'e'; next++) {
        unsigned digit = digit_at((const unsigned char *)next);
        if (digit <= 9) read = read * 10 + digit;
    }
    *coefficient = read;
    *exponent = (int)strtol(next + 1, NULL, 10) - (digits - 1);
}

/* The shortest decimal for any double; slower. */
static void shortest_by_trial(double magnitude, binary value, wide *coefficient,
                              int *exponent)
{
    for (int digits = DBL_DIG; digits < DIGITS_ENOUGH; digits++) {
        round_to_digits(magnitude, digits, coefficient, exponent);
        if (nearest_double(*coefficient, *exponent) == magnitude) return;
        /* Above a power of two doubles are further apart than below it, so the
         * second nearest may do where the nearest does not. */
        *coefficient += 1;
        if (value.fraction == HIDDEN_BIT &&
            nearest_double(*coefficient, *exponent) == magnitude) {
            return;
        }
    }
    round_to_digits(magnitude, DIGITS_ENOUGH, coefficient, exponent);
}

bool dyn_number_from_double(double value, dyn_number *out)
{
    bool negative = value < 0;
    double magnitude = negative ? -value : value;
    if (magnitude < (double)FRACTION_END) {
        /* Integers up to here are all doubles, so each is its own decimal. */
        uint64_t integer = (uint64_t)magnitude;
        if ((double)integer == magnitude) {
            set_uint64(out, negative, integer);
            return true;
        }
    }
    if (!(magnitude > 1e-131 && magnitude < 1e127)) return false;
    binary parts = binary_of(magnitude);
    wide coefficient;
    int exponent;
    if (!shortest_exactly(parts, &coefficient, &exponent)) {
        shortest_by_trial(magnitude, parts, &coefficient, &exponent);
    }
    trim(&coefficient, &exponent);
    int first_digit = exponent + (int)count_digits(coefficient) - 1;
    if (first_digit < FIRST_DIGIT_MIN || first_digit > FIRST_DIGIT_MAX) {
        return false;
    }
    set(out, negative, coefficient, exponent);
    return true;
}

bool dyn_number_to_double(const dyn_number *number, double *out)
{
    enum { EXACT_POWER_MAX = 22 };
    static const double exact_powers[EXACT_POWER_MAX + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    };
    wide coefficient = coefficient_of(number);
    int exponent = number->exponent;
    double magnitude;
    if (coefficient >= FRACTION_END || exponent > EXACT_POWER_MAX ||
        exponent < -EXACT_POWER_MAX) {
        magnitude = nearest_double(coefficient, exponent);
    } else if (exponent < 0) {
        magnitude = (double)number->low / exact_powers[-exponent];
    } else {
        magnitude = (double)number->low * exact_powers[exponent];
    }
    *out = number->negative ? -magnitude : magnitude;

    /* Up to 15 digits no other decimal as short reads as the same double. More
     * than 17 are never needed. */
    if (coefficient < powers_of_ten[DBL_DIG]) return true;
    if (coefficient >= powers_of_ten[DIGITS_ENOUGH]) return false;
    dyn_number again;
    return dyn_number_from_double(*out, &again) &&
           dyn_number_equal(number, &again);
}
