/*
 * DynamoDB's protocol: operations with JSON in and out, tried again as its
 * clients do.
 *
 * A request is tried again when there is no answer, when the server fails, and
 * when it is throttled; at most settings.attempts times in all, after a random
 * time below a bound that doubles (exponential backoff with full jitter). A
 * write may have been done by a try whose answer was lost.
 *
 * A failure has the status of the exception that the service tells, and its
 * message:
 *   DYN_CONDITION_FAILED  ConditionalCheckFailedException
 *   DYN_THROTTLED         throttled at the last try, too, or in conflict with a
 *                         transaction
 *   DYN_NOT_FOUND         ResourceNotFoundException
 *   DYN_TOO_LARGE         an item is too large
 *   DYN_INVALID           any other; or the answer is not what it should be
 *   DYN_SQLITE            there is no answer: SQLITE_CANTOPEN; or an interrupt
 *   DYN_NOMEM
 */
#ifndef REMOTE_SERVICE_H
#define REMOTE_SERVICE_H

#include "base/sqlite.h"
#include "item/json.h"
#include "settings.h"

typedef struct remote_service remote_service;

/* A service by its settings, which are borrowed. Credentials are found. Fails
 * with DYN_INVALID, DYN_NOMEM. */
dyn_status remote_service_open(dyn_call *call, sqlite3 *db,
                               const remote_settings *settings,
                               remote_service **out);
void remote_service_close(remote_service *service); /* NULL is allowed */

/* Run an operation. *out is the JSON object of the answer, in the memory of
 * call. */
dyn_status remote_service_call(dyn_call *call, remote_service *service,
                               const char *operation, dyn_bytes request,
                               const dyn_json **out);

/* Wait before the try behind so many, as above. Fails with DYN_SQLITE when the
 * statement is interrupted. */
dyn_status remote_service_wait(dyn_call *call, remote_service *service,
                               int64_t tries);

/* How often a request is tried, at most. */
int64_t remote_service_attempts(const remote_service *service);

/* Fail because the answer is not what it should be: problem says how. */
dyn_status remote_fail_answer(dyn_call *call, const remote_service *service,
                              const char *operation, const char *problem);

/* Fail with DYN_SQLITE when the statement that runs is to be interrupted. */
dyn_status remote_service_check(dyn_call *call, remote_service *service);

#endif
