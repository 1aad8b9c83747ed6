/* How far copies are; the contracts are in copy_place.h. */
#include "copy_place.h"

#include "base/sqlite_text.h"
#include "bridge.h"

static const char CREATE[] =
    "CREATE TABLE IF NOT EXISTS main._dynamo_copies("
    "source TEXT, target TEXT, state TEXT, items INTEGER, position TEXT, "
    "places INTEGER, started_at TEXT, changed_at TEXT, "
    "PRIMARY KEY(source, target))";
static const char FIND[] =
    "SELECT items, position FROM main._dynamo_copies WHERE source = ?1 AND "
    "target = ?2 AND places = ?3 AND state = 'running'";
static const char BEGIN[] =
    "INSERT OR REPLACE INTO main._dynamo_copies VALUES(?1, ?2, 'running', 0, "
    "NULL, ?3, datetime('now'), datetime('now'))";
static const char STORE[] =
    "UPDATE main._dynamo_copies SET state = ?3, items = ?4, position = ?5, "
    "changed_at = datetime('now') WHERE source = ?1 AND target = ?2";

static bool bind_text(sqlite3_stmt *statement, int number, dyn_bytes text)
{
    dyn_sqlite_text given = dyn_sqlite_text_of(text, SQLITE_TRANSIENT);
    return given.data != NULL &&
           sqlite3_bind_text64(statement, number, given.data, given.size_bytes,
                               given.destructor, given.encoding) == SQLITE_OK;
}

/* A statement of the copy; *out is for the caller to finalize, also after a
 * failure. */
static dyn_status prepare(dyn_call *call, sqlite3 *db, const char *sql,
                          const copy_place *place, sqlite3_stmt **out)
{
    if (sqlite3_prepare_v2(db, sql, -1, out, NULL) != SQLITE_OK)
        return bridge_fail(call, db);
    bool is_bound = bind_text(*out, 1, dyn_bytes_text(place->source)) &&
                    bind_text(*out, 2, dyn_bytes_text(place->target));
    return is_bound ? DYN_OK : dyn_fail_nomem(call);
}

static dyn_status run(dyn_call *call, sqlite3 *db, sqlite3_stmt *statement)
{
    return sqlite3_step(statement) == SQLITE_DONE ? DYN_OK
                                                  : bridge_fail(call, db);
}

static dyn_status read_position(dyn_call *call, sqlite3_stmt *statement,
                                copy_place *place)
{
    const void *text = sqlite3_column_text(statement, 1);
    place->items = sqlite3_column_int64(statement, 0);
    if (text == NULL) return DYN_OK;
    dyn_bytes position = {text, (size_t)sqlite3_column_bytes(statement, 1)};
    return dyn_copy(call, position, &place->position);
}

/* *is_there tells whether the copy has been begun. */
static dyn_status find(dyn_call *call, sqlite3 *db, copy_place *place,
                       bool *is_there)
{
    sqlite3_stmt *statement = NULL;
    dyn_status status = prepare(call, db, FIND, place, &statement);
    if (status == DYN_OK) {
        sqlite3_bind_int64(statement, 3, (sqlite3_int64)place->places);
        int rc = sqlite3_step(statement);
        *is_there = rc == SQLITE_ROW;
        if (rc == SQLITE_ROW) {
            status = read_position(call, statement, place);
        } else if (rc != SQLITE_DONE) {
            status = bridge_fail(call, db);
        }
    }
    sqlite3_finalize(statement);
    return status;
}

static dyn_status begin(dyn_call *call, sqlite3 *db, const copy_place *place)
{
    sqlite3_stmt *statement = NULL;
    dyn_status status = prepare(call, db, BEGIN, place, &statement);
    if (status == DYN_OK) {
        sqlite3_bind_int64(statement, 3, (sqlite3_int64)place->places);
        status = run(call, db, statement);
    }
    sqlite3_finalize(statement);
    return status;
}

dyn_status copy_place_find(dyn_call *call, sqlite3 *db, copy_place *place)
{
    bool is_there = false;
    place->items = 0;
    place->position = (dyn_bytes){NULL, 0};
    place->is_done = false;
    DYN_TRY(bridge_run(call, db, CREATE));
    DYN_TRY(find(call, db, place, &is_there));
    return is_there ? DYN_OK : begin(call, db, place);
}

dyn_status copy_place_store(dyn_call *call, sqlite3 *db,
                            const copy_place *place)
{
    sqlite3_stmt *statement = NULL;
    dyn_status status = prepare(call, db, STORE, place, &statement);
    if (status == DYN_OK) {
        dyn_bytes state = dyn_bytes_text(place->is_done ? "done" : "running");
        sqlite3_bind_int64(statement, 4, place->items);
        bool is_bound =
            bind_text(statement, 3, state) &&
            (place->is_done || bind_text(statement, 5, place->position));
        status = is_bound ? run(call, db, statement) : dyn_fail_nomem(call);
    }
    sqlite3_finalize(statement);
    return status;
}
