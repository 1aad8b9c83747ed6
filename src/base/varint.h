/*
 * Numbers of as many bytes as they need: 7 bits a byte, the lowest first, the
 * highest bit set in all bytes but the last. A number has one form.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_VARINT_H
#define DYN_BASE_VARINT_H

#include "base/buffer.h"

enum { DYN_VARINT_BYTES_MAX = 9 }; /* of numbers less than 2^63 */

/* Add a number less than 2^63. */
static inline void dyn_varint_add(dyn_buffer *out, uint64_t number)
{
    if (number < 0x80) {
        dyn_buffer_add_byte(out, (unsigned char)number);
        return;
    }
    unsigned char bytes[DYN_VARINT_BYTES_MAX];
    size_t count = 0;
    for (; number >= 0x80; number >>= 7)
        bytes[count++] = (unsigned char)(number | 0x80);
    bytes[count++] = (unsigned char)number;
    dyn_buffer_add(out, bytes, count);
}

/* How many bytes that adds. */
static inline size_t dyn_varint_bytes(uint64_t number)
{
    size_t count = 1;
    for (; number >= 0x80; number >>= 7)
        count++;
    return count;
}

/* Read a number and move *next behind it; false when there is none before end,
 * or one in another form. */
static inline bool dyn_varint_read(const unsigned char **next,
                                   const unsigned char *end, uint64_t *out)
{
    uint64_t number = 0;
    for (int i = 0; i < DYN_VARINT_BYTES_MAX && *next < end; i++) {
        unsigned char byte = *(*next)++;
        number |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte >= 0x80) continue;
        *out = number;
        return byte != 0 || i == 0;
    }
    return false;
}

#endif
