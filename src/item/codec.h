/*
 * The stored form of an item, and reading single attributes from it.
 *
 *   item        size:varint  count:varint  attribute*
 *   reference   size:varint
 *   attribute   name  value
 *   name        2 * bytes:varint  name          as it is
 *               2 * number + 1:varint           of the names that have numbers;
 *                                               not within a map
 *   value       0x00                          NULL
 *               0x01 / 0x02                   BOOL false / true
 *               0x03  bytes:varint            S of 128 bytes or more
 *               0x04  bytes:varint            B
 *               0x05  body:varint  count:varint  value*        L
 *               0x06  body:varint  count:varint  attribute*    M
 *               0x07  body:varint  count:varint  (bytes:varint member)*  SS
 *               0x08  body:varint  count:varint  (bytes:varint number)*  NS
 *               0x09  body:varint  count:varint  (bytes:varint member)*  BS
 *               0x20 | n, n in 1..22          N: n bytes, see number.h
 *               0x80 | n, n in 0..127         S of n bytes
 *
 * size is DynamoDB's size of the item in bytes; body counts the bytes after
 * it; a varint has 7 bits a byte, the lowest first, and is as short as
 * possible. A name that has a number is stored as that. Attributes are in the
 * order of their names and members in that of their values, so that equal items
 * have equal bytes, and a body is skipped without being read.
 *
 * Layer: item. Knows nothing of tables.
 */
#ifndef DYN_ITEM_CODEC_H
#define DYN_ITEM_CODEC_H

#include "base/buffer.h"
#include "item/value.h"

/* Names that have numbers, which are stored instead of them. */
typedef struct dyn_names {
    const dyn_bytes *all;  /* by number */
    const uint16_t *order; /* the numbers in the order of the names */
    size_t count;
} dyn_names;

/* The attributes that the keys of a tree are made of (key.h); of two of one
 * name the first counts. */
typedef struct dyn_key_part {
    dyn_bytes name;
    dyn_type type;
    bool is_sort;
} dyn_key_part;

enum { DYN_NO_PART = UINT8_MAX };

/* What it takes to read the rows of a tree. The number of a column is that of
 * its name. */
typedef struct dyn_layout {
    dyn_key_part *parts;
    size_t part_count;
    const uint8_t *part_of; /* each column: its part, or DYN_NO_PART */
    size_t column_count;
    const dyn_names *names;
} dyn_layout;

/* Whether a name has a number, where *at is the place of a name before it in
 * the order, or 0. *at becomes its place, or that of the first one behind it.
 */
bool dyn_names_seek(const dyn_names *names, dyn_bytes name, size_t *at);

/* A stored item, read in place; it lives as long as the bytes and the layout
 * do. */
typedef struct dyn_view {
    dyn_bytes attributes;
    size_t size_bytes;        /* DynamoDB's size */
    size_t count;             /* attributes there; others lie in the key */
    bool is_reference;        /* there is nothing but the size */
    dyn_bytes key;            /* without its hash */
    const dyn_layout *layout; /* NULL: no key is read, no name a number */
} dyn_view;

/* One step of a document path below an attribute: [index] or .name. */
typedef struct dyn_step {
    bool is_index;
    size_t index;
    dyn_bytes name;
} dyn_step;

/* Stored bytes of an item whose DynamoDB size is size_bytes, in the memory of
 * call; a reference when item is NULL. Without names, no name has a number.
 * Fails with DYN_NOMEM. */
dyn_status dyn_item_encode(dyn_call *call, const dyn_names *names,
                           const dyn_map *item, size_t size_bytes,
                           dyn_bytes *out);

/* The same of an item whose keys are columns, without what lies in the key.
 * *texts is the number of its names that have no number. */
dyn_status dyn_item_encode_rest(dyn_call *call, const dyn_layout *layout,
                                const dyn_map *item, size_t size_bytes,
                                size_t *texts, dyn_bytes *out);

/* Look at stored bytes; what lies in the key is for the caller to add. The
 * store notices that they are others than were written; what is read of others
 * may be wrong, and fails or ends. Fails with DYN_CORRUPT. */
dyn_status dyn_view_open(dyn_call *call, dyn_bytes stored, dyn_view *out);

/* The attribute of that name. *found tells whether there is one; *out points
 * into the stored bytes, a list, set or map into memory of call besides.
 * Fails with DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_view_find(dyn_call *call, const dyn_view *view, dyn_bytes name,
                         bool *found, dyn_value *out);

/* The same for a column of the layout, by its number. */
dyn_status dyn_view_column(dyn_call *call, const dyn_view *view, size_t column,
                           dyn_bytes name, bool *found, dyn_value *out);

/* What a document path leads to: the attribute, then each step below it. */
dyn_status dyn_view_find_path(dyn_call *call, const dyn_view *view,
                              dyn_bytes name, const dyn_step *steps,
                              size_t step_count, bool *found, dyn_value *out);

/* The whole item. Fails with DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_view_decode(dyn_call *call, const dyn_view *view, dyn_map *out);

#endif
