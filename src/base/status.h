/*
 * Result codes. Every function that can fail returns a dyn_status; the text
 * that explains it is left in the caller's dyn_call (call.h).
 *
 * Layer: base. Includes nothing of ours.
 */
#ifndef DYN_BASE_STATUS_H
#define DYN_BASE_STATUS_H

typedef enum dyn_status {
    DYN_OK = 0,
    DYN_INVALID,          /* the request breaks a rule of the API */
    DYN_CONDITION_FAILED, /* the item did not meet the condition */
    DYN_EXISTS,           /* an item is there under the key of an insert */
    DYN_NOT_FOUND,        /* no such table, index or option */
    DYN_TOO_LARGE,        /* the item passes the size limit */
    DYN_THROTTLED,        /* what it takes is not to be had now */
    DYN_REPLICA_CONFLICT, /* another region is being written */
    DYN_CORRUPT,          /* stored bytes do not decode */
    DYN_NOMEM,
    DYN_SQLITE, /* SQLite refused; see dyn_error.sqlite_code */
} dyn_status;

/* Leave the enclosing function with the status of expr unless it is DYN_OK.
 * Only in functions that own nothing but memory of the call. */
#define DYN_TRY(expr)                                                          \
    do {                                                                       \
        dyn_status dyn_try_status = (expr);                                    \
        if (dyn_try_status != DYN_OK) return dyn_try_status;                   \
    } while (0)

#endif
