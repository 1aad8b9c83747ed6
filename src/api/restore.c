/* The table of a restore; the contracts are in restore.h. */
#include "api/restore.h"

#include "api/request.h"
#include "api/table_shape.h"
#include "engine/declaration.h"

#include <inttypes.h>

#define INVALID      "One or more parameter values were invalid: "
#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

#define GLOBAL "GlobalSecondaryIndexOverride"
#define LOCAL  "LocalSecondaryIndexOverride"

static dyn_status check_unsupported(dyn_call *call, const dyn_json *request)
{
    const dyn_json *encryption =
        dyn_request_member(request, "SSESpecificationOverride");
    const dyn_json *vectors =
        dyn_request_member(request, "VectorIndexOverride");
    if (encryption != NULL && encryption->count > 0 &&
        dyn_request_flag(encryption, "Enabled", true)) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "this version of dynamo does not have "
                                "encryption with a key "
                                "(SSESpecificationOverride)");
    }
    if (vectors == NULL || vectors->count == 0) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    INVALID "this version of dynamo does not have vector "
                            "indexes (VectorIndexOverride)");
}

/* --------------------------------------------------------------- billing -- */

static dyn_status check_billing(dyn_call *call, const dyn_json *request,
                                dyn_billing before, dyn_billing after)
{
    const dyn_json *provisioned =
        dyn_request_member(request, "ProvisionedThroughputOverride");
    const dyn_json *limits =
        dyn_request_member(request, "OnDemandThroughputOverride");
    if (after == DYN_ON_DEMAND && provisioned != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Neither ReadCapacityUnits nor "
                                "WriteCapacityUnits can be specified when "
                                "BillingMode is PAY_PER_REQUEST");
    }
    if (after == DYN_PROVISIONED && limits != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "OnDemandThroughputOverride goes with "
                                "BillingMode PAY_PER_REQUEST");
    }
    if (after == DYN_PROVISIONED && before != after && provisioned == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "ReadCapacityUnits and WriteCapacityUnits must "
                                "both be specified when BillingMode is "
                                "PROVISIONED");
    }
    return provisioned == NULL ? DYN_OK
                               : dyn_table_check_new_units(
                                     call, provisioned, (dyn_bytes){NULL, 0});
}

/* The limit that a request gives, or the one that is there. */
static dyn_status read_limit(dyn_call *call, const dyn_json *limits,
                             const char *member, int64_t *limit)
{
    if (limits == NULL || dyn_request_member(limits, member) == NULL)
        return DYN_OK;
    int64_t given = dyn_request_integer(limits, member, -1);
    if (given != -1 && given < 1) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "%s is to be above 0, or -1 for no limit: "
                                "%" PRId64,
                        member, given);
    }
    *limit = given == -1 ? 0 : given;
    return DYN_OK;
}

static dyn_status override_billing(dyn_call *call, const dyn_json *request,
                                   dyn_definition *out)
{
    dyn_billing billing = out->billing;
    const dyn_json *provisioned =
        dyn_request_member(request, "ProvisionedThroughputOverride");
    const dyn_json *limits =
        dyn_request_member(request, "OnDemandThroughputOverride");
    if (dyn_request_member(request, "BillingModeOverride") != NULL) {
        billing = dyn_request_is(request, "BillingModeOverride", "PROVISIONED")
                      ? DYN_PROVISIONED
                      : DYN_ON_DEMAND;
    }
    DYN_TRY(check_billing(call, request, out->billing, billing));
    if (billing != out->billing) dyn_definition_set_billing(out, billing);
    if (provisioned != NULL) {
        out->throughput.read_units =
            dyn_request_integer(provisioned, "ReadCapacityUnits", 1);
        out->throughput.write_units =
            dyn_request_integer(provisioned, "WriteCapacityUnits", 1);
    }
    DYN_TRY(read_limit(call, limits, "MaxReadRequestUnits",
                       &out->throughput.max_read_units));
    return read_limit(call, limits, "MaxWriteRequestUnits",
                      &out->throughput.max_write_units);
}

/* --------------------------------------------------------------- indexes -- */

static bool is_keys(const dyn_json *schema, const dyn_definition *definition,
                    const dyn_key_schema *key)
{
    size_t at = 0;
    if (schema->count != dyn_key_schema_count(key)) return false;
    for (const dyn_json *c = schema->first; c != NULL; c = c->next, at++) {
        bool is_hash = dyn_request_is(c, "KeyType", "HASH");
        size_t column = dyn_key_schema_column(key, at);
        if (is_hash != (at < key->partition_count) ||
            !dyn_bytes_equal(dyn_request_text(c, "AttributeName"),
                             definition->columns[column].name)) {
            return false;
        }
    }
    return true;
}

