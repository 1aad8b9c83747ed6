/* Fields of forms; the contract is in form.h. */
#include "form.h"

enum { FIELDS_MAX = 64 };

static int digit(unsigned char byte)
{
    if (byte >= '0' && byte <= '9') return byte - '0';
    byte |= 0x20;
    return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

/* Lines end in CR LF on the way from a browser, and in LF here. */
static dyn_status decode(dyn_call *call, dyn_bytes sent, dyn_bytes *out)
{
    unsigned char *text = dyn_alloc(call, sent.size_bytes + 1);
    size_t size = 0;
    if (text == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < sent.size_bytes; i++) {
        unsigned char byte = sent.data[i];
        if (byte == '+') byte = ' ';
        if (byte == '%' && i + 2 < sent.size_bytes &&
            digit(sent.data[i + 1]) >= 0 && digit(sent.data[i + 2]) >= 0) {
            byte = (unsigned char)(digit(sent.data[i + 1]) << 4 |
                                   digit(sent.data[i + 2]));
            i += 2;
        }
        if (byte == '\n' && size > 0 && text[size - 1] == '\r') size--;
        text[size++] = byte;
    }
    text[size] = '\0';
    *out = (dyn_bytes){text, size};
    return DYN_OK;
}

/* The part of text before the first mark; *rest is behind that. */
static dyn_bytes cut(dyn_bytes text, char mark, dyn_bytes *rest)
{
    const unsigned char *at =
        text.size_bytes == 0 ? NULL : memchr(text.data, mark, text.size_bytes);
    *rest = (dyn_bytes){NULL, 0};
    if (at == NULL) return text;
    size_t size = (size_t)(at - text.data);
    *rest = (dyn_bytes){at + 1, text.size_bytes - size - 1};
    return (dyn_bytes){text.data, size};
}

dyn_status form_read(dyn_call *call, dyn_bytes sent, server_form *out)
{
    form_field *fields = dyn_alloc_zero(call, FIELDS_MAX, sizeof(*fields));
    *out = (server_form){fields, 0};
    if (fields == NULL) return DYN_NOMEM;
    while (sent.size_bytes > 0) {
        dyn_bytes value;
        dyn_bytes field = cut(sent, '&', &sent);
        dyn_bytes name = cut(field, '=', &value);
        if (out->count == FIELDS_MAX)
            return dyn_fail(call, DYN_INVALID, "a form has at most %d fields",
                            FIELDS_MAX);
        DYN_TRY(decode(call, name, &fields[out->count].name));
        DYN_TRY(decode(call, value, &fields[out->count].value));
        out->count++;
    }
    return DYN_OK;
}

dyn_bytes form_value(const server_form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (dyn_bytes_equal_text(form->fields[i].name, name))
            return form->fields[i].value;
    }
    return (dyn_bytes){(const unsigned char *)"", 0};
}

bool form_has(const server_form *form, const char *name)
{
    return form_value(form, name).size_bytes > 0;
}
