/* What writes of one item share; the contracts are in write_item.h. */
#include "api/write_item.h"

#include "api/key.h"
#include "api/legacy.h"
#include "api/request.h"
#include "api/response.h"
#include "item/item_json.h"
#include "item/key.h"

#include <inttypes.h>
#include <stdio.h>

dyn_status dyn_write_check_return_values(dyn_call *call,
                                         const dyn_json *request)
{
    if (dyn_request_member(request, "ReturnValues") == NULL ||
        dyn_request_is(request, "ReturnValues", "NONE") ||
        dyn_request_is(request, "ReturnValues", "ALL_OLD")) {
        return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID,
                    "ReturnValues can only be ALL_OLD or NONE");
}

dyn_status dyn_write_check_mixed(dyn_call *call, const dyn_json *request,
                                 bool may_update)
{
    static const char *const expressions[] = {"UpdateExpression",
                                              "ConditionExpression", NULL};
    static const char *const older[] = {"AttributeUpdates", "Expected",
                                        "ConditionalOperator", NULL};
    size_t first = may_update ? 0 : 1;
    return dyn_expressions_check_mixed(call, request, expressions + first,
                                       older + first);
}

static dyn_status read_condition(dyn_call *call, dyn_write_call *write)
{
    const dyn_json *request = write->request;
    DYN_TRY(dyn_expressions_condition(
        call, &write->expressions, request, DYN_EXPRESSION_CONDITION,
        &write->has_condition, &write->condition));
    if (write->has_condition) return DYN_OK;
    return dyn_legacy_expected(call, request, &write->has_condition,
                               &write->condition);
}

dyn_status dyn_write_read_expressions(dyn_call *call, dyn_write_call *write,
                                      dyn_update *update)
{
    bool is_there = false;
    DYN_TRY(dyn_expressions_begin(call, write->request, &write->expressions));
    if (update != NULL) {
        DYN_TRY(dyn_expressions_update(call, &write->expressions,
                                       write->request, &is_there, update));
    }
    DYN_TRY(read_condition(call, write));
    return dyn_expressions_end(call, &write->expressions);
}

const dyn_condition *dyn_write_condition_of(const dyn_write_call *write)
{
    return write->has_condition ? &write->condition : NULL;
}

dyn_status dyn_write_begin(dyn_call *call, const dyn_host *host,
                           dyn_write_call *write)
{
    DYN_TRY(dyn_host_write(call, host,
                           dyn_request_text(write->request, "TableName"),
                           &write->table));
    DYN_TRY(dyn_capacity_begin(call, host->session, write->request,
                               &write->capacity));
    if (!write->has_condition) return DYN_OK;
    return dyn_key_check_paths(call, write->table, write->condition.paths);
}

dyn_status dyn_write_failure(dyn_call *call, const dyn_write_call *write,
                             const dyn_before *before, dyn_status status)
{
    if (status != DYN_CONDITION_FAILED || !before->found ||
        !dyn_request_is(write->request, "ReturnValuesOnConditionCheckFailure",
                        "ALL_OLD")) {
        return status;
    }
    dyn_bytes text = {NULL, 0};
    DYN_TRY(dyn_write_item_member(call, before, &text));
    call->error.members = (const char *)text.data;
    return status;
}

dyn_status dyn_write_item_member(dyn_call *call, const dyn_before *before,
                                 dyn_bytes *out)
{
    dyn_map item = {NULL, 0};
    dyn_buffer members;
    DYN_TRY(dyn_view_decode(call, &before->view, &item));
    dyn_buffer_begin(&members, call, 2 * before->view.size_bytes);
    dyn_buffer_add_byte(&members, '{');
    dyn_response_item(&members, "Item", &item);
    dyn_buffer_add_byte(&members, '}');
    return dyn_buffer_end(&members, out);
}

void dyn_write_attributes(dyn_buffer *out, const dyn_map *attributes)
{
    if (attributes->count == 0) return;
    dyn_response_item(out, "Attributes", attributes);
}

dyn_status dyn_write_old_attributes(dyn_call *call, dyn_buffer *out,
                                    const dyn_before *before)
{
    dyn_map item = {NULL, 0};
    if (!before->found) return DYN_OK;
    DYN_TRY(dyn_view_decode(call, &before->view, &item));
    dyn_write_attributes(out, &item);
    return DYN_OK;
}

/* An estimate of the size of an item collection, as the service gives one: the
 * collection lies in one partition, so it is not larger than that and its local
 * indexes. */
static int64_t collection_gigabytes(const dyn_table *table, dyn_bytes key)
{
    const dyn_partition *partition =
        &dyn_table_map(table)->all[dyn_partitions_find(dyn_table_map(table),
                                                       dyn_key_hash(key))];
    int64_t bytes = partition->stored.bytes + partition->pending.bytes;
    for (size_t i = 0; i < dyn_table_definition(table)->index_count; i++) {
        int64_t items = 0;
        int64_t index_bytes = 0;
        if (!dyn_table_definition(table)->indexes[i].is_local) continue;
        dyn_partitions_sum(&dyn_table_index(table, i)->map, &items,
                           &index_bytes);
        bytes += index_bytes;
    }
    return (bytes >> 30) + 1;
}

static bool has_local_index(const dyn_table *table)
{
    /* the local ones come first */
    return dyn_table_definition(table)->index_count > 0 &&
           dyn_table_definition(table)->indexes[0].is_local;
}

bool dyn_write_has_metrics(const dyn_json *request, const dyn_table *table)
{
    return dyn_request_is(request, "ReturnItemCollectionMetrics", "SIZE") &&
           has_local_index(table);
}

void dyn_write_metrics(dyn_buffer *out, const dyn_table *table,
                       const dyn_map *item, dyn_bytes key)
{
    char range[64];
    const dyn_definition *definition = dyn_table_definition(table);
    dyn_bytes name = definition->columns[definition->key.partition[0]].name;
    const dyn_value *value = dyn_map_find(item, name);
    dyn_attribute attribute = {name, *value};
    dyn_buffer_add_byte(out, '{');
    dyn_response_item(out, "ItemCollectionKey", &(dyn_map){&attribute, 1});
    dyn_response_name(out, "SizeEstimateRangeGB");
    snprintf(range, sizeof(range), "[0.0,%" PRId64 ".0]",
             collection_gigabytes(table, key));
    dyn_buffer_add_text(out, range);
    dyn_buffer_add_byte(out, '}');
}

void dyn_write_end(dyn_buffer *out, const dyn_write_call *write,
                   const dyn_map *item, dyn_bytes key)
{
    dyn_capacity_write_member(out, &write->capacity, write->table);
    if (!dyn_write_has_metrics(write->request, write->table)) return;
    dyn_response_name(out, "ItemCollectionMetrics");
    dyn_write_metrics(out, write->table, item, key);
}
