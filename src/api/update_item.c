/* UpdateItem. */
#include "ops/update_item.h"

#include "api/key.h"
#include "api/legacy.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/write_item.h"
#include "engine/index.h"
#include "expr/update_operand.h"

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
    {"ReturnValues", &dyn_shape_return_values, false},
    {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},
    {"ReturnItemCollectionMetrics", &dyn_shape_return_metrics, false},
    {"UpdateExpression", &dyn_shape_string, false},
    {"ConditionExpression", &dyn_shape_string, false},
    {"ExpressionAttributeNames", &dyn_shape_names, false},
    {"ExpressionAttributeValues", &dyn_shape_item, false},
    {"ReturnValuesOnConditionCheckFailure", &dyn_shape_return_failed, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "UpdateItemInput",
                                .members = members};

/* An update without actions makes an item that is not there. */
static dyn_status read_request(dyn_call *call, dyn_write_call *write,
                               dyn_map *key, bool *only_existing,
                               dyn_update *out)
{
    static const char *const expressions[] = {"UpdateExpression",
                                              "ConditionExpression", NULL};
    static const char *const older[] = {"AttributeUpdates", "Expected",
                                        "ConditionalOperator", NULL};
    const dyn_json *request = write->request;
    bool is_there = false;
    *out = (dyn_update){.actions = NULL};
    DYN_TRY(dyn_expressions_check_mixed(call, request, expressions, older));
    DYN_TRY(dyn_key_read(call, request, key));
    DYN_TRY(dyn_legacy_updates(call, request, only_existing, out));
    DYN_TRY(dyn_expressions_begin(call, request, &write->expressions));
    DYN_TRY(dyn_expressions_update(call, &write->expressions, request,
                                   &is_there, out));
    DYN_TRY(dyn_write_read_condition(call, write));
    return dyn_expressions_end(call, &write->expressions);
}

static dyn_status check_key(dyn_call *call, const dyn_table *table,
                            dyn_paths paths)
{
    dyn_key_attribute whole[4 * DYN_KEY_ATTRIBUTES_MAX];
    size_t count = dyn_key_whole(table, -1, whole);
    for (size_t i = 0; i < count; i++) {
        if (!dyn_paths_mention(paths, whole[i].name, false)) continue;
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Cannot "
                        "update attribute %.*s. This attribute is part of the "
                        "key",
                        (int)whole[i].name.size_bytes,
                        (const char *)whole[i].name.data);
    }
    return dyn_key_check_paths(call, table, paths);
}

/* The type that an operand has whatever the item is. */
static bool find_type(const dyn_node *operand, dyn_type *out)
{
    if (operand->type == DYN_NODE_CALL &&
        operand->function == DYN_FUNCTION_IF_NOT_EXISTS) {
        operand = operand->last;
    }
    if (operand->type == DYN_NODE_VALUE) {
        *out = operand->value->type;
    } else if (operand->type == DYN_NODE_PLUS ||
               operand->type == DYN_NODE_MINUS) {
        *out = DYN_TYPE_N;
    } else if (operand->type == DYN_NODE_CALL) {
        *out = DYN_TYPE_L;
    } else {
        return false;
    }
    return true;
}

static dyn_status check_index_type(dyn_call *call, const dyn_index *index,
                                   const dyn_column *column,
                                   const dyn_update *parsed)
{
    for (size_t i = 0; i < parsed->changed.paths.count; i++) {
        const dyn_action *one = &parsed->actions[i];
        dyn_type type = column->type;
        if (one->operand == NULL || one->path.step_count > 0 ||
            !dyn_bytes_equal(one->path.name, column->name) ||
            !find_type(one->operand, &type) || type == column->type) {
            continue;
        }
        return dyn_entry_fail_type(call, index, column, type);
    }
    return DYN_OK;
}

static dyn_status check_index_types(dyn_call *call, const dyn_table *table,
                                    bool is_local, const dyn_update *parsed)
{
    const dyn_definition *definition = &table->definition;
    for (size_t i = 0; i < definition->index_count; i++) {
        const dyn_index *index = &definition->indexes[i];
        if (index->is_local != is_local) continue;
        for (size_t c = 0; c < definition->attribute_count; c++) {
            if (!dyn_key_schema_has(&index->key, c)) continue;
            DYN_TRY(
                check_index_type(call, index, &definition->columns[c], parsed));
        }
    }
    return DYN_OK;
}

static dyn_status check_operand(dyn_call *call, const dyn_table *table,
                                const dyn_node *node)
{
    if (node->type == DYN_NODE_PATH) {
        dyn_path path = node->path;
        return dyn_key_check_paths(call, table, (dyn_paths){&path, 1});
    }
    for (const dyn_node *n = node->first; n != NULL; n = n->next)
        DYN_TRY(check_operand(call, table, n));
    return DYN_OK;
}

/* What is told by the request alone comes before the item and the condition. */
static dyn_status check_actions(dyn_call *call, const dyn_table *table,
                                const dyn_update *parsed)
{
    DYN_TRY(check_index_types(call, table, false, parsed));
    DYN_TRY(check_index_types(call, table, true, parsed));
    for (size_t i = 0; i < parsed->changed.paths.count; i++) {
        if (parsed->actions[i].operand == NULL) continue;
        DYN_TRY(check_operand(call, table, parsed->actions[i].operand));
    }
    return DYN_OK;
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

static bool message_begins(const dyn_call *call, const char *text)
{
    return strncmp(call->error.message, text, strlen(text)) == 0;
}

/* What is wrong with an operand is said in other words of AttributeUpdates, and
 * of values for the key of an index that were computed. */
static dyn_status update_failure(dyn_call *call, const dyn_json *request,
                                 dyn_status status)
{
    if (status != DYN_INVALID) return status;
    if (dyn_request_member(request, "AttributeUpdates") != NULL &&
        message_begins(call, DYN_UPDATE_WRONG_TYPE)) {
        return dyn_fail(call, DYN_INVALID,
                        "Type mismatch for attribute to update");
    }
    if (dyn_request_member(request, "UpdateExpression") != NULL &&
        message_begins(call, DYN_ENTRY_WRONG_TYPE)) {
        return dyn_fail(call, DYN_INVALID,
                        "The update expression attempted to update the "
                        "secondary index key to unsupported type");
    }
    return status;
}

static dyn_status update_item(dyn_call *call, const dyn_host *host,
                              const dyn_json *request, dyn_buffer *response)
{
    dyn_map key = {NULL, 0};
    dyn_update parsed;
    bool only_existing = false;
    dyn_write_call write = {.request = request};
    dyn_update_response updated = {.after = {NULL, 0}};
    DYN_TRY(read_request(call, &write, &key, &only_existing, &parsed));
    DYN_TRY(dyn_write_begin(call, host, &write));
    dyn_update_request update_request = {
        .condition = dyn_write_condition_of(&write),
        .update = &parsed,
        .key_item = &key,
        .only_existing = only_existing,
    };
    DYN_TRY(dyn_key_of_item(call, write.table, &key, &update_request.key));
    DYN_TRY(check_key(call, write.table, parsed.changed.paths));
    DYN_TRY(check_actions(call, write.table, &parsed));
    dyn_status status =
        dyn_update_item(call, write.table, &update_request, &updated);
    DYN_TRY(dyn_write_failure(call, &write, &updated.before,
                              update_failure(call, request, status)));
    DYN_TRY(write_values(call, response, request, &parsed, &updated));
    dyn_write_end(response, &write, &key, update_request.key);
    return DYN_OK;
}

const dyn_operation dyn_operation_update_item = {"UpdateItem", &input,
                                                 update_item};
