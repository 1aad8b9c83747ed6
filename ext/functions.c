/* SQL functions: each converts its arguments, makes one call, and converts the
 * result back. */
#include "functions.h"

#include "base/clock.h"
#include "bridge.h"
#include "change_table.h"
#include "dynamo.h"
#include "engine/declaration.h"
#include "ops/alter_table.h"
#include "ops/check.h"
#include "ops/table_heatmap.h"
#include "replicas.h"
#include "sql_function.h"
#include "tables.h"
#include "times.h"

static void version(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    (void)argc, (void)argv;
    sqlite3_result_text(context, DYNAMO_VERSION, -1, SQLITE_STATIC);
}

/* ---------------------------------------------------------------- tables -- */

static dyn_status cost_json(dyn_call *call, dyn_session *session, int argc,
                            sqlite3_value **argv, dyn_bytes *out)
{
    (void)argc, (void)argv;
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 256);
    dyn_cost_to_json(&text, &session->cost);
    return dyn_buffer_end(&text, out);
}

static void cost(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, cost_json);
}

static dyn_status check_report(dyn_call *call, dyn_session *session, int argc,
                               sqlite3_value **argv, dyn_bytes *out)
{
    (void)argc;
    dyn_table *table = NULL;
    dyn_bytes name = {NULL, 0};
    sqlite3_stmt *hold = NULL;
    DYN_TRY(bridge_text(call, argv[0], &name));
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status =
        tables_find(call, session, (const char *)name.data, &table);
    if (status == DYN_OK) status = dyn_check_table(call, table, out);
    sqlite3_finalize(hold);
    return status;
}

static void check(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, check_report);
}

/* CREATE VIRTUAL TABLE of a table as it is now, with what was altered since. */
static dyn_status print_table(dyn_call *call, const dyn_table *table,
                              dyn_bytes *out)
{
    const char *const *arguments = NULL;
    size_t count = 0;
    dyn_buffer text;
    DYN_TRY(dyn_declaration_print_all(call, dyn_table_definition(table),
                                      &arguments, &count));
    dyn_buffer_begin(&text, call, 512);
    dyn_buffer_add_text(&text, "CREATE VIRTUAL TABLE ");
    dyn_declaration_print_name(&text, dyn_bytes_text(dyn_table_name(table)));
    dyn_buffer_add_text(&text, " USING dynamo(");
    for (size_t i = 0; i < count; i++) {
        dyn_buffer_add_text(&text, i == 0 ? "" : ", ");
        dyn_buffer_add_text(&text, arguments[i]);
    }
    dyn_buffer_add_byte(&text, ')');
    return dyn_buffer_end(&text, out);
}

static dyn_status declaration_text(dyn_call *call, dyn_session *session,
                                   int argc, sqlite3_value **argv,
                                   dyn_bytes *out)
{
    (void)argc;
    dyn_table *table = NULL;
    dyn_bytes name = {NULL, 0};
    sqlite3_stmt *hold = NULL;
    DYN_TRY(bridge_text(call, argv[0], &name));
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status =
        tables_find(call, session, (const char *)name.data, &table);
    if (status == DYN_OK) status = dyn_table_refresh(call, table);
    if (status == DYN_OK) status = print_table(call, table, out);
    sqlite3_finalize(hold);
    return status;
}

static void declaration(sqlite3_context *context, int argc,
                        sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, declaration_text);
}

/* The second argument, if there is one, has options; NULL has none. */
static dyn_status heatmap_svg(dyn_call *call, dyn_session *session, int argc,
                              sqlite3_value **argv, dyn_bytes *out)
{
    dyn_table *table = NULL;
    dyn_bytes name = {NULL, 0};
    dyn_bytes options = {NULL, 0};
    sqlite3_stmt *hold = NULL;
    DYN_TRY(bridge_text(call, argv[0], &name));
    if (argc > 1 && sqlite3_value_type(argv[1]) != SQLITE_NULL)
        DYN_TRY(bridge_text(call, argv[1], &options));
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status =
        tables_find(call, session, (const char *)name.data, &table);
    if (status == DYN_OK) {
        status = dyn_table_refresh(call, table);
        if (status == DYN_OK)
            status = dyn_table_heatmap(call, table, options, out);
        status = tables_name_failure(call, table, status);
    }
    sqlite3_finalize(hold);
    return status;
}

static void heatmap(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, heatmap_svg);
}

