/*
 * Words of a short text that people write, with blanks between them.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_WORDS_H
#define DYN_BASE_WORDS_H

#include "base/bytes.h"

/* Take the next word off the front of *rest; false when there is none. */
static inline bool dyn_next_word(dyn_bytes *rest, dyn_bytes *word)
{
    while (rest->size_bytes > 0 && rest->data[0] == ' ') {
        rest->data++;
        rest->size_bytes--;
    }
    *word = (dyn_bytes){rest->data, 0};
    while (rest->size_bytes > 0 && rest->data[0] != ' ') {
        rest->data++;
        rest->size_bytes--;
        word->size_bytes++;
    }
    return word->size_bytes > 0;
}

/* The number that a word of one to seven digits is; false: it is none. */
static inline bool dyn_word_number(dyn_bytes word, uint64_t *out)
{
    if (word.size_bytes == 0 || word.size_bytes > 7) return false;
    *out = 0;
    for (size_t i = 0; i < word.size_bytes; i++) {
        if (word.data[i] < '0' || word.data[i] > '9') return false;
        *out = *out * 10 + (uint64_t)(word.data[i] - '0');
    }
    return true;
}

#endif
