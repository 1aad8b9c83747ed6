/* A table of items; the contract is in item_table.h. */
#include "item_table.h"

#include "item/item_json.h"
#include "page_item.h"

enum { COLUMNS_MAX = 12 }; /* more than the keys of a table and an index */

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

static void find_columns(const schema_path *path, const schema_path *table,
                         const dyn_map *items, size_t count, column_list *out)
{
    *out = (column_list){.count = 0};
    add_key_columns(out, path);
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

dyn_status item_table_add(console_page *page, const table_schema *schema,
                          const schema_path *path, const dyn_json *found)
{
    dyn_buffer *out = &page->out;
    dyn_map *items = NULL;
    column_list columns;
    if (found->count == 0) {
        html_add(out, "<p class=\"empty\">No items here.</p>");
        return DYN_OK;
    }
    DYN_TRY(read_items(page, found, &items));
    find_columns(path, &schema->paths[0], items, found->count, &columns);
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
