/* Signing; the contract is in sigv4.h. */
#include "sigv4.h"

#include "base/buffer.h"

#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <stdlib.h>

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define TERMINATOR "aws4_request"

static const char hex_digits[] = "0123456789abcdef";

/* ------------------------------------------------------------------ text -- */

static void add_hex(dyn_buffer *out, const unsigned char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        dyn_buffer_add_byte(out, (unsigned char)hex_digits[bytes[i] >> 4]);
        dyn_buffer_add_byte(out, (unsigned char)hex_digits[bytes[i] & 15]);
    }
}

static void add_hash(dyn_buffer *out, dyn_bytes bytes)
{
    static const unsigned char none[1];
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256(bytes.data == NULL ? none : bytes.data, bytes.size_bytes, hash);
    add_hex(out, hash, sizeof(hash));
}

static bool is_unreserved(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' ||
           byte == '_' || byte == '~';
}

static void add_encoded_byte(dyn_buffer *out, unsigned char byte)
{
    static const char upper[] = "0123456789ABCDEF";
    if (is_unreserved(byte)) {
        dyn_buffer_add_byte(out, byte);
        return;
    }
    dyn_buffer_add_byte(out, '%');
    dyn_buffer_add_byte(out, (unsigned char)upper[byte >> 4]);
    dyn_buffer_add_byte(out, (unsigned char)upper[byte & 15]);
}

static bool is_between(unsigned char byte, char low, char high)
{
    return byte >= low && byte <= high;
}

static int hex_value(unsigned char byte)
{
    if (is_between(byte, '0', '9')) return byte - '0';
    if (is_between(byte, 'a', 'f')) return byte - 'a' + 10;
    if (is_between(byte, 'A', 'F')) return byte - 'A' + 10;
    return -1;
}

/* A name or value of a query, which may be encoded, in the one way to do that.
 */
static void add_query_part(dyn_buffer *out, dyn_bytes part)
{
    for (size_t i = 0; i < part.size_bytes; i++) {
        unsigned char byte = part.data[i];
        int high = i + 2 < part.size_bytes ? hex_value(part.data[i + 1]) : -1;
        int low = i + 2 < part.size_bytes ? hex_value(part.data[i + 2]) : -1;
        if (byte == '%' && high >= 0 && low >= 0) {
            byte = (unsigned char)(high * 16 + low);
            i += 2;
        } else if (byte == '+') {
            byte = ' ';
        }
        add_encoded_byte(out, byte);
    }
}

/* ----------------------------------------------------------- pieces of it --
 */

/* Take off the text up to a separator, which goes, too. */
static dyn_bytes take_until(dyn_bytes *text, char separator)
{
    dyn_bytes taken = *text;
    const unsigned char *found =
        text->size_bytes == 0 ? NULL
                              : memchr(text->data, separator, text->size_bytes);
    if (found != NULL) taken.size_bytes = (size_t)(found - text->data);
    size_t gone = taken.size_bytes + (found != NULL);
    if (gone > 0) text->data += gone;
    text->size_bytes -= gone;
    return taken;
}

/* Take back the last segment of a path that ends with a slash, which stays. */
static void drop_segment(dyn_buffer *out, size_t begin)
{
    if (out->size_bytes > begin + 1) out->size_bytes--;
    while (out->size_bytes > begin + 1 && out->data[out->size_bytes - 1] != '/')
        out->size_bytes--;
}

/* Segments `.`, `..` and empty ones are resolved. */
static void add_path(dyn_buffer *out, dyn_bytes path)
{
    const size_t begin = out->size_bytes;
    dyn_buffer_add_byte(out, '/');
    while (path.size_bytes > 0 && !out->failed) {
        bool is_last = memchr(path.data, '/', path.size_bytes) == NULL;
        dyn_bytes segment = take_until(&path, '/');
        if (segment.size_bytes == 0 || dyn_bytes_equal_text(segment, "."))
            continue;
        if (dyn_bytes_equal_text(segment, "..")) {
            drop_segment(out, begin);
            continue;
        }
        for (size_t i = 0; i < segment.size_bytes; i++)
            add_encoded_byte(out, segment.data[i]);
        if (!is_last) dyn_buffer_add_byte(out, '/');
    }
}

