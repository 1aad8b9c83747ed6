/* Replicas in UpdateTable; the contracts are in replica_updates.h. */
#include "api/replica_updates.h"

#include "api/request.h"
#include "api/response.h"
#include "api/table_shape.h"
#include "engine/declaration_options.h"

#define INVALID      "One or more parameter values were invalid: "
#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* ----------------------------------------------------------------- shape -- */

static const dyn_shape_member no_members[] = {{NULL, NULL, false}};
static const dyn_shape any = {.kind = DYN_SHAPE_STRUCTURE,
                              .is_free = true,
                              .class_name = "Object",
                              .members = no_members};

static const dyn_shape_member change_members[] = {
    {"RegionName", &dyn_shape_string, true},
    {"KMSMasterKeyId", &dyn_shape_string, false},
    {"ProvisionedThroughputOverride", &any, false},
    {"OnDemandThroughputOverride", &any, false},
    {"GlobalSecondaryIndexes", &dyn_shape_any_list, false},
    {"TableClassOverride", &dyn_shape_string, false},
    {NULL, NULL, false},
};
static const dyn_shape create = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name =
                                     "CreateReplicationGroupMemberAction",
                                 .members = change_members};
static const dyn_shape update = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name =
                                     "UpdateReplicationGroupMemberAction",
                                 .members = change_members};

static const dyn_shape_member delete_members[] = {
    {"RegionName", &dyn_shape_string, true},
    {NULL, NULL, false},
};
static const dyn_shape delete = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name =
                                     "DeleteReplicationGroupMemberAction",
                                 .members = delete_members};

static const dyn_shape_member action_members[] = {
    {"Create", &create, false},
    {"Update", &update, false},
    {"Delete", &delete, false},
    {NULL, NULL, false},
};
static const dyn_shape action = {.kind = DYN_SHAPE_STRUCTURE,
                                 .class_name = "ReplicationGroupUpdate",
                                 .members = action_members};
const dyn_shape dyn_shape_replica_updates = {
    .kind = DYN_SHAPE_LIST, .has_min = true, .min = 1, .element = &action};

/* ----------------------------------------------------------------- rules -- */

static const dyn_json *first_update(const dyn_json *request)
{
    const dyn_json *list = dyn_request_member(request, "ReplicaUpdates");
    return list == NULL ? NULL : list->first;
}

/* A replica has what its table has. */
static dyn_status check_overrides(dyn_call *call, const dyn_json *change)
{
    static const char *const names[] = {
        "KMSMasterKeyId", "ProvisionedThroughputOverride",
        "OnDemandThroughputOverride", "GlobalSecondaryIndexes",
        "TableClassOverride"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (dyn_request_member(change, names[i]) == NULL) continue;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "this version of dynamo does not have %s of a "
                                "replica: dynamo_alter() changes the table in "
                                "its region",
                        names[i]);
    }
    return DYN_OK;
}

static dyn_status check_update(dyn_call *call, const dyn_json *element)
{
    const dyn_json *made = dyn_request_member(element, "Create");
    const dyn_json *changed = dyn_request_member(element, "Update");
    if (element->count != 1) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "exactly one of ReplicationGroupUpdate.Create, "
                                "ReplicationGroupUpdate.Update, "
                                "ReplicationGroupUpdate.Delete must be given");
    }
    if (made != NULL) return check_overrides(call, made);
    return changed != NULL ? check_overrides(call, changed) : DYN_OK;
}

dyn_status dyn_replica_updates_check(dyn_call *call, const dyn_json *request)
{
    bool has_create = false;
    for (const dyn_json *c = first_update(request); c != NULL; c = c->next) {
        DYN_TRY(check_update(call, c));
        has_create = has_create || dyn_request_member(c, "Create") != NULL;
    }
    if (has_create ||
        dyn_request_member(request, "MultiRegionConsistency") == NULL)
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    INVALID "MultiRegionConsistency can be specified only with "
                            "a Create action in ReplicaUpdates");
}

