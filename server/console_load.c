/* What a table or a global index takes, and where; console_pages.h has the list
 * of pages. */
#include "console_pages.h"

#include "plot.h"
#include "schema.h"

#include <stdlib.h>

/* How much time the page shows; a bar of a plot is a sixtieth of it. */
static const struct span {
    const char *minutes; /* in the address */
    const char *title;
    const char *begin;
} spans[] = {
    {"60", "1 hour", "1 hour ago"},
    {"360", "6 hours", "6 hours ago"},
    {"1440", "1 day", "1 day ago"},
    {"10080", "7 days", "7 days ago"},
};
enum { SPANS = sizeof(spans) / sizeof(spans[0]) };

static const struct span *span_of(const console_page *page)
{
    dyn_bytes minutes = form_value(&page->form, "minutes");
    for (size_t i = 0; i < SPANS; i++) {
        if (dyn_bytes_equal_text(minutes, spans[i].minutes)) return &spans[i];
    }
    return &spans[0];
}

/* --------------------------------------------------------------- choosing --
 */

static void add_choice(console_page *page, dyn_bytes index,
                       const struct span *span, bool is_current,
                       dyn_bytes title)
{
    html_add(&page->out,
             "<li><a href=\"/console/load?table=%q&amp;index=%q&amp;"
             "minutes=%s\"",
             page->table, index, span->minutes);
    html_add(&page->out,
             is_current ? " aria-current=\"true\">%b</a></li>" : ">%b</a></li>",
             title);
}

static void add_choices(console_page *page, const table_schema *schema,
                        dyn_bytes index, const struct span *span)
{
    html_add(&page->out, "<nav class=\"rows\" aria-label=\"What is shown\">"
                         "<ul class=\"choices\">");
    for (size_t i = 0; i < SPANS; i++)
        add_choice(page, index, &spans[i], &spans[i] == span,
                   dyn_bytes_text(spans[i].title));
    html_add(&page->out, "</ul><ul class=\"choices\">");
    for (size_t i = 0; i < schema->count && schema->count > 1; i++) {
        const schema_path *path = &schema->paths[i];
        bool is_table = path->index.size_bytes == 0;
        if (!is_table && !path->is_global) continue;
        add_choice(page, path->index, span, dyn_bytes_equal(path->index, index),
                   is_table ? dyn_bytes_text("Table") : path->index);
    }
    html_add(&page->out, "</ul></nav>");
}

/* ---------------------------------------------------------------- capacity --
 */

typedef struct load_plots {
    plot_series reads;
    plot_series writes;
} load_plots;

static double number_at(const database_cell *cell)
{
    return cell->is_null ? 0 : strtod((const char *)cell->text.data, NULL);
}

/* A row: which bar, read and write units a second, throttled reads and writes,
 * provisioned read and write units. */
static void fill_bar(load_plots *plots, const database_cell *cells)
{
    size_t bar = (size_t)number_at(&cells[0]);
    if (bar >= PLOT_BARS) return;
    plots->reads.bars[bar] =
        (plot_bar){number_at(&cells[1]), number_at(&cells[5]),
                   (int64_t)number_at(&cells[3])};
    plots->writes.bars[bar] =
        (plot_bar){number_at(&cells[2]), number_at(&cells[6]),
                   (int64_t)number_at(&cells[4])};
}

static dyn_status add_plots(console_page *page, dyn_bytes index,
                            const struct span *span)
{
    static const char sql[] =
        "WITH capacity AS (SELECT *, unixepoch(dynamo_clock()) / 60 - "
        "unixepoch(minute) / 60 AS ago FROM dynamo_capacity(?1) "
        "WHERE coalesce(index_name, '') = ?2) "
        "SELECT 59 - ago / (?3 / 60), sum(read_units) / (?3 + 0.0), "
        "sum(write_units) / (?3 + 0.0), sum(throttled_reads), "
        "sum(throttled_writes), max(provisioned_read_units), "
        "max(provisioned_write_units) FROM capacity "
        "WHERE ago BETWEEN 0 AND ?3 - 1 GROUP BY 1";
    const dyn_bytes arguments[] = {page->table, index,
                                   dyn_bytes_text(span->minutes)};
    load_plots plots = {.reads = {.title = "Read units",
                                  .unit = "a second, on average",
                                  .begin = span->begin,
                                  .end = "now"},
                        .writes = {.title = "Write units",
                                   .unit = "a second, on average",
                                   .begin = span->begin,
                                   .end = "now"}};
    database_rows rows;
    DYN_TRY(
        database_query(page->call, page->database, sql, arguments, 3, &rows));
    for (size_t i = 0; i < rows.count; i++)
        fill_bar(&plots, &rows.cells[i * rows.columns]);
    html_add(&page->out, "<section><h2>Capacity</h2><div class=\"plots\">");
    plot_add(&page->out, &plots.reads);
    plot_add(&page->out, &plots.writes);
    html_add(&page->out, "</div></section>");
    return DYN_OK;
}

