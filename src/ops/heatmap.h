/*
 * A heat map: the partitions of a table or an index by minute, as one picture
 * in SVG. A row is a partition and the hashes it has, a column a minute, a
 * colour the load: units per second as a share of what a partition serves, of
 * read or of write units, whichever is nearer to its limit.
 *
 * What does not fit is put together: a row shows the hottest of several
 * partitions, a column the hottest of several minutes, and the picture says so.
 * So its size is bounded, for any number of partitions and minutes.
 *
 * Where a partition has been split, the rows of its children show its load up
 * to then, and the line between them begins at the split.
 *
 * The picture draws its own background, needs nothing from elsewhere, and is
 * the same for the same input. It is well-formed whatever the names are.
 *
 * Layer: ops. Knows no table: who has one adds what is to be seen.
 */
#ifndef DYN_OPS_HEATMAP_H
#define DYN_OPS_HEATMAP_H

#include "base/buffer.h"

enum {
    DYN_HEATMAP_ROWS_MAX = 48,
    DYN_HEATMAP_COLUMNS_MAX = 150,
    DYN_HEATMAP_BYTES_MAX = 400 * 1024, /* of a picture */
};

typedef struct dyn_heatmap dyn_heatmap;

/* A partition as it is now. It has the hashes from low to the next one. */
typedef struct dyn_heatmap_partition {
    int64_t number; /* its name in the picture */
    uint64_t low;
} dyn_heatmap_partition;

/* What is to be seen. Times are minutes since 1970, UTC. */
typedef struct dyn_heatmap_frame {
    dyn_bytes table;
    dyn_bytes index;                         /* empty: the table itself */
    const dyn_heatmap_partition *partitions; /* in the order of low, the first
                                              * of which is 0 */
    size_t count;                            /* 1 or more */
    int64_t first_minute;                    /* 0 or more */
    int64_t minutes;                         /* 1 or more */
    int64_t read_limit; /* units per second of a partition: 1 to INT32_MAX */
    int64_t write_limit;
} dyn_heatmap_frame;

/* What a partition, which may have been split since, had in a minute. */
typedef struct dyn_heatmap_load {
    uint64_t low;
    uint64_t last; /* hash */
    int64_t minute;
    int64_t read_halves; /* half units, in the whole minute */
    int64_t write_units;
    int64_t throttled; /* requests */
} dyn_heatmap_load;

/* A heat map without load, in the memory of the call: some 60 KB at most. frame
 * has to last as long. Fails with DYN_NOMEM. */
dyn_status dyn_heatmap_begin(dyn_call *call, const dyn_heatmap_frame *frame,
                             dyn_heatmap **out);

/* Add the load of a partition in a minute, in any order; each once. Minutes
 * outside of the frame are left out. */
void dyn_heatmap_add(dyn_heatmap *map, const dyn_heatmap_load *load);

/* A partition was split in a minute: low is where its right half begins.
 * Minutes outside of the frame are left out. */
void dyn_heatmap_split(dyn_heatmap *map, uint64_t low, int64_t minute);

/* Write the picture. */
void dyn_heatmap_draw(const dyn_heatmap *map, dyn_buffer *out);

#endif
