/*
 * A table of items that a query has found: a column for each part of the keys,
 * and for the attributes that come next, with a link from each item to its
 * page.
 */
#ifndef SERVER_ITEM_TABLE_H
#define SERVER_ITEM_TABLE_H

#include "schema.h"

#include "item/json.h"

/* Add items, an array of typed JSON, that were found by a path. Fails with
 * DYN_INVALID when one lacks the key of the table; DYN_NOMEM. */
dyn_status item_table_add(console_page *page, const table_schema *schema,
                          const schema_path *path, const dyn_json *found);

#endif
