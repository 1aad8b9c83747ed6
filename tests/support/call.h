/* The call of a unit test, which begins and ends with each test, and leaves no
 * memory behind. */
#ifndef TESTS_CALL_H
#define TESTS_CALL_H

#include "base/call.h"
#include "unit.h"

#include <sqlite3.h>

static dyn_call call;

static inline void call_setup(void)
{
    ck_assert_int_eq(sqlite3_initialize(), SQLITE_OK);
    dyn_call_begin(&call);
}

static inline void call_teardown(void)
{
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

#endif
