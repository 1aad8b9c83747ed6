/* PutItem. */
#include "ops/put_item.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/write_item.h"
#include "item/item_json.h"

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_table, true},
    {"Item", &dyn_shape_item, true},
    {"Expected", &dyn_shape_expected, false},
    DYN_RETURN_MEMBERS,
    {"ConditionalOperator", &dyn_shape_conditional_operator, false},
    DYN_CONDITION_MEMBERS(false),
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "PutItemInput",
                                .members = members};

static dyn_status read_request(dyn_call *call, dyn_write_call *write,
                               dyn_map *item)
{
    const dyn_json *request = write->request;
    size_t size_bytes = 0;
    DYN_TRY(dyn_write_check_mixed(call, request, false));
    DYN_TRY(
        dyn_item_from_typed(call, dyn_request_member(request, "Item"), item));
    DYN_TRY(dyn_write_check_return_values(call, request));
    DYN_TRY(dyn_item_check(call, item, &size_bytes));
    return dyn_write_read_expressions(call, write, NULL);
}

static dyn_status put_item(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, dyn_buffer *response)
{
    dyn_map item = {NULL, 0};
    dyn_write_call write = {.request = request};
    dyn_put_response put;
    DYN_TRY(read_request(call, &write, &item));
    DYN_TRY(dyn_write_begin(call, host, &write));
    dyn_put_request put_request = {
        .item = &item,
        .condition = dyn_write_condition_of(&write),
    };
    DYN_TRY(
        dyn_write_failure(call, &write, &put.before,
                          dyn_put_item(call, write.table, &put_request, &put)));
    if (dyn_request_is(request, "ReturnValues", "ALL_OLD")) {
        DYN_TRY(dyn_write_old_attributes(call, response, &put.before));
    }
    dyn_write_end(response, &write, &item, put.key);
    return DYN_OK;
}

const dyn_operation dyn_operation_put_item = {"PutItem", &input, put_item};
