/*
 * gzip, for bodies of requests and answers, and their checksum.
 */
#ifndef SERVER_PACK_H
#define SERVER_PACK_H

#include "base/call.h"

#include <stdint.h>

/* Fails with DYN_NOMEM. */
dyn_status pack_gzip(dyn_call *call, dyn_bytes plain, dyn_bytes *out);

/* Fails with SerializationException when it is not gzip, or when it has more
 * than maximum_bytes; DYN_NOMEM. */
dyn_status unpack_gzip(dyn_call *call, dyn_bytes packed, size_t maximum_bytes,
                       dyn_bytes *out);

/* CRC32, as gzip has it. */
uint32_t pack_checksum(dyn_bytes bytes);

#endif
