/* Items on pages; the contract is in page_item.h. */
#include "page_item.h"

#include "item/item_json.h"
#include "schema.h"

enum {
    CELL_BYTES_MAX = 64,   /* of a value in a cell */
    INLINE_BYTES_MAX = 60, /* of an array or object on one line */
};

/* ---------------------------------------------------------------- reading --
 */

static dyn_status set_item(dyn_call *call, stored_item *out)
{
    dyn_buffer typed;
    dyn_buffer_begin(&typed, call, 512);
    dyn_item_to_json(&typed, &out->item, DYN_JSON_TYPED);
    out->is_there = true;
    return dyn_buffer_end(&typed, &out->typed);
}

dyn_status page_item_parse(dyn_call *call, dyn_bytes json, stored_item *out)
{
    *out = (stored_item){.is_there = false};
    DYN_TRY(dyn_item_from_text(call, json, &out->item));
    return set_item(call, out);
}

dyn_status page_item_read(console_page *page, dyn_bytes key, stored_item *out)
{
    dyn_call *call = page->call;
    const dyn_json *json = NULL;
    dyn_buffer request;
    dyn_bytes text;
    *out = (stored_item){.is_there = false};
    DYN_TRY(dyn_json_parse(call, key, DYN_JSON_DEPTH_MAX, &json));
    dyn_buffer_begin(&request, call, 128 + key.size_bytes);
    dyn_buffer_add_byte(&request, '{');
    schema_add_table_name(&request, page->table);
    dyn_buffer_add_text(&request, ",\"ConsistentRead\":true,\"Key\":");
    dyn_json_write(&request, json);
    dyn_buffer_add_byte(&request, '}');
    DYN_TRY(dyn_buffer_end(&request, &text));
    DYN_TRY(page_api(page, "GetItem", text, &text));
    DYN_TRY(dyn_json_parse(call, text, DYN_JSON_DEPTH_MAX, &json));
    const dyn_json *item = dyn_json_member(json, "Item");
    if (item == NULL) return DYN_OK;
    DYN_TRY(dyn_item_from_typed(call, item, &out->item));
    return set_item(call, out);
}

/* ----------------------------------------------------------------- values --
 */

/* As much of a text as a cell holds, to the end of a character. */
static dyn_bytes beginning(dyn_bytes text)
{
    if (text.size_bytes <= CELL_BYTES_MAX) return text;
    text.size_bytes = CELL_BYTES_MAX;
    while (text.size_bytes > 0 && (text.data[text.size_bytes] & 0xc0) == 0x80)
        text.size_bytes--;
    return text;
}

void page_value_add(dyn_buffer *out, const dyn_value *value)
{
    dyn_buffer json;
    dyn_bytes text = {NULL, 0};
    if (value->type == DYN_TYPE_S) {
        text = value->bytes;
    } else {
        dyn_buffer_begin(&json, out->call, 64);
        dyn_value_to_json(&json, value, DYN_JSON_PLAIN);
        (void)dyn_buffer_end(&json, &text); /* then the page has failed, too */
    }
    html_add(out, text.size_bytes > CELL_BYTES_MAX ? "%b…" : "%b",
             beginning(text));
}

/* ------------------------------------------------------- JSON with indents --
 */

static void add_line(dyn_buffer *out, size_t depth)
{
    dyn_buffer_add_byte(out, '\n');
    for (size_t i = 0; i < depth; i++)
        dyn_buffer_add_text(out, "  ");
}

static bool is_short(dyn_call *call, const dyn_json *json)
{
    dyn_buffer text;
    dyn_bytes bytes;
    if (json->count > INLINE_BYTES_MAX) return false;
    dyn_buffer_begin(&text, call, INLINE_BYTES_MAX);
    dyn_json_write(&text, json);
    return dyn_buffer_end(&text, &bytes) == DYN_OK &&
           bytes.size_bytes <= INLINE_BYTES_MAX;
}

static void add_indented(dyn_buffer *out, const dyn_json *json, size_t depth)
{
    bool is_object = json->type == DYN_JSON_OBJECT;
    if (json->first == NULL || (depth > 0 && is_short(out->call, json))) {
        dyn_json_write(out, json);
        return;
    }
    dyn_buffer_add_byte(out, is_object ? '{' : '[');
    for (const dyn_json *one = json->first; one != NULL; one = one->next) {
        add_line(out, depth + 1);
        if (is_object) {
            dyn_json_write_string(out, one->key);
            dyn_buffer_add_text(out, ": ");
        }
        add_indented(out, one, depth + 1);
        if (one->next != NULL) dyn_buffer_add_byte(out, ',');
    }
    add_line(out, depth);
    dyn_buffer_add_byte(out, is_object ? '}' : ']');
}

dyn_status page_item_text(dyn_call *call, const dyn_map *item, dyn_bytes *out)
{
    dyn_buffer text;
    const dyn_json *json = NULL;
    dyn_buffer_begin(&text, call, 1024);
    dyn_item_to_json(&text, item, DYN_JSON_PLAIN);
    DYN_TRY(dyn_buffer_end(&text, out));
    DYN_TRY(dyn_json_parse(call, *out, DYN_JSON_DEPTH_MAX, &json));
    dyn_buffer_begin(&text, call, 2 * out->size_bytes);
    add_indented(&text, json, 0);
    return dyn_buffer_end(&text, out);
}

