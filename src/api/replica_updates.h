/*
 * Replicas in UpdateTable, and in descriptions of tables (global tables, in the
 * version of 2019).
 *
 * Layer: api.
 */
#ifndef DYN_API_REPLICA_UPDATES_H
#define DYN_API_REPLICA_UPDATES_H

#include "api/host.h"
#include "api/shape.h"
#include "base/buffer.h"

extern const dyn_shape dyn_shape_replica_updates;

/* Check ReplicaUpdates and MultiRegionConsistency of a request. Fails with
 * DYN_INVALID. */
dyn_status dyn_replica_updates_check(dyn_call *call, const dyn_json *request);

/* Make the changes that ReplicaUpdates asks for. Fails as
 * host->change_replica(). */
dyn_status dyn_replica_updates_make(dyn_call *call, const dyn_host *host,
                                    const dyn_json *request, dyn_table *table);

/* Write GlobalTableVersion, Replicas and MultiRegionConsistency of a table that
 * has replicas. Fails as the store does. */
dyn_status dyn_replicas_describe(dyn_call *call, dyn_buffer *out,
                                 dyn_table *table);

#endif
