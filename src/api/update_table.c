/* UpdateTable. The request becomes changes of the declaration. */
#include "api/operation.h"
#include "api/replica_updates.h"
#include "api/request.h"
#include "api/table_description.h"
#include "api/table_shape.h"
#include "base/exception.h"
#include "engine/declaration.h"
#include "ops/alter_table.h"

#include <inttypes.h>

#define INVALID      "One or more parameter values were invalid: "
#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* ----------------------------------------------------------------- shape -- */

static const dyn_shape_member update_members[] = {
    {"IndexName", &dyn_shape_index_name, true},
    {"ProvisionedThroughput", &dyn_shape_throughput, false},
    {"OnDemandThroughput", &dyn_shape_on_demand, false},
    {"WarmThroughput", &dyn_shape_warm, false},
    {NULL, NULL, false},
};
static const dyn_shape update = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name =
                                     "UpdateGlobalSecondaryIndexAction",
                                 .members = update_members};

static const dyn_shape_member create_members[] = {
    {"Projection", &dyn_shape_projection, true},
    {"IndexName", &dyn_shape_index_name, true},
    {"ProvisionedThroughput", &dyn_shape_throughput, false},
    {"OnDemandThroughput", &dyn_shape_on_demand, false},
    {"WarmThroughput", &dyn_shape_warm, false},
    {"KeySchema", &dyn_shape_index_schema, true},
    {NULL, NULL, false},
};
static const dyn_shape create = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name =
                                     "CreateGlobalSecondaryIndexAction",
                                 .members = create_members};

static const dyn_shape_member delete_members[] = {
    {"IndexName", &dyn_shape_index_name, true},
    {NULL, NULL, false},
};
static const dyn_shape delete = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name =
                                     "DeleteGlobalSecondaryIndexAction",
                                 .members = delete_members};

static const dyn_shape_member action_members[] = {
    {"Update", &update, false},
    {"Create", &create, false},
    {"Delete", &delete, false},
    {NULL, NULL, false},
};
static const dyn_shape action = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name = "GlobalSecondaryIndexUpdate",
                                 .members = action_members};
static const dyn_shape actions = {.kind = DYN_SHAPE_LIST, .element = &action};

static const char *const consistency_words[] = {"EVENTUAL", "STRONG", NULL};
static const dyn_shape consistency = {.kind = DYN_SHAPE_STRING,
                                      .words = consistency_words};

static const dyn_shape_member members[] = {
    {"AttributeDefinitions", &dyn_shape_definitions, false},
    {"TableName", &dyn_shape_own_table, true},
    {"ProvisionedThroughput", &dyn_shape_throughput, false},
    {"BillingMode", &dyn_shape_billing, false},
    {"GlobalSecondaryIndexUpdates", &actions, false},
    {"StreamSpecification", &dyn_shape_stream, false},
    {"SSESpecification", &dyn_shape_encryption, false},
    {"ReplicaUpdates", &dyn_shape_replica_updates, false},
    {"TableClass", &dyn_shape_table_class, false},
    {"DeletionProtectionEnabled", &dyn_shape_boolean, false},
    {"MultiRegionConsistency", &consistency, false},
    {"GlobalTableWitnessUpdates", &dyn_shape_any_list, false},
    {"OnDemandThroughput", &dyn_shape_on_demand, false},
    {"WarmThroughput", &dyn_shape_warm, false},
    {"GlobalTableSettingsReplicationMode", &dyn_shape_settings_replication,
     false},
    {"VectorIndexUpdates", &dyn_shape_any_list, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "UpdateTableInput",
                                .members = members};

/* ----------------------------------------------------------------- rules -- */

static dyn_status check_any(dyn_call *call, const dyn_json *request)
{
    static const char *const changes[] = {
        "ProvisionedThroughput",
        "BillingMode",
        "StreamSpecification",
        "SSESpecification",
        "TableClass",
        "OnDemandThroughput",
        "ReplicaUpdates",
        "DeletionProtectionEnabled",
        "WarmThroughput",
        "VectorIndexUpdates",
        "MultiRegionConsistency",
        "GlobalTableWitnessUpdates",
        "GlobalTableSettingsReplicationMode",
    };
    const dyn_json *updates =
        dyn_request_member(request, "GlobalSecondaryIndexUpdates");
    if (updates != NULL && updates->count > 0) return DYN_OK;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        if (dyn_request_member(request, changes[i]) != NULL) return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID,
                    "At least one of ProvisionedThroughput, BillingMode, "
                    "UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
                    "SSESpecification or ReplicaUpdates is required");
}

