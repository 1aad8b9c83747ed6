/* SQL functions; the contracts are in sql_function.h. */
#include "sql_function.h"

#include "bridge.h"

int sql_functions_register(sqlite3 *db, const sql_function *functions,
                           size_t count, const sql_function_data *data)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; i < count && rc == SQLITE_OK; i++) {
        ++*data->references; /* released also when it fails */
        rc = sqlite3_create_function_v2(
            db, functions[i].name, functions[i].argc,
            SQLITE_UTF8 | functions[i].flags, data->data, functions[i].function,
            NULL, NULL, data->release);
    }
    return rc;
}

static void release(void *session)
{
    dyn_session_release(session);
}

int sql_functions_of_session(sqlite3 *db, const sql_function *functions,
                             size_t count, dyn_session *session)
{
    const sql_function_data data = {session, &session->references, release};
    return sql_functions_register(db, functions, count, &data);
}

void sql_function_call(sqlite3_context *context, int argc, sqlite3_value **argv,
                       sql_function_text *function)
{
    dyn_call call;
    dyn_bytes text = {NULL, 0};
    dyn_session *session = sqlite3_user_data(context);
    dyn_call_begin(&call);
    dyn_tables_pin(session);
    dyn_status status = function(&call, session, argc, argv, &text);
    dyn_tables_unpin(session);
    if (status != DYN_OK)
        bridge_result_error(context, &call, status);
    else if (text.data != NULL)
        bridge_result_text(context, text);
    dyn_call_end(&call);
}
