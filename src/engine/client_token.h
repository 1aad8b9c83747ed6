/*
 * Client tokens of transactions: which were done in the last ten minutes
 * (docs/semantics.md 5, 12). They are kept with each table that the transaction
 * names, in the same write as what it did there.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_CLIENT_TOKEN_H
#define DYN_ENGINE_CLIENT_TOKEN_H

#include "engine/store.h"

typedef enum dyn_client_token_state {
    DYN_TOKEN_NEW,  /* not known, or older than ten minutes */
    DYN_TOKEN_DONE, /* this request has been done */
    DYN_TOKEN_TAKEN /* another request had it */
} dyn_client_token_state;

/* Look a token up. digest is that of the request. Fails as the store does. */
dyn_status dyn_client_token_find(dyn_call *call, dyn_store *store,
                                 dyn_bytes token, uint64_t digest,
                                 dyn_client_token_state *out);

/* Keep a token. Fails as a write does. */
dyn_status dyn_client_token_keep(dyn_call *call, dyn_store *store,
                                 dyn_bytes token, uint64_t digest);

/* Remove those that are older than ten minutes. Fails as a write does. */
dyn_status dyn_client_tokens_prune(dyn_call *call, dyn_store *store);

#endif