/* The one action of an element; NULL when there is none. */
static const dyn_json *action_of(const dyn_json *element)
{
    static const char *const names[] = {"Update", "Create", "Delete"};
    const dyn_json *found = NULL;
    for (size_t i = 0; i < 3 && found == NULL; i++)
        found = dyn_request_member(element, names[i]);
    return found;
}

static dyn_status check_action(dyn_call *call, const dyn_json *list,
                               const dyn_json *element)
{
    const dyn_json *found = action_of(element);
    if (found == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID
                        "One of GlobalSecondaryIndexUpdate.Update, "
                        "GlobalSecondaryIndexUpdate.Create, "
                        "GlobalSecondaryIndexUpdate.Delete must not be null");
    }
    if (element->count > 1) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID
                        "Only one of GlobalSecondaryIndexUpdate.Update, "
                        "GlobalSecondaryIndexUpdate.Create, "
                        "GlobalSecondaryIndexUpdate.Delete can be given");
    }
    dyn_bytes name = dyn_request_text(found, "IndexName");
    for (const dyn_json *c = list->first; c != element; c = c->next) {
        dyn_bytes other = dyn_request_text(action_of(c), "IndexName");
        if (!dyn_bytes_equal(other, name)) continue;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Only one global secondary index update per "
                                "index is allowed simultaneously. Index: %.*s",
                        SHOWN(name));
    }
    const dyn_json *throughput =
        dyn_request_member(found, "ProvisionedThroughput");
    return throughput == NULL ? DYN_OK
                              : dyn_table_check_units(call, throughput);
}

static dyn_status check_actions(dyn_call *call, const dyn_json *request)
{
    const dyn_json *list =
        dyn_request_member(request, "GlobalSecondaryIndexUpdates");
    size_t count = 0;
    for (const dyn_json *c = list == NULL ? NULL : list->first; c != NULL;
         c = c->next) {
        DYN_TRY(check_action(call, list, c));
        count += dyn_request_member(c, "Update") == NULL;
    }
    if (count <= 1) return DYN_OK;
    return dyn_fail_as(call, "LimitExceededException",
                       "Subscriber limit exceeded: Only 1 online index can be "
                       "created or deleted simultaneously per table");
}

static dyn_status check_request(dyn_call *call, const dyn_json *request)
{
    const dyn_json *throughput =
        dyn_request_member(request, "ProvisionedThroughput");
    DYN_TRY(check_any(call, request));
    if (throughput == NULL &&
        dyn_request_is(request, "BillingMode", "PROVISIONED")) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "ProvisionedThroughput must be specified when "
                                "BillingMode is PROVISIONED");
    }
    if (throughput != NULL) DYN_TRY(dyn_table_check_units(call, throughput));
    DYN_TRY(check_actions(call, request));
    DYN_TRY(dyn_table_check_stream(call, request));
    DYN_TRY(dyn_replica_updates_check(call, request));
    return dyn_table_check_unsupported(call, request);
}

/* --------------------------------------------------------------- options -- */

static dyn_billing billing_after(const dyn_json *request,
                                 const dyn_table *table)
{
    if (dyn_request_member(request, "BillingMode") == NULL)
        return dyn_table_definition(table)->billing;
    return dyn_request_is(request, "BillingMode", "PROVISIONED")
               ? DYN_PROVISIONED
               : DYN_ON_DEMAND;
}

/* The index of that name is given units by the request. */
static bool has_update(const dyn_json *request, dyn_bytes name)
{
    const dyn_json *list =
        dyn_request_member(request, "GlobalSecondaryIndexUpdates");
    for (const dyn_json *c = list == NULL ? NULL : list->first; c != NULL;
         c = c->next) {
        const dyn_json *found = dyn_request_member(c, "Update");
        if (found != NULL &&
            dyn_bytes_equal(dyn_request_text(found, "IndexName"), name) &&
            dyn_request_member(found, "ProvisionedThroughput") != NULL) {
            return true;
        }
    }
    return false;
}

