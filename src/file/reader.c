/* Reading; the contracts are in reader.h. */
// NOLINTNEXTLINE(bugprone-reserved-identifier): POSIX names it so
#define _POSIX_C_SOURCE 200809L
#include "file/reader.h"

#include "base/buffer.h"
#include "file/folder.h"
#include "file/zlib_memory.h"

#include <fcntl.h>
#include <unistd.h>

enum { GZIP_WINDOW_BITS = 15 + 16 }; /* the widest; and gzip's head */

static dyn_status fail(dyn_call *call, dyn_reader *reader, const char *what)
{
    reader->has_failed = true;
    return dyn_fail(call, DYN_INVALID, "%s: %s", reader->path, what);
}

/* --------------------------------------------------------------- filling -- */

static dyn_status read_file(dyn_call *call, dyn_reader *reader,
                            unsigned char *to, size_t room_bytes, size_t *size)
{
    ssize_t count = read(reader->file, to, room_bytes);
    *size = count > 0 ? (size_t)count : 0;
    if (count >= 0) return DYN_OK;
    reader->has_failed = true;
    return dyn_path_fail(call, reader->path);
}

/* More of what gzip has compressed. A file may have several such parts. */
static dyn_status feed(dyn_call *call, dyn_reader *reader)
{
    size_t size = 0;
    if (reader->stream.avail_in > 0) return DYN_OK;
    DYN_TRY(
        read_file(call, reader, reader->stored, sizeof(reader->stored), &size));
    reader->stream.next_in = reader->stored;
    reader->stream.avail_in = (unsigned)size;
    if (size > 0) return DYN_OK;
    reader->is_end = true;
    if (!reader->is_within) return DYN_OK;
    return fail(call, reader, "it ends amid what gzip has compressed");
}

static dyn_status inflate_some(dyn_call *call, dyn_reader *reader)
{
    DYN_TRY(feed(call, reader));
    if (reader->is_end) return DYN_OK;
    reader->stream.next_out = reader->text;
    reader->stream.avail_out = sizeof(reader->text);
    reader->is_within = true;
    int code = inflate(&reader->stream, Z_NO_FLUSH);
    reader->count = sizeof(reader->text) - reader->stream.avail_out;
    if (code == Z_STREAM_END) {
        reader->is_within = false;
        code = inflateReset(&reader->stream);
    }
    if (code == Z_OK || code == Z_BUF_ERROR) return DYN_OK;
    if (code == Z_MEM_ERROR) {
        reader->has_failed = true;
        return dyn_fail_nomem(call);
    }
    return fail(call, reader, "what gzip has compressed is damaged");
}

