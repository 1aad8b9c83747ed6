/*
 * Query and Scan: the items of a range of keys of the table or of an index, a
 * page at a time.
 *
 * A dyn_query reads from one copy of the table (source.h) to its end, and stays
 * where it is in memory until dyn_query_finish(). It remembers where the next
 * page begins. Its pages are small at first and grow, so a reader that stops
 * early has read little. The charge does not depend on them: it is for the
 * items or entries that the reader has evaluated, in DynamoDB's pages of 1 MB
 * (docs/semantics.md 2).
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_QUERY_H
#define DYN_OPS_QUERY_H

#include "engine/bill.h"
#include "engine/source.h"
#include "item/codec.h"
#include "item/key.h"
#include "ops/query_range.h"

typedef struct dyn_query_request {
    int index;     /* number in the definition; -1: the table itself */
    dyn_bytes low; /* a range of stored keys */
    dyn_bytes high;
    bool down;
    bool is_scan; /* of all, or of a part of that: the use it is paid
                   * for as */
    bool is_strong;
    bool is_live;       /* without items that have expired */
    bool is_fetching;   /* of a local index: read the items, not the entries */
    size_t rows_wanted; /* a guess of how many rows the reader takes, for the
                         * size of the first page; SIZE_MAX: all. It limits
                         * nothing */
} dyn_query_request;

typedef struct dyn_query {
    unsigned char low[DYN_INDEX_KEY_BYTES_MAX + 1];
    unsigned char high[DYN_INDEX_KEY_BYTES_MAX + 1];
    size_t low_bytes;
    size_t high_bytes;
    int index;
    int64_t tree;   /* of the store */
    uint64_t shape; /* of the index (table.h) */
    dyn_use use;
    bool down;
    bool is_strong;
    bool is_live;
    int64_t begin_ms; /* since 1970; of a live query */
    bool is_fetching;
    bool is_end;
    size_t page_rows;
    dyn_source source;

    size_t key_bytes;    /* so much of low is the partition key, if only one is
                          * read and load is counted by key; otherwise 0 */
    bool has_page;       /* a page of DynamoDB's has begun, and the least that a
                          * page costs is charged */
    size_t page_bytes;   /* evaluated in it */
    int64_t page_halves; /* charged for it so far */
    uint64_t low_hash;   /* of the partition that is read, which pays */
    uint64_t last_hash;
} dyn_query;

typedef struct dyn_query_page {
    const dyn_row *rows;
    size_t count;
} dyn_query_page;

/* Begin reading, and charge the least that costs. Fails with DYN_INVALID when
 * the index is not ACTIVE yet, with `Consistent reads are not supported on
 * global secondary indexes`, or when the query is live and the index does not
 * hold the attribute of time to live; and as dyn_bill_admit(). */
dyn_status dyn_query_begin(dyn_call *call, dyn_table *table,
                           const dyn_query_request *request, dyn_query *out);

/* The next rows, in the memory of call; none at the end. */
dyn_status dyn_query_next(dyn_call *call, dyn_table *table, dyn_query *query,
                          dyn_query_page *page);

/* A row of the page is evaluated: its size is charged. *out is the item, or
 * what the index projects of it. *is_shown is false for what the reader is to
 * pass over: in a live query an item that had expired when the query began,
 * and an item behind an entry that was deleted since the page was read. Fails
 * as the store does, and as dyn_bill_admit() where another of DynamoDB's pages
 * begins. */
dyn_status dyn_query_evaluate(dyn_call *call, dyn_table *table,
                              dyn_query *query, const dyn_row *row,
                              bool *is_shown, dyn_view *out);

/* The key in the table of the item that a row is or stands for. */
dyn_status dyn_query_key(dyn_call *call, const dyn_table *table,
                         const dyn_query *query, const dyn_row *row,
                         dyn_bytes *key);

/* Whether the rows of a query hold whole items, or an attribute of that name
 * where the item has it. */
bool dyn_query_is_whole(const dyn_table *table, const dyn_query *query);
bool dyn_query_holds(const dyn_table *table, const dyn_query *query,
                     dyn_bytes name);

/* The item with a key that dyn_query_key() gave, of which the query holds
 * only a part. Charged as a read by itself (docs/semantics.md 2). The page of a
 * local index has been admitted by the table, and these reads with it; those
 * behind a global index are asked for. Fails as the store does, and as
 * dyn_bill_admit(). */
dyn_status dyn_query_fetch(dyn_call *call, dyn_table *table, dyn_query *query,
                           dyn_bytes key, dyn_view *out);

/* Charge what has been evaluated and not charged yet, and free what the query
 * has in memory; or only that, of a query that has failed. A second call does
 * nothing. */
void dyn_query_finish(dyn_table *table, dyn_query *query);
void dyn_query_drop(dyn_query *query);

#endif