/* With the billing of a table that of its global indexes changes. */
static dyn_status check_index_units(dyn_call *call, const dyn_json *request,
                                    const dyn_definition *definition)
{
    dyn_buffer names;
    dyn_bytes text = {NULL, 0};
    dyn_buffer_begin(&names, call, 0);
    for (size_t i = 0; i < definition->index_count; i++) {
        const dyn_index *index = &definition->indexes[i];
        if (index->is_local || has_update(request, index->name)) continue;
        if (names.size_bytes > 0) dyn_buffer_add_byte(&names, ',');
        dyn_buffer_add_bytes(&names, index->name);
    }
    if (names.size_bytes == 0 && !names.failed) return DYN_OK;
    DYN_TRY(dyn_buffer_end(&names, &text));
    return dyn_fail(call, DYN_INVALID,
                    INVALID "ProvisionedThroughput must be specified for "
                            "index: %.*s",
                    SHOWN(text));
}

static dyn_status check_billing(dyn_call *call, const dyn_json *request,
                                const dyn_table *table)
{
    const dyn_definition *definition = dyn_table_definition(table);
    const dyn_json *throughput =
        dyn_request_member(request, "ProvisionedThroughput");
    dyn_billing after = billing_after(request, table);
    if (after == DYN_ON_DEMAND) {
        if (throughput == NULL) return DYN_OK;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Neither ReadCapacityUnits nor "
                                "WriteCapacityUnits can be specified when "
                                "BillingMode is PAY_PER_REQUEST");
    }
    if (definition->billing == DYN_PROVISIONED) return DYN_OK;
    return check_index_units(call, request, definition);
}

static dyn_status check_units_change(dyn_call *call,
                                     const dyn_throughput *before,
                                     const dyn_json *throughput)
{
    int64_t reads = dyn_request_integer(throughput, "ReadCapacityUnits", 0);
    int64_t writes = dyn_request_integer(throughput, "WriteCapacityUnits", 0);
    if (reads != before->read_units || writes != before->write_units)
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "The provisioned throughput for the table will not change. "
                    "The requested value equals the current value. Current "
                    "ReadCapacityUnits provisioned for the table: %" PRId64
                    ". Requested ReadCapacityUnits: %" PRId64
                    ". Current WriteCapacityUnits provisioned for the table: "
                    "%" PRId64 ". Requested WriteCapacityUnits: %" PRId64
                    ". Refer to the Amazon DynamoDB Developer Guide for "
                    "current limits and how to request higher limits.",
                    before->read_units, reads, before->write_units, writes);
}

/* -1: no limit. Units that are not given stay. */
static void set_units(const dyn_json *object, const char *member,
                      int64_t *units)
{
    if (object == NULL || dyn_request_member(object, member) == NULL) return;
    int64_t number = dyn_request_integer(object, member, 0);
    *units = number == -1 ? 0 : number;
}

/* Give a definition the options of the request. Returns whether there are any.
 */
static bool set_options(const dyn_json *request, dyn_definition *out)
{
    const dyn_json *throughput =
        dyn_request_member(request, "ProvisionedThroughput");
    const dyn_json *limits = dyn_request_member(request, "OnDemandThroughput");
    const dyn_json *warm = dyn_request_member(request, "WarmThroughput");
    const dyn_json *protection =
        dyn_request_member(request, "DeletionProtectionEnabled");
    const dyn_json *class = dyn_request_member(request, "TableClass");
    bool has_stream =
        dyn_request_member(request, "StreamSpecification") != NULL;
    bool has_billing = dyn_request_member(request, "BillingMode") != NULL;
    if (has_billing) {
        bool is_provisioned =
            dyn_request_is(request, "BillingMode", "PROVISIONED");
        dyn_definition_set_billing(out, is_provisioned ? DYN_PROVISIONED
                                                       : DYN_ON_DEMAND);
    }
    set_units(throughput, "ReadCapacityUnits", &out->throughput.read_units);
    set_units(throughput, "WriteCapacityUnits", &out->throughput.write_units);
    set_units(limits, "MaxReadRequestUnits", &out->throughput.max_read_units);
    set_units(limits, "MaxWriteRequestUnits", &out->throughput.max_write_units);
    set_units(warm, "ReadUnitsPerSecond", &out->throughput.warm_read_units);
    set_units(warm, "WriteUnitsPerSecond", &out->throughput.warm_write_units);
    if (has_stream) out->stream = dyn_table_read_stream(request);
    if (protection != NULL)
        out->is_protected = protection->type == DYN_JSON_TRUE;
    if (class != NULL)
        out->is_infrequent = !dyn_bytes_equal_text(class->text, "STANDARD");
    return has_billing || throughput != NULL || limits != NULL ||
           warm != NULL || has_stream || protection != NULL || class != NULL;
}

