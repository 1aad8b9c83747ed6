/*
 * dynamo_replay(): reads a usage and prices from tables of any kind, in the
 * order of time, and has them replayed (ops/replay_usage.h).
 */
#include "replay_function.h"

#include "bridge.h"
#include "ops/replay_usage.h"
#include "sql_function.h"
#include "tables.h"

#include <ctype.h>

/* -------------------------------------------------------------- sources -- */

/* Rows that somebody names: a table, a view, or a query. */
typedef struct source {
    const char *name; /* for messages */
    char *from;       /* what stands behind FROM; owned */
} source;

/* A call of the function. */
typedef struct replay_run {
    dyn_session *session;
    dyn_replay_plan plan;
    dyn_bytes table; /* as somebody wrote it, then by its own name */
    dyn_bytes index; /* empty: the table itself */
} replay_run;

/* Statements that are queries begin with one of these words. */
static bool is_query(const char *text)
{
    static const char *const words[] = {"SELECT", "VALUES", "WITH"};
    while (isspace((unsigned char)*text))
        text++;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        size_t size = strlen(words[i]);
        if (sqlite3_strnicmp(text, words[i], (int)size) == 0 &&
            (isspace((unsigned char)text[size]) || text[size] == '('))
            return true;
    }
    return false;
}

/* A name has a schema before it where there is a schema of that name. */
static char *name_to_sql(dyn_call *call, sqlite3 *db, const char *name)
{
    const char *dot = strchr(name, '.');
    if (dot != NULL) {
        char *schema = dyn_format(call, "%.*s", (int)(dot - name), name);
        if (schema == NULL) return NULL;
        if (schema[0] != '\0' && sqlite3_txn_state(db, schema) >= 0)
            return sqlite3_mprintf("\"%w\".\"%w\"", schema, dot + 1);
    }
    return sqlite3_mprintf("\"%w\"", name);
}

/* The line ends before the bracket does, for a query may end in a comment. */
static dyn_status find_source(dyn_call *call, sqlite3 *db, const char *text,
                              source *out)
{
    bool is_text = is_query(text);
    out->name = is_text ? "the query" : text;
    out->from =
        is_text ? sqlite3_mprintf("(%s\n)", text) : name_to_sql(call, db, text);
    return out->from != NULL ? DYN_OK : dyn_fail_nomem(call);
}

/* Take over the text of a statement, NULL when there was no memory for it. */
static dyn_status prepare(dyn_call *call, sqlite3 *db, char *sql,
                          sqlite3_stmt **out)
{
    if (sql == NULL) return dyn_fail_nomem(call);
    int rc = sqlite3_prepare_v2(db, sql, -1, out, NULL);
    sqlite3_free(sql);
    return rc == SQLITE_OK ? DYN_OK : bridge_fail(call, db);
}

/* Put what a failure is about before its message. */
static dyn_status prefix_failure(dyn_call *call, const char *what,
                                 dyn_status status)
{
    if (status != DYN_INVALID) return status;
    const char *message = dyn_format(call, "%s", call->error.message);
    if (message == NULL) return DYN_NOMEM;
    return dyn_fail(call, status, "%s: %s", what, message);
}

/* ---------------------------------------------------------------- trace -- */

/* What is asked of which column: the first name that there is. */
typedef enum trace_column {
    TRACE_TIME,
    TRACE_READ,
    TRACE_WRITE,
    TRACE_TABLE,
    TRACE_INDEX,
    TRACE_COLUMNS,
} trace_column;

static const char *const column_names[TRACE_COLUMNS][2] = {
    [TRACE_TIME] = {"time", "minute"},
    [TRACE_READ] = {"read", "read_units"},
    [TRACE_WRITE] = {"write", "write_units"},
    [TRACE_TABLE] = {"table_name", "table_name"},
    [TRACE_INDEX] = {"index_name", "index_name"},
};

/* NULL: it has no such column. */
static const char *find_column(sqlite3_stmt *rows, trace_column column)
{
    for (int name = 0; name < 2; name++) {
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            const char *found = sqlite3_column_name(rows, i);
            if (found != NULL &&
                sqlite3_stricmp(found, column_names[column][name]) == 0)
                return column_names[column][name];
        }
    }
    return NULL;
}

static dyn_status find_columns(dyn_call *call, sqlite3 *db, const source *trace,
                               const char *columns[TRACE_COLUMNS])
{
    sqlite3_stmt *rows = NULL;
    DYN_TRY(prepare(call, db, sqlite3_mprintf("SELECT * FROM %s", trace->from),
                    &rows));
    for (int i = 0; i < TRACE_COLUMNS; i++)
        columns[i] = find_column(rows, (trace_column)i);
    sqlite3_finalize(rows);
    bool has_units =
        columns[TRACE_READ] != NULL || columns[TRACE_WRITE] != NULL;
    if (columns[TRACE_TIME] != NULL && has_units) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "%s: a usage has a column time or minute, and read or "
                    "read_units, or write or write_units, or both",
                    trace->name);
}

