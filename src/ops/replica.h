/*
 * Replicas of a table: tables in other database files, as regions. Each has a
 * row for each of the others in its _readers. A table knows its replicas by the
 * ids of their tables, wherever those are.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_REPLICA_H
#define DYN_OPS_REPLICA_H

#include "engine/table.h"

/* Another region, as a table knows it. Sequences are those of log.h. */
typedef struct dyn_replica {
    dyn_bytes region;
    dyn_bytes id;     /* of its table */
    bool is_strong;   /* it is written in the statement that writes here */
    int64_t position; /* it has received the changes up to this sequence of the
                       * log here. It may have received more: what counts is
                       * what is stored there */
    int64_t received; /* its changes up to this sequence of its log have been
                       * received here */
    int64_t complete_ms; /* and all that were made there up to this time */
    int64_t conflicts;   /* rows written to TABLE_conflicts so far */
} dyn_replica;

/* Those of a table by region, in the memory of call. Fails as the store does.
 */
dyn_status dyn_replicas(dyn_call *call, dyn_table *table,
                        dyn_replica **replicas, size_t *count);

/* The changes that were made in a table and that a replica is not known to have
 * received; and the sequence of the first one. Fails as the store does. */
typedef struct dyn_waiting {
    int64_t count;
    int64_t first;
} dyn_waiting;
dyn_status dyn_replica_waiting(dyn_call *call, dyn_table *table,
                               const dyn_replica *replica, dyn_waiting *out);

/* The one of a region, or the one whose table has an id; *found tells. */
dyn_status dyn_replica_find(dyn_call *call, dyn_table *table, dyn_bytes region,
                            bool *found, dyn_replica *out);
dyn_status dyn_replica_find_id(dyn_call *call, dyn_table *table, dyn_bytes id,
                               bool *found, dyn_replica *out);

/* Add one; write what has been sent and received; remove one. With the last one
 * the versions of items go. Fail as a write does. */
dyn_status dyn_replica_add(dyn_call *call, dyn_table *table,
                           const dyn_replica *replica);
dyn_status dyn_replica_save(dyn_call *call, dyn_table *table,
                            const dyn_replica *replica);
dyn_status dyn_replica_remove(dyn_call *call, dyn_table *table,
                              const dyn_replica *replica);

/*
 * What a person asks for:
 *
 *   ADD REPLICA region [IN 'file'] [STRONG]
 *   DROP REPLICA region
 *
 * *is_one: the text begins so. *out is in the memory of call. Fails with
 * DYN_INVALID, DYN_NOMEM.
 */
typedef struct dyn_replica_request {
    bool is_drop;
    dyn_bytes region;
    dyn_bytes file; /* ends with a zero byte; without data: not given */
    bool is_strong;
} dyn_replica_request;
dyn_status dyn_replica_request_read(dyn_call *call, dyn_bytes text,
                                    bool *is_one, dyn_replica_request *out);

#endif
