/*
 * Errors as the two faces have them: DynamoDB's API a name, a message, and
 * members; SQL a code of SQLite's. docs/errors.md has both in tables.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_EXCEPTION_H
#define DYN_BASE_EXCEPTION_H

#include "base/call.h"

/* DynamoDB's name of what error says: error->name, or the usual one of its
 * status, or of what SQLite refused. A literal. */
const char *dyn_exception_name(const dyn_error *error);

/* Whether the name stands in messages of SQL, because SQLite's code is that of
 * other failures, too. */
bool dyn_exception_is_told(const dyn_error *error);

/* SQLite's code of it. */
int dyn_exception_code(const dyn_error *error);

/* The text of call's error: `ExceptionName: message` and, where it has members,
 * a second line with them as a JSON object, which is what error.members is.
 * In the memory of call, or a literal when there is none. */
const char *dyn_exception_text(dyn_call *call);

/* dyn_fail(call, DYN_INVALID, ...), under another name, which is a literal. */
dyn_status dyn_fail_as(dyn_call *call, const char *name, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));

/* Fail with DYN_NOMEM or DYN_SQLITE, as SQLite did with an error code, extended
 * or not, and a message, behind which stands then what can be done. */
dyn_status dyn_fail_sqlite(dyn_call *call, int code, const char *message);

#endif