/* A view cannot be changed, nor what is there be said again. */
static dyn_status check_stream_change(dyn_call *call, const dyn_json *request,
                                      const dyn_table *table)
{
    if (dyn_request_member(request, "StreamSpecification") == NULL)
        return DYN_OK;
    bool is_open = dyn_table_definition(table)->stream != DYN_STREAM_OFF;
    bool is_wanted = dyn_table_read_stream(request) != DYN_STREAM_OFF;
    if (is_open != is_wanted) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    is_open ? "Table already has an enabled stream: "
                              "TableName: %s"
                            : "Table has no stream to disable: TableName: %s",
                    dyn_table_label(table));
}

static dyn_status change_options(dyn_call *call, const dyn_json *request,
                                 dyn_table *table)
{
    const dyn_definition *definition = dyn_table_definition(table);
    dyn_alteration alteration = {.kind = DYN_CHANGE_OPTIONS,
                                 .definition = *definition};
    const dyn_json *throughput =
        dyn_request_member(request, "ProvisionedThroughput");
    if (throughput != NULL && definition->billing == DYN_PROVISIONED) {
        DYN_TRY(check_units_change(call, &definition->throughput, throughput));
    }
    DYN_TRY(dyn_table_check_warm(call, request, "table",
                                 dyn_definition_warm(definition, NULL)));
    DYN_TRY(check_stream_change(call, request, table));
    return set_options(request, &alteration.definition)
               ? dyn_alter_table(call, table, &alteration)
               : DYN_OK;
}

/* --------------------------------------------------------------- indexes -- */

static dyn_status check_index_warm(dyn_call *call,
                                   const dyn_definition *definition,
                                   size_t number, const dyn_json *change)
{
    const dyn_index *index = &definition->indexes[number];
    const char *of =
        dyn_format(call, "index %s", (const char *)index->name.data);
    if (of == NULL) return DYN_NOMEM;
    return dyn_table_check_warm(call, change, of,
                                dyn_definition_warm(definition, index));
}

/* With a change of billing come units, which may be those of the table. */
static dyn_status check_index_change(dyn_call *call, const dyn_table *table,
                                     bool was_on_demand, const dyn_json *change)
{
    const dyn_definition *definition = dyn_table_definition(table);
    const dyn_json *throughput =
        dyn_request_member(change, "ProvisionedThroughput");
    dyn_bytes name = dyn_request_text(change, "IndexName");
    int number = dyn_definition_index(definition, name);
    if (throughput == NULL &&
        dyn_request_member(change, "OnDemandThroughput") == NULL &&
        dyn_request_member(change, "WarmThroughput") == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "the update of index %.*s has none of "
                                "ProvisionedThroughput, OnDemandThroughput "
                                "and WarmThroughput",
                        SHOWN(name));
    }
    DYN_TRY(dyn_table_check_on_demand(call, change));
    if (number < 0) return DYN_OK;
    DYN_TRY(check_index_warm(call, definition, (size_t)number, change));
    if (throughput == NULL) return DYN_OK;
    DYN_TRY(dyn_table_check_index_units(
        call, change, definition->billing == DYN_PROVISIONED));
    if (was_on_demand) return DYN_OK;
    dyn_throughput before =
        dyn_index_throughput(definition, &definition->indexes[number]);
    return check_units_change(call, &before, throughput);
}

static dyn_status change_index(dyn_call *call, dyn_table *table,
                               bool was_on_demand, const dyn_json *change)
{
    dyn_alteration alteration = {
        .kind = DYN_CHANGE_INDEX,
        .name = dyn_request_text(change, "IndexName"),
        .throughput = dyn_table_read_units(change),
    };
    DYN_TRY(check_index_change(call, table, was_on_demand, change));
    return dyn_alter_table(call, table, &alteration);
}

static dyn_status drop_index(dyn_call *call, dyn_table *table,
                             const dyn_json *change)
{
    dyn_alteration alteration = {
        .kind = DYN_DROP_INDEX,
        .name = dyn_request_text(change, "IndexName"),
    };
    return dyn_alter_table(call, table, &alteration);
}

