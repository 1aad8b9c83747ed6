/*
 * AWS's Signature Version 4: what of a request is signed, and the signature.
 * The rules are AWS's "Create a signed request": a canonical form of the
 * request, a text to sign that has its hash, and a key that is derived from the
 * secret.
 */
#ifndef SERVER_SIGV4_H
#define SERVER_SIGV4_H

#include "base/call.h"
#include "request.h"

enum { SIGV4_HEX_CHARACTERS = 64 };

/* What a signature is good for. */
typedef struct sigv4_scope {
    dyn_bytes date; /* 20260120 */
    dyn_bytes region;
    dyn_bytes service;
} sigv4_scope;

/*
 * The canonical form of a request, in the memory of call. signed_headers are
 * names in lower case, with semicolons between them. Fails with DYN_NOMEM.
 */
dyn_status sigv4_canonical(dyn_call *call, const http_request *request,
                           dyn_bytes signed_headers, dyn_bytes *out);

/* The text to sign for a canonical form. time is 20260120T123600Z.
 * Fails with DYN_NOMEM. */
dyn_status sigv4_text_to_sign(dyn_call *call, dyn_bytes time,
                              const sigv4_scope *scope, dyn_bytes canonical,
                              dyn_bytes *out);

/* The signature of that text, in lower case, terminated. Fails with
 * DYN_NOMEM. */
dyn_status sigv4_sign(dyn_call *call, dyn_bytes secret,
                      const sigv4_scope *scope, dyn_bytes text_to_sign,
                      char signature[SIGV4_HEX_CHARACTERS + 1]);

#endif
