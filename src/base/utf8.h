/*
 * UTF-8 as RFC 3629 defines it: no overlong forms, no surrogates, nothing
 * above U+10FFFF.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_UTF8_H
#define DYN_BASE_UTF8_H

#include "base/bytes.h"

#include <stdint.h>

enum { DYN_UTF8_BYTES_MAX = 4 }; /* of one code point */

/* How many bytes at the beginning of text are valid UTF-8: all of them, or up
 * to the first byte of the first sequence that is not. */
size_t dyn_utf8_valid_bytes(dyn_bytes text);

/* Whether all of text is valid UTF-8. Empty text is. */
bool dyn_utf8_valid(dyn_bytes text);

/* Read the sequence at the beginning of valid UTF-8. Returns how many bytes it
 * has, 1 to 4. */
size_t dyn_utf8_decode(const unsigned char *text, uint32_t *code_point);

/* How many code points valid UTF-8 has. */
size_t dyn_utf8_length(dyn_bytes text);

/* Write the sequence of code_point, which is at most U+10FFFF and not a
 * surrogate, to out. Returns how many bytes it has, 1 to 4. */
size_t dyn_utf8_encode(uint32_t code_point,
                       unsigned char out[DYN_UTF8_BYTES_MAX]);

#endif
