/*
 * What a heat map gathers (heatmap.c) and draws (heatmap_draw.c): a grid of
 * rows and columns that fits in a picture.
 *
 * Shares are of the limit of a partition, in DYN_HEATMAP_WHOLE parts.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_HEATMAP_INTERNAL_H
#define DYN_OPS_HEATMAP_INTERNAL_H

#include "ops/heatmap.h"

enum { DYN_HEATMAP_WHOLE = 10000 };

typedef struct heatmap_cell {
    int32_t share; /* of the hottest partition and minute; 0: idle */
    bool is_throttled;
    bool is_split; /* inside of the row */
} heatmap_cell;

typedef struct heatmap_row {
    int32_t peak;      /* the highest share */
    int64_t throttled; /* requests, also before splits */
    int column;        /* that the line above it begins with: of the split that
                        * made it, or 0 */
    bool is_made;      /* by a split in the frame */
} heatmap_row;

struct dyn_heatmap {
    const dyn_heatmap_frame *frame;
    size_t partitions_per_row;
    int rows;
    int64_t minutes_per_column; /* columns begin at multiples of it */
    int64_t begin_minute;       /* of the first column */
    int columns;
    int64_t throttled; /* requests in all */
    int64_t splits;
    int32_t hottest; /* the highest share; 0: there was no load */
    dyn_heatmap_load hottest_load;
    heatmap_row row[DYN_HEATMAP_ROWS_MAX];
    heatmap_cell cells[]; /* row by row */
};

#endif
