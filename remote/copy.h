/*
 * Copying all items of one table into another one, of this connection or of a
 * server, either way.
 *
 * Both sides are spoken to in the JSON of DynamoDB's API: a table of a file by
 * dynamo_api(), a remote one by its service. A page is scanned, its items are
 * put into the target in batches, and then the place behind it is stored, in
 * the ordinary table main._dynamo_copies. So a copy that has stopped goes on
 * where it was, and does at most one page twice.
 */
#ifndef REMOTE_COPY_H
#define REMOTE_COPY_H

#include "session.h"

typedef struct copy_request {
    dyn_bytes source; /* orders, other.orders or temp.orders; followed by a zero
                       * byte */
    dyn_bytes target;
    int64_t pages; /* at most so many are copied now */
} copy_request;

/* Copy. *out is a JSON object that says how far it is, in the memory of call.
 * Fails as the operations of either side do. */
dyn_status copy_run(dyn_call *call, remote_session *session,
                    const copy_request *request, dyn_bytes *out);

#endif
