/*
 * The part of the check of a table that is about its log, its streams and their
 * shards.
 *
 * Layer: ops, for the files of the check.
 */
#ifndef DYN_OPS_CHECK_LOG_H
#define DYN_OPS_CHECK_LOG_H

#include "ops/checker.h"

/* Fails with DYN_CORRUPT, DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_check_log(dyn_checker *c);

#endif
