/*
 * Records of comma-separated values, as RFC 4180 has them: a field in quotes
 * may have delimiters, line ends, and quotes, each of them twice. Lines end
 * with LF or CRLF. Empty lines are passed over.
 *
 * Layer: file.
 */
#ifndef DYN_FILE_CSV_H
#define DYN_FILE_CSV_H

#include "file/reader.h"

typedef struct dyn_csv_record {
    int64_t line; /* where it begins */
    const dyn_bytes *fields;
    size_t count; /* 0: the file has no more records */
} dyn_csv_record;

/* The next record, in the memory of call. Fails with DYN_INVALID when a field
 * is not as it should be; the rest of its line is passed over, so that the next
 * record can be read. And as dyn_reader_byte() does, or when the record is
 * longer than DYN_LINE_BYTES_MAX. */
dyn_status dyn_csv_read(dyn_call *call, dyn_reader *reader,
                        unsigned char delimiter, dyn_csv_record *out);

#endif
