/* DescribeContributorInsights. */
#include "api/contributor_insights.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/table_shape.h"

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_own_table, true},
    {"IndexName", &dyn_shape_index_name, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name =
                                    "DescribeContributorInsightsInput",
                                .members = members};

static dyn_status describe(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    DYN_TRY(dyn_insights_find(call, host, request, false, &table));
    dyn_insights_write(response, table, dyn_request_text(request, "IndexName"),
                       "ENABLED", "DISABLED");
    return DYN_OK;
}

const dyn_operation dyn_operation_describe_contributor_insights = {
    "DescribeContributorInsights", &input, describe};
