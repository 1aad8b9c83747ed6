/*
 * Arena and error of one call. Memory comes from sqlite3_malloc64(), so that
 * SQLite's heap limit, accounting and fault injection all apply to us. A small
 * call is served from inside the dyn_call and allocates nothing.
 */
#include "base/call.h"

#include "base/sqlite.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum { ALIGNMENT = 8, BLOCK_BYTES_MIN = 8 * 1024 };

struct dyn_block {
    dyn_block *older;
};

struct dyn_held {
    dyn_held *older;
    dyn_shared *shared;
};

void dyn_call_begin(dyn_call *call)
{
    call->blocks = NULL;
    call->next = call->first;
    call->free_bytes = sizeof(call->first);
    call->held = NULL;
    call->parse_cache = NULL;
    call->error.status = DYN_OK;
    call->error.reason = DYN_REASON_NONE;
    call->error.torn = false;
    call->error.sqlite_code = 0;
    call->error.name = NULL;
    call->error.members = NULL;
    call->error.text = NULL;
    call->error.message[0] = '\0';
}

void dyn_call_end(dyn_call *call)
{
    for (; call->held != NULL; call->held = call->held->older)
        dyn_shared_let_go(call->held->shared);
    while (call->blocks != NULL) {
        dyn_block *block = call->blocks;
        call->blocks = block->older;
        sqlite3_free(block);
    }
    call->next = call->first;
    call->free_bytes = sizeof(call->first);
}

/* A new block for at least size_bytes. The remainder of the block before it is
 * given up, unless the new one would be used up at once. */
static void *alloc_block(dyn_call *call, size_t size_bytes)
{
    size_t room =
        size_bytes > BLOCK_BYTES_MIN / 4 ? size_bytes : (size_t)BLOCK_BYTES_MIN;
    dyn_block *block =
        sqlite3_malloc64(sizeof(dyn_block) + ALIGNMENT + (sqlite3_uint64)room);
    if (block == NULL) {
        dyn_fail_nomem(call);
        return NULL;
    }
    block->older = call->blocks;
    call->blocks = block;
    uintptr_t start = (uintptr_t)(block + 1);
    size_t skip = (ALIGNMENT - start % ALIGNMENT) % ALIGNMENT;
    unsigned char *memory = (unsigned char *)(block + 1) + skip;
    if (room > size_bytes) {
        call->next = memory + size_bytes;
        call->free_bytes = room - size_bytes;
    }
    return memory;
}

void *dyn_alloc(dyn_call *call, size_t size_bytes)
{
    if (size_bytes > SIZE_MAX / 2) {
        dyn_fail_nomem(call);
        return NULL;
    }
    size_t rounded = (size_bytes + (ALIGNMENT - 1)) & ~(size_t)(ALIGNMENT - 1);
    if (rounded > call->free_bytes) return alloc_block(call, rounded);
    void *memory = call->next;
    call->next += rounded;
    call->free_bytes -= rounded;
    return memory;
}

void *dyn_alloc_zero(dyn_call *call, size_t count, size_t size_bytes)
{
    if (size_bytes > 0 && count > SIZE_MAX / 2 / size_bytes) {
        dyn_fail_nomem(call);
        return NULL;
    }
    void *memory = dyn_alloc(call, count * size_bytes);
    if (memory != NULL) memset(memory, 0, count * size_bytes);
    return memory;
}

dyn_status dyn_copy(dyn_call *call, dyn_bytes bytes, dyn_bytes *out)
{
    unsigned char *copy = dyn_alloc(call, bytes.size_bytes + 1);
    if (copy == NULL) return DYN_NOMEM;
    if (bytes.size_bytes > 0) memcpy(copy, bytes.data, bytes.size_bytes);
    copy[bytes.size_bytes] = '\0';
    *out = (dyn_bytes){copy, bytes.size_bytes};
    return DYN_OK;
}

dyn_status dyn_call_hold(dyn_call *call, dyn_shared *shared)
{
    dyn_held *held = dyn_alloc(call, sizeof(*held));
    if (held == NULL) return DYN_NOMEM;
    *held = (dyn_held){call->held, shared};
    call->held = held;
    shared->owners++;
    return DYN_OK;
}

void dyn_shared_let_go(dyn_shared *shared)
{
    if (--shared->owners == 0) sqlite3_free(shared);
}

char *dyn_format(dyn_call *call, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    va_list again;
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    char *text = dyn_alloc(call, (size_t)length + 1);
    if (text != NULL) vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

/* Remove a UTF-8 sequence that the end of the buffer cut in two. */
static void trim_utf8(char *text, size_t size_bytes)
{
    size_t end = size_bytes;
    while (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
        end--;
    if (end > 0 && ((unsigned char)text[end - 1] & 0xc0) == 0xc0) {
        text[end - 1] = '\0';
    }
}

__attribute__((format(printf, 4, 0))) static dyn_status
fail(dyn_call *call, dyn_status status, dyn_reason reason, const char *format,
     va_list args)
{
    assert(status != DYN_OK);
    int length = vsnprintf(call->error.message, sizeof(call->error.message),
                           format, args);
    if (length >= (int)sizeof(call->error.message)) {
        trim_utf8(call->error.message, sizeof(call->error.message) - 1);
    }
    call->error.status = status;
    call->error.reason = reason;
    call->error.name = NULL;
    call->error.members = NULL;
    call->error.text = NULL;
    return status;
}

dyn_status dyn_fail(dyn_call *call, dyn_status status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail(call, status, DYN_REASON_NONE, format, args);
    va_end(args);
    return status;
}

dyn_status dyn_fail_reason(dyn_call *call, dyn_status status, dyn_reason reason,
                           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fail(call, status, reason, format, args);
    va_end(args);
    return status;
}

dyn_status dyn_fail_text(dyn_call *call, dyn_status status, const char *text)
{
    dyn_fail(call, status, "%s", text);
    call->error.text = text;
    return status;
}

dyn_status dyn_fail_at(dyn_call *call, dyn_status status, const char *what,
                       dyn_bytes name)
{
    if (status != DYN_INVALID) return status;
    const char *message = dyn_format(call, "%s", call->error.message);
    if (message == NULL) return DYN_NOMEM;
    return dyn_fail_reason(call, status, call->error.reason, "%s %.*s: %s",
                           what, (int)name.size_bytes, (const char *)name.data,
                           message);
}

dyn_status dyn_fail_nomem(dyn_call *call)
{
    return dyn_fail(call, DYN_NOMEM, "out of memory");
}

void dyn_call_take_error(dyn_call *call, const dyn_call *within)
{
    const dyn_error *error = &within->error;
    if (error->status == DYN_OK) return;
    call->error = *error;
    if (error->text != NULL)
        call->error.text = dyn_format(call, "%s", error->text);
    if (error->members != NULL)
        call->error.members = dyn_format(call, "%s", error->members);
}
