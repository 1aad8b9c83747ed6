/*
 * The table that an operation on tags is about.
 *
 * Layer: api.
 */
#ifndef DYN_API_TAGGED_H
#define DYN_API_TAGGED_H

#include "api/host.h"
#include "item/json.h"

/* Check ResourceArn, before anything else that a request of that operation
 * says. Fails with DYN_INVALID when it is not the ARN of a table here; an
 * AccessDeniedException when it is that of a table of another account. */
dyn_status dyn_tagged_check(dyn_call *call, const dyn_json *request,
                            const char *operation);

/* Fail with DYN_INVALID because a member that has to be there is not: that is
 * told behind what is wrong with the ARN. */
dyn_status dyn_tagged_fail_null(dyn_call *call, const char *member);

/* Find the table of a ResourceArn that has been checked. Fails with
 * DYN_NOT_FOUND, and as dyn_host_find() does. */
dyn_status dyn_tagged_find(dyn_call *call, const dyn_host *host,
                           const dyn_json *request, bool is_write,
                           dyn_table **out);

#endif
