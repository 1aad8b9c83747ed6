/* The heat map: that it is well-formed, bounded and the same each time, and
 * that what is drawn is what was added. */
#include "base/utf8.h"
#include "fault.h"
#include "ops/heatmap.h"
#include "unit.h"

#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    MANY = 4000,
    HOUR = 60,
    DAY = 1440,
    NOON = 28571040 + 720, /* of 2024-04-28 */
    READ_LIMIT = 3000,
    WRITE_LIMIT = 1000,
};

static dyn_call call;
static dyn_heatmap_partition partitions[MANY];
static dyn_heatmap_frame frame;
static dyn_heatmap *map;

static void setup(void)
{
    dyn_call_begin(&call);
}

static void teardown(void)
{
    dyn_call_end(&call);
    ck_assert_int_eq(sqlite3_memory_used(), 0);
}

/* A heat map of so many partitions of the same width. */
static void begin(size_t count, int64_t minutes)
{
    uint64_t width = UINT64_MAX / count + (count > 1 ? 1 : 0);
    for (size_t i = 0; i < count; i++) {
        partitions[i] = (dyn_heatmap_partition){
            .number = (int64_t)i + 1,
            .low = i * width,
        };
    }
    frame = (dyn_heatmap_frame){
        .table = dyn_bytes_text("orders"),
        .partitions = partitions,
        .count = count,
        .first_minute = NOON,
        .minutes = minutes,
        .read_limit = READ_LIMIT,
        .write_limit = WRITE_LIMIT,
    };
    ck_assert_int_eq(dyn_heatmap_begin(&call, &frame, &map), DYN_OK);
}

static uint64_t last_of(size_t partition)
{
    return partition + 1 < frame.count ? partitions[partition + 1].low - 1
                                       : UINT64_MAX;
}

/* Add to partitions from first to last as if they were one. */
static void add(size_t first, size_t last, int64_t minute, int64_t writes,
                int64_t throttled)
{
    dyn_heatmap_load load = {
        .low = partitions[first].low,
        .last = last_of(last),
        .minute = NOON + minute,
        .write_units = writes,
        .throttled = throttled,
    };
    dyn_heatmap_add(map, &load);
}

static const char *draw(void)
{
    dyn_buffer buffer;
    dyn_bytes out;
    dyn_buffer_begin(&buffer, &call, 0);
    dyn_heatmap_draw(map, &buffer);
    ck_assert_int_eq(dyn_buffer_end(&buffer, &out), DYN_OK);
    ck_assert_uint_eq(strlen((const char *)out.data), out.size_bytes);
    return (const char *)out.data;
}

static void check_has(const char *picture, const char *text)
{
    ck_assert_msg(strstr(picture, text) != NULL, "no %s", text);
}

/* Where things are in a picture of 4 partitions or less and an hour. */
enum { LEFT = 174, TOP = 200, WIDTH = 15, HEIGHT = 30 };

static int x_of(int column)
{
    return LEFT + column * WIDTH;
}

static int y_of(int row)
{
    return TOP + row * HEIGHT;
}

static int middle_of(int row)
{
    return y_of(row) + HEIGHT / 2;
}

