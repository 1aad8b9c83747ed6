/* Gathering a heat map: loads go into the cells of a grid that fits in a
 * picture. The contracts are in heatmap.h. */
#include "ops/heatmap_internal.h"

#include <assert.h>

enum { MINUTES_PER_DAY = 1440, SECONDS_PER_MINUTE = 60 };

/* ------------------------------------------------------------------ grid -- */

/* How many minutes are a column, so that columns begin at times that people
 * read and are not too many. */
static int64_t find_minutes_per_column(int64_t minutes)
{
    static const int nice[] = {1,  2,   5,   10,  15,  20, 30,
                               60, 120, 180, 240, 360, 720};
    /* one more where the first minute lies within a column */
    static const int64_t columns = DYN_HEATMAP_COLUMNS_MAX - 1;
    for (size_t i = 0; i < sizeof(nice) / sizeof(*nice); i++) {
        if (minutes <= columns * nice[i]) return nice[i];
    }
    int64_t longest = columns * MINUTES_PER_DAY;
    return MINUTES_PER_DAY * (minutes / longest + (minutes % longest != 0));
}

static void lay_out(const dyn_heatmap_frame *frame, dyn_heatmap *grid)
{
    size_t most = DYN_HEATMAP_ROWS_MAX;
    size_t per_row = (frame->count + most - 1) / most;
    int64_t per_column = find_minutes_per_column(frame->minutes);
    int64_t begin = frame->first_minute - frame->first_minute % per_column;
    int64_t minutes = frame->first_minute - begin + frame->minutes;
    *grid = (dyn_heatmap){
        .frame = frame,
        .partitions_per_row = per_row,
        .rows = (int)((frame->count + per_row - 1) / per_row),
        .minutes_per_column = per_column,
        .begin_minute = begin,
        .columns = (int)((minutes + per_column - 1) / per_column),
    };
}

dyn_status dyn_heatmap_begin(dyn_call *call, const dyn_heatmap_frame *frame,
                             dyn_heatmap **out)
{
    assert(frame->count > 0 && frame->partitions[0].low == 0);
    assert(frame->first_minute >= 0 && frame->minutes > 0);
    assert(frame->read_limit > 0 && frame->read_limit <= INT32_MAX);
    assert(frame->write_limit > 0 && frame->write_limit <= INT32_MAX);
    dyn_heatmap grid;
    lay_out(frame, &grid);
    size_t cells = (size_t)grid.rows * (size_t)grid.columns;
    size_t size_bytes = sizeof(grid) + cells * sizeof(heatmap_cell);
    *out = dyn_alloc_zero(call, 1, size_bytes);
    if (*out == NULL) return DYN_NOMEM;
    memcpy(*out, &grid, sizeof(grid));
    return DYN_OK;
}

/* The number of the partition of a hash. */
static size_t find_partition(const dyn_heatmap_frame *frame, uint64_t hash)
{
    size_t low = 0;
    size_t high = frame->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (frame->partitions[middle].low <= hash) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static int row_of(const dyn_heatmap *map, uint64_t hash)
{
    return (int)(find_partition(map->frame, hash) / map->partitions_per_row);
}

static bool is_in_frame(const dyn_heatmap *map, int64_t minute)
{
    return minute >= map->frame->first_minute &&
           minute - map->frame->first_minute < map->frame->minutes;
}

static int column_of(const dyn_heatmap *map, int64_t minute)
{
    return (int)((minute - map->begin_minute) / map->minutes_per_column);
}

static heatmap_cell *cell_at(dyn_heatmap *map, int row, int column)
{
    return &map->cells[row * map->columns + column];
}

/* ------------------------------------------------------------------ load -- */

/* Units of a minute as a share of so many that can be had. Any load is some. */
static int32_t share_of(int64_t units, int64_t units_max)
{
    static const int64_t most = 1000; /* times the limit */
    if (units <= 0) return 0;
    if (units / most >= units_max) return (int32_t)(most * DYN_HEATMAP_WHOLE);
    int64_t share = units * DYN_HEATMAP_WHOLE / units_max;
    return share == 0 ? 1 : (int32_t)share;
}

static int32_t share_of_load(const dyn_heatmap_frame *frame,
                             const dyn_heatmap_load *load)
{
    int32_t read =
        share_of(load->read_halves, frame->read_limit * 2 * SECONDS_PER_MINUTE);
    int32_t write =
        share_of(load->write_units, frame->write_limit * SECONDS_PER_MINUTE);
    return read > write ? read : write;
}

/* Of those alike the first one, in whichever order they come. */
static void note_hottest(dyn_heatmap *map, int32_t share,
                         const dyn_heatmap_load *load)
{
    const dyn_heatmap_load *hottest = &map->hottest_load;
    if (share < map->hottest) return;
    if (share == map->hottest &&
        (load->minute > hottest->minute ||
         (load->minute == hottest->minute && load->low >= hottest->low))) {
        return;
    }
    map->hottest = share;
    map->hottest_load = *load;
}

void dyn_heatmap_add(dyn_heatmap *map, const dyn_heatmap_load *load)
{
    if (!is_in_frame(map, load->minute)) return;
    int32_t share = share_of_load(map->frame, load);
    int first = row_of(map, load->low);
    int last = row_of(map, load->last);
    for (int i = first; i <= last; i++) {
        heatmap_cell *cell = cell_at(map, i, column_of(map, load->minute));
        if (share > cell->share) cell->share = share;
        if (share > map->row[i].peak) map->row[i].peak = share;
        if (load->throttled > 0) cell->is_throttled = true;
        map->row[i].throttled += load->throttled;
    }
    map->throttled += load->throttled;
    note_hottest(map, share, load);
}

void dyn_heatmap_split(dyn_heatmap *map, uint64_t low, int64_t minute)
{
    if (!is_in_frame(map, minute)) return;
    const dyn_heatmap_frame *frame = map->frame;
    size_t partition = find_partition(frame, low);
    int row = row_of(map, low);
    int column = column_of(map, minute);
    bool is_row = partition % map->partitions_per_row == 0 &&
                  frame->partitions[partition].low == low;
    map->splits++;
    if (is_row) {
        map->row[row].is_made = true;
        map->row[row].column = column;
    } else {
        cell_at(map, row, column)->is_split = true;
    }
}
