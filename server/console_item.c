/* One item, to be read and edited; console_pages.h has the list of pages. */
#include "console_pages.h"

#include "item/item_json.h"
#include "page_item.h"
#include "schema.h"

static void add_attributes(console_page *page, const dyn_map *item)
{
    dyn_buffer *out = &page->out;
    html_add(
        out,
        "<section><h2>Attributes</h2><div class=\"scroll\" "
        "tabindex=\"0\" role=\"region\" aria-label=\"Attributes\">"
        "<table class=\"wrapped\"><thead><tr><th scope=\"col\">Name</th><th "
        "scope=\"col\">Type</th><th scope=\"col\">Value</th><th "
        "scope=\"col\" class=\"number\">Size</th></tr></thead>"
        "<tbody>");
    for (size_t i = 0; i < item->count; i++) {
        const dyn_attribute *one = &item->attributes[i];
        html_add(out,
                 "<tr><th scope=\"row\">%b</th><td>%s</td><td class=\"value\">",
                 one->name, dyn_type_name(one->value.type));
        page_value_add(out, &one->value);
        html_add(out, "</td><td class=\"number\">");
        html_size(out, (int64_t)(one->name.size_bytes +
                                 dyn_value_size_bytes(&one->value)));
        html_add(out, "</td></tr>");
    }
    html_add(out, "</tbody></table></div></section>");
}

/* Units that the address of the page names, if they are a number. */
static dyn_bytes units_of(const console_page *page, const char *name)
{
    dyn_bytes units = form_value(&page->form, name);
    for (size_t i = 0; i < units.size_bytes; i++) {
        if (!isdigit(units.data[i]) && units.data[i] != '.')
            return (dyn_bytes){NULL, 0};
    }
    return units;
}

static void add_done(console_page *page)
{
    dyn_bytes reads = units_of(page, "reads");
    dyn_bytes writes = units_of(page, "writes");
    if (!dyn_bytes_equal_text(form_value(&page->form, "done"), "saved")) return;
    html_add(&page->out, "<div class=\"notice\" role=\"status\"><p>Saved.");
    if (writes.size_bytes > 0) {
        html_add(&page->out, " It took write units: ");
        html_number(&page->out, writes);
        html_add(&page->out, "; to compare before, read units: ");
        html_number(&page->out, reads);
        html_add(&page->out, ".");
    }
    html_add(&page->out, "</p></div>");
}

static void add_title(console_page *page, const dyn_map *item)
{
    html_add(&page->out, "<h1>");
    for (size_t i = 0; i < item->count; i++) {
        html_add(&page->out, i > 0 ? " <span class=\"none\">/</span> " : "");
        page_value_add(&page->out, &item->attributes[i].value);
    }
    html_add(&page->out, "</h1>");
}

/* The key of the page, as an item, in the order of the schema. */
static dyn_status read_key(console_page *page, dyn_map *out)
{
    table_schema schema;
    dyn_map key;
    dyn_bytes text = form_value(&page->form, "key");
    const schema_path *path;
    DYN_TRY(schema_read(page, &schema));
    DYN_TRY(dyn_item_from_text(page->call, text, &key));
    DYN_TRY(schema_key_of(page->call, &schema, &key, &text));
    path = &schema.paths[0];
    *out = (dyn_map){dyn_alloc(page->call, 2 * sizeof(*out->attributes)), 0};
    if (out->attributes == NULL) return DYN_NOMEM;
    out->attributes[out->count++] = (dyn_attribute){
        path->partition[0].name, *dyn_map_find(&key, path->partition[0].name)};
    if (path->sort_count > 0)
        out->attributes[out->count++] = (dyn_attribute){
            path->sort[0].name, *dyn_map_find(&key, path->sort[0].name)};
    return DYN_OK;
}

/* The item of the page; it says so when there is none. */
static dyn_status begin_item(console_page *page, dyn_bytes *key,
                             stored_item *stored)
{
    dyn_map parts = {NULL, 0};
    page->title = page->table;
    *key = form_value(&page->form, "key");
    DYN_TRY(read_key(page, &parts));
    DYN_TRY(page_item_read(page, *key, stored));
    add_title(page, &parts);
    if (stored->is_there) return DYN_OK;
    page->status = 404;
    html_add(&page->out, "<p class=\"empty\">There is no item of this key "
                         "(any more).</p>");
    return DYN_OK;
}

dyn_status console_item(console_page *page)
{
    dyn_bytes key;
    dyn_bytes text;
    stored_item stored;
    DYN_TRY(begin_item(page, &key, &stored));
    if (!stored.is_there) return DYN_OK;
    add_done(page);
    html_add(&page->out, "<p class=\"note\">");
    html_size(&page->out, (int64_t)dyn_map_size_bytes(&stored.item));
    html_add(&page->out, ", read consistently: ");
    DYN_TRY(page_add_cost(page));
    html_add(&page->out, "</p><div class=\"sides\">");
    add_attributes(page, &stored.item);
    DYN_TRY(page_item_text(page->call, &stored.item, &text));
    html_add(&page->out, "<section><h2>Edit</h2>");
    page_editor_add(page, &(item_editor){key, stored.typed, text, "Save"});
    html_add(&page->out, "</section></div>");
    return DYN_OK;
}

/* ------------------------------------------------------------- a new item --
 */

static void add_template(dyn_buffer *text, const schema_key *key,
                         const char *before)
{
    dyn_buffer_add_text(text, before);
    dyn_json_write_string(text, key->name);
    if (key->type == 'N')
        dyn_buffer_add_text(text, ": 0");
    else
        dyn_buffer_add_text(text,
                            key->type == 'B' ? ": {\"B\": \"\"}" : ": \"\"");
}

dyn_status console_new_item(console_page *page)
{
    table_schema schema;
    dyn_buffer buffer;
    dyn_bytes text;
    page->title = page->table;
    DYN_TRY(schema_read(page, &schema));
    dyn_buffer_begin(&buffer, page->call, 128);
    add_template(&buffer, &schema.paths[0].partition[0], "{\n  ");
    if (schema.paths[0].sort_count > 0)
        add_template(&buffer, &schema.paths[0].sort[0], ",\n  ");
    dyn_buffer_add_text(&buffer, "\n}");
    DYN_TRY(dyn_buffer_end(&buffer, &text));
    html_add(&page->out, "<h1>New item</h1>");
    page_editor_add(page, &(item_editor){.text = text, .button = "Insert"});
    return DYN_OK;
}

/* ------------------------------------------------------- before a deletion --
 */

dyn_status console_removal(console_page *page)
{
    dyn_bytes key;
    stored_item stored;
    DYN_TRY(begin_item(page, &key, &stored));
    if (!stored.is_there) return DYN_OK;
    html_add(&page->out,
             "<form method=\"post\" action=\"/console/delete\" "
             "class=\"notice danger\"><p>Delete this item? That cannot be "
             "undone.</p>"
             "<input type=\"hidden\" name=\"table\" value=\"%b\">"
             "<input type=\"hidden\" name=\"key\" value=\"%b\">"
             "<input type=\"hidden\" name=\"was\" value=\"%b\">"
             "<div class=\"actions\"><button class=\"danger\">Delete the "
             "item</button><a class=\"button\" "
             "href=\"/console/item?table=%q&amp;key=%q\">Keep it</a></div>"
             "</form>",
             page->table, key, stored.typed, page->table, key);
    add_attributes(page, &stored.item);
    return DYN_OK;
}
