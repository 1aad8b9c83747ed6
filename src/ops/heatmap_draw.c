/*
 * Drawing a heat map as SVG. All lengths are in pixels and whole, colours go
 * from light to dark as the load rises, so that they are told apart by
 * lightness alone, and marks differ by shape.
 *
 * Cells of one colour are one path of horizontal strokes, and so are the marks
 * of a kind: a cell takes some 12 bytes of the picture.
 */
#include "ops/heatmap_internal.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

enum {
    MARGIN = 20,
    PLOT_WIDTH_MAX = 900,
    PLOT_HEIGHT_MAX = 672,
    COLUMN_WIDTH_MIN = 6,
    COLUMN_WIDTH_MAX = 60,
    ROW_HEIGHT_MIN = 14,
    ROW_HEIGHT_MAX = 30,
    CHARACTER_WIDTH = 7, /* of the labels */
    TITLE_CHARACTER_WIDTH = 11,
    LINE_HEIGHT = 18,
    SWATCH_WIDTH = 82,
    TICK_WIDTH = 76, /* of a date, and some space */
    RIGHT_WIDTH = 244,
    WIDTH_MIN = 960,
    NAME_CHARACTERS_MAX = 60, /* in the title */
    HASH_DIGITS_MIN = 4,
    HASH_DIGITS_MAX = 16,
    MINUTES_PER_HOUR = 60,
    MINUTES_PER_DAY = 1440,
};

#define INK       "#1c1c1c"
#define FAINT_INK "#5a5a5a"
#define PAPER     "#ffffff"
#define IDLE      "#f4f6f9"

/* What a share from this one on looks like. */
static const struct shade {
    int32_t share;
    const char *colour;
    const char *label;
} shades[] = {
    {1, "#ffe48f", "under 0.1 %"},    {10, "#ffc857", "0.1 – 1 %"},
    {100, "#fba63c", "1 – 10 %"},     {1000, "#ee7528", "10 – 25 %"},
    {2500, "#cf4423", "25 – 50 %"},   {5000, "#9c1c35", "50 – 80 %"},
    {8000, "#560a3a", "80 % and up"},
};
enum { SHADES = sizeof(shades) / sizeof(*shades) };

typedef struct picture {
    const dyn_heatmap *map;
    dyn_buffer *out;
    int hash_digits; /* that tell the rows apart */
    int name_width;  /* of the names of the rows */
    int left;        /* of the plot */
    int top;
    int row_height;
    int column_width;
} picture;

/* ------------------------------------------------------------------ text -- */

