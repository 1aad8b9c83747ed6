/*
 * TableDescription: what responses tell of a table.
 *
 * Layer: api.
 */
#ifndef DYN_API_TABLE_DESCRIPTION_H
#define DYN_API_TABLE_DESCRIPTION_H

#include "base/arn.h"
#include "base/buffer.h"
#include "engine/table.h"

/* The provisioned units of a table, whose name is empty, or of an index. */
typedef struct dyn_units {
    dyn_bytes name;
    dyn_throughput throughput;
    int64_t decreases_today;
} dyn_units;

/* Those of a table and of all its indexes. */
typedef struct dyn_table_units {
    dyn_units *all;
    size_t count;
} dyn_table_units;

/* Read them, into the memory of call. Fails as the store does. */
dyn_status dyn_table_units_read(dyn_call *call, dyn_table *table,
                                dyn_table_units *out);

/* Write the description, a member of that name. status is that of the table
 * (`ACTIVE`), and of its indexes unless they are being filled; DELETING, it has
 * no global indexes any more. An update tells the units from before it; NULL:
 * those of now are told. The table has been read. Fails as dyn_table_birth()
 * does. */
dyn_status dyn_table_describe(dyn_call *call, dyn_buffer *out, const char *name,
                              dyn_table *table, const char *status,
                              const dyn_table_units *before);

/* Write a KeySchema, a member of the response. */
void dyn_table_describe_key(dyn_buffer *out, const dyn_definition *definition,
                            const dyn_key_schema *key);

/* Write what an index is by its declaration: IndexName, KeySchema, Projection.
 */
void dyn_table_describe_index(dyn_buffer *out, const dyn_definition *definition,
                              const dyn_index *index);

/* The TableId of a table, in the memory of call: its id (dyn_birth), as a UUID
 * of version 4 is written. Fails with DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_table_uuid(dyn_call *call, dyn_bytes birth_id, const char **out);

#endif
