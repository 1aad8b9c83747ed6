/*
 * BatchExecuteStatement: statements that are all reads or all writes, of one
 * item each. One that fails says so in its response, and the others are done;
 * only a failure that is not the statement's own ends all.
 */
#include "api/capacity.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/response.h"
#include "api/statement.h"
#include "base/exception.h"

enum { STATEMENTS_MAX = 25 };

static const dyn_shape_member statement_members[] = {
    {"Statement", &dyn_shape_statement, true},
    {"Parameters", &dyn_shape_parameters, false},
    {"ConsistentRead", &dyn_shape_boolean, false},
    {"ReturnValuesOnConditionCheckFailure", &dyn_shape_return_failed, false},
    {NULL, NULL, false},
};
static const dyn_shape statement_shape = {.kind = DYN_SHAPE_STRUCTURE,
                                          .class_name = "BatchStatementRequest",
                                          .members = statement_members};
static const dyn_shape statements_shape = {.kind = DYN_SHAPE_LIST,
                                           .has_min = true,
                                           .min = 1,
                                           .has_max = true,
                                           .max = STATEMENTS_MAX,
                                           .element = &statement_shape};
static const dyn_shape_member members[] = {
    {"Statements", &statements_shape, true},
    {"ReturnConsumedCapacity", &dyn_shape_return_capacity, false},
    {NULL, NULL, false},
};
static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "BatchExecuteStatementInput",
                                .members = members};

/* A statement on its way: it has failed when it has a code. */
typedef struct entry {
    dyn_statement_call statement;
    bool is_read_in; /* its text was understood */
    const char *code;
    const char *message;
    const char *error_members; /* the item that failed a condition, or NULL */
} entry;

typedef struct batch {
    entry entries[STATEMENTS_MAX];
    size_t count;
} batch;

/* ---------------------------------------------------------------- errors -- */

/* BatchStatementErrorCodeEnum, by the names of exceptions; NULL when the
 * failure is none of a statement. */
static const char *code_of(const dyn_error *error)
{
    static const struct {
        const char *exception;
        const char *code;
    } codes[] = {
        {"ConditionalCheckFailedException", "ConditionalCheckFailed"},
        {"DuplicateItemException", "DuplicateItem"},
        {"ItemCollectionSizeLimitExceededException",
         "ItemCollectionSizeLimitExceeded"},
        {"ProvisionedThroughputExceededException",
         "ProvisionedThroughputExceeded"},
        {"RequestLimitExceeded", "RequestLimitExceeded"},
        {"ResourceNotFoundException", "ResourceNotFound"},
        {"ThrottlingException", "ThrottlingError"},
        {"TransactionConflictException", "TransactionConflict"},
        {"ValidationException", "ValidationError"},
    };
    const char *name = dyn_exception_name(error);
    if (error->status == DYN_SQLITE) return NULL;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        if (strcmp(name, codes[i].exception) == 0) return codes[i].code;
    }
    return NULL;
}

/* Keep a failure as that of the statement, and go on, if that can be. */
static dyn_status settle(dyn_call *call, entry *of, dyn_status status)
{
    if (status == DYN_OK) return DYN_OK;
    of->code = code_of(&call->error);
    if (of->code == NULL || call->error.torn) return status;
    of->message = dyn_format(call, "%s", call->error.message);
    if (of->message == NULL) return DYN_NOMEM;
    if (status == DYN_CONDITION_FAILED) of->error_members = call->error.members;
    call->error = (dyn_error){.status = DYN_OK};
    return DYN_OK;
}

/* --------------------------------------------------------------- reading -- */

static dyn_status read_statement(dyn_call *call, const dyn_json *request,
                                 entry *out)
{
    DYN_TRY(dyn_statement_read(call, request, &out->statement));
    out->is_read_in = true;
    return out->statement.statement.kind == DYN_STATEMENT_EXISTS
               ? dyn_statement_fail_exists(call)
               : DYN_OK;
}

/* Whether all that were understood are reads, or all are writes. */
static dyn_status check_kinds(dyn_call *call, const batch *in, bool *is_write)
{
    bool has_read = false;
    *is_write = false;
    for (size_t i = 0; i < in->count; i++) {
        const entry *e = &in->entries[i];
        if (!e->is_read_in) continue;
        bool is_read = dyn_statement_is_read(&e->statement.statement);
        has_read = has_read || is_read;
        *is_write = *is_write || !is_read;
    }
    if (!has_read || !*is_write) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "The statements of a batch must be all reads or all "
                    "writes: put SELECT statements and others into batches of "
                    "their own");
}

