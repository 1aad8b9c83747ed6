/*
 * Writing HTML. Whatever is not a literal of the program is escaped, for there
 * is no other way to add it.
 */
#ifndef SERVER_HTML_H
#define SERVER_HTML_H

#include "base/buffer.h"

/* Add text with &, <, >, " and ' as references, so that it is text in elements
 * and in quoted values of attributes. Control characters are shown as U+FFFD.
 */
void html_escape(dyn_buffer *out, dyn_bytes text);

/*
 * Add a format, which is a literal of HTML, with arguments:
 *
 *   %b  a dyn_bytes, escaped
 *   %s  a const char *, escaped
 *   %q  a dyn_bytes in the query of a URL
 *   %d  an int64_t
 *   %%  a percent sign
 */
void html_add(dyn_buffer *out, const char *format, ...);

/* Add a number as it is read best: digits in groups of three, no `.0`. What is
 * no plain number is escaped. */
void html_number(dyn_buffer *out, dyn_bytes number);

/* Add a size, as `1.5 MB`. */
void html_size(dyn_buffer *out, int64_t size_bytes);

#endif