/* A path of such lengths, in the order of printf(). */
static const char *path(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

static const char *path(const char *format, ...)
{
    static char text[200];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return text;
}

/* ----------------------------------------------------------- well-formed -- */

typedef struct document {
    const char *next;
    dyn_bytes open[8]; /* the names of the elements that are open */
    size_t depth;
} document;

static size_t name_bytes(const char *text)
{
    return strcspn(text, " />\n=");
}

/* Pass text up to end, in which nothing but known entities is escaped. */
static void pass_text(document *d, char end)
{
    for (; *d->next != end && *d->next != '\0'; d->next++) {
        unsigned char byte = (unsigned char)*d->next;
        bool is_sound = (byte >= 0x20 && byte != '<') || byte == '\n';
        if (byte == '&') {
            is_sound = strncmp(d->next, "&amp;", 5) == 0 ||
                       strncmp(d->next, "&lt;", 4) == 0 ||
                       strncmp(d->next, "&gt;", 4) == 0;
        }
        if (!is_sound) ck_abort_msg("not escaped: %.40s", d->next);
    }
}

/* The attributes of an element, each of which has a name of its own. */
static void pass_attributes(document *d)
{
    dyn_bytes names[16];
    size_t count = 0;
    while (*d->next == ' ') {
        d->next++;
        dyn_bytes name = {(const unsigned char *)d->next, name_bytes(d->next)};
        for (size_t i = 0; i < count; i++)
            ck_assert(!dyn_bytes_equal(names[i], name));
        ck_assert_uint_lt(count, 16);
        names[count++] = name;
        d->next += name.size_bytes;
        ck_assert_msg(strncmp(d->next, "=\"", 2) == 0, "at %.40s", d->next);
        d->next += 2;
        pass_text(d, '"');
        d->next++;
    }
}

static void pass_tag(document *d)
{
    bool is_end = *++d->next == '/';
    d->next += is_end;
    dyn_bytes name = {(const unsigned char *)d->next, name_bytes(d->next)};
    d->next += name.size_bytes;
    if (is_end) {
        ck_assert_uint_gt(d->depth, 0);
        ck_assert(dyn_bytes_equal(d->open[--d->depth], name));
    } else {
        pass_attributes(d);
    }
    if (*d->next == '/') {
        d->next++;
    } else if (!is_end) {
        ck_assert_uint_lt(d->depth, 8);
        d->open[d->depth++] = name;
    }
    ck_assert_msg(*d->next == '>', "at %.40s", d->next);
    d->next++;
}

static void check_picture(const char *picture)
{
    document d = {.next = picture};
    ck_assert(strncmp(picture, "<svg ", 5) == 0);
    ck_assert(dyn_utf8_valid(dyn_bytes_text(picture)));
    ck_assert_uint_le(strlen(picture), DYN_HEATMAP_BYTES_MAX);
    do {
        pass_tag(&d);
        if (d.depth > 0) pass_text(&d, '<');
    } while (d.depth > 0);
    ck_assert_str_eq(d.next, "\n");
}

static const struct {
    size_t partitions;
    int64_t minutes;
} shapes[] = {
    {1, 1},      {1, HOUR},      {1, DAY},
    {2, 2},      {4, HOUR},      {40, 149},
    {40, 150},   {48, 151},      {49, 1},
    {96, DAY},   {97, 7},        {MANY, 1},
    {MANY, DAY}, {54, 30 * DAY}, {3, INT64_C(20) * 365 * DAY},
};

START_TEST(a_picture_is_well_formed_for_any_shape)
{
    uint64_t state = 1;
    begin(shapes[_i].partitions, shapes[_i].minutes);
    check_picture(draw());
    for (int n = 0; n < 20000; n++) {
        size_t partition = unit_random(&state, (uint32_t)frame.count);
        int64_t minute = unit_random(&state, (uint32_t)frame.minutes);
        add(partition, partition, minute, unit_random(&state, 60000),
            unit_random(&state, 9) == 0);
        if (n % 100 == 0 && partition > 0) {
            dyn_heatmap_split(map, partitions[partition].low, NOON + minute);
            dyn_heatmap_split(map, partitions[partition].low + 1,
                              NOON + minute);
        }
    }
    check_picture(draw());
}
END_TEST

/* The lightness of a colour, #rrggbb, as the eye weighs its parts. */
static double lightness(const char *colour)
{
    static const double weights[] = {0.2126, 0.7152, 0.0722};
    unsigned red;
    unsigned green;
    unsigned blue;
    ck_assert_int_eq(sscanf(colour, "#%2x%2x%2x", &red, &green, &blue), 3);
    const double parts[] = {red, green, blue};
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += weights[i] * parts[i] * parts[i] / (255.0 * 255.0);
    return sum;
}

/* So they are told apart without their hues. */
START_TEST(the_colours_of_the_legend_are_ever_darker)
{
    begin(1, HOUR);
    const char *rest = strstr(draw(), "Colour:");
    double before = 1;
    int count = 0;
    while ((rest = strstr(rest, "height=\"14\" fill=\"")) != NULL) {
        rest += strlen("height=\"14\" fill=\"");
        double now = lightness(rest);
        ck_assert_double_lt(now, before - 0.05);
        before = now;
        count++;
    }
    ck_assert_int_eq(count, 8);
}
END_TEST

START_TEST(a_split_and_throttled_requests_in_one_cell_are_both_seen)
{
    begin(2 * DYN_HEATMAP_ROWS_MAX, HOUR);
    dyn_heatmap_load load = {
        .last = 1, .minute = NOON + 30, .write_units = 1, .throttled = 1};
    dyn_heatmap_add(map, &load);
    dyn_heatmap_split(map, partitions[1].low, NOON + 30);
    const char *picture = draw();
    check_picture(picture);
    const char *diamond =
        strstr(strstr(picture, "split</text>"), "stroke=\"#000000\"");
    ck_assert_ptr_nonnull(diamond);
    ck_assert_ptr_nonnull(
        strstr(diamond, "stroke-width=\"3\" stroke-linecap=\"round\" d=\"M"));
    ck_assert_ptr_null(
        strstr(diamond, "stroke-width=\"7\" stroke-linecap=\"round\" d=\"M"));
}
END_TEST

/* Each cell has another colour than its neighbour and all marks, the labels are
 * as long as they can be. */
START_TEST(the_largest_picture_is_bounded)
{
    uint64_t width = 16;
    size_t count = DYN_HEATMAP_ROWS_MAX;
    begin(count, DYN_HEATMAP_COLUMNS_MAX);
    for (size_t i = 1; i < count; i++) {
        partitions[i].low = i * width;
        partitions[i].number = INT64_MIN + (int64_t)i;
    }
    char name[DYN_TABLE_NAME_BYTES_MAX + 1] = {0};
    memset(name, '&', sizeof(name) - 1);
    frame.first_minute = INT64_C(5258964959); /* the end of 11968 */
    frame.minutes = DYN_HEATMAP_COLUMNS_MAX - 1;
    frame.table = dyn_bytes_text(name);
    frame.index = frame.table;
    ck_assert_int_eq(dyn_heatmap_begin(&call, &frame, &map), DYN_OK);
    for (int64_t minute = 0; minute < frame.minutes; minute++) {
        for (size_t i = 0; i < count; i++) {
            dyn_heatmap_load load = {
                .low = partitions[i].low,
                .last = last_of(i),
                .minute = frame.first_minute + minute,
                .write_units = ((int64_t)i + minute) % 2 == 0 ? 1 : INT64_MAX,
                .throttled = INT64_C(1) << 49,
            };
            dyn_heatmap_add(map, &load);
            dyn_heatmap_split(map, load.low + 1, load.minute);
        }
    }
    const char *picture = draw();
    check_picture(picture);
    ck_assert_uint_gt(strlen(picture), DYN_HEATMAP_BYTES_MAX / 2);
}
END_TEST

static const struct {
    const char *name;
    const char *drawn;
} names[] = {
    {"a&b<c>d\"e'f", "table a&amp;b&lt;c&gt;d\"e'f<"},
    {"]]>", "table ]]&gt;<"},
    {"\x01\t\n\x7f", "table ����<"},
    {"\xff\xc3(\xed\xa0\x80z", "table ��(�z<"},
    {"\xef\xbf\xbe\xef\xbf\xbf\xef\xbf\xbd", "table ���<"},
    {"Bücher ☃ 𝄞", "table Bücher ☃ 𝄞<"},
    {"123456789 123456789 123456789 123456789 123456789 123456789 ",
     "table 123456789 123456789 123456789 123456789 123456789 123456789 <"},
    {"123456789 123456789 123456789 123456789 123456789 12345678é z",
     "table 123456789 123456789 123456789 123456789 123456789 12345678é …<"},
};

START_TEST(a_name_is_escaped_and_cut)
{
    begin(1, 1);
    frame.table = dyn_bytes_text(names[_i].name);
    const char *picture = draw();
    check_picture(picture);
    check_has(picture, names[_i].drawn);
}
END_TEST

START_TEST(an_index_is_named_with_its_table)
{
    begin(1, 1);
    frame.index = dyn_bytes_text("by<status");
    check_has(draw(), "<title>Heat of index by&lt;status of table orders<");
}
END_TEST

START_TEST(the_order_of_adding_is_not_seen)
{
    const char *pictures[2];
    for (int backwards = 0; backwards < 2; backwards++) {
        begin(100, HOUR);
        for (int i = 0; i < 100 * HOUR; i++) {
            int n = backwards ? 100 * HOUR - 1 - i : i;
            size_t partition = (size_t)(n / HOUR);
            add(partition, partition, n % HOUR, n * 31 % 500, n % 7 == 0);
            if (n % 50 == 0)
                dyn_heatmap_split(map, (uint64_t)n << 50, NOON + n % HOUR);
        }
        pictures[backwards] = draw();
    }
    ck_assert_str_eq(pictures[0], pictures[1]);
}
END_TEST

START_TEST(without_memory_there_is_no_picture)
{
    begin(40, HOUR);
    call.free_bytes = 0;
    fault_set(0);
    ck_assert_int_eq(dyn_heatmap_begin(&call, &frame, &map), DYN_NOMEM);
    fault_set_off();
    begin(40, HOUR);
    int countdown = 0;
    for (bool is_done = false; !is_done; countdown++) {
        dyn_buffer buffer;
        dyn_bytes out;
        call.free_bytes = 0;
        fault_set(countdown);
        dyn_buffer_begin(&buffer, &call, 0);
        dyn_heatmap_draw(map, &buffer);
        is_done = !fault_hit();
        fault_set_off();
        ck_assert_int_eq(dyn_buffer_end(&buffer, &out),
                         is_done ? DYN_OK : DYN_NOMEM);
    }
    ck_assert_int_gt(countdown, 1);
}
END_TEST

/* ------------------------------------------------------------------ load -- */

static const struct {
    int64_t read_halves;
    int64_t write_units;
    const char *colour;
    const char *peak;
} loads[] = {
    {1, 0, "#ffe48f", "0.01 %"}, /* the least is seen */
    {0, 59, "#ffe48f", "0.09 %"},
    {0, 60, "#ffc857", "0.10 %"},
    {359, 0, "#ffe48f", "0.09 %"},
    {360, 0, "#ffc857", "0.10 %"},
    {0, 599, "#ffc857", "0.99 %"},
    {0, 600, "#fba63c", "1.0 %"},
    {0, 5999, "#fba63c", "9.9 %"},
    {0, 6000, "#ee7528", "10 %"},
    {0, 14999, "#ee7528", "24 %"},
    {90000, 0, "#cf4423", "25 %"},
    {0, 29999, "#cf4423", "49 %"},
    {180000, 30, "#9c1c35", "50 %"},
    {1, 47999, "#9c1c35", "79 %"},
    {0, 48000, "#560a3a", "80 %"},
    {288000, 0, "#560a3a", "80 %"},
    {360000, 60000, "#560a3a", "100 %"},
    {INT64_MAX, INT64_MAX, "#560a3a", "100000 %"},
};

START_TEST(a_colour_is_the_share_of_the_nearer_limit)
{
    begin(1, HOUR);
    dyn_heatmap_load load = {
        .last = UINT64_MAX,
        .minute = NOON + 30,
        .read_halves = loads[_i].read_halves,
        .write_units = loads[_i].write_units,
    };
    dyn_heatmap_add(map, &load);
    const char *picture = draw();
    check_has(picture, path("<path stroke=\"%s\" d=\"M%d %dh15\"/>",
                            loads[_i].colour, x_of(30), middle_of(0)));
    check_has(picture, path("Hottest: %s at", loads[_i].peak));
}
END_TEST

START_TEST(a_row_has_its_partition_and_hashes)
{
    begin(4, HOUR);
    const char *picture = draw();
    check_has(picture, ">#1</text>");
    check_has(picture, ">0000–3fff</text>");
    check_has(picture, ">4000–7fff</text>");
    check_has(picture, ">c000–ffff</text>");
    check_has(picture, ">25 %</text>");
    check_has(picture, "No load.");
    check_has(picture, "3,000 read or 1,000 write units");
    partitions[3].low = partitions[2].low + 1;
    picture = draw();
    check_has(picture, ">4000000000000000–7fffffffffffffff</text>");
    check_has(picture, ">8000000000000000–8000000000000000</text>");
    check_has(picture, ">&lt;0.01 %</text>");
}
END_TEST

START_TEST(minutes_outside_of_the_frame_are_left_out)
{
    begin(4, 7);
    const char *empty = draw();
    add(0, 3, -1, 60000, 1);
    add(0, 3, 7, 60000, 1);
    dyn_heatmap_split(map, partitions[1].low, NOON - 1);
    dyn_heatmap_split(map, partitions[1].low, NOON + 7);
    ck_assert_str_eq(draw(), empty);
    add(0, 0, 6, 60000, 1);
    ck_assert_str_ne(draw(), empty);
}
END_TEST

START_TEST(a_throttle_is_a_diamond_in_its_cell)
{
    begin(4, HOUR);
    add(1, 1, 2, 0, 3);
    add(1, 1, 4, 60, 1201);
    const char *picture = draw();
    check_has(picture, path("d=\"M%d %dl5 6-5 6-5-6zM%d %dl5 6-5 6-5-6z\"/>",
                            x_of(2) + WIDTH / 2, middle_of(1) - 6,
                            x_of(4) + WIDTH / 2, middle_of(1) - 6));
    check_has(picture, " 1,204 throttled requests.");
    check_has(picture, ">1,204</text>");
}
END_TEST

START_TEST(what_does_not_fit_is_put_together_and_said)
{
    begin(MANY, DAY);
    add(84, 84, 0, 600, 0);
    add(167, 167, 9, 48000, 1);
    add(85, 85, 5, 6000, 1);
    const char *picture = draw();
    check_has(picture, "A row is up to 84 partitions and shows the hottest");
    check_has(picture, "A column is 10 minutes and shows the hottest");
    check_has(picture, "<path stroke=\"#560a3a\" d=\"M174 221h6\"/>");
    check_has(picture, "<path stroke=\"#ee7528\" d=\"\"/>");
    check_has(picture, "Hottest: 80 % at 2024-04-28 12:09");
    check_has(picture, ">52</text>"); /* the last row has fewer */
    begin(DYN_HEATMAP_ROWS_MAX, DYN_HEATMAP_COLUMNS_MAX - 1);
    check_has(draw(), "A row is a partition, a column a minute.");
}
END_TEST

/* Up to the split in minute 30, one partition had the hashes of two. */
START_TEST(a_line_begins_at_the_split_that_made_it)
{
    begin(4, HOUR);
    add(1, 2, 29, 60000, 1);
    add(1, 1, 30, 60, 0);
    add(2, 2, 30, 6000, 0);
    dyn_heatmap_split(map, partitions[2].low, NOON + 30);
    const char *picture = draw();
    check_has(picture, path("d=\"M%d %dh15M%d %dh15\"/>", x_of(29),
                            middle_of(1), x_of(29), middle_of(2)));
    check_has(picture, path("d=\"M%d %dH%dM%d %dH%dM%d %dH%d\"/>", LEFT,
                            y_of(1), x_of(60), x_of(30), y_of(2), x_of(60),
                            LEFT, y_of(3), x_of(60)));
    check_has(picture, path("d=\"M%d %dh0\"/>", x_of(30), y_of(2)));
    check_has(picture, "4 partitions, 1 split, 1 throttled request.");
    check_has(picture, "Before a split,");
    check_has(picture, "Hottest: 100 % at 2024-04-28 12:29, hashes 4000–bfff.");
}
END_TEST

START_TEST(a_split_inside_of_a_row_is_a_dot_in_it)
{
    begin(MANY, HOUR);
    dyn_heatmap_split(map, partitions[85].low, NOON + 30);
    check_has(draw(), "d=\"M631 221h0\"/>");
}
END_TEST

/* ------------------------------------------------------------------ time -- */

static const struct {
    int64_t first_minute;
    int64_t minutes;
    const char *period;
    const char *first_tick; /* its time, and its date unless "" */
    const char *first_date;
} times[] = {
    {0, 1, "1970-01-01 00:00 to 1970-01-01 00:01", "00:00", "1970-01-01"},
    {NOON, 3, "2024-04-28 12:00 to 2024-04-28 12:03", "12:00", "2024-04-28"},
    {NOON + 37, 1, "2024-04-28 12:37 to", "12:37", "2024-04-28"},
    {NOON + 37, HOUR, "2024-04-28 12:37 to 2024-04-28 13:37", "12:40",
     "2024-04-28"},
    {NOON + 37, DAY, "2024-04-28 12:37 to 2024-04-29 12:37", "12:30",
     "2024-04-28"},
    {INT64_C(28486079), 2, "2024-02-28 23:59 to 2024-02-29 00:01", "00:00",
     "2024-02-29"},
    {INT64_C(28487519), 2, "2024-02-29 23:59 to 2024-03-01 00:01", "00:00",
     "2024-03-01"},
    {INT64_C(68459039), 2, "2100-02-28 23:59 to 2100-03-01 00:01", "", ""},
    {INT64_C(15778079), 2, "1999-12-31 23:59 to 2000-01-01 00:01", "", ""},
    {INT64_C(210379679), 2, "2369-12-31 23:59 to 2370-01-01 00:01", "", ""},
};

START_TEST(times_are_those_of_utc)
{
    begin(4, times[_i].minutes);
    frame.first_minute = times[_i].first_minute;
    ck_assert_int_eq(dyn_heatmap_begin(&call, &frame, &map), DYN_OK);
    const char *picture = draw();
    check_picture(picture);
    check_has(picture, times[_i].period);
    if (times[_i].first_tick[0] == '\0') return;
    const char *tick = strstr(picture, "v5\"/>");
    ck_assert_ptr_nonnull(tick);
    tick = strchr(tick + 5, '>') + 1;
    ck_assert_int_eq(strncmp(tick, times[_i].first_tick, 5), 0);
    const char *date = strchr(strstr(tick, "<text"), '>') + 1;
    ck_assert_int_eq(strncmp(date, times[_i].first_date, 10), 0);
}
END_TEST

static void add_tests(TCase *tests)
{
    tcase_add_loop_test(tests, a_picture_is_well_formed_for_any_shape, 0,
                        COUNT_OF(shapes));
    tcase_add_test(tests, the_largest_picture_is_bounded);
    tcase_add_loop_test(tests, a_name_is_escaped_and_cut, 0, COUNT_OF(names));
    tcase_add_test(tests, an_index_is_named_with_its_table);
    tcase_add_test(tests, the_order_of_adding_is_not_seen);
    tcase_add_test(tests, without_memory_there_is_no_picture);
    tcase_add_test(tests, the_colours_of_the_legend_are_ever_darker);
    tcase_add_test(tests,
                   a_split_and_throttled_requests_in_one_cell_are_both_seen);
    tcase_add_loop_test(tests, a_colour_is_the_share_of_the_nearer_limit, 0,
                        COUNT_OF(loads));
    tcase_add_test(tests, a_row_has_its_partition_and_hashes);
    tcase_add_test(tests, minutes_outside_of_the_frame_are_left_out);
    tcase_add_test(tests, a_throttle_is_a_diamond_in_its_cell);
    tcase_add_test(tests, what_does_not_fit_is_put_together_and_said);
    tcase_add_test(tests, a_line_begins_at_the_split_that_made_it);
    tcase_add_test(tests, a_split_inside_of_a_row_is_a_dot_in_it);
    tcase_add_loop_test(tests, times_are_those_of_utc, 0, COUNT_OF(times));
}

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("heatmap");
    tcase_add_checked_fixture(tests, setup, teardown);
    add_tests(tests);
    return unit_run("heatmap", tests);
}
