/* Names and codes of errors; the contract is in exception.h. */
#include "base/exception.h"

#include "base/sqlite.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---------------------------------------------------------------- tables -- */

#define INTERNAL  "InternalServerError"
#define INVALID   "ValidationException"
#define REFUSED   "AccessDeniedException"
#define THROTTLED "ThrottlingException"

/* By status. What SQLite refused has SQLite's own code, and the next table its
 * name. */
static const struct {
    const char *name;
    int code;
    bool is_told; /* SQLite's code alone does not tell it */
} statuses[] = {
    [DYN_OK] = {INTERNAL, SQLITE_OK, false},
    [DYN_INVALID] = {INVALID, SQLITE_ERROR, false},
    [DYN_CONDITION_FAILED] = {"ConditionalCheckFailedException",
                              SQLITE_CONSTRAINT, true},
    [DYN_EXISTS] = {"DuplicateItemException", SQLITE_CONSTRAINT, false},
    [DYN_NOT_FOUND] = {"ResourceNotFoundException", SQLITE_ERROR, false},
    [DYN_TOO_LARGE] = {INVALID, SQLITE_TOOBIG, false},
    [DYN_THROTTLED] = {"ProvisionedThroughputExceededException", SQLITE_BUSY,
                       true},
    [DYN_REPLICA_CONFLICT] = {"ReplicatedWriteConflictException", SQLITE_BUSY,
                              true},
    [DYN_CORRUPT] = {INTERNAL, SQLITE_CORRUPT_VTAB, false},
    [DYN_NOMEM] = {INTERNAL, SQLITE_NOMEM, false},
    [DYN_SQLITE] = {NULL, SQLITE_ERROR, false},
};

typedef struct sqlite_kind {
    int code; /* a primary code stands for its extended ones, too */
    const char *name;
    const char *advice; /* behind SQLite's message; NULL: it says enough */
} sqlite_kind;

/* By SQLite's code; the first line that fits counts. Clients repeat a request
 * after an internal error or a throttling one, and after no other. */
static const sqlite_kind sqlite_kinds[] = {
    {SQLITE_BUSY_SNAPSHOT, THROTTLED,
     "the transaction has read what another connection has changed since: roll "
     "it back, and start it with BEGIN IMMEDIATE"},
    {SQLITE_BUSY, THROTTLED,
     "another connection uses it: try again, or let SQLite wait with PRAGMA "
     "busy_timeout"},
    {SQLITE_LOCKED, THROTTLED,
     "another statement or connection uses it: try again when it has ended"},
    {SQLITE_PROTOCOL, THROTTLED, "try again"},
    {SQLITE_READONLY, REFUSED,
     "the file or its folder may not be written, or the connection is for "
     "reading only (mode=ro, PRAGMA query_only)"},
    {SQLITE_PERM, REFUSED, NULL},
    {SQLITE_AUTH, REFUSED,
     "the authorizer of the connection refuses what the table needs"},
    {SQLITE_FULL, "ServiceQuotaExceededException",
     "make room, or raise PRAGMA max_page_count"},
    {SQLITE_TOOBIG, INVALID, "the connection has a low SQLITE_LIMIT_LENGTH"},
    {SQLITE_NOMEM, INTERNAL, NULL},
    {SQLITE_INTERRUPT, INTERNAL, NULL},
    {SQLITE_IOERR, INTERNAL, NULL},
    {SQLITE_CANTOPEN, INTERNAL, NULL},
    {SQLITE_SCHEMA, INTERNAL, NULL},
    {SQLITE_CORRUPT, INTERNAL, NULL},
    {SQLITE_NOTADB, INTERNAL, NULL},
};

static const sqlite_kind *find_kind(int code)
{
    static const sqlite_kind other = {SQLITE_ERROR, INTERNAL, NULL};
    enum { PRIMARY = 0xff };
    for (size_t i = 0; i < sizeof(sqlite_kinds) / sizeof(sqlite_kinds[0]);
         i++) {
        const sqlite_kind *kind = &sqlite_kinds[i];
        if (kind->code == code || kind->code == (code & PRIMARY)) return kind;
    }
    return &other;
}

/* --------------------------------------------------------------- reading -- */

const char *dyn_exception_name(const dyn_error *error)
{
    if (error->name != NULL) return error->name;
    if (error->status == DYN_SQLITE) return find_kind(error->sqlite_code)->name;
    return statuses[error->status].name;
}

bool dyn_exception_is_told(const dyn_error *error)
{
    return statuses[error->status].is_told;
}

int dyn_exception_code(const dyn_error *error)
{
    if (error->status == DYN_SQLITE) return error->sqlite_code;
    return statuses[error->status].code;
}

const char *dyn_exception_text(dyn_call *call)
{
    const dyn_error *error = &call->error;
    const char *name = dyn_exception_name(error);
    const char *message = error->text != NULL ? error->text : error->message;
    const char *behind = name[0] == '\0' ? "" : ": ";
    const char *text = error->members == NULL
                           ? dyn_format(call, "%s%s%s", name, behind, message)
                           : dyn_format(call, "%s%s%s\n%s", name, behind,
                                        message, error->members);
    return text != NULL ? text : "InternalServerError: out of memory";
}

/* --------------------------------------------------------------- failing -- */

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

dyn_status dyn_fail_sqlite(dyn_call *call, int code, const char *message)
{
    const sqlite_kind *kind = find_kind(code);
    assert(code != SQLITE_OK);
    if (kind->code == SQLITE_NOMEM) return dyn_fail_nomem(call);
    call->error.sqlite_code = code;
    /* the message of a nested statement may be ours, and have the advice */
    if (kind->advice == NULL || strstr(message, kind->advice) != NULL)
        return dyn_fail(call, DYN_SQLITE, "%s", message);
    return dyn_fail(call, DYN_SQLITE, "%s: %s", message, kind->advice);
}
