/*
 * The pages of the console; console.c has their addresses. What each takes are
 * fields of a form, in the query of its URL or in the body of a POST.
 */
#ifndef SERVER_CONSOLE_PAGES_H
#define SERVER_CONSOLE_PAGES_H

#include "page.h"

page_maker console_tables;   /* all tables */
page_maker console_table;    /* `table`: its keys, indexes and declaration */
page_maker console_stream;   /* `table`: the last changes */
page_maker console_activity; /* handlers, replicas, jobs, backups, caches */
page_maker console_load;     /* `table`, `index`, `minutes`: capacity, heat */
page_maker console_items;    /* `table`, and what query_form.h reads */
page_maker console_item;     /* `table`, `key`: one item, to be edited */
page_maker console_new_item; /* `table`: an editor for another one */
page_maker console_removal;  /* `table`, `key`: asks whether to delete it */

/* `table`, `key`, `was`, `item`: put the item, if it is still what it was;
 * without `key`, if there is none. */
page_maker console_save;
page_maker console_delete; /* `table`, `key`, `was`: the same, to delete it */

/* The heat map of `table` and `index`, a picture. */
dyn_status console_heatmap(console_page *page, dyn_bytes *picture);

#endif
