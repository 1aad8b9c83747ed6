/* gzip by zlib; the contract is in pack.h. */
#include "pack.h"

#include "base/buffer.h"
#include "base/exception.h"

#include <zlib.h>

enum {
    WINDOW_BITS_GZIP = 15 + 16,
    MEMORY_LEVEL = 8,
    CHUNK_BYTES = 16 * 1024,
};

dyn_status pack_gzip(dyn_call *call, dyn_bytes plain, dyn_bytes *out)
{
    z_stream stream = {.next_in = (unsigned char *)plain.data,
                       .avail_in = (unsigned)plain.size_bytes};
    if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, WINDOW_BITS_GZIP,
                     MEMORY_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK)
        return dyn_fail_nomem(call);
    size_t room = deflateBound(&stream, (unsigned long)plain.size_bytes);
    unsigned char *packed = dyn_alloc(call, room);
    int rc = Z_MEM_ERROR;
    if (packed != NULL) {
        stream.next_out = packed;
        stream.avail_out = (unsigned)room;
        rc = deflate(&stream, Z_FINISH);
    }
    *out = (dyn_bytes){packed, stream.total_out};
    deflateEnd(&stream);
    return rc == Z_STREAM_END ? DYN_OK : dyn_fail_nomem(call);
}

static int unpack_chunks(z_stream *stream, dyn_buffer *plain,
                         size_t maximum_bytes)
{
    unsigned char chunk[CHUNK_BYTES];
    int rc = Z_OK;
    while (rc == Z_OK && plain->size_bytes <= maximum_bytes) {
        stream->next_out = chunk;
        stream->avail_out = sizeof(chunk);
        rc = inflate(stream, Z_NO_FLUSH);
        dyn_buffer_add(plain, chunk, sizeof(chunk) - stream->avail_out);
    }
    return rc;
}

dyn_status unpack_gzip(dyn_call *call, dyn_bytes packed, size_t maximum_bytes,
                       dyn_bytes *out)
{
    z_stream stream = {.next_in = (unsigned char *)packed.data,
                       .avail_in = (unsigned)packed.size_bytes};
    dyn_buffer plain;
    dyn_buffer_begin(&plain, call, 2 * packed.size_bytes);
    if (inflateInit2(&stream, WINDOW_BITS_GZIP) != Z_OK)
        return dyn_fail_nomem(call);
    int rc = unpack_chunks(&stream, &plain, maximum_bytes);
    inflateEnd(&stream);
    if (rc == Z_MEM_ERROR) return dyn_fail_nomem(call);
    DYN_TRY(dyn_buffer_end(&plain, out));
    if (out->size_bytes > maximum_bytes) {
        return dyn_fail_as(call, "SerializationException",
                           "the body unpacks to more than %zu bytes",
                           maximum_bytes);
    }
    if (rc == Z_STREAM_END) return DYN_OK;
    return dyn_fail_as(call, "SerializationException",
                       "the body is not whole gzip, as Content-Encoding says");
}

uint32_t pack_checksum(dyn_bytes bytes)
{
    uLong sum = crc32(0, NULL, 0);
    if (bytes.size_bytes > 0)
        sum = crc32(sum, bytes.data, (unsigned)bytes.size_bytes);
    return (uint32_t)sum;
}
