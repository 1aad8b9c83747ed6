/*
 * Entry point of the loadable extension: registers the modules and functions
 * of ext/. Start reading here.
 */
#include "dynamo.h"

#include "api_function.h"
#include "backup_functions.h"
#include "bridge.h"
#include "dax_vtab.h"
#include "estimate.h"
#include "functions.h"
#include "handler_function.h"
#include "item_functions.h"
#include "kept.h"
#include "look_vtab.h"
#include "maintain.h"
#include "replay_function.h"
#include "stream_vtab.h"
#include "table_vtab.h"
#include "text_order.h"
#include "transfer_function.h"

#include <sqlite3ext.h>
SQLITE_EXTENSION_INIT1

enum { SQLITE_VERSION_MIN = 3038000 };

/* Registering again would part the functions from the tables that are open. */
static bool is_registered(sqlite3 *db)
{
    sqlite3_stmt *statement = NULL;
    int rc =
        sqlite3_prepare_v2(db, "SELECT dynamo_version()", -1, &statement, NULL);
    sqlite3_finalize(statement);
    if (rc == SQLITE_OK) return true;
    /* an error left in db would fail the sqlite3_open() that runs this as an
     * automatic extension */
    sqlite3_prepare_v2(db, "SELECT 1", -1, &statement, NULL);
    sqlite3_finalize(statement);
    return false;
}

static int register_all(sqlite3 *db, dyn_session *session)
{
    int rc = text_order_register(db);
    if (rc == SQLITE_OK) rc = look_vtab_register(db, session);
    if (rc == SQLITE_OK) rc = stream_vtab_register(db, session);
    if (rc == SQLITE_OK) rc = dax_vtab_register(db, session);
    if (rc == SQLITE_OK) rc = functions_register(db, session);
    if (rc == SQLITE_OK) rc = maintain_register(db, session);
    if (rc == SQLITE_OK) rc = handler_function_register(db, session);
    if (rc == SQLITE_OK) rc = item_functions_register(db);
    if (rc == SQLITE_OK) rc = api_function_register(db, session);
    if (rc == SQLITE_OK) rc = backup_functions_register(db, session);
    if (rc == SQLITE_OK) rc = estimate_register(db, session);
    if (rc == SQLITE_OK) rc = replay_function_register(db, session);
    if (rc == SQLITE_OK) rc = transfer_function_register(db, session);
    if (rc == SQLITE_OK) {
        session->references++;
        rc = kept_register(db, session);
    }
    if (rc == SQLITE_OK) {
        session->references++;
        rc = table_vtab_register(db, session);
    }
    return rc;
}

__attribute__((visibility("default"))) int
sqlite3_dynamo_init(sqlite3 *db, char **message,
                    const sqlite3_api_routines *api)
{
    (void)api;
    SQLITE_EXTENSION_INIT2(api);
    if (sqlite3_libversion_number() < SQLITE_VERSION_MIN) {
        if (message != NULL) {
            *message = sqlite3_mprintf("dynamo needs SQLite 3.38 or newer; "
                                       "this is %s",
                                       sqlite3_libversion());
        }
        return SQLITE_ERROR;
    }
    if (is_registered(db)) return SQLITE_OK;
    dyn_call call;
    dyn_session *session = NULL;
    dyn_call_begin(&call);
    dyn_status status = dyn_session_open(&call, db, &session);
    dyn_call_end(&call);
    if (status != DYN_OK) return SQLITE_NOMEM;
    int rc = register_all(db, session);
    dyn_session_release(session);
    if (rc != SQLITE_OK && message != NULL) {
        *message = sqlite3_mprintf("dynamo cannot add its functions: %s",
                                   sqlite3_errmsg(db));
    }
    return rc;
}
