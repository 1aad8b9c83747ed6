/*
 * Where a read gets its rows (docs/semantics.md 11): the primary, which is the
 * table as it is stored, or one of two followers. A follower is the table as it
 * was some time ago (past.h): follower 2 lags by replica_delay_ms, follower 1
 * by half of it. Global indexes have the same three copies, by index_delay_ms;
 * a local index is served by the copy that has its table.
 *
 * Strong reads are served by the primary, and so are all reads of a table in a
 * transaction that has begun to write to it, and in the statement that does.
 * Others are served in turn: of each connection and table, by follower 2,
 * follower 1 and the primary, and then again; reads of global indexes have a
 * turn of their own. In an estimate (session.h) reads leave the turn as it is.
 *
 * Functions fail as past.h says.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_SOURCE_H
#define DYN_ENGINE_SOURCE_H

#include "engine/past.h"

typedef struct dyn_source {
    dyn_table *table;
    bool is_past; /* of a follower */
    dyn_past past;
} dyn_source;

/* Choose who serves a read of the table (index -1) or of an index by its
 * number, and tell the cost of the statement. A source stays where it is in
 * memory until it ends, which frees what it has; a second end does nothing.
 * Fails with DYN_NOMEM, having nothing to end. */
dyn_status dyn_source_begin(dyn_call *call, dyn_source *source,
                            dyn_table *table, int index, bool is_strong);
void dyn_source_end(dyn_source *source);

/* The item of a key, and the first rows of a range, as dyn_rows_get() and
 * dyn_rows_range(). */
dyn_status dyn_source_get(dyn_call *call, dyn_source *source, dyn_bytes key,
                          bool *found, dyn_row *out);
dyn_status dyn_source_range(dyn_call *call, dyn_source *source,
                            const dyn_range *range, dyn_rows *out);

#endif
