/* Large items as bytes; the contracts are in large.h. */
#include "engine/large.h"

#include "item/key.h"

#include <limits.h>

enum {
    SEAL_BYTES = 8,
    PADDED_LEAST = 16384, /* bytes of an item, which fill several pages */
    PAD_BYTES = 32,       /* of a new row on each side, at least */
    ROUND_BYTES = 64,     /* what the length of a padded row is a multiple of */
    PIECE_BYTES = 512,    /* that are compared, and written, together */
};

static const unsigned char zeros[UCHAR_MAX];

static uint64_t seal_of(dyn_bytes key, dyn_bytes item)
{
    return dyn_key_digest(key) ^ dyn_key_digest(item);
}

static uint64_t read_seal(const unsigned char *at)
{
    uint64_t seal = 0;
    for (size_t i = SEAL_BYTES; i > 0; i--)
        seal = seal << CHAR_BIT | at[i - 1];
    return seal;
}

static void add_header(dyn_buffer *out, dyn_bytes key, dyn_bytes item,
                       dyn_large_pad pad)
{
    uint64_t seal = seal_of(key, item);
    for (size_t i = 0; i < SEAL_BYTES; i++, seal >>= CHAR_BIT)
        dyn_buffer_add_byte(out, (unsigned char)seal);
    dyn_buffer_add_byte(out, (unsigned char)pad.front);
    dyn_buffer_add_byte(out, (unsigned char)pad.back);
}

static bool are_zeros(const unsigned char *data, size_t bytes)
{
    return memcmp(data, zeros, bytes) == 0;
}

dyn_large_pad dyn_large_pad_of(const unsigned char *header)
{
    return (dyn_large_pad){header[SEAL_BYTES], header[SEAL_BYTES + 1]};
}

bool dyn_large_open(dyn_bytes row, dyn_bytes key, dyn_bytes *item)
{
    if (row.size_bytes <= DYN_LARGE_HEADER_BYTES) return false;
    dyn_large_pad pad = dyn_large_pad_of(row.data);
    const unsigned char *begin = row.data + DYN_LARGE_HEADER_BYTES;
    size_t bytes = row.size_bytes - DYN_LARGE_HEADER_BYTES;
    if (bytes <= pad.front + pad.back) return false;
    *item = (dyn_bytes){begin + pad.front, bytes - pad.front - pad.back};
    return are_zeros(begin, pad.front) &&
           are_zeros(item->data + item->size_bytes, pad.back) &&
           read_seal(row.data) == seal_of(key, *item);
}

bool dyn_large_is_padded(size_t item_bytes)
{
    return item_bytes >= PADDED_LEAST;
}

dyn_large_pad dyn_large_new_pad(size_t item_bytes)
{
    if (!dyn_large_is_padded(item_bytes)) return (dyn_large_pad){0, 0};
    size_t least = DYN_LARGE_HEADER_BYTES + PAD_BYTES + item_bytes + PAD_BYTES;
    size_t more = ROUND_BYTES - 1 - (least - 1) % ROUND_BYTES;
    return (dyn_large_pad){PAD_BYTES, PAD_BYTES + more};
}

void dyn_large_add(dyn_buffer *out, dyn_bytes key, dyn_bytes item,
                   dyn_large_pad pad)
{
    add_header(out, key, item, pad);
    dyn_buffer_add(out, zeros, pad.front);
    dyn_buffer_add_bytes(out, item);
    dyn_buffer_add(out, zeros, pad.back);
}

/* -------------------------------------------------------- change in place --
 */

/* Where an item begins and ends in a row. */
typedef struct extent {
    size_t begin;
    size_t end;
} extent;

static extent extent_of(dyn_large_pad pad, dyn_bytes item)
{
    size_t begin = DYN_LARGE_HEADER_BYTES + pad.front;
    return (extent){begin, begin + item.size_bytes};
}

static extent shared_extent(const dyn_large_change *change)
{
    extent old = extent_of(change->before, change->from);
    extent new = extent_of(change->after, change->to);
    return (extent){old.begin > new.begin ? old.begin : new.begin,
                    old.end < new.end ? old.end : new.end};
}

/* Whether a piece of a row, in both items, is the same in both. */
static bool is_same(const dyn_large_change *change, size_t at, size_t bytes)
{
    size_t old = DYN_LARGE_HEADER_BYTES + change->before.front;
    size_t new = DYN_LARGE_HEADER_BYTES + change->after.front;
    return memcmp(change->from.data + (at - old), change->to.data + (at - new),
                  bytes) == 0;
}