/* Seconds since 1970, the time as it is given, units read, units written; only
 * those of the table and the index, where the trace says whose they are. */
static char *trace_sql(const source *trace,
                       const char *const columns[TRACE_COLUMNS])
{
    const char *time = columns[TRACE_TIME];
    const char *read = columns[TRACE_READ];
    const char *write = columns[TRACE_WRITE];
    sqlite3_str *sql = sqlite3_str_new(NULL);
    sqlite3_str_appendf(sql,
                        "SELECT CASE typeof(%s) WHEN 'text' THEN "
                        "CAST(strftime('%%s', %s) AS INTEGER) ELSE %s END, %s",
                        time, time, time, time);
    sqlite3_str_appendf(sql, ", %s, %s FROM %s", read != NULL ? read : "0",
                        write != NULL ? write : "0", trace->from);
    sqlite3_str_appendall(sql, " WHERE ?1 IS ?1 AND ?2 IS ?2");
    if (columns[TRACE_TABLE] != NULL)
        sqlite3_str_appendall(sql, " AND table_name = ?1");
    if (columns[TRACE_INDEX] != NULL)
        sqlite3_str_appendall(sql, " AND nullif(index_name, '') IS ?2");
    sqlite3_str_appendall(sql, " ORDER BY 1");
    return sqlite3_str_finish(sql);
}