/* --------------------------------------------------------------- changes -- */

/* What is not said is as with the replicas that there are. */
static bool is_strong(const dyn_json *request, const dyn_table *table)
{
    return dyn_request_member(request, "MultiRegionConsistency") == NULL
               ? dyn_table_log_keep(table)->has_strong
               : dyn_request_is(request, "MultiRegionConsistency", "STRONG");
}

static dyn_status check_known(dyn_call *call, dyn_table *table,
                              const dyn_json *change)
{
    bool found = false;
    dyn_replica replica;
    dyn_bytes region = dyn_request_text(change, "RegionName");
    DYN_TRY(dyn_replica_find(call, table, region, &found, &replica));
    if (found) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    INVALID "the table has no replica in %.*s", SHOWN(region));
}

static dyn_status make_update(dyn_call *call, const dyn_host *host,
                              const dyn_json *request, const dyn_json *element,
                              dyn_table *table)
{
    dyn_replica_request change = {.is_drop = false};
    const dyn_json *made = dyn_request_member(element, "Create");
    const dyn_json *changed = dyn_request_member(element, "Update");
    const dyn_json *removed = dyn_request_member(element, "Delete");
    if (changed != NULL) return check_known(call, table, changed);
    change.is_drop = made == NULL;
    change.is_strong = made != NULL && is_strong(request, table);
    if (change.is_drop) DYN_TRY(check_known(call, table, removed));
    DYN_TRY(dyn_copy(
        call, dyn_request_text(made == NULL ? removed : made, "RegionName"),
        &change.region));
    DYN_TRY(dyn_region_check(call, change.region));
    return host->change_replica(host->context, call, table, &change);
}

dyn_status dyn_replica_updates_make(dyn_call *call, const dyn_host *host,
                                    const dyn_json *request, dyn_table *table)
{
    for (const dyn_json *c = first_update(request); c != NULL; c = c->next)
        DYN_TRY(make_update(call, host, request, c, table));
    return DYN_OK;
}

/* ----------------------------------------------------------- description -- */

static void begin(dyn_buffer *out, const char *name, char bracket)
{
    dyn_response_name(out, name);
    dyn_buffer_add_byte(out, (unsigned char)bracket);
}

static void write_replica(dyn_buffer *out, const dyn_definition *definition,
                          const dyn_replica *replica)
{
    size_t local_count = dyn_definition_local_count(definition);
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    dyn_response_text(out, "RegionName", replica->region);
    dyn_response_text(out, "ReplicaStatus", dyn_bytes_text("ACTIVE"));
    if (definition->index_count > local_count) {
        begin(out, "GlobalSecondaryIndexes", '[');
        for (size_t i = local_count; i < definition->index_count; i++) {
            dyn_response_element(out);
            dyn_buffer_add_byte(out, '{');
            dyn_response_text(out, "IndexName", definition->indexes[i].name);
            dyn_buffer_add_byte(out, '}');
        }
        dyn_buffer_add_byte(out, ']');
    }
    dyn_buffer_add_byte(out, '}');
}

dyn_status dyn_replicas_describe(dyn_call *call, dyn_buffer *out,
                                 dyn_table *table)
{
    dyn_replica *replicas = NULL;
    size_t count = 0;
    const dyn_log_keep *keep = dyn_table_log_keep(table);
    if (!keep->has_replicas) return DYN_OK;
    DYN_TRY(dyn_replicas(call, table, &replicas, &count));
    dyn_response_text(out, "GlobalTableVersion", dyn_bytes_text("2019.11.21"));
    begin(out, "Replicas", '[');
    for (size_t i = 0; i < count; i++)
        write_replica(out, dyn_table_definition(table), &replicas[i]);
    dyn_buffer_add_byte(out, ']');
    dyn_response_text(out, "MultiRegionConsistency",
                      dyn_bytes_text(keep->has_strong ? "STRONG" : "EVENTUAL"));
    return DYN_OK;
}
