/*
 * Saving and deleting an item, if it is still what it was when the page with it
 * was made. Reading, comparing and writing are one transaction.
 */
#include "console_pages.h"

#include "page_item.h"
#include "schema.h"

typedef struct item_write {
    bool is_new;
    dyn_bytes key; /* typed JSON */
    dyn_bytes was;
    dyn_bytes text;    /* the item as it was edited */
    stored_item own;   /* the same, read */
    stored_item found; /* what is stored before the write */
    dyn_bytes reads;   /* units, of finding it */
    dyn_bytes writes;
    bool is_conflict;
} item_write;

static void read_fields(const console_page *page, item_write *out)
{
    *out = (item_write){.is_new = !form_has(&page->form, "key"),
                        .key = form_value(&page->form, "key"),
                        .was = form_value(&page->form, "was"),
                        .text = form_value(&page->form, "item")};
}

/* What the last request of the connection took. */
static dyn_status read_cost(console_page *page, const char *sql, dyn_bytes *out)
{
    database_rows rows;
    DYN_TRY(database_query(page->call, page->database, sql, NULL, 0, &rows));
    *out = rows.cells[0].text;
    return DYN_OK;
}

/* Find what is stored. It is a conflict when that is not what it was. */
static dyn_status find(console_page *page, item_write *write)
{
    DYN_TRY(page_item_read(page, write->key, &write->found));
    DYN_TRY(read_cost(page, "SELECT dynamo_cost() ->> 'read_units'",
                      &write->reads));
    write->is_conflict = !dyn_bytes_equal(write->found.typed, write->was);
    return DYN_OK;
}

/* A PutItem of "Item", or a DeleteItem of "Key". */
static dyn_status send(console_page *page, const char *operation,
                       const char *member, dyn_bytes json, item_write *write)
{
    dyn_buffer request;
    dyn_bytes text;
    dyn_buffer_begin(&request, page->call, 128 + json.size_bytes);
    dyn_buffer_add_byte(&request, '{');
    schema_add_table_name(&request, page->table);
    dyn_buffer_add_text(&request, member);
    dyn_buffer_add_bytes(&request, json);
    dyn_buffer_add_byte(&request, '}');
    DYN_TRY(dyn_buffer_end(&request, &text));
    DYN_TRY(page_api(page, operation, text, &text));
    return read_cost(page, "SELECT dynamo_cost() ->> 'write_units'",
                     &write->writes);
}

/* Within a transaction that writes. */
typedef dyn_status write_step(console_page *page, item_write *write);

static dyn_status in_transaction(console_page *page, write_step *step,
                                 item_write *write)
{
    if (!database_begin(page->database))
        return dyn_fail(page->call, DYN_INVALID,
                        "another process writes to the database; try again");
    dyn_status status = step(page, write);
    if (database_commit(page->database) || status != DYN_OK) return status;
    return dyn_fail(page->call, DYN_INVALID,
                    "nothing is written: the commit "
                    "failed");
}

/* ----------------------------------------------------------------- saving --
 */

static dyn_status find_key(console_page *page, item_write *write)
{
    table_schema schema;
    stored_item old;
    dyn_bytes key;
    dyn_bytes own_key;
    DYN_TRY(schema_read(page, &schema));
    DYN_TRY(schema_key_of(page->call, &schema, &write->own.item, &own_key));
    if (write->is_new) {
        write->key = own_key;
        return DYN_OK;
    }
    DYN_TRY(page_item_parse(page->call, write->key, &old));
    DYN_TRY(schema_key_of(page->call, &schema, &old.item, &key));
    if (dyn_bytes_equal(own_key, key)) return DYN_OK;
    return dyn_fail(page->call, DYN_INVALID,
                    "the key of an item cannot be changed; insert a new item, "
                    "and delete this one");
}

static dyn_status save(console_page *page, item_write *write)
{
    DYN_TRY(page_item_parse(page->call, write->text, &write->own));
    DYN_TRY(find_key(page, write));
    DYN_TRY(find(page, write));
    if (write->is_conflict) return DYN_OK;
    return send(page, "PutItem", ",\"Item\":", write->own.typed, write);
}

