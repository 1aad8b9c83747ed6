/*
 * The partitions of a table and of its global indexes, as people see them: what
 * they hold, and what load they have had in the last hours.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_TABLE_PARTITIONS_H
#define DYN_ENGINE_TABLE_PARTITIONS_H

#include "engine/account.h"
#include "engine/table.h"

/* The loads of all partitions, from a minute on: what is stored, and what is
 * pending in this process. In the memory of call, in the order of partition and
 * minute. Fails with DYN_CORRUPT, DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_table_loads(dyn_call *call, dyn_table *table,
                           int64_t first_minute, dyn_load_row **rows,
                           size_t *count);

/* Those of a partition: *count of them, and where they begin. */
const dyn_load_row *dyn_loads_of(const dyn_load_row *rows, size_t row_count,
                                 int64_t partition, size_t *count);

typedef struct dyn_partition_look {
    const dyn_index *index;         /* NULL: of the table itself */
    const dyn_partition *partition; /* of the map, as is last */
    uint64_t last;                  /* hash */
    dyn_load_row now;  /* units of this minute or of the one before, whichever
                        * has more */
    dyn_load_row peak; /* the most units in a minute, of the minutes that are
                        * kept, and all that was throttled in these */
    bool has_burst;    /* limits are enforced */
    dyn_burst burst;
} dyn_partition_look;

/* The partitions of now, in the memory of call: those of the table, then of its
 * global indexes, in the order of their hashes. Fails as dyn_table_loads(). */
dyn_status dyn_table_partitions(dyn_call *call, dyn_table *table,
                                dyn_partition_look **rows, size_t *count);

#endif
