/* UpdateTimeToLive. The change is made when the call returns, so another one
 * may follow at once. */
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/table_shape.h"
#include "ops/alter_table.h"

static const dyn_shape_member specification_members[] = {
    {"Enabled", &dyn_shape_boolean, true},
    {"AttributeName", &dyn_shape_attribute_name, true},
    {NULL, NULL, false},
};
static const dyn_shape specification = {.kind = DYN_SHAPE_STRUCTURE,
                                        .class_name = "TimeToLiveSpecification",
                                        .members = specification_members};

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_own_table, true},
    {"TimeToLiveSpecification", &specification, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "UpdateTimeToLiveInput",
                                .members = members};

/* Check that there is something to change, and that it is of the attribute that
 * the table has. */
static dyn_status check_change(dyn_call *call, const dyn_table *table,
                               bool is_enabled, dyn_bytes name)
{
    dyn_bytes current = dyn_table_definition(table)->ttl;
    bool is_on = current.size_bytes > 0;
    if (memchr(name.data, 0, name.size_bytes) != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: "
                        "AttributeName cannot have a zero character");
    }
    if (is_on && !dyn_bytes_equal(current, name)) {
        return dyn_fail(call, DYN_INVALID,
                        "TimeToLive is active on a different AttributeName: "
                        "current AttributeName is %.*s",
                        (int)current.size_bytes, (const char *)current.data);
    }
    if (is_on != is_enabled) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, "TimeToLive is already %s",
                    is_on ? "enabled" : "disabled");
}

static dyn_status update(dyn_call *call, const dyn_host *host,
                         const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    dyn_alteration change = {.kind = DYN_CHANGE_OPTIONS};
    const dyn_json *given =
        dyn_request_member(request, "TimeToLiveSpecification");
    dyn_bytes name = dyn_request_text(given, "AttributeName");
    bool is_enabled = dyn_request_flag(given, "Enabled", false);
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_host_find(call, host, dyn_request_text(request, "TableName"),
                          true, &table));
    DYN_TRY(check_change(call, table, is_enabled, name));
    change.definition = *dyn_table_definition(table);
    dyn_definition_set_ttl(&change.definition,
                           is_enabled ? name : (dyn_bytes){NULL, 0});
    DYN_TRY(dyn_alter_table(call, table, &change));
    dyn_response_name(response, "TimeToLiveSpecification");
    dyn_buffer_add_byte(response, '{');
    dyn_response_flag(response, "Enabled", is_enabled);
    dyn_response_text(response, "AttributeName", name);
    dyn_buffer_add_byte(response, '}');
    return DYN_OK;
}

const dyn_operation dyn_operation_update_time_to_live = {"UpdateTimeToLive",
                                                         &input, update};
