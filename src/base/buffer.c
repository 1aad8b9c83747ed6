/*
 * Growth doubles, so that what is given up on the way, which stays with the
 * call, is never more than what is kept.
 */
#include "base/buffer.h"

enum { ROOM_BYTES_MIN = 63 }; /* and one for the zero byte */

static void fail(dyn_buffer *buffer)
{
    dyn_fail_nomem(buffer->call);
    buffer->failed = true;
    buffer->room_bytes = buffer->size_bytes;
}

static void grow(dyn_buffer *buffer, size_t more_bytes)
{
    if (more_bytes > SIZE_MAX / 2 - buffer->size_bytes) {
        fail(buffer);
        return;
    }
    size_t room = buffer->size_bytes + more_bytes;
    if (room < 2 * buffer->room_bytes) room = 2 * buffer->room_bytes;
    if (room < ROOM_BYTES_MIN) room = ROOM_BYTES_MIN;
    unsigned char *data = dyn_alloc(buffer->call, room + 1);
    if (data == NULL) {
        fail(buffer);
        return;
    }
    if (buffer->size_bytes > 0) memcpy(data, buffer->data, buffer->size_bytes);
    buffer->data = data;
    buffer->room_bytes = room;
}

void dyn_buffer_begin(dyn_buffer *buffer, dyn_call *call, size_t room_bytes)
{
    *buffer = (dyn_buffer){.call = call};
    grow(buffer, room_bytes);
}

unsigned char *dyn_buffer_grow(dyn_buffer *buffer, size_t size_bytes)
{
    if (!buffer->failed) grow(buffer, size_bytes);
    return buffer->failed ? NULL : dyn_buffer_reserve(buffer, size_bytes);
}

void dyn_buffer_add(dyn_buffer *buffer, const void *data, size_t size_bytes)
{
    if (size_bytes == 0) return;
    unsigned char *reserved = dyn_buffer_reserve(buffer, size_bytes);
    if (reserved != NULL) memcpy(reserved, data, size_bytes);
}

void dyn_buffer_add_text(dyn_buffer *buffer, const char *text)
{
    dyn_buffer_add_bytes(buffer, dyn_bytes_text(text));
}

void dyn_buffer_add_bytes(dyn_buffer *buffer, dyn_bytes bytes)
{
    dyn_buffer_add(buffer, bytes.data, bytes.size_bytes);
}

dyn_status dyn_buffer_end(dyn_buffer *buffer, dyn_bytes *out)
{
    if (buffer->failed) return dyn_fail_nomem(buffer->call);
    buffer->data[buffer->size_bytes] = '\0';
    *out = (dyn_bytes){buffer->data, buffer->size_bytes};
    return DYN_OK;
}
