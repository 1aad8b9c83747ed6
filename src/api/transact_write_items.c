/* TransactWriteItems. */
#include "api/key.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/transaction.h"
#include "api/update_check.h"
#include "api/write_item.h"
#include "item/item_json.h"

/* ----------------------------------------------------------------- shape -- */

static const dyn_shape_member check_members[] = {
    {"Key", &dyn_shape_item, true},
    {"TableName", &dyn_shape_table, true},
    DYN_CONDITION_MEMBERS(true),
    {NULL, NULL, false},
};
static const dyn_shape check_shape = {.kind = DYN_SHAPE_STRUCTURE,
                                      .class_name = "ConditionCheck",
                                      .members = check_members};

static const dyn_shape_member put_members[] = {
    {"Item", &dyn_shape_item, true},
    {"TableName", &dyn_shape_table, true},
    DYN_CONDITION_MEMBERS(false),
    {NULL, NULL, false},
};
static const dyn_shape put_shape = {
    .kind = DYN_SHAPE_STRUCTURE, .class_name = "Put", .members = put_members};

static const dyn_shape_member delete_members[] = {
    {"Key", &dyn_shape_item, true},
    {"TableName", &dyn_shape_table, true},
    DYN_CONDITION_MEMBERS(false),
    {NULL, NULL, false},
};
static const dyn_shape delete_shape = {.kind = DYN_SHAPE_STRUCTURE,
                                       .class_name = "Delete",
                                       .members = delete_members};

static const dyn_shape_member update_members[] = {
    {"Key", &dyn_shape_item, true},
    {"UpdateExpression", &dyn_shape_string, true},
    {"TableName", &dyn_shape_table, true},
    DYN_CONDITION_MEMBERS(false),
    {NULL, NULL, false},
};
static const dyn_shape update_shape = {.kind = DYN_SHAPE_STRUCTURE,
                                       .class_name = "Update",
                                       .members = update_members};

static const dyn_shape_member action_members[] = {
    {"ConditionCheck", &check_shape, false},
    {"Put", &put_shape, false},
    {"Delete", &delete_shape, false},
    {"Update", &update_shape, false},
    {NULL, NULL, false},
};
static const dyn_shape action_shape = {.kind = DYN_SHAPE_STRUCTURE,
                                       .class_name = "TransactWriteItem",
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
    {"ReturnItemCollectionMetrics", &dyn_shape_return_metrics, false},
    {"ClientRequestToken", &dyn_shape_client_token, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "TransactWriteItemsInput",
                                .members = members};

/* --------------------------------------------------------------- request -- */

/* An action as it is written in the request. */
typedef struct action_request {
    dyn_write_call write;
    dyn_map map; /* the item, or the key */
    dyn_update update;
} action_request;

typedef struct transact {
    dyn_transaction transaction;
    action_request *requests; /* as many as there are actions */
} transact;

static dyn_status find_verb(dyn_call *call, const dyn_json *element,
                            dyn_transaction_verb *verb, const dyn_json **out)
{
    static const struct {
        const char *name;
        dyn_transaction_verb verb;
    } verbs[] = {
        {"ConditionCheck", DYN_TRANSACTION_CHECK},
        {"Put", DYN_TRANSACTION_PUT},
        {"Delete", DYN_TRANSACTION_DELETE},
        {"Update", DYN_TRANSACTION_UPDATE},
    };
    if (element->count != 1) {
        return dyn_fail(call, DYN_INVALID,
                        "TransactItems can only contain one of Check, Put, "
                        "Update or Delete");
    }
    for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        const dyn_json *found = dyn_request_member(element, verbs[i].name);
        if (found == NULL) continue;
        *verb = verbs[i].verb;
        *out = found;
    }
    return DYN_OK;
}

static dyn_status read_item(dyn_call *call, const dyn_json *json,
                            dyn_transaction_verb verb, dyn_map *out)
{
    size_t size_bytes = 0;
    if (verb != DYN_TRANSACTION_PUT) return dyn_key_read(call, json, out);
    DYN_TRY(dyn_item_from_typed(call, dyn_request_member(json, "Item"), out));
    return dyn_item_check(call, out, &size_bytes);
}

