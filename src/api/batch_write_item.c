/* BatchWriteItem. All of it is done but for what is throttled, or nothing when
 * something is wrong with the request. */
#include "api/batch.h"
#include "api/capacity.h"
#include "api/key.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/write_item.h"
#include "item/item_json.h"
#include "ops/delete_item.h"
#include "ops/put_item.h"

/* ----------------------------------------------------------------- shape -- */

static const dyn_shape_member delete_members[] = {
    {"Key", &dyn_shape_item, true},
    {NULL, NULL, false},
};
static const dyn_shape delete_request = {.kind = DYN_SHAPE_STRUCTURE,
                                         .class_name = "DeleteRequest",
                                         .members = delete_members};
static const dyn_shape_member put_members[] = {
    {"Item", &dyn_shape_item, true},
    {NULL, NULL, false},
};
static const dyn_shape put_request = {.kind = DYN_SHAPE_STRUCTURE,
                                      .class_name = "PutRequest",
                                      .members = put_members};
static const dyn_shape_member write_members[] = {
    {"DeleteRequest", &delete_request, false},
    {"PutRequest", &put_request, false},
    {NULL, NULL, false},
};
static const dyn_shape write_shape = {.kind = DYN_SHAPE_STRUCTURE,
                                      .class_name = "WriteRequest",
                                      .members = write_members};
static const dyn_shape writes = {.kind = DYN_SHAPE_LIST,
                                 .min = 1,
                                 .max = DYN_BATCH_WRITES_MAX,
                                 .element = &write_shape};
static const dyn_shape request_items = {.kind = DYN_SHAPE_MAP,
                                        .has_max = true,
                                        .max = DYN_BATCH_WRITES_MAX,
                                        .key = &dyn_shape_table,
                                        .element = &writes};
static const dyn_shape_member members[] = {
    {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},
    {"ReturnItemCollectionMetrics", &dyn_shape_return_metrics, false},
    {"RequestItems", &request_items, true},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "BatchWriteItemInput",
                                .members = members};

/* --------------------------------------------------------------- request -- */

typedef struct batch_write {
    const dyn_json *json;
    dyn_map map; /* the item, or the key */
    bool is_put;
    dyn_bytes key; /* stored form */
    bool is_throttled;
} batch_write;

typedef struct table_batch {
    dyn_bytes name;
    dyn_table *table;
    batch_write *writes;
    size_t count;
    size_t throttled_count;
} table_batch;

typedef struct batch {
    table_batch *tables;
    size_t count;
    size_t write_count;
    dyn_batch outcome;
} batch;

/* A write is a put or a delete. */
static dyn_status check_write(dyn_call *call, const dyn_json *json)
{
    bool is_put = dyn_request_member(json, "PutRequest") != NULL;
    bool is_delete = dyn_request_member(json, "DeleteRequest") != NULL;
    if (is_put != is_delete) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Supplied AttributeValue has more than one datatypes set, "
                    "must contain exactly one of the supported datatypes");
}

static dyn_status read_write(dyn_call *call, const dyn_json *json,
                             batch_write *out)
{
    size_t size_bytes = 0;
    const dyn_json *put = dyn_request_member(json, "PutRequest");
    const dyn_json *delete = dyn_request_member(json, "DeleteRequest");
    out->json = json;
    out->is_put = put != NULL;
    if (!out->is_put) return dyn_key_read(call, delete, &out->map);
    DYN_TRY(
        dyn_item_from_typed(call, dyn_request_member(put, "Item"), &out->map));
    return dyn_item_check(call, &out->map, &size_bytes);
}

static dyn_status read_table(dyn_call *call, const dyn_json *list, batch *all,
                             table_batch *out)
{
    out->name = list->key;
    out->writes = dyn_alloc_zero(call, list->count, sizeof(batch_write));
    if (out->writes == NULL) return DYN_NOMEM;
    for (const dyn_json *c = list->first; c != NULL; c = c->next)
        DYN_TRY(check_write(call, c));
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        DYN_TRY(read_write(call, c, &out->writes[out->count++]));
        if (++all->write_count <= DYN_BATCH_WRITES_MAX) continue;
        return dyn_fail(call, DYN_INVALID,
                        "Too many items requested for the BatchWriteItem "
                        "call");
    }
    return DYN_OK;
}

static dyn_status read_request(dyn_call *call, const dyn_json *request,
                               batch *out)
{
    const dyn_json *map = dyn_request_member(request, "RequestItems");
    if (map->count == 0) return dyn_host_fail_no_items(call, "BatchWriteItem");
    out->tables = dyn_alloc_zero(call, map->count, sizeof(table_batch));
    if (out->tables == NULL) return DYN_NOMEM;
    for (const dyn_json *c = map->first; c != NULL; c = c->next)
        DYN_TRY(read_table(call, c, out, &out->tables[out->count++]));
    return DYN_OK;
}

/* --------------------------------------------------------------- writing -- */