/* -------------------------------------------------------------- the editor --
 */

static int64_t count_lines(dyn_bytes text)
{
    enum { LINES_MIN = 8, LINES_MAX = 32 };
    int64_t lines = 2;
    for (size_t i = 0; i < text.size_bytes && lines < LINES_MAX; i++)
        lines += text.data[i] == '\n';
    return lines < LINES_MIN ? LINES_MIN : lines;
}

void page_editor_add(console_page *page, const item_editor *editor)
{
    /* A line break behind <textarea> is not part of the text. */
    html_add(&page->out,
             "<form method=\"post\" action=\"/console/save\" class=\"editor\">"
             "<input type=\"hidden\" name=\"table\" value=\"%b\">"
             "<input type=\"hidden\" name=\"key\" value=\"%b\">"
             "<input type=\"hidden\" name=\"was\" value=\"%b\">"
             "<label for=\"item\">Item, as JSON</label>"
             "<textarea id=\"item\" name=\"item\" rows=\"%d\" "
             "spellcheck=\"false\" autocapitalize=\"off\" "
             "autocomplete=\"off\" aria-describedby=\"item-note\">\n%b"
             "</textarea>"
             "<p class=\"note\" id=\"item-note\">Sets and binary values are "
             "written with their type: <code>{&quot;SS&quot;: "
             "[&quot;a&quot;]}</code>, <code>{&quot;B&quot;: "
             "&quot;aGk=&quot;}</code>.</p>"
             "<div class=\"actions\"><button class=\"primary\">%s</button>",
             page->table, editor->key, editor->was, count_lines(editor->text),
             editor->text, editor->button);
    if (editor->key.size_bytes > 0)
        html_add(&page->out,
                 "<a class=\"button danger\" "
                 "href=\"/console/remove?table=%q&amp;key=%q\">Delete…</a>",
                 page->table, editor->key);
    html_add(&page->out, "</div></form>");
}

static void add_side(dyn_buffer *out, const dyn_value *value)
{
    html_add(out, "<td>");
    if (value == NULL)
        html_add(out, "<span class=\"none\">not there</span>");
    else
        page_value_add(out, value);
    html_add(out, "</td>");
}

static void add_difference(dyn_buffer *out, dyn_bytes path,
                           const dyn_value *stored, const dyn_value *own);

/* `info.rank`: the path of an attribute in a map. */
static dyn_bytes path_in(dyn_buffer *out, dyn_bytes path, dyn_bytes name)
{
    dyn_buffer whole;
    dyn_bytes bytes = name;
    if (path.size_bytes == 0) return name;
    dyn_buffer_begin(&whole, out->call, path.size_bytes + name.size_bytes + 1);
    dyn_buffer_add_bytes(&whole, path);
    dyn_buffer_add_byte(&whole, '.');
    dyn_buffer_add_bytes(&whole, name);
    (void)dyn_buffer_end(&whole, &bytes);
    return bytes;
}

static void add_map_differences(dyn_buffer *out, dyn_bytes path,
                                const dyn_map *stored, const dyn_map *own)
{
    for (size_t i = 0; i < stored->count; i++) {
        const dyn_attribute *one = &stored->attributes[i];
        add_difference(out, path_in(out, path, one->name), &one->value,
                       dyn_map_find(own, one->name));
    }
    for (size_t i = 0; i < own->count; i++) {
        const dyn_attribute *one = &own->attributes[i];
        if (dyn_map_find(stored, one->name) == NULL)
            add_difference(out, path_in(out, path, one->name), NULL,
                           &one->value);
    }
}

/* Of maps, what is different within them. */
static void add_difference(dyn_buffer *out, dyn_bytes path,
                           const dyn_value *stored, const dyn_value *own)
{
    bool are_both = stored != NULL && own != NULL;
    if (are_both && dyn_value_equal(stored, own)) return;
    if (are_both && stored->type == DYN_TYPE_M && own->type == DYN_TYPE_M) {
        add_map_differences(out, path, &stored->map, &own->map);
        return;
    }
    html_add(out, "<tr><th scope=\"row\">%b</th>", path);
    add_side(out, stored);
    add_side(out, own);
    html_add(out, "</tr>");
}

void page_differences_add(console_page *page, const dyn_map *stored,
                          const dyn_map *own)
{
    dyn_buffer *out = &page->out;
    html_add(out,
             "<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
             "aria-label=\"Differences\"><table class=\"wrapped\"><thead><tr>"
             "<th scope=\"col\">Attribute</th><th scope=\"col\">Stored now</th>"
             "<th scope=\"col\">Yours</th></tr></thead><tbody>");
    add_map_differences(out, dyn_bytes_text(""), stored, own);
    html_add(out, "</tbody></table></div>");
}
