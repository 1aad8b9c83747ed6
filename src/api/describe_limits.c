/* DescribeLimits: those that an account has at first, and of a table
 * (docs/semantics.md 5). */
#include "api/operation.h"
#include "api/response.h"

static const dyn_shape_member members[] = {{NULL, NULL, false}};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DescribeLimitsInput",
                                .members = members};

static dyn_status describe_limits(dyn_call *call, const dyn_host *host,
                                  const dyn_json *request, dyn_buffer *response)
{
    enum { ACCOUNT_UNITS = 2 * DYN_TABLE_UNITS_MAX };
    (void)call, (void)host, (void)request;
    dyn_response_integer(response, "AccountMaxReadCapacityUnits",
                         ACCOUNT_UNITS);
    dyn_response_integer(response, "AccountMaxWriteCapacityUnits",
                         ACCOUNT_UNITS);
    dyn_response_integer(response, "TableMaxReadCapacityUnits",
                         DYN_TABLE_UNITS_MAX);
    dyn_response_integer(response, "TableMaxWriteCapacityUnits",
                         DYN_TABLE_UNITS_MAX);
    return DYN_OK;
}

const dyn_operation dyn_operation_describe_limits = {"DescribeLimits", &input,
                                                     describe_limits};
