/* DeleteTable. */
#include "ops/delete_table.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/table_description.h"
#include "api/table_shape.h"

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_own_table, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DeleteTableInput",
                                .members = members};

/* A table that is damaged is described by its name. */
static dyn_status describe(dyn_call *call, dyn_buffer *response,
                           dyn_table *table)
{
    dyn_birth birth;
    dyn_status status = dyn_table_birth(call, table, &birth);
    if (status == DYN_OK) {
        return dyn_table_describe(call, response, "TableDescription", table,
                                  "DELETING", NULL);
    }
    if (status != DYN_CORRUPT) return status;
    dyn_response_name(response, "TableDescription");
    dyn_buffer_add_byte(response, '{');
    dyn_response_text(response, "TableName",
                      dyn_bytes_text(dyn_table_label(table)));
    dyn_response_text(response, "TableStatus", dyn_bytes_text("DELETING"));
    dyn_buffer_add_byte(response, '}');
    return DYN_OK;
}

static dyn_status delete_table(dyn_call *call, const dyn_host *host,
                               const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    dyn_bytes name = dyn_request_text(request, "TableName");
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_host_find(call, host, name, true, &table));
    DYN_TRY(dyn_delete_table_check(call, table));
    DYN_TRY(describe(call, response, table));
    return host->drop(host->context, call, table);
}

const dyn_operation dyn_operation_delete_table = {"DeleteTable", &input,
                                                  delete_table};
