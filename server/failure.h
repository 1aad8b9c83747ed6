/*
 * Exceptions as they are on the wire.
 */
#ifndef SERVER_FAILURE_H
#define SERVER_FAILURE_H

#include "base/call.h"
#include "request.h"

/*
 * Make an answer of an exception, as dynamo_api() and dyn_exception_text() tell
 * it: `Name: message`, with a last line of JSON members or without one. A text
 * of another form is an InternalServerError.
 *
 * The status is 500 for an InternalServerError, 503 for ServiceUnavailable, 413
 * for RequestEntityTooLargeException and 400 for all others. The body is
 * {"__type": "<namespace>#<Name>", "message": ...} and the members.
 * Fails with DYN_NOMEM.
 */
dyn_status failure_answer(dyn_call *call, dyn_bytes text, http_answer *answer);

/* The answer when there is no memory for another one. */
void failure_answer_nomem(http_answer *answer);

#endif