static dyn_status create_index(dyn_call *call, dyn_table *table,
                               const dyn_json *request, const dyn_json *change)
{
    dyn_new_index index;
    dyn_alteration alteration = {.kind = DYN_ADD_INDEX};
    dyn_bytes name = dyn_request_text(change, "IndexName");
    const dyn_json *definitions =
        dyn_request_member(request, "AttributeDefinitions");
    if (dyn_table_is_filling(table)) {
        return dyn_fail_as(call, "LimitExceededException",
                           "Subscriber limit exceeded: Only 1 online index "
                           "can be created or deleted simultaneously per "
                           "table");
    }
    if (definitions == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "AttributeDefinitions must be provided when "
                                "creating a global secondary index");
    }
    DYN_TRY(dyn_table_check_global_index(call, change, definitions));
    DYN_TRY(dyn_table_check_index_units(
        call, change, dyn_table_definition(table)->billing == DYN_PROVISIONED));
    if (dyn_definition_index(dyn_table_definition(table), name) >= 0) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Attempting to create an index which already "
                                "exists: %.*s",
                        SHOWN(name));
    }
    DYN_TRY(dyn_table_read_index(call, change, definitions, &index));
    DYN_TRY(dyn_definition_add_index(call, dyn_table_definition(table), &index,
                                     &alteration.definition));
    return dyn_alter_table(call, table, &alteration);
}

static dyn_status change_indexes(dyn_call *call, const dyn_json *request,
                                 dyn_table *table, bool was_on_demand)
{
    const dyn_json *list =
        dyn_request_member(request, "GlobalSecondaryIndexUpdates");
    for (const dyn_json *c = list == NULL ? NULL : list->first; c != NULL;
         c = c->next) {
        const dyn_json *change = action_of(c);
        if (dyn_request_member(c, "Update") != NULL) {
            DYN_TRY(change_index(call, table, was_on_demand, change));
        } else if (dyn_request_member(c, "Create") != NULL) {
            DYN_TRY(create_index(call, table, request, change));
        } else {
            DYN_TRY(drop_index(call, table, change));
        }
    }
    return DYN_OK;
}

/* What AttributeDefinitions say of a key attribute is what is known of it. */
static dyn_status check_definitions(dyn_call *call, const dyn_json *request,
                                    const dyn_table *table)
{
    const dyn_definition *definition = dyn_table_definition(table);
    const dyn_json *list = dyn_request_member(request, "AttributeDefinitions");
    for (const dyn_json *c = list == NULL ? NULL : list->first; c != NULL;
         c = c->next) {
        dyn_bytes name = dyn_request_text(c, "AttributeName");
        dyn_bytes type = dyn_request_text(c, "AttributeType");
        int known = dyn_definition_column(definition, name);
        for (const dyn_json *o = list->first; o != c; o = o->next) {
            if (!dyn_bytes_equal(dyn_request_text(o, "AttributeName"), name))
                continue;
            return dyn_fail(call, DYN_INVALID,
                            INVALID "Duplicate AttributeName in "
                                    "AttributeDefinitions: %.*s",
                            SHOWN(name));
        }
        if (known < 0) continue;
        const dyn_column *column = &definition->columns[known];
        if (!column->has_type && !column->is_index_typed) continue;
        const char *expected = dyn_type_name(column->type);
        if (dyn_bytes_equal_text(type, expected)) continue;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "AttributeDefinitions has the type %.*s for "
                                "%.*s, which the table has as %s",
                        SHOWN(type), SHOWN(name), expected);
    }
    return DYN_OK;
}

/* ------------------------------------------------------------- operation -- */

static dyn_status update_table(dyn_call *call, const dyn_host *host,
                               const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    dyn_table_units before;
    DYN_TRY(check_request(call, request));
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(dyn_host_find(call, host, dyn_request_text(request, "TableName"),
                          true, &table));
    DYN_TRY(check_definitions(call, request, table));
    DYN_TRY(check_billing(call, request, table));
    dyn_billing billing = dyn_table_definition(table)->billing;
    DYN_TRY(dyn_table_units_read(call, table, &before));
    DYN_TRY(change_options(call, request, table));
    DYN_TRY(change_indexes(call, request, table, billing == DYN_ON_DEMAND));
    DYN_TRY(dyn_replica_updates_make(call, host, request, table));
    bool is_kept = billing == dyn_table_definition(table)->billing;
    return dyn_table_describe(call, response, "TableDescription", table,
                              "UPDATING", is_kept ? &before : NULL);
}

const dyn_operation dyn_operation_update_table = {"UpdateTable", &input,
                                                  update_table};
