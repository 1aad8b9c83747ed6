/* Sides of a copy; the contracts are in copy_side.h. */
#include "copy_side.h"

#include "base/sqlite_text.h"
#include "bridge.h"
#include "item/key.h"
#include "table.h"

#include <ctype.h>

/* --------------------------------------------------------------- opening -- */

/* The name behind `temp.`, which remote tables need not have. */
static const char *own_name(const char *name)
{
    static const char schema[] = "temp.";
    size_t schema_bytes = sizeof(schema) - 1;
    return sqlite3_strnicmp(name, schema, (int)schema_bytes) == 0
               ? name + schema_bytes
               : name;
}

/* Have SQLite connect the table of that name in temp, if there is one. */
static dyn_status connect(dyn_call *call, copy_side *side, const char *name)
{
    static const char no_table[] = "no such table";
    sqlite3 *db = side->session->statements->db;
    char *sql = sqlite3_mprintf("SELECT 1 FROM temp.\"%w\"", name);
    if (sql == NULL) return dyn_fail_nomem(call);
    int rc = sqlite3_prepare_v2(db, sql, -1, &side->connect, NULL);
    sqlite3_free(sql);
    bool is_there = rc == SQLITE_OK || strncmp(sqlite3_errmsg(db), no_table,
                                               sizeof(no_table) - 1) != 0;
    return rc == SQLITE_OK || !is_there ? DYN_OK : bridge_fail(call, db);
}

static dyn_status open_api(dyn_call *call, copy_side *side)
{
    sqlite3 *db = side->session->statements->db;
    int rc = sqlite3_prepare_v2(db, "SELECT dynamo_api(?1, ?2)", -1, &side->api,
                                NULL);
    side->table = side->name;
    if (rc == SQLITE_OK) return DYN_OK;
    if (rc == SQLITE_NOMEM) return dyn_fail_nomem(call);
    return dyn_fail(call, DYN_NOT_FOUND,
                    "dynamo_copy: %s is no remote table; for tables of a file "
                    "load the extension dynamo, too",
                    side->name);
}

dyn_status copy_side_open(dyn_call *call, remote_session *session,
                          const char *name, copy_side *out)
{
    *out = (copy_side){.session = session, .name = name};
    DYN_TRY(connect(call, out, own_name(name)));
    if (out->connect != NULL)
        out->remote = remote_table_named(session, own_name(name));
    if (out->remote == NULL) return open_api(call, out);
    out->table = out->remote->settings.table;
    return DYN_OK;
}

void copy_side_close(copy_side *side)
{
    sqlite3_finalize(side->api);
    sqlite3_finalize(side->connect);
}

/* -------------------------------------------------------------- requests -- */

static dyn_status bind_text(dyn_call *call, copy_side *side, int number,
                            dyn_bytes text)
{
    dyn_sqlite_text given = dyn_sqlite_text_of(text, SQLITE_STATIC);
    if (given.data == NULL) return dyn_fail_nomem(call);
    int rc =
        sqlite3_bind_text64(side->api, number, given.data, given.size_bytes,
                            given.destructor, given.encoding);
    return rc == SQLITE_OK ? DYN_OK
                           : bridge_fail(call, side->session->statements->db);
}

/* How much of a message is the name of an exception: a word, before a colon. */
static size_t exception_bytes(const char *message)
{
    size_t size = 0;
    while (isalpha((unsigned char)message[size]))
        size++;
    bool is_name = size > 0 && message[size] == ':' && message[size + 1] == ' ';
    return is_name ? size + 2 : 0;
}

/* With the exception that dynamo_api() has failed with, and SQLite's code. */
static dyn_status fail_here(dyn_call *call, sqlite3 *db)
{
    int code = sqlite3_extended_errcode(db);
    if (exception_bytes(sqlite3_errmsg(db)) == 0) return bridge_fail(call, db);
    const char *text = dyn_format(call, "%s", sqlite3_errmsg(db));
    if (text == NULL) return DYN_NOMEM;
    dyn_fail_text(call, DYN_SQLITE, text);
    call->error.sqlite_code = code;
    call->error.name = "";
    return DYN_SQLITE;
}

/* Which of the tables it is about, behind the exception. */
static dyn_status name_failure(dyn_call *call, const copy_side *side,
                               dyn_status status)
{
    if (status == DYN_OK || status == DYN_NOMEM) return status;
    dyn_error error = call->error;
    const char *said = error.text != NULL ? error.text : error.message;
    bool has_name = error.name != NULL && error.name[0] == '\0';
    size_t name_bytes = has_name ? exception_bytes(said) : 0;
    const char *text = dyn_format(call, "%.*s%s: %s", (int)name_bytes, said,
                                  side->name, said + name_bytes);
    if (text == NULL) return DYN_NOMEM;
    dyn_fail_text(call, status, text);
    call->error.name = error.name;
    call->error.members = error.members;
    return status;
}

static dyn_status step(dyn_call *call, copy_side *side, dyn_bytes *out)
{
    sqlite3 *db = side->session->statements->db;
    if (sqlite3_step(side->api) != SQLITE_ROW) return fail_here(call, db);
    const void *text = sqlite3_column_text(side->api, 0);
    if (text == NULL) return dyn_fail_nomem(call);
    dyn_bytes answer = {text, (size_t)sqlite3_column_bytes(side->api, 0)};
    return dyn_copy(call, answer, out);
}

static dyn_status send_here(dyn_call *call, copy_side *side,
                            const char *operation, dyn_bytes request,
                            const dyn_json **out)
{
    dyn_bytes answer = {NULL, 0};
    dyn_status status = bind_text(call, side, 1, dyn_bytes_text(operation));
    if (status == DYN_OK) status = bind_text(call, side, 2, request);
    if (status == DYN_OK) status = step(call, side, &answer);
    sqlite3_reset(side->api);
    sqlite3_clear_bindings(side->api);
    if (status != DYN_OK) return status;
    return dyn_json_parse(call, answer, DYN_JSON_DEPTH_MAX, out);
}

dyn_status copy_side_send(dyn_call *call, copy_side *side,
                          const char *operation, dyn_bytes request,
                          const dyn_json **out)
{
    dyn_status status =
        side->remote != NULL
            ? remote_table_send(call, side->remote, operation, request, out)
            : send_here(call, side, operation, request, out);
    return name_failure(call, side, status);
}

uint64_t copy_side_place(dyn_call *call, const copy_side *side)
{
    if (side->remote == NULL) return 0;
    const remote_settings *settings = &side->remote->settings;
    const char *place = dyn_format(call, "%s %s %s", settings->endpoint,
                                   settings->region, settings->table);
    return place == NULL ? 0 : dyn_key_digest(dyn_bytes_text(place));
}

dyn_status copy_side_wait(dyn_call *call, copy_side *side, int64_t tries,
                          bool *is_over)
{
    *is_over = side->remote == NULL ||
               tries >= remote_service_attempts(side->remote->service);
    if (*is_over) return DYN_OK;
    return remote_service_wait(call, side->remote->service, tries);
}
