/* Querying and scanning a table, a page at a time; console_pages.h has the list
 * of pages. */
#include "console_pages.h"

#include "item/json.h"
#include "item_table.h"
#include "query_form.h"
#include "schema.h"

/* ------------------------------------------------------------ the form -- */

static void add_path_link(console_page *page, const schema_path *path,
                          const schema_path *current)
{
    dyn_buffer *out = &page->out;
    bool is_table = path->index.size_bytes == 0;
    html_add(out, "<li><a href=\"/console/items?table=%q&amp;index=%q\"",
             page->table, path->index);
    html_add(out, path == current ? " aria-current=\"true\">" : ">");
    html_add(out, "<b>%b</b> <span>",
             is_table ? dyn_bytes_text("Table") : path->index);
    for (size_t i = 0; i < path->partition_count; i++)
        html_add(out, i > 0 ? ", %b" : "%b", path->partition[i].name);
    for (size_t i = 0; i < path->sort_count; i++)
        html_add(out, i > 0 ? ", %b" : " · %b", path->sort[i].name);
    html_add(out, "</span></a></li>");
}

static void add_path_links(console_page *page, const table_schema *schema,
                           const schema_path *current)
{
    dyn_buffer *out = &page->out;
    html_add(out, "<div class=\"bar-line\"><nav aria-label=\"Table or "
                  "index\"><ul class=\"choices\">");
    for (size_t i = 0; i < schema->count; i++)
        add_path_link(page, &schema->paths[i], current);
    html_add(out,
             "</ul></nav><a class=\"button push\" "
             "href=\"/console/new?table=%q\">New item</a></div>",
             page->table);
}

static const char *type_title(char type)
{
    if (type == 'N') return "number";
    return type == 'B' ? "binary, as base64" : "text";
}

static void add_input(console_page *page, char letter, size_t part, char type)
{
    char name[QUERY_FIELD_BYTES];
    query_field_name(name, letter, part);
    html_add(&page->out,
             "<input id=\"%s\" name=\"%s\" value=\"%b\" autocomplete=\"off\" "
             "autocapitalize=\"off\" spellcheck=\"false\" "
             "placeholder=\"%s\"",
             name, name, form_value(&page->form, name), type_title(type));
    if (type == 'N') html_add(&page->out, " inputmode=\"decimal\"");
    html_add(&page->out, ">");
}

static void add_partition_input(console_page *page, const schema_key *key,
                                size_t part)
{
    char name[QUERY_FIELD_BYTES];
    query_field_name(name, 'p', part);
    html_add(&page->out,
             "<div class=\"field\"><label for=\"%s\">%b "
             "<span>partition key</span></label>",
             name, key->name);
    add_input(page, 'p', part, key->type);
    html_add(&page->out, "</div>");
}

static void add_operators(console_page *page, const schema_key *key,
                          size_t part)
{
    char name[QUERY_FIELD_BYTES];
    query_field_name(name, 'o', part);
    html_add(&page->out, "<select name=\"%s\" aria-label=\"Condition on %b\">",
             name, key->name);
    for (size_t i = 0; i < query_operator_count; i++) {
        bool is_selected = dyn_bytes_equal_text(form_value(&page->form, name),
                                                query_operators[i].name);
        html_add(&page->out,
                 is_selected ? "<option value=\"%s\" selected>%s</option>"
                             : "<option value=\"%s\">%s</option>",
                 query_operators[i].name, query_operators[i].title);
    }
    html_add(&page->out, "</select>");
}

static void add_sort_input(console_page *page, const schema_key *key,
                           size_t part)
{
    char name[QUERY_FIELD_BYTES];
    query_field_name(name, 's', part);
    html_add(&page->out,
             "<div class=\"field wide\"><label for=\"%s\">%b "
             "<span>sort key</span></label><div class=\"condition\">",
             name, key->name);
    add_operators(page, key, part);
    add_input(page, 's', part, key->type);
    query_field_name(name, 't', part);
    html_add(&page->out, "<span class=\"upper\"><label for=\"%s\">and</label>",
             name);
    add_input(page, 't', part, key->type);
    html_add(&page->out, "</span></div></div>");
}

static void add_check(console_page *page, const char *name, const char *title)
{
    html_add(&page->out,
             "<label class=\"check\"><input type=\"checkbox\" "
             "name=\"%s\" value=\"1\"",
             name);
    if (form_has(&page->form, name)) html_add(&page->out, " checked");
    html_add(&page->out, "> %s</label>", title);
}

static void add_form(console_page *page, const query_form *query)
{
    const schema_path *path = query->path;
    dyn_buffer *out = &page->out;
    html_add(out,
             "<form method=\"get\" action=\"/console/items\" class=\"query\">"
             "<input type=\"hidden\" name=\"table\" value=\"%b\">"
             "<input type=\"hidden\" name=\"index\" value=\"%b\">"
             "<div class=\"fields\">",
             page->table, path->index);
    for (size_t i = 0; i < path->partition_count; i++)
        add_partition_input(page, &path->partition[i], i);
    for (size_t i = 0; i < path->sort_count; i++)
        add_sort_input(page, &path->sort[i], i);
    html_add(out,
             "<div class=\"field small\"><label for=\"limit\">Page of</label>"
             "<input id=\"limit\" name=\"limit\" value=\"%d\" "
             "inputmode=\"numeric\" autocomplete=\"off\"></div></div>"
             "<div class=\"actions\"><button class=\"primary\" name=\"do\" "
             "value=\"query\">Query</button><button name=\"do\" "
             "value=\"scan\">Scan all</button>",
             (int64_t)query->limit);
    if (path->sort_count > 0) add_check(page, "desc", "Descending");
    add_check(page, "strong", "Consistent read");
    html_add(out, "</div></form>");
}

