/* Columns of tables; the contracts are in table_columns.h. */
#include "table_columns.h"

#include "bridge.h"
#include "text_order.h"

static const char *const hidden_names[HIDDEN_COUNT] = {
    [HIDDEN_MODE] = "mode",
    [HIDDEN_CONDITION] = "condition",
    [HIDDEN_ITEM] = "item",
    [HIDDEN_KEY] = "dynamo_key",
};

/* The names of columns so far. */
typedef struct column_names {
    const char **names;
    size_t count;
} column_names;

/* Whether there is a column of that name. SQLite ignores the case of names. */
static bool is_taken(const column_names *columns, const char *name)
{
    for (size_t i = 0; i < columns->count; i++) {
        if (sqlite3_stricmp(columns->names[i], name) == 0) return true;
    }
    return false;
}

/* Add a column, whose name gets underscores until no other one has it. */
static dyn_status add_column(dyn_call *call, column_names *columns,
                             sqlite3_str *sql, const char *name,
                             const char *type)
{
    while (is_taken(columns, name)) {
        name = dyn_format(call, "%s_", name);
        if (name == NULL) return DYN_NOMEM;
    }
    sqlite3_str_appendf(sql, "%s\"%w\" %s", columns->count > 0 ? ", " : "",
                        name, type);
    columns->names[columns->count++] = name;
    return DYN_OK;
}

static const char *affinity(const dyn_column *column)
{
    if (!column->has_type) return "";
    if (column->type == DYN_TYPE_S) return "TEXT";
    return column->type == DYN_TYPE_N ? "NUMERIC" : "BLOB";
}

static dyn_status add_attribute(dyn_call *call, column_names *columns,
                                sqlite3_str *sql, const dyn_column *attribute)
{
    return add_column(call, columns, sql, (const char *)attribute->name.data,
                      affinity(attribute));
}

static dyn_status add_columns(dyn_call *call, sqlite3_str *sql,
                              const dyn_definition *declared,
                              const char *collation)
{
    column_names columns = {.count = 0};
    columns.names = dyn_alloc(call, (declared->attribute_count + HIDDEN_COUNT) *
                                        sizeof(char *));
    if (columns.names == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < declared->column_count; i++) {
        DYN_TRY(add_attribute(call, &columns, sql, &declared->columns[i]));
        if (!text_order_is_binary(collation))
            sqlite3_str_appendf(sql, " COLLATE %s", collation);
    }
    for (int i = 0; i < HIDDEN_COUNT; i++) {
        DYN_TRY(
            add_column(call, &columns, sql, hidden_names[i],
                       i == HIDDEN_KEY ? "BLOB HIDDEN PRIMARY KEY" : "HIDDEN"));
    }
    for (size_t i = declared->column_count; i < declared->attribute_count;
         i++) {
        DYN_TRY(add_attribute(call, &columns, sql, &declared->columns[i]));
        sqlite3_str_appendall(sql, " HIDDEN");
    }
    return DYN_OK;
}

dyn_status table_declare(dyn_call *call, sqlite3 *db,
                         const dyn_definition *declared, const char *collation)
{
    sqlite3_str *sql = sqlite3_str_new(db);
    sqlite3_str_appendall(sql, "CREATE TABLE x(");
    dyn_status status = add_columns(call, sql, declared, collation);
    sqlite3_str_appendall(sql, ") WITHOUT ROWID");
    char *text = sqlite3_str_finish(sql);
    if (status != DYN_OK || text == NULL) {
        sqlite3_free(text);
        return dyn_fail_nomem(call);
    }
    int rc = sqlite3_declare_vtab(db, text);
    sqlite3_free(text);
    return rc == SQLITE_OK ? DYN_OK : bridge_fail(call, db);
}

static void begins_with(sqlite3_context *context, int argc,
                        sqlite3_value **argv)
{
    (void)argc;
    dyn_bytes text = {NULL, 0};
    dyn_bytes prefix = {NULL, 0};
    if (!bridge_borrow_text(argv[0], &text) ||
        !bridge_borrow_text(argv[1], &prefix)) {
        sqlite3_result_error_nomem(context);
        return;
    }
    if (text.data == NULL || prefix.data == NULL) return; /* NULL */
    sqlite3_result_int(context, dyn_bytes_begin_with(text, prefix));
}

/* begins_with(column, text) reaches xBestIndex as a constraint. */
int table_find_function(sqlite3_vtab *vtab, int argc, const char *name,
                        void (**function)(sqlite3_context *, int,
                                          sqlite3_value **),
                        void **argument)
{
    (void)vtab;
    if (argc != 2 || sqlite3_stricmp(name, "begins_with") != 0) return 0;
    *function = begins_with;
    *argument = NULL;
    return COLUMN_OP_BEGINS_WITH;
}

int table_columns_register(sqlite3 *db)
{
    int rc = sqlite3_create_function_v2(db, "begins_with", 2,
                                        SQLITE_UTF8 | SQLITE_DETERMINISTIC |
                                            SQLITE_INNOCUOUS,
                                        NULL, begins_with, NULL, NULL, NULL);
    return rc == SQLITE_BUSY ? SQLITE_OK : rc;
}
