/* Locks; the contracts are in lock.h. */
#include "base/lock.h"

#include "base/sqlite.h"

#include <stddef.h>

dyn_lock *dyn_lock_of_process(void)
{
    return sqlite3_mutex_alloc(SQLITE_MUTEX_STATIC_APP3);
}

/* No mutex is no failure where there is none for the process, either. */
bool dyn_lock_make(dyn_lock **out)
{
    *out = sqlite3_mutex_alloc(SQLITE_MUTEX_FAST);
    return *out != NULL || dyn_lock_of_process() == NULL;
}

void dyn_lock_free(dyn_lock *lock)
{
    sqlite3_mutex_free(lock);
}

void dyn_lock_enter(dyn_lock *lock)
{
    sqlite3_mutex_enter(lock);
}

void dyn_lock_leave(dyn_lock *lock)
{
    sqlite3_mutex_leave(lock);
}
