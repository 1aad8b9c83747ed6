/* Key encoding; the layout is in key.h. */
#include "item/key.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <assert.h>

enum {
    ESCAPED = 0x00,
    ESCAPE_ZERO = 0xff, /* after ESCAPED: a zero byte */
    ESCAPE_END = 0x01,  /* after ESCAPED: the end */
    KEY_BYTES_USUAL = 96,
};

void dyn_key_add_partition(dyn_buffer *key, const dyn_value *value)
{
    unsigned char number[DYN_NUMBER_ENCODED_BYTES];
    dyn_bytes bytes = value->bytes;
    if (value->type == DYN_TYPE_N) {
        bytes = (dyn_bytes){number, dyn_number_encode(&value->number, number)};
    }
    assert(bytes.size_bytes <= 0xffff);
    dyn_buffer_add_byte(key, (unsigned char)(bytes.size_bytes >> 8));
    dyn_buffer_add_byte(key, (unsigned char)bytes.size_bytes);
    dyn_buffer_add_bytes(key, bytes);
}

void dyn_key_add_sort_prefix(dyn_buffer *key, dyn_bytes prefix)
{
    while (prefix.size_bytes > 0) {
        const unsigned char *zero = memchr(prefix.data, 0, prefix.size_bytes);
        size_t run =
            zero == NULL ? prefix.size_bytes : (size_t)(zero - prefix.data) + 1;
        dyn_buffer_add(key, prefix.data, run);
        if (zero != NULL) dyn_buffer_add_byte(key, ESCAPE_ZERO);
        prefix.data += run;
        prefix.size_bytes -= run;
    }
}

static void add_sort_number(dyn_buffer *key, const dyn_number *number)
{
    unsigned char bytes[DYN_NUMBER_ENCODED_BYTES];
    size_t size = dyn_number_encode(number, bytes);
    dyn_buffer_add(key, bytes, size);
    if (size > 1) dyn_buffer_add_byte(key, number->negative ? 0xff : 0x00);
}

void dyn_key_add_sort(dyn_buffer *key, const dyn_value *value)
{
    if (value->type == DYN_TYPE_N) {
        add_sort_number(key, &value->number);
        return;
    }
    dyn_key_add_sort_prefix(key, value->bytes);
    dyn_buffer_add_byte(key, ESCAPED);
    dyn_buffer_add_byte(key, ESCAPE_END);
}

void dyn_key_begin(dyn_buffer *key, dyn_call *call)
{
    dyn_buffer_begin(key, call, KEY_BYTES_USUAL);
    dyn_buffer_reserve(key, DYN_KEY_HASH_BYTES);
}

void dyn_key_write_hash(uint64_t hash, unsigned char out[DYN_KEY_HASH_BYTES])
{
    for (int i = 0; i < DYN_KEY_HASH_BYTES; i++) {
        out[i] = (unsigned char)(hash >> (8 * (DYN_KEY_HASH_BYTES - 1 - i)));
    }
}

void dyn_key_set_hash(dyn_buffer *key)
{
    if (key->failed) return;
    assert(key->size_bytes > DYN_KEY_HASH_BYTES);
    uint64_t hash = XXH3_64bits(key->data + DYN_KEY_HASH_BYTES,
                                key->size_bytes - DYN_KEY_HASH_BYTES);
    dyn_key_write_hash(hash, key->data);
}

uint64_t dyn_key_hash(dyn_bytes key)
{
    assert(key.size_bytes >= DYN_KEY_HASH_BYTES);
    uint64_t hash = 0;
    for (int i = 0; i < DYN_KEY_HASH_BYTES; i++)
        hash = hash << 8 | key.data[i];
    return hash;
}

dyn_bytes dyn_key_partition(dyn_bytes key, size_t count)
{
    static const dyn_bytes none = {NULL, 0};
    size_t size = DYN_KEY_HASH_BYTES;
    for (size_t i = 0; i < count; i++) {
        if (size + 2 > key.size_bytes) return none;
        size += 2 + ((size_t)key.data[size] << 8 | key.data[size + 1]);
    }
    return size <= key.size_bytes ? (dyn_bytes){key.data, size} : none;
}

uint64_t dyn_key_digest(dyn_bytes key)
{
    return XXH3_64bits(key.data, key.size_bytes);
}

dyn_bytes dyn_key_end(void)
{
    static const unsigned char end[DYN_KEY_HASH_BYTES + 1] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    return (dyn_bytes){end, sizeof(end)};
}

