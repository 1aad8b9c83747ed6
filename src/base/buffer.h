/*
 * A growable run of bytes in the memory of a call.
 *
 * Adding returns nothing: once there is no memory, the buffer has failed and
 * everything added to it is ignored, until dyn_buffer_end() tells. It owns
 * nothing that dyn_call_end() does not free, so it may be dropped at any time.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_BUFFER_H
#define DYN_BASE_BUFFER_H

#include "base/call.h"

typedef struct dyn_buffer {
    dyn_call *call;
    unsigned char *data; /* moves when the buffer grows; NULL only when the
                          * buffer has failed */
    size_t size_bytes;
    size_t room_bytes; /* size_bytes at most; data has one byte more */
    bool failed;       /* call->error says why: DYN_NOMEM */
} dyn_buffer;

/* An empty buffer with room for room_bytes, and more when it needs it. */
void dyn_buffer_begin(dyn_buffer *buffer, dyn_call *call, size_t room_bytes);

void dyn_buffer_add(dyn_buffer *buffer, const void *data, size_t size_bytes);
void dyn_buffer_add_byte(dyn_buffer *buffer, unsigned char byte);
void dyn_buffer_add_text(dyn_buffer *buffer, const char *text);
void dyn_buffer_add_bytes(dyn_buffer *buffer, dyn_bytes bytes);

/* Add size_bytes bytes that the caller fills in, before it adds others.
 * Returns NULL when the buffer has failed. */
unsigned char *dyn_buffer_reserve(dyn_buffer *buffer, size_t size_bytes);

/* The bytes added, in the memory of the call, followed by a zero byte that is
 * not counted. Fails with DYN_NOMEM when any of the adds did. */
dyn_status dyn_buffer_end(dyn_buffer *buffer, dyn_bytes *out);

#endif
