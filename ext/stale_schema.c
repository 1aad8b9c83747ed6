/* Schemas that are older than their file; the contract is in stale_schema.h. */
#include "stale_schema.h"

#include "bridge.h"
#include "tables.h"

#include "base/exception.h"

static dyn_status prepare(dyn_call *call, sqlite3 *db, const char *format,
                          const char *schema, sqlite3_stmt **out)
{
    char *sql = sqlite3_mprintf(format, schema);
    if (sql == NULL) return dyn_fail_nomem(call);
    int rc = sqlite3_prepare_v2(db, sql, -1, out, NULL);
    sqlite3_free(sql);
    return rc == SQLITE_OK ? DYN_OK : bridge_fail(call, db);
}

/* The version of the schema with which SQLite prepares statements: the third
 * operand of their opcode Transaction. *has_version is false where EXPLAIN
 * shows no such. */
static dyn_status version_in_memory(dyn_call *call, sqlite3 *db,
                                    const char *schema, bool *has_version,
                                    int *version)
{
    enum { OPCODE = 1, THIRD = 4 };
    sqlite3_stmt *opcodes = NULL;
    DYN_TRY(prepare(call, db, "EXPLAIN SELECT 1 FROM \"%w\".sqlite_schema",
                    schema, &opcodes));
    *has_version = false;
    while (!*has_version && sqlite3_step(opcodes) == SQLITE_ROW) {
        const char *opcode = (const char *)sqlite3_column_text(opcodes, OPCODE);
        *has_version = opcode != NULL && strcmp(opcode, "Transaction") == 0;
        if (*has_version) *version = sqlite3_column_int(opcodes, THIRD);
    }
    return sqlite3_finalize(opcodes) == SQLITE_OK ? DYN_OK
                                                  : bridge_fail(call, db);
}

/* Have SQLite read it again. */
static dyn_status read_again(dyn_call *call, sqlite3 *db, const char *schema)
{
    sqlite3_stmt *any = NULL;
    DYN_TRY(prepare(call, db, "SELECT 1 FROM \"%w\".sqlite_schema LIMIT 1",
                    schema, &any));
    sqlite3_step(any);
    if (sqlite3_finalize(any) != SQLITE_OK) return bridge_fail(call, db);
    return dyn_fail_sqlite(call, SQLITE_SCHEMA, sqlite3_errstr(SQLITE_SCHEMA));
}

static dyn_status hold(dyn_call *call, sqlite3 *db, const char *schema,
                       held_schemas *out)
{
    bool has_version = false;
    int in_memory = 0;
    sqlite3_stmt **version = &out->statements[out->count];
    DYN_TRY(version_in_memory(call, db, schema, &has_version, &in_memory));
    DYN_TRY(prepare(call, db, "PRAGMA \"%w\".schema_version", schema, version));
    out->count++;
    if (sqlite3_step(*version) != SQLITE_ROW) return bridge_fail(call, db);
    bool is_stale = has_version && sqlite3_column_int(*version, 0) != in_memory;
    return is_stale ? read_again(call, db, schema) : DYN_OK;
}

dyn_status held_schemas_begin(dyn_call *call, dyn_session *session,
                              held_schemas *out)
{
    const char **schemas = NULL;
    size_t count = 0;
    *out = (held_schemas){NULL, 0};
    DYN_TRY(tables_schemas(call, session, &schemas, &count));
    out->statements = dyn_alloc_zero(call, count, sizeof(sqlite3_stmt *));
    if (out->statements == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(schemas[i], "temp") == 0) continue;
        DYN_TRY(hold(call, session->db, schemas[i], out));
    }
    return DYN_OK;
}

void held_schemas_end(held_schemas *held)
{
    for (size_t i = 0; i < held->count; i++)
        sqlite3_finalize(held->statements[i]);
    held->count = 0;
}
