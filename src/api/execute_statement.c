/* ExecuteStatement. */
#include "api/capacity.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/select.h"
#include "item/item_json.h"

static const dyn_shape next_token = {.kind = DYN_SHAPE_STRING,
                                     .has_min = true,
                                     .min = 1,
                                     .has_max = true,
                                     .max = 32768};

static const dyn_shape_member members[] = {
    {"Statement", &dyn_shape_statement, true},
    {"Parameters", &dyn_shape_parameters, false},
    {"ConsistentRead", &dyn_shape_boolean, false},
    {"NextToken", &next_token, false},
    {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},
    {"Limit", &dyn_shape_positive, false},
    {"ReturnValuesOnConditionCheckFailure", &dyn_shape_return_failed, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "ExecuteStatementInput",
                                .members = members};

/* A statement that means one item has one page. */
static dyn_status run_item(dyn_call *call, const dyn_host *host,
                           const dyn_statement_call *statement,
                           dyn_buffer *response)
{
    bool has_item = false;
    dyn_map item = {NULL, 0};
    dyn_capacity capacity;
    const dyn_json *request = statement->request;
    if (dyn_request_member(request, "NextToken") != NULL)
        return dyn_select_fail_token(call);
    DYN_TRY(dyn_capacity_begin(call, host->session, request, &capacity));
    if (statement->statement.kind == DYN_STATEMENT_SELECT) {
        bool is_strong = dyn_request_flag(request, "ConsistentRead", false);
        DYN_TRY(
            dyn_statement_get(call, statement, is_strong, &has_item, &item));
    } else {
        DYN_TRY(dyn_statement_write(call, statement, &has_item, &item));
    }
    dyn_response_name(response, "Items");
    dyn_buffer_add_byte(response, '[');
    if (has_item) dyn_item_to_json(response, &item, DYN_JSON_TYPED);
    dyn_buffer_add_byte(response, ']');
    dyn_capacity_write_member(response, &capacity, statement->table);
    return DYN_OK;
}

static dyn_status execute_statement(dyn_call *call, const dyn_host *host,
                                    const dyn_json *request,
                                    dyn_buffer *response)
{
    dyn_statement_call statement;
    DYN_TRY(dyn_statement_read(call, request, &statement));
    if (statement.statement.kind == DYN_STATEMENT_EXISTS)
        return dyn_statement_fail_exists(call);
    DYN_TRY(dyn_statement_open(call, host, &statement));
    bool is_page =
        statement.statement.kind == DYN_STATEMENT_SELECT &&
        (!statement.has_item || statement.statement.order.data != NULL);
    return is_page ? dyn_select_run(call, host, &statement, response)
                   : run_item(call, host, &statement, response);
}

const dyn_operation dyn_operation_execute_statement = {
    "ExecuteStatement", &input, execute_statement};
