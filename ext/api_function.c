/* dynamo_api(): hands texts over to the API and back. */
#include "api_function.h"

#include "api_host.h"
#include "bridge.h"
#include "expr/parse_cache.h"

typedef struct api_context {
    dyn_session *session;
    dyn_parse_cache parsed; /* of the requests so far */
} api_context;

static void free_context(void *pointer)
{
    api_context *context = pointer;
    dyn_parse_cache_clear(&context->parsed);
    dyn_session_release(context->session);
    sqlite3_free(context);
}

/* The text of the request stays while the function runs; a NULL is empty. */
static dyn_status call_api(dyn_call *call, dyn_session *session,
                           sqlite3_value **argv, dyn_bytes *response)
{
    dyn_bytes operation = {NULL, 0};
    dyn_bytes request = {NULL, 0};
    DYN_TRY(bridge_text(call, argv[0], &operation));
    if (!bridge_borrow_text(argv[1], &request)) return dyn_fail_nomem(call);
    if (request.data == NULL) request = dyn_bytes_text("");
    return api_host_call(call, session, operation, request, response);
}

static void api(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc;
    api_context *own = sqlite3_user_data(context);
    dyn_call call;
    dyn_bytes response = {NULL, 0};
    dyn_call_begin(&call);
    dyn_parse_cache_begin_call(&own->parsed, &call);
    dyn_status status = call_api(&call, own->session, argv, &response);
    if (status == DYN_OK) {
        bridge_result_text(context, response);
    } else {
        bridge_result_exception(context, &call, status);
    }
    dyn_call_end(&call);
}

int api_function_register(sqlite3 *db, dyn_session *session)
{
    enum { ARGUMENTS = 2 };
    api_context *own = sqlite3_malloc64(sizeof(*own));
    if (own == NULL) return SQLITE_NOMEM;
    *own = (api_context){.session = session};
    session->references++;
    return sqlite3_create_function_v2(db, "dynamo_api", ARGUMENTS,
                                      SQLITE_UTF8 | SQLITE_DIRECTONLY, own, api,
                                      NULL, NULL, free_context);
}