static dyn_status find_key(dyn_call *call, const dyn_table *table,
                           batch_write *write)
{
    if (!write->is_put) {
        return dyn_key_of_item(call, table, &write->map, &write->key);
    }
    if (!dyn_key_is_in(table, &write->map)) {
        return dyn_fail(call, DYN_INVALID,
                        "The provided key element does not match the schema");
    }
    return dyn_table_key(call, table, &write->map, &write->key);
}

static dyn_status open_table(dyn_call *call, const dyn_host *host,
                             table_batch *in)
{
    DYN_TRY(dyn_host_write(call, host, in->name, &in->table));
    for (size_t i = 0; i < in->count; i++) {
        DYN_TRY(find_key(call, in->table, &in->writes[i]));
        for (size_t o = 0; o < i; o++) {
            if (!dyn_bytes_equal(in->writes[o].key, in->writes[i].key))
                continue;
            return dyn_fail(call, DYN_INVALID,
                            "Provided list of item keys contains duplicates");
        }
    }
    return DYN_OK;
}

static dyn_status open_tables(dyn_call *call, const dyn_host *host, batch *all)
{
    for (size_t i = 0; i < all->count; i++) {
        DYN_TRY(open_table(call, host, &all->tables[i]));
        for (size_t o = 0; o < i; o++) {
            if (all->tables[o].table == all->tables[i].table)
                return dyn_host_fail_twice(call, all->tables[i].table);
        }
    }
    return DYN_OK;
}

static dyn_status write_item(dyn_call *call, dyn_table *table,
                             const batch_write *write)
{
    dyn_before before;
    dyn_put_response response;
    dyn_put_request put = {.item = &write->map};
    dyn_delete_request delete = {.key = write->key};
    return write->is_put ? dyn_put_item(call, table, &put, &response)
                         : dyn_delete_item(call, table, &delete, &before);
}

static dyn_status write_all(dyn_call *call, batch *all)
{
    for (size_t i = 0; i < all->count; i++) {
        table_batch *in = &all->tables[i];
        for (size_t w = 0; w < in->count; w++) {
            batch_write *write = &in->writes[w];
            dyn_status status = write_item(call, in->table, write);
            DYN_TRY(dyn_batch_note(call, &all->outcome, status,
                                   &write->is_throttled));
            in->throttled_count += write->is_throttled;
        }
    }
    return dyn_batch_end(call, &all->outcome);
}

/* -------------------------------------------------------------- response -- */

/* What has not been written, as a request for it. */
static void write_unprocessed(dyn_buffer *out, const table_batch *in)
{
    if (in->throttled_count == 0) return;
    dyn_response_key(out, in->name);
    dyn_buffer_add_byte(out, '[');
    for (size_t w = 0; w < in->count; w++) {
        if (!in->writes[w].is_throttled) continue;
        dyn_response_element(out);
        dyn_json_write(out, in->writes[w].json);
    }
    dyn_buffer_add_byte(out, ']');
}

static void write_table_metrics(dyn_buffer *out, const table_batch *in)
{
    dyn_response_key(out, in->name);
    dyn_buffer_add_byte(out, '[');
    for (size_t w = 0; w < in->count; w++) {
        const batch_write *write = &in->writes[w];
        if (write->is_throttled) continue;
        dyn_response_element(out);
        dyn_write_metrics(out, in->table, &write->map, write->key);
    }
    dyn_buffer_add_byte(out, ']');
}

static void write_metrics(dyn_buffer *out, const dyn_json *request,
                          const batch *all)
{
    bool has_any = false;
    for (size_t i = 0; i < all->count; i++) {
        const table_batch *in = &all->tables[i];
        if (!dyn_write_has_metrics(request, in->table) ||
            in->throttled_count == in->count) {
            continue;
        }
        if (!has_any) {
            dyn_response_name(out, "ItemCollectionMetrics");
            dyn_buffer_add_byte(out, '{');
        }
        has_any = true;
        write_table_metrics(out, in);
    }
    if (has_any) dyn_buffer_add_byte(out, '}');
}

static dyn_status batch_write_item(dyn_call *call, const dyn_host *host,
                                   const dyn_json *request,
                                   dyn_buffer *response)
{
    batch all = {.count = 0};
    dyn_capacity capacity;
    DYN_TRY(read_request(call, request, &all));
    DYN_TRY(host->begin_atomic(host->context, call));
    DYN_TRY(open_tables(call, host, &all));
    DYN_TRY(dyn_capacity_begin(call, host->session, request, &capacity));
    DYN_TRY(write_all(call, &all));
    dyn_response_name(response, "UnprocessedItems");
    dyn_buffer_add_byte(response, '{');
    for (size_t i = 0; i < all.count; i++)
        write_unprocessed(response, &all.tables[i]);
    dyn_buffer_add_byte(response, '}');
    write_metrics(response, request, &all);
    dyn_capacity_begin_list(response, &capacity);
    for (size_t i = 0; i < all.count; i++)
        dyn_capacity_write(response, &capacity, all.tables[i].table);
    dyn_capacity_end_list(response, &capacity);
    return DYN_OK;
}

const dyn_operation dyn_operation_batch_write_item = {"BatchWriteItem", &input,
                                                      batch_write_item};
