/* UpdateTableReplicaAutoScaling. What is written is said for the table, and
 * what is read for its replicas, of which there is one. The role and the name
 * of a policy are taken and not kept. */
#include "api/auto_scaling.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/table_shape.h"
#include "base/exception.h"
#include "engine/declaration_scaling.h"
#include "ops/alter_table.h"

#include <stdlib.h>

#define INVALID      "One or more parameter values were invalid: "
#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* ----------------------------------------------------------------- shape -- */

static const dyn_shape positive = {
    .kind = DYN_SHAPE_LONG, .has_min = true, .min = 1};
static const dyn_shape any_integer = {.kind = DYN_SHAPE_INTEGER,
                                      .is_free = true};
static const dyn_shape any_double = {.kind = DYN_SHAPE_DOUBLE, .is_free = true};
static const dyn_shape role = {.kind = DYN_SHAPE_STRING,
                               .has_min = true,
                               .min = 1,
                               .has_max = true,
                               .max = 1600};
static const dyn_shape policy_name = {.kind = DYN_SHAPE_STRING,
                                      .has_min = true,
                                      .min = 1,
                                      .has_max = true,
                                      .max = 256};

static const dyn_shape_member target_members[] = {
    {"DisableScaleIn", &dyn_shape_boolean, false},
    {"ScaleInCooldown", &any_integer, false},
    {"ScaleOutCooldown", &any_integer, false},
    {"TargetValue", &any_double, true},
    {NULL, NULL, false},
};
static const dyn_shape target = {
    .kind = DYN_SHAPE_STRUCTURE,
    .class_name = "AutoScalingTargetTrackingScalingPolicyConfigurationUpdate",
    .members = target_members};
static const dyn_shape_member policy_members[] = {
    {"PolicyName", &policy_name, false},
    {"TargetTrackingScalingPolicyConfiguration", &target, true},
    {NULL, NULL, false},
};
static const dyn_shape policy = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name = "AutoScalingPolicyUpdate",
                                 .members = policy_members};
static const dyn_shape_member settings_members[] = {
    {"MinimumUnits", &positive, false},
    {"MaximumUnits", &positive, false},
    {"AutoScalingDisabled", &dyn_shape_boolean, false},
    {"AutoScalingRoleArn", &role, false},
    {"ScalingPolicyUpdate", &policy, false},
    {NULL, NULL, false},
};
static const dyn_shape settings = {.kind = DYN_SHAPE_STRUCTURE,
                                   .class_name = "AutoScalingSettingsUpdate",
                                   .members = settings_members};

#define INDEX_WRITES "ProvisionedWriteCapacityAutoScalingUpdate"
#define INDEX_READS  "ProvisionedReadCapacityAutoScalingUpdate"
#define TABLE_WRITES "ProvisionedWriteCapacityAutoScalingUpdate"
#define TABLE_READS  "ReplicaProvisionedReadCapacityAutoScalingUpdate"

static const dyn_shape_member index_members[] = {
    {"IndexName", &dyn_shape_index_name, false},
    {INDEX_WRITES, &settings, false},
    {NULL, NULL, false},
};
static const dyn_shape index_update = {
    .kind = DYN_SHAPE_STRUCTURE,
    .class_name = "GlobalSecondaryIndexAutoScalingUpdate",
    .members = index_members};
static const dyn_shape index_updates = {.kind = DYN_SHAPE_LIST,
                                        .has_min = true,
                                        .min = 1,
                                        .element = &index_update};
static const dyn_shape_member replica_index_members[] = {
    {"IndexName", &dyn_shape_index_name, false},
    {INDEX_READS, &settings, false},
    {NULL, NULL, false},
};
static const dyn_shape replica_index = {
    .kind = DYN_SHAPE_STRUCTURE,
    .class_name = "ReplicaGlobalSecondaryIndexAutoScalingUpdate",
    .members = replica_index_members};
static const dyn_shape replica_indexes = {.kind = DYN_SHAPE_LIST,
                                          .element = &replica_index};
static const dyn_shape_member replica_members[] = {
    {"RegionName", &dyn_shape_string, true},
    {"ReplicaGlobalSecondaryIndexUpdates", &replica_indexes, false},
    {TABLE_READS, &settings, false},
    {NULL, NULL, false},
};
static const dyn_shape replica = {.kind = DYN_SHAPE_STRUCTURE,
                                  .class_name = "ReplicaAutoScalingUpdate",
                                  .members = replica_members};
static const dyn_shape replicas = {
    .kind = DYN_SHAPE_LIST, .has_min = true, .min = 1, .element = &replica};

static const dyn_shape_member members[] = {
    {"GlobalSecondaryIndexUpdates", &index_updates, false},
    {"TableName", &dyn_shape_own_table, true},
    {TABLE_WRITES, &settings, false},
    {"ReplicaUpdates", &replicas, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name =
                                    "UpdateTableReplicaAutoScalingInput",
                                .members = members};

/* -------------------------------------------------------------- settings -- */

static dyn_status read_target(dyn_call *call, const dyn_json *given,
                              dyn_scaling_settings *out)
{
    int64_t whole = 0;
    const dyn_json *value = dyn_request_member(given, "TargetValue");
    const char *text = dyn_format(call, "%.*s", (int)value->text.size_bytes,
                                  (const char *)value->text.data);
    if (text == NULL) return DYN_NOMEM;
    if (!dyn_request_number(value, &whole) ||
        (double)whole != strtod(text, NULL)) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "TargetValue is a whole number of percent "
                                "here: %s",
                        text);
    }
    out->target_percent = whole;
    out->up_cooldown_seconds =
        dyn_request_integer(given, "ScaleOutCooldown", 0);
    out->down_cooldown_seconds =
        dyn_request_integer(given, "ScaleInCooldown", 0);
    out->is_up_only = dyn_request_flag(given, "DisableScaleIn", false);
    return DYN_OK;
}