static dyn_status read_action(dyn_call *call, const dyn_json *element,
                              dyn_transaction_action *action,
                              action_request *request)
{
    dyn_write_call *write = &request->write;
    DYN_TRY(find_verb(call, element, &action->verb, &write->request));
    bool is_update = action->verb == DYN_TRANSACTION_UPDATE;
    DYN_TRY(dyn_write_check_mixed(call, write->request, is_update));
    DYN_TRY(read_item(call, write->request, action->verb, &request->map));
    DYN_TRY(dyn_write_read_expressions(call, write,
                                       is_update ? &request->update : NULL));
    action->update = is_update ? &request->update : NULL;
    action->item = &request->map;
    action->condition = dyn_write_condition_of(write);
    action->wants_item = dyn_request_is(
        write->request, "ReturnValuesOnConditionCheckFailure", "ALL_OLD");
    return DYN_OK;
}

static dyn_status read_request(dyn_call *call, const dyn_json *request,
                               transact *out)
{
    const dyn_json *list = dyn_request_member(request, "TransactItems");
    dyn_transaction *transaction = &out->transaction;
    transaction->actions =
        dyn_alloc_zero(call, list->count, sizeof(dyn_transaction_action));
    out->requests = dyn_alloc_zero(call, list->count, sizeof(action_request));
    if (transaction->actions == NULL || out->requests == NULL) return DYN_NOMEM;
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        size_t number = transaction->count++;
        DYN_TRY(read_action(call, c, &transaction->actions[number],
                            &out->requests[number]));
    }
    return DYN_OK;
}

/* ---------------------------------------------------------------- tables -- */

static dyn_status check_paths(dyn_call *call,
                              const dyn_transaction_action *action)
{
    if (action->condition != NULL) {
        DYN_TRY(
            dyn_key_check_paths(call, action->table, action->condition->paths));
    }
    if (action->update == NULL) return DYN_OK;
    return dyn_update_check(call, action->table, action->update);
}

/* What an action has to do with its table. */
static dyn_status resolve(dyn_call *call, dyn_transaction_action *action)
{
    DYN_TRY(
        action->verb == DYN_TRANSACTION_PUT
            ? dyn_table_key(call, action->table, action->item, &action->key)
            : dyn_key_of_item(call, action->table, action->item, &action->key));
    return check_paths(call, action);
}

static dyn_status open_tables(dyn_call *call, const dyn_host *host,
                              transact *in)
{
    DYN_TRY(host->begin_atomic(host->context, call));
    for (size_t i = 0; i < in->transaction.count; i++) {
        dyn_transaction_action *action = &in->transaction.actions[i];
        dyn_bytes name =
            dyn_request_text(in->requests[i].write.request, "TableName");
        DYN_TRY(dyn_host_write(call, host, name, &action->table));
        DYN_TRY(dyn_transaction_note(call, action, resolve(call, action)));
    }
    return dyn_transaction_check(call, &in->transaction);
}

static dyn_status transact_write_items(dyn_call *call, const dyn_host *host,
                                       const dyn_json *request,
                                       dyn_buffer *response)
{
    bool is_done = false;
    transact all = {.requests = NULL};
    dyn_transaction *transaction = &all.transaction;
    DYN_TRY(read_request(call, request, &all));
    DYN_TRY(open_tables(call, host, &all));
    DYN_TRY(dyn_capacity_begin(call, host->session, request,
                               &transaction->capacity));
    transaction->capacity.is_split = true;
    DYN_TRY(dyn_transaction_token(
        call, transaction, dyn_request_text(request, "ClientRequestToken"),
        dyn_transaction_digest(dyn_request_member(request, "TransactItems")),
        &is_done));
    DYN_TRY(is_done ? dyn_transaction_replay(call, transaction)
                    : dyn_transaction_run(call, transaction));
    DYN_TRY(dyn_transaction_end(call, transaction));
    dyn_transaction_write_capacity(response, transaction);
    dyn_transaction_write_metrics(response, request, transaction);
    return DYN_OK;
}

const dyn_operation dyn_operation_transact_write_items = {
    "TransactWriteItems", &input, transact_write_items};
