/* A file of access keys; the contract is in credentials.h. */
#include "credentials.h"

#include "base/buffer.h"

#include <errno.h>
#include <stdio.h>

static bool is_space(unsigned char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

/* Take the next word of a line off it. */
static dyn_bytes take_word(dyn_bytes *line)
{
    dyn_bytes word = *line;
    size_t at = 0;
    while (at < line->size_bytes && is_space(line->data[at]))
        at++;
    word.data = line->data + at;
    word.size_bytes = 0;
    while (at < line->size_bytes && !is_space(line->data[at]))
        at++, word.size_bytes++;
    line->data += at;
    line->size_bytes -= at;
    return word;
}

static dyn_bytes take_line(dyn_bytes *text)
{
    dyn_bytes line = *text;
    const unsigned char *end = memchr(text->data, '\n', text->size_bytes);
    if (end != NULL) line.size_bytes = (size_t)(end - text->data);
    size_t taken = line.size_bytes + (end != NULL);
    text->data += taken;
    text->size_bytes -= taken;
    return line;
}

static dyn_status read_line(dyn_call *call, dyn_bytes line, size_t number,
                            dyn_buffer *all)
{
    credential_line one = {.access_key = take_word(&line)};
    if (one.access_key.size_bytes == 0 || one.access_key.data[0] == '#')
        return DYN_OK;
    one.secret = take_word(&line);
    if (one.secret.size_bytes == 0 || take_word(&line).size_bytes > 0) {
        return dyn_fail(call, DYN_INVALID,
                        "line %zu is not an access key and a secret", number);
    }
    dyn_buffer_add(all, &one, sizeof(one));
    return DYN_OK;
}

dyn_status credentials_read(dyn_call *call, dyn_bytes text,
                            credential_list *out)
{
    dyn_buffer all;
    dyn_bytes bytes;
    dyn_buffer_begin(&all, call, 4 * sizeof(credential_line));
    for (size_t number = 1; text.size_bytes > 0; number++)
        DYN_TRY(read_line(call, take_line(&text), number, &all));
    DYN_TRY(dyn_buffer_end(&all, &bytes));
    out->all = (const credential_line *)(const void *)bytes.data;
    out->count = bytes.size_bytes / sizeof(credential_line);
    if (out->count == 0)
        return dyn_fail(call, DYN_INVALID, "it has no access keys");
    return DYN_OK;
}

static dyn_status read_file(dyn_call *call, const char *path, FILE *file,
                            dyn_bytes *text)
{
    enum { CHUNK_BYTES = 4096 };
    dyn_buffer all;
    dyn_buffer_begin(&all, call, CHUNK_BYTES);
    char chunk[CHUNK_BYTES];
    for (size_t got = 1; got > 0;) {
        got = fread(chunk, 1, sizeof(chunk), file);
        dyn_buffer_add(&all, chunk, got);
    }
    if (ferror(file) != 0)
        return dyn_fail(call, DYN_INVALID, "%s cannot be read", path);
    return dyn_buffer_end(&all, text);
}

dyn_status credentials_load(dyn_call *call, const char *path,
                            credential_list *out)
{
    dyn_bytes text = {NULL, 0};
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return dyn_fail(call, DYN_INVALID, "%s cannot be opened: %s", path,
                        strerror(errno));
    }
    dyn_status status = read_file(call, path, file, &text);
    fclose(file);
    DYN_TRY(status);
    return credentials_read(call, text, out);
}

dyn_bytes credentials_secret(const credential_list *credentials,
                             dyn_bytes access_key)
{
    for (size_t i = 0; i < credentials->count; i++) {
        if (dyn_bytes_equal(credentials->all[i].access_key, access_key))
            return credentials->all[i].secret;
    }
    return (dyn_bytes){NULL, 0};
}