/* Formatted text of at most 511 bytes, with no part that needs escaping. */
static void add(const picture *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add(const picture *p, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    dyn_buffer_add_text(p->out, text);
}

/* What XML allows of a sequence of valid UTF-8, escaped. */
static void add_character(dyn_buffer *out, dyn_bytes character)
{
    static const dyn_bytes not_one = {(const unsigned char *)"\xef\xbf\xbe", 2};
    unsigned char first = character.data[0];
    if (first == '&') {
        dyn_buffer_add_text(out, "&amp;");
    } else if (first == '<') {
        dyn_buffer_add_text(out, "&lt;");
    } else if (first == '>') {
        dyn_buffer_add_text(out, "&gt;");
    } else if (first < 0x20 || first == 0x7f ||
               (dyn_bytes_begin_with(character, not_one) &&
                character.data[2] >= 0xbe)) {
        dyn_buffer_add_text(out, "\xef\xbf\xbd");
    } else {
        dyn_buffer_add_bytes(out, character);
    }
}

static size_t character_bytes(dyn_bytes text)
{
    size_t size = 1;
    while (size < text.size_bytes && (text.data[size] & 0xc0) == 0x80)
        size++;
    return size;
}

/* A name as text of XML: what is not a character becomes U+FFFD, and what is
 * too long is cut. */
static void add_name(dyn_buffer *out, dyn_bytes name)
{
    for (int i = 0; name.size_bytes > 0; i++) {
        if (i == NAME_CHARACTERS_MAX) {
            dyn_buffer_add_text(out, "…");
            return;
        }
        dyn_bytes character = {name.data, character_bytes(name)};
        name.data += character.size_bytes;
        name.size_bytes -= character.size_bytes;
        if (dyn_utf8_valid(character)) {
            add_character(out, character);
        } else {
            dyn_buffer_add_text(out, "\xef\xbf\xbd");
        }
    }
}

/* A count that people read: 1,204. */
static void add_count(const picture *p, int64_t count)
{
    int64_t unit = 1;
    while (count / unit >= 1000)
        unit *= 1000;
    add(p, "%" PRId64, count / unit);
    for (unit /= 1000; unit > 0; unit /= 1000)
        add(p, ",%03" PRId64, count / unit % 1000);
}

static void add_counted(const picture *p, int64_t count, const char *what)
{
    add_count(p, count);
    add(p, " %s%s", what, count == 1 ? "" : "s");
}

/* A share with two digits at least, rounded down; 0 is what is less. */
static void add_share(const picture *p, int32_t share)
{
    int whole = share / 100;
    int parts = share % 100;
    if (share == 0) {
        add(p, "&lt;0.01 %%");
    } else if (share >= 1000) {
        add(p, "%d %%", whole);
    } else if (share >= 100) {
        add(p, "%d.%d %%", whole, parts / 10);
    } else {
        add(p, "0.%02d %%", parts);
    }
}

/* ------------------------------------------------------------------ time -- */

static int days_of_year(int64_t year)
{
    bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return is_leap ? 366 : 365;
}

/* The date of a minute since 1970. */
static void add_date(const picture *p, int64_t minute)
{
    static const int days_of_month[] = {31, 28, 31, 30, 31, 30,
                                        31, 31, 30, 31, 30, 31};
    static const int64_t days_of_400_years = 146097;
    int64_t day = minute / MINUTES_PER_DAY;
    int64_t year = 1970 + 400 * (day / days_of_400_years);
    for (day %= days_of_400_years; day >= days_of_year(year); year++)
        day -= days_of_year(year);
    int month = 0;
    for (;; month++) {
        int days = days_of_month[month];
        if (month == 1) days += days_of_year(year) - 365;
        if (day < days) break;
        day -= days;
    }
    add(p, "%04" PRId64 "-%02d-%02d", year, month + 1, (int)day + 1);
}

static void add_time(const picture *p, int64_t minute)
{
    int of_day = (int)(minute % MINUTES_PER_DAY);
    add(p, "%02d:%02d", of_day / MINUTES_PER_HOUR, of_day % MINUTES_PER_HOUR);
}

static void add_date_and_time(const picture *p, int64_t minute)
{
    add_date(p, minute);
    add(p, " ");
    add_time(p, minute);
}

/* ------------------------------------------------------------------ rows -- */

static size_t first_partition(const dyn_heatmap *map, int row)
{
    return (size_t)row * map->partitions_per_row;
}

/* How many partitions a row has. */
static size_t partitions_of(const dyn_heatmap *map, int row)
{
    size_t rest = map->frame->count - first_partition(map, row);
    return rest < map->partitions_per_row ? rest : map->partitions_per_row;
}

static uint64_t low_of(const dyn_heatmap *map, int row)
{
    return map->frame->partitions[first_partition(map, row)].low;
}

/* The last hash of a row. */
static uint64_t last_of(const dyn_heatmap *map, int row)
{
    return row + 1 < map->rows ? low_of(map, row + 1) - 1 : UINT64_MAX;
}

/* The first digits of a hash. */
static uint64_t cut_hash(uint64_t hash, int digits)
{
    return hash >> (4 * (HASH_DIGITS_MAX - digits));
}

/* How many digits tell the rows apart by where they begin. */
static int find_hash_digits(const dyn_heatmap *map)
{
    int digits = HASH_DIGITS_MIN;
    for (int i = 1; i < map->rows; i++) {
        while (cut_hash(low_of(map, i), digits) ==
               cut_hash(low_of(map, i - 1), digits)) {
            digits++;
        }
    }
    return digits;
}

static void add_hashes(const picture *p, uint64_t low, uint64_t last)
{
    add(p, "%0*" PRIx64 "–%0*" PRIx64, p->hash_digits,
        cut_hash(low, p->hash_digits), p->hash_digits,
        cut_hash(last, p->hash_digits));
}

static void add_row_name(const picture *p, int row)
{
    if (p->map->partitions_per_row > 1) {
        add_count(p, (int64_t)partitions_of(p->map, row));
    } else {
        add(p, "#%" PRId64, p->map->frame->partitions[row].number);
    }
}

static int name_width(const dyn_heatmap *map)
{
    int most = (int)sizeof("partitions") - 1;
    for (int i = 0; i < map->rows && map->partitions_per_row == 1; i++) {
        int size =
            snprintf(NULL, 0, "#%" PRId64, map->frame->partitions[i].number);
        if (size > most) most = size;
    }
    return most * CHARACTER_WIDTH;
}

/* ---------------------------------------------------------------- layout -- */

static int clamp(int value, int least, int most)
{
    if (value < least) return least;
    return value > most ? most : value;
}

static picture lay_out(const dyn_heatmap *map, dyn_buffer *out)
{
    picture p = {
        .map = map,
        .out = out,
        .hash_digits = find_hash_digits(map),
        .name_width = name_width(map),
        .top = MARGIN + 10 * LINE_HEIGHT,
        .row_height = clamp(PLOT_HEIGHT_MAX / map->rows & ~1, ROW_HEIGHT_MIN,
                            ROW_HEIGHT_MAX),
        .column_width = clamp(PLOT_WIDTH_MAX / map->columns, COLUMN_WIDTH_MIN,
                              COLUMN_WIDTH_MAX),
    };
    p.left = MARGIN + p.name_width + (2 * p.hash_digits + 4) * CHARACTER_WIDTH;
    return p;
}

static int right_of(const picture *p)
{
    return p->left + p->map->columns * p->column_width;
}

static int bottom_of(const picture *p)
{
    return p->top + p->map->rows * p->row_height;
}

static int x_of(const picture *p, int column)
{
    return p->left + column * p->column_width;
}

static int y_of(const picture *p, int row)
{
    return p->top + row * p->row_height;
}

/* ------------------------------------------------------------------ head -- */

static void add_title(const picture *p)
{
    const dyn_heatmap_frame *frame = p->map->frame;
    dyn_buffer_add_text(p->out, "Heat of ");
    if (frame->index.size_bytes > 0) {
        dyn_buffer_add_text(p->out, "index ");
        add_name(p->out, frame->index);
        dyn_buffer_add_text(p->out, " of ");
    }
    dyn_buffer_add_text(p->out, "table ");
    add_name(p->out, frame->table);
}

/* The width of a picture that its title and its legend fit in. */
static int title_width(const dyn_heatmap_frame *frame)
{
    size_t most = NAME_CHARACTERS_MAX;
    size_t table = frame->table.size_bytes;
    size_t index = frame->index.size_bytes;
    size_t characters = sizeof("Heat of index  of table ") +
                        (table < most ? table : most) +
                        (index < most ? index : most);
    int width = 2 * MARGIN + (int)characters * TITLE_CHARACTER_WIDTH;
    return width > WIDTH_MIN ? width : WIDTH_MIN;
}

static void begin_line(const picture *p, int line)
{
    add(p, "<text x=\"%d\" y=\"%d\">", MARGIN,
        MARGIN + LINE_HEIGHT * (line + 1) + 6);
}

static void end_line(const picture *p)
{
    dyn_buffer_add_text(p->out, "</text>\n");
}

static void draw_period(const picture *p)
{
    const dyn_heatmap_frame *frame = p->map->frame;
    begin_line(p, 1);
    add_date_and_time(p, frame->first_minute);
    add(p, " to ");
    add_date_and_time(p, frame->first_minute + frame->minutes);
    add(p, " UTC. ");
    add_counted(p, (int64_t)frame->count, "partition");
    add(p, ", ");
    add_counted(p, p->map->splits, "split");
    add(p, ", ");
    add_counted(p, p->map->throttled, "throttled request");
    add(p, ". ");
    end_line(p);
}

static void draw_hottest(const picture *p)
{
    begin_line(p, 2);
    if (p->map->hottest == 0) {
        add(p, "No load.");
    } else {
        add(p, "Hottest: ");
        add_share(p, p->map->hottest);
        add(p, " at ");
        add_date_and_time(p, p->map->hottest_load.minute);
        add(p, ", hashes ");
        add_hashes(p, p->map->hottest_load.low, p->map->hottest_load.last);
        add(p, ".");
    }
    end_line(p);
}

/* What is put together, if anything. */
static void draw_notes(const picture *p)
{
    const dyn_heatmap *map = p->map;
    begin_line(p, 3);
    if (map->partitions_per_row > 1) {
        add(p, "A row is up to ");
        add_counted(p, (int64_t)map->partitions_per_row, "partition");
        add(p, " and shows the hottest of them. ");
    }
    if (map->minutes_per_column > 1) {
        add(p, "A column is ");
        add_counted(p, map->minutes_per_column, "minute");
        add(p, " and shows the hottest of them. ");
    }
    if (map->partitions_per_row == 1 && map->minutes_per_column == 1)
        add(p, "A row is a partition, a column a minute. ");
    if (map->splits > 0)
        add(p, "Before a split, the rows of both parts show the partition they "
               "were.");
    end_line(p);
}

/* ---------------------------------------------------------------- legend -- */

static void draw_swatch(const picture *p, int number, const char *colour,
                        const char *label)
{
    int x = MARGIN + number * SWATCH_WIDTH;
    int y = MARGIN + 6 * LINE_HEIGHT;
    add(p,
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"14\" fill=\"%s\"/>"
        "<text x=\"%d\" y=\"%d\">%s</text>\n",
        x, y, SWATCH_WIDTH - 2, colour, x, y + 28, label);
}

/* A diamond around a point. */
static void add_diamond(const picture *p, int x, int y, int half_width,
                        int half_height)
{
    add(p, "M%d %dl%d %d-%d %d-%d-%dz", x, y - half_height, half_width,
        half_height, half_width, half_height, half_width, half_height);
}

#define DIAMONDS                                                               \
    "<path fill=\"" PAPER "\" stroke=\"#000000\" stroke-width=\"1\" d=\""
#define DOTS                                                                   \
    "<path stroke=\"%s\" stroke-width=\"%d\" stroke-linecap=\"round\" d=\""

enum { DOT = 7, DOT_RIM = 10, INNER_DOT = 3 };

static void draw_legend(const picture *p)
{
    int y = MARGIN + 6 * LINE_HEIGHT + 7;
    int x = MARGIN + (SHADES + 1) * SWATCH_WIDTH + 20;
    begin_line(p, 4);
    add(p, "Colour: units per second as a share of the limit of a partition, ");
    add_count(p, p->map->frame->read_limit);
    add(p, " read or ");
    add_count(p, p->map->frame->write_limit);
    add(p, " write units, whichever is nearer.");
    end_line(p);
    draw_swatch(p, 0, IDLE, "idle");
    for (int i = 0; i < SHADES; i++)
        draw_swatch(p, i + 1, shades[i].colour, shades[i].label);
    add(p, DIAMONDS);
    add_diamond(p, x, y, 5, 6);
    add(p, "\"/><text x=\"%d\" y=\"%d\">requests throttled</text>\n", x + 12,
        y + 4);
    y += LINE_HEIGHT + 2;
    add(p, DOTS "M%d %dh0\"/>", INK, DOT, x, y);
    add(p, "<text x=\"%d\" y=\"%d\">partition split</text>\n", x + 12, y + 4);
}

/* ------------------------------------------------------------------ plot -- */

static const heatmap_cell *cell_at(const picture *p, int row, int column)
{
    return &p->map->cells[row * p->map->columns + column];
}

/* The number of the shade of a share; -1: idle. */
static int shade_of(int32_t share)
{
    int shade = SHADES - 1;
    while (shade >= 0 && share < shades[shade].share)
        shade--;
    return shade;
}

/* Strokes over the cells of a row that have a shade. */
static void draw_runs(const picture *p, int row, int shade)
{
    int y = y_of(p, row) + p->row_height / 2;
    int begin = 0;
    for (int i = 0; i <= p->map->columns; i++) {
        bool is_in =
            i < p->map->columns && shade_of(cell_at(p, row, i)->share) == shade;
        if (is_in) continue;
        if (i > begin)
            add(p, "M%d %dh%d", x_of(p, begin), y, x_of(p, i) - x_of(p, begin));
        begin = i + 1;
    }
}

static void draw_cells(const picture *p)
{
    add(p,
        "<g shape-rendering=\"crispEdges\" stroke-width=\"%d\">\n"
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"" IDLE
        "\"/>\n",
        p->row_height, p->left, p->top, right_of(p) - p->left,
        bottom_of(p) - p->top);
    for (int shade = 0; shade < SHADES; shade++) {
        add(p, "<path stroke=\"%s\" d=\"", shades[shade].colour);
        for (int row = 0; row < p->map->rows; row++)
            draw_runs(p, row, shade);
        add(p, "\"/>\n");
    }
    add(p, "</g>\n");
}

/* The lines between rows. */
static void draw_lines(const picture *p)
{
    add(p, "<path shape-rendering=\"crispEdges\" stroke=\"" PAPER "\" d=\"");
    for (int i = 1; i < p->map->rows; i++) {
        int x = x_of(p, p->map->row[i].column);
        add(p, "M%d %dH%d", x, y_of(p, i), right_of(p));
    }
    add(p, "\"/>\n");
}

static void draw_throttles(const picture *p)
{
    int half_width = clamp(p->column_width / 2, 3, 5);
    int half_height = clamp(p->row_height / 2 - 2, 5, 6);
    add(p, DIAMONDS);
    for (int row = 0; row < p->map->rows; row++) {
        for (int i = 0; i < p->map->columns; i++) {
            if (!cell_at(p, row, i)->is_throttled) continue;
            add_diamond(p, x_of(p, i) + p->column_width / 2,
                        y_of(p, row) + p->row_height / 2, half_width,
                        half_height);
        }
    }
    add(p, "\"/>\n");
}

/* Dots: where a line between rows begins, and inside of rows that are several
 * partitions. */
static void draw_dots(const picture *p, const char *colour, int size)
{
    add(p, DOTS, colour, size);
    for (int row = 0; row < p->map->rows; row++) {
        const heatmap_row *r = &p->map->row[row];
        if (r->is_made) add(p, "M%d %dh0", x_of(p, r->column), y_of(p, row));
        for (int i = 0; i < p->map->columns; i++) {
            const heatmap_cell *cell = cell_at(p, row, i);
            if (!cell->is_split || cell->is_throttled) continue;
            add(p, "M%d %dh0", x_of(p, i) + p->column_width / 2,
                y_of(p, row) + p->row_height / 2);
        }
    }
    add(p, "\"/>\n");
}

/* Where requests were throttled, too, the dot is within the diamond. */
static void draw_inner_dots(const picture *p)
{
    add(p, DOTS, INK, INNER_DOT);
    for (int row = 0; row < p->map->rows; row++) {
        for (int i = 0; i < p->map->columns; i++) {
            const heatmap_cell *cell = cell_at(p, row, i);
            if (!cell->is_split || !cell->is_throttled) continue;
            add(p, "M%d %dh0", x_of(p, i) + p->column_width / 2,
                y_of(p, row) + p->row_height / 2);
        }
    }
    add(p, "\"/>\n");
}

/* ---------------------------------------------------------------- labels -- */

static void draw_headings(const picture *p)
{
    int y = p->top - 8;
    int x = right_of(p);
    const char *format = "<text x=\"%d\" y=\"%d\">%s</text>";
    add(p, "<g text-anchor=\"end\" fill=\"" FAINT_INK "\">");
    add(p, format, MARGIN + p->name_width, y,
        p->map->partitions_per_row > 1 ? "partitions" : "partition");
    add(p, format, p->left - 8, y, "hashes");
    add(p, format, x + 92, y, "of all hashes");
    add(p, format, x + 150, y, "peak");
    add(p, format, x + 224, y, "throttled");
    add(p, "</g>\n");
}

static void begin_label(const picture *p, int x, int row)
{
    add(p, "<text x=\"%d\" y=\"%d\">", x, y_of(p, row) + p->row_height / 2 + 4);
}

/* How much of all hashes a row has. */
static int32_t share_of_hashes(const dyn_heatmap *map, int row)
{
    uint64_t parts = ((last_of(map, row) - low_of(map, row)) >> 32) + 1;
    return (int32_t)((parts * DYN_HEATMAP_WHOLE) >> 32);
}

static void draw_row_labels(const picture *p, int row)
{
    const heatmap_row *r = &p->map->row[row];
    int x = right_of(p);
    begin_label(p, MARGIN + p->name_width, row);
    add_row_name(p, row);
    end_line(p);
    begin_label(p, p->left - 8, row);
    add_hashes(p, low_of(p->map, row), last_of(p->map, row));
    end_line(p);
    begin_label(p, x + 92, row);
    add_share(p, share_of_hashes(p->map, row));
    end_line(p);
    begin_label(p, x + 150, row);
    if (r->peak > 0) add_share(p, r->peak);
    end_line(p);
    begin_label(p, x + 224, row);
    if (r->throttled > 0) add_count(p, r->throttled);
    end_line(p);
}

static void draw_labels(const picture *p)
{
    draw_headings(p);
    add(p, "<g text-anchor=\"end\" font-family=\"ui-monospace, Menlo, "
           "Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"11\">\n");
    for (int row = 0; row < p->map->rows; row++)
        draw_row_labels(p, row);
    add(p, "</g>\n");
}

/* The minutes between ticks, whole columns: what people read, and no more of
 * them than fit. */
static int64_t find_tick_minutes(const picture *p)
{
    static const int nice[] = {1,  2,   5,   10,  15,  30,
                               60, 120, 180, 360, 720, MINUTES_PER_DAY};
    int64_t least = p->map->minutes_per_column *
                    ((TICK_WIDTH + p->column_width - 1) / p->column_width);
    for (size_t i = 0; i < sizeof(nice) / sizeof(*nice); i++) {
        bool fits = nice[i] % p->map->minutes_per_column == 0;
        if (fits && nice[i] >= least) return nice[i];
    }
    return (least + MINUTES_PER_DAY - 1) / MINUTES_PER_DAY * MINUTES_PER_DAY;
}

static void draw_tick(const picture *p, int column, bool has_date)
{
    int64_t minute = p->map->begin_minute + column * p->map->minutes_per_column;
    int x = x_of(p, column);
    int y = bottom_of(p);
    add(p, "<path stroke=\"" INK "\" d=\"M%d %dv5\"/><text x=\"%d\" y=\"%d\">",
        x, y, x, y + 18);
    add_time(p, minute);
    end_line(p);
    if (!has_date) return;
    add(p, "<text x=\"%d\" y=\"%d\">", x, y + 33);
    add_date(p, minute);
    end_line(p);
}

/* Whether the first column has a tick: there is room up to the next, or none
 * next. */
static bool is_first_ticked(const dyn_heatmap *map, int64_t step, int width)
{
    int64_t minutes = step - map->begin_minute % step;
    int64_t columns = minutes / map->minutes_per_column;
    return columns >= map->columns || columns * width >= TICK_WIDTH;
}

static void draw_ticks(const picture *p)
{
    const dyn_heatmap *map = p->map;
    int64_t step = find_tick_minutes(p);
    int64_t dated = -1; /* the day of the tick before */
    add(p,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"end\" fill=\"" FAINT_INK
        "\">time, UTC</text>\n",
        p->left - 8, bottom_of(p) + 18);
    for (int i = 0; i < map->columns; i++) {
        int64_t minute = map->begin_minute + i * map->minutes_per_column;
        bool is_tick = minute % step == 0 ||
                       (i == 0 && is_first_ticked(map, step, p->column_width));
        if (!is_tick) continue;
        draw_tick(p, i, minute / MINUTES_PER_DAY != dated);
        dated = minute / MINUTES_PER_DAY;
    }
}

/* --------------------------------------------------------------- picture -- */

static void begin_picture(const picture *p)
{
    int width = right_of(p) + RIGHT_WIDTH;
    int height = bottom_of(p) + 2 * LINE_HEIGHT + MARGIN;
    int least = title_width(p->map->frame);
    if (width < least) width = least;
    add(p,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" "
        "viewBox=\"0 0 %d %d\" role=\"img\" font-family=\"system-ui, "
        "'Segoe UI', 'DejaVu Sans', sans-serif\" font-size=\"12\" fill=\"" INK
        "\">\n<title>",
        width, height, width, height);
    add_title(p);
    add(p,
        "</title>\n<rect width=\"%d\" height=\"%d\" fill=\"" PAPER "\"/>\n"
        "<text x=\"%d\" y=\"%d\" font-size=\"18\" font-weight=\"bold\">",
        width, height, MARGIN, MARGIN + LINE_HEIGHT);
    add_title(p);
    end_line(p);
}

void dyn_heatmap_draw(const dyn_heatmap *map, dyn_buffer *out)
{
    picture p = lay_out(map, out);
    begin_picture(&p);
    draw_period(&p);
    draw_hottest(&p);
    draw_notes(&p);
    draw_legend(&p);
    draw_cells(&p);
    draw_lines(&p);
    draw_throttles(&p);
    draw_dots(&p, PAPER, DOT_RIM);
    draw_dots(&p, INK, DOT);
    draw_inner_dots(&p);
    draw_labels(&p);
    draw_ticks(&p);
    dyn_buffer_add_text(out, "</svg>\n");
}
