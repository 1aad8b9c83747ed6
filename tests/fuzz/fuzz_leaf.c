/*
 * Any bytes as the rows of a leaf: they are refused, or counted, searched,
 * read in the order of their keys, changed and cut, and what is written of rows
 * that are read is what is read of it: a libFuzzer entry point.
 *
 * The first byte is the size of a key, which comes next; then the rows.
 */
#include "engine/leaf.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LEAF_BYTES = 4057, TREE = 1, ROWS_MAX = 5000 };

/* Read rows up to the first that is none; returns how many. */
static size_t read_rows(dyn_call *call, dyn_bytes rows, dyn_row *out)
{
    dyn_leaf_cursor cursor = {rows, {NULL, 0}, true};
    size_t count = 0;
    bool is_there = true;
    while (count < ROWS_MAX &&
           dyn_leaf_cursor_next(call, &cursor, &is_there, &out[count]) ==
               DYN_OK &&
           is_there) {
        assert(count == 0 ||
               dyn_bytes_compare(out[count - 1].key, out[count].key) < 0);
        count++;
    }
    return count;
}

static void check_written(dyn_call *call, const dyn_row *rows, size_t count)
{
    static const dyn_leaf whole = {.id = 0};
    dyn_buffer data;
    dyn_bytes bytes = {NULL, 0};
    dyn_bytes before = {NULL, 0};
    dyn_leaf leaf;
    dyn_leaf_heads heads;
    int64_t counted = 0;
    dyn_leaf_begin(&data, call, LEAF_BYTES, &whole);
    for (size_t i = 0; i < count; i++) {
        dyn_leaf_add(&data, before, &rows[i]);
        before = rows[i].key;
    }
    if (dyn_leaf_end(&data, TREE, LEAF_BYTES, &bytes) != DYN_OK) return;
    bool is_open = dyn_leaf_open(bytes, TREE, &leaf);
    assert(is_open);
    bool is_counted = dyn_leaf_count(leaf.rows, &counted);
    assert(is_counted && counted == (int64_t)count);
    if (dyn_leaf_make_heads(leaf.rows, &heads)) leaf.heads = &heads;
    for (size_t i = 0; i < count; i++) {
        dyn_leaf_place place;
        bool is_right =
            dyn_leaf_seek(leaf.rows, leaf.heads, rows[i].key, &place);
        assert(is_right && place.is_found);
        assert(place.row.large_id == rows[i].large_id);
        (void)is_right;
    }
    (void)is_open, (void)is_counted;
}

/* Heads of rows become those of what they are after a change. */
static void change_heads(dyn_bytes rows, const dyn_leaf_place *place,
                         dyn_bytes changed, dyn_bytes key)
{
    size_t kept = place->before.size_bytes + place->after.size_bytes;
    dyn_leaf_heads heads;
    dyn_leaf_place with;
    dyn_leaf_place without;
    dyn_leaf leaf;
    if (!dyn_leaf_make_heads(rows, &heads) ||
        !dyn_leaf_open(changed, TREE, &leaf))
        return;
    const dyn_leaf_change change = {place->before.size_bytes,
                                    rows.size_bytes - kept,
                                    leaf.rows.size_bytes - kept};
    if (!dyn_leaf_change_heads(&heads, leaf.rows, &change)) return;
    (void)dyn_leaf_seek(leaf.rows, &heads, key, &with);
    (void)dyn_leaf_seek(leaf.rows, NULL, key, &without);
}

static void change(dyn_call *call, dyn_bytes rows, dyn_bytes key)
{
    static const dyn_leaf whole = {.id = 0};
    dyn_leaf_place place;
    dyn_buffer data;
    dyn_bytes bytes = {NULL, 0};
    dyn_row row = {.key = key, .large_id = 1};
    if (key.size_bytes == 0 || !dyn_leaf_seek(rows, NULL, key, &place)) return;
    for (int is_removed = 0; is_removed <= (int)place.is_found; is_removed++) {
        dyn_leaf_begin(&data, call, LEAF_BYTES, &whole);
        dyn_leaf_splice(&data, &place, &row, is_removed);
        if (dyn_leaf_end(&data, TREE, LEAF_BYTES, &bytes) == DYN_OK)
            change_heads(rows, &place, bytes, key);
    }
}

static void cut(dyn_call *call, dyn_bytes rows)
{
    dyn_leaf_cut at;
    dyn_buffer right;
    dyn_buffer all;
    size_t half = rows.size_bytes / 2;
    if (dyn_leaf_cut_rows(call, rows, half, half + half / 4, &at) != DYN_OK ||
        at.key.size_bytes == 0)
        return;
    assert(at.first.shared < at.key.size_bytes);
    dyn_buffer_begin(&right, call, rows.size_bytes);
    dyn_leaf_add_right(&right, &at);
    dyn_buffer_begin(&all, call, rows.size_bytes);
    (void)dyn_leaf_join(call, at.left,
                        (dyn_bytes){right.data, right.size_bytes}, &all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static dyn_row found[ROWS_MAX];
    dyn_call call;
    dyn_leaf leaf;
    int64_t count = 0;
    if (size == 0 || data[0] > size - 1) return 0;
    dyn_bytes key = {data + 1, data[0]};
    dyn_bytes rows = {data + 1 + data[0], size - 1 - data[0]};
    dyn_call_begin(&call);
    (void)dyn_leaf_open((dyn_bytes){data, size}, TREE, &leaf);
    (void)dyn_leaf_count(rows, &count);
    check_written(&call, found, read_rows(&call, rows, found));
    change(&call, rows, key);
    cut(&call, rows);
    dyn_call_end(&call);
    return 0;
}
