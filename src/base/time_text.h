/*
 * Times as texts of SQL.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_TIME_TEXT_H
#define DYN_BASE_TIME_TEXT_H

#include "base/call.h"

/* A time in ms since 1970 as YYYY-MM-DD HH:MM:SS.mmm in UTC, in the memory of
 * call. Fails with DYN_NOMEM. */
dyn_status dyn_time_text(dyn_call *call, int64_t time_ms, const char **out);

#endif
