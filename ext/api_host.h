/* The host of the API (api/host.h): tables by their names, and SQLite's
 * transactions. */
#ifndef EXT_API_HOST_H
#define EXT_API_HOST_H

#include "api/host.h"
#include "base/sqlite.h"
#include "undo.h"

/* What is begun for one operation. */
typedef struct api_host {
    dyn_session *session;
    sqlite3_stmt *hold;   /* a read transaction; owned until the end */
    bool is_checked;      /* writing is allowed here */
    bool has_transaction; /* of its own */
    bool has_savepoint;
    undo_steps undo; /* what rolls back what is begun; owned until the end */
} api_host;

/* Begin serving one operation; out points to host. */
void api_host_begin(api_host *host, dyn_session *session, dyn_host *out);

#endif
