/*
 * Base64 in the standard alphabet of RFC 4648, section 4, as JSON carries
 * binary values.
 *
 * Layer: base.
 */
#ifndef DYN_BASE_BASE64_H
#define DYN_BASE_BASE64_H

#include "base/call.h"

/*
 * Decode text; *out is in the memory of call, and not NULL when it is empty.
 *
 * There is one text for any bytes: padding is required, blanks and line ends
 * are refused, and so are bits beyond the last byte that are not zero. Fails
 * with DYN_INVALID `Invalid base64 text`, DYN_NOMEM.
 */
dyn_status dyn_base64_decode(dyn_call *call, dyn_bytes text, dyn_bytes *out);

/* How many bytes the text of size_bytes bytes has, padding included. */
size_t dyn_base64_encoded_bytes(size_t size_bytes);

/* Write the text of bytes to out, which has room for
 * dyn_base64_encoded_bytes(bytes.size_bytes) bytes. Not terminated. */
void dyn_base64_encode(dyn_bytes bytes, char *out);

#endif
