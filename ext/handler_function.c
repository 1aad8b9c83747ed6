/* dynamo_on_change(table, name, sql [, options]); the options are in
 * ops/handler.h. */
#include "handler_function.h"

#include "bridge.h"
#include "change_table.h"
#include "ops/handler.h"
#include "sql_function.h"

/* What is asked for. */
typedef struct request {
    dyn_bytes name;
    dyn_bytes sql; /* without data: the handler is to go */
    dyn_bytes options;
} request;

static dyn_status change_handler(dyn_call *call, dyn_table *table,
                                 const void *context)
{
    const request *asked = context;
    dyn_handler_request made;
    if (asked->sql.data == NULL)
        return dyn_handler_remove(call, table, asked->name);
    DYN_TRY(dyn_handler_request_read(call, asked->name, asked->sql,
                                     asked->options, &made));
    return dyn_handler_make(call, table, &made);
}

static dyn_status read_text(dyn_call *call, sqlite3_value *value,
                            dyn_bytes *out)
{
    if (sqlite3_value_type(value) == SQLITE_NULL) return DYN_OK;
    return bridge_text(call, value, out);
}

static dyn_status run(dyn_call *call, dyn_session *session, int argc,
                      sqlite3_value **argv, dyn_bytes *out)
{
    request asked = {.name = {NULL, 0}};
    dyn_bytes table = {NULL, 0};
    DYN_TRY(bridge_text(call, argv[0], &table));
    DYN_TRY(bridge_text(call, argv[1], &asked.name));
    DYN_TRY(read_text(call, argv[2], &asked.sql));
    if (argc > 3) DYN_TRY(read_text(call, argv[3], &asked.options));
    *out = dyn_bytes_text("ok");
    return change_table(call, session, "dynamo_on_change",
                        (const char *)table.data, change_handler, &asked);
}

static void on_change(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, run);
}

int handler_function_register(sqlite3 *db, dyn_session *session)
{
    static const sql_function functions[] = {
        {"dynamo_on_change", 3, SQLITE_DIRECTONLY, on_change},
        {"dynamo_on_change", 4, SQLITE_DIRECTONLY, on_change},
    };
    return sql_functions_of_session(
        db, functions, sizeof(functions) / sizeof(functions[0]), session);
}
