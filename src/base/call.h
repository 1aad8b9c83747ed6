/*
 * One call into the engine: the memory it allocates and the error it leaves.
 *
 * A dyn_call lives on the stack of whoever enters the engine (a virtual table
 * method, a SQL function, a test) or in a cursor. All memory the engine
 * allocates on its behalf is freed together by dyn_call_end(), so code below
 * owns nothing and can return early.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_CALL_H
#define DYN_BASE_CALL_H

#include "base/bytes.h"
#include "base/limits.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct dyn_block dyn_block;
typedef struct dyn_held dyn_held;

/* What memory begins with that has several owners, all of one connection. It
 * comes from where call.c has its own; who makes it is the first owner. */
typedef struct dyn_shared {
    int owners;
} dyn_shared;

/* What a failure is about, where a caller goes on differently for it: says more
 * of it, or says it in other words. Nobody looks into the message for that. */
typedef enum dyn_reason {
    DYN_REASON_NONE,
    DYN_REASON_NUMBER,         /* a text that is no number, or none that can be
                                * stored */
    DYN_REASON_NUMBER_SET,     /* a set of numbers without any */
    DYN_REASON_DUPLICATES,     /* a set with a member twice */
    DYN_REASON_OPERAND_TYPE,   /* an update on a value of another type */
    DYN_REASON_INDEX_KEY_TYPE, /* a value of another type than that of the key
                                * of an index */
} dyn_reason;

typedef struct dyn_error {
    dyn_status status;
    dyn_reason reason;
    bool torn;           /* some shadow rows are written and some are not: the
                          * transaction must not be committed */
    int sqlite_code;     /* extended SQLite code when status is DYN_SQLITE */
    const char *name;    /* DynamoDB's exception when it is not the status's
                          * usual one; a literal. No character: the message
                          * begins with it */
    const char *members; /* JSON members beyond the message, in the memory of
                          * the call, or NULL */
    const char *text;    /* the message when it is longer than that below, in
                          * the memory of the call, or NULL */
    char message[DYN_ERROR_MESSAGE_BYTES]; /* UTF-8, cut to fit */
} dyn_error;

enum { DYN_CALL_FIRST_BYTES = 2048 };

typedef struct dyn_call {
    dyn_block *blocks;   /* newest first */
    unsigned char *next; /* free memory of the newest block */
    size_t free_bytes;
    dyn_held *held;
    struct dyn_parse_cache *parse_cache; /* expr/parse_cache.h; NULL: none */
    dyn_error error;
    _Alignas(8) unsigned char first[DYN_CALL_FIRST_BYTES];
} dyn_call;

void dyn_call_begin(dyn_call *call);
void dyn_call_end(dyn_call *call); /* a call begun and ended may begin again */

/* Memory for size_bytes, aligned to 8 bytes, not initialized, that lives
 * until dyn_call_end(). Returns NULL, with DYN_NOMEM left in call->error, when
 * there is none; 0 bytes give a pointer that must not be read. */
void *dyn_alloc(dyn_call *call, size_t size_bytes);

/* The same, for count zeroed elements of size_bytes each. */
void *dyn_alloc_zero(dyn_call *call, size_t count, size_t size_bytes);

/* A copy of bytes in the memory of call; terminated by a zero byte that is not
 * counted. Fails with DYN_NOMEM. */
dyn_status dyn_copy(dyn_call *call, dyn_bytes bytes, dyn_bytes *out);

/* Own shared memory, too, until dyn_call_end(). Fails with DYN_NOMEM. */
dyn_status dyn_call_hold(dyn_call *call, dyn_shared *shared);

/* Own it no more; the last one frees it. */
void dyn_shared_let_go(dyn_shared *shared);

/* Formatted text in the memory of call; NULL, with DYN_NOMEM left, when there
 * is none. */
char *dyn_format(dyn_call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Record status and its message, cut to fit; returns status, so that a
 * caller can write: return dyn_fail(call, DYN_INVALID, "..."). */
dyn_status dyn_fail(dyn_call *call, dyn_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same, with a reason. */
dyn_status dyn_fail_reason(dyn_call *call, dyn_status status, dyn_reason reason,
                           const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* As dyn_fail() for a text of any length, which lives in the memory of call. */
dyn_status dyn_fail_text(dyn_call *call, dyn_status status, const char *text);

/* Say where a value stands that has failed: put what and its name in front of
 * the message that call has, as in "column Amount: ...", if status is
 * DYN_INVALID. Returns status; DYN_NOMEM where there is no memory for it. */
dyn_status dyn_fail_at(dyn_call *call, dyn_status status, const char *what,
                       dyn_bytes name);

/* dyn_fail(call, DYN_NOMEM, ...). */
dyn_status dyn_fail_nomem(dyn_call *call);

/* Take over the failure of a call within this one, which is about to end; what
 * has failed in this call itself stays. */
void dyn_call_take_error(dyn_call *call, const dyn_call *within);

#endif
