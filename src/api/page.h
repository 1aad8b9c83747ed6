/*
 * A page of Query or Scan: what the two have in common (SEMANTICS 2, 4). The
 * operation finds the range of keys, and the page is read from it up to Limit
 * or 1 MB.
 *
 * Layer: api.
 */
#ifndef DYN_API_PAGE_H
#define DYN_API_PAGE_H

#include "api/capacity.h"
#include "api/expressions.h"
#include "api/host.h"
#include "api/key_range.h"

typedef struct dyn_page {
    const dyn_json *request;
    bool is_scan;
    dyn_bytes table_name; /* from here to start: what dyn_page_read() and those
                           * below it read; a request of another kind may fill
                           * it in as it likes */
    dyn_bytes index_name; /* without data: there is none */
    dyn_expressions expressions;
    bool has_filter;
    bool is_legacy_filter;
    dyn_condition filter;
    bool has_projection;
    dyn_projection projection;
    bool has_start; /* ExclusiveStartKey */
    dyn_map start;

    dyn_table *table;
    int index; /* -1: the table itself */
    dyn_capacity capacity;
    dyn_key_range range; /* to be set by the operation */
    bool down;           /* the same */
    bool is_strong;
    bool is_fetching; /* of a local index: read the items, not the entries */
} dyn_page;

/* How a page ended. */
typedef struct dyn_page_end {
    size_t scanned;            /* items or entries */
    size_t count;              /* of those the filter let pass */
    bool is_cut;               /* by the limit, or at 1 MB */
    dyn_bytes last_key;        /* then, as JSON */
    dyn_bytes last_stored_key; /* and in its stored form */
} dyn_page_end;

/* Read what needs no table, but for the filter and expressions: ExclusiveStart-
 * Key, AttributesToGet, Select. */
dyn_status dyn_page_read(dyn_call *call, dyn_page *page);

/* Read FilterExpression, or the older parameter of that name, and
 * ProjectionExpression; expressions have been begun. */
dyn_status dyn_page_read_filter(dyn_call *call, dyn_page *page,
                                const char *older);
dyn_status dyn_page_read_projection(dyn_call *call, dyn_page *page);

/* Open the table and find the index, and check what is asked of them. */
dyn_status dyn_page_open(dyn_call *call, const dyn_host *host, dyn_page *page);

/* Begin behind ExclusiveStartKey, if there is one, within the range that has
 * been set; outside says what is wrong when it is not in there. */
dyn_status dyn_page_start(dyn_call *call, dyn_page *page, const char *outside);

/* Read the items of several ranges, one after the other, as one page, and write
 * those that pass the filter as elements of an array, unless Select is COUNT.
 * *out is in the memory of call. */
dyn_status dyn_page_read_items(dyn_call *call, dyn_page *page,
                               const dyn_key_range *ranges, size_t range_count,
                               dyn_buffer *response, dyn_page_end *out);

/* Read the page and write the response. */
dyn_status dyn_page_run(dyn_call *call, dyn_page *page, dyn_buffer *response);

#endif
