/* Transactions; the contracts are in transaction.h. */
#include "api/transaction.h"

#include "api/key.h"
#include "api/request.h"
#include "api/response.h"
#include "api/update_check.h"
#include "api/write_item.h"
#include "base/exception.h"
#include "engine/client_token.h"
#include "item/key.h"
#include "ops/check_item.h"
#include "ops/delete_item.h"
#include "ops/put_item.h"

const dyn_shape dyn_shape_client_token = {.kind = DYN_SHAPE_STRING,
                                          .has_min = true,
                                          .min = 1,
                                          .has_max = true,
                                          .max = 36};

/* --------------------------------------------------------------- reasons -- */

/* The code of a failure that is one of an action; NULL: it is none. */
static const char *code_of(const dyn_call *call, dyn_status status)
{
    if (call->error.torn) return NULL;
    switch (status) {
    case DYN_CONDITION_FAILED:
        return "ConditionalCheckFailed";
    case DYN_EXISTS:
        return "DuplicateItem";
    case DYN_INVALID:
    case DYN_TOO_LARGE:
        return "ValidationError";
    case DYN_THROTTLED:
        return "ProvisionedThroughputExceeded";
    default:
        return NULL;
    }
}

dyn_status dyn_transaction_note(dyn_call *call, dyn_transaction_action *action,
                                dyn_status status)
{
    dyn_bytes members = {NULL, 0};
    if (status == DYN_OK) return DYN_OK;
    const char *code = code_of(call, status);
    if (code == NULL) return status;
    if (status == DYN_INVALID && action->item != NULL &&
        dyn_key_is_empty(action->table, action->item)) {
        return status;
    }
    action->status = status;
    action->code = code;
    action->message = status == DYN_EXISTS
                          ? "Duplicate primary key exists in table"
                          : dyn_format(call, "%s", call->error.message);
    if (action->message == NULL) return DYN_NOMEM;
    if (status == DYN_CONDITION_FAILED && action->wants_item &&
        action->before.found) {
        DYN_TRY(dyn_write_item_member(call, &action->before, &members));
        action->members = (const char *)members.data;
    }
    call->error = (dyn_error){.status = DYN_OK};
    return DYN_OK;
}

static bool is_canceled(const dyn_transaction *transaction)
{
    for (size_t i = 0; i < transaction->count; i++) {
        if (transaction->actions[i].code != NULL) return true;
    }
    return false;
}

/* `[{"Code":"None"},{"Code":...,"Message":...,"Item":...}]` */
static void write_reasons(dyn_buffer *out, const dyn_transaction *transaction)
{
    dyn_response_name(out, "CancellationReasons");
    dyn_buffer_add_byte(out, '[');
    for (size_t i = 0; i < transaction->count; i++) {
        const dyn_transaction_action *action = &transaction->actions[i];
        dyn_response_element(out);
        dyn_buffer_add_byte(out, '{');
        dyn_response_text(
            out, "Code",
            dyn_bytes_text(action->code == NULL ? "None" : action->code));
        if (action->code != NULL) {
            dyn_response_text(out, "Message", dyn_bytes_text(action->message));
        }
        if (action->members != NULL) {
            dyn_buffer_add_byte(out, ',');
            dyn_buffer_add(out, action->members + 1,
                           strlen(action->members) - 2);
        }
        dyn_buffer_add_byte(out, '}');
    }
    dyn_buffer_add_byte(out, ']');
}

/* The status tells SQLite's code: whether it helps to try again. */
static dyn_status canceled_status(const dyn_transaction *transaction)
{
    dyn_status worst = DYN_INVALID;
    for (size_t i = 0; i < transaction->count; i++) {
        dyn_status status = transaction->actions[i].status;
        if (status == DYN_CONDITION_FAILED || status == DYN_EXISTS)
            return DYN_CONDITION_FAILED;
        if (status == DYN_THROTTLED) worst = DYN_THROTTLED;
    }
    return worst;
}

