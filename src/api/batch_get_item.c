/* BatchGetItem. What is throttled, or beyond the size of a response, is left
 * for another request. */
#include "api/batch.h"
#include "api/capacity.h"
#include "api/expressions.h"
#include "api/key.h"
#include "api/legacy.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "item/item_json.h"
#include "ops/get_item.h"

/* ----------------------------------------------------------------- shape -- */

static const dyn_shape keys = {.kind = DYN_SHAPE_LIST,
                               .has_min = true,
                               .min = 1,
                               .has_max = true,
                               .max = DYN_BATCH_GET_KEYS_MAX,
                               .is_bare = true,
                               .element = &dyn_shape_item};
static const dyn_shape_member table_members[] = {
    {"Keys", &keys, true},
    {"AttributesToGet", &dyn_shape_to_get, false},
    {"ConsistentRead", &dyn_shape_boolean, false},
    {"ProjectionExpression", &dyn_shape_string, false},
    {"ExpressionAttributeNames", &dyn_shape_names, false},
    {NULL, NULL, false},
};
static const dyn_shape table_shape = {.kind = DYN_SHAPE_STRUCTURE,
                                      .class_name = "KeysAndAttributes",
                                      .members = table_members};
static const dyn_shape request_items = {.kind = DYN_SHAPE_MAP,
                                        .has_max = true,
                                        .max = DYN_BATCH_GET_KEYS_MAX,
                                        .key = &dyn_shape_table,
                                        .element = &table_shape};
static const dyn_shape_member members[] = {
    {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},
    {"RequestItems", &request_items, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "BatchGetItemInput",
                                .members = members};

/* --------------------------------------------------------------- request -- */

/* What is to be read from one table. */
typedef struct table_batch {
    const dyn_json *json;
    dyn_table *table;
    dyn_expressions expressions;
    bool has_projection;
    dyn_projection projection;
    dyn_map *keys;
    dyn_bytes *stored_keys;
    bool *is_processed;
    size_t count;
    size_t processed_count;
} table_batch;

typedef struct batch {
    table_batch *tables;
    size_t count;
    size_t key_count;
    size_t size_bytes; /* of the items so far */
    bool is_full;
    dyn_batch outcome;
} batch;

static dyn_status check_new_key(dyn_call *call, const table_batch *in)
{
    dyn_value key = {.type = DYN_TYPE_M, .map = in->keys[in->count]};
    for (size_t i = 0; i < in->count; i++) {
        dyn_value other = {.type = DYN_TYPE_M, .map = in->keys[i]};
        if (!dyn_value_equal(&key, &other)) continue;
        return dyn_fail(call, DYN_INVALID,
                        "Provided list of item keys contains duplicates");
    }
    return DYN_OK;
}

static dyn_status read_keys(dyn_call *call, batch *all, table_batch *out)
{
    const dyn_json *list = dyn_request_member(out->json, "Keys");
    out->keys = dyn_alloc(call, list->count * sizeof(dyn_map));
    out->stored_keys = dyn_alloc(call, list->count * sizeof(dyn_bytes));
    out->is_processed = dyn_alloc_zero(call, list->count, sizeof(bool));
    if (out->keys == NULL || out->stored_keys == NULL ||
        out->is_processed == NULL) {
        return DYN_NOMEM;
    }
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        DYN_TRY(dyn_item_from_typed(call, c, &out->keys[out->count]));
        DYN_TRY(check_new_key(call, out));
        out->count++;
        if (++all->key_count <= DYN_BATCH_GET_KEYS_MAX) continue;
        return dyn_fail(call, DYN_INVALID,
                        "Too many items requested for the BatchGetItem call");
    }
    return DYN_OK;
}

static dyn_status read_table(dyn_call *call, batch *all, table_batch *out)
{
    static const char *const expressions[] = {"ProjectionExpression", NULL};
    static const char *const older[] = {"AttributesToGet", NULL};
    const dyn_json *json = out->json;
    DYN_TRY(dyn_expressions_check_mixed(call, json, expressions, older));
    DYN_TRY(dyn_legacy_attributes_to_get(call, json, &out->has_projection,
                                         &out->projection));
    DYN_TRY(dyn_expressions_begin(call, json, &out->expressions));
    if (!out->has_projection) {
        DYN_TRY(dyn_expressions_projection(call, &out->expressions, json,
                                           &out->has_projection,
                                           &out->projection));
    }
    DYN_TRY(dyn_expressions_end(call, &out->expressions));
    return read_keys(call, all, out);
}

