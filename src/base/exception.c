/* Names of exceptions; the contract is in exception.h. */
#include "base/exception.h"

#include <stdarg.h>
#include <stdio.h>

const char *dyn_exception_name(const dyn_error *error)
{
    if (error->name != NULL) return error->name;
    switch (error->status) {
    case DYN_INVALID:
    case DYN_TOO_LARGE:
        return "ValidationException";
    case DYN_CONDITION_FAILED:
        return "ConditionalCheckFailedException";
    case DYN_EXISTS:
        return "DuplicateItemException";
    case DYN_NOT_FOUND:
        return "ResourceNotFoundException";
    case DYN_THROTTLED:
        return "ProvisionedThroughputExceededException";
    case DYN_OK:
    case DYN_CORRUPT:
    case DYN_NOMEM:
    case DYN_SQLITE:
        break;
    }
    return "InternalServerError";
}

const char *dyn_exception_text(dyn_call *call)
{
    const dyn_error *error = &call->error;
    const char *name = dyn_exception_name(error);
    const char *message = error->text != NULL ? error->text : error->message;
    const char *text =
        error->members == NULL
            ? dyn_format(call, "%s: %s", name, message)
            : dyn_format(call, "%s: %s\n%s", name, message, error->members);
    return text != NULL ? text : "InternalServerError: out of memory";
}

dyn_status dyn_fail_as(dyn_call *call, const char *name, const char *format,
                       ...)
{
    char message[DYN_ERROR_MESSAGE_BYTES];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    dyn_fail(call, DYN_INVALID, "%s", message);
    call->error.name = name;
    return DYN_INVALID;
}
