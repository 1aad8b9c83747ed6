/*
 * Leaves: the rows of a tree whose keys lie in a range, as the bytes of one
 * shadow row. A leaf is made for a page of the file: a put changes one.
 *
 *   leaf   check:4  bytes:2  tree:1  low  high  row*  0x00*
 *   check  the lowest 32 bits of the XXH3-64 of what is behind it but for the
 *          zeros
 *   bytes  of low, high and the rows. Numbers of a fixed size have the least
 *          byte first
 *   low    bytes:varint  what all keys are at least; nothing in the first leaf
 *   high   bytes:varint  what all keys are less than, the low of the next leaf;
 *          nothing in the last one
 *   row    shared:varint  rest_bytes:varint  rest  item_bytes:varint  item
 *          or, for an item in _large: ... rest  0x00  large_id:varint
 *
 * Rows are in the order of their keys, no two of one key. A key is as many of
 * the first bytes of the key before it as they share, and rest. A varint has 7
 * bits a byte, the lowest first, and is as short as possible.
 *
 * Functions that return bool return false for what is no leaf. They read no
 * byte that is not there, whatever they are given.
 *
 * Layer: engine. Knows nothing of tables, and no SQL.
 */
#ifndef DYN_ENGINE_LEAF_H
#define DYN_ENGINE_LEAF_H

#include "base/buffer.h"

#include <stdint.h>

enum { DYN_LEAF_HEADER_BYTES = 7 };

/* What is stored under a key. */
typedef struct dyn_row {
    dyn_bytes key;
    dyn_bytes item;   /* codec.h */
    int64_t large_id; /* of the row of _large that has item; 0: in the leaf */
    const struct dyn_found *found; /* rows.h; NULL: not known */
} dyn_row;

/* Where rows of a leaf begin, and what tells most of them from a key without
 * looking there: rows lie apart in memory, and each that is looked at has the
 * processor wait. There is a head for each row, or for each few of them; the
 * first one begins where the rows do. */
typedef struct dyn_leaf_head {
    uint16_t at;    /* in the rows, in bytes */
    uint16_t order; /* of a row: 256 times the bytes of its key that it shares
                     * with the key before, and 255 less the byte behind those;
                     * the least one of its rows */
} dyn_leaf_head;

enum { DYN_LEAF_HEADS_MAX = 64 };

typedef struct dyn_leaf_heads {
    size_t count;
    bool are_single;                           /* each row has a head */
    dyn_leaf_head all[DYN_LEAF_HEADS_MAX + 1]; /* one with the order 0 is where
                                                * the rows end; memory may end
                                                * behind it */
} dyn_leaf_heads;

/* Which keys a leaf may have, and its rows. */
typedef struct dyn_leaf {
    int64_t id;     /* for who reads it from a shadow table; not in the leaf */
    dyn_bytes low;  /* they are at least this */
    dyn_bytes high; /* and less than this, unless it is empty */
    dyn_bytes rows;
    const dyn_leaf_heads *heads; /* of the rows; NULL: none */
} dyn_leaf;

/* A row as it stands in a leaf. */
typedef struct dyn_leaf_row {
    size_t shared;
    dyn_bytes rest;
    dyn_bytes item; /* nothing when it is in _large */
    int64_t large_id;
} dyn_leaf_row;

/* Where a key stands, or would. */
typedef struct dyn_leaf_place {
    dyn_bytes before; /* the rows before it */
    size_t shared;    /* what the key shares with the last of those */
    bool is_found;
    dyn_leaf_row row; /* the row of the key, when it is found */
    bool has_next;
    dyn_leaf_row next;  /* the row behind it */
    size_t next_shared; /* what that shares with the key */
    dyn_bytes after;    /* the rows behind that */
} dyn_leaf_place;

/* Reads rows one after another, as long as the bytes live. */
typedef struct dyn_leaf_cursor {
    dyn_bytes rows; /* that are still to be read */
    dyn_bytes key;  /* of the row before them */
    bool is_first;  /* there is none: it is less than what is read */
} dyn_leaf_cursor;

/* Look at a leaf of a tree; out->id is left alone. */
bool dyn_leaf_open(dyn_bytes data, int64_t tree, dyn_leaf *out);

/* Whether a key is one that a leaf may have. */
bool dyn_leaf_is_within(const dyn_leaf *leaf, dyn_bytes key);

/* How many rows there are. */
bool dyn_leaf_count(dyn_bytes rows, int64_t *count);

/* The heads of rows. Returns false where there are so few rows that it is not
 * worth it, or such that have none. */
bool dyn_leaf_make_heads(dyn_bytes rows, dyn_leaf_heads *out);

/* What so many heads take. */
size_t dyn_leaf_heads_bytes(size_t count);

