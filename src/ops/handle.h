/*
 * Running handlers: a batch of records of the log, in one transaction with what
 * their SQL writes and with the position of the handler. So each record is
 * handled exactly once, as far as SQL goes.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_HANDLE_H
#define DYN_OPS_HANDLE_H

#include "ops/handler.h"

/* How an attempt has ended. */
typedef struct dyn_handle_outcome {
    size_t records;    /* in the batch; 0: there was nothing to do */
    size_t failed_at;  /* the number of the record whose SQL has failed */
    const char *error; /* NULL: all went well */
} dyn_handle_outcome;

/* Whether a handler has records to handle, and may now. Fails as the store
 * does. */
dyn_status dyn_handle_is_due(dyn_call *call, dyn_table *table,
                             const dyn_handler *handler, bool *out);

/*
 * Handle the next records, at most so many, of a table that is up to date. When
 * the SQL fails, that is no failure here: *out tells, the caller rolls back,
 * and then calls dyn_handle_failed() in a transaction by itself.
 *
 * Fails as a write does, with DYN_CORRUPT for records that are not as they
 * were written, and with what keeps SQL from running at all, as a lock does.
 */
dyn_status dyn_handle_batch(dyn_call *call, dyn_table *table,
                            const dyn_handler *handler, int64_t records_max,
                            dyn_handle_outcome *out);

/* How many records the next batch of a handler has at most. */
int64_t dyn_handle_batch_size(const dyn_handler *handler);

/*
 * An attempt has failed, also by its commit, which leaves failed_at at
 * out->records. A batch is made shorter, so that it ends before the record that
 * fails, or, if that is not known, half as long. A record that fails by itself
 * is tried again later; after its last retry it is kept in the table of dead
 * letters, and the handler goes on behind it. Fails as a write does.
 */
dyn_status dyn_handle_failed(dyn_call *call, dyn_table *table,
                             const dyn_handler *handler,
                             const dyn_handle_outcome *outcome);

/*
 * At the end of a row that is written: have those handlers catch up that are to
 * run there. A record whose SQL fails does not fail the write: it is left to be
 * tried again with all that comes behind it. Fails as dyn_handle_batch(), and
 * with DYN_INVALID when a handler goes on for ever; with what was written to be
 * rolled back.
 */
dyn_status dyn_handle_sync(dyn_call *call, dyn_table *table);

#endif
