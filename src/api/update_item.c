/* UpdateItem. */
#include "ops/update_item.h"

#include "api/key.h"
#include "api/legacy.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/update_check.h"
#include "api/write_item.h"

static const char *const action_words[] = {"ADD", "PUT", "DELETE", NULL};
static const dyn_shape action = {.kind = DYN_SHAPE_STRING,
                                 .words = action_words};
static const dyn_shape_member update_members[] = {
    {"Value", &dyn_shape_value, false},
    {"Action", &action, false},
    {NULL, NULL, false},
};
static const dyn_shape update = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name = "AttributeValueUpdate",
                                 .members = update_members};
static const dyn_shape updates = {.kind = DYN_SHAPE_MAP, .element = &update};

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_table, true},
    {"Key", &dyn_shape_item, true},
    {"AttributeUpdates", &updates, false},
    {"Expected", &dyn_shape_expected, false},
    {"ConditionalOperator", &dyn_shape_conditional_operator, false},
    DYN_RETURN_MEMBERS,
    {"UpdateExpression", &dyn_shape_string, false},
    DYN_CONDITION_MEMBERS(false),
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "UpdateItemInput",
                                .members = members};

/* An update without actions makes an item that is not there. */
static dyn_status read_request(dyn_call *call, dyn_write_call *write,
                               dyn_map *key, dyn_update *out)
{
    const dyn_json *request = write->request;
    *out = (dyn_update){.actions = NULL};
    DYN_TRY(dyn_write_check_mixed(call, request, true));
    DYN_TRY(dyn_key_read(call, request, key));
    DYN_TRY(dyn_legacy_updates(call, request, out));
    return dyn_write_read_expressions(call, write, out);
}

/* `Attributes`, as ReturnValues has it. */
static dyn_status write_values(dyn_call *call, dyn_buffer *out,
                               const dyn_json *request, const dyn_update *done,
                               const dyn_update_response *response)
{
    static const char member[] = "ReturnValues";
    dyn_map changed = {NULL, 0};
    if (dyn_request_is(request, member, "ALL_OLD")) {
        return dyn_write_old_attributes(call, out, &response->before);
    }
    if (dyn_request_is(request, member, "ALL_NEW")) {
        dyn_write_attributes(out, &response->after);
        return DYN_OK;
    }
    if (dyn_request_is(request, member, "UPDATED_NEW")) {
        DYN_TRY(dyn_projection_apply_map(call, &done->changed, &response->after,
                                         &changed));
    } else if (dyn_request_is(request, member, "UPDATED_OLD") &&
               response->before.found) {
        DYN_TRY(dyn_projection_apply(call, &done->changed,
                                     &response->before.view, &changed));
    }
    dyn_write_attributes(out, &changed);
    return DYN_OK;
}

static dyn_status update_item(dyn_call *call, const dyn_host *host,
                              const dyn_json *request, dyn_buffer *response)
{
    dyn_map key = {NULL, 0};
    dyn_update parsed;
    dyn_write_call write = {.request = request};
    dyn_update_response updated = {.after = {NULL, 0}};
    DYN_TRY(read_request(call, &write, &key, &parsed));
    DYN_TRY(dyn_write_begin(call, host, &write));
    dyn_update_request update_request = {
        .condition = dyn_write_condition_of(&write),
        .update = &parsed,
        .key_item = &key,
    };
    DYN_TRY(dyn_key_of_item(call, write.table, &key, &update_request.key));
    DYN_TRY(dyn_update_check(call, write.table, &parsed));
    dyn_status status =
        dyn_update_item(call, write.table, &update_request, &updated);
    DYN_TRY(dyn_write_failure(
        call, &write, &updated.before,
        dyn_update_failure(
            call, dyn_request_member(request, "AttributeUpdates") != NULL,
            status)));
    DYN_TRY(write_values(call, response, request, &parsed, &updated));
    dyn_write_end(response, &write, &key, update_request.key);
    return DYN_OK;
}

const dyn_operation dyn_operation_update_item = {"UpdateItem", &input,
                                                 update_item};