static dyn_status read_request(dyn_call *call, const dyn_json *request,
                               batch *out)
{
    const dyn_json *map = dyn_request_member(request, "RequestItems");
    if (map->count == 0) return dyn_host_fail_no_items(call, "BatchGetItem");
    out->tables = dyn_alloc_zero(call, map->count, sizeof(table_batch));
    if (out->tables == NULL) return DYN_NOMEM;
    for (const dyn_json *c = map->first; c != NULL; c = c->next) {
        table_batch *next = &out->tables[out->count++];
        next->json = c;
        DYN_TRY(read_table(call, out, next));
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- reading -- */

static dyn_status check_keys(dyn_call *call, table_batch *in)
{
    for (size_t i = 0; i < in->count; i++) {
        DYN_TRY(dyn_key_of_item(call, in->table, &in->keys[i],
                                &in->stored_keys[i]));
    }
    return dyn_key_check_paths(call, in->table, in->projection.paths);
}

/* All keys are checked before anything is read. */
static dyn_status open_tables(dyn_call *call, const dyn_host *host, batch *all)
{
    for (size_t i = 0; i < all->count; i++) {
        table_batch *in = &all->tables[i];
        DYN_TRY(dyn_host_read(call, host, in->json->key, &in->table));
        for (size_t o = 0; o < i; o++) {
            if (all->tables[o].table == in->table)
                return dyn_host_fail_twice(call, in->table);
        }
    }
    for (size_t i = 0; i < all->count; i++)
        DYN_TRY(check_keys(call, &all->tables[i]));
    return DYN_OK;
}

static dyn_status write_item(dyn_call *call, dyn_buffer *out,
                             const table_batch *in, const dyn_view *item)
{
    dyn_map shown = {NULL, 0};
    DYN_TRY(in->has_projection
                ? dyn_projection_apply(call, &in->projection, item, &shown)
                : dyn_view_decode(call, item, &shown));
    dyn_response_element(out);
    dyn_item_to_json(out, &shown, DYN_JSON_TYPED);
    return DYN_OK;
}

/* Stops before the item with which the response would be too large. */
static dyn_status get_items(dyn_call *call, batch *all, table_batch *in,
                            dyn_buffer *response)
{
    dyn_response_key(response, in->json->key);
    dyn_buffer_add_byte(response, '[');
    for (size_t i = 0; i < in->count && !all->is_full; i++) {
        dyn_get_response got;
        dyn_get_request get = {
            .key = in->stored_keys[i],
            .is_strong = dyn_request_flag(in->json, "ConsistentRead", false)};
        bool is_throttled = false;
        DYN_TRY(dyn_batch_note(call, &all->outcome,
                               dyn_get_item(call, in->table, &get, &got),
                               &is_throttled));
        if (is_throttled) continue;
        if (got.found) all->size_bytes += got.item.size_bytes;
        all->is_full = all->size_bytes > DYN_BATCH_BYTES_MAX;
        if (all->is_full) break;
        if (got.found) DYN_TRY(write_item(call, response, in, &got.item));
        in->is_processed[i] = true;
        in->processed_count++;
    }
    dyn_buffer_add_byte(response, ']');
    return DYN_OK;
}

/* -------------------------------------------------------------- response -- */

/* What has not been read, as a request for it. */
static void write_unprocessed(dyn_buffer *out, const table_batch *in)
{
    static const char *const others[] = {"AttributesToGet", "ConsistentRead",
                                         "ProjectionExpression",
                                         "ExpressionAttributeNames"};
    if (in->processed_count == in->count) return;
    dyn_response_key(out, in->json->key);
    dyn_buffer_add_byte(out, '{');
    dyn_response_name(out, "Keys");
    dyn_buffer_add_byte(out, '[');
    for (size_t i = 0; i < in->count; i++) {
        if (in->is_processed[i]) continue;
        dyn_response_element(out);
        dyn_item_to_json(out, &in->keys[i], DYN_JSON_TYPED);
    }
    dyn_buffer_add_byte(out, ']');
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        const dyn_json *member = dyn_request_member(in->json, others[i]);
        if (member == NULL) continue;
        dyn_response_name(out, others[i]);
        dyn_json_write(out, member);
    }
    dyn_buffer_add_byte(out, '}');
}

static dyn_status batch_get_item(dyn_call *call, const dyn_host *host,
                                 const dyn_json *request, dyn_buffer *response)
{
    batch all = {.count = 0};
    dyn_capacity capacity;
    DYN_TRY(read_request(call, request, &all));
    DYN_TRY(host->snapshot(host->context, call));
    DYN_TRY(open_tables(call, host, &all));
    DYN_TRY(dyn_capacity_begin(call, host->session, request, &capacity));
    dyn_response_name(response, "Responses");
    dyn_buffer_add_byte(response, '{');
    for (size_t i = 0; i < all.count; i++)
        DYN_TRY(get_items(call, &all, &all.tables[i], response));
    DYN_TRY(dyn_batch_end(call, &all.outcome));
    dyn_buffer_add_byte(response, '}');
    dyn_response_name(response, "UnprocessedKeys");
    dyn_buffer_add_byte(response, '{');
    for (size_t i = 0; i < all.count; i++)
        write_unprocessed(response, &all.tables[i]);
    dyn_buffer_add_byte(response, '}');
    dyn_capacity_begin_list(response, &capacity);
    for (size_t i = 0; i < all.count; i++)
        dyn_capacity_write(response, &capacity, all.tables[i].table);
    dyn_capacity_end_list(response, &capacity);
    return DYN_OK;
}

const dyn_operation dyn_operation_batch_get_item = {"BatchGetItem", &input,
                                                    batch_get_item};
