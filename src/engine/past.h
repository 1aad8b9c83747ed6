/*
 * A table as it was: its items, and the entries of its indexes, at an earlier
 * position of its log.
 *
 * No copy is kept. What a record of the log says was before the first change
 * behind the position is laid over what the trees hold now; what has no such
 * record is as it was. Entries follow from items, so the same records tell
 * those of an index, as it is declared now.
 *
 * What the records say is kept by key in memory, for a part of the tree from
 * where a reader begins: in a few times as many bytes as are allowed, however
 * long the log is. Each part takes a walk over the log behind the position.
 *
 * Functions fail as store.h says: with DYN_CORRUPT when a record has no item
 * that it should have, or the tree is not what the last record of a key says.
 * That a record is missing can be known only so far. They fail with DYN_INVALID
 * when the log does not go back to the position, as when it has been trimmed
 * meanwhile.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_PAST_H
#define DYN_ENGINE_PAST_H

#include "engine/rows.h"
#include "engine/table.h"

enum { DYN_PAST_BYTES_MAX = 8 * 1024 * 1024 }; /* of the changes of a tree */

/* Changes of a tree behind a position, of the keys of a range. */
typedef struct dyn_changes {
    dyn_call memory;
    bool is_loaded; /* memory has begun */
    int64_t tree;
    int64_t log_state;       /* dyn_log_state() */
    dyn_bytes low;           /* at least this */
    dyn_bytes high;          /* less than this */
    struct dyn_changed *all; /* in the order of their keys */
    size_t count;
} dyn_changes;

typedef struct dyn_past {
    dyn_table *table;
    int64_t position;
    size_t bytes_max; /* DYN_PAST_BYTES_MAX, unless a test wants less */
    dyn_changes items;
    dyn_changes entries; /* of the index that was read last */
} dyn_past;

/* The last position of a time in ms since 1970: all that was changed until the
 * end of that millisecond is before it. */
int64_t dyn_past_position(int64_t time_ms);

/* Begin to read a table as it was behind the change of a sequence, which is at
 * least whole_from of dyn_table_log_keep(); and free what was kept in memory.
 * Between the two the past stays where it is in memory. Also of a table that
 * is written meanwhile: the position stays. */
void dyn_past_begin(dyn_past *past, dyn_table *table, int64_t position);
void dyn_past_end(dyn_past *past);

/* The item of a key. */
dyn_status dyn_past_get(dyn_call *call, dyn_past *past, dyn_bytes key,
                        bool *found, dyn_row *out);

/* The first rows of a range of the items or of an index, as dyn_rows_range():
 * there are some unless out->is_end. Entries may be references, to the items of
 * the same position. */
dyn_status dyn_past_range(dyn_call *call, dyn_past *past,
                          const dyn_range *range, dyn_rows *out);

#endif