static dyn_status alter_by_text(dyn_call *call, dyn_table *table,
                                const void *change)
{
    dyn_alteration alteration;
    DYN_TRY(dyn_alteration_read(call, table, change, &alteration));
    return dyn_alter_table(call, table, &alteration);
}

static dyn_status alter_text(dyn_call *call, dyn_session *session, int argc,
                             sqlite3_value **argv, dyn_bytes *out)
{
    (void)argc;
    dyn_bytes name = {NULL, 0};
    dyn_bytes change = {NULL, 0};
    bool is_replica = false;
    dyn_replica_request replica;
    DYN_TRY(bridge_text(call, argv[0], &name));
    DYN_TRY(bridge_text(call, argv[1], &change));
    DYN_TRY(dyn_replica_request_read(call, change, &is_replica, &replica));
    if (is_replica) {
        DYN_TRY(
            replicas_change(call, session, (const char *)name.data, &replica));
        return dyn_copy(call, dyn_bytes_text("ok"), out);
    }
    DYN_TRY(change_table(call, session, "dynamo_alter", (const char *)name.data,
                         alter_by_text, change.data));
    return dyn_copy(call, dyn_bytes_text("ok"), out);
}

static void alter(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, alter_text);
}

/* ---------------------------------------------------------------- memory -- */

static dyn_status set_cache_bytes(dyn_call *call, sqlite3_value *value)
{
    static const int64_t most = INT64_C(1) << 40;
    int64_t bytes = sqlite3_value_int64(value);
    if (sqlite3_value_type(value) != SQLITE_INTEGER || bytes < 0 ||
        bytes > most) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo_cache_bytes() takes a whole number of bytes "
                        "from 0 to %lld",
                        (long long)most);
    }
    dyn_leaf_cache_set_limit(bytes);
    return DYN_OK;
}

static void cache_bytes(sqlite3_context *context, int argc,
                        sqlite3_value **argv)
{
    dyn_call call;
    dyn_call_begin(&call);
    dyn_status status = argc > 0 ? set_cache_bytes(&call, argv[0]) : DYN_OK;
    if (status == DYN_OK)
        sqlite3_result_int64(context, dyn_leaf_cache_limit());
    else
        bridge_result_error(context, &call, status);
    dyn_call_end(&call);
}

/* ----------------------------------------------------------------- clock -- */

static dyn_status set_clock(dyn_call *call, sqlite3 *db, sqlite3_value *value)
{
    bool is_move = false;
    int64_t ms = 0;
    DYN_TRY(times_read(call, db, "dynamo_clock", ", '+5 minutes' or NULL",
                       value, &is_move, &ms));
    if (is_move) {
        dyn_clock_move(ms);
    } else {
        dyn_clock_freeze(ms);
    }
    return DYN_OK;
}

static dyn_status clock_function(dyn_call *call, dyn_session *session, int argc,
                                 sqlite3_value **argv, dyn_bytes *out)
{
    if (argc > 0 && session->is_estimating) {
        return dyn_fail(call, DYN_INVALID,
                        "dynamo_clock: an estimate does not set the clock");
    }
    if (argc > 0 && sqlite3_value_type(argv[0]) == SQLITE_NULL) {
        dyn_clock_release();
    } else if (argc > 0) {
        DYN_TRY(set_clock(call, session->db, argv[0]));
    }
    return times_now_text(call, session->db, out);
}

static void clock_sql(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, clock_function);
}

/* ---------------------------------------------------------- registration -- */

static const sql_function functions[] = {
    {"dynamo_version", 0, SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, version},
    {"dynamo_cost", 0, SQLITE_INNOCUOUS, cost},
    {"dynamo_check", 1, SQLITE_DIRECTONLY, check},
    {"dynamo_declaration", 1, SQLITE_DIRECTONLY, declaration},
    {"dynamo_heatmap", 1, SQLITE_DIRECTONLY, heatmap},
    {"dynamo_heatmap", 2, SQLITE_DIRECTONLY, heatmap},
    {"dynamo_alter", 2, SQLITE_DIRECTONLY, alter},
    {"dynamo_cache_bytes", 0, SQLITE_INNOCUOUS, cache_bytes},
    {"dynamo_cache_bytes", 1, SQLITE_DIRECTONLY, cache_bytes},
    {"dynamo_clock", 0, SQLITE_INNOCUOUS, clock_sql},
    {"dynamo_clock", 1, SQLITE_DIRECTONLY, clock_sql},
};

int functions_register(sqlite3 *db, dyn_session *session)
{
    return sql_functions_of_session(
        db, functions, sizeof(functions) / sizeof(functions[0]), session);
}
