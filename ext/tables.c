/*
 * Finding tables; the contract is in tables.h. SQLite connects a virtual table
 * when a statement that names it is prepared; it is then in the session's list.
 */
#include "tables.h"
#include "bridge.h"

#include "base/buffer.h"

dyn_table *tables_open(const dyn_session *session, const char *schema,
                       const char *name)
{
    for (dyn_table *t = session->tables; t != NULL; t = dyn_table_next(t)) {
        if (sqlite3_stricmp(dyn_table_name(t), name) == 0 &&
            sqlite3_stricmp(dyn_table_schema(t), schema) == 0) {
            return t;
        }
    }
    return NULL;
}

/* Have SQLite connect a virtual table: *out is NULL when it is not there, or no
 * statement can name it. A table that is gone may still be in the session, for
 * prepared statements keep it open. */
dyn_status tables_connect(dyn_call *call, dyn_session *session,
                          const char *schema, const char *name, dyn_table **out)
{
    char *sql =
        sqlite3_mprintf("SELECT 1 FROM \"%w\".\"%w\"('scan')", schema, name);
    if (sql == NULL) return dyn_fail_nomem(call);
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(session->db, sql, -1, &statement, NULL);
    sqlite3_finalize(statement);
    sqlite3_free(sql);
    *out = rc == SQLITE_OK ? tables_open(session, schema, name) : NULL;
    if (rc == SQLITE_OK || rc == SQLITE_ERROR) return DYN_OK;
    return bridge_fail(call, session->db);
}

/* Copy the first column of each row; NULL rows are left out. */
static dyn_status column_texts(dyn_call *call, sqlite3 *db, const char *sql,
                               int column, const char ***texts, size_t *count)
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) {
        return bridge_fail(call, db);
    }
    dyn_buffer all;
    dyn_buffer_begin(&all, call, 16 * sizeof(char *));
    dyn_status status = DYN_OK;
    int rc = SQLITE_ROW;
    while (status == DYN_OK && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *text = (const char *)sqlite3_column_text(statement, column);
        dyn_bytes copy = {NULL, 0};
        if (text == NULL) continue;
        status = dyn_copy(call, dyn_bytes_text(text), &copy);
        dyn_buffer_add(&all, &copy.data, sizeof(copy.data));
    }
    sqlite3_finalize(statement);
    if (status == DYN_OK && rc != SQLITE_DONE) status = bridge_fail(call, db);
    if (status == DYN_OK && all.failed) status = DYN_NOMEM;
    *texts = (const char **)all.data;
    *count = all.size_bytes / sizeof(char *);
    return status;
}

/* Virtual tables of any module: the session tells which are ours. */
static dyn_status list_schema(dyn_call *call, dyn_session *session,
                              const char *schema, dyn_buffer *out)
{
    char *sql = sqlite3_mprintf(
        "SELECT name FROM \"%w\".sqlite_schema WHERE type = 'table' AND "
        "rootpage = 0 AND sql LIKE '%%dynamo%%' ORDER BY name",
        schema);
    if (sql == NULL) return dyn_fail_nomem(call);
    const char **names = NULL;
    size_t count = 0;
    dyn_status status = column_texts(call, session->db, sql, 0, &names, &count);
    sqlite3_free(sql);
    for (size_t i = 0; i < count && status == DYN_OK; i++) {
        dyn_table *table = tables_open(session, schema, names[i]);
        if (table == NULL) {
            status = tables_connect(call, session, schema, names[i], &table);
        }
        if (table == NULL) continue;
        table_name found = {schema, names[i]};
        dyn_buffer_add(out, &found, sizeof(found));
    }
    return status;
}

dyn_status tables_schemas(dyn_call *call, dyn_session *session,
                          const char ***schemas, size_t *count)
{
    return column_texts(call, session->db, "PRAGMA database_list", 1, schemas,
                        count);
}

dyn_status tables_list(dyn_call *call, dyn_session *session,
                       const table_name **names, size_t *count)
{
    const char **schemas = NULL;
    size_t schema_count = 0;
    dyn_buffer all;
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(tables_schemas(call, session, &schemas, &schema_count));
    dyn_buffer_begin(&all, call, 8 * sizeof(table_name));
    for (size_t i = 0; i < schema_count; i++) {
        DYN_TRY(list_schema(call, session, schemas[i], &all));
    }
    DYN_TRY(dyn_buffer_end(&all, &bytes));
    *names = (const table_name *)(const void *)bytes.data;
    *count = bytes.size_bytes / sizeof(table_name);
    return DYN_OK;
}

