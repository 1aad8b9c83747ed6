/* Module `dynamo_remote`: CREATE VIRTUAL TABLE temp.t USING
 * dynamo_remote(...). */
#ifndef REMOTE_REMOTE_VTAB_H
#define REMOTE_REMOTE_VTAB_H

#include "session.h"

/* Takes over the reference to session, also when it fails. */
int remote_vtab_register(sqlite3 *db, remote_session *session);

#endif