/* ---------------------------------------------------------------- the page --
 */

static const page_table tables[] = {
    {"By operation",
     "The last 15 days, of the table and its indexes.",
     "Nothing was consumed yet.",
     "SELECT coalesce(index_name, 'the table'), operation, sum(read_units), "
     "sum(write_units), "
     "sum(throttled_reads + throttled_writes), max(minute) FROM "
     "dynamo_capacity(?1) GROUP BY 1, 2 ORDER BY 1, 2",
     {{"Of", CELL_TEXT},
      {"Operation", CELL_TEXT},
      {"Read units", CELL_NUMBER},
      {"Write units", CELL_NUMBER},
      {"Throttled", CELL_NUMBER},
      {"Last (UTC)", CELL_TEXT}}},
    {"Hot keys",
     "Partition keys with the most load of the last five to ten minutes. A "
     "share is at least this, and at most as much more as the error says.",
     "None were counted. SELECT dynamo_alter(table, 'hot_keys = ''on''') "
     "counts them.",
     "SELECT coalesce(index_name, 'the table'), kind, key, read_units, "
     "write_units, "
     "round(100 * share, 1), round(100 * error, 1), since FROM "
     "dynamo_hot_keys(?1) ORDER BY kind, share DESC LIMIT 30",
     {{"Of", CELL_TEXT},
      {"Kind", CELL_TEXT},
      {"Key", CELL_CODE},
      {"Read units", CELL_NUMBER},
      {"Write units", CELL_NUMBER},
      {"Share, %", CELL_NUMBER},
      {"Error, %", CELL_NUMBER},
      {"Since (UTC)", CELL_TEXT}}},
    {"Partitions",
     "Units are a second: now, and in the minute with the most of the last "
     "three hours.",
     "There are none.",
     "SELECT coalesce(index_name, 'the table'), partition, items, bytes, "
     "round(read_units, 1), "
     "round(write_units, 1), round(peak_read_units, 1), "
     "round(peak_write_units, 1), throttled, reason, since FROM "
     "dynamo_partitions(?1) LIMIT 100",
     {{"Of", CELL_TEXT},
      {"Partition", CELL_NUMBER},
      {"Items", CELL_NUMBER},
      {"Size", CELL_BYTES},
      {"Reads", CELL_NUMBER},
      {"Writes", CELL_NUMBER},
      {"Peak reads", CELL_NUMBER},
      {"Peak writes", CELL_NUMBER},
      {"Throttled", CELL_NUMBER},
      {"Reason", CELL_TEXT},
      {"Since (UTC)", CELL_TEXT}}},
};

dyn_status console_load(console_page *page)
{
    table_schema schema;
    dyn_bytes index = form_value(&page->form, "index");
    const struct span *span = span_of(page);
    page->title = page->table;
    DYN_TRY(schema_read(page, &schema));
    if (schema_find(&schema, index) == NULL)
        return dyn_fail(page->call, DYN_INVALID, "there is no such index");
    html_add(&page->out, "<h1 class=\"hidden\">%b: load</h1>", page->table);
    add_choices(page, &schema, index, span);
    DYN_TRY(add_plots(page, index, span));
    html_add(
        &page->out,
        "<section><h2>Heat map</h2><p class=\"note\">The load of each "
        "partition, by minute.</p><div class=\"scroll white\" tabindex=\"0\" "
        "role=\"region\" aria-label=\"Heat map\"><img class=\"heat\" "
        "alt=\"The load of each partition by minute; the table of "
        "partitions below has the figures\" "
        "src=\"/console/heatmap.svg?table=%q&amp;index=%q\"></div>"
        "</section>",
        page->table, index);
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        DYN_TRY(page_add_table(page, &tables[i], page->table));
    return DYN_OK;
}

dyn_status console_heatmap(console_page *page, dyn_bytes *picture)
{
    static const char sql[] =
        "SELECT dynamo_heatmap(?1, CASE WHEN ?2 = '' THEN 'minutes 60' ELSE "
        "'index ' || ?2 || ' minutes 60' END)";
    const dyn_bytes arguments[] = {page->table,
                                   form_value(&page->form, "index")};
    database_rows rows;
    DYN_TRY(
        database_query(page->call, page->database, sql, arguments, 2, &rows));
    *picture = rows.cells[0].text;
    return DYN_OK;
}
