/*
 * By which keys the items of a table can be read: its own, and those of its
 * indexes.
 */
#ifndef SERVER_SCHEMA_H
#define SERVER_SCHEMA_H

#include "page.h"

#include "item/value.h"

enum { SCHEMA_PARTS_MAX = 4 }; /* of either part of a key */

typedef struct schema_key {
    dyn_bytes name;
    char type; /* S, N or B */
} schema_key;

typedef struct schema_path {
    dyn_bytes index; /* empty: the table itself */
    bool is_global;
    bool holds_all; /* whole items */
    schema_key partition[SCHEMA_PARTS_MAX];
    size_t partition_count;
    schema_key sort[SCHEMA_PARTS_MAX];
    size_t sort_count;
} schema_path;

typedef struct table_schema {
    const schema_path *paths; /* the first is the table itself */
    size_t count;
} table_schema;

/* Read the schema of the table of a page. Fails as page_api(). */
dyn_status schema_read(console_page *page, table_schema *out);

/* The path of an index, or of the table; NULL when there is no such index. */
const schema_path *schema_find(const table_schema *schema, dyn_bytes index);

/* Add `"TableName": "..."` of the table of a page, as the API takes it. */
void schema_add_table_name(dyn_buffer *json, dyn_bytes table);

/* The key of an item, as typed JSON. Fails with DYN_INVALID that names what is
 * missing; DYN_NOMEM. */
dyn_status schema_key_of(dyn_call *call, const table_schema *schema,
                         const dyn_map *item, dyn_bytes *out);

#endif