static bool is_projection(const dyn_json *projection, const dyn_index *index)
{
    static const char *const words[] = {[DYN_PROJECT_ALL] = "ALL",
                                        [DYN_PROJECT_KEYS] = "KEYS_ONLY",
                                        [DYN_PROJECT_SOME] = "INCLUDE"};
    const dyn_json *names = dyn_request_member(projection, "NonKeyAttributes");
    size_t count = names == NULL ? 0 : names->count;
    if (!dyn_request_is(projection, "ProjectionType", words[index->project]))
        return false;
    if (index->project != DYN_PROJECT_SOME) return count == 0;
    if (names == NULL || count != index->included_count) return false;
    for (const dyn_json *c = names->first; c != NULL; c = c->next) {
        if (!dyn_index_includes(index, c->text)) return false;
    }
    return true;
}

/* What a list of a request has of an index, by its name. */
static const dyn_json *find_entry(const dyn_json *list, dyn_bytes name)
{
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        if (dyn_bytes_equal(dyn_request_text(c, "IndexName"), name)) return c;
    }
    return NULL;
}

/* Each entry of a list is an index of the source, and is there once. */
static dyn_status check_list(dyn_call *call, const dyn_json *list,
                             const char *member,
                             const dyn_definition *definition, bool is_local)
{
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        dyn_bytes name = dyn_request_text(c, "IndexName");
        int at = dyn_definition_index(definition, name);
        const dyn_index *index = at < 0 ? NULL : &definition->indexes[at];
        if (find_entry(list, name) != c) {
            return dyn_fail(call, DYN_INVALID,
                            INVALID "Duplicate index name: %.*s", SHOWN(name));
        }
        if (index != NULL && index->is_local == is_local &&
            is_keys(dyn_request_member(c, "KeySchema"), definition,
                    &index->key) &&
            is_projection(dyn_request_member(c, "Projection"), index)) {
            continue;
        }
        return dyn_fail(call, DYN_INVALID,
                        INVALID "%s: the source has no index %.*s with these "
                                "keys and this projection; indexes can only be "
                                "left out",
                        member, SHOWN(name));
    }
    return DYN_OK;
}

static dyn_status override_units(dyn_call *call, const dyn_json *entry,
                                 const dyn_definition *definition,
                                 dyn_throughput *units)
{
    bool is_on_demand = definition->billing == DYN_ON_DEMAND;
    const dyn_json *limits = dyn_request_member(entry, "OnDemandThroughput");
    const dyn_json *provisioned =
        dyn_request_member(entry, "ProvisionedThroughput");
    if (dyn_request_member(entry, "WarmThroughput") != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "WarmThroughput is not supported in " GLOBAL);
    }
    if (provisioned != NULL) {
        DYN_TRY(dyn_table_check_index_units(call, entry, !is_on_demand));
        units->read_units =
            dyn_request_integer(provisioned, "ReadCapacityUnits", 1);
        units->write_units =
            dyn_request_integer(provisioned, "WriteCapacityUnits", 1);
    }
    DYN_TRY(read_limit(call, limits, "MaxReadRequestUnits",
                       &units->max_read_units));
    return read_limit(call, limits, "MaxWriteRequestUnits",
                      &units->max_write_units);
}

/* Leave out the indexes of a kind that a list, if there is one, does not have.
 */
static dyn_status override_indexes(dyn_call *call, const dyn_json *request,
                                   bool is_local, dyn_definition *out)
{
    const char *member = is_local ? LOCAL : GLOBAL;
    const dyn_json *list = dyn_request_member(request, member);
    size_t count = 0;
    if (list == NULL) return DYN_OK;
    DYN_TRY(check_list(call, list, member, out, is_local));
    for (size_t i = 0; i < out->index_count; i++) {
        dyn_index index = out->indexes[i];
        const dyn_json *entry = find_entry(list, index.name);
        if (index.is_local == is_local && entry == NULL) continue;
        if (index.is_local == is_local && !is_local)
            DYN_TRY(override_units(call, entry, out, &index.throughput));
        out->indexes[count++] = index;
    }
    out->index_count = count;
    return DYN_OK;
}

dyn_status dyn_restore_override(dyn_call *call, const dyn_json *request,
                                const dyn_definition *source,
                                dyn_definition *out)
{
    DYN_TRY(check_unsupported(call, request));
    DYN_TRY(dyn_restore_definition(call, source, out));
    DYN_TRY(override_billing(call, request, out));
    DYN_TRY(override_indexes(call, request, true, out));
    return override_indexes(call, request, false, out);
}

/* ---------------------------------------------------------------- making -- */

dyn_status dyn_restore_create(dyn_call *call, const dyn_host *host,
                              dyn_bytes name, const dyn_definition *definition,
                              const dyn_origin *origin, dyn_table **out)
{
    dyn_new_table made = {.name = name,
                          .exception = "TableAlreadyExistsException"};
    DYN_TRY(dyn_declaration_print_all(call, definition, &made.arguments,
                                      &made.count));
    DYN_TRY(dyn_host_create(call, host, &made, out));
    return dyn_restore_set_origin(call, *out, origin);
}
