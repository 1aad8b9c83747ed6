/*
 * The table that an operation on tags is about.
 *
 * Layer: api.
 */
#ifndef DYN_API_TAGGED_H
#define DYN_API_TAGGED_H

#include "api/host.h"
#include "item/json.h"

/* Find the table of ResourceArn. Fails with DYN_INVALID when that is no ARN of
 * a table, DYN_NOT_FOUND, and as dyn_host_find() does. */
dyn_status dyn_tagged_find(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, bool is_write,
                           dyn_table **out);

#endif
