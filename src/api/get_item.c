/* GetItem. */
#include "ops/get_item.h"

#include "api/capacity.h"
#include "api/expressions.h"
#include "api/key.h"
#include "api/legacy.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"

static const dyn_shape_member members[] = {
    {"TableName", &dyn_shape_table, true},
    {"Key", &dyn_shape_item, true},
    {"AttributesToGet", &dyn_shape_to_get, false},
    {"ConsistentRead", &dyn_shape_boolean, false},
    {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},
    {"ProjectionExpression", &dyn_shape_string, false},
    {"ExpressionAttributeNames", &dyn_shape_names, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "GetItemInput",
                                .members = members};

static dyn_status read_request(dyn_call *call, const dyn_json *request,
                               dyn_map *key, bool *has_projection,
                               dyn_projection *projection)
{
    static const char *const expressions[] = {"ProjectionExpression", NULL};
    static const char *const older[] = {"AttributesToGet", NULL};
    dyn_expressions in = {.names = {NULL, 0}};
    DYN_TRY(dyn_expressions_check_mixed(call, request, expressions, older));
    DYN_TRY(dyn_key_read(call, request, key));
    DYN_TRY(dyn_expressions_begin(call, request, &in));
    DYN_TRY(dyn_expressions_projection(call, &in, request, has_projection,
                                       projection));
    if (!*has_projection) {
        DYN_TRY(dyn_legacy_attributes_to_get(call, request, has_projection,
                                             projection));
    }
    return dyn_expressions_end(call, &in);
}

static dyn_status write_item(dyn_call *call, dyn_buffer *response,
                             const dyn_view *item,
                             const dyn_projection *projection)
{
    dyn_map shown = {NULL, 0};
    DYN_TRY(projection == NULL
                ? dyn_view_decode(call, item, &shown)
                : dyn_projection_apply(call, projection, item, &shown));
    dyn_response_item(response, "Item", &shown);
    return DYN_OK;
}

static dyn_status get_item(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, dyn_buffer *response)
{
    dyn_map key = {NULL, 0};
    dyn_table *table = NULL;
    dyn_capacity capacity;
    dyn_projection projection = {.paths = {NULL, 0}};
    bool has_projection = false;
    dyn_get_response got;
    dyn_get_request get = {
        .is_strong = dyn_request_flag(request, "ConsistentRead", false)};
    DYN_TRY(read_request(call, request, &key, &has_projection, &projection));
    DYN_TRY(dyn_host_read(call, host, dyn_request_text(request, "TableName"),
                          &table));
    DYN_TRY(dyn_capacity_begin(call, host->session, request, &capacity));
    DYN_TRY(dyn_key_of_item(call, table, &key, &get.key));
    DYN_TRY(dyn_key_check_paths(call, table, projection.paths));
    DYN_TRY(dyn_get_item(call, table, &get, &got));
    if (got.found) {
        DYN_TRY(write_item(call, response, &got.item,
                           has_projection ? &projection : NULL));
    }
    dyn_capacity_write_member(response, &capacity, table);
    return DYN_OK;
}

const dyn_operation dyn_operation_get_item = {"GetItem", &input, get_item};
