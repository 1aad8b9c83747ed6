/* Pages that show what SQL says of tables; console_pages.h has their list. */
#include "console_pages.h"

#include "schema.h"

#include <stdlib.h>

/* -------------------------------------------------------------- all tables --
 */

dyn_status console_tables(console_page *page)
{
    static const page_table tables = {
        "Tables",
        NULL,
        "There are no tables yet. Create one with SQL, or with CreateTable of "
        "an SDK, and it is shown here.",
        "WITH of AS (SELECT table_name, count(*) AS count FROM dynamo_indexes "
        "GROUP BY table_name) "
        "SELECT t.table_name, t.items, t.bytes, coalesce(of.count, 0), "
        "t.partitions, CASE t.billing WHEN 'provisioned' THEN "
        "format('%,d read, %,d write a second', t.read_units, t.write_units) "
        "WHEN 'on_demand' THEN 'on demand' END, t.ttl "
        "FROM dynamo_tables t LEFT JOIN of USING(table_name) ORDER BY 1",
        {{"Table", CELL_TABLE},
         {"Items", CELL_NUMBER},
         {"Size", CELL_BYTES},
         {"Indexes", CELL_NUMBER},
         {"Partitions", CELL_NUMBER},
         {"Units", CELL_TEXT},
         {"Expires by", CELL_TEXT}}};
    return page_add_table(page, &tables, page->table);
}

/* --------------------------------------------------------------- one table --
 */

static dyn_status add_declaration(console_page *page)
{
    database_rows rows;
    DYN_TRY(database_query(page->call, page->database,
                           "SELECT dynamo_declaration(?1)", &page->table, 1,
                           &rows));
    html_add(&page->out,
             "<section><h2>Declaration</h2><pre tabindex=\"0\">%b</pre>"
             "</section>",
             rows.cells[0].text);
    return DYN_OK;
}

static dyn_status add_facts(console_page *page, const schema_path *path)
{
    static const char sql[] =
        "SELECT items, bytes, partitions, CASE billing WHEN 'provisioned' THEN "
        "format('%,d read, %,d write units a second', read_units, write_units) "
        "ELSE 'on demand' END, ttl FROM dynamo_tables(?1)";
    database_rows rows;
    dyn_buffer *out = &page->out;
    DYN_TRY(database_query(page->call, page->database, sql, &page->table, 1,
                           &rows));
    if (rows.count == 0)
        return dyn_fail(page->call, DYN_INVALID, "there is no table %.*s",
                        (int)page->table.size_bytes, page->table.data);
    const database_cell *cells = rows.cells;
    html_add(out,
             "<h1 class=\"hidden\">%b: overview</h1>"
             "<dl class=\"facts\"><div><dt>Key</dt><dd>%b",
             page->table, path->partition[0].name);
    if (path->sort_count > 0) html_add(out, " · %b", path->sort[0].name);
    html_add(out, "</dd></div><div><dt>Items</dt><dd>");
    html_number(out, cells[0].text);
    html_add(out, "</dd></div><div><dt>Size</dt><dd>");
    html_size(out, strtoll((const char *)cells[1].text.data, NULL, 10));
    html_add(out, "</dd></div><div><dt>Partitions</dt><dd>");
    html_number(out, cells[2].text);
    html_add(out, "</dd></div><div><dt>Units</dt><dd>%b</dd></div>",
             cells[3].text);
    if (!cells[4].is_null)
        html_add(out, "<div><dt>Expires by</dt><dd>%b</dd></div>",
                 cells[4].text);
    html_add(out, "</dl>");
    return DYN_OK;
}

dyn_status console_table(console_page *page)
{
    static const page_table indexes = {
        "Indexes",
        NULL,
        "There are none: a query goes by the table's own key.",
        "SELECT name, kind, state, partition_key, sort_key, projection, "
        "entries, bytes, skipped FROM dynamo_indexes(?1)",
        {{"Index", CELL_TEXT},
         {"Kind", CELL_TEXT},
         {"State", CELL_TEXT},
         {"Partition key", CELL_TEXT},
         {"Sort key", CELL_TEXT},
         {"Holds", CELL_TEXT},
         {"Entries", CELL_NUMBER},
         {"Size", CELL_BYTES},
         {"Skipped", CELL_NUMBER}}};
    table_schema schema;
    page->title = page->table;
    DYN_TRY(schema_read(page, &schema));
    DYN_TRY(add_facts(page, &schema.paths[0]));
    DYN_TRY(page_add_table(page, &indexes, page->table));
    return add_declaration(page);
}

/* ------------------------------------------------------------------ stream --
 */

dyn_status console_stream(console_page *page)
{
    static const page_table changes = {
        "Last changes",
        "The newest first, at most 100, of the last 24 hours. Reading them "
        "costs no units.",
        "Nothing was changed yet.",
        "SELECT time, event, substr(key, 1, 200), substr(old, 1, 200), "
        "substr(new, 1, 200), actor, sequence FROM "
        "dynamo_stream(?1) ORDER BY sequence DESC LIMIT 100",
        {{"Time (UTC)", CELL_TEXT},
         {"Event", CELL_TEXT},
         {"Key", CELL_CODE},
         {"Old", CELL_CODE},
         {"New", CELL_CODE},
         {"By", CELL_TEXT},
         {"Sequence", CELL_CODE}}};
    table_schema schema;
    database_rows rows;
    page->title = page->table;
    DYN_TRY(schema_read(page, &schema)); /* there is such a table */
    html_add(&page->out, "<h1 class=\"hidden\">%b: stream</h1>", page->table);
    dyn_status status = database_query(
        page->call, page->database, "SELECT 1 FROM dynamo_stream(?1) LIMIT 1",
        &page->table, 1, &rows);
    if (status == DYN_OK) return page_add_table(page, &changes, page->table);
    if (status == DYN_NOMEM) return status;
    html_add(&page->out, "<p class=\"empty\">%s</p>", page_message(page));
    return DYN_OK;
}
