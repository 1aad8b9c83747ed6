/*
 * Locks, for what connections of a process share. They are SQLite's, so they do
 * nothing where SQLite is built or set up for a single thread.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_LOCK_H
#define DYN_BASE_LOCK_H

#include <stdbool.h>

typedef struct sqlite3_mutex dyn_lock;

/* A new lock in *out, to be freed by the caller; NULL where none is needed.
 * False when out of memory. */
bool dyn_lock_make(dyn_lock **out);
void dyn_lock_free(dyn_lock *lock); /* NULL is allowed */

/* The one lock of the process that guards its registries. It is held for the
 * look into a registry, and never while another lock is taken. */
dyn_lock *dyn_lock_of_process(void);

/* Not recursive. NULL is allowed. */
void dyn_lock_enter(dyn_lock *lock);
void dyn_lock_leave(dyn_lock *lock);

#endif
