/*
 * Reading a file of text, plain or compressed by gzip: told by how it begins,
 * not by its name.
 *
 * Failures are DYN_INVALID with the path; DYN_NOMEM. After one in the file
 * itself, has_failed is set, and no more can be read.
 *
 * Layer: file.
 */
#ifndef DYN_FILE_READER_H
#define DYN_FILE_READER_H

#include "base/call.h"

#include <zlib.h>

enum {
    DYN_READER_STORED_BYTES = 32 * 1024,
    DYN_READER_TEXT_BYTES = 64 * 1024,
};

typedef struct dyn_reader {
    const char *path; /* borrowed */
    int file;         /* owned; below 0: it is closed */
    bool is_gzip;
    bool is_within;  /* a part that gzip has compressed, which has to end */
    bool is_end;     /* there is no more than what lies in text */
    bool has_failed; /* the file cannot be read on */
    int64_t line;    /* of what was read last, counted from 1 */
    int64_t bytes;   /* of text, read so far */
    z_stream stream; /* owned */
    size_t at;       /* in text */
    size_t count;
    unsigned char stored[DYN_READER_STORED_BYTES];
    unsigned char text[DYN_READER_TEXT_BYTES];
} dyn_reader;

/* Memory for a reader, which reads one file after the other; NULL when there is
 * none. It is closed. */
dyn_reader *dyn_reader_new(dyn_call *call);

/* Open a file, which must be an ordinary one, with a reader that is closed. A
 * byte order mark at its begin is passed over. Fails, having opened nothing,
 * also when it is compressed in another way. */
dyn_status dyn_reader_open(dyn_call *call, const char *path,
                           dyn_reader *reader);

/* Have it closed, if it is open. */
void dyn_reader_close(dyn_reader *reader);

/* The bytes that come next, up to two, without reading them. */
dyn_bytes dyn_reader_peek(const dyn_reader *reader);

/* The next line without its end, in the memory of call or in that of the
 * reader until it reads on; without data at the end of the file. Fails also
 * when it is longer than DYN_LINE_BYTES_MAX. */
dyn_status dyn_reader_line(dyn_call *call, dyn_reader *reader, dyn_bytes *out);

/* The next byte; -1 at the end of the file. A line counts once its first byte
 * is read. */
dyn_status dyn_reader_byte(dyn_call *call, dyn_reader *reader, int *out);

#endif