/* ----------------------------------------------------------- the results -- */

/* The same form again, from another place. */
static void add_page_link(console_page *page, const char *title,
                          dyn_bytes start)
{
    dyn_buffer *out = &page->out;
    html_add(out, "<a class=\"button\" href=\"/console/items?");
    for (size_t i = 0; i < page->form.count; i++) {
        const form_field *one = &page->form.fields[i];
        if (dyn_bytes_equal_text(one->name, "start")) continue;
        html_add(out, "%q=%q&amp;", one->name, one->value);
    }
    html_add(out, "start=%q\">%s</a>", start, title);
}

static dyn_status add_pager(console_page *page, const dyn_json *response)
{
    const dyn_json *last = dyn_json_member(response, "LastEvaluatedKey");
    dyn_buffer text;
    dyn_bytes start = {NULL, 0};
    html_add(&page->out, "<nav class=\"actions\" aria-label=\"Pages\">");
    if (form_has(&page->form, "start"))
        add_page_link(page, "First page", start);
    if (last != NULL) {
        dyn_buffer_begin(&text, page->call, 128);
        dyn_json_write(&text, last);
        DYN_TRY(dyn_buffer_end(&text, &start));
        add_page_link(page, "Next page", start);
    }
    html_add(&page->out, "</nav>");
    return DYN_OK;
}

static dyn_status add_summary(console_page *page, const query_form *query,
                              size_t count)
{
    dyn_bytes sql;
    html_add(&page->out,
             count == 1 ? "<div class=\"summary\"><p><b>%d item</b> "
                        : "<div class=\"summary\"><p><b>%d items</b> ",
             (int64_t)count);
    DYN_TRY(page_add_cost(page));
    DYN_TRY(query_form_sql(page->call, query, &sql));
    html_add(&page->out, "</p>");
    if (!form_has(&page->form, "start"))
        html_add(&page->out, "<p class=\"note\">In SQL: <code>%b</code></p>",
                 sql);
    html_add(&page->out, "</div>");
    return DYN_OK;
}

/* SQL says what else to do. */
static dyn_status refuse(console_page *page, const query_form *query)
{
    database_rows rows;
    dyn_bytes sql;
    DYN_TRY(query_form_sql(page->call, query, &sql));
    return database_query(page->call, page->database, (const char *)sql.data,
                          NULL, 0, &rows);
}

static dyn_status add_results(console_page *page, const table_schema *schema,
                              const query_form *query)
{
    dyn_bytes text;
    const dyn_json *response = NULL;
    if (!query->is_asked) {
        html_add(&page->out,
                 "<p class=\"empty\">A query by a key is cheap. A scan reads "
                 "a page of the whole, whatever is in it. What either takes "
                 "is told with the items.</p>");
        return DYN_OK;
    }
    if (query_form_is_refused(query)) DYN_TRY(refuse(page, query));
    DYN_TRY(query_form_request(page->call, query, &text));
    DYN_TRY(page_api(page, query->is_scan ? "Scan" : "Query", text, &text));
    DYN_TRY(dyn_json_parse(page->call, text, DYN_JSON_DEPTH_MAX, &response));
    const dyn_json *items = dyn_json_member(response, "Items");
    if (items == NULL) return DYN_OK;
    DYN_TRY(add_summary(page, query, items->count));
    DYN_TRY(item_table_add(page, schema, query->path, items));
    return add_pager(page, response);
}

/* What is refused is told above the form that has to be changed. */
static dyn_status add_form_and_results(console_page *page,
                                       const table_schema *schema,
                                       const query_form *query)
{
    dyn_buffer before = page->out;
    dyn_bytes results = {NULL, 0};
    dyn_buffer_begin(&page->out, page->call, 8192);
    dyn_status status = add_results(page, schema, query);
    if (status == DYN_OK) status = dyn_buffer_end(&page->out, &results);
    page->out = before;
    if (status == DYN_NOMEM) return status;
    if (status != DYN_OK) page_refusal(page, page_message(page));
    add_form(page, query);
    dyn_buffer_add_bytes(&page->out, results);
    return DYN_OK;
}

dyn_status console_items(console_page *page)
{
    table_schema schema;
    query_form query;
    page->title = page->table;
    DYN_TRY(schema_read(page, &schema));
    const schema_path *path =
        schema_find(&schema, form_value(&page->form, "index"));
    if (path == NULL)
        return dyn_fail(page->call, DYN_INVALID, "there is no such index");
    query_form_read(page, path, &query);
    html_add(&page->out, "<h1 class=\"hidden\">%b: items</h1>", page->table);
    if (dyn_bytes_equal_text(form_value(&page->form, "done"), "deleted"))
        html_add(&page->out, "<div class=\"notice\" role=\"status\"><p>The "
                             "item is deleted.</p></div>");
    add_path_links(page, &schema, path);
    return add_form_and_results(page, &schema, &query);
}
