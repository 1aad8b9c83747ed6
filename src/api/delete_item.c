/* DeleteItem. */
#include "ops/delete_item.h"

#include "api/key.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/write_item.h"

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_table, true},
    {"Key", &dyn_shape_item, true},
    {"Expected", &dyn_shape_expected, false},
    {"ConditionalOperator", &dyn_shape_conditional_operator, false},
    DYN_RETURN_MEMBERS,
    DYN_CONDITION_MEMBERS(false),
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "DeleteItemInput",
                                .members = members};

static dyn_status read_request(dyn_call *call, dyn_write_call *write,
                               dyn_map *key)
{
    const dyn_json *request = write->request;
    DYN_TRY(dyn_write_check_mixed(call, request, false));
    DYN_TRY(dyn_key_read(call, request, key));
    DYN_TRY(dyn_write_check_return_values(call, request));
    return dyn_write_read_expressions(call, write, NULL);
}

static dyn_status delete_item(dyn_call *call, const dyn_host *host,
                              const dyn_json *request, dyn_buffer *response)
{
    dyn_map key = {NULL, 0};
    dyn_write_call write = {.request = request};
    dyn_before before = {.found = false};
    DYN_TRY(read_request(call, &write, &key));
    DYN_TRY(dyn_write_begin(call, host, &write));
    dyn_delete_request delete_request = {
        .condition = dyn_write_condition_of(&write),
    };
    DYN_TRY(dyn_key_of_item(call, write.table, &key, &delete_request.key));
    DYN_TRY(dyn_write_failure(
        call, &write, &before,
        dyn_delete_item(call, write.table, &delete_request, &before)));
    if (dyn_request_is(request, "ReturnValues", "ALL_OLD")) {
        DYN_TRY(dyn_write_old_attributes(call, response, &before));
    }
    dyn_write_end(response, &write, &key, delete_request.key);
    return DYN_OK;
}

const dyn_operation dyn_operation_delete_item = {"DeleteItem", &input,
                                                 delete_item};
