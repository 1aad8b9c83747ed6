/*
 * Reading through the cache of a DAX table: an item, or the pages of a query.
 *
 * A page is what is cached of a query, as DynamoDB's requests are: it is known
 * by all that it is asked with, where it begins among that. What a reader gives
 * is a copy in the memory of the call.
 */
#ifndef EXT_DAX_READ_H
#define EXT_DAX_READ_H

#include "dax.h"
#include "ops/get_item.h"

typedef struct dax_reader {
    dyn_session *session; /* borrowed, as are those below */
    dax_table *dax;
    dax_join *join;     /* dax_open_to_write() */
    sqlite3_stmt *hold; /* dax_open_to_read(); owned by the reader's owner */

    dyn_query_request request; /* from the next page on */
    int64_t tree;              /* of its index, if it has one */
    uint64_t shape;
    dyn_bytes mode; /* its words */
    bool is_query;  /* the table is being read with: */
    dyn_query query;
    int64_t load; /* of the table, as it was read last */
    unsigned char position[DYN_INDEX_KEY_BYTES_MAX + 1]; /* of the request */
} dax_reader;

/* Rows that lie behind each other. */
typedef struct dax_page {
    dyn_bytes rows; /* those that were not taken yet */
    bool is_last;
} dax_page;

/* Set what is read: request as the cache knows the table. */
void dax_reader_set(dax_reader *reader, const dyn_query_request *request);

/* Open the table behind: in a transaction that writes through the cache, it
 * takes part in that. Fails as dax_open_to_read() and dax_open_to_write(). */
dyn_status dax_reader_open(dyn_call *call, dax_reader *reader, dyn_table **out);

/* Whether a read goes by the cache. A strong one does not, nor does one of a
 * transaction that writes through it: what an UPDATE computes with is the item
 * as it is. */
bool dax_reader_is_cached(const dax_reader *reader, bool is_strong);

/* What is cached of an item: *is_hit tells; its bytes (item/codec.h), which are
 * none when it is absent. Fails with DYN_NOMEM. */
dyn_status dax_find_item(dyn_call *call, dax_reader *reader, dyn_bytes key,
                         bool *is_hit, dyn_bytes *item);

/* Read an item from the table behind, and cache it. Fails as dyn_get_item(). */
dyn_status dax_read_item(dyn_call *call, dax_reader *reader, dyn_table *table,
                         const dyn_get_request *request, dyn_bytes *item,
                         dyn_lookup *lookup);

/* The same of the next page of reader->request, which then begins behind it.
 * Fail as dyn_query_begin() and dyn_query_next(), and with DYN_INVALID when the
 * index of the request is gone. */
dyn_status dax_find_page(dyn_call *call, dax_reader *reader, bool *is_hit,
                         dax_page *page);
dyn_status dax_read_page(dyn_call *call, dax_reader *reader, dyn_table *table,
                         dax_page *page);

/* Take the next row of a page: the key of its item in the table, and what the
 * query has of that. false: there is none. */
bool dax_page_take(dax_page *page, dyn_bytes *key, dyn_bytes *item);

/* Charge what was read of the table. */
void dax_reader_finish(dax_reader *reader);

/* The bytes of an item as they are cached. Fails with DYN_CORRUPT, DYN_NOMEM.
 */
dyn_status dax_encode(dyn_call *call, const dyn_view *item, dyn_bytes *out);

#endif
