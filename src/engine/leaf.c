/* Leaves; the contracts and the layout are in leaf.h. */
#include "engine/leaf.h"

#include "base/varint.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <assert.h>

enum { CHECK_BYTES = 4 };

/* --------------------------------------------------------------- reading -- */

/* Where a row is read, and where all rows end. */
typedef struct reader {
    const unsigned char *at;
    const unsigned char *end;
} reader;

static inline bool read_run(reader *in, dyn_bytes *out)
{
    uint64_t size = 0;
    if (!dyn_varint_read(&in->at, in->end, &size) ||
        size > (uint64_t)(in->end - in->at))
        return false;
    *out = (dyn_bytes){in->at, (size_t)size};
    in->at += size;
    return true;
}

static bool read_large(reader *in, dyn_leaf_row *out)
{
    uint64_t id = 0;
    if (!dyn_varint_read(&in->at, in->end, &id) || id == 0 || id > INT64_MAX)
        return false;
    out->large_id = (int64_t)id;
    return true;
}

static bool read_any_row(reader *in, dyn_leaf_row *out)
{
    uint64_t shared = 0;
    if (!dyn_varint_read(&in->at, in->end, &shared) || shared > UINT16_MAX ||
        !read_run(in, &out->rest) || !read_run(in, &out->item) ||
        out->rest.size_bytes == 0) {
        return false;
    }
    out->shared = (size_t)shared;
    out->large_id = 0;
    return out->item.size_bytes > 0 || read_large(in, out);
}

/* A row as most are: its key in sizes of one byte, its item in the leaf and of
 * one byte or two, or elsewhere. Leaves are read from their beginning on, so
 * that rows which are passed by have to cost little. */
typedef struct short_row {
    size_t shared;
    size_t rest_bytes;
    size_t item_bytes;
    const unsigned char *item; /* behind the large_id, if there is one */
    int64_t large_id;
} short_row;

/* A row without an item in the leaf, from its large_id on, of one byte to
 * three. */
static inline bool read_short_large(const unsigned char *at,
                                    const unsigned char *end, short_row *out)
{
    uint32_t id = at[0] & 0x7f;
    size_t bytes = 1;
    if (at[0] >= 0x80 && end - at >= 3) {
        id |= (uint32_t)(at[1] & 0x7f) << 7;
        if (at[1] >= 0x80) id |= (uint32_t)at[2] << 14;
        bytes = at[1] >= 0x80 ? 3 : 2;
    }
    unsigned char last = at[bytes - 1];
    out->item = at + bytes;
    out->large_id = id;
    return out->rest_bytes > 0 && last > 0 && last < 0x80;
}

static inline bool read_short_row(const reader *in, short_row *out)
{
    const unsigned char *at = in->at;
    size_t left = (size_t)(in->end - at);
    if (left < 2 || (at[0] | at[1]) >= 0x80 || left < 4u + at[1]) return false;
    out->shared = at[0];
    out->rest_bytes = at[1];
    at += 2 + out->rest_bytes;
    out->item_bytes = *at++;
    out->large_id = 0;
    if (out->item_bytes == 0) return read_short_large(at, in->end, out);
    if (out->item_bytes >= 0x80) {
        if (*at == 0 || *at >= 0x80) return false;
        out->item_bytes = (out->item_bytes & 0x7f) | (size_t)*at++ << 7;
    }
    out->item = at;
    return out->rest_bytes > 0 && out->item_bytes <= (size_t)(in->end - at);
}

static inline bool read_row(reader *in, dyn_leaf_row *out)
{
    short_row row;
    if (!read_short_row(in, &row)) return read_any_row(in, out);
    *out = (dyn_leaf_row){row.shared,
                          {in->at + 2, row.rest_bytes},
                          {row.item, row.item_bytes},
                          row.large_id};
    in->at = row.item + row.item_bytes;
    return true;
}

