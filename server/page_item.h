/*
 * Items on pages of the console: one value in a cell, an item to read, and an
 * editor for it.
 */
#ifndef SERVER_PAGE_ITEM_H
#define SERVER_PAGE_ITEM_H

#include "page.h"

#include "item/value.h"

/* An item as it is stored, and as the API tells it. */
typedef struct stored_item {
    bool is_there;
    dyn_map item;
    dyn_bytes typed; /* JSON; equal for equal items */
} stored_item;

/* Read the item of a key, typed JSON, consistently. Fails as page_api(), and
 * with DYN_INVALID when the key is no JSON. */
dyn_status page_item_read(console_page *page, dyn_bytes key, stored_item *out);

/* An item from JSON, plain or typed. Fails with DYN_INVALID, DYN_NOMEM. */
dyn_status page_item_parse(dyn_call *call, dyn_bytes json, stored_item *out);

/* Add a value in few characters, escaped: a text as it is, others as JSON. */
void page_value_add(dyn_buffer *out, const dyn_value *value);

/* An item as JSON with lines and indents. Fails with DYN_NOMEM. */
dyn_status page_item_text(dyn_call *call, const dyn_map *item, dyn_bytes *out);

/* What the editor's form has, and sends to /console/save. */
typedef struct item_editor {
    dyn_bytes key;      /* typed JSON; empty: a new item */
    dyn_bytes was;      /* as it was when it was loaded, typed JSON */
    dyn_bytes text;     /* what is edited */
    const char *button; /* its title */
} item_editor;

void page_editor_add(console_page *page, const item_editor *editor);

/* Add a table of the attributes that two items have different. */
void page_differences_add(console_page *page, const dyn_map *stored,
                          const dyn_map *own);

#endif