/* Where rows have been put in the place of others: behind before_bytes,
 * added_bytes are there now where gone_bytes were. */
typedef struct dyn_leaf_change {
    size_t before_bytes;
    size_t gone_bytes;
    size_t added_bytes;
} dyn_leaf_change;

/* Make heads that were those of the rows before a change, with room for as many
 * as there may be, those of the rows behind it. Returns false where these have
 * none, or would have too many rows to a head: then they are to be made anew.
 */
bool dyn_leaf_change_heads(dyn_leaf_heads *heads, dyn_bytes rows,
                           const dyn_leaf_change *change);

/* Find where a key stands, or would; with the heads of the rows, or NULL. */
bool dyn_leaf_seek(dyn_bytes rows, const dyn_leaf_heads *heads, dyn_bytes key,
                   dyn_leaf_place *out);

/* Where a row has been seen: where it begins, what it shares with the one
 * before it, and its key. */
typedef struct dyn_leaf_mark {
    size_t at;
    size_t shared;
    dyn_bytes key;
} dyn_leaf_mark;

/* The same, from the row at a mark on. Returns false where such a row does not
 * begin, or is not less. */
bool dyn_leaf_seek_behind(dyn_bytes rows, const dyn_leaf_mark *mark,
                          dyn_bytes key, dyn_leaf_place *out);

/* A cursor that reads from the first row whose key is at least low. */
bool dyn_leaf_cursor_begin(const dyn_leaf *leaf, dyn_bytes low,
                           dyn_leaf_cursor *out);

/* The next row: its key in the memory of call, its item where it lies in the
 * leaf, and nothing when it is in _large. *is_there is false behind the last
 * one. Fails with DYN_CORRUPT, with no message, also when keys are not in
 * order, and DYN_NOMEM. */
dyn_status dyn_leaf_cursor_next(dyn_call *call, dyn_leaf_cursor *cursor,
                                bool *is_there, dyn_row *out);

/* ------------------------------------------------------------- writing -- */

/* A leaf is written by dyn_leaf_begin(), rows, and dyn_leaf_end(). */
void dyn_leaf_begin(dyn_buffer *data, dyn_call *call, size_t leaf_bytes,
                    const dyn_leaf *bounds);

/* Add a row behind the one whose key is before. */
void dyn_leaf_add(dyn_buffer *data, dyn_bytes before, const dyn_row *row);

/* Add the rows of another leaf with row in its place, which is that of its key,
 * or without the row of that key when is_removed. */
void dyn_leaf_splice(dyn_buffer *data, const dyn_leaf_place *place,
                     const dyn_row *row, bool is_removed);

/* What dyn_leaf_splice() puts between the rows before and after the place. */
void dyn_leaf_splice_middle(dyn_buffer *data, const dyn_leaf_place *place,
                            const dyn_row *row, bool is_removed);

/* Where rows are cut in two. */
typedef struct dyn_leaf_cut {
    dyn_bytes left;     /* the rows before it, as they are */
    dyn_leaf_row first; /* the row behind it */
    dyn_bytes key;      /* of that, in the memory of call */
    dyn_bytes after;    /* the rows behind that */
} dyn_leaf_cut;

/* Cut rows, from_bytes to to_bytes behind their beginning, where those beside
 * the cut share least; in front of from_bytes, if no row ends there, but behind
 * one row at least. The key is nothing when there is but one. Fails with
 * DYN_CORRUPT, with no message, also when keys are not in order, and DYN_NOMEM.
 */
dyn_status dyn_leaf_cut_rows(dyn_call *call, dyn_bytes rows, size_t from_bytes,
                             size_t to_bytes, dyn_leaf_cut *out);

/* Add the rows behind a cut. */
void dyn_leaf_add_right(dyn_buffer *rows, const dyn_leaf_cut *cut);

/* Add the rows of two leaves, of which the second is behind the first. Fails as
 * dyn_leaf_cut_rows() does. */
dyn_status dyn_leaf_join(dyn_call *call, dyn_bytes left, dyn_bytes right,
                         dyn_buffer *rows);

/* The bytes of a leaf, without zeros, if its rows had so many. */
size_t dyn_leaf_bytes(const dyn_leaf *leaf, size_t rows_bytes);

/* Look at what has been written so far, before its end; out->id is left alone.
 */
bool dyn_leaf_look(const dyn_buffer *data, dyn_leaf *out);

/* Pad to leaf_bytes, fill in the header. What comes to more stays longer.
 * Fails with DYN_NOMEM; with DYN_CORRUPT, and no message, when rows that came
 * from a leaf make none any more, as no leaf of ours does. */
dyn_status dyn_leaf_end(dyn_buffer *data, int64_t tree, size_t leaf_bytes,
                        dyn_bytes *out);

#endif