/* Have text unless the file is at its end. */
static dyn_status fill(dyn_call *call, dyn_reader *reader)
{
    if (reader->has_failed) return fail(call, reader, "it cannot be read on");
    while (reader->at == reader->count && !reader->is_end) {
        reader->at = 0;
        reader->count = 0;
        if (reader->is_gzip) {
            DYN_TRY(inflate_some(call, reader));
            continue;
        }
        DYN_TRY(read_file(call, reader, reader->text, sizeof(reader->text),
                          &reader->count));
        reader->is_end = reader->count == 0;
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- opening -- */

static bool begins_with(const dyn_reader *reader, const char *text)
{
    dyn_bytes begin = {reader->text, reader->count};
    return dyn_bytes_begin_with(begin, dyn_bytes_text(text));
}

static dyn_status begin_gzip(dyn_call *call, dyn_reader *reader)
{
    reader->stream = dyn_zlib_stream();
    if (inflateInit2(&reader->stream, GZIP_WINDOW_BITS) != Z_OK)
        return dyn_fail_nomem(call);
    reader->is_gzip = true;
    memcpy(reader->stored, reader->text, reader->count);
    reader->stream.next_in = reader->stored;
    reader->stream.avail_in = (unsigned)reader->count;
    reader->count = 0;
    return fill(call, reader);
}

/* The first read has to fit where compressed bytes lie. */
static dyn_status begin(dyn_call *call, dyn_reader *reader)
{
    DYN_TRY(read_file(call, reader, reader->text, sizeof(reader->stored),
                      &reader->count));
    reader->is_end = reader->count == 0;
    if (begins_with(reader, "\x28\xb5\x2f\xfd")) {
        return fail(call, reader,
                    "it is compressed by Zstandard, which dynamo does not "
                    "read: decompress it with zstd -d");
    }
    if (begins_with(reader, "\x1f\x8b")) DYN_TRY(begin_gzip(call, reader));
    if (begins_with(reader, "\xef\xbb\xbf"))
        reader->at = strlen("\xef\xbb\xbf");
    return DYN_OK;
}

dyn_reader *dyn_reader_new(dyn_call *call)
{
    dyn_reader *reader = dyn_alloc(call, sizeof(*reader));
    if (reader != NULL) reader->file = -1;
    return reader;
}

dyn_status dyn_reader_open(dyn_call *call, const char *path, dyn_reader *reader)
{
    dyn_path_kind kind = dyn_path_kind_of(path);
    reader->file = -1;
    if (kind == DYN_PATH_NONE) return dyn_path_fail(call, path);
    if (kind != DYN_PATH_FILE)
        return dyn_fail(call, DYN_INVALID, "%s is no file", path);
    memset(reader, 0, offsetof(dyn_reader, stored));
    reader->path = path;
    reader->file = open(path, O_RDONLY | O_CLOEXEC);
    if (reader->file < 0) return dyn_path_fail(call, path);
    dyn_status status = begin(call, reader);
    if (status != DYN_OK) dyn_reader_close(reader);
    return status;
}

void dyn_reader_close(dyn_reader *reader)
{
    if (reader->file < 0) return;
    close(reader->file);
    reader->file = -1;
    if (reader->is_gzip) inflateEnd(&reader->stream);
}

/* --------------------------------------------------------------- reading -- */

dyn_bytes dyn_reader_peek(const dyn_reader *reader)
{
    enum { BYTES = 2 };
    size_t left = reader->count - reader->at;
    return (dyn_bytes){reader->text + reader->at, left < BYTES ? left : BYTES};
}

/* The rest of a line that lies in text, and whether its end does. */
static dyn_bytes take(dyn_reader *reader, bool *is_whole)
{
    const unsigned char *begin = reader->text + reader->at;
    size_t left = reader->count - reader->at;
    const unsigned char *end = left == 0 ? NULL : memchr(begin, '\n', left);
    *is_whole = end != NULL;
    size_t size = end != NULL ? (size_t)(end - begin) : left;
    size_t read = size + *is_whole;
    reader->at += read;
    reader->bytes += (int64_t)read;
    return (dyn_bytes){begin, size};
}

static dyn_bytes without_return(dyn_bytes line)
{
    if (line.size_bytes > 0 && line.data[line.size_bytes - 1] == '\r')
        line.size_bytes--;
    return line;
}

/* A line that does not lie in text as a whole. */
static dyn_status join_line(dyn_call *call, dyn_reader *reader, dyn_bytes begin,
                            dyn_bytes *out)
{
    dyn_buffer line;
    bool is_whole = false;
    dyn_buffer_begin(&line, call, 2 * begin.size_bytes);
    dyn_buffer_add_bytes(&line, begin);
    for (;;) {
        DYN_TRY(fill(call, reader));
        if (is_whole || reader->at == reader->count) break;
        dyn_buffer_add_bytes(&line, take(reader, &is_whole));
        if (line.size_bytes > DYN_LINE_BYTES_MAX)
            return fail(call, reader, "a line is longer than 16 MB");
        if (is_whole) break;
    }
    return dyn_buffer_end(&line, out);
}

dyn_status dyn_reader_line(dyn_call *call, dyn_reader *reader, dyn_bytes *out)
{
    bool is_whole = false;
    *out = (dyn_bytes){NULL, 0};
    DYN_TRY(fill(call, reader));
    if (reader->at == reader->count) return DYN_OK;
    reader->line++;
    *out = take(reader, &is_whole);
    if (!is_whole) DYN_TRY(join_line(call, reader, *out, out));
    *out = without_return(*out);
    return DYN_OK;
}

dyn_status dyn_reader_byte(dyn_call *call, dyn_reader *reader, int *out)
{
    *out = -1;
    if (reader->at == reader->count) DYN_TRY(fill(call, reader));
    if (reader->at == reader->count) return DYN_OK;
    *out = reader->text[reader->at++];
    reader->bytes++;
    return DYN_OK;
}
