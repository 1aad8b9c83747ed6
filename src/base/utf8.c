/* Checking and writing UTF-8. Most text is ASCII, which is checked by words. */
#include "base/utf8.h"

#include <assert.h>

static const uint64_t high_bits = UINT64_C(0x8080808080808080);

enum { BLOCK_WORDS = 8 };

/* Words that are read in one go. */
static bool is_ascii_block(const unsigned char *data)
{
    uint64_t words[BLOCK_WORDS];
    uint64_t all = 0;
    memcpy(words, data, sizeof(words));
    for (size_t i = 0; i < BLOCK_WORDS; i++)
        all |= words[i];
    return (all & high_bits) == 0;
}

/* How many bytes at the beginning are ASCII. */
static size_t ascii_bytes(const unsigned char *data, size_t size_bytes)
{
    const size_t block = BLOCK_WORDS * sizeof(uint64_t);
    size_t at = 0;
    while (size_bytes - at >= block && is_ascii_block(data + at))
        at += block;
    while (size_bytes - at >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, data + at, sizeof(word));
        if ((word & high_bits) != 0) break;
        at += sizeof(word);
    }
    if (size_bytes >= sizeof(uint64_t) && size_bytes - at < sizeof(uint64_t)) {
        uint64_t last; /* with bytes of the one before it */
        memcpy(&last, data + size_bytes - sizeof(last), sizeof(last));
        if ((last & high_bits) == 0) return size_bytes;
    }
    while (at < size_bytes && data[at] < 0x80)
        at++;
    return at;
}

/* The bytes of the sequence that data, which is not ASCII, begins with; 0 when
 * it is not valid. Overlong forms, surrogates and code points that are too
 * large all show in the second byte (RFC 3629, section 4). */
static size_t sequence_bytes(const unsigned char *data, size_t size_bytes)
{
    unsigned char lead = data[0];
    if (lead < 0xc2 || lead > 0xf4) return 0;
    size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size_bytes < length) return 0;

    unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (data[1] < low || data[1] > high) return 0;
    for (size_t i = 2; i < length; i++) {
        if ((data[i] & 0xc0) != 0x80) return 0;
    }
    return length;
}

size_t dyn_utf8_valid_bytes(dyn_bytes text)
{
    size_t at = 0;
    while (at < text.size_bytes) {
        const unsigned char *rest = text.data + at;
        size_t rest_bytes = text.size_bytes - at;
        size_t length = rest[0] < 0x80 ? ascii_bytes(rest, rest_bytes)
                                       : sequence_bytes(rest, rest_bytes);
        if (length == 0) break;
        at += length;
    }
    return at;
}

bool dyn_utf8_valid(dyn_bytes text)
{
    return dyn_utf8_valid_bytes(text) == text.size_bytes;
}

size_t dyn_utf8_decode(const unsigned char *text, uint32_t *code_point)
{
    unsigned char lead = text[0];
    if (lead < 0x80) {
        *code_point = lead;
        return 1;
    }
    size_t length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    *code_point = lead & (0x7fU >> length);
    for (size_t i = 1; i < length; i++)
        *code_point = *code_point << 6 | (text[i] & 0x3f);
    return length;
}

static unsigned char continuation(uint32_t bits)
{
    return (unsigned char)(0x80 | (bits & 0x3f));
}

size_t dyn_utf8_length(dyn_bytes text)
{
    size_t length = 0;
    for (size_t i = 0; i < text.size_bytes; i++)
        length += (text.data[i] & 0xc0) != 0x80;
    return length;
}

size_t dyn_utf8_encode(uint32_t code_point,
                       unsigned char out[DYN_UTF8_BYTES_MAX])
{
    assert(code_point <= 0x10ffff);
    assert(code_point < 0xd800 || code_point > 0xdfff);
    if (code_point < 0x80) {
        out[0] = (unsigned char)code_point;
        return 1;
    }
    if (code_point < 0x800) {
        out[0] = (unsigned char)(0xc0 | code_point >> 6);
        out[1] = continuation(code_point);
        return 2;
    }
    if (code_point < 0x10000) {
        out[0] = (unsigned char)(0xe0 | code_point >> 12);
        out[1] = continuation(code_point >> 6);
        out[2] = continuation(code_point);
        return 3;
    }
    out[0] = (unsigned char)(0xf0 | code_point >> 18);
    out[1] = continuation(code_point >> 12);
    out[2] = continuation(code_point >> 6);
    out[3] = continuation(code_point);
    return 4;
}