static bool is_number(sqlite3_stmt *row, int column)
{
    int type = sqlite3_column_type(row, column);
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static dyn_status read_minute(dyn_call *call, sqlite3_stmt *row,
                              const char *time, int64_t *out)
{
    enum { MINUTE_SECONDS = 60 };
    static const double most = 1e15; /* seconds */
    double seconds = is_number(row, 0) ? sqlite3_column_double(row, 0) : most;
    if (!(seconds > -most && seconds < most)) {
        return dyn_fail(call, DYN_INVALID,
                        "%s is no time: use '2026-01-01 00:00', or seconds "
                        "since 1970",
                        time);
    }
    int64_t whole = (int64_t)seconds;
    if ((double)whole > seconds) whole--;
    *out = whole / MINUTE_SECONDS - (whole % MINUTE_SECONDS < 0);
    return DYN_OK;
}

/* Thousandths; a NULL is no unit. */
static dyn_status read_units(dyn_call *call, sqlite3_stmt *row, int column,
                             const char *time, int64_t *out)
{
    static const double milli = 1000;
    double units = sqlite3_column_double(row, column);
    bool is_null = sqlite3_column_type(row, column) == SQLITE_NULL;
    if ((!is_null && !is_number(row, column)) ||
        !(units >= 0 && units <= DYN_REPLAY_MINUTE_UNITS_MAX)) {
        return dyn_fail(call, DYN_INVALID,
                        "%s: units are a number from 0 to %d", time,
                        DYN_REPLAY_MINUTE_UNITS_MAX);
    }
    *out = (int64_t)(units * milli + 0.5);
    return DYN_OK;
}

static dyn_status add_row(dyn_call *call, sqlite3_stmt *row,
                          dyn_replay_plan *plan)
{
    enum { TIME_BYTES = 64 };
    char time[TIME_BYTES];
    int64_t minute = 0;
    int64_t read_milli = 0;
    int64_t write_milli = 0;
    const char *given = (const char *)sqlite3_column_text(row, 1);
    sqlite3_snprintf(TIME_BYTES, time, "%s", given != NULL ? given : "NULL");
    DYN_TRY(read_minute(call, row, time, &minute));
    DYN_TRY(read_units(call, row, 2, time, &read_milli));
    DYN_TRY(read_units(call, row, 3, time, &write_milli));
    return prefix_failure(
        call, time,
        dyn_replay_plan_add(call, plan, minute, read_milli, write_milli));
}

typedef dyn_status row_reader(dyn_call *call, sqlite3_stmt *row,
                              dyn_replay_plan *plan);

/* What goes wrong with a row is told with the name of the source. */
static dyn_status read_rows(dyn_call *call, replay_run *run, sqlite3_stmt *rows,
                            const source *of, row_reader *reader)
{
    int rc = SQLITE_ROW;
    dyn_status status = DYN_OK;
    while (status == DYN_OK && (rc = sqlite3_step(rows)) == SQLITE_ROW)
        status = reader(call, rows, &run->plan);
    if (status == DYN_OK && rc != SQLITE_DONE)
        return bridge_fail(call, run->session->db);
    return prefix_failure(call, of->name, status);
}

static dyn_status read_trace(dyn_call *call, replay_run *run,
                             const source *trace)
{
    sqlite3 *db = run->session->db;
    sqlite3_stmt *rows = NULL;
    const char *columns[TRACE_COLUMNS];
    DYN_TRY(find_columns(call, db, trace, columns));
    DYN_TRY(prepare(call, db, trace_sql(trace, columns), &rows));
    sqlite3_bind_text(rows, 1, (const char *)run->table.data,
                      (int)run->table.size_bytes, SQLITE_STATIC);
    if (run->index.size_bytes > 0) {
        sqlite3_bind_text(rows, 2, (const char *)run->index.data,
                          (int)run->index.size_bytes, SQLITE_STATIC);
    }
    dyn_status status = read_rows(call, run, rows, trace, add_row);
    sqlite3_finalize(rows);
    return status;
}

/* --------------------------------------------------------------- prices -- */

static dyn_status add_price(dyn_call *call, sqlite3_stmt *row,
                            dyn_replay_plan *plan)
{
    const char *name = (const char *)sqlite3_column_text(row, 0);
    double price = is_number(row, 1) ? sqlite3_column_double(row, 1) : -1;
    return dyn_replay_plan_price(
        call, plan, dyn_bytes_text(name != NULL ? name : "NULL"), price);
}

static dyn_status read_prices(dyn_call *call, replay_run *run,
                              const source *list)
{
    sqlite3_stmt *rows = NULL;
    DYN_TRY(prepare(call, run->session->db,
                    sqlite3_mprintf("SELECT name, price FROM %s", list->from),
                    &rows));
    dyn_status status = read_rows(call, run, rows, list, add_price);
    sqlite3_finalize(rows);
    return status;
}

/* --------------------------------------------------------------- replay -- */

typedef dyn_status source_reader(dyn_call *call, replay_run *run,
                                 const source *of);

static dyn_status read_source(dyn_call *call, replay_run *run, dyn_bytes text,
                              source_reader *reader)
{
    source of = {NULL, NULL};
    DYN_TRY(find_source(call, run->session->db, (const char *)text.data, &of));
    dyn_status status = reader(call, run, &of);
    sqlite3_free(of.from);
    return status;
}

static dyn_status read_declared(dyn_call *call, replay_run *run,
                                dyn_table *table)
{
    DYN_TRY(dyn_table_refresh(call, table));
    const dyn_definition *definition = dyn_table_definition(table);
    dyn_throughput declared = definition->throughput;
    if (run->index.size_bytes > 0) {
        int number = dyn_definition_index(definition, run->index);
        if (number < 0 || definition->indexes[number].is_local) {
            return dyn_fail(call, DYN_NOT_FOUND, "there is no global index %s",
                            (const char *)run->index.data);
        }
        declared =
            dyn_index_throughput(definition, &definition->indexes[number]);
    }
    dyn_replay_plan_declare(&run->plan, &declared);
    return dyn_copy(call, dyn_bytes_text(dyn_table_name(table)), &run->table);
}

static dyn_status find_declared(dyn_call *call, replay_run *run)
{
    dyn_table *table = NULL;
    sqlite3_stmt *hold = NULL;
    DYN_TRY(tables_hold(call, run->session, &hold));
    dyn_status status =
        tables_find(call, run->session, (const char *)run->table.data, &table);
    if (status == DYN_OK) {
        status = read_declared(call, run, table);
        status = tables_name_failure(call, table, status);
    }
    sqlite3_finalize(hold);
    return status;
}

static dyn_status read_settings(dyn_call *call, replay_run *run,
                                sqlite3_value *value)
{
    dyn_bytes settings = {NULL, 0};
    dyn_bytes list = {NULL, 0};
    if (sqlite3_value_type(value) == SQLITE_NULL) return DYN_OK;
    DYN_TRY(bridge_text(call, value, &settings));
    dyn_status status =
        dyn_replay_plan_read(call, settings, &run->plan, &run->index, &list);
    DYN_TRY(prefix_failure(call, "dynamo_replay", status));
    return list.data == NULL ? DYN_OK
                             : read_source(call, run, list, read_prices);
}

static dyn_status replay(dyn_call *call, dyn_session *session, int argc,
                         sqlite3_value **argv, dyn_bytes *out)
{
    enum { TABLE, TRACE, SETTINGS };
    replay_run run = {.session = session};
    dyn_bytes trace = {NULL, 0};
    dyn_replay_plan_begin(call, &run.plan);
    DYN_TRY(bridge_text(call, argv[TABLE], &run.table));
    DYN_TRY(bridge_text(call, argv[TRACE], &trace));
    if (argc > SETTINGS) DYN_TRY(read_settings(call, &run, argv[SETTINGS]));
    DYN_TRY(find_declared(call, &run));
    DYN_TRY(read_source(call, &run, trace, read_trace));
    return dyn_replay_plan_run(call, &run.plan, out);
}

static void replay_function(sqlite3_context *context, int argc,
                            sqlite3_value **argv)
{
    sql_function_call(context, argc, argv, replay);
}

int replay_function_register(sqlite3 *db, dyn_session *session)
{
    static const sql_function functions[] = {
        {"dynamo_replay", 2, SQLITE_DIRECTONLY, replay_function},
        {"dynamo_replay", 3, SQLITE_DIRECTONLY, replay_function},
    };
    return sql_functions_of_session(
        db, functions, sizeof(functions) / sizeof(functions[0]), session);
}
