/* SQL functions; the contract is in functions.h. */
#include "functions.h"

#include "bridge.h"
#include "copy.h"
#include "service.h"
#include "sql_function.h"

/* What they are: a body that fills a text or fails. */
typedef dyn_status text_function(dyn_call *call, remote_session *session,
                                 int argc, sqlite3_value **argv,
                                 dyn_bytes *out);

static void result_text(sqlite3_context *context, int argc,
                        sqlite3_value **argv, text_function *function)
{
    dyn_call call;
    dyn_bytes text = {NULL, 0};
    dyn_call_begin(&call);
    dyn_status status =
        function(&call, sqlite3_user_data(context), argc, argv, &text);
    if (status != DYN_OK) {
        bridge_result_exception(context, &call, status);
    } else {
        bridge_result_text(context, text);
    }
    dyn_call_end(&call);
}

static dyn_status cost_json(dyn_call *call, remote_session *session, int argc,
                            sqlite3_value **argv, dyn_bytes *out)
{
    (void)argc, (void)argv;
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 256);
    dyn_cost_to_json(&text, &session->statements->cost);
    return dyn_buffer_end(&text, out);
}

static void cost(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    result_text(context, argc, argv, cost_json);
}

/* -------------------------------------------------------------- requests -- */

static dyn_status send(dyn_call *call, remote_service *service,
                       const char *operation, dyn_bytes request, dyn_bytes *out)
{
    const dyn_json *answer = NULL;
    dyn_buffer text;
    DYN_TRY(remote_service_call(call, service, operation, request, &answer));
    dyn_buffer_begin(&text, call, 1024);
    dyn_json_write(&text, answer);
    return dyn_buffer_end(&text, out);
}

/* The operation is part of a header. */
static dyn_status check_operation(dyn_call *call, dyn_bytes operation)
{
    bool is_right = operation.size_bytes > 0;
    for (size_t i = 0; i < operation.size_bytes; i++)
        is_right = is_right && isalpha(operation.data[i]);
    if (is_right) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "dynamo_remote_api: the operation is a word, as in "
                    "'ListTables'");
}

static dyn_status answer_json(dyn_call *call, remote_session *session, int argc,
                              sqlite3_value **argv, dyn_bytes *out)
{
    (void)argc;
    remote_settings settings;
    dyn_bytes endpoint = {NULL, 0};
    dyn_bytes operation = {NULL, 0};
    dyn_bytes request = {NULL, 0};
    remote_service *service = NULL;
    DYN_TRY(bridge_text(call, argv[0], &endpoint));
    DYN_TRY(bridge_text(call, argv[1], &operation));
    DYN_TRY(bridge_text(call, argv[2], &request));
    DYN_TRY(check_operation(call, operation));
    DYN_TRY(remote_settings_begin(call, &settings));
    settings.endpoint = (const char *)endpoint.data;
    DYN_TRY(remote_settings_end(call, &settings));
    DYN_TRY(remote_service_open(call, session->statements->db, &settings,
                                &service));
    dyn_status status =
        send(call, service, (const char *)operation.data, request, out);
    remote_service_close(service);
    return status;
}

static void api(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    result_text(context, argc, argv, answer_json);
}

/* ------------------------------------------------------------------ copy -- */

static dyn_status copy_json(dyn_call *call, remote_session *session, int argc,
                            sqlite3_value **argv, dyn_bytes *out)
{
    copy_request request = {.pages = INT64_MAX};
    DYN_TRY(bridge_text(call, argv[0], &request.source));
    DYN_TRY(bridge_text(call, argv[1], &request.target));
    if (argc > 2) request.pages = sqlite3_value_int64(argv[2]);
    if (request.pages < 1) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo_copy: the number of pages is 1 at least");
    }
    return copy_run(call, session, &request, out);
}

static void copy(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    result_text(context, argc, argv, copy_json);
}

/* ---------------------------------------------------------- registration -- */

static const sql_function functions[] = {
    {"dynamo_remote_api", 3, SQLITE_DIRECTONLY, api},
    {"dynamo_copy", 2, SQLITE_DIRECTONLY, copy},
    {"dynamo_copy", 3, SQLITE_DIRECTONLY, copy},
    {"dynamo_remote_cost", 0, SQLITE_INNOCUOUS, cost},
};

static void release(void *session)
{
    remote_session_release(session);
}

int functions_register(sqlite3 *db, remote_session *session)
{
    const sql_function_data data = {session, &session->references, release};
    return sql_functions_register(
        db, functions, sizeof(functions) / sizeof(functions[0]), &data);
}