typedef struct parameter {
    dyn_bytes name;
    dyn_bytes value;
} parameter;

static int compare_parameters(const void *a, const void *b)
{
    const parameter *left = a;
    const parameter *right = b;
    int order = dyn_bytes_compare(left->name, right->name);
    return order != 0 ? order : dyn_bytes_compare(left->value, right->value);
}

static dyn_status encode_part(dyn_call *call, dyn_bytes part, dyn_bytes *out)
{
    dyn_buffer encoded;
    dyn_buffer_begin(&encoded, call, 3 * part.size_bytes + 1);
    add_query_part(&encoded, part);
    return dyn_buffer_end(&encoded, out);
}

static dyn_status read_parameters(dyn_call *call, dyn_bytes query,
                                  dyn_bytes *out)
{
    dyn_buffer all;
    dyn_buffer_begin(&all, call, 4 * sizeof(parameter));
    while (query.size_bytes > 0) {
        dyn_bytes value = take_until(&query, '&');
        if (value.size_bytes == 0) continue;
        dyn_bytes name = take_until(&value, '=');
        parameter one;
        DYN_TRY(encode_part(call, name, &one.name));
        DYN_TRY(encode_part(call, value, &one.value));
        dyn_buffer_add(&all, &one, sizeof(one));
    }
    return dyn_buffer_end(&all, out);
}

/* Parameters in the order of their encoded names and values. */
static dyn_status add_query(dyn_call *call, dyn_buffer *out, dyn_bytes query)
{
    dyn_bytes bytes;
    DYN_TRY(read_parameters(call, query, &bytes));
    const parameter *all = (const parameter *)(const void *)bytes.data;
    size_t count = bytes.size_bytes / sizeof(parameter);
    if (count > 1)
        qsort((void *)bytes.data, count, sizeof(parameter), compare_parameters);
    for (size_t i = 0; i < count; i++) {
        if (i > 0) dyn_buffer_add_byte(out, '&');
        dyn_buffer_add_bytes(out, all[i].name);
        dyn_buffer_add_byte(out, '=');
        dyn_buffer_add_bytes(out, all[i].value);
    }
    return DYN_OK;
}

