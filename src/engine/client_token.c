/* Client tokens, as texts of _meta; the contracts are in client_token.h. A text
 * has the time until which it counts, then the digest of the request. */
#include "engine/client_token.h"

#include "base/clock.h"
#include "engine/catalogue.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PREFIX "token"

enum { KEPT_MS = 10 * 60 * 1000, TEXT_BYTES = 64 };

static char *name_of(dyn_call *call, dyn_bytes token)
{
    return dyn_format(call, PREFIX " %.*s", (int)token.size_bytes,
                      (const char *)token.data);
}

dyn_status dyn_client_token_find(dyn_call *call, dyn_store *store,
                                 dyn_bytes token, uint64_t digest,
                                 dyn_client_token_state *out)
{
    bool found = false;
    dyn_bytes text = {NULL, 0};
    int64_t number = 0;
    char *end = NULL;
    char *name = name_of(call, token);
    *out = DYN_TOKEN_NEW;
    if (name == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_catalogue_meta(call, store, name, &found, &text, &number));
    if (!found || text.data == NULL) return DYN_OK;
    int64_t until_ms = strtoll((const char *)text.data, &end, 10);
    if (until_ms < dyn_clock_now_ms()) return DYN_OK;
    *out = strtoull(end, NULL, 16) == digest ? DYN_TOKEN_DONE : DYN_TOKEN_TAKEN;
    return DYN_OK;
}

dyn_status dyn_client_token_keep(dyn_call *call, dyn_store *store,
                                 dyn_bytes token, uint64_t digest)
{
    char text[TEXT_BYTES];
    char *name = name_of(call, token);
    if (name == NULL) return DYN_NOMEM;
    snprintf(text, sizeof(text), "%" PRId64 " %016" PRIx64,
             dyn_clock_now_ms() + KEPT_MS, digest);
    return dyn_catalogue_meta_set_text(call, store, name, text);
}

dyn_status dyn_client_tokens_prune(dyn_call *call, dyn_store *store)
{
    return dyn_catalogue_meta_prune(call, store, PREFIX, dyn_clock_now_ms());
}
