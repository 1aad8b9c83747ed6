/* Writing HTML; the contract is in html.h. */
#include "html.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* How a byte is written in HTML; NULL: as it is. */
static const char *reference(unsigned char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\n':
    case '\t':
        return NULL;
    default:
        return byte < ' ' || byte == 0x7f ? REPLACEMENT : NULL;
    }
}

static void escape_valid(dyn_buffer *out, dyn_bytes text)
{
    for (size_t i = 0; i < text.size_bytes; i++) {
        const char *instead = reference(text.data[i]);
        if (instead == NULL)
            dyn_buffer_add_byte(out, text.data[i]);
        else
            dyn_buffer_add_text(out, instead);
    }
}

void html_escape(dyn_buffer *out, dyn_bytes text)
{
    while (text.size_bytes > 0) {
        size_t valid = dyn_utf8_valid_bytes(text);
        escape_valid(out, (dyn_bytes){text.data, valid});
        if (valid == text.size_bytes) return;
        dyn_buffer_add_text(out, REPLACEMENT);
        text.data += valid + 1;
        text.size_bytes -= valid + 1;
    }
}

/* Add text as a part of a URL's query: all but letters, digits, - _ . ~ as %XX.
 * It needs no escaping. */
static void add_url_part(dyn_buffer *out, dyn_bytes text)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < text.size_bytes; i++) {
        unsigned char byte = text.data[i];
        bool is_plain =
            byte < 0x80 && (isalnum(byte) || byte == '-' || byte == '_' ||
                            byte == '.' || byte == '~');
        if (is_plain) {
            dyn_buffer_add_byte(out, byte);
            continue;
        }
        dyn_buffer_add_byte(out, '%');
        dyn_buffer_add_byte(out, (unsigned char)digits[byte >> 4]);
        dyn_buffer_add_byte(out, (unsigned char)digits[byte & 0xf]);
    }
}

static void add_integer(dyn_buffer *out, int64_t number)
{
    char text[sizeof("-9223372036854775808")];
    snprintf(text, sizeof(text), "%" PRId64, number);
    dyn_buffer_add_text(out, text);
}

void html_add(dyn_buffer *out, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    for (const char *at = format; *at != '\0'; at++) {
        if (*at != '%') {
            dyn_buffer_add_byte(out, (unsigned char)*at);
            continue;
        }
        at++;
        if (*at == 'b')
            html_escape(out, va_arg(args, dyn_bytes));
        else if (*at == 's')
            html_escape(out, dyn_bytes_text(va_arg(args, const char *)));
        else if (*at == 'q')
            add_url_part(out, va_arg(args, dyn_bytes));
        else if (*at == 'd')
            add_integer(out, va_arg(args, int64_t));
        else
            dyn_buffer_add_byte(out, (unsigned char)*at);
    }
    va_end(args);
}

/* ---------------------------------------------------------------- numbers --
 */

void html_number(dyn_buffer *out, dyn_bytes number)
{
    enum { GROUP = 3 };
    size_t begin = number.size_bytes > 0 && number.data[0] == '-' ? 1 : 0;
    size_t end = begin;
    while (end < number.size_bytes && isdigit(number.data[end]))
        end++;
    bool is_whole = end + 2 == number.size_bytes && number.data[end] == '.' &&
                    number.data[end + 1] == '0';
    if (end < number.size_bytes && number.data[end] != '.') {
        html_escape(out, number);
        return;
    }
    for (size_t i = 0; i < end; i++) {
        if (i > begin && (end - i) % GROUP == 0) dyn_buffer_add_byte(out, ',');
        dyn_buffer_add_byte(out, number.data[i]);
    }
    if (!is_whole)
        html_escape(out,
                    (dyn_bytes){number.data + end, number.size_bytes - end});
}

void html_size(dyn_buffer *out, int64_t size_bytes)
{
    static const char *const units[] = {"B", "KB", "MB", "GB", "TB"};
    enum { LAST = sizeof(units) / sizeof(units[0]) - 1, STEP = 1024 };
    char text[32];
    double size = (double)size_bytes;
    int unit = 0;
    while (size >= STEP && unit < LAST) {
        size /= STEP;
        unit++;
    }
    snprintf(text, sizeof(text),
             unit == 0 || size >= 100 ? "%.0f %s" : "%.1f %s", size,
             units[unit]);
    dyn_buffer_add_text(out, text);
}
