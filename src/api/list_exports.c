/* ListExports: the oldest first. */
#include "api/jobs.h"
#include "api/operation.h"
#include "api/request.h"

static const dyn_shape_member members[] = {
    {"TableArn", &dyn_shape_table, false},
    {"MaxResults", &dyn_shape_page_of_jobs, false},
    {"NextToken", &dyn_shape_string, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "ListExportsInput",
                                .members = members};

static dyn_status list(dyn_call *call, const dyn_host *host,
                       const dyn_json *request, dyn_buffer *response)
{
    enum { PAGE = 25 };
    return dyn_jobs_list(call, host, DYN_JOB_EXPORT, request,
                         dyn_request_integer(request, "MaxResults", PAGE),
                         response);
}

const dyn_operation dyn_operation_list_exports = {"ListExports", &input, list};
