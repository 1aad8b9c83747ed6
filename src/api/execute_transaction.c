/* ExecuteTransaction: PartiQL statements that are done all or not at all. */
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/statement.h"
#include "api/transaction.h"

static const dyn_shape_member statement_members[] = {
    {"Statement", &dyn_shape_statement, true},
    {"Parameters", &dyn_shape_parameters, false},
    {"ReturnValuesOnConditionCheckFailure", &dyn_shape_return_failed, false},
    {NULL, NULL, false},
};
static const dyn_shape statement_shape = {.kind = DYN_SHAPE_STRUCTURE,
                                          .class_name =
                                              "ParameterizedStatement",
                                          .members = statement_members};
static const dyn_shape statements = {.kind = DYN_SHAPE_LIST,
                                     .has_min = true,
                                     .min = 1,
                                     .has_max = true,
                                     .max = DYN_TRANSACTION_ACTIONS_MAX,
                                     .element = &statement_shape};
static const dyn_shape_member members[] = {
    {"TransactStatements", &statements, true},
    {"ClientRequestToken", &dyn_shape_client_token, false},
    {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "ExecuteTransactionInput",
                                .members = members};

/* --------------------------------------------------------------- request -- */

/* Statements, and the actions that they are. */
typedef struct execution {
    dyn_statement_call *statements;
    dyn_transaction transaction;
    size_t read_count; /* SELECTs */
} execution;

static dyn_status check_kinds(dyn_call *call, const execution *in)
{
    for (size_t i = 0; i < in->transaction.count; i++) {
        if (in->statements[i].statement.returning == DYN_RETURNING_NOTHING)
            continue;
        return dyn_fail(call, DYN_INVALID,
                        "RETURNING cannot be used in ExecuteTransaction");
    }
    if (in->read_count == 0 || in->read_count == in->transaction.count)
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "The statements of a transaction must be all SELECT "
                    "statements or all others: check items that are not "
                    "written by EXISTS(SELECT ...)");
}

static dyn_status read_request(dyn_call *call, const dyn_json *request,
                               execution *out)
{
    const dyn_json *list = dyn_request_member(request, "TransactStatements");
    dyn_transaction *transaction = &out->transaction;
    out->statements =
        dyn_alloc_zero(call, list->count, sizeof(dyn_statement_call));
    transaction->actions =
        dyn_alloc_zero(call, list->count, sizeof(dyn_transaction_action));
    if (out->statements == NULL || transaction->actions == NULL)
        return DYN_NOMEM;
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        dyn_statement_call *next = &out->statements[transaction->count++];
        DYN_TRY(dyn_statement_read(call, c, next));
        out->read_count += next->statement.kind == DYN_STATEMENT_SELECT;
    }
    return check_kinds(call, out);
}

/* --------------------------------------------------------------- actions -- */

static dyn_transaction_verb verb_of(dyn_statement_kind kind)
{
    switch (kind) {
    case DYN_STATEMENT_SELECT:
        return DYN_TRANSACTION_GET;
    case DYN_STATEMENT_EXISTS:
        return DYN_TRANSACTION_CHECK;
    case DYN_STATEMENT_INSERT:
        return DYN_TRANSACTION_PUT;
    case DYN_STATEMENT_UPDATE:
        return DYN_TRANSACTION_UPDATE;
    case DYN_STATEMENT_DELETE:
        break;
    }
    return DYN_TRANSACTION_DELETE;
}

static void set_action(const dyn_statement_call *statement,
                       dyn_transaction_action *out)
{
    const dyn_statement *parsed = &statement->statement;
    out->verb = verb_of(parsed->kind);
    out->table = statement->table;
    out->key = statement->stored_key;
    out->item = statement->key;
    out->only_if_absent = parsed->kind == DYN_STATEMENT_INSERT;
    out->condition = statement->has_condition ? &statement->condition : NULL;
    out->update = parsed->kind == DYN_STATEMENT_UPDATE ? &parsed->update : NULL;
    out->wants_item = dyn_request_is(
        statement->request, "ReturnValuesOnConditionCheckFailure", "ALL_OLD");
}

/* A table that is not there ends it all; what else is wrong with a statement is
 * a reason. */
static dyn_status open_statement(dyn_call *call, const dyn_host *host,
                                 dyn_statement_call *statement,
                                 dyn_transaction_action *action)
{
    dyn_status opened = dyn_statement_open(call, host, statement);
    set_action(statement, action);
    DYN_TRY(dyn_transaction_note(call, action, opened));
    if (action->code != NULL || statement->has_item) return DYN_OK;
    dyn_status status =
        dyn_fail(call, DYN_INVALID,
                 "Select statements within ExecuteTransaction must specify the "
                 "primary key in the where clause.");
    return dyn_transaction_note(call, action, status);
}

static dyn_status open_all(dyn_call *call, const dyn_host *host, execution *in)
{
    bool is_read = in->read_count > 0;
    DYN_TRY(is_read ? host->snapshot(host->context, call)
                    : host->begin_atomic(host->context, call));
    for (size_t i = 0; i < in->transaction.count; i++) {
        DYN_TRY(open_statement(call, host, &in->statements[i],
                               &in->transaction.actions[i]));
    }
    return dyn_transaction_check(call, &in->transaction);
}

/* -------------------------------------------------------------- response -- */

static dyn_status write_item(dyn_call *call, dyn_buffer *out,
                             const dyn_statement_call *statement,
                             const dyn_transaction_action *action)
{
    bool has_item = false;
    dyn_map item = {NULL, 0};
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    if (action->verb == DYN_TRANSACTION_GET) {
        DYN_TRY(dyn_statement_select(call, statement, &action->got, &has_item,
                                     &item));
    }
    if (has_item) dyn_response_item(out, "Item", &item);
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

static dyn_status execute_transaction(dyn_call *call, const dyn_host *host,
                                      const dyn_json *request,
                                      dyn_buffer *response)
{
    bool is_done = false;
    execution all = {.statements = NULL};
    dyn_transaction *transaction = &all.transaction;
    DYN_TRY(read_request(call, request, &all));
    DYN_TRY(open_all(call, host, &all));
    DYN_TRY(dyn_capacity_begin(call, host->session, request,
                               &transaction->capacity));
    transaction->capacity.is_split = true;
    if (all.read_count == 0) {
        const dyn_json *list =
            dyn_request_member(request, "TransactStatements");
        DYN_TRY(dyn_transaction_token(
            call, transaction, dyn_request_text(request, "ClientRequestToken"),
            dyn_transaction_digest(list), &is_done));
    }
    DYN_TRY(is_done ? dyn_transaction_replay(call, transaction)
                    : dyn_transaction_run(call, transaction));
    DYN_TRY(dyn_transaction_end(call, transaction));
    dyn_response_name(response, "Responses");
    dyn_buffer_add_byte(response, '[');
    for (size_t i = 0; i < transaction->count; i++) {
        DYN_TRY(write_item(call, response, &all.statements[i],
                           &transaction->actions[i]));
    }
    dyn_buffer_add_byte(response, ']');
    dyn_transaction_write_capacity(response, transaction);
    return DYN_OK;
}

const dyn_operation dyn_operation_execute_transaction = {
    "ExecuteTransaction", &input, execute_transaction};
