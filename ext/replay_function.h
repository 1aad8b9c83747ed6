/* dynamo_replay(): a recorded usage under other settings. */
#ifndef EXT_REPLAY_FUNCTION_H
#define EXT_REPLAY_FUNCTION_H

#include "base/sqlite.h"
#include "engine/session.h"

/* Register the function with a connection. Returns a SQLite code. */
int replay_function_register(sqlite3 *db, dyn_session *session);

#endif
