/*
 * Whole numbers in a text that is stored, one after the other, with a blank
 * between them.
 *
 * Layer: engine. Knows nothing of tables.
 */
#ifndef DYN_ENGINE_NUMBERS_H
#define DYN_ENGINE_NUMBERS_H

#include "base/buffer.h"

#include <stdint.h>

/* Add a number to a text that has nothing but numbers. */
void dyn_numbers_add(dyn_buffer *text, int64_t number);

/* What is left of a text. */
typedef struct dyn_numbers {
    const char *rest; /* ends with a zero byte; borrowed */
    bool is_sound;    /* begins as true; false: a number was missing, or out of
                       * its bounds, and what has been read since is nothing */
} dyn_numbers;

/* The next number, which is to be from least to most; else least. */
int64_t dyn_numbers_next(dyn_numbers *from, int64_t least, int64_t most);

/* Whether all has been read, and was as it should be. */
bool dyn_numbers_are_read(const dyn_numbers *from);

#endif