static bool is_space(unsigned char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

/* Without spaces around it, and one for several within it. */
static void add_trimmed(dyn_buffer *out, dyn_bytes value)
{
    bool has_space = false;
    bool has_text = false;
    for (size_t i = 0; i < value.size_bytes; i++) {
        if (is_space(value.data[i])) {
            has_space = true;
            continue;
        }
        if (has_space && has_text) dyn_buffer_add_byte(out, ' ');
        dyn_buffer_add_byte(out, value.data[i]);
        has_space = false;
        has_text = true;
    }
}

/* A header that came several times has its values in that order. */
static void add_header(dyn_buffer *out, const http_request *request,
                       dyn_bytes name)
{
    bool is_first = true;
    dyn_buffer_add_bytes(out, name);
    dyn_buffer_add_byte(out, ':');
    for (size_t i = 0; i < request->header_count; i++) {
        if (!dyn_bytes_equal_nocase(request->headers[i].name, name)) continue;
        if (!is_first) dyn_buffer_add_byte(out, ',');
        add_trimmed(out, request->headers[i].value);
        is_first = false;
    }
    dyn_buffer_add_byte(out, '\n');
}

/* ---------------------------------------------------------------- signing --
 */

dyn_status sigv4_canonical(dyn_call *call, const http_request *request,
                           dyn_bytes signed_headers, dyn_bytes *out)
{
    enum { ROOM_BYTES = 1024 };
    dyn_buffer text;
    dyn_bytes path = http_request_path(request);
    dyn_bytes query = request->uri;
    dyn_buffer_begin(&text, call, ROOM_BYTES);
    dyn_buffer_add_bytes(&text, request->method);
    dyn_buffer_add_byte(&text, '\n');
    add_path(&text, path);
    dyn_buffer_add_byte(&text, '\n');
    take_until(&query, '?');
    DYN_TRY(add_query(call, &text, query));
    dyn_buffer_add_byte(&text, '\n');
    for (dyn_bytes rest = signed_headers; rest.size_bytes > 0;)
        add_header(&text, request, take_until(&rest, ';'));
    dyn_buffer_add_byte(&text, '\n');
    dyn_buffer_add_bytes(&text, signed_headers);
    dyn_buffer_add_byte(&text, '\n');
    add_hash(&text, request->body);
    return dyn_buffer_end(&text, out);
}

dyn_status sigv4_text_to_sign(dyn_call *call, dyn_bytes time,
                              const sigv4_scope *scope, dyn_bytes canonical,
                              dyn_bytes *out)
{
    enum { ROOM_BYTES = 256 };
    dyn_buffer text;
    dyn_buffer_begin(&text, call, ROOM_BYTES);
    dyn_buffer_add_text(&text, ALGORITHM "\n");
    dyn_buffer_add_bytes(&text, time);
    dyn_buffer_add_byte(&text, '\n');
    dyn_buffer_add_bytes(&text, scope->date);
    dyn_buffer_add_byte(&text, '/');
    dyn_buffer_add_bytes(&text, scope->region);
    dyn_buffer_add_byte(&text, '/');
    dyn_buffer_add_bytes(&text, scope->service);
    dyn_buffer_add_text(&text, "/" TERMINATOR "\n");
    add_hash(&text, canonical);
    return dyn_buffer_end(&text, out);
}

/* Replace the key by the code of a text under it. */
static bool next_key(unsigned char key[SHA256_DIGEST_LENGTH], dyn_bytes text)
{
    unsigned char code[SHA256_DIGEST_LENGTH];
    if (HMAC(EVP_sha256(), key, SHA256_DIGEST_LENGTH, text.data,
             text.size_bytes, code, NULL) == NULL)
        return false;
    memcpy(key, code, sizeof(code));
    return true;
}

static bool first_key(dyn_bytes secret, dyn_bytes text,
                      unsigned char key[SHA256_DIGEST_LENGTH])
{
    return HMAC(EVP_sha256(), secret.data, (int)secret.size_bytes, text.data,
                text.size_bytes, key, NULL) != NULL;
}

dyn_status sigv4_sign(dyn_call *call, dyn_bytes secret,
                      const sigv4_scope *scope, dyn_bytes text_to_sign,
                      char signature[SIGV4_HEX_CHARACTERS + 1])
{
    unsigned char key[SHA256_DIGEST_LENGTH];
    dyn_buffer full;
    dyn_bytes bytes;
    dyn_buffer_begin(&full, call, secret.size_bytes + 4);
    dyn_buffer_add_text(&full, "AWS4");
    dyn_buffer_add_bytes(&full, secret);
    DYN_TRY(dyn_buffer_end(&full, &bytes));
    if (!first_key(bytes, scope->date, key) || !next_key(key, scope->region) ||
        !next_key(key, scope->service) ||
        !next_key(key, dyn_bytes_text(TERMINATOR)) ||
        !next_key(key, text_to_sign))
        return dyn_fail_nomem(call);
    for (size_t i = 0; i < sizeof(key); i++) {
        signature[2 * i] = hex_digits[key[i] >> 4];
        signature[2 * i + 1] = hex_digits[key[i] & 15];
    }
    signature[SIGV4_HEX_CHARACTERS] = '\0';
    return DYN_OK;
}
