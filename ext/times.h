/* Times as arguments of SQL functions. */
#ifndef EXT_TIMES_H
#define EXT_TIMES_H

#include "base/call.h"
#include "base/sqlite.h"

/* The time that an argument of a function means, in ms since 1970: '2026-01-01
 * 00:00:00', or what else SQLite reads as a date: a number is a Julian day. The
 * day exists, and the year is one of 0 to 9999. With *is_move, it is a
 * modifier of the present time such as '+5 minutes', and *ms is by how much.
 * Fails with DYN_INVALID when it is neither, and says what others there are
 * beside a time, as in `, '+5 minutes' or NULL`. */
dyn_status times_read(dyn_call *call, sqlite3 *db, const char *function,
                      const char *others, sqlite3_value *value, bool *is_move,
                      int64_t *ms);

/* The present time, as SQLite writes a date. */
dyn_status times_now_text(dyn_call *call, sqlite3 *db, dyn_bytes *out);

#endif
