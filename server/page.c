/* Pages of the console; the contract is in page.h. */
#include "page.h"

#include <stdlib.h>

/* ------------------------------------------------------------- the document --
 */

static void add_link(dyn_buffer *out, const console_page *page, page_tab tab,
                     const char *path, const char *title)
{
    html_add(out, "<a href=\"/console/%s?table=%q\"", path, page->table);
    if (page->tab == tab) html_add(out, " aria-current=\"page\"");
    html_add(out, ">%s</a>", title);
}

static void add_tabs(dyn_buffer *out, const console_page *page)
{
    html_add(out,
             "<div class=\"title\"><p class=\"name\">%b</p>"
             "<nav class=\"tabs\" aria-label=\"Table\">",
             page->table);
    add_link(out, page, TAB_OVERVIEW, "table", "Overview");
    add_link(out, page, TAB_ITEMS, "items", "Items");
    add_link(out, page, TAB_LOAD, "load", "Load");
    add_link(out, page, TAB_STREAM, "stream", "Stream");
    html_add(out, "</nav></div>");
}

static void add_head(dyn_buffer *out, const console_page *page)
{
    html_add(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\">"
        "<meta name=\"color-scheme\" content=\"light dark\">"
        "<title>%b – dynamo</title>"
        "<link rel=\"icon\" href=\"/console/icon.svg\" type=\"image/svg+xml\">"
        "<link rel=\"stylesheet\" href=\"/console/console.css\">"
        "<script src=\"/console/console.js\" defer></script></head><body>"
        "<a class=\"skip\" href=\"#content\">Skip to the content</a>"
        "<header><nav aria-label=\"Console\">"
        "<a class=\"brand\" href=\"/console/\">dynamo</a>"
        "<a href=\"/console/\">Tables</a>"
        "<a href=\"/console/activity\">Activity</a></nav></header>",
        page->title);
}

dyn_status page_document(console_page *page, dyn_bytes *out)
{
    enum { AROUND_BYTES = 2048 };
    dyn_bytes content;
    dyn_buffer document;
    DYN_TRY(dyn_buffer_end(&page->out, &content));
    dyn_buffer_begin(&document, page->call, content.size_bytes + AROUND_BYTES);
    add_head(&document, page);
    html_add(&document, "<main id=\"content\">");
    if (page->table.size_bytes > 0) add_tabs(&document, page);
    dyn_buffer_add_bytes(&document, content);
    html_add(&document, "</main></body></html>\n");
    return dyn_buffer_end(&document, out);
}

/* --------------------------------------------------------------- failures --
 */

const char *page_message(const console_page *page)
{
    const dyn_error *error = &page->call->error;
    return error->text != NULL ? error->text : error->message;
}

void page_refusal(console_page *page, const char *message)
{
    enum { REFUSED = 400 };
    page->status = REFUSED;
    html_add(&page->out,
             "<div class=\"notice refusal\" role=\"alert\"><p "
             "class=\"message\">%s</p></div>",
             message);
}

dyn_status page_api(console_page *page, const char *operation,
                    dyn_bytes request, dyn_bytes *response)
{
    bool is_exception = false;
    DYN_TRY(database_run(page->call, page->database, dyn_bytes_text(operation),
                         request, response, &is_exception));
    if (!is_exception) return DYN_OK;
    return dyn_fail_text(page->call, DYN_INVALID, (const char *)response->data);
}

/* --------------------------------------------------------- tables of rows --
 */

static void add_cell(dyn_buffer *out, cell_kind kind, const database_cell *cell)
{
    bool is_right = kind == CELL_NUMBER || kind == CELL_BYTES;
    html_add(out, is_right ? "<td class=\"number\">" : "<td>");
    if (cell->is_null)
        html_add(out, "<span class=\"none\">–</span>");
    else if (kind == CELL_BYTES)
        html_size(out, strtoll((const char *)cell->text.data, NULL, 10));
    else if (kind == CELL_NUMBER && cell->is_number)
        html_number(out, cell->text);
    else if (kind == CELL_CODE)
        html_add(out, "<code>%b</code>", cell->text);
    else if (kind == CELL_TABLE)
        html_add(out, "<a href=\"/console/table?table=%q\">%b</a>", cell->text,
                 cell->text);
    else
        html_escape(out, cell->text);
    html_add(out, "</td>");
}