dyn_status dyn_transaction_end(dyn_call *call,
                               const dyn_transaction *transaction)
{
    dyn_buffer codes;
    dyn_buffer members;
    dyn_bytes code_text = {NULL, 0};
    dyn_bytes member_text = {NULL, 0};
    if (!is_canceled(transaction)) return DYN_OK;
    dyn_buffer_begin(&codes, call, 256);
    for (size_t i = 0; i < transaction->count; i++) {
        const char *code = transaction->actions[i].code;
        if (i > 0) dyn_buffer_add_text(&codes, ", ");
        dyn_buffer_add_text(&codes, code == NULL ? "None" : code);
    }
    DYN_TRY(dyn_buffer_end(&codes, &code_text));
    dyn_buffer_begin(&members, call, 512);
    dyn_buffer_add_byte(&members, '{');
    write_reasons(&members, transaction);
    dyn_buffer_add_byte(&members, '}');
    DYN_TRY(dyn_buffer_end(&members, &member_text));
    char *text = dyn_format(call,
                            "Transaction cancelled, please refer cancellation "
                            "reasons for specific reasons [%s]",
                            (const char *)code_text.data);
    if (text == NULL) return DYN_NOMEM;
    dyn_status status = dyn_fail_text(call, canceled_status(transaction), text);
    call->error.name = "TransactionCanceledException";
    call->error.members = (const char *)member_text.data;
    return status;
}

/* --------------------------------------------------------------- actions -- */

dyn_status dyn_transaction_check(dyn_call *call,
                                 const dyn_transaction *transaction)
{
    for (size_t i = 0; i < transaction->count; i++) {
        const dyn_transaction_action *action = &transaction->actions[i];
        for (size_t o = 0; o < i; o++) {
            const dyn_transaction_action *other = &transaction->actions[o];
            if (action->key.data == NULL || other->key.data == NULL ||
                action->table != other->table ||
                !dyn_bytes_equal(action->key, other->key)) {
                continue;
            }
            return dyn_fail(call, DYN_INVALID,
                            "Transaction request cannot include multiple "
                            "operations on one item");
        }
    }
    return dyn_transaction_end(call, transaction);
}

static dyn_status run_get(dyn_call *call, dyn_transaction_action *action)
{
    dyn_get_request get = {
        .key = action->key, .is_strong = true, .is_transactional = true};
    DYN_TRY(dyn_get_item(call, action->table, &get, &action->got));
    action->size_bytes = action->got.item.size_bytes;
    return DYN_OK;
}

static dyn_status run_put(dyn_call *call, dyn_transaction_action *action)
{
    dyn_put_response response = {.before = {.found = false}};
    dyn_put_request put = {
        .item = action->item,
        .only_if_absent = action->only_if_absent,
        .is_transactional = true,
        .condition = action->condition,
    };
    action->size_bytes = dyn_map_size_bytes(action->item);
    dyn_status status = dyn_put_item(call, action->table, &put, &response);
    action->before = response.before;
    return status;
}

static dyn_status run_update(dyn_call *call, dyn_transaction_action *action)
{
    dyn_update_request update = {
        .key = action->key,
        .is_transactional = true,
        .condition = action->condition,
        .update = action->update,
        .key_item = action->item,
    };
    dyn_status status =
        dyn_update_item(call, action->table, &update, &action->updated);
    action->before = action->updated.before;
    action->size_bytes = dyn_map_size_bytes(&action->updated.after);
    return dyn_update_failure(call, false, status);
}

static dyn_status run_delete(dyn_call *call, dyn_transaction_action *action)
{
    dyn_delete_request delete = {
        .key = action->key,
        .is_transactional = true,
        .condition = action->condition,
    };
    dyn_status status =
        dyn_delete_item(call, action->table, &delete, &action->before);
    action->size_bytes = action->before.view.size_bytes;
    return status;
}

static dyn_status run_check(dyn_call *call, dyn_transaction_action *action)
{
    dyn_status status = dyn_check_item(call, action->table, action->key,
                                       action->condition, &action->before);
    action->size_bytes = action->before.view.size_bytes;
    return status;
}

static dyn_status run_action(dyn_call *call, dyn_transaction_action *action)
{
    switch (action->verb) {
    case DYN_TRANSACTION_GET:
        return run_get(call, action);
    case DYN_TRANSACTION_CHECK:
        return run_check(call, action);
    case DYN_TRANSACTION_PUT:
        return run_put(call, action);
    case DYN_TRANSACTION_UPDATE:
        return run_update(call, action);
    case DYN_TRANSACTION_DELETE:
        break;
    }
    return run_delete(call, action);
}

dyn_status dyn_transaction_run(dyn_call *call, dyn_transaction *transaction)
{
    size_t size_bytes = 0;
    for (size_t i = 0; i < transaction->count; i++) {
        dyn_transaction_action *action = &transaction->actions[i];
        DYN_TRY(dyn_transaction_note(call, action, run_action(call, action)));
        size_bytes += action->size_bytes;
    }
    if (size_bytes <= DYN_TRANSACTION_BYTES_MAX) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "The items of a transaction cannot be larger than 4 MB "
                    "together: these are of %zu bytes",
                    size_bytes);
}

