/* Connections; the contracts are in session.h. */
#include "session.h"

dyn_status remote_session_open(dyn_call *call, sqlite3 *db,
                               remote_session **out)
{
    remote_session *session = sqlite3_malloc64(sizeof(*session));
    if (session == NULL) return dyn_fail_nomem(call);
    *session = (remote_session){.references = 1};
    dyn_status status = dyn_session_open(call, db, &session->statements);
    if (status != DYN_OK) {
        sqlite3_free(session);
        return status;
    }
    *out = session;
    return DYN_OK;
}

void remote_session_release(remote_session *session)
{
    if (--session->references > 0) return;
    dyn_session_release(session->statements);
    sqlite3_free(session);
}