static void add_rows(dyn_buffer *out, const page_table *table,
                     const database_rows *rows)
{
    html_add(out,
             "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"%s\"><table><thead><tr>",
             table->title);
    for (size_t i = 0; i < rows->columns; i++) {
        cell_kind kind = table->columns[i].kind;
        bool is_right = kind == CELL_NUMBER || kind == CELL_BYTES;
        html_add(out,
                 is_right ? "<th scope=\"col\" class=\"number\">%s</th>"
                          : "<th scope=\"col\">%s</th>",
                 table->columns[i].title);
    }
    html_add(out, "</tr></thead><tbody>");
    for (size_t i = 0; i < rows->count; i++) {
        html_add(out, "<tr>");
        for (size_t k = 0; k < rows->columns; k++)
            add_cell(out, table->columns[k].kind,
                     &rows->cells[i * rows->columns + k]);
        html_add(out, "</tr>");
    }
    html_add(out, "</tbody></table></div>");
}

dyn_status page_add_table(console_page *page, const page_table *table,
                          dyn_bytes argument)
{
    database_rows rows;
    dyn_status status =
        database_query(page->call, page->database, table->sql, &argument,
                       strstr(table->sql, "?1") != NULL, &rows);
    if (status == DYN_NOMEM) return status;
    html_add(&page->out,
             page->out.size_bytes == 0 ? "<section><h1>%s</h1>"
                                       : "<section><h2>%s</h2>",
             table->title);
    if (table->note != NULL)
        html_add(&page->out, "<p class=\"note\">%s</p>", table->note);
    if (status != DYN_OK)
        page_refusal(page, page_message(page));
    else if (rows.count == 0)
        html_add(&page->out, "<p class=\"empty\">%s</p>", table->empty);
    else
        add_rows(&page->out, table, &rows);
    html_add(&page->out, "</section>");
    return DYN_OK;
}

/* ------------------------------------------------------------------ costs --
 */

static void add_units(dyn_buffer *out, dyn_bytes units, const char *kind)
{
    html_number(out, units);
    html_add(out, " %s unit", kind);
    if (!dyn_bytes_equal_text(units, "1") &&
        !dyn_bytes_equal_text(units, "1.0"))
        html_add(out, "s");
}

dyn_status page_add_cost(console_page *page)
{
    static const char sql[] =
        "SELECT c.value ->> 'table', c.value ->> 'index',"
        " c.value ->> 'read_units', c.value ->> 'write_units',"
        " c.value ->> 'served_by' FROM json_each(dynamo_cost(), '$.tables') c";
    database_rows rows;
    dyn_buffer *out = &page->out;
    DYN_TRY(database_query(page->call, page->database, sql, NULL, 0, &rows));
    html_add(out, "<span class=\"cost\">");
    if (rows.count == 0) html_add(out, "no units");
    for (size_t i = 0; i < rows.count; i++) {
        const database_cell *cells = &rows.cells[i * rows.columns];
        bool has_writes = !dyn_bytes_equal_text(cells[3].text, "0") &&
                          !dyn_bytes_equal_text(cells[3].text, "0.0");
        if (i > 0) html_add(out, ", ");
        add_units(out, cells[has_writes ? 3 : 2].text,
                  has_writes ? "write" : "read");
        html_add(out, cells[1].is_null ? " of the table" : " of %b",
                 cells[1].text);
        if (!cells[4].is_null) html_add(out, " by %b", cells[4].text);
    }
    html_add(out, "</span>");
    return DYN_OK;
}
