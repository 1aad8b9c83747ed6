/* Querying and scanning a table, a page at a time; console_pages.h has the list
 * of pages. */
#include "console_pages.h"

#include "item/item_json.h"
#include "page_item.h"
#include "query_form.h"
#include "schema.h"

enum { COLUMNS_MAX = 12 }; /* more than the keys of a table and an index */

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

typedef struct column_list {
    dyn_bytes names[COLUMNS_MAX];
    bool are_numbers[COLUMNS_MAX]; /* all that it has */
    size_t count;
    size_t link;   /* the column of the table's key whose cells lead to items */
    bool has_more; /* attributes that no column shows */
} column_list;

static size_t find_column(const column_list *columns, dyn_bytes name)
{
    size_t i = 0;
    while (i < columns->count && !dyn_bytes_equal(columns->names[i], name))
        i++;
    return i;
}

static void add_column(column_list *columns, dyn_bytes name)
{
    if (find_column(columns, name) < columns->count) return;
    if (columns->count < COLUMNS_MAX)
        columns->names[columns->count++] = name;
    else
        columns->has_more = true;
}

static void add_key_columns(column_list *columns, const schema_path *path)
{
    for (size_t i = 0; i < path->partition_count; i++)
        add_column(columns, path->partition[i].name);
    for (size_t i = 0; i < path->sort_count; i++)
        add_column(columns, path->sort[i].name);
}

static void add_cell(dyn_buffer *out, const dyn_value *value, bool is_number)
{
    html_add(out, is_number ? "<td class=\"number\">" : "<td class=\"value\">");
    if (value == NULL)
        html_add(out, "<span class=\"none\">–</span>");
    else
        page_value_add(out, value);
    html_add(out, "</td>");
}

static void add_link_cell(console_page *page, dyn_bytes key,
                          const dyn_value *value, bool is_number)
{
    dyn_buffer *out = &page->out;
    html_add(out, is_number ? "<th scope=\"row\" class=\"number\">"
                            : "<th scope=\"row\" class=\"value\">");
    html_add(out, "<a href=\"/console/item?table=%q&amp;key=%q\">", page->table,
             key);
    page_value_add(out, value);
    html_add(out, "</a></th>");
}

static dyn_status add_item_row(console_page *page, const table_schema *schema,
                               const column_list *columns, const dyn_map *item)
{
    dyn_buffer *out = &page->out;
    dyn_bytes key;
    int64_t others = 0;
    DYN_TRY(schema_key_of(page->call, schema, item, &key));
    html_add(out, "<tr>");
    for (size_t i = 0; i < columns->count; i++) {
        const dyn_value *value = dyn_map_find(item, columns->names[i]);
        if (i == columns->link && value != NULL)
            add_link_cell(page, key, value, columns->are_numbers[i]);
        else
            add_cell(out, value, columns->are_numbers[i]);
    }
    for (size_t i = 0; i < item->count; i++)
        others +=
            find_column(columns, item->attributes[i].name) == columns->count;
    if (columns->has_more)
        html_add(out,
                 others > 0 ? "<td class=\"note\">%d more</td>" : "<td></td>",
                 others);
    html_add(out, "</tr>");
    return DYN_OK;
}

static dyn_status read_items(console_page *page, const dyn_json *items,
                             dyn_map **out)
{
    size_t at = 0;
    *out = dyn_alloc_zero(page->call, items->count + 1, sizeof(**out));
    if (*out == NULL) return DYN_NOMEM;
    for (const dyn_json *one = items->first; one != NULL; one = one->next)
        DYN_TRY(dyn_item_from_typed(page->call, one, &(*out)[at++]));
    return DYN_OK;
}

static bool are_numbers(const dyn_map *items, size_t count, dyn_bytes name)
{
    for (size_t i = 0; i < count; i++) {
        const dyn_value *value = dyn_map_find(&items[i], name);
        if (value != NULL && value->type != DYN_TYPE_N) return false;
    }
    return true;
}

static void find_columns(const query_form *query, const schema_path *table,
                         const dyn_map *items, size_t count, column_list *out)
{
    *out = (column_list){.count = 0};
    add_key_columns(out, query->path);
    add_key_columns(out, table);
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < items[i].count; k++)
            add_column(out, items[i].attributes[k].name);
    }
    for (size_t i = 0; i < out->count; i++)
        out->are_numbers[i] = are_numbers(items, count, out->names[i]);
    out->link =
        find_column(out, table->sort_count > 0 ? table->sort[0].name
                                               : table->partition[0].name);
}

static dyn_status add_items(console_page *page, const table_schema *schema,
                            const query_form *query, const dyn_json *found)
{
    dyn_buffer *out = &page->out;
    dyn_map *items = NULL;
    column_list columns;
    if (found->count == 0) {
        html_add(out, "<p class=\"empty\">No items here.</p>");
        return DYN_OK;
    }
    DYN_TRY(read_items(page, found, &items));
    find_columns(query, &schema->paths[0], items, found->count, &columns);
    html_add(out, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
                  "aria-label=\"Items\"><table class=\"items\"><thead><tr>");
    for (size_t i = 0; i < columns.count; i++)
        html_add(out,
                 columns.are_numbers[i]
                     ? "<th scope=\"col\" class=\"number\">%b</th>"
                     : "<th scope=\"col\">%b</th>",
                 columns.names[i]);
    if (columns.has_more) html_add(out, "<th scope=\"col\">Others</th>");
    html_add(out, "</tr></thead><tbody>");
    for (size_t i = 0; i < found->count; i++)
        DYN_TRY(add_item_row(page, schema, &columns, &items[i]));
    html_add(out, "</tbody></table></div>");
    return DYN_OK;
}

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
    DYN_TRY(add_items(page, schema, query, items));
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