dyn_status dyn_key_after(dyn_call *call, dyn_bytes bytes, dyn_bytes *out)
{
    size_t size = bytes.size_bytes;
    while (size > 0 && bytes.data[size - 1] == 0xff)
        size--;
    unsigned char *copy = dyn_alloc(call, size);
    if (copy == NULL) return DYN_NOMEM;
    if (size > 0) {
        memcpy(copy, bytes.data, size);
        copy[size - 1]++;
    }
    *out = (dyn_bytes){copy, size};
    return DYN_OK;
}

/* --------------------------------------------------------------- reading -- */

static dyn_status fail_corrupt(dyn_call *call)
{
    return dyn_fail(call, DYN_CORRUPT, "a stored key does not decode");
}

static bool take(dyn_bytes *rest, size_t size_bytes, dyn_bytes *out)
{
    if (size_bytes > rest->size_bytes) return false;
    *out = (dyn_bytes){rest->data, size_bytes};
    rest->data += size_bytes;
    rest->size_bytes -= size_bytes;
    return true;
}

dyn_status dyn_key_next_partition(dyn_call *call, dyn_bytes *rest,
                                  dyn_type type, dyn_value *out)
{
    dyn_bytes length = {NULL, 0};
    dyn_bytes bytes = {NULL, 0};
    if (!take(rest, 2, &length) ||
        !take(rest, (size_t)length.data[0] << 8 | length.data[1], &bytes)) {
        return fail_corrupt(call);
    }
    if (out == NULL) return DYN_OK;
    out->type = type;
    if (type == DYN_TYPE_N) {
        return dyn_number_decode(bytes, &out->number) ? DYN_OK
                                                      : fail_corrupt(call);
    }
    out->bytes = bytes;
    return DYN_OK;
}

/* A number ends at its terminator: the pairs of a positive one are 0x01 to
 * 0x64, those of a negative one 0x9B to 0xFE, and the exponent is skipped. */
static dyn_status next_sort_number(dyn_call *call, dyn_bytes *rest,
                                   dyn_number *out)
{
    if (rest->size_bytes == 0) return fail_corrupt(call);
    dyn_bytes bytes = {rest->data, 1};
    size_t used = 1;
    if (rest->data[0] != 0x80) {
        unsigned char end = rest->data[0] < 0x80 ? 0xff : 0x00;
        size_t size = 2;
        while (size < rest->size_bytes && rest->data[size] != end)
            size++;
        if (size >= rest->size_bytes) return fail_corrupt(call);
        bytes.size_bytes = size;
        used = size + 1;
    }
    if (out != NULL && !dyn_number_decode(bytes, out))
        return fail_corrupt(call);
    take(rest, used, &bytes);
    return DYN_OK;
}

/* What is before the first zero byte is in place, and that is mostly all. */
static dyn_status next_sort_bytes(dyn_call *call, dyn_bytes *rest,
                                  dyn_bytes *out)
{
    const unsigned char *next = rest->data;
    const unsigned char *end = next + rest->size_bytes;
    unsigned char *copy = NULL;
    *out = (dyn_bytes){next, 0};
    while (next < end) {
        const unsigned char *zero = memchr(next, ESCAPED, (size_t)(end - next));
        if (zero == NULL || zero + 1 == end) break;
        size_t run = (size_t)(zero - next);
        if (copy != NULL) memcpy(copy + out->size_bytes, next, run);
        out->size_bytes += run;
        next = zero + 2;
        if (zero[1] == ESCAPE_END) {
            *rest = (dyn_bytes){next, (size_t)(end - next)};
            return DYN_OK;
        }
        if (zero[1] != ESCAPE_ZERO) break;
        if (copy == NULL) {
            copy = dyn_alloc(call, rest->size_bytes);
            if (copy == NULL) return DYN_NOMEM;
            memcpy(copy, rest->data, run);
            out->data = copy;
        }
        copy[out->size_bytes++] = 0;
    }
    return fail_corrupt(call);
}

dyn_status dyn_key_next_sort(dyn_call *call, dyn_bytes *rest, dyn_type type,
                             dyn_value *out)
{
    dyn_bytes skipped;
    if (out != NULL) out->type = type;
    if (type == DYN_TYPE_N)
        return next_sort_number(call, rest, out == NULL ? NULL : &out->number);

    return next_sort_bytes(call, rest, out == NULL ? &skipped : &out->bytes);
}
