/* Times as arguments; the contracts are in times.h. */
#include "times.h"

#include "base/clock.h"
#include "bridge.h"

/* SQLite reads and writes dates; the time it starts from is ours. */
static dyn_status ask_sqlite(dyn_call *call, sqlite3 *db, const char *sql,
                             int64_t now_ms, sqlite3_value *argument,
                             sqlite3_stmt **out)
{
    if (sqlite3_prepare_v2(db, sql, -1, out, NULL) == SQLITE_OK) {
        sqlite3_bind_int64(*out, 1, now_ms);
        if (argument != NULL) sqlite3_bind_value(*out, 2, argument);
        if (sqlite3_step(*out) == SQLITE_ROW) return DYN_OK;
    }
    return bridge_fail(call, db);
}

dyn_status times_now_text(dyn_call *call, sqlite3 *db, dyn_bytes *out)
{
    sqlite3_stmt *statement = NULL;
    dyn_status status = ask_sqlite(
        call, db,
        "SELECT strftime('%Y-%m-%d %H:%M:%S.', (?1 - ms) / 1000, 'unixepoch') "
        "|| printf('%03d', ms) FROM (SELECT (?1 % 1000 + 1000) % 1000 AS ms)",
        dyn_clock_now_ms(), NULL, &statement);
    if (status == DYN_OK) {
        const char *text = (const char *)sqlite3_column_text(statement, 0);
        status = text == NULL ? dyn_fail_nomem(call)
                              : dyn_copy(call, dyn_bytes_text(text), out);
    }
    sqlite3_finalize(statement);
    return status;
}

/* The first time whose year has four digits, as SQLite writes it. */
static const int64_t first_ms = -INT64_C(62167219200000); /* 0000-01-01 */

/* The date of a time has to be that of its day: SQLite takes the 30th of
 * February for one in March. */
static const char time_sql[] =
    "SELECT iif(substr(?2, 5, 1) = '-' AND date(substr(?2, 1, 10), '+0 days') "
    "IS NOT substr(?2, 1, 10), NULL, CAST(round((julianday(?2) - 2440587.5) * "
    "86400000.0) AS INTEGER)), ?1";

static const char move_sql[] =
    "SELECT CAST(round((julianday(?1 / 1000.0, 'unixepoch', ?2) - "
    "julianday(?1 / 1000.0, 'unixepoch')) * 86400000.0) AS INTEGER)";

dyn_status times_read(dyn_call *call, sqlite3 *db, const char *function,
                      const char *others, sqlite3_value *value, bool *is_move,
                      int64_t *ms)
{
    dyn_bytes text = {NULL, 0};
    sqlite3_stmt *statement = NULL;
    DYN_TRY(bridge_text(call, value, &text));
    *is_move =
        text.size_bytes > 0 && (text.data[0] == '+' || text.data[0] == '-');
    int64_t now_ms = dyn_clock_now_ms();
    dyn_status status = ask_sqlite(call, db, *is_move ? move_sql : time_sql,
                                   now_ms, value, &statement);
    if (status == DYN_OK) *ms = sqlite3_column_int64(statement, 0);
    if (status == DYN_OK && (sqlite3_column_type(statement, 0) == SQLITE_NULL ||
                             *ms < first_ms - (*is_move ? now_ms : 0))) {
        status = dyn_fail(call, DYN_INVALID,
                          "%s: \"%.*s\" is no time: use '2026-01-01 00:00:00'"
                          "%s",
                          function, (int)text.size_bytes,
                          (const char *)text.data, others);
    }
    sqlite3_finalize(statement);
    return status;
}
