/*
 * The check of what a table keeps about its capacity: where partitions are
 * from, their loads, what was consumed and provisioned.
 *
 * Layer: ops, for the check of the table.
 */
#ifndef DYN_OPS_CHECK_USAGE_H
#define DYN_OPS_CHECK_USAGE_H

#include "ops/checker.h"

/* Fails as dyn_check_table() does, and with DYN_CORRUPT. */
dyn_status dyn_check_usage(dyn_checker *c);

#endif
