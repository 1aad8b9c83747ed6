/*
 * Replication: the changes of a table are made in another one, which is a
 * replica of it, as far as they win (engine/versions.h). Only what was made in
 * the region itself travels: each region hears of a change from the one where
 * it was made.
 *
 * A batch is one transaction of the receiver, with how far it has received the
 * log of the sender. So each change is made exactly once, whatever happens
 * between two files.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_REPLICATE_H
#define DYN_OPS_REPLICATE_H

#include "ops/replica.h"

/* A sender and a receiver, both up to date, and what the receiver knows of the
 * sender. */
typedef struct dyn_replication {
    dyn_table *from;
    dyn_table *to;
    dyn_replica sender; /* of to; moves on with each batch */
    bool is_at_once;    /* without the delay of the sender */
} dyn_replication;

/* Find out whether two tables are replicas of each other; *found. Fails as the
 * store does. */
dyn_status dyn_replication_begin(dyn_call *call, dyn_table *from, dyn_table *to,
                                 bool *found, dyn_replication *out);

/* Whether there is something to receive, or to be noted. Fails as the store
 * does. */
dyn_status dyn_replication_is_due(dyn_call *call,
                                  const dyn_replication *replication,
                                  bool *out);

/* Receive the next changes, and add to *changes how many of them were made in
 * the region of the sender. *is_end: there are no more, as yet. Fails as a
 * write does; with DYN_CORRUPT for records that are not as they were written,
 * and DYN_INVALID when some are gone. */
dyn_status dyn_replication_receive(dyn_call *call, dyn_replication *replication,
                                   int64_t *changes, bool *is_end);

/* What has been received, and committed, is noted where it came from: its log
 * need not be kept for that. *is_due: it is not noted yet. Fail as the store
 * and as a write do. */
dyn_status dyn_replication_is_unconfirmed(dyn_call *call,
                                          const dyn_replication *replication,
                                          bool *out);
dyn_status dyn_replication_confirm(dyn_call *call,
                                   const dyn_replication *replication);

/* Copy all items of a table, and their versions, to an empty one. Consumes
 * nothing. Fails as a write does. */
dyn_status dyn_replica_copy(dyn_call *call, dyn_table *from, dyn_table *to);

/* Make two tables replicas of each other. Each has received the log of the
 * other one up to a sequence. Fails as a write does. */
dyn_status dyn_replica_connect(dyn_call *call, dyn_table *table,
                               int64_t received_by_table, dyn_table *other,
                               int64_t received_by_other, bool is_strong);

#endif
