/*
 * DAX: a cache in front of a table, which does not notice what is written
 * around it (docs/semantics.md 13). It has an item cache, by keys, and a query
 * cache, by all that a page of a query is asked with. Absence is cached, too.
 *
 * What is written through it goes into the item cache when the transaction is
 * committed; the query cache is left as it is. While a transaction writes
 * through it, the caller reads the table: so a transaction sees its own writes,
 * and what is rolled back has never been in the cache.
 *
 * It never fails: what it has no memory for is not cached.
 *
 * Layer: ops. Values are the caller's bytes; it does not look into them.
 */
#ifndef DYN_OPS_DAX_H
#define DYN_OPS_DAX_H

#include "engine/cache.h"

typedef struct dyn_dax dyn_dax;

/* NULL when there is no memory. */
dyn_dax *dyn_dax_open(const dyn_cache_settings *settings);
void dyn_dax_close(dyn_dax *dax); /* NULL is allowed */

/* For what is asked of it beside the rules of DAX. */
const dyn_cache_counts *dyn_dax_counts(const dyn_dax *dax, dyn_cache_kind kind);

/* What the cache has of a key now, as dyn_cache_find(). */
bool dyn_dax_find(dyn_dax *dax, dyn_cache_kind kind, dyn_bytes key,
                  dyn_bytes *value);

/* What was read, since it was not found; halves is what that took. */
void dyn_dax_add(dyn_dax *dax, dyn_cache_kind kind, dyn_bytes key,
                 dyn_bytes value, int64_t halves);

/* It was not found, and is read. */
void dyn_dax_missed(dyn_dax *dax, dyn_cache_kind kind);

/* ---------------------------------------------------------- transactions -- */

/* A transaction begins to write through it; again does nothing. */
void dyn_dax_begin(dyn_dax *dax);
bool dyn_dax_is_writing(const dyn_dax *dax);

/* An item is written through it: value is what is there now; halves is what
 * reading that takes. */
void dyn_dax_write(dyn_dax *dax, dyn_bytes key, dyn_bytes value,
                   int64_t halves);

/* An item is written through it, and what is there now is not known. */
void dyn_dax_write_unknown(dyn_dax *dax);

/* Savepoints have numbers from 0 on, as those of SQLite's virtual tables:
 * releasing one, or rolling back to it, ends those with greater numbers. */
void dyn_dax_savepoint(dyn_dax *dax, int number);
void dyn_dax_release(dyn_dax *dax, int number);
void dyn_dax_rollback_to(dyn_dax *dax, int number);

void dyn_dax_commit(dyn_dax *dax);
void dyn_dax_rollback(dyn_dax *dax);

#endif
