/* Writing; the contracts are in writer.h. */
// NOLINTNEXTLINE(bugprone-reserved-identifier): POSIX names it so
#define _POSIX_C_SOURCE 200809L
#include "file/writer.h"

#include "file/folder.h"
#include "file/zlib_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum {
    GZIP_WINDOW_BITS = 15 + 16, /* the widest; and gzip's head */
    GZIP_MEMORY_LEVEL = 8,      /* zlib's own choice */
};

/* ------------------------------------------------------------- beginning -- */

/* Another process, or this one before it was killed, may have the name. */
static dyn_status create(dyn_call *call, dyn_writer *writer)
{
    enum { TRIES = 100, ALL_MAY = 0666 };
    for (int i = 0; i < TRIES; i++) {
        writer->temporary =
            dyn_format(call, "%s.%ld-%d.tmp", writer->path, (long)getpid(), i);
        if (writer->temporary == NULL) return DYN_NOMEM;
        writer->file = open(writer->temporary,
                            O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ALL_MAY);
        if (writer->file >= 0) return DYN_OK;
        if (errno != EEXIST) break;
    }
    return dyn_path_fail(call, writer->path);
}

static dyn_status check_free(dyn_call *call, const char *path, bool may_replace)
{
    dyn_path_kind kind = dyn_path_kind_of(path);
    if (kind == DYN_PATH_NONE || (kind == DYN_PATH_FILE && may_replace))
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    kind == DYN_PATH_FILE
                        ? "%s is there already: remove it, or say "
                          "{\"overwrite\": true}"
                        : "%s is no file",
                    path);
}

static dyn_status begin_gzip(dyn_call *call, dyn_writer *writer)
{
    writer->stream = dyn_zlib_stream();
    if (!writer->is_gzip) return DYN_OK;
    int code =
        deflateInit2(&writer->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED,
                     GZIP_WINDOW_BITS, GZIP_MEMORY_LEVEL, Z_DEFAULT_STRATEGY);
    if (code == Z_OK) return DYN_OK;
    writer->is_gzip = false;
    return dyn_fail_nomem(call);
}

dyn_writer *dyn_writer_new(dyn_call *call)
{
    dyn_writer *writer = dyn_alloc(call, sizeof(*writer));
    if (writer != NULL) writer->file = -1;
    return writer;
}

dyn_status dyn_writer_open(dyn_call *call, const char *path, bool is_gzip,
                           bool may_replace, dyn_writer *writer)
{
    memset(writer, 0, offsetof(dyn_writer, out));
    writer->file = -1;
    DYN_TRY(check_free(call, path, may_replace));
    writer->path = path;
    writer->is_gzip = is_gzip;
    writer->may_replace = may_replace;
    DYN_TRY(create(call, writer));
    dyn_sum_begin(&writer->sum);
    dyn_status status = begin_gzip(call, writer);
    if (status != DYN_OK) dyn_writer_discard(writer);
    return status;
}

/* --------------------------------------------------------------- writing -- */

static dyn_status flush(dyn_call *call, dyn_writer *writer)
{
    dyn_bytes rest = {writer->out, writer->count};
    dyn_sum_add(&writer->sum, rest);
    while (rest.size_bytes > 0) {
        ssize_t size = write(writer->file, rest.data, rest.size_bytes);
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return dyn_path_fail(call, writer->path);
        rest.data += size;
        rest.size_bytes -= (size_t)size;
    }
    writer->count = 0;
    return DYN_OK;
}

/* Compress all of the input, and at the end what is left within zlib. */
static dyn_status compress_some(dyn_call *call, dyn_writer *writer, int mode)
{
    z_stream *stream = &writer->stream;
    int code = Z_OK;
    do {
        stream->next_out = writer->out + writer->count;
        stream->avail_out = (unsigned)(sizeof(writer->out) - writer->count);
        code = deflate(stream, mode);
        writer->count = sizeof(writer->out) - stream->avail_out;
        if (writer->count == sizeof(writer->out)) DYN_TRY(flush(call, writer));
    } while (mode == Z_FINISH ? code != Z_STREAM_END : stream->avail_in > 0);
    return DYN_OK;
}

dyn_status dyn_writer_add(dyn_call *call, dyn_writer *writer, dyn_bytes bytes)
{
    if (writer->is_gzip) {
        writer->stream.next_in = (unsigned char *)(uintptr_t)bytes.data;
        writer->stream.avail_in = (unsigned)bytes.size_bytes;
        return compress_some(call, writer, Z_NO_FLUSH);
    }
    while (bytes.size_bytes > 0) {
        size_t room = sizeof(writer->out) - writer->count;
        size_t part = bytes.size_bytes < room ? bytes.size_bytes : room;
        memcpy(writer->out + writer->count, bytes.data, part);
        writer->count += part;
        bytes.data += part;
        bytes.size_bytes -= part;
        if (part == room) DYN_TRY(flush(call, writer));
    }
    return DYN_OK;
}

/* ---------------------------------------------------------------- ending -- */

static void close_all(dyn_writer *writer)
{
    if (writer->is_gzip) deflateEnd(&writer->stream);
    writer->is_gzip = false;
    if (writer->file >= 0) close(writer->file);
    writer->file = -1;
}

/* A link fails where the name is there; where the file system has no links, a
 * file that has come there meanwhile is replaced. */
static bool give_name(const dyn_writer *writer)
{
    if (!writer->may_replace) {
        if (link(writer->temporary, writer->path) == 0)
            return unlink(writer->temporary) == 0;
        if (errno == EEXIST) return false;
    }
    return rename(writer->temporary, writer->path) == 0;
}

static dyn_status sync_folder(dyn_call *call, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *folder = ".";
    if (slash != NULL)
        folder = dyn_format(call, "%.*s/", (int)(slash - path), path);
    return folder == NULL ? DYN_NOMEM : dyn_folder_sync(call, folder);
}

static dyn_status end(dyn_call *call, dyn_writer *writer)
{
    if (writer->is_gzip) DYN_TRY(compress_some(call, writer, Z_FINISH));
    DYN_TRY(flush(call, writer));
    if (fsync(writer->file) != 0 || !give_name(writer))
        return dyn_path_fail(call, writer->path);
    return sync_folder(call, writer->path);
}

dyn_status dyn_writer_finish(dyn_call *call, dyn_writer *writer,
                             dyn_sum_text *sum)
{
    dyn_sum_text unused;
    dyn_status status = end(call, writer);
    if (status != DYN_OK) {
        dyn_writer_discard(writer);
        return status;
    }
    dyn_sum_end(&writer->sum, sum != NULL ? sum : &unused);
    close_all(writer);
    return DYN_OK;
}

void dyn_writer_discard(dyn_writer *writer)
{
    if (writer->file < 0) return;
    close_all(writer);
    unlink(writer->temporary);
}

dyn_status dyn_writer_whole(dyn_call *call, const char *path, dyn_bytes bytes,
                            dyn_sum_text *sum)
{
    dyn_writer *writer = dyn_writer_new(call);
    if (writer == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_writer_open(call, path, false, false, writer));
    dyn_status status = dyn_writer_add(call, writer, bytes);
    if (status == DYN_OK) return dyn_writer_finish(call, writer, sum);
    dyn_writer_discard(writer);
    return status;
}
