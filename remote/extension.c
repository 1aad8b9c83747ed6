/*
 * Entry point of the extension dynamo_remote, which works with and without the
 * extension dynamo beside it. Start reading here.
 */
#include "remote.h"

#include "functions.h"
#include "remote_vtab.h"

#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1

enum { SQLITE_VERSION_MIN = 3038000 };

/* Registering again would part the functions from the tables that are open. The
 * function that is asked for is registered last. */
static bool is_registered(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    int rc = sqlite3_prepare_v2(db, "SELECT dynamo_remote_cost()", -1,
                                &statement, NULL);
    sqlite3_finalize(statement);
    if (rc == SQLITE_OK) return true;
    sqlite3_prepare_v2(db, "SELECT 1", -1, &statement, NULL);
    sqlite3_finalize(statement);
    return false;
}

__attribute__((visibility("default"))) int
sqlite3_dynamoremote_init(sqlite3 *db, char **message,
                          const sqlite3_api_routines *api)
{
    (void)api;
    SQLITE_EXTENSION_INIT2(api);
    if (sqlite3_libversion_number() < SQLITE_VERSION_MIN) {
        if (message != NULL) {
            *message = sqlite3_mprintf("dynamo_remote needs SQLite 3.38 or "
                                       "newer; this is %s",
                                       sqlite3_libversion());
        }
        return SQLITE_ERROR;
    }
    if (is_registered(db)) return SQLITE_OK;
    dyn_call call;
    remote_session *session = NULL;
    dyn_call_begin(&call);
    dyn_status status = remote_session_open(&call, db, &session);
    dyn_call_end(&call);
    if (status != DYN_OK) return SQLITE_NOMEM;
    session->references++;
    int rc = remote_vtab_register(db, session);
    if (rc == SQLITE_OK) rc = functions_register(db, session);
    remote_session_release(session);
    return rc;
}
