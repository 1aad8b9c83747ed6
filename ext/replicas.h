/*
 * Replicas of tables in attached databases. A table knows its replicas by their
 * ids, so a file may be attached under any name; a region whose file is not
 * attached is away.
 */
#ifndef EXT_REPLICAS_H
#define EXT_REPLICAS_H

#include "base/sqlite.h"
#include "ops/replica.h"
#include "tables.h"

/* The table with an id, up to date; NULL: it is away. Fails as tables_find()
 * and dyn_table_refresh() do. */
dyn_status replicas_find(dyn_call *call, dyn_session *session, dyn_bytes id,
                         dyn_table **out);

/*
 * Make or remove a replica of the table of that name, all of it or nothing. A
 * file is attached under the name of the region. A new replica is a table of
 * the same name and declaration, with all items, connected with all regions
 * there are.
 *
 * Fails with DYN_INVALID, DYN_NOT_FOUND, and as a write does.
 */
dyn_status replicas_change(dyn_call *call, dyn_session *session,
                           const char *name,
                           const dyn_replica_request *request);

/* The same of a table that is up to date and takes part in a transaction, which
 * the caller rolls back after a failure; without a file. */
dyn_status replicas_change_table(dyn_call *call, dyn_table *table,
                                 const dyn_replica_request *request);

/* At the end of a row that is written: have strong replicas receive it. Fails
 * with DYN_REPLICA_CONFLICT when one is being written by another connection,
 * with DYN_INVALID when one is away, and as a write does; with what was written
 * to be rolled back. */
dyn_status replicas_sync(dyn_call *call, dyn_table *table);

/* Replicate between all tables that are attached, and add to *work how many
 * changes were received. Each batch is a transaction, also for others to come
 * between. Fails as those do, after all have had their turn. */
dyn_status replicas_run(dyn_call *call, dyn_session *session, int64_t *work);

#endif
