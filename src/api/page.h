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
#include "ops/query.h"

typedef struct dyn_page {
    const dyn_json *request;
    bool is_scan;
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
    dyn_query_request query; /* the operation sets low, high and down */
} dyn_page;

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

/* Read the page and write the response. */
dyn_status dyn_page_run(dyn_call *call, dyn_page *page, dyn_buffer *response);

#endif
