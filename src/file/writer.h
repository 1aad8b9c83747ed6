/*
 * Writing a file as a whole: under another name beside its own, which it gets
 * when all is on the disk. Who looks for it sees the whole file, or none.
 *
 * Functions fail with DYN_INVALID as folder.h says, DYN_NOMEM.
 *
 * Layer: file.
 */
#ifndef DYN_FILE_WRITER_H
#define DYN_FILE_WRITER_H

#include "file/sum.h"

#include <zlib.h>

enum { DYN_WRITER_BYTES = 64 * 1024 };

typedef struct dyn_writer {
    const char *path;      /* in the memory of call */
    const char *temporary; /* the name it has until the end, `path.1234-0.tmp`
                            */
    int file;              /* owned; below 0: it is closed */
    bool is_gzip;
    bool may_replace;
    dyn_sum sum;     /* of what is in the file */
    z_stream stream; /* owned */
    size_t count;    /* in out */
    unsigned char out[DYN_WRITER_BYTES];
} dyn_writer;

/* Memory for a writer, which writes one file after the other; NULL when there
 * is none. It is closed. */
dyn_writer *dyn_writer_new(dyn_call *call);

/* Begin a file, compressed by gzip or not, with a writer that is closed. Fails,
 * having left nothing, also when the path is there, unless it may replace that.
 */
dyn_status dyn_writer_open(dyn_call *call, const char *path, bool is_gzip,
                           bool may_replace, dyn_writer *writer);

dyn_status dyn_writer_add(dyn_call *call, dyn_writer *writer, dyn_bytes bytes);

/* The file is whole: write it to the disk, and give it its name. sum may be
 * NULL. It is closed in any case; dyn_writer_discard() need not follow. */
dyn_status dyn_writer_finish(dyn_call *call, dyn_writer *writer,
                             dyn_sum_text *sum);

/* Remove what was written, if it is open. */
void dyn_writer_discard(dyn_writer *writer);

/* All three, of a small plain file. */
dyn_status dyn_writer_whole(dyn_call *call, const char *path, dyn_bytes bytes,
                            dyn_sum_text *sum);

#endif
