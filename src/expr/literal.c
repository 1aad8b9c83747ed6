/* Literals of conditions in SQL; the contract is in literal.h. */
#include "expr/literal.h"

#include "grammar.h"

dyn_status dyn_literal_unquote(dyn_call *call, dyn_bytes text, dyn_bytes *out)
{
    unsigned char mark = text.data[0];
    dyn_bytes inner = {text.data + 1, text.size_bytes - 2};
    if (inner.size_bytes == 0 ||
        memchr(inner.data, mark, inner.size_bytes) == NULL) {
        *out = inner;
        return DYN_OK;
    }
    unsigned char *copy = dyn_alloc(call, inner.size_bytes);
    if (copy == NULL) return DYN_NOMEM;
    size_t size = 0;
    for (size_t i = 0; i < inner.size_bytes; i++) {
        copy[size++] = inner.data[i];
        if (inner.data[i] == mark) i++;
    }
    *out = (dyn_bytes){copy, size};
    return DYN_OK;
}

/* Negative when byte is no hexadecimal digit. */
static int hex_digit(unsigned char byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    byte |= 0x20;
    if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
    return -1;
}

/* x'00ff' */
static dyn_status read_blob(dyn_call *call, dyn_bytes text, dyn_bytes *out)
{
    dyn_bytes digits = {text.data + 2, text.size_bytes - 3};
    unsigned char *bytes = dyn_alloc(call, digits.size_bytes / 2);
    if (bytes == NULL) return DYN_NOMEM;
    bool is_hex = digits.size_bytes % 2 == 0;
    for (size_t i = 0; is_hex && i < digits.size_bytes; i += 2) {
        int high = hex_digit(digits.data[i]);
        int low = hex_digit(digits.data[i + 1]);
        is_hex = high >= 0 && low >= 0;
        bytes[i / 2] = (unsigned char)(high * 16 + low);
    }
    if (!is_hex) {
        return dyn_fail(call, DYN_INVALID,
                        "A blob is written as x'' and pairs of hexadecimal "
                        "digits; blob: %.*s",
                        (int)text.size_bytes, (const char *)text.data);
    }
    *out = (dyn_bytes){bytes, digits.size_bytes / 2};
    return DYN_OK;
}

dyn_status dyn_literal_value(dyn_call *call, const dyn_token *token,
                             dyn_value *out)
{
    switch (token->kind) {
    case DYN_TOKEN_STRING:
        out->type = DYN_TYPE_S;
        return dyn_literal_unquote(call, token->text, &out->bytes);
    case DYN_TOKEN_BLOB:
        out->type = DYN_TYPE_B;
        return read_blob(call, token->text, &out->bytes);
    case DYN_TOKEN_TRUE:
    case DYN_TOKEN_FALSE:
        out->type = DYN_TYPE_BOOL;
        out->boolean = token->kind == DYN_TOKEN_TRUE;
        return DYN_OK;
    case DYN_TOKEN_NULL:
        out->type = DYN_TYPE_NULL;
        return DYN_OK;
    default:
        break;
    }
    out->type = DYN_TYPE_N;
    return dyn_number_parse(call, token->text, &out->number);
}