dyn_status tables_settle(dyn_call *call, dyn_session *session)
{
    dyn_session_settle(session, !sqlite3_get_autocommit(session->db));
    if (!session->must_roll_back || !session->has_left_open)
        return dyn_session_check(call, session);
    dyn_session_settle(session, false);
    if (sqlite3_exec(session->db, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK)
        return DYN_OK;
    return bridge_fail(call, session->db);
}

/* The first row comes before any table is read, but after all transactions have
 * begun. */
dyn_status tables_hold(dyn_call *call, dyn_session *session,
                       struct sqlite3_stmt **hold)
{
    const char **schemas = NULL;
    size_t count = 0;
    *hold = NULL;
    DYN_TRY(tables_settle(call, session));
    DYN_TRY(tables_schemas(call, session, &schemas, &count));
    sqlite3_str *sql = sqlite3_str_new(session->db);
    sqlite3_str_appendall(sql, "SELECT 1");
    for (size_t i = 0; i < count; i++) {
        sqlite3_str_appendf(
            sql, " UNION ALL SELECT 1 FROM \"%w\".sqlite_schema", schemas[i]);
    }
    char *text = sqlite3_str_finish(sql);
    if (text == NULL) return dyn_fail_nomem(call);
    int rc = sqlite3_prepare_v2(session->db, text, -1, hold, NULL);
    sqlite3_free(text);
    if (rc == SQLITE_OK && sqlite3_step(*hold) == SQLITE_ROW) return DYN_OK;
    dyn_status status = bridge_fail(call, session->db);
    sqlite3_finalize(*hold);
    *hold = NULL;
    return status;
}

/* As SQLite resolves a name: temp, then main, then what is attached. */
static dyn_status find_in_schemas(dyn_call *call, dyn_session *session,
                                  const char *name, dyn_table **out)
{
    const char **schemas = NULL;
    size_t count = 0;
    DYN_TRY(tables_schemas(call, session, &schemas, &count));
    for (int is_temp = 1; is_temp >= 0; is_temp--) {
        for (size_t i = 0; i < count && *out == NULL; i++) {
            if ((strcmp(schemas[i], "temp") == 0) != is_temp) continue;
            DYN_TRY(tables_connect(call, session, schemas[i], name, out));
        }
    }
    return DYN_OK;
}

dyn_status tables_find(dyn_call *call, dyn_session *session, const char *name,
                       dyn_table **out)
{
    *out = NULL;
    DYN_TRY(find_in_schemas(call, session, name, out));
    const char *dot = strchr(name, '.');
    if (*out == NULL && dot != NULL) {
        char *schema = dyn_format(call, "%.*s", (int)(dot - name), name);
        if (schema == NULL) return DYN_NOMEM;
        DYN_TRY(tables_connect(call, session, schema, dot + 1, out));
    }
    if (*out != NULL) return DYN_OK;
    return dyn_fail(call, DYN_NOT_FOUND,
                    "%s is no dynamo table: SELECT table_name FROM "
                    "dynamo_tables lists those there are",
                    name);
}

dyn_status tables_join_sql(dyn_call *call, const dyn_table *table,
                           const char **sql)
{
    dyn_bytes column = dyn_table_declared(table)->columns[0].name;
    char *text = sqlite3_mprintf(
        "INSERT INTO \"%w\".\"%w\"(\"%.*w\") SELECT NULL WHERE 0",
        dyn_table_schema(table), dyn_table_name(table), (int)column.size_bytes,
        (const char *)column.data);
    if (text == NULL) return dyn_fail_nomem(call);
    dyn_bytes copy = {NULL, 0};
    dyn_status status = dyn_copy(call, dyn_bytes_text(text), &copy);
    sqlite3_free(text);
    *sql = (const char *)copy.data;
    return status;
}

dyn_status tables_join(dyn_call *call, const dyn_table *table,
                       struct sqlite3_stmt **out)
{
    sqlite3 *db = dyn_table_session(table)->db;
    const char *sql = NULL;
    DYN_TRY(tables_join_sql(call, table, &sql));
    int rc = sqlite3_prepare_v2(db, sql, -1, out, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_step(*out);
        rc = sqlite3_reset(*out);
    }
    return rc == SQLITE_OK ? DYN_OK : bridge_fail(call, db);
}

dyn_status tables_name_failure(dyn_call *call, const dyn_table *table,
                               dyn_status status)
{
    if (status == DYN_OK || status == DYN_NOMEM) return status;
    const char *message = dyn_format(call, "%s", call->error.message);
    if (message == NULL) return DYN_NOMEM;
    return dyn_fail(call, status, "%s: %s", dyn_table_name(table), message);
}
