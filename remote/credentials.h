/*
 * Who asks: the keys that requests are signed with. They come from the
 * environment or from a file of profiles, never from SQL, so that no schema and
 * no log of statements has them.
 */
#ifndef REMOTE_CREDENTIALS_H
#define REMOTE_CREDENTIALS_H

#include "base/call.h"

typedef struct remote_credentials {
    const char *key;
    const char *secret;
    const char *token; /* NULL: there is none */
} remote_credentials;

/*
 * Find them, in the memory of call: those of a profile in
 * AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials; or, when profile is NULL,
 * AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and where
 * these are not set the profile AWS_PROFILE or `default`.
 *
 * Fails with DYN_INVALID and where they were looked for; DYN_NOMEM.
 */
dyn_status remote_credentials_find(dyn_call *call, const char *profile,
                                   remote_credentials *out);

#endif
