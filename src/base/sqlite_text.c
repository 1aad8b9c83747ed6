/* UTF-16 as RFC 2781 defines it, in the byte order of the machine. */
#include "base/sqlite_text.h"

#include "base/sqlite.h"
#include "base/utf8.h"

#include <stdint.h>

bool dyn_sqlite_text_is_special(dyn_bytes text)
{
    const unsigned char *at = text.data;
    const unsigned char *end = at == NULL ? NULL : at + text.size_bytes;
    while (at != NULL && end - at >= 3) {
        at = memchr(at, 0xef, (size_t)(end - at) - 2);
        if (at == NULL) return false;
        if (at[1] == 0xbf && at[2] >= 0xbe) return dyn_utf8_valid(text);
        at++;
    }
    return false;
}

static size_t write_unit(unsigned char *out, uint32_t unit)
{
    uint16_t written = (uint16_t)unit;
    memcpy(out, &written, sizeof(written));
    return sizeof(written);
}

static size_t write_utf16(unsigned char *out, uint32_t code_point)
{
    if (code_point < 0x10000) return write_unit(out, code_point);
    uint32_t rest = code_point - 0x10000;
    write_unit(out, 0xd800 | rest >> 10);
    return 2 + write_unit(out + 2, 0xdc00 | (rest & 0x3ff));
}

/* SQLite takes a byte order mark off: without one of ours it would take off one
 * that the text begins with. */
static size_t write_text(unsigned char *out, dyn_bytes text)
{
    size_t size = write_unit(out, 0xfeff);
    for (size_t at = 0; at < text.size_bytes;) {
        uint32_t code_point = 0;
        at += dyn_utf8_decode(text.data + at, &code_point);
        size += write_utf16(out + size, code_point);
    }
    return size;
}

dyn_sqlite_text dyn_sqlite_text_of(dyn_bytes text, void (*destructor)(void *))
{
    if (!dyn_sqlite_text_is_special(text)) {
        return (dyn_sqlite_text){text.data == NULL ? ""
                                                   : (const char *)text.data,
                                 text.size_bytes, destructor, SQLITE_UTF8};
    }
    dyn_sqlite_text out = {NULL, 0, sqlite3_free, SQLITE_UTF16};
    unsigned char *units = sqlite3_malloc64(2 + 2 * text.size_bytes);
    if (units == NULL) return out;
    out.size_bytes = write_text(units, text);
    out.data = (const char *)units;
    return out;
}
