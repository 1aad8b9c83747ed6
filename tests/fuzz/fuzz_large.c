/*
 * Any bytes as a row of a large item: it is refused, or is what is written of
 * its item. And any change of an item makes the row of the other one: a
 * libFuzzer entry point.
 *
 * The first byte is the size of a key, which comes next; then two bytes say
 * where the item changes, one how much of it goes, and the rest comes instead.
 */
#include "engine/large.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ITEM_BYTES = 20000, PLACE_BYTES = 3 };

static dyn_bytes row_of(dyn_call *call, dyn_bytes key, dyn_bytes item,
                        dyn_large_pad pad)
{
    dyn_buffer out;
    dyn_bytes row = {NULL, 0};
    dyn_buffer_begin(&out, call, item.size_bytes);
    dyn_large_add(&out, key, item, pad);
    dyn_status status = dyn_buffer_end(&out, &row);
    assert(status == DYN_OK);
    (void)status;
    return row;
}

static void check_row(dyn_call *call, dyn_bytes key, dyn_bytes row)
{
    dyn_bytes item = {NULL, 0};
    if (!dyn_large_open(row, key, &item)) return;
    dyn_bytes again = row_of(call, key, item, dyn_large_pad_of(row.data));
    assert(dyn_bytes_equal(again, row));
    (void)again;
}

static void check_change(dyn_call *call, const dyn_large_change *change)
{
    dyn_large_run *runs = NULL;
    size_t count = 0;
    dyn_bytes item = {NULL, 0};
    dyn_bytes row = row_of(call, change->key, change->from, change->before);
    dyn_status status = dyn_large_runs(call, change, &runs, &count);
    assert(status == DYN_OK);
    (void)status;
    for (size_t i = 0; i < count; i++) {
        size_t bytes = runs[i].bytes.size_bytes;
        assert(runs[i].at + bytes <= row.size_bytes);
        memcpy((unsigned char *)row.data + runs[i].at, runs[i].bytes.data,
               bytes);
    }
    bool is_open = dyn_large_open(row, change->key, &item);
    assert(is_open && dyn_bytes_equal(item, change->to));
    (void)is_open;
}

/* An item, and what becomes of it. */
static void change_item(dyn_call *call, dyn_bytes key, dyn_bytes input)
{
    static unsigned char item[ITEM_BYTES];
    if (input.size_bytes < PLACE_BYTES) return;
    size_t at = (size_t)(input.data[0] << 8 | input.data[1]) % ITEM_BYTES;
    size_t gone = input.data[2];
    size_t more = input.size_bytes - PLACE_BYTES;
    if (at + gone > ITEM_BYTES) gone = ITEM_BYTES - at;
    for (size_t i = 0; i < ITEM_BYTES; i++)
        item[i] = (unsigned char)(i * i / 7);
    dyn_buffer to;
    dyn_large_change change = {.key = key,
                               .from = {item, ITEM_BYTES},
                               .before = dyn_large_new_pad(ITEM_BYTES)};
    dyn_buffer_begin(&to, call, ITEM_BYTES);
    dyn_buffer_add(&to, item, at);
    dyn_buffer_add(&to, input.data + PLACE_BYTES, more);
    dyn_buffer_add(&to, item + at + gone, ITEM_BYTES - at - gone);
    if (dyn_buffer_end(&to, &change.to) == DYN_OK && dyn_large_fit(&change))
        check_change(call, &change);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    size_t key_bytes = data[0] < size ? data[0] : size - 1;
    const dyn_bytes key = {data + 1, key_bytes};
    const dyn_bytes rest = {data + 1 + key_bytes, size - 1 - key_bytes};
    dyn_call call;
    dyn_call_begin(&call);
    check_row(&call, key, rest);
    change_item(&call, key, rest);
    dyn_call_end(&call);
    return 0;
}
