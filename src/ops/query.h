/*
 * Query and Scan: the items of a range of keys, a page at a time.
 *
 * A dyn_query remembers where the next page begins. Its pages are small at
 * first and grow, so that who stops early has not read much; what is charged
 * is independent of them: the items that the reader has evaluated, in
 * DynamoDB's pages of 1 MB (SEMANTICS 2).
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_QUERY_H
#define DYN_OPS_QUERY_H

#include "engine/table.h"
#include "item/codec.h"
#include "item/key.h"

typedef struct dyn_query {
    unsigned char low[DYN_KEY_BYTES_MAX + 1];
    unsigned char high[DYN_KEY_BYTES_MAX + 1];
    size_t low_bytes;
    size_t high_bytes;
    bool down;
    bool is_strong;
    bool is_end;
    size_t page_rows;

    dyn_meter meter;
    size_t page_bytes; /* evaluated in DynamoDB's current page */
    bool has_evaluated;
    bool is_charged;
} dyn_query;

typedef struct dyn_query_page {
    const dyn_row *rows;
    size_t count;
} dyn_query_page;

/* One end of a range of sort keys. */
typedef struct dyn_bound {
    const dyn_value *value; /* NULL: there is none */
    bool is_inclusive;
} dyn_bound;

/* What a query asks of the keys of a table; the partition key by equality. */
typedef struct dyn_key_condition {
    const dyn_value *partition;
    dyn_bound lower;
    dyn_bound upper;
    const dyn_bytes *prefix; /* what the sort key begins with, or NULL */
} dyn_key_condition;

/* The range of stored keys that a condition means, in the memory of call:
 * at least *low and less than *high; empty when *low is not less.
 * Fails with DYN_NOMEM. */
dyn_status dyn_query_range(dyn_call *call, const dyn_key_condition *condition,
                           dyn_bytes *low, dyn_bytes *high);

/* The range of segment number out of count segments of a scan. */
dyn_status dyn_query_segment(dyn_call *call, uint64_t number, uint64_t count,
                             dyn_bytes *low, dyn_bytes *high);

/* Begin reading a range, of which the reader probably wants no more than
 * rows_wanted; SIZE_MAX: all. It gets them all if it goes on. Fails as
 * dyn_table_refresh() does. */
dyn_status dyn_query_begin(dyn_call *call, dyn_table *table, dyn_bytes low,
                           dyn_bytes high, bool down, bool is_strong,
                           size_t rows_wanted, dyn_query *out);

/* The next rows, in the memory of call; none at the end. */
dyn_status dyn_query_next(dyn_call *call, dyn_table *table, dyn_query *query,
                          dyn_query_page *page);

/* A row of the page is evaluated: its view, and its size is charged. */
dyn_status dyn_query_evaluate(dyn_call *call, dyn_table *table,
                              dyn_query *query, const dyn_row *row,
                              dyn_view *out);

/* Charge what has been evaluated and not charged yet. A second call does
 * nothing. */
void dyn_query_finish(dyn_table *table, dyn_query *query);

#endif
