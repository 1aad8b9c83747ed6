/*
 * Texts for SQLite. SQLite turns UTF-8 into the encoding of the database, and
 * in UTF-16 makes U+FFFD of U+FFFE and U+FFFF on the way. A text that has one
 * of these is handed over as UTF-16, which SQLite takes as it is.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_SQLITE_TEXT_H
#define DYN_BASE_SQLITE_TEXT_H

#include "base/bytes.h"

/* A text as SQLite is given one to bind or to return. */
typedef struct dyn_sqlite_text {
    const char *data; /* NULL: out of memory */
    size_t size_bytes;
    void (*destructor)(void *);
    unsigned char encoding;
} dyn_sqlite_text;

/* destructor is SQLITE_STATIC or SQLITE_TRANSIENT. */
dyn_sqlite_text dyn_sqlite_text_of(dyn_bytes text, void (*destructor)(void *));

/* Whether text is valid UTF-8 and has U+FFFE or U+FFFF. */
bool dyn_sqlite_text_is_special(dyn_bytes text);

#endif
