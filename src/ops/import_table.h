/*
 * Import into a table: items from lines of JSON or from CSV, in steps
 * (docs/semantics.md 20). Each is a put or a delete as any other, but consumes
 * no units.
 *
 *   JSON   {"Item":{…}}, of typed values, as the service exports a table;
 *          {"Keys":{…}, "NewImage":{…}}, as it exports changes: without a new
 *          image the item is deleted; any other object is an item, of plain or
 *          typed values
 *   CSV    a record is an item, a field a text; one that the table declares, or
 *          that is a key, has the type of its declaration
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_IMPORT_TABLE_H
#define DYN_OPS_IMPORT_TABLE_H

#include "engine/table.h"
#include "file/reader.h"
#include "ops/import_source.h"
#include "ops/job.h"

typedef enum dyn_import_format {
    DYN_IMPORT_ANY, /* CSV if the name ends in .csv or .csv.gz, else JSON */
    DYN_IMPORT_JSON,
    DYN_IMPORT_CSV,
} dyn_import_format;

typedef enum dyn_import_packing {
    DYN_PACKED_ANY, /* as each file tells */
    DYN_PACKED_GZIP,
    DYN_PACKED_NOT,
} dyn_import_packing;

typedef struct dyn_import_request {
    const char *path;
    dyn_import_format format;
    dyn_import_packing packing; /* a file that is packed otherwise is refused */
    int64_t errors_max;         /* so many items may be refused; one more ends
                                 * the import */
    bool verifies;              /* the sums and counts of a manifest */
    unsigned char delimiter;    /* of CSV */
    const dyn_bytes *header;    /* names of the fields; NULL: the first record
                                 * of each file has them */
    size_t header_count;
} dyn_import_request;

typedef struct dyn_import {
    dyn_call *call; /* for what lives as long as the import */
    dyn_import_request request;
    dyn_import_source source;
    size_t next;             /* number of the file that comes after this one */
    dyn_reader *reader;      /* of the present file, if it is open. Owned */
    bool is_csv;             /* the present file */
    int64_t line;            /* of it, where what was read last begins */
    int64_t file_items;      /* lines of it with an item */
    const dyn_bytes *header; /* of the present file */
    size_t header_count;
    bool is_over;
    bool has_failed; /* by the item that job->message tells; no more is read */
} dyn_import;

/* Whether a text is a character that may part the fields of CSV. */
bool dyn_import_is_delimiter(dyn_bytes text);

/* Begin: find the files, and open the first. What the request points to has to
 * live as long. Fails as dyn_import_find() and dyn_reader_open() do. */
dyn_status dyn_import_begin(dyn_call *call, const dyn_import_request *request,
                            dyn_import *out);

/*
 * Write some items, and count them in job. The table is up to date, and takes
 * part in a transaction that writes. Afterwards the import may be over; then
 * job->state is COMPLETED or, if has_failed is set, FAILED: what was written
 * is to be kept.
 *
 * Fails as a write does, and when a file cannot be read: then what this step
 * has written is to be rolled back, and the import goes no further.
 */
dyn_status dyn_import_step(dyn_call *call, dyn_table *table, dyn_import *import,
                           dyn_job *job);

/* Close what is open. */
void dyn_import_end(dyn_import *import);

#endif
