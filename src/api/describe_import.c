/* DescribeImport. */
#include "api/jobs.h"
#include "api/operation.h"
#include "api/request.h"

static const dyn_shape_member members[] = {
    {"ImportArn", &dyn_shape_job_arn, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DescribeImportInput",
                                .members = members};

static dyn_status describe(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, dyn_buffer *response)
{
    dyn_job job;
    DYN_TRY(dyn_job_find(call, host, DYN_JOB_IMPORT,
                         dyn_request_text(request, "ImportArn"), &job));
    return dyn_job_describe(call, response, &job);
}

const dyn_operation dyn_operation_describe_import = {"DescribeImport", &input,
                                                     describe};
