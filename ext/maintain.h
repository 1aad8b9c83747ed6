/* dynamo_maintain(). */
#ifndef EXT_MAINTAIN_H
#define EXT_MAINTAIN_H

#include "base/sqlite.h"
#include "engine/session.h"

/* Returns a SQLite result code. */
int maintain_register(sqlite3 *db, dyn_session *session);

#endif
