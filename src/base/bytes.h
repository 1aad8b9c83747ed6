/*
 * A run of bytes that somebody else owns.
 *
 * Layer: base. Includes nothing of ours.
 */
#ifndef DYN_BASE_BYTES_H
#define DYN_BASE_BYTES_H

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef struct dyn_bytes {
    const unsigned char *data; /* not owned; NULL only when empty */
    size_t size_bytes;
} dyn_bytes;

/* The bytes of a string literal or other terminated text. */
static inline dyn_bytes dyn_bytes_text(const char *text)
{
    return (dyn_bytes){(const unsigned char *)text, strlen(text)};
}

/* Unsigned bytes; a prefix comes first. Negative, 0 or positive. */
static inline int dyn_bytes_compare(dyn_bytes a, dyn_bytes b)
{
    size_t shared = a.size_bytes < b.size_bytes ? a.size_bytes : b.size_bytes;
    int order = shared == 0 ? 0 : memcmp(a.data, b.data, shared);
    if (order != 0) return order;
    return (a.size_bytes > b.size_bytes) - (a.size_bytes < b.size_bytes);
}

/* How many of their first bytes are the same, of words first. */
static inline size_t dyn_bytes_shared(dyn_bytes a, dyn_bytes b)
{
    size_t most = a.size_bytes < b.size_bytes ? a.size_bytes : b.size_bytes;
    size_t shared = 0;
    while (most - shared >= sizeof(uint64_t) &&
           memcmp(a.data + shared, b.data + shared, sizeof(uint64_t)) == 0)
        shared += sizeof(uint64_t);
    while (shared < most && a.data[shared] == b.data[shared])
        shared++;
    return shared;
}

static inline bool dyn_bytes_equal(dyn_bytes a, dyn_bytes b)
{
    return a.size_bytes == b.size_bytes &&
           (a.size_bytes == 0 || memcmp(a.data, b.data, a.size_bytes) == 0);
}

static inline bool dyn_bytes_equal_text(dyn_bytes a, const char *text)
{
    return dyn_bytes_equal(a, dyn_bytes_text(text));
}

/* Equal but for the case of ASCII letters. */
static inline bool dyn_bytes_equal_nocase(dyn_bytes a, dyn_bytes b)
{
    if (a.size_bytes != b.size_bytes) return false;
    for (size_t i = 0; i < a.size_bytes; i++) {
        if (tolower(a.data[i]) != tolower(b.data[i])) return false;
    }
    return true;
}

static inline bool dyn_bytes_begin_with(dyn_bytes a, dyn_bytes prefix)
{
    return a.size_bytes >= prefix.size_bytes &&
           (prefix.size_bytes == 0 ||
            memcmp(a.data, prefix.data, prefix.size_bytes) == 0);
}

#endif
