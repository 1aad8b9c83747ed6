/* DeleteTable. */
#include "ops/delete_table.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/table_description.h"
#include "api/table_shape.h"

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_own_table, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DeleteTableInput",
                                .members = members};

static dyn_status delete_table(dyn_call *call, const dyn_host *host,
                               const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    dyn_bytes name = dyn_request_text(request, "TableName");
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_host_find(call, host, name, true, &table));
    DYN_TRY(dyn_delete_table_check(call, table));
    DYN_TRY(dyn_table_describe(call, response, "TableDescription", table,
                               "DELETING"));
    return host->drop(host->context, call, table);
}

const dyn_operation dyn_operation_delete_table = {"DeleteTable", &input,
                                                  delete_table};
