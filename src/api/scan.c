/* Scan. */
#include "api/key.h"
#include "api/operation.h"
#include "api/page.h"
#include "api/request.h"
#include "ops/query.h"

#include <inttypes.h>

static const dyn_shape segment = {.kind = DYN_SHAPE_INTEGER,
                                  .has_min = true,
                                  .min = 0,
                                  .has_max = true,
                                  .max = 999999};
static const dyn_shape total_segments = {.kind = DYN_SHAPE_INTEGER,
                                         .has_min = true,
                                         .min = 1,
                                         .has_max = true,
                                         .max = 1000000};

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_table, true},
    {"IndexName", &dyn_shape_name, false},
    {"AttributesToGet", &dyn_shape_to_get, false},
    {"Limit", &dyn_shape_positive, false},
    {"Select", &dyn_shape_select, false},
    {"ScanFilter", &dyn_shape_filters, false},
    {"ConditionalOperator", &dyn_shape_conditional_operator, false},
    {"ExclusiveStartKey", &dyn_shape_item, false},
    {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},
    {"TotalSegments", &total_segments, false},
    {"Segment", &segment, false},
    {"ProjectionExpression", &dyn_shape_string, false},
    {"FilterExpression", &dyn_shape_string, false},
    {"ExpressionAttributeNames", &dyn_shape_names, false},
    {"ExpressionAttributeValues", &dyn_shape_item, false},
    {"ConsistentRead", &dyn_shape_boolean, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {
    .kind = DYN_SHAPE_STRUCTURE, .class_name = "ScanInput", .members = members};

/* Absent segments are the first one of one. */
static dyn_status read_segments(dyn_call *call, const dyn_json *request,
                                int64_t *number, int64_t *count)
{
    *count = dyn_request_integer(request, "TotalSegments", 0);
    *number = dyn_request_integer(request, "Segment", -1);
    if (*count > 0 && *number < 0) {
        return dyn_fail(call, DYN_INVALID,
                        "The Segment parameter is required but was not present "
                        "in the request when parameter TotalSegments is "
                        "present");
    }
    if (*count == 0 && *number >= 0) {
        return dyn_fail(call, DYN_INVALID,
                        "The TotalSegments parameter is required but was not "
                        "present in the request when Segment parameter is "
                        "present");
    }
    if (*count > 0 && *number >= *count) {
        return dyn_fail(call, DYN_INVALID,
                        "The Segment parameter is zero-based and must be less "
                        "than parameter TotalSegments: Segment: %" PRId64
                        " is not less than TotalSegments: %" PRId64,
                        *number, *count);
    }
    if (*count > 0) return DYN_OK;
    *count = 1;
    *number = 0;
    return DYN_OK;
}

static dyn_status read_request(dyn_call *call, dyn_page *page,
                               int64_t *segment_number, int64_t *segment_count)
{
    static const char *const expressions[] = {"ProjectionExpression",
                                              "FilterExpression", NULL};
    static const char *const older[] = {"AttributesToGet", "ScanFilter",
                                        "ConditionalOperator", NULL};
    const dyn_json *request = page->request;
    DYN_TRY(dyn_expressions_check_mixed(call, request, expressions, older));
    DYN_TRY(dyn_page_read_select(call, page));
    DYN_TRY(dyn_page_read_older_filter(call, page, "ScanFilter"));
    DYN_TRY(dyn_page_read_start(call, page));
    DYN_TRY(read_segments(call, request, segment_number, segment_count));
    DYN_TRY(dyn_expressions_begin(call, request, &page->expressions));
    return dyn_page_read_expressions(call, page);
}

/* The start key of an index has to be that of an entry; where it lies is looked
 * at later. */
static dyn_status check_start(dyn_call *call, const dyn_page *page)
{
    dyn_key_names key;
    DYN_TRY(dyn_page_check_start_count(call, page));
    if (page->index < 0) return DYN_OK;
    dyn_key_names_of(page->table, page->index, &key);
    for (size_t i = 0; i < key.all.partition_count; i++)
        DYN_TRY(
            dyn_page_check_start_value(call, page, &key.partition[i], true));
    for (size_t i = 0; i < key.all.sort_count; i++)
        DYN_TRY(dyn_page_check_start_value(call, page, &key.sort[i], false));
    return DYN_OK;
}

static dyn_status start_in_segment(dyn_call *call, dyn_page *page,
                                   int64_t number, int64_t count)
{
    const char *outside = dyn_format(
        call,
        "The provided starting key is invalid: Invalid ExclusiveStartKey. "
        "Please use ExclusiveStartKey with correct Segment. TotalSegments: "
        "%" PRId64 " Segment: %" PRId64,
        count, number);
    if (outside == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_query_segment(call, (uint64_t)number, (uint64_t)count,
                              &page->range.low, &page->range.high));
    return dyn_page_start(call, page, outside);
}

static dyn_status scan(dyn_call *call, const dyn_host *host,
                       const dyn_json *request, dyn_buffer *response)
{
    int64_t number = 0;
    int64_t count = 1;
    dyn_page page = {
        .request = request,
        .is_scan = true,
        .table_name = dyn_request_text(request, "TableName"),
        .index_name = dyn_request_text(request, "IndexName"),
    };
    DYN_TRY(read_request(call, &page, &number, &count));
    DYN_TRY(dyn_page_open(call, host, &page));
    DYN_TRY(check_start(call, &page));
    DYN_TRY(dyn_page_check_select(call, &page));
    DYN_TRY(start_in_segment(call, &page, number, count));
    DYN_TRY(dyn_key_check_paths(call, page.table, page.projection.paths));
    DYN_TRY(dyn_key_check_paths(call, page.table, page.filter.paths));
    DYN_TRY(dyn_page_check_projected(call, &page));
    return dyn_page_run(call, &page, response);
}

const dyn_operation dyn_operation_scan = {"Scan", &input, scan};
