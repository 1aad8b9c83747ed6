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
    size_t room_bytes; /* size_bytes at most; data has one byte more. A buffer
                        * that has failed has no room left */
    bool failed;       /* call->error says why: DYN_NOMEM */
} dyn_buffer;

/* An empty buffer with room for room_bytes, and more when it needs it. */
void dyn_buffer_begin(dyn_buffer *buffer, dyn_call *call, size_t room_bytes);

/* dyn_buffer_reserve() where the room does not do. */
unsigned char *dyn_buffer_grow(dyn_buffer *buffer, size_t size_bytes);

/* Add size_bytes bytes, at least one, that the caller fills in before it adds
 * others. Returns NULL when the buffer has failed. */
static inline unsigned char *dyn_buffer_reserve(dyn_buffer *buffer,
                                                size_t size_bytes)
{
    if (size_bytes > buffer->room_bytes - buffer->size_bytes)
        return dyn_buffer_grow(buffer, size_bytes);
    unsigned char *reserved = buffer->data + buffer->size_bytes;
    buffer->size_bytes += size_bytes;
    return reserved;
}

static inline void dyn_buffer_add_byte(dyn_buffer *buffer, unsigned char byte)
{
    unsigned char *reserved = dyn_buffer_reserve(buffer, 1);
    if (reserved != NULL) *reserved = byte;
}

void dyn_buffer_add(dyn_buffer *buffer, const void *data, size_t size_bytes);
void dyn_buffer_add_text(dyn_buffer *buffer, const char *text);
void dyn_buffer_add_bytes(dyn_buffer *buffer, dyn_bytes bytes);

/* The bytes added, in the memory of the call, followed by a zero byte that is
 * not counted. Fails with DYN_NOMEM when any of the adds did. */
dyn_status dyn_buffer_end(dyn_buffer *buffer, dyn_bytes *out);

#endif