static dyn_status read_batch(dyn_call *call, const dyn_json *request,
                             batch *out)
{
    const dyn_json *statements = dyn_request_member(request, "Statements");
    for (const dyn_json *s = statements->first; s != NULL; s = s->next) {
        entry *e = &out->entries[out->count++];
        DYN_TRY(settle(call, e, read_statement(call, s, e)));
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- opening -- */

static dyn_status open_statement(dyn_call *call, const dyn_host *host, entry *e)
{
    dyn_statement_call *statement = &e->statement;
    DYN_TRY(dyn_statement_open(call, host, statement));
    if (statement->has_item && statement->statement.order.data == NULL)
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Select statements within BatchExecuteStatement must "
                    "specify the primary key in the where clause.");
}

static bool is_same_item(const entry *a, const entry *b)
{
    return a->code == NULL && b->code == NULL &&
           a->statement.table == b->statement.table &&
           dyn_bytes_equal(a->statement.stored_key, b->statement.stored_key);
}

static dyn_status check_duplicates(dyn_call *call, const batch *in)
{
    for (size_t i = 1; i < in->count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (!is_same_item(&in->entries[i], &in->entries[j])) continue;
            return dyn_fail(call, DYN_INVALID,
                            "Provided list of item keys contains duplicates");
        }
    }
    return DYN_OK;
}

static dyn_status open_batch(dyn_call *call, const dyn_host *host, batch *in,
                             bool is_write)
{
    DYN_TRY(is_write ? host->begin_atomic(host->context, call)
                     : host->snapshot(host->context, call));
    for (size_t i = 0; i < in->count; i++) {
        entry *e = &in->entries[i];
        if (e->code != NULL) continue;
        DYN_TRY(settle(call, e, open_statement(call, host, e)));
    }
    return is_write ? check_duplicates(call, in) : DYN_OK;
}

/* --------------------------------------------------------------- running -- */

static dyn_status run_statement(dyn_call *call, const entry *e, bool *has_item,
                                dyn_map *item)
{
    const dyn_statement_call *statement = &e->statement;
    if (!dyn_statement_is_read(&statement->statement))
        return dyn_statement_write(call, statement, has_item, item);
    bool is_strong =
        dyn_request_flag(statement->request, "ConsistentRead", false);
    return dyn_statement_get(call, statement, is_strong, has_item, item);
}

/* The members are an object, of which the braces are not wanted here. */
static void write_error(dyn_buffer *out, const entry *e)
{
    dyn_response_name(out, "Error");
    dyn_buffer_add_byte(out, '{');
    dyn_response_text(out, "Code", dyn_bytes_text(e->code));
    dyn_response_text(out, "Message", dyn_bytes_text(e->message));
    if (e->error_members != NULL) {
        dyn_buffer_add_byte(out, ',');
        dyn_buffer_add(out, e->error_members + 1, strlen(e->error_members) - 2);
    }
    dyn_buffer_add_byte(out, '}');
}

static dyn_status run_entry(dyn_call *call, entry *e, dyn_buffer *out)
{
    bool has_item = false;
    dyn_map item = {NULL, 0};
    if (e->code == NULL) {
        DYN_TRY(settle(call, e, run_statement(call, e, &has_item, &item)));
    }
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    if (e->code != NULL) write_error(out, e);
    if (e->statement.table != NULL) {
        dyn_response_text(out, "TableName",
                          dyn_bytes_text(dyn_table_label(e->statement.table)));
    }
    if (e->code == NULL && has_item) dyn_response_item(out, "Item", &item);
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

/* Each table once. */
static void write_capacity(dyn_buffer *out, const dyn_capacity *capacity,
                           const batch *in)
{
    if (capacity->session == NULL) return;
    dyn_response_name(out, "ConsumedCapacity");
    dyn_buffer_add_byte(out, '[');
    for (size_t i = 0; i < in->count; i++) {
        const dyn_table *table = in->entries[i].statement.table;
        bool is_known = table == NULL;
        for (size_t j = 0; j < i; j++)
            is_known = is_known || in->entries[j].statement.table == table;
        if (!is_known) dyn_capacity_write(out, capacity, table);
    }
    dyn_buffer_add_byte(out, ']');
}

static dyn_status batch_execute_statement(dyn_call *call, const dyn_host *host,
                                          const dyn_json *request,
                                          dyn_buffer *response)
{
    bool is_write = false;
    dyn_capacity capacity;
    batch *in = dyn_alloc_zero(call, 1, sizeof(*in));
    if (in == NULL) return DYN_NOMEM;
    DYN_TRY(read_batch(call, request, in));
    DYN_TRY(check_kinds(call, in, &is_write));
    DYN_TRY(open_batch(call, host, in, is_write));
    DYN_TRY(dyn_capacity_begin(call, host->session, request, &capacity));
    dyn_response_name(response, "Responses");
    dyn_buffer_add_byte(response, '[');
    for (size_t i = 0; i < in->count; i++)
        DYN_TRY(run_entry(call, &in->entries[i], response));
    dyn_buffer_add_byte(response, ']');
    write_capacity(response, &capacity, in);
    return DYN_OK;
}

const dyn_operation dyn_operation_batch_execute_statement = {
    "BatchExecuteStatement", &input, batch_execute_statement};