/* ------------------------------------------------------- what is answered --
 */

static dyn_status lead_to(console_page *page, const char *path,
                          const item_write *write)
{
    dyn_buffer url;
    bool is_item = write->own.is_there;
    dyn_buffer_begin(&url, page->call, 256);
    html_add(&url, "/console/%s?table=%q", path, page->table);
    if (is_item)
        html_add(&url, "&key=%q&done=saved&writes=%q&reads=%q", write->key,
                 write->writes, write->reads);
    else
        html_add(&url, "&done=deleted");
    return dyn_buffer_end(&url, &page->leads_to);
}

static void add_conflict(console_page *page, const item_write *write)
{
    enum { CONFLICT = 409 };
    const char *what = "Somebody has changed the item since you loaded it.";
    page->status = CONFLICT;
    if (!write->found.is_there)
        what = "Somebody has deleted the item since you loaded it.";
    else if (write->is_new)
        what = "There is an item of this key already.";
    html_add(&page->out,
             "<div class=\"notice refusal\" role=\"alert\"><p><b>Nothing is "
             "written.</b> %s</p></div>",
             what);
}

/* The editor again, with what is stored beside it. To save once more means to
 * replace what is shown now. */
static dyn_status show_conflict(console_page *page, item_write *write)
{
    dyn_bytes stored_text = dyn_bytes_text("");
    add_conflict(page, write);
    html_add(&page->out, "<section><h2>Differences</h2>");
    page_differences_add(page, &write->found.item, &write->own.item);
    html_add(&page->out, "</section><div class=\"sides\"><section><h2>Yours"
                         "</h2>");
    page_editor_add(page,
                    &(item_editor){write->key, write->found.typed, write->text,
                                   "Save mine in its place"});
    html_add(&page->out, "</section><section><h2>Stored now</h2>");
    if (write->found.is_there) {
        DYN_TRY(page_item_text(page->call, &write->found.item, &stored_text));
        html_add(&page->out,
                 "<pre tabindex=\"0\">%b</pre><p><a class=\"button\" "
                 "href=\"/console/item?table=%q&amp;key=%q\">Discard mine</a>"
                 "</p>",
                 stored_text, page->table, write->key);
    } else {
        html_add(&page->out, "<p class=\"empty\">No item.</p>");
    }
    html_add(&page->out, "</section></div>");
    return DYN_OK;
}

dyn_status console_save(console_page *page)
{
    item_write write;
    page->title = page->table;
    read_fields(page, &write);
    dyn_status status = in_transaction(page, save, &write);
    if (status == DYN_NOMEM) return status;
    if (status == DYN_OK && !write.is_conflict)
        return lead_to(page, "item", &write);
    html_add(&page->out, "<h1>%s</h1>", write.is_new ? "New item" : "Item");
    if (status == DYN_OK) return show_conflict(page, &write);
    page_refusal(page, page_message(page));
    if (write.is_new) write.key = form_value(&page->form, "key");
    page_editor_add(page, &(item_editor){write.key, write.was, write.text,
                                         write.is_new ? "Insert" : "Save"});
    return DYN_OK;
}

/* --------------------------------------------------------------- deleting --
 */

static dyn_status delete_step(console_page *page, item_write *write)
{
    DYN_TRY(find(page, write));
    if (write->is_conflict) return DYN_OK;
    return send(page, "DeleteItem", ",\"Key\":", write->key, write);
}

dyn_status console_delete(console_page *page)
{
    item_write write;
    page->title = page->table;
    read_fields(page, &write);
    DYN_TRY(in_transaction(page, delete_step, &write));
    if (!write.is_conflict) return lead_to(page, "items", &write);
    html_add(&page->out, "<h1>Delete</h1>");
    add_conflict(page, &write);
    html_add(
        &page->out,
        "<p><a class=\"button\" href=\"/console/item?table=%q&amp;key=%q\">"
        "Look at it</a></p>",
        page->table, write.key);
    return DYN_OK;
}
