/* Base64, three bytes or four digits at a time. */
#include "base/base64.h"

enum {
    GROUP_BYTES = 3,
    GROUP_DIGITS = 4,
    DIGIT = 0x40, /* | value: marks what is in the alphabet */
    VALUE = 0x3f,
};

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* DIGIT | value of each character of the alphabet, 0 for all others. */
static const unsigned char digits[256] = {
    ['A'] = DIGIT | 0,  ['B'] = DIGIT | 1,  ['C'] = DIGIT | 2,
    ['D'] = DIGIT | 3,  ['E'] = DIGIT | 4,  ['F'] = DIGIT | 5,
    ['G'] = DIGIT | 6,  ['H'] = DIGIT | 7,  ['I'] = DIGIT | 8,
    ['J'] = DIGIT | 9,  ['K'] = DIGIT | 10, ['L'] = DIGIT | 11,
    ['M'] = DIGIT | 12, ['N'] = DIGIT | 13, ['O'] = DIGIT | 14,
    ['P'] = DIGIT | 15, ['Q'] = DIGIT | 16, ['R'] = DIGIT | 17,
    ['S'] = DIGIT | 18, ['T'] = DIGIT | 19, ['U'] = DIGIT | 20,
    ['V'] = DIGIT | 21, ['W'] = DIGIT | 22, ['X'] = DIGIT | 23,
    ['Y'] = DIGIT | 24, ['Z'] = DIGIT | 25, ['a'] = DIGIT | 26,
    ['b'] = DIGIT | 27, ['c'] = DIGIT | 28, ['d'] = DIGIT | 29,
    ['e'] = DIGIT | 30, ['f'] = DIGIT | 31, ['g'] = DIGIT | 32,
    ['h'] = DIGIT | 33, ['i'] = DIGIT | 34, ['j'] = DIGIT | 35,
    ['k'] = DIGIT | 36, ['l'] = DIGIT | 37, ['m'] = DIGIT | 38,
    ['n'] = DIGIT | 39, ['o'] = DIGIT | 40, ['p'] = DIGIT | 41,
    ['q'] = DIGIT | 42, ['r'] = DIGIT | 43, ['s'] = DIGIT | 44,
    ['t'] = DIGIT | 45, ['u'] = DIGIT | 46, ['v'] = DIGIT | 47,
    ['w'] = DIGIT | 48, ['x'] = DIGIT | 49, ['y'] = DIGIT | 50,
    ['z'] = DIGIT | 51, ['0'] = DIGIT | 52, ['1'] = DIGIT | 53,
    ['2'] = DIGIT | 54, ['3'] = DIGIT | 55, ['4'] = DIGIT | 56,
    ['5'] = DIGIT | 57, ['6'] = DIGIT | 58, ['7'] = DIGIT | 59,
    ['8'] = DIGIT | 60, ['9'] = DIGIT | 61, ['+'] = DIGIT | 62,
    ['/'] = DIGIT | 63,
};

/* The 24 bits of four digits. Returns false when one is not a digit. */
static bool decode_group(const unsigned char group[GROUP_DIGITS], uint32_t *out)
{
    unsigned char a = digits[group[0]];
    unsigned char b = digits[group[1]];
    unsigned char c = digits[group[2]];
    unsigned char d = digits[group[3]];
    *out = (uint32_t)(a & VALUE) << 18 | (uint32_t)(b & VALUE) << 12 |
           (uint32_t)(c & VALUE) << 6 | (uint32_t)(d & VALUE);
    return (a & b & c & d & DIGIT) != 0;
}

static void store_bytes(uint32_t bits, size_t count, unsigned char *out)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = (unsigned char)(bits >> (16 - 8 * i));
    }
}

/* The last group: its padding is read as digits of value zero, and then all
 * bits beyond the bytes it stands for must be zero. */
static bool decode_last_group(const unsigned char *group, size_t padding,
                              unsigned char *out)
{
    unsigned char padded[GROUP_DIGITS];
    memcpy(padded, group, GROUP_DIGITS);
    memset(padded + GROUP_DIGITS - padding, 'A', padding);
    uint32_t bits;
    if (!decode_group(padded, &bits)) return false;
    if ((bits & ((UINT32_C(1) << (8 * padding)) - 1)) != 0) return false;
    store_bytes(bits, GROUP_BYTES - padding, out);
    return true;
}

/* How many of the last digits are padding: 0, 1 or 2. */
static size_t padding_of(dyn_bytes text)
{
    const unsigned char *end = text.data + text.size_bytes;
    if (end[-1] != '=') return 0;
    return end[-2] != '=' ? 1 : 2;
}

static dyn_status fail_invalid(dyn_call *call)
{
    return dyn_fail(call, DYN_INVALID, "Invalid base64 text");
}

dyn_status dyn_base64_decode(dyn_call *call, dyn_bytes text, dyn_bytes *out)
{
    if (text.size_bytes % GROUP_DIGITS != 0) return fail_invalid(call);
    if (text.size_bytes == 0) {
        *out = dyn_bytes_text("");
        return DYN_OK;
    }

    size_t groups = text.size_bytes / GROUP_DIGITS;
    size_t padding = padding_of(text);
    unsigned char *data = dyn_alloc(call, groups * GROUP_BYTES);
    if (data == NULL) return DYN_NOMEM;
    const unsigned char *group = text.data;
    unsigned char *next = data;
    for (size_t i = 1; i < groups; i++) {
        uint32_t bits;
        if (!decode_group(group, &bits)) return fail_invalid(call);
        store_bytes(bits, GROUP_BYTES, next);
        group += GROUP_DIGITS;
        next += GROUP_BYTES;
    }
    if (!decode_last_group(group, padding, next)) return fail_invalid(call);
    *out = (dyn_bytes){data, groups * GROUP_BYTES - padding};
    return DYN_OK;
}

size_t dyn_base64_encoded_bytes(size_t size_bytes)
{
    size_t groups = size_bytes / GROUP_BYTES + (size_bytes % GROUP_BYTES != 0);
    return groups * GROUP_DIGITS;
}

static void encode_group(uint32_t bits, char out[GROUP_DIGITS])
{
    out[0] = alphabet[bits >> 18 & VALUE];
    out[1] = alphabet[bits >> 12 & VALUE];
    out[2] = alphabet[bits >> 6 & VALUE];
    out[3] = alphabet[bits & VALUE];
}

void dyn_base64_encode(dyn_bytes bytes, char *out)
{
    const unsigned char *next = bytes.data;
    size_t left = bytes.size_bytes;
    for (; left >= GROUP_BYTES; left -= GROUP_BYTES) {
        encode_group((uint32_t)next[0] << 16 | (uint32_t)next[1] << 8 | next[2],
                     out);
        next += GROUP_BYTES;
        out += GROUP_DIGITS;
    }
    if (left == 0) return;
    uint32_t second = left > 1 ? next[1] : 0;
    encode_group((uint32_t)next[0] << 16 | second << 8, out);
    memset(out + GROUP_DIGITS - (GROUP_BYTES - left), '=', GROUP_BYTES - left);
}
