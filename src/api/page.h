/*
 * A page of Query or Scan: what the two have in common (docs/semantics.md 2,
 * 4). The operation finds the range of keys, and the page is read from it up to
 * Limit or 1 MB.
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
    dyn_bytes table_name; /* from here to start: what is read before the table
                           * is opened; a request of another kind may fill it
                           * in as it likes */
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

/*
 * The steps to a page. Which of several faults is told is a matter of their
 * order, and that is not the same for both operations: each says its own. All
 * fail with DYN_INVALID and DynamoDB's text, DYN_NOMEM.
 */

/* Read AttributesToGet, and check that Select goes with what is projected. */
dyn_status dyn_page_read_select(dyn_call *call, dyn_page *page);

/* Read QueryFilter or ScanFilter. */
dyn_status dyn_page_read_older_filter(dyn_call *call, dyn_page *page,
                                      const char *name);

/* Read ExclusiveStartKey. */
dyn_status dyn_page_read_start(dyn_call *call, dyn_page *page);

/* Read FilterExpression and ProjectionExpression, the last ones of the
 * expressions, which have been begun. */
dyn_status dyn_page_read_expressions(dyn_call *call, dyn_page *page);

/* Open the table and find the index. Also fails with DYN_NOT_FOUND. */
dyn_status dyn_page_open(dyn_call *call, const dyn_host *host, dyn_page *page);

/* Check that ExclusiveStartKey has as many attributes as it needs, and then
 * one that is of the key that is read by. */
dyn_status dyn_page_check_start_count(dyn_call *call, const dyn_page *page);
dyn_status dyn_page_check_start_value(dyn_call *call, const dyn_page *page,
                                      const dyn_key_attribute *attribute,
                                      bool is_partition);

/* Begin behind ExclusiveStartKey, if there is one, within the range that has
 * been set; outside says what is wrong when it is not in there. */
dyn_status dyn_page_start(dyn_call *call, dyn_page *page, const char *outside);

/* Check that the index, or the table, can serve Select. */
dyn_status dyn_page_check_select(dyn_call *call, const dyn_page *page);

/* Check that the index has what is projected and filtered by; the last check,
 * which also finds out whether items have to be fetched for it. */
dyn_status dyn_page_check_projected(dyn_call *call, dyn_page *page);

/* Read the items of several ranges, one after the other, as one page, and write
 * those that pass the filter as elements of an array, unless Select is COUNT.
 * *out is in the memory of call. */
dyn_status dyn_page_read_items(dyn_call *call, dyn_page *page,
                               const dyn_key_range *ranges, size_t range_count,
                               dyn_buffer *response, dyn_page_end *out);

/* Read the page and write the response. */
dyn_status dyn_page_run(dyn_call *call, dyn_page *page, dyn_buffer *response);

#endif
