/* ListTables. */
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "item/json.h"

enum { NAMES_MAX = 100 };

static const dyn_shape limit = {.kind = DYN_SHAPE_INTEGER,
                                .has_min = true,
                                .min = 1,
                                .has_max = true,
                                .max = NAMES_MAX};
static const dyn_shape_member members[] = {
    {"ExclusiveStartTableName", &dyn_shape_name, false},
    {"Limit", &limit, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "ListTablesInput",
                                .members = members};

static dyn_status list_tables(dyn_call *call, const dyn_host *host,
                              const dyn_json *request, dyn_buffer *response)
{
    const char **names = NULL;
    size_t count = 0;
    dyn_bytes last = {NULL, 0};
    dyn_bytes start = dyn_request_text(request, "ExclusiveStartTableName");
    int64_t left = dyn_request_integer(request, "Limit", NAMES_MAX);
    DYN_TRY(host->list(host->context, call, &names, &count));
    dyn_response_name(response, "TableNames");
    dyn_buffer_add_byte(response, '[');
    for (size_t i = 0; i < count; i++) {
        dyn_bytes name = dyn_bytes_text(names[i]);
        if (start.data != NULL && dyn_bytes_compare(name, start) <= 0) continue;
        if (left-- == 0) break;
        dyn_response_element(response);
        dyn_json_write_string(response, name);
        last = name;
    }
    dyn_buffer_add_byte(response, ']');
    if (left < 0) dyn_response_text(response, "LastEvaluatedTableName", last);
    return DYN_OK;
}

const dyn_operation dyn_operation_list_tables = {"ListTables", &input,
                                                 list_tables};
