/*
 * Due work: what a table has to do that no statement asks for. Each kind of it
 * is a line of one list in due.c, with a step that is bounded. It is done in
 * small pieces at the end of every transaction that writes, and in larger ones
 * by dynamo_maintain(). How many pieces, and how large, is decided here.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_DUE_H
#define DYN_OPS_DUE_H

#include "engine/table.h"

/*
 * One run of dynamo_maintain() over one table. The caller begins with zeros and
 * repeats, until dyn_maintenance_is_over(): count a transaction, and let it
 * end, with the table in it, while session->maintenance points here.
 */
typedef struct dyn_maintenance {
    int transactions; /* so far */
    int64_t done;     /* pieces of work: minutes of units written, changes by
                       * auto scaling, partitions looked at for a split, items
                       * put into an index, items swept, steps of removing
                       * records of the log */
} dyn_maintenance;

/* A transaction is about to end: take a step of each kind of work that is due,
 * and write what is pending of the table. Fails as a write does. */
dyn_status dyn_due_sync(dyn_call *call, dyn_table *table);

/* Whether a run has done what it should for the table, which is up to date.
 * Others come to write between two of its transactions. */
bool dyn_maintenance_is_over(const dyn_maintenance *run, dyn_table *table);

#endif
