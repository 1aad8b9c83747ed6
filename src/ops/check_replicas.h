/*
 * The check of what a table knows of its replicas.
 *
 * Layer: ops, for the check.
 */
#ifndef DYN_OPS_CHECK_REPLICAS_H
#define DYN_OPS_CHECK_REPLICAS_H

#include "ops/checker.h"

/* Add the problems of replicas, and of versions, which go with the items. Fails
 * as the store does. */
dyn_status dyn_check_replicas(dyn_checker *c);

#endif
