/* Whole numbers in a text; the contracts are in numbers.h. */
#include "engine/numbers.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

void dyn_numbers_add(dyn_buffer *text, int64_t number)
{
    char digits[32];
    snprintf(digits, sizeof(digits), "%s%" PRId64,
             text->size_bytes > 0 ? " " : "", number);
    dyn_buffer_add_text(text, digits);
}

int64_t dyn_numbers_next(dyn_numbers *from, int64_t least, int64_t most)
{
    char *end = NULL;
    int64_t number = strtoll(from->rest, &end, 10);
    if (end == from->rest || number < least || number > most) {
        from->is_sound = false;
        return least;
    }
    from->rest = end;
    return number;
}

bool dyn_numbers_are_read(const dyn_numbers *from)
{
    return from->is_sound && *from->rest == '\0';
}
