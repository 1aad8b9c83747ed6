/*
 * dynamo_stream('orders'): the changes of a table, in the order of commits.
 *
 *   CREATE TABLE dynamo_stream(
 *     sequence,   of the change; rises
 *     time,       2026-01-20 09:30:00.000, UTC
 *     shard,      part of the stream that it is in
 *     event,      INSERT, MODIFY, REMOVE
 *     key,        JSON
 *     old, new,   JSON; NULL when the view has none, or there is no item
 *     actor       user, ttl
 *   )
 *
 * Conditions of sequence and time are answered by reading that part of the log.
 * Records of another shard, or another key, are passed over without being
 * decoded; a key is compared as an item, so its JSON may be written in any way.
 */
#ifndef EXT_STREAM_VTAB_H
#define EXT_STREAM_VTAB_H

#include "base/sqlite.h"
#include "engine/session.h"

/* The session is borrowed, with a reference of its own. Returns a code of
 * SQLite. */
int stream_vtab_register(sqlite3 *db, dyn_session *session);

#endif
