/*
 * Whether a request is signed by somebody whose secret is known: AWS's
 * Signature Version 4 in the header Authorization.
 */
#ifndef SERVER_AUTHORIZATION_H
#define SERVER_AUTHORIZATION_H

#include "credentials.h"
#include "request.h"

/* How far a client's clock may be off. */
enum { AUTHORIZATION_SKEW_SECONDS = 15 * 60 };

/*
 * Check the signature of a request at a time, in ms since 1970. Fails as the
 * service does:
 *
 * MissingAuthenticationTokenException  there is no signature
 * IncompleteSignatureException         a part of it is missing or malformed
 * UnrecognizedClientException          its access key is none of ours
 * InvalidSignatureException            it is another one than that of the
 *                                      request, it is too old or too new, or
 *                                      for another service
 * and with DYN_NOMEM. Signatures are compared in constant time.
 */
dyn_status authorization_check(dyn_call *call,
                               const credential_list *credentials,
                               const http_request *request, int64_t now_ms);

#endif
