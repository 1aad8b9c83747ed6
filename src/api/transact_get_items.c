/* TransactGetItems. */
#include "api/expressions.h"
#include "api/key.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/transaction.h"

static const dyn_shape_member get_members[] = {
    {"Key", &dyn_shape_item, true},
    {"TableName", &dyn_shape_table, true},
    {"ProjectionExpression", &dyn_shape_string, false},
    {"ExpressionAttributeNames", &dyn_shape_names, false},
    {NULL, NULL, false},
};
static const dyn_shape get_shape = {
    .kind = DYN_SHAPE_STRUCTURE, .class_name = "Get", .members = get_members};
static const dyn_shape_member action_members[] = {
    {"Get", &get_shape, true},
    {NULL, NULL, false},
};
static const dyn_shape action_shape = {.kind = DYN_SHAPE_STRUCTURE,
                                       .class_name = "TransactGetItem",
                                       .members = action_members};
static const dyn_shape actions = {.kind = DYN_SHAPE_LIST,
                                  .has_min = true,
                                  .min = 1,
                                  .has_max = true,
                                  .max = DYN_TRANSACTION_ACTIONS_MAX,
                                  .element = &action_shape};
static const dyn_shape_member members[] = {
    {"TransactItems", &actions, true},
    {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "TransactGetItemsInput",
                                .members = members};

typedef struct get_request {
    const dyn_json *json;
    dyn_map key;
    dyn_expressions expressions;
    bool has_projection;
    dyn_projection projection;
} get_request;

static dyn_status read_get(dyn_call *call, const dyn_json *json,
                           get_request *out)
{
    static const char *const expressions[] = {"ProjectionExpression", NULL};
    static const char *const older[] = {NULL};
    out->json = json;
    DYN_TRY(dyn_expressions_check_mixed(call, json, expressions, older));
    DYN_TRY(dyn_key_read(call, json, &out->key));
    DYN_TRY(dyn_expressions_begin(call, json, &out->expressions));
    DYN_TRY(dyn_expressions_projection(call, &out->expressions, json,
                                       &out->has_projection, &out->projection));
    return dyn_expressions_end(call, &out->expressions);
}

static dyn_status read_request(dyn_call *call, const dyn_json *request,
                               dyn_transaction *transaction, get_request **out)
{
    const dyn_json *list = dyn_request_member(request, "TransactItems");
    transaction->actions =
        dyn_alloc_zero(call, list->count, sizeof(dyn_transaction_action));
    *out = dyn_alloc_zero(call, list->count, sizeof(get_request));
    if (transaction->actions == NULL || *out == NULL) return DYN_NOMEM;
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        size_t number = transaction->count++;
        DYN_TRY(read_get(call, dyn_request_member(c, "Get"), &(*out)[number]));
        transaction->actions[number].item = &(*out)[number].key;
    }
    return DYN_OK;
}

static dyn_status resolve(dyn_call *call, dyn_transaction_action *action,
                          const get_request *get)
{
    DYN_TRY(dyn_key_of_item(call, action->table, action->item, &action->key));
    return dyn_key_check_paths(call, action->table, get->projection.paths);
}

static dyn_status open_tables(dyn_call *call, const dyn_host *host,
                              dyn_transaction *transaction,
                              const get_request *gets)
{
    DYN_TRY(host->snapshot(host->context, call));
    for (size_t i = 0; i < transaction->count; i++) {
        dyn_transaction_action *action = &transaction->actions[i];
        DYN_TRY(dyn_host_read(call, host,
                              dyn_request_text(gets[i].json, "TableName"),
                              &action->table));
        DYN_TRY(dyn_transaction_note(call, action,
                                     resolve(call, action, &gets[i])));
    }
    return dyn_transaction_check(call, transaction);
}

static dyn_status write_item(dyn_call *call, dyn_buffer *out,
                             const dyn_transaction_action *action,
                             const get_request *get)
{
    dyn_map shown = {NULL, 0};
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    if (action->got.found) {
        DYN_TRY(get->has_projection
                    ? dyn_projection_apply(call, &get->projection,
                                           &action->got.item, &shown)
                    : dyn_view_decode(call, &action->got.item, &shown));
        dyn_response_item(out, "Item", &shown);
    }
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

static dyn_status transact_get_items(dyn_call *call, const dyn_host *host,
                                     const dyn_json *request,
                                     dyn_buffer *response)
{
    get_request *gets = NULL;
    dyn_transaction transaction = {.count = 0};
    DYN_TRY(read_request(call, request, &transaction, &gets));
    DYN_TRY(open_tables(call, host, &transaction, gets));
    DYN_TRY(dyn_capacity_begin(call, host->session, request,
                               &transaction.capacity));
    transaction.capacity.is_split = true;
    DYN_TRY(dyn_transaction_run(call, &transaction));
    DYN_TRY(dyn_transaction_end(call, &transaction));
    dyn_transaction_write_capacity(response, &transaction);
    dyn_response_name(response, "Responses");
    dyn_buffer_add_byte(response, '[');
    for (size_t i = 0; i < transaction.count; i++) {
        DYN_TRY(write_item(call, response, &transaction.actions[i], &gets[i]));
    }
    dyn_buffer_add_byte(response, ']');
    return DYN_OK;
}

const dyn_operation dyn_operation_transact_get_items = {
    "TransactGetItems", &input, transact_get_items};
