/*
 * Large items: each is a row of _large, as bytes that say themselves whether
 * they are those of its key.
 *
 *   large  seal:8  front:1  back:1  0x00*  item  0x00*
 *   seal   the exclusive or of the digests of key and item (item/key.h), the
 *          lowest byte first
 *   front  how many zeros are before the item
 *   back   how many are behind it
 *
 * An item that fills several pages has zeros on both sides. So one that becomes
 * a little longer or shorter leaves its row as long as it is, and most of its
 * bytes where they are, before or behind what has changed: SQLite writes the
 * pages that have changed, but all of them when the row has another length.
 *
 * Layer: engine. Knows nothing of tables, and no SQL.
 */
#ifndef DYN_ENGINE_LARGE_H
#define DYN_ENGINE_LARGE_H

#include "base/buffer.h"

#include <stdint.h>

enum { DYN_LARGE_HEADER_BYTES = 10 };

/* The zeros before and behind an item. */
typedef struct dyn_large_pad {
    size_t front;
    size_t back;
} dyn_large_pad;

/* The item of a row with this key. Returns false for what is none. */
bool dyn_large_open(dyn_bytes row, dyn_bytes key, dyn_bytes *item);

/* Whether an item of this length has zeros around it. */
bool dyn_large_is_padded(size_t item_bytes);

/* Of an item that is new, or has another length than fits into its row. */
dyn_large_pad dyn_large_new_pad(size_t item_bytes);

/* Of the header of a row. */
dyn_large_pad dyn_large_pad_of(const unsigned char *header);

/* Add the bytes of a row. */
void dyn_large_add(dyn_buffer *out, dyn_bytes key, dyn_bytes item,
                   dyn_large_pad pad);

/* -------------------------------------------------------- change in place --
 */

/* A row whose item is to become another one, where it is. */
typedef struct dyn_large_change {
    dyn_bytes key;
    dyn_bytes from;
    dyn_bytes to;
    dyn_large_pad before;
    dyn_large_pad after;
} dyn_large_change;

/* Bytes of a row that are to be written. */
typedef struct dyn_large_run {
    size_t at;
    dyn_bytes bytes;
} dyn_large_run;

/* Find where the new item is to lie, so that most of its bytes are where those
 * of the old one are: key, from, to and before are given. Returns false when
 * there is no room for it, or one of them is not padded. */
bool dyn_large_fit(dyn_large_change *change);

/* What is to be written, in the memory of call: the header, and all else that
 * is different. Fails with DYN_NOMEM. */
dyn_status dyn_large_runs(dyn_call *call, const dyn_large_change *change,
                          dyn_large_run **runs, size_t *count);

#endif