/* Skip short rows that are less than a key, which shares so many bytes with the
 * row before each: those that share more with it, and those that share as much
 * and have a lesser byte then. */
static inline void skip_rows(reader *in, dyn_bytes key, size_t matched)
{
    short_row row;
    int next = matched < key.size_bytes ? key.data[matched] : -1;
    while (
        read_short_row(in, &row) &&
        (row.shared > matched || (row.shared == matched && in->at[2] < next)))
        in->at = row.item + row.item_bytes;
}

static reader reader_of(dyn_bytes rows)
{
    return (reader){rows.data, rows.data + rows.size_bytes};
}

static dyn_bytes rest_of(const reader *in)
{
    return (dyn_bytes){in->at, (size_t)(in->end - in->at)};
}

static uint32_t check_of(const unsigned char *leaf, size_t bytes)
{
    return (uint32_t)XXH3_64bits(leaf + CHECK_BYTES,
                                 DYN_LEAF_HEADER_BYTES - CHECK_BYTES + bytes);
}

/* What is behind the header. */
static bool read_body(reader *in, dyn_leaf *out)
{
    if (!read_run(in, &out->low) || !read_run(in, &out->high)) return false;
    out->rows = rest_of(in);
    out->heads = NULL;
    return true;
}

bool dyn_leaf_open(dyn_bytes leaf, int64_t tree, dyn_leaf *out)
{
    if (leaf.size_bytes < DYN_LEAF_HEADER_BYTES) return false;
    const unsigned char *head = leaf.data;
    uint32_t check = (uint32_t)head[0] | (uint32_t)head[1] << 8 |
                     (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
    size_t bytes = (size_t)head[4] | (size_t)head[5] << 8;
    if (bytes > leaf.size_bytes - DYN_LEAF_HEADER_BYTES || head[6] != tree ||
        check_of(head, bytes) != check) {
        return false;
    }
    reader in = reader_of((dyn_bytes){head + DYN_LEAF_HEADER_BYTES, bytes});
    return read_body(&in, out);
}

bool dyn_leaf_is_within(const dyn_leaf *leaf, dyn_bytes key)
{
    return dyn_bytes_compare(key, leaf->low) >= 0 &&
           (leaf->high.size_bytes == 0 ||
            dyn_bytes_compare(key, leaf->high) < 0);
}

bool dyn_leaf_count(dyn_bytes rows, int64_t *count)
{
    reader in = reader_of(rows);
    dyn_leaf_row row;
    for (*count = 0; in.at < in.end; (*count)++) {
        if (!read_row(&in, &row)) return false;
    }
    return true;
}

static dyn_bytes from(dyn_bytes bytes, size_t skipped)
{
    return (dyn_bytes){bytes.data + skipped, bytes.size_bytes - skipped};
}

/* Compare the key of a row with key, of which *matched bytes are those of the
 * key before, and that shares no more with that. *matched becomes what the two
 * share. */
static int compare_row(const dyn_leaf_row *row, dyn_bytes key, size_t *matched)
{
    if (row->shared < *matched) {
        *matched = row->shared;
        return 1;
    }
    dyn_bytes rest = from(key, *matched);
    size_t shared = dyn_bytes_shared(row->rest, rest);
    *matched += shared;
    if (shared == rest.size_bytes)
        return shared == row->rest.size_bytes ? 0 : 1;
    if (shared == row->rest.size_bytes) return -1;
    return row->rest.data[shared] < rest.data[shared] ? -1 : 1;
}

/* ----------------------------------------------------------------- heads -- */

enum { ROWS_LEAST = 4 };

size_t dyn_leaf_heads_bytes(size_t count)
{
    return offsetof(dyn_leaf_heads, all) + (count + 1) * sizeof(dyn_leaf_head);
}

static uint16_t order_of(size_t shared, unsigned char next)
{
    return (uint16_t)(shared << 8 | (UINT8_MAX - next));
}

/* Have the processor fetch all rows at once, rather than wait for one after the
 * other. */
static void fetch(dyn_bytes rows)
{
    enum { LINE_BYTES = 64 };
    for (size_t at = 0; at < rows.size_bytes; at += LINE_BYTES)
        __builtin_prefetch(rows.data + at);
}

/* Make one head of each two. */
static void halve(dyn_leaf_heads *heads)
{
    size_t halves = (heads->count + 1) / 2;
    for (size_t i = 0; i < halves; i++) {
        const dyn_leaf_head *pair = &heads->all[2 * i];
        bool is_second =
            2 * i + 1 < heads->count && pair[1].order < pair[0].order;
        heads->all[i] = (dyn_leaf_head){pair[0].at, pair[is_second].order};
    }
    heads->count = halves;
    heads->are_single = false;
}

/* Make the heads of the rows from a byte on and before another one. *row_count
 * is how many rows they are. */
static bool make_heads(dyn_bytes rows, size_t begin, size_t end,
                       dyn_leaf_heads *out, size_t *row_count)
{
    reader in = {rows.data + begin, rows.data + end};
    dyn_leaf_row row;
    size_t number = 0;
    unsigned row_bits = 0; /* 1 << row_bits rows have a head */
    out->count = 0;
    out->are_single = true;
    for (; in.at < in.end; number++) {
        size_t at = (size_t)(in.at - rows.data);
        if (!read_row(&in, &row) || row.shared > UINT8_MAX) return false;
        uint16_t order = order_of(row.shared, row.rest.data[0]);
        if (number >> row_bits == DYN_LEAF_HEADS_MAX) {
            halve(out);
            row_bits++;
        }
        if (number >> row_bits == out->count)
            out->all[out->count++] = (dyn_leaf_head){(uint16_t)at, order};
        dyn_leaf_head *head = &out->all[out->count - 1];
        if (order < head->order) head->order = order;
    }
    *row_count = number;
    return true;
}

bool dyn_leaf_make_heads(dyn_bytes rows, dyn_leaf_heads *out)
{
    size_t row_count = 0;
    if (rows.size_bytes > UINT16_MAX) return false;
    fetch(rows);
    if (!make_heads(rows, 0, rows.size_bytes, out, &row_count) ||
        row_count < ROWS_LEAST)
        return false;
    out->all[out->count] = (dyn_leaf_head){(uint16_t)rows.size_bytes, 0};
    return true;
}

/* Put heads in the place of those from first on and before behind. Those behind
 * have moved by so many bytes. */
static void replace_heads(dyn_leaf_heads *heads, size_t first, size_t behind,
                          const dyn_leaf_heads *with, ptrdiff_t moved_bytes)
{
    dyn_leaf_head *to = &heads->all[first + with->count];
    size_t behind_count = heads->count + 1 - behind; /* and the end of rows */
    memmove(to, &heads->all[behind], behind_count * sizeof *to);
    for (size_t i = 0; i < behind_count; i++)
        to[i].at = (uint16_t)(to[i].at + moved_bytes);
    memcpy(&heads->all[first], with->all, with->count * sizeof *to);
    heads->count = first + with->count + behind_count - 1;
    heads->are_single = heads->are_single && with->are_single;
}

bool dyn_leaf_change_heads(dyn_leaf_heads *heads, dyn_bytes rows,
                           const dyn_leaf_change *change)
{
    enum { ROWS_MAX = 24 };
    ptrdiff_t moved =
        (ptrdiff_t)change->added_bytes - (ptrdiff_t)change->gone_bytes;
    size_t gone_end = change->before_bytes + change->gone_bytes;
    dyn_leaf_heads with;
    size_t row_count = 0;
    size_t first = 0; /* that of the row before the change, or of the first */
    while (first + 1 < heads->count &&
           heads->all[first + 1].at <= change->before_bytes)
        first++;
    size_t behind = first + 1;
    while (behind < heads->count && heads->all[behind].at < gone_end)
        behind++;
    size_t end = (size_t)(heads->all[behind].at + moved);
    if (rows.size_bytes > UINT16_MAX ||
        !make_heads(rows, heads->all[first].at, end, &with, &row_count))
        return false;
    bool is_long = row_count > ROWS_MAX;
    while (heads->count - (behind - first) + with.count > DYN_LEAF_HEADS_MAX) {
        if (is_long || with.count <= 1) return false;
        halve(&with);
    }
    replace_heads(heads, first, behind, &with, moved);
    return heads->count > 0;
}

/* What a search has come to. */
typedef struct search {
    dyn_bytes rows;
    const dyn_leaf_heads *heads; /* NULL: none */
    dyn_bytes key;
    reader in;
    size_t matched; /* what key shares with the row before in */
    size_t next;    /* head behind in */
} search;

static const unsigned char *begin_of(const search *s, size_t head)
{
    return s->rows.data + s->heads->all[head].at;
}

/* Skip rows as skip_rows() does, but not beyond those of the head. */
static void skip_in_head(search *s)
{
    reader in = {s->in.at, begin_of(s, s->next)};
    skip_rows(&in, s->key, s->matched);
    s->in.at = in.at;
}

/* The same; those that are skipped are greater in order than the key would
 * be. */
static void skip(search *s)
{
    if (s->heads == NULL || s->matched > UINT8_MAX) {
        s->heads = NULL;
        skip_rows(&s->in, s->key, s->matched);
        return;
    }
    bool are_single = s->heads->are_single;
    if (!are_single) skip_in_head(s);
    if (s->in.at < begin_of(s, s->next)) return;
    unsigned char next =
        s->matched < s->key.size_bytes ? s->key.data[s->matched] : 0;
    uint16_t order = order_of(s->matched, next);
    while (s->heads->all[s->next].order > order)
        s->next++;
    s->in.at = begin_of(s, s->next);
    if (s->in.at == s->in.end) return;
    s->next++;
    if (!are_single) skip_in_head(s);
}

/* ---------------------------------------------------------------- places -- */

/* Go on until the key is found, or a row that is greater. */
static bool seek(search *s, dyn_leaf_place *out)
{
    reader *in = &s->in;
    size_t before = s->matched; /* what key shares with the rows before at */
    const unsigned char *at = in->at;
    dyn_leaf_row row = {.shared = 0};
    int order = -1;
    while (order < 0 && in->at < in->end) {
        skip(s);
        if (in->at == in->end) break;
        at = in->at;
        before = s->matched;
        if (!read_row(in, &row)) return false;
        if (row.shared > s->matched) continue;
        order = compare_row(&row, s->key, &s->matched);
    }
    if (order < 0) {
        at = in->end;
        before = s->matched;
    }
    out->before = (dyn_bytes){s->rows.data, (size_t)(at - s->rows.data)};
    out->shared = before;
    out->is_found = order == 0;
    out->row = row;
    out->has_next = order > 0;
    out->next = row;
    out->next_shared = s->matched;
    if (order == 0 && in->at < in->end) {
        if (!read_row(in, &out->next)) return false;
        out->has_next = true;
        out->next_shared = out->next.shared;
    }
    out->after = rest_of(in);
    return out->next_shared <= s->key.size_bytes;
}

bool dyn_leaf_seek(dyn_bytes rows, const dyn_leaf_heads *heads, dyn_bytes key,
                   dyn_leaf_place *out)
{
    search s = {rows, heads, key, reader_of(rows), 0, 0};
    if (heads == NULL) fetch(rows);
    return seek(&s, out);
}

bool dyn_leaf_seek_behind(dyn_bytes rows, const dyn_leaf_mark *mark,
                          dyn_bytes key, dyn_leaf_place *out)
{
    search s = {.rows = rows, .key = key};
    dyn_leaf_row row;
    s.matched = dyn_bytes_shared(mark->key, key);
    bool is_less = s.matched < key.size_bytes &&
                   (s.matched == mark->key.size_bytes ||
                    mark->key.data[s.matched] < key.data[s.matched]);
    if (!is_less || mark->at >= rows.size_bytes) return false;
    s.in = reader_of(from(rows, mark->at));
    bool is_there = read_row(&s.in, &row) && row.shared == mark->shared &&
                    dyn_bytes_equal(row.rest, from(mark->key, mark->shared));
    return is_there && seek(&s, out);
}

bool dyn_leaf_cursor_begin(const dyn_leaf *leaf, dyn_bytes low,
                           dyn_leaf_cursor *out)
{
    dyn_leaf_place place = {.shared = 0};
    if (!dyn_leaf_seek(leaf->rows, leaf->heads, low, &place)) return false;
    *out =
        (dyn_leaf_cursor){from(leaf->rows, place.before.size_bytes), low, true};
    if (leaf->heads != NULL) fetch(out->rows); /* it passed by what is before */
    return true;
}

/* Whether a row is greater than the one before it, with which it shares no
 * more.
 */
static bool is_greater(const dyn_leaf_row *row, dyn_bytes last)
{
    if (row->shared >= last.size_bytes) return row->shared == last.size_bytes;
    return row->rest.data[0] > last.data[row->shared];
}

/* Whether a row is behind where a cursor is: the first one only shares with it
 * what it says. */
static bool is_behind(const dyn_leaf_row *row, const dyn_leaf_cursor *cursor)
{
    return cursor->is_first ? row->shared <= cursor->key.size_bytes
                            : is_greater(row, cursor->key);
}

dyn_status dyn_leaf_cursor_next(dyn_call *call, dyn_leaf_cursor *cursor,
                                bool *is_there, dyn_row *out)
{
    reader in = reader_of(cursor->rows);
    dyn_leaf_row row;
    *is_there = in.at < in.end;
    if (!*is_there) return DYN_OK;
    if (!read_row(&in, &row) || !is_behind(&row, cursor)) return DYN_CORRUPT;
    size_t key_bytes = row.shared + row.rest.size_bytes;
    unsigned char *key = dyn_alloc(call, key_bytes + 1);
    if (key == NULL) return DYN_NOMEM;
    if (row.shared > 0) memcpy(key, cursor->key.data, row.shared);
    memcpy(key + row.shared, row.rest.data, row.rest.size_bytes);
    key[key_bytes] = '\0';
    *cursor = (dyn_leaf_cursor){rest_of(&in), {key, key_bytes}, false};
    *out = (dyn_row){cursor->key, row.item, row.large_id, NULL};
    return DYN_OK;
}

/* --------------------------------------------------------------- writing -- */

static void add_item(dyn_buffer *out, dyn_bytes item, int64_t large_id)
{
    assert(large_id != 0 || item.size_bytes > 0);
    dyn_varint_add(out, large_id != 0 ? 0 : item.size_bytes);
    if (large_id != 0) {
        dyn_varint_add(out, (uint64_t)large_id);
    } else {
        dyn_buffer_add_bytes(out, item);
    }
}

static void add_row(dyn_buffer *data, const dyn_row *row, size_t shared)
{
    dyn_bytes rest = from(row->key, shared);
    dyn_varint_add(data, shared);
    dyn_varint_add(data, rest.size_bytes);
    dyn_buffer_add_bytes(data, rest);
    add_item(data, row->item, row->large_id);
}

static void add_bound(dyn_buffer *data, dyn_bytes bound)
{
    dyn_varint_add(data, bound.size_bytes);
    dyn_buffer_add_bytes(data, bound);
}

void dyn_leaf_begin(dyn_buffer *data, dyn_call *call, size_t leaf_bytes,
                    const dyn_leaf *bounds)
{
    dyn_buffer_begin(data, call, leaf_bytes);
    dyn_buffer_reserve(data, DYN_LEAF_HEADER_BYTES);
    add_bound(data, bounds->low);
    add_bound(data, bounds->high);
}

void dyn_leaf_add(dyn_buffer *data, dyn_bytes before, const dyn_row *row)
{
    add_row(data, row, dyn_bytes_shared(before, row->key));
}

/* The row behind the place, which now stands behind what shares so much with
 * the key; what it shared with that and does not any more comes before its
 * rest. */
static void add_next(dyn_buffer *data, const dyn_leaf_place *place,
                     dyn_bytes key, size_t shared)
{
    const dyn_leaf_row *next = &place->next;
    dyn_bytes rest = from(next->rest, place->next_shared - next->shared);
    dyn_bytes missing = {key.data + shared, place->next_shared - shared};
    dyn_varint_add(data, shared);
    dyn_varint_add(data, missing.size_bytes + rest.size_bytes);
    dyn_buffer_add_bytes(data, missing);
    dyn_buffer_add_bytes(data, rest);
    add_item(data, next->item, next->large_id);
}

void dyn_leaf_splice_middle(dyn_buffer *data, const dyn_leaf_place *place,
                            const dyn_row *row, bool is_removed)
{
    size_t shared = place->next_shared;
    if (!is_removed) {
        add_row(data, row, place->shared);
    } else if (place->shared < shared) {
        shared = place->shared;
    }
    if (place->has_next) add_next(data, place, row->key, shared);
}

void dyn_leaf_splice(dyn_buffer *data, const dyn_leaf_place *place,
                     const dyn_row *row, bool is_removed)
{
    dyn_buffer_add_bytes(data, place->before);
    dyn_leaf_splice_middle(data, place, row, is_removed);
    dyn_buffer_add_bytes(data, place->after);
}

/* ----------------------------------------------------- cutting, joining -- */

/* Where to cut; 0 when there are not two rows. */
static bool choose_cut(dyn_bytes rows, size_t from_bytes, size_t to_bytes,
                       size_t *out)
{
    reader in = reader_of(rows);
    size_t best_shared = SIZE_MAX;
    dyn_leaf_row row;
    *out = 0;
    if (in.at == in.end) return true;
    if (!read_row(&in, &row)) return false;
    while (in.at < in.end) {
        size_t left = (size_t)(in.at - rows.data);
        if (*out > 0 && left > to_bytes) break;
        if (!read_row(&in, &row)) return false;
        bool is_within = left >= from_bytes;
        if (!is_within || row.shared < best_shared) *out = left;
        if (is_within && row.shared < best_shared) best_shared = row.shared;
    }
    return true;
}

/* Go from the key of a row to that of the next one, which is greater. */
static bool follow(dyn_buffer *key, const dyn_leaf_row *row)
{
    const dyn_bytes last = {key->data, key->size_bytes};
    if (key->failed || !is_greater(row, last)) return false;
    key->size_bytes = row->shared;
    dyn_buffer_add_bytes(key, row->rest);
    return true;
}

/* The key of the row at last, and that row. */
static dyn_status read_to(dyn_call *call, reader *in, const unsigned char *last,
                          dyn_leaf_row *row, dyn_bytes *key)
{
    enum { USUAL_KEY_BYTES = 64 };
    dyn_buffer all;
    dyn_buffer_begin(&all, call, USUAL_KEY_BYTES);
    while (in->at <= last) {
        if (!read_row(in, row) || !follow(&all, row))
            return all.failed ? DYN_NOMEM : DYN_CORRUPT;
    }
    return dyn_buffer_end(&all, key);
}

dyn_status dyn_leaf_cut_rows(dyn_call *call, dyn_bytes rows, size_t from_bytes,
                             size_t to_bytes, dyn_leaf_cut *out)
{
    reader in = reader_of(rows);
    size_t at = 0;
    if (!choose_cut(rows, from_bytes, to_bytes, &at)) return DYN_CORRUPT;
    *out = (dyn_leaf_cut){.left = at > 0 ? (dyn_bytes){rows.data, at} : rows};
    if (at == 0) return DYN_OK;
    DYN_TRY(read_to(call, &in, rows.data + at, &out->first, &out->key));
    out->after = rest_of(&in);
    return DYN_OK;
}

void dyn_leaf_add_right(dyn_buffer *rows, const dyn_leaf_cut *cut)
{
    const dyn_row first = {cut->key, cut->first.item, cut->first.large_id,
                           NULL};
    add_row(rows, &first, 0);
    dyn_buffer_add_bytes(rows, cut->after);
}

/* The key of the last row. */
static dyn_status read_last(dyn_call *call, dyn_bytes rows, dyn_bytes *key)
{
    reader in = reader_of(rows);
    const unsigned char *last = in.at;
    dyn_leaf_row row;
    while (in.at < in.end) {
        last = in.at;
        if (!read_row(&in, &row)) return DYN_CORRUPT;
    }
    in = reader_of(rows);
    return read_to(call, &in, last, &row, key);
}

dyn_status dyn_leaf_join(dyn_call *call, dyn_bytes left, dyn_bytes right,
                         dyn_buffer *rows)
{
    reader in = reader_of(right);
    dyn_leaf_row row;
    dyn_bytes before = {NULL, 0};
    dyn_buffer_add_bytes(rows, left);
    if (left.size_bytes == 0 || right.size_bytes == 0) {
        dyn_buffer_add_bytes(rows, right);
        return rows->failed ? DYN_NOMEM : DYN_OK;
    }
    DYN_TRY(read_last(call, left, &before));
    if (!read_row(&in, &row) || row.shared > 0 ||
        dyn_bytes_compare(before, row.rest) >= 0)
        return DYN_CORRUPT;
    dyn_leaf_add(rows, before,
                 &(dyn_row){row.rest, row.item, row.large_id, NULL});
    dyn_buffer_add_bytes(rows, rest_of(&in));
    return rows->failed ? DYN_NOMEM : DYN_OK;
}

/* ---------------------------------------------------------- a whole leaf -- */

size_t dyn_leaf_bytes(const dyn_leaf *leaf, size_t rows_bytes)
{
    return DYN_LEAF_HEADER_BYTES + dyn_varint_bytes(leaf->low.size_bytes) +
           leaf->low.size_bytes + dyn_varint_bytes(leaf->high.size_bytes) +
           leaf->high.size_bytes + rows_bytes;
}

bool dyn_leaf_look(const dyn_buffer *data, dyn_leaf *out)
{
    reader in = {data->data + DYN_LEAF_HEADER_BYTES,
                 data->data + data->size_bytes};
    return read_body(&in, out);
}

dyn_status dyn_leaf_end(dyn_buffer *data, int64_t tree, size_t leaf_bytes,
                        dyn_bytes *out)
{
    size_t bytes = data->size_bytes - DYN_LEAF_HEADER_BYTES;
    if (data->size_bytes < leaf_bytes) {
        size_t missing = leaf_bytes - data->size_bytes;
        unsigned char *zeros = dyn_buffer_reserve(data, missing);
        if (zeros != NULL) memset(zeros, 0, missing);
    }
    DYN_TRY(dyn_buffer_end(data, out));
    if (bytes > UINT16_MAX) return DYN_CORRUPT;
    data->data[4] = (unsigned char)bytes;
    data->data[5] = (unsigned char)(bytes >> 8);
    data->data[6] = (unsigned char)tree;
    uint32_t check = check_of(data->data, bytes);
    for (int i = 0; i < CHECK_BYTES; i++)
        data->data[i] = (unsigned char)(check >> (8 * i));
    return DYN_OK;
}
