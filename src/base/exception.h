/*
 * Errors as DynamoDB's API has them: a name, a message, and members.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_EXCEPTION_H
#define DYN_BASE_EXCEPTION_H

#include "base/call.h"

/* DynamoDB's name of what error says: error->name, or the usual one of its
 * status. A literal. */
const char *dyn_exception_name(const dyn_error *error);

/* The text of call's error: `ExceptionName: message` and, where it has members,
 * a second line with them as a JSON object, which is what error.members is.
 * In the memory of call, or a literal when there is none. */
const char *dyn_exception_text(dyn_call *call);

/* dyn_fail(call, DYN_INVALID, ...), under another name, which is a literal. */
dyn_status dyn_fail_as(dyn_call *call, const char *name, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));

#endif
