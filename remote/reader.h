/*
 * Reading items of a remote table: one by its key, several by theirs, or those
 * of a range, a page at a time. A page is asked for when the last one has been
 * read.
 */
#ifndef REMOTE_READER_H
#define REMOTE_READER_H

#include "table.h"

typedef enum remote_read {
    REMOTE_READ_NOTHING,
    REMOTE_READ_KEYS,
    REMOTE_READ_RANGE,
} remote_read;

typedef struct remote_reader {
    remote_table *table;
    remote_read kind;
    bool is_strong;
    bool is_live;
    plan_range range; /* of REMOTE_READ_RANGE; its memory is the caller's */
    size_t limit;     /* of the next page; 0: the service's own */

    const dyn_bytes *keys; /* of REMOTE_READ_KEYS: stored keys, in the caller's
                            * memory */
    size_t key_count;
    size_t key_at; /* so many have been asked for */

    dyn_call pages[2]; /* the memory of the page, and that of the next one */
    int page;
    const dyn_json *last_key; /* of the page: others follow; NULL: none do */
    bool is_last;
    dyn_map *items; /* of the page */
    size_t count;
    size_t at; /* so many have been taken */
} remote_reader;

/* A reader that reads nothing. */
void remote_reader_begin(remote_reader *reader, remote_table *table);
void remote_reader_end(remote_reader *reader);

/* Read the items of stored keys, each at most once, or those of a range;
 * reader->is_strong and is_live are set. */
dyn_status remote_reader_keys(dyn_call *call, remote_reader *reader,
                              const dyn_bytes *keys, size_t count);
dyn_status remote_reader_range(dyn_call *call, remote_reader *reader,
                               const plan_range *range);

/* The next item, which lives until the next one is asked for; NULL at the end.
 * Fails as remote_service_call(). */
dyn_status remote_reader_next(dyn_call *call, remote_reader *reader,
                              const dyn_map **out);

/* The item of one stored key, in the memory of call; *found tells whether there
 * is one. Fails as remote_service_call(). */
dyn_status remote_get(dyn_call *call, remote_table *table, dyn_bytes key,
                      bool is_strong, bool *found, dyn_map *out);

/* The key attributes that a stored key has; *is_key is false when it is the key
 * of no item. In the memory of call. Fails with DYN_NOMEM. */
dyn_status remote_key_item(dyn_call *call, const dyn_definition *definition,
                           dyn_bytes key, bool *is_key, dyn_map *out);

#endif
