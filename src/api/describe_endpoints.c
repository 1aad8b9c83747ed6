/* DescribeEndpoints. */
#include "api/operation.h"
#include "api/response.h"

static const dyn_shape_member members[] = {{NULL, NULL, false}};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DescribeEndpointsRequest",
                                .members = members};

static dyn_status describe_endpoints(dyn_call *call, const dyn_host *host,
                                     const dyn_json *request,
                                     dyn_buffer *response)
{
    enum { CACHE_MINUTES = 1440 };
    (void)call, (void)host, (void)request;
    dyn_response_name(response, "Endpoints");
    dyn_buffer_add_text(response, "[{");
    dyn_response_text(response, "Address",
                      dyn_bytes_text("dynamodb.us-east-1.amazonaws.com"));
    dyn_response_integer(response, "CachePeriodInMinutes", CACHE_MINUTES);
    dyn_buffer_add_text(response, "}]");
    return DYN_OK;
}

const dyn_operation dyn_operation_describe_endpoints = {
    "DescribeEndpoints", &input, describe_endpoints};
