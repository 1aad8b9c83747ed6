/* DescribeContinuousBackups. */
#include "api/continuous_backups.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/table_shape.h"

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_own_table, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DescribeContinuousBackupsInput",
                                .members = members};

static dyn_status describe(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    DYN_TRY(dyn_host_find_source(
        call, host, dyn_request_text(request, "TableName"), false, &table));
    dyn_continuous_backups_describe(response, table);
    return DYN_OK;
}

const dyn_operation dyn_operation_describe_continuous_backups = {
    "DescribeContinuousBackups", &input, describe};