dyn_status dyn_transaction_replay(dyn_call *call, dyn_transaction *transaction)
{
    for (size_t i = 0; i < transaction->count; i++) {
        dyn_transaction_action *action = &transaction->actions[i];
        DYN_TRY(dyn_transaction_note(call, action, run_get(call, action)));
    }
    return DYN_OK;
}

/* ---------------------------------------------------------------- tokens -- */

/* Whether it is the first action on its table. */
static bool is_first(const dyn_transaction *transaction, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        if (transaction->actions[i].table ==
            transaction->actions[number].table) {
            return false;
        }
    }
    return transaction->actions[number].table != NULL;
}

dyn_status dyn_transaction_token(dyn_call *call, dyn_transaction *transaction,
                                 dyn_bytes token, uint64_t digest,
                                 bool *is_done)
{
    *is_done = false;
    if (token.data == NULL) return DYN_OK;
    if (memchr(token.data, 0, token.size_bytes) != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: a "
                        "ClientRequestToken cannot have a zero character");
    }
    for (size_t i = 0; i < transaction->count; i++) {
        dyn_client_token_state state = DYN_TOKEN_NEW;
        if (!is_first(transaction, i)) continue;
        DYN_TRY(dyn_client_token_find(
            call, dyn_table_store(transaction->actions[i].table), token, digest,
            &state));
        *is_done = *is_done || state == DYN_TOKEN_DONE;
        if (state != DYN_TOKEN_TAKEN) continue;
        return dyn_fail_as(call, "IdempotentParameterMismatchException",
                           "DynamoDB rejected the request because you retried "
                           "a request with a different payload but with an "
                           "idempotent token that was already used.");
    }
    for (size_t i = 0; i < transaction->count && !*is_done; i++) {
        if (!is_first(transaction, i)) continue;
        DYN_TRY(dyn_client_token_keep(
            call, dyn_table_store(transaction->actions[i].table), token,
            digest));
    }
    return DYN_OK;
}

static uint64_t digest_of(const uint64_t *numbers, size_t count)
{
    return dyn_key_digest(
        (dyn_bytes){(const unsigned char *)numbers, count * sizeof(uint64_t)});
}

/* As deep as a request may be. */
uint64_t dyn_transaction_digest(const dyn_json *json)
{
    uint64_t within = 0;
    for (const dyn_json *c = json->first; c != NULL; c = c->next) {
        uint64_t child[] = {dyn_key_digest(c->key), dyn_transaction_digest(c)};
        if (json->type == DYN_JSON_OBJECT) {
            within += digest_of(child, 2);
        } else {
            uint64_t next[] = {within, child[1]};
            within = digest_of(next, 2);
        }
    }
    uint64_t all[] = {json->type, dyn_key_digest(json->text), within};
    return digest_of(all, 3);
}

/* -------------------------------------------------------------- response -- */

void dyn_transaction_write_capacity(dyn_buffer *out,
                                    const dyn_transaction *transaction)
{
    const dyn_capacity *capacity = &transaction->capacity;
    dyn_capacity_begin_list(out, capacity);
    for (size_t i = 0; i < transaction->count; i++) {
        if (!is_first(transaction, i)) continue;
        dyn_capacity_write(out, capacity, transaction->actions[i].table);
    }
    dyn_capacity_end_list(out, capacity);
}

/* Those of the items that are written to one table. */
static void write_table_metrics(dyn_buffer *out,
                                const dyn_transaction *transaction,
                                const dyn_table *table)
{
    dyn_response_key(out, dyn_bytes_text(dyn_table_label(table)));
    dyn_buffer_add_byte(out, '[');
    for (size_t i = 0; i < transaction->count; i++) {
        const dyn_transaction_action *action = &transaction->actions[i];
        if (action->table != table || action->verb <= DYN_TRANSACTION_CHECK)
            continue;
        dyn_response_element(out);
        dyn_write_metrics(out, table, action->item, action->key);
    }
    dyn_buffer_add_byte(out, ']');
}

void dyn_transaction_write_metrics(dyn_buffer *out, const dyn_json *request,
                                   const dyn_transaction *transaction)
{
    bool has_any = false;
    for (size_t i = 0; i < transaction->count; i++) {
        const dyn_table *table = transaction->actions[i].table;
        if (!is_first(transaction, i)) continue;
        if (!dyn_write_has_metrics(request, table)) continue;
        if (!has_any) {
            dyn_response_name(out, "ItemCollectionMetrics");
            dyn_buffer_add_byte(out, '{');
        }
        has_any = true;
        write_table_metrics(out, transaction, table);
    }
    if (has_any) dyn_buffer_add_byte(out, '}');
}