/* The settings that there are, with an update, a member of object. What it does
 * not say stays; a policy is replaced as a whole. Nothing without an update. */
static dyn_status read_settings(dyn_call *call, const dyn_json *object,
                                const char *member, dyn_scaling_settings *out)
{
    const dyn_json *update = dyn_request_member(object, member);
    if (update == NULL) return DYN_OK;
    if (dyn_request_flag(update, "AutoScalingDisabled", false)) {
        *out = (dyn_scaling_settings){.maximum_units = DYN_UNITS_NONE};
        return DYN_OK;
    }
    if (out->maximum_units == 0)
        out->target_percent = DYN_SCALING_TARGET_DEFAULT;
    out->minimum_units =
        dyn_request_integer(update, "MinimumUnits", out->minimum_units);
    out->maximum_units =
        dyn_request_integer(update, "MaximumUnits", out->maximum_units);
    const dyn_json *given = dyn_request_member(update, "ScalingPolicyUpdate");
    if (given != NULL) {
        DYN_TRY(
            read_target(call,
                        dyn_request_member(
                            given, "TargetTrackingScalingPolicyConfiguration"),
                        out));
    }
    if (out->minimum_units != 0 && out->maximum_units != 0)
        return dyn_scaling_check(call, member, out);
    return dyn_fail(call, DYN_INVALID,
                    INVALID "%s needs MinimumUnits and MaximumUnits: there are "
                            "none yet",
                    member);
}

/* ----------------------------------------------------------------- table -- */

static void forget_none(dyn_scaling_settings *out)
{
    if (out->maximum_units == DYN_UNITS_NONE) *out = (dyn_scaling_settings){0};
}

static dyn_status change_table(dyn_call *call, dyn_table *table,
                               const dyn_json *object, const char *member,
                               bool is_read)
{
    dyn_alteration change = {.kind = DYN_CHANGE_OPTIONS,
                             .definition = *dyn_table_definition(table)};
    dyn_throughput *units = &change.definition.throughput;
    dyn_scaling_settings *out =
        is_read ? &units->read_scaling : &units->write_scaling;
    if (dyn_request_member(object, member) == NULL) return DYN_OK;
    DYN_TRY(read_settings(call, object, member, out));
    forget_none(out);
    return dyn_alter_table(call, table, &change);
}

static dyn_status change_index(dyn_call *call, dyn_table *table,
                               const dyn_json *object, bool is_read)
{
    const dyn_definition *definition = dyn_table_definition(table);
    dyn_bytes name = dyn_request_text(object, "IndexName");
    int number =
        name.data == NULL ? -1 : dyn_definition_index(definition, name);
    dyn_alteration change = {.kind = DYN_CHANGE_INDEX, .name = name};
    if (number < 0 || definition->indexes[number].is_local) {
        return dyn_fail(call, DYN_NOT_FOUND,
                        "Requested resource not found: Index: %.*s not found",
                        SHOWN(name));
    }
    const dyn_throughput *units = &definition->indexes[number].throughput;
    dyn_scaling_settings *out = is_read ? &change.throughput.read_scaling
                                        : &change.throughput.write_scaling;
    *out = is_read ? units->read_scaling : units->write_scaling;
    DYN_TRY(
        read_settings(call, object, is_read ? INDEX_READS : INDEX_WRITES, out));
    return dyn_alter_table(call, table, &change);
}

static dyn_status change_indexes(dyn_call *call, dyn_table *table,
                                 const dyn_json *list, bool is_read)
{
    for (const dyn_json *c = list == NULL ? NULL : list->first; c != NULL;
         c = c->next) {
        DYN_TRY(change_index(call, table, c, is_read));
    }
    return DYN_OK;
}

static dyn_status change_replica(dyn_call *call, dyn_table *table,
                                 const dyn_json *object)
{
    dyn_bytes region = dyn_request_text(object, "RegionName");
    dyn_bytes own = dyn_table_definition(table)->region;
    if (!dyn_bytes_equal(region, own)) {
        return dyn_fail(call, DYN_NOT_FOUND,
                        "Requested resource not found: Replica: %.*s not "
                        "found; there is %.*s",
                        SHOWN(region), SHOWN(own));
    }
    DYN_TRY(change_table(call, table, object, TABLE_READS, true));
    return change_indexes(
        call, table,
        dyn_request_member(object, "ReplicaGlobalSecondaryIndexUpdates"), true);
}

static dyn_status check_any(dyn_call *call, const dyn_json *request)
{
    if (request->count > 1) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    INVALID "At least one of GlobalSecondaryIndexUpdates, "
                            "ProvisionedWriteCapacityAutoScalingUpdate or "
                            "ReplicaUpdates is required");
}

static dyn_status update(dyn_call *call, const dyn_host *host,
                         const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    const dyn_json *list = dyn_request_member(request, "ReplicaUpdates");
    DYN_TRY(check_any(call, request));
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_host_find(call, host, dyn_request_text(request, "TableName"),
                          true, &table));
    DYN_TRY(change_table(call, table, request, TABLE_WRITES, false));
    DYN_TRY(change_indexes(
        call, table, dyn_request_member(request, "GlobalSecondaryIndexUpdates"),
        false));
    for (const dyn_json *c = list == NULL ? NULL : list->first; c != NULL;
         c = c->next) {
        DYN_TRY(change_replica(call, table, c));
    }
    return dyn_auto_scaling_describe(call, response, table);
}

const dyn_operation dyn_operation_update_table_replica_auto_scaling = {
    "UpdateTableReplicaAutoScaling", &input, update};
