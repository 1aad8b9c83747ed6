/*
 * Transactions: actions on items that are done all or not at all, and the
 * reasons why not (docs/semantics.md 3, 12). TransactWriteItems and
 * TransactGetItems make them from JSON, ExecuteTransaction from statements.
 *
 * An operation fills in its actions, finds table and key of each, and notes
 * what is wrong with one by dyn_transaction_note(); then
 *   dyn_transaction_check(), dyn_transaction_run(), dyn_transaction_end().
 *
 * Layer: api.
 */
#ifndef DYN_API_TRANSACTION_H
#define DYN_API_TRANSACTION_H

#include "api/capacity.h"
#include "api/host.h"
#include "api/shape.h"
#include "ops/get_item.h"
#include "ops/update_item.h"
#include "ops/write.h"

extern const dyn_shape dyn_shape_client_token; /* ClientRequestToken */

typedef enum dyn_transaction_verb {
    DYN_TRANSACTION_GET,
    DYN_TRANSACTION_CHECK,
    DYN_TRANSACTION_PUT,
    DYN_TRANSACTION_UPDATE,
    DYN_TRANSACTION_DELETE,
} dyn_transaction_verb;

typedef struct dyn_transaction_action {
    dyn_transaction_verb verb;
    dyn_table *table;
    dyn_bytes key;                  /* stored form */
    const dyn_map *item;            /* of PUT; else its key attributes */
    bool only_if_absent;            /* of PUT */
    const dyn_condition *condition; /* NULL: none */
    const dyn_update *update;       /* of UPDATE */
    bool wants_item;                /* the one that failed the condition */

    dyn_get_response got;        /* once run: of GET */
    dyn_before before;           /* of the others */
    dyn_update_response updated; /* of UPDATE */
    size_t size_bytes;           /* of the item */
    dyn_status status;           /* of its failure; DYN_OK: none */
    const char *code;            /* NULL: it went well */
    const char *message;
    const char *members; /* `{"Item":...}` or NULL */
} dyn_transaction_action;

typedef struct dyn_transaction {
    dyn_transaction_action *actions;
    size_t count;
    dyn_capacity capacity; /* the caller begins it */
} dyn_transaction;

/* Pass on how an action went: what is wrong with the action itself is noted,
 * and DYN_OK returned; but for a key attribute that is empty, which is wrong
 * with the request. */
dyn_status dyn_transaction_note(dyn_call *call, dyn_transaction_action *action,
                                dyn_status status);

/* Check that no item is meant twice, and that nothing is noted yet. Fails with
 * DYN_INVALID. */
dyn_status dyn_transaction_check(dyn_call *call,
                                 const dyn_transaction *transaction);

/* Do all actions, also those behind one that fails. Fails when the transaction
 * as a whole cannot be done: with DYN_INVALID when its items are too large
 * together, and as ops/ does. */
dyn_status dyn_transaction_run(dyn_call *call, dyn_transaction *transaction);

/* Fails with a TransactionCanceledException when something is noted:
 * DYN_CONDITION_FAILED if that is a condition or an item in the way, else
 * DYN_THROTTLED if an action was throttled, else DYN_INVALID. DYN_NOMEM. */
dyn_status dyn_transaction_end(dyn_call *call,
                               const dyn_transaction *transaction);

/* A transaction that was done before, by its token, is charged as reads of its
 * items. Fails as ops/ does. */
dyn_status dyn_transaction_replay(dyn_call *call, dyn_transaction *transaction);

/* Look up ClientRequestToken, if the request has it: *is_done tells whether the
 * request was done. Fails with DYN_INVALID when another one had it. The token
 * is kept with all tables if it is new. digest is of what the request does. */
dyn_status dyn_transaction_token(dyn_call *call, dyn_transaction *transaction,
                                 dyn_bytes token, uint64_t digest,
                                 bool *is_done);

/* A digest of JSON: of the same one in objects of any order. */
uint64_t dyn_transaction_digest(const dyn_json *json);

/* Write `ConsumedCapacity`, one for each table. */
void dyn_transaction_write_capacity(dyn_buffer *out,
                                    const dyn_transaction *transaction);

/* Write `ItemCollectionMetrics`, where the request wants them. */
void dyn_transaction_write_metrics(dyn_buffer *out, const dyn_json *request,
                                   const dyn_transaction *transaction);

#endif
