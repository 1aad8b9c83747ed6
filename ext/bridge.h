/* Between SQLite's types and the engine's. */
#ifndef EXT_BRIDGE_H
#define EXT_BRIDGE_H

#include "base/sqlite.h"
#include "engine/table.h"
#include "item/codec.h"

/* The SQLite code for status; when it is an error, its text, which begins with
 * the name of the table unless that is NULL, replaces *message. */
int bridge_error(const dyn_call *call, dyn_status status, const char *table,
                 char **message);

/* The same as the result of a function. */
void bridge_result_error(sqlite3_context *context, const dyn_call *call,
                         dyn_status status);

/* The same with the exception that a request of the API fails with. */
void bridge_result_exception(sqlite3_context *context, dyn_call *call,
                             dyn_status status);

/* Fail with what SQLite says of its last call: DYN_NOMEM or DYN_SQLITE. */
dyn_status bridge_fail(dyn_call *call, sqlite3 *db);

/* Run statements. Fails as bridge_fail() does. */
dyn_status bridge_run(dyn_call *call, sqlite3 *db, const char *sql);

/* Text of a value as UTF-8, whatever the encoding of the database is; a BLOB is
 * taken for UTF-8. It lives until the value is asked for in another form; a
 * NULL has no data. It may be invalid. Returns whether there was memory for it.
 */
bool bridge_borrow_text(sqlite3_value *value, dyn_bytes *out);

/* Whether a statement that writes is being run. Within one, SQLite begins no
 * savepoint, and would let other writes come between, which it could then not
 * undo. */
bool bridge_is_writing(sqlite3 *db);

/* Text of a value in the memory of call: SQLite's own moves when the value is
 * converted again. Fails with DYN_INVALID when it is not UTF-8. */
dyn_status bridge_text(dyn_call *call, sqlite3_value *value, dyn_bytes *out);

/* The bytes of a BLOB in the memory of call. */
dyn_status bridge_blob(dyn_call *call, sqlite3_value *value, dyn_bytes *out);

/* What a value means in a column, whose type acts as an affinity: a NULL is no
 * value, and *is_null tells. column may be NULL: no affinity. Texts and BLOBs
 * are SQLite's own, and stay until the value is converted again or ends.
 * Fails with DYN_INVALID when the value has no place in an item. */
dyn_status bridge_borrow_value(dyn_call *call, sqlite3_value *value,
                               const dyn_column *column, bool *is_null,
                               dyn_value *out);

/* The same, with all that it has in the memory of call. */
dyn_status bridge_value(dyn_call *call, sqlite3_value *value,
                        const dyn_column *column, bool *is_null,
                        dyn_value *out);

/* A text as the result of a function or a column. */
void bridge_result_text(sqlite3_context *context, dyn_bytes text);

/* An attribute as a column's value. */
void bridge_result_value(sqlite3_context *context, dyn_call *call,
                         const dyn_value *value);

/* A whole item as plain JSON. Fails with DYN_CORRUPT, DYN_NOMEM. */
dyn_status bridge_result_item(sqlite3_context *context, dyn_call *call,
                              const dyn_view *item);

#endif
