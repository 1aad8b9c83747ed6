/* DescribeTimeToLive. */
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/table_shape.h"

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_own_table, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DescribeTimeToLiveInput",
                                .members = members};

static dyn_status describe(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    DYN_TRY(dyn_host_find(call, host, dyn_request_text(request, "TableName"),
                          false, &table));
    dyn_bytes name = dyn_table_definition(table)->ttl;
    bool is_on = name.size_bytes > 0;
    dyn_response_name(response, "TimeToLiveDescription");
    dyn_buffer_add_byte(response, '{');
    dyn_response_text(response, "TimeToLiveStatus",
                      dyn_bytes_text(is_on ? "ENABLED" : "DISABLED"));
    if (is_on) dyn_response_text(response, "AttributeName", name);
    dyn_buffer_add_byte(response, '}');
    return DYN_OK;
}

const dyn_operation dyn_operation_describe_time_to_live = {"DescribeTimeToLive",
                                                           &input, describe};
