/* Descriptions of auto scaling; the contract is in auto_scaling.h. */
#include "api/auto_scaling.h"

#include "api/response.h"
#include "base/arn.h"

#define ROLE_ARN                                                               \
    "arn:aws:iam::" DYN_ARN_ACCOUNT ":role/aws-service-role/dynamodb."         \
    "application-autoscaling.amazonaws.com/"                                   \
    "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable"

static void begin(dyn_buffer *out, const char *name, char bracket)
{
    dyn_response_name(out, name);
    dyn_buffer_add_byte(out, (unsigned char)bracket);
}

static void write_target(dyn_buffer *out, const dyn_scaling_settings *settings)
{
    begin(out, "TargetTrackingScalingPolicyConfiguration", '{');
    dyn_response_flag(out, "DisableScaleIn", settings->is_up_only);
    dyn_response_integer(out, "ScaleInCooldown",
                         settings->down_cooldown_seconds);
    dyn_response_integer(out, "ScaleOutCooldown",
                         settings->up_cooldown_seconds);
    dyn_response_integer(out, "TargetValue", settings->target_percent);
    dyn_buffer_add_byte(out, '}');
}

/* The name of a policy is the one that the service gives by itself; resource is
 * `table/orders`, or that of an index behind it. */
static dyn_status write_settings(dyn_call *call, dyn_buffer *out,
                                 const char *member, const char *resource,
                                 const dyn_scaling_settings *settings)
{
    bool is_read = strstr(member, "Read") != NULL;
    begin(out, member, '{');
    if (settings->maximum_units == 0) {
        dyn_response_flag(out, "AutoScalingDisabled", true);
        dyn_buffer_add_byte(out, '}');
        return DYN_OK;
    }
    const char *policy = dyn_format(call, "DynamoDB%sCapacityUtilization:%s",
                                    is_read ? "Read" : "Write", resource);
    if (policy == NULL) return DYN_NOMEM;
    dyn_response_integer(out, "MinimumUnits", settings->minimum_units);
    dyn_response_integer(out, "MaximumUnits", settings->maximum_units);
    dyn_response_text(out, "AutoScalingRoleArn", dyn_bytes_text(ROLE_ARN));
    begin(out, "ScalingPolicies", '[');
    dyn_buffer_add_byte(out, '{');
    dyn_response_text(out, "PolicyName", dyn_bytes_text(policy));
    write_target(out, settings);
    dyn_buffer_add_text(out, "}]}");
    return DYN_OK;
}

static dyn_status write_index(dyn_call *call, dyn_buffer *out,
                              const dyn_table *table, size_t number)
{
    const dyn_index *index = &dyn_table_definition(table)->indexes[number];
    bool is_filling = dyn_table_index(table, number)->is_filling;
    const char *resource =
        dyn_format(call, "table/%s/index/%s", dyn_table_label(table),
                   (const char *)index->name.data);
    if (resource == NULL) return DYN_NOMEM;
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    dyn_response_text(out, "IndexName", index->name);
    dyn_response_text(out, "IndexStatus",
                      dyn_bytes_text(is_filling ? "CREATING" : "ACTIVE"));
    DYN_TRY(write_settings(call, out,
                           "ProvisionedReadCapacityAutoScalingSettings",
                           resource, &index->throughput.read_scaling));
    DYN_TRY(write_settings(call, out,
                           "ProvisionedWriteCapacityAutoScalingSettings",
                           resource, &index->throughput.write_scaling));
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

static dyn_status write_replica(dyn_call *call, dyn_buffer *out,
                                const dyn_table *table)
{
    const dyn_definition *definition = dyn_table_definition(table);
    size_t local_count = dyn_definition_local_count(definition);
    const char *resource = dyn_format(call, "table/%s", dyn_table_label(table));
    if (resource == NULL) return DYN_NOMEM;
    dyn_buffer_add_byte(out, '{');
    dyn_response_text(out, "RegionName", definition->region);
    if (definition->index_count > local_count) {
        begin(out, "GlobalSecondaryIndexes", '[');
        for (size_t i = local_count; i < definition->index_count; i++)
            DYN_TRY(write_index(call, out, table, i));
        dyn_buffer_add_byte(out, ']');
    }
    DYN_TRY(write_settings(call, out,
                           "ReplicaProvisionedReadCapacityAutoScalingSettings",
                           resource, &definition->throughput.read_scaling));
    DYN_TRY(write_settings(call, out,
                           "ReplicaProvisionedWriteCapacityAutoScalingSettings",
                           resource, &definition->throughput.write_scaling));
    dyn_response_text(out, "ReplicaStatus", dyn_bytes_text("ACTIVE"));
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

dyn_status dyn_auto_scaling_describe(dyn_call *call, dyn_buffer *out,
                                     const dyn_table *table)
{
    begin(out, "TableAutoScalingDescription", '{');
    dyn_response_text(out, "TableName", dyn_bytes_text(dyn_table_label(table)));
    dyn_response_text(out, "TableStatus", dyn_bytes_text("ACTIVE"));
    begin(out, "Replicas", '[');
    DYN_TRY(write_replica(call, out, table));
    dyn_buffer_add_text(out, "]}");
    return DYN_OK;
}