static size_t piece_bytes(size_t at, size_t end)
{
    return end - at < PIECE_BYTES ? end - at : (size_t)PIECE_BYTES;
}

static size_t count_same(const dyn_large_change *change)
{
    extent shared = shared_extent(change);
    size_t count = 0;
    for (size_t at = shared.begin; at < shared.end; at += PIECE_BYTES)
        count += is_same(change, at, piece_bytes(at, shared.end));
    return count;
}

static bool is_pad(size_t front, size_t back)
{
    return front <= UCHAR_MAX && back <= UCHAR_MAX;
}

bool dyn_large_fit(dyn_large_change *change)
{
    size_t front = change->before.front;
    size_t back = change->before.back;
    size_t room = front + change->from.size_bytes + back;
    if (change->to.size_bytes > room ||
        !dyn_large_is_padded(change->from.size_bytes) ||
        !dyn_large_is_padded(change->to.size_bytes))
        return false;
    size_t spare = room - change->to.size_bytes;
    /* less than nothing is more than a pad has */
    bool can_begin = is_pad(front, spare - front);
    bool can_end = is_pad(spare - back, back);
    dyn_large_change ending = *change;
    ending.after = (dyn_large_pad){spare - back, back};
    change->after = (dyn_large_pad){front, spare - front};
    if (spare == front + back) return true; /* both are the same */
    if (can_end && (!can_begin || count_same(&ending) > count_same(change)))
        *change = ending;
    return can_begin || can_end;
}

static void add_run(dyn_buffer *runs, size_t at, dyn_bytes bytes)
{
    const dyn_large_run run = {at, bytes};
    if (bytes.size_bytes > 0) dyn_buffer_add(runs, &run, sizeof(run));
}

/* The header, and what is before the bytes that both items have. */
static dyn_status add_head(dyn_call *call, const dyn_large_change *change,
                           size_t end, dyn_buffer *runs)
{
    dyn_bytes head = {NULL, 0};
    dyn_buffer all;
    size_t item = DYN_LARGE_HEADER_BYTES + change->after.front;
    dyn_buffer_begin(&all, call, end);
    add_header(&all, change->key, change->to, change->after);
    dyn_buffer_add(&all, zeros, change->after.front);
    dyn_buffer_add(&all, change->to.data, end - item);
    DYN_TRY(dyn_buffer_end(&all, &head));
    add_run(runs, 0, head);
    return DYN_OK;
}

/* What is behind them. */
static dyn_status add_tail(dyn_call *call, const dyn_large_change *change,
                           size_t begin, dyn_buffer *runs)
{
    dyn_bytes tail = {NULL, 0};
    dyn_buffer all;
    extent new = extent_of(change->after, change->to);
    size_t rest = new.end - begin;
    dyn_buffer_begin(&all, call, rest + change->after.back);
    dyn_buffer_add(&all, change->to.data + change->to.size_bytes - rest, rest);
    if (extent_of(change->before, change->from).end != new.end)
        dyn_buffer_add(&all, zeros, change->after.back);
    DYN_TRY(dyn_buffer_end(&all, &tail));
    add_run(runs, begin, tail);
    return DYN_OK;
}

/* Pieces of what both have, one run of those that lie together. */
static void add_different(const dyn_large_change *change, extent shared,
                          dyn_buffer *runs)
{
    const unsigned char *row = change->to.data;
    size_t item = DYN_LARGE_HEADER_BYTES + change->after.front;
    size_t begin = shared.begin;
    for (size_t at = begin, bytes = 0; at < shared.end; at += bytes) {
        bytes = piece_bytes(at, shared.end);
        if (!is_same(change, at, bytes)) continue;
        add_run(runs, begin, (dyn_bytes){row + (begin - item), at - begin});
        begin = at + bytes;
    }
    if (begin < shared.end) {
        add_run(runs, begin,
                (dyn_bytes){row + (begin - item), shared.end - begin});
    }
}

dyn_status dyn_large_runs(dyn_call *call, const dyn_large_change *change,
                          dyn_large_run **runs, size_t *count)
{
    enum { USUAL = 8 };
    extent shared = shared_extent(change);
    dyn_buffer all;
    dyn_buffer_begin(&all, call, USUAL * sizeof(dyn_large_run));
    DYN_TRY(add_head(call, change, shared.begin, &all));
    add_different(change, shared, &all);
    DYN_TRY(add_tail(call, change, shared.end, &all));
    if (all.failed) return DYN_NOMEM;
    *runs = (dyn_large_run *)(void *)all.data;
    *count = all.size_bytes / sizeof(dyn_large_run);
    return DYN_OK;
}
