/* What the SQL functions of a connection have in common: how they are
 * registered, and how most of them are called. */
#ifndef EXT_SQL_FUNCTION_H
#define EXT_SQL_FUNCTION_H

#include "base/sqlite.h"
#include "engine/session.h"

typedef struct sql_function {
    const char *name;
    int argc;
    int flags; /* SQLITE_DIRECTONLY, SQLITE_INNOCUOUS, ... */
    void (*function)(sqlite3_context *context, int argc, sqlite3_value **argv);
} sql_function;

/* What functions find with sqlite3_user_data(). Each of them holds a reference
 * to it. */
typedef struct sql_function_data {
    void *data;
    int *references;
    void (*release)(void *data);
} sql_function_data;

/* Register functions with a connection. Returns a SQLite code. */
int sql_functions_register(sqlite3 *db, const sql_function *functions,
                           size_t count, const sql_function_data *data);

/* The same for those that find the session. */
int sql_functions_of_session(sqlite3 *db, const sql_function *functions,
                             size_t count, dyn_session *session);

/* A body that makes a text, or none, or fails. */
typedef dyn_status sql_function_text(dyn_call *call, dyn_session *session,
                                     int argc, sqlite3_value **argv,
                                     dyn_bytes *out);

/* Call a function of a session: its text, NULL or error becomes the result. The
 * tables that it finds are there until it ends. */
void sql_function_call(sqlite3_context *context, int argc, sqlite3_value **argv,
                       sql_function_text *function);

#endif
