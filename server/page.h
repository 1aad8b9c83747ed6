/*
 * A page of the console while it is made: what each has around its content, and
 * tables of rows that a SELECT gives.
 */
#ifndef SERVER_PAGE_H
#define SERVER_PAGE_H

#include "database.h"
#include "form.h"
#include "html.h"
#include "request.h"

/* Which part of a table's pages one is. */
typedef enum page_tab {
    TAB_NONE, /* it is about no table */
    TAB_OVERVIEW,
    TAB_ITEMS,
    TAB_LOAD,
    TAB_STREAM,
} page_tab;

typedef struct console_page {
    dyn_call *call;
    server_database *database;
    server_form form; /* what was sent */
    dyn_bytes title;  /* of the page */
    dyn_bytes table;  /* that it is about; empty: none */
    page_tab tab;
    unsigned status;    /* of HTTP; 200 at first */
    dyn_bytes leads_to; /* a URL to go to instead; empty: none */
    dyn_buffer out;     /* the content */
} console_page;

/* Make the content of a page. Fails with what the page shows in its place;
 * DYN_NOMEM. */
typedef dyn_status page_maker(console_page *page);

/* The whole document. Fails with DYN_NOMEM. */
dyn_status page_document(console_page *page, dyn_bytes *out);

/* Add what went wrong, as it was said, and have the page answer with a status
 * of failure. */
void page_refusal(console_page *page, const char *message);

/* The message of the call's failure. */
const char *page_message(const console_page *page);

/* Run an operation of dynamo_api(). Fails with DYN_INVALID and the exception as
 * it is; DYN_NOMEM. */
dyn_status page_api(console_page *page, const char *operation,
                    dyn_bytes request, dyn_bytes *response);

/* --------------------------------------------------------- tables of rows --
 */

typedef enum cell_kind {
    CELL_TEXT,
    CELL_NUMBER,
    CELL_BYTES, /* a size */
    CELL_CODE,
    CELL_TABLE, /* the name of a table, with a link */
} cell_kind;

typedef struct page_column {
    const char *title;
    cell_kind kind;
} page_column;

enum { PAGE_COLUMNS_MAX = 12 };

typedef struct page_table {
    const char *title;
    const char *note;  /* what it is; NULL: nothing is said */
    const char *empty; /* what is said when there are no rows */
    const char *sql;   /* ?1 is the argument */
    page_column columns[PAGE_COLUMNS_MAX]; /* as many as the SELECT has */
} page_table;

/* Add a section with the rows, or what went wrong. Fails with DYN_NOMEM. */
dyn_status page_add_table(console_page *page, const page_table *table,
                          dyn_bytes argument);

/* ------------------------------------------------------------------ costs --
 */

/* Add what the last request of the connection cost. Fails as database_query().
 */
dyn_status page_add_cost(console_page *page);

#endif
