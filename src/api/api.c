/* The table of operations, and how one is run; the contract is in api.h. */
#include "api/api.h"

#include "api/operation.h"
#include "base/exception.h"

static const dyn_operation *const operations[] = {
    &dyn_operation_batch_execute_statement,
    &dyn_operation_batch_get_item,
    &dyn_operation_batch_write_item,
    &dyn_operation_create_backup,
    &dyn_operation_create_table,
    &dyn_operation_delete_backup,
    &dyn_operation_delete_item,
    &dyn_operation_delete_table,
    &dyn_operation_describe_backup,
    &dyn_operation_describe_continuous_backups,
    &dyn_operation_describe_contributor_insights,
    &dyn_operation_describe_endpoints,
    &dyn_operation_describe_export,
    &dyn_operation_describe_import,
    &dyn_operation_describe_limits,
    &dyn_operation_describe_stream,
    &dyn_operation_describe_table,
    &dyn_operation_describe_table_replica_auto_scaling,
    &dyn_operation_describe_time_to_live,
    &dyn_operation_execute_statement,
    &dyn_operation_execute_transaction,
    &dyn_operation_export_table_to_point_in_time,
    &dyn_operation_get_item,
    &dyn_operation_get_records,
    &dyn_operation_get_shard_iterator,
    &dyn_operation_import_table,
    &dyn_operation_list_backups,
    &dyn_operation_list_contributor_insights,
    &dyn_operation_list_exports,
    &dyn_operation_list_imports,
    &dyn_operation_list_streams,
    &dyn_operation_list_tables,
    &dyn_operation_list_tags_of_resource,
    &dyn_operation_put_item,
    &dyn_operation_query,
    &dyn_operation_restore_table_from_backup,
    &dyn_operation_restore_table_to_point_in_time,
    &dyn_operation_scan,
    &dyn_operation_tag_resource,
    &dyn_operation_transact_get_items,
    &dyn_operation_transact_write_items,
    &dyn_operation_untag_resource,
    &dyn_operation_update_continuous_backups,
    &dyn_operation_update_contributor_insights,
    &dyn_operation_update_item,
    &dyn_operation_update_table,
    &dyn_operation_update_table_replica_auto_scaling,
    &dyn_operation_update_time_to_live,
};

/* What DynamoDB has beside those. */
static const char *const missing[] = {
    "CreateGlobalTable",
    "DeleteResourcePolicy",
    "DescribeGlobalTable",
    "DescribeGlobalTableSettings",
    "DescribeKinesisStreamingDestination",
    "DisableKinesisStreamingDestination",
    "EnableKinesisStreamingDestination",
    "GetResourcePolicy",
    "ListGlobalTables",
    "PutResourcePolicy",
    "SearchVectors",
    "UpdateGlobalTable",
    "UpdateGlobalTableSettings",
    "UpdateKinesisStreamingDestination",
};

static const dyn_operation *
find_operation(dyn_bytes name, bool (*is_equal)(dyn_bytes a, dyn_bytes b))
{
    for (size_t i = 0; i < sizeof(operations) / sizeof(operations[0]); i++) {
        if (is_equal(name, dyn_bytes_text(operations[i]->name)))
            return operations[i];
    }
    return NULL;
}

static dyn_status fail_unknown(dyn_call *call, dyn_bytes name)
{
    for (size_t i = 0; i < sizeof(missing) / sizeof(missing[0]); i++) {
        if (!dyn_bytes_equal_text(name, missing[i])) continue;
        return dyn_fail_as(call, "UnknownOperationException",
                           "this version of dynamo does not have %s",
                           missing[i]);
    }
    const dyn_operation *meant = find_operation(name, dyn_bytes_equal_nocase);
    if (meant != NULL) {
        return dyn_fail_as(call, "UnknownOperationException",
                           "DynamoDB has no operation %.*s; it has %s",
                           (int)name.size_bytes, (const char *)name.data,
                           meant->name);
    }
    if (name.size_bytes == 0) {
        return dyn_fail_as(call, "UnknownOperationException",
                           "the name of an operation is missing, as 'GetItem'");
    }
    return dyn_fail_as(call, "UnknownOperationException",
                       "DynamoDB has no operation %.*s", (int)name.size_bytes,
                       (const char *)name.data);
}

/* The tree is this call's own: it may be changed. */
static dyn_status read_request(dyn_call *call, const dyn_operation *operation,
                               dyn_bytes text, const dyn_json **out)
{
    dyn_status status = dyn_json_parse(call, text, DYN_JSON_DEPTH_MAX, out);
    if (status == DYN_INVALID) call->error.name = "SerializationException";
    if (status != DYN_OK) return status;
    if ((*out)->type != DYN_JSON_OBJECT) {
        return dyn_fail_as(call, "SerializationException",
                           "a request is a JSON object");
    }
    return dyn_shape_check(call, operation->input, (dyn_json *)*out);
}

static dyn_status run(dyn_call *call, const dyn_host *host,
                      const dyn_operation *operation, const dyn_json *request,
                      dyn_bytes *response)
{
    enum { ROOM_BYTES = 512 };
    dyn_buffer buffer;
    dyn_buffer_begin(&buffer, call, ROOM_BYTES);
    dyn_buffer_add_byte(&buffer, '{');
    DYN_TRY(operation->run(call, host, request, &buffer));
    dyn_buffer_add_byte(&buffer, '}');
    return dyn_buffer_end(&buffer, response);
}

dyn_status dyn_api_call(dyn_call *call, const dyn_host *host,
                        dyn_bytes operation, dyn_bytes request,
                        dyn_bytes *response)
{
    const dyn_json *json = NULL;
    const dyn_operation *found = find_operation(operation, dyn_bytes_equal);
    if (found == NULL) return fail_unknown(call, operation);
    DYN_TRY(read_request(call, found, request, &json));
    return host->end(host->context, call,
                     run(call, host, found, json, response));
}
