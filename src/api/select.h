/*
 * A SELECT of any number of items: a page of a query of the table or of an
 * index where WHERE fixes the partition key, of several where it does by IN,
 * and else of a scan.
 *
 * Where the next page begins, NextToken says: base64 of
 *
 *   digest      8 bytes: of Statement and Parameters (dyn_key_digest)
 *   stored key  of the last item or entry that was evaluated
 *
 * Layer: api.
 */
#ifndef DYN_API_SELECT_H
#define DYN_API_SELECT_H

#include "api/capacity.h"
#include "api/statement.h"

/*
 * Read the page that the request of an open SELECT asks for, by Limit,
 * ConsistentRead and NextToken, and write the members of the response. Fails
 * with DYN_INVALID: ORDER BY is not about the sort key within one partition
 * key; a global index lacks an attribute or is to be read strongly; NextToken
 * is of something else; and as dyn_query_begin() and the store do.
 */
dyn_status dyn_select_run(dyn_call *call, const dyn_host *host,
                          const dyn_statement_call *in, dyn_buffer *response);

/* Fail as a NextToken does that does not belong to a request. */
dyn_status dyn_select_fail_token(dyn_call *call);

#endif
