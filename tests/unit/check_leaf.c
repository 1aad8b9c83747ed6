/* Leaves: rows that are put in and taken out come back in order, a leaf of the
 * same rows is the same bytes however it came to be, and no bytes whatever lead
 * anybody astray. */
#include "call.h"
#include "engine/leaf.h"
#include "fault.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

enum { LEAF_BYTES = 4057, TREE = 3 };

static const dyn_leaf whole = {0,
                               {(const unsigned char *)"", 0},
                               {(const unsigned char *)"", 0},
                               {(const unsigned char *)"", 0},
                               NULL};

/* ---------------------------------------------------------------- a model --
 */

enum { ROWS_MAX = 400 };

typedef struct model {
    dyn_row rows[ROWS_MAX]; /* in the order of their keys */
    size_t count;
} model;

/* The row of a key, or where it would be. */
static size_t model_find(const model *m, dyn_bytes key, bool *found)
{
    size_t at = 0;
    while (at < m->count && dyn_bytes_compare(m->rows[at].key, key) < 0)
        at++;
    *found = at < m->count && dyn_bytes_equal(m->rows[at].key, key);
    return at;
}

static void model_put(model *m, const dyn_row *row)
{
    bool found = false;
    size_t at = model_find(m, row->key, &found);
    if (!found) {
        memmove(&m->rows[at + 1], &m->rows[at],
                (m->count - at) * sizeof(dyn_row));
        m->count++;
    }
    m->rows[at] = *row;
}

static void model_remove(model *m, size_t at)
{
    m->count--;
    memmove(&m->rows[at], &m->rows[at + 1], (m->count - at) * sizeof(dyn_row));
}

static dyn_bytes written(const model *m)
{
    dyn_buffer data;
    dyn_bytes out = {NULL, 0};
    dyn_bytes before = {NULL, 0};
    dyn_leaf_begin(&data, &call, LEAF_BYTES, &whole);
    for (size_t i = 0; i < m->count; i++) {
        dyn_leaf_add(&data, before, &m->rows[i]);
        before = m->rows[i].key;
    }
    ck_assert_int_eq(dyn_leaf_end(&data, TREE, LEAF_BYTES, &out), DYN_OK);
    return out;
}

static dyn_leaf leaf_of(dyn_bytes data)
{
    dyn_leaf leaf = {.id = 0};
    ck_assert(dyn_leaf_open(data, TREE, &leaf));
    return leaf;
}

static dyn_bytes rows_of(dyn_bytes data)
{
    return leaf_of(data).rows;
}

static void assert_same_place(const dyn_leaf_place *a, const dyn_leaf_place *b)
{
    ck_assert_ptr_eq(a->after.data, b->after.data);
    ck_assert_uint_eq(a->before.size_bytes, b->before.size_bytes);
    ck_assert_uint_eq(a->shared, b->shared);
    ck_assert_int_eq(a->is_found, b->is_found);
    ck_assert_int_eq(a->has_next, b->has_next);
    ck_assert_uint_eq(a->next_shared, b->next_shared);
}

/* With heads, a key is found where it is without. Returns how many there are.
 */
static size_t assert_headed(dyn_bytes data, dyn_bytes key)
{
    dyn_leaf leaf = leaf_of(data);
    dyn_leaf_heads heads;
    dyn_leaf_place with;
    dyn_leaf_place without;
    if (!dyn_leaf_make_heads(leaf.rows, &heads)) return 0;
    ck_assert(dyn_leaf_seek(leaf.rows, &heads, key, &with));
    ck_assert(dyn_leaf_seek(leaf.rows, NULL, key, &without));
    assert_same_place(&with, &without);
    return heads.count;
}

/* From any row that is less a key is found where it is from the first one, and
 * from no other, nor from where there is none. */
static void assert_marked(const model *m, dyn_bytes data, dyn_bytes key)
{
    dyn_bytes rows = rows_of(data);
    dyn_leaf_place from_first;
    dyn_leaf_place from_mark;
    ck_assert(dyn_leaf_seek(rows, NULL, key, &from_first));
    for (size_t i = 0; i < m->count; i++) {
        dyn_leaf_place place;
        ck_assert(dyn_leaf_seek(rows, NULL, m->rows[i].key, &place));
        dyn_leaf_mark mark = {place.before.size_bytes, place.shared,
                              m->rows[i].key};
        bool is_less = dyn_bytes_compare(m->rows[i].key, key) < 0;
        ck_assert(dyn_leaf_seek_behind(rows, &mark, key, &from_mark) ==
                  is_less);
        if (is_less) assert_same_place(&from_mark, &from_first);
        mark.at = rows.size_bytes;
        ck_assert(!dyn_leaf_seek_behind(rows, &mark, key, &from_mark));
    }
}

static bool is_same_row(const dyn_row *a, const dyn_row *b)
{
    return dyn_bytes_equal(a->key, b->key) && a->large_id == b->large_id &&
           dyn_bytes_equal(a->item, b->item);
}

/* Reading from any key gives the rows from there on. */
static void assert_reads(const model *m, dyn_bytes data, dyn_bytes low)
{
    bool found = false;
    bool is_there = true;
    size_t at = model_find(m, low, &found);
    dyn_leaf_cursor cursor;
    dyn_row row;
    const dyn_leaf leaf = leaf_of(data);
    assert_headed(data, low);
    assert_marked(m, data, low);
    ck_assert(dyn_leaf_cursor_begin(&leaf, low, &cursor));
    for (; at < m->count; at++) {
        ck_assert_int_eq(dyn_leaf_cursor_next(&call, &cursor, &is_there, &row),
                         DYN_OK);
        ck_assert(is_there && is_same_row(&row, &m->rows[at]));
    }
    ck_assert_int_eq(dyn_leaf_cursor_next(&call, &cursor, &is_there, &row),
                     DYN_OK);
    ck_assert(!is_there);
}

/* The heads of the rows that data had become those of what it is now. */
static void change_heads(dyn_leaf_heads *heads, const dyn_leaf_place *place,
                         dyn_bytes before, dyn_bytes data)
{
    size_t kept = place->before.size_bytes + place->after.size_bytes;
    const dyn_leaf_change change = {place->before.size_bytes,
                                    rows_of(before).size_bytes - kept,
                                    rows_of(data).size_bytes - kept};
    bool is_made = heads->count > 0 &&
                   dyn_leaf_change_heads(heads, rows_of(data), &change);
    if (!is_made && !dyn_leaf_make_heads(rows_of(data), heads))
        heads->count = 0;
}

/* With heads that went through changes, keys are found where they are without.
 */
static void assert_changed_heads(const model *m, dyn_bytes data,
                                 const dyn_leaf_heads *heads, dyn_bytes key)
{
    enum { STEP = 13 }; /* some of the keys that are there */
    for (size_t i = m->count % STEP; heads->count > 0; i += STEP) {
        dyn_bytes sought = i < m->count ? m->rows[i].key : key;
        dyn_leaf_place with;
        dyn_leaf_place without;
        ck_assert(dyn_leaf_seek(rows_of(data), heads, sought, &with));
        ck_assert(dyn_leaf_seek(rows_of(data), NULL, sought, &without));
        assert_same_place(&with, &without);
        if (i >= m->count) break;
    }
}

static dyn_bytes spliced(dyn_bytes data, dyn_leaf_heads *heads,
                         const dyn_row *row, bool is_removed)
{
    dyn_leaf_place place;
    dyn_buffer out;
    dyn_bytes bytes = {NULL, 0};
    ck_assert(dyn_leaf_seek(rows_of(data), NULL, row->key, &place));
    dyn_leaf_begin(&out, &call, LEAF_BYTES, &whole);
    dyn_leaf_splice(&out, &place, row, is_removed);
    ck_assert_int_eq(dyn_leaf_end(&out, TREE, LEAF_BYTES, &bytes), DYN_OK);
    change_heads(heads, &place, data, bytes);
    return bytes;
}

/* Keys of few different bytes, so that they share beginnings and are each
 * other's. */
static dyn_bytes random_bytes(uint64_t *state, uint32_t most, uint32_t letters)
{
    dyn_buffer out;
    dyn_bytes bytes = {NULL, 0};
    uint32_t size = 1 + unit_random(state, most);
    dyn_buffer_begin(&out, &call, size);
    for (uint32_t i = 0; i < size; i++) {
        uint32_t letter = unit_random(state, letters);
        dyn_buffer_add_byte(&out, (unsigned char)(letter * 85));
    }
    ck_assert_int_eq(dyn_buffer_end(&out, &bytes), DYN_OK);
    return bytes;
}

static dyn_row random_row(uint64_t *state)
{
    dyn_row row = {.key = random_bytes(state, _Alignof(int) * 2, 4)};
    if (unit_random(state, 10) == 0) row.key = random_bytes(state, 300, 2);
    if (unit_random(state, 8) == 0) {
        row.large_id = ((int64_t)1 << unit_random(state, 62)) +
                       unit_random(state, 100); /* of any width */
    } else {
        row.item = random_bytes(state, unit_random(state, 5) ? 9 : 200, 4);
    }
    return row;
}

START_TEST(random_changes_are_those_of_a_model)
{
    static model m;
    uint64_t state = (uint64_t)_i;
    m.count = 0;
    dyn_bytes data = written(&m);
    dyn_leaf_heads heads = {.count = 0};
    for (int step = 0; step < 600; step++) {
        dyn_row row = random_row(&state);
        bool found = false;
        size_t at = model_find(&m, row.key, &found);
        bool is_removed = found && unit_random(&state, 2) == 0;
        if (!found && m.count == ROWS_MAX) continue;
        data = spliced(data, &heads, &row, is_removed);
        if (is_removed) {
            model_remove(&m, at);
        } else {
            model_put(&m, &row);
        }
        ck_assert(dyn_bytes_equal(data, written(&m)));
        assert_reads(&m, data, random_row(&state).key);
        assert_changed_heads(&m, data, &heads, random_row(&state).key);
    }
    int64_t count = 0;
    ck_assert(dyn_leaf_count(rows_of(data), &count));
    ck_assert_int_eq(count, (int64_t)m.count);
    ck_assert_int_gt(count, 20);
}
END_TEST

enum { TEXT_BYTES = 32 };

/* The key of a number, which many keys are a little more or less than. */
static dyn_bytes numbered(uint32_t n, uint32_t bytes, char *text)
{
    size_t size =
        (size_t)snprintf(text, TEXT_BYTES, "key-%05u-and-more", n * 3);
    return (dyn_bytes){(const unsigned char *)text,
                       bytes < size ? bytes : size};
}

static const struct {
    uint32_t rows;
    size_t heads;
} headed[] = {{4, 4}, {64, 64}, {65, 33}, {128, 64}, {200, 50}};

START_TEST(heads_lead_to_the_same_places)
{
    const uint32_t numbered_rows = headed[_i].rows;
    uint64_t state = 1;
    char text[TEXT_BYTES];
    char last[TEXT_BYTES] = "";
    dyn_buffer data;
    dyn_bytes bytes = {NULL, 0};
    dyn_leaf_begin(&data, &call, LEAF_BYTES, &whole);
    for (uint32_t n = 0; n < numbered_rows; n++) {
        const dyn_row row = {.key = numbered(n, 10 + n % 8, text),
                             .large_id = n + 1};
        dyn_leaf_add(&data, dyn_bytes_text(last), &row);
        memcpy(last, text, row.key.size_bytes);
        last[row.key.size_bytes] = '\0';
    }
    ck_assert_int_eq(dyn_leaf_end(&data, TREE, LEAF_BYTES, &bytes), DYN_OK);
    ck_assert_uint_eq(assert_headed(bytes, dyn_bytes_text("")),
                      headed[_i].heads);
    for (int i = 0; i < 20000; i++) {
        dyn_bytes key = numbered(unit_random(&state, numbered_rows),
                                 unit_random(&state, 20), text);
        if (key.size_bytes > 0 && i % 2 == 0)
            text[unit_random(&state, (uint32_t)key.size_bytes)] ^=
                (char)(1 + unit_random(&state, 3));
        assert_headed(bytes, key);
    }
}
END_TEST

/* How the next of the numbers that come to a leaf is chosen. */
static const char *const arrivals[] = {"at random", "upwards", "downwards"};

static uint32_t arrive(int how, const model *m, uint64_t *state)
{
    if (how == 0) return unit_random(state, 2000);
    return how == 1 ? (uint32_t)m->count : ROWS_MAX - (uint32_t)m->count;
}

/* Heads that go through changes stay as many as those that are made anew, or
 * nearly: a search passes by as few rows. */
START_TEST(changed_heads_are_enough)
{
    static model m;
    static char texts[ROWS_MAX][TEXT_BYTES];
    dyn_leaf_heads heads = {.count = 0};
    dyn_leaf_heads made;
    uint64_t state = 1;
    m.count = 0;
    dyn_bytes data = written(&m);
    while (m.count < 200) {
        bool found = false;
        uint32_t n = arrive(_i, &m, &state);
        const dyn_row row = {.key = numbered(n, 9, texts[m.count]),
                             .large_id = n + 1};
        model_find(&m, row.key, &found);
        if (found) continue;
        data = spliced(data, &heads, &row, false);
        model_put(&m, &row);
        if (m.count < 4 || m.count % 8 != 0) continue;
        ck_assert(dyn_leaf_make_heads(rows_of(data), &made));
        ck_assert_msg(heads.count > made.count / 2, "%s: %zu of %zu",
                      arrivals[_i], heads.count, made.count);
        assert_changed_heads(&m, data, &heads, dyn_bytes_text("key"));
    }
}
END_TEST

/* ------------------------------------------------------------------ bounds --
 */

static dyn_leaf bounds(const char *low, const char *high)
{
    return (dyn_leaf){.low = dyn_bytes_text(low), .high = dyn_bytes_text(high)};
}

START_TEST(a_leaf_knows_its_keys)
{
    dyn_leaf out;
    dyn_buffer data;
    dyn_bytes bytes = {NULL, 0};
    dyn_leaf leaf = bounds("b", "d");
    dyn_row row = {dyn_bytes_text("c"), dyn_bytes_text("item"), 0, NULL};
    dyn_leaf_begin(&data, &call, LEAF_BYTES, &leaf);
    dyn_leaf_add(&data, (dyn_bytes){NULL, 0}, &row);
    ck_assert_int_eq(dyn_leaf_end(&data, TREE, LEAF_BYTES, &bytes), DYN_OK);
    ck_assert_uint_eq(bytes.size_bytes, LEAF_BYTES);
    ck_assert(!dyn_leaf_open(bytes, TREE + 1, &out));
    ck_assert(dyn_leaf_open(bytes, TREE, &out));
    ck_assert(dyn_bytes_equal_text(out.low, "b"));
    ck_assert(dyn_bytes_equal_text(out.high, "d"));
    ck_assert(!dyn_leaf_is_within(&out, dyn_bytes_text("a")));
    ck_assert(dyn_leaf_is_within(&out, dyn_bytes_text("b")));
    ck_assert(dyn_leaf_is_within(&out, dyn_bytes_text("c\xff")));
    ck_assert(!dyn_leaf_is_within(&out, dyn_bytes_text("d")));
    out.high = (dyn_bytes){NULL, 0};
    ck_assert(dyn_leaf_is_within(&out, dyn_bytes_text("\xff")));
}
END_TEST

START_TEST(what_does_not_fit_stays_longer)
{
    dyn_buffer data;
    dyn_bytes bytes = {NULL, 0};
    static unsigned char item[LEAF_BYTES];
    dyn_row row = {dyn_bytes_text("key"), {item, sizeof(item)}, 0, NULL};
    dyn_leaf_begin(&data, &call, LEAF_BYTES, &whole);
    dyn_leaf_add(&data, (dyn_bytes){NULL, 0}, &row);
    ck_assert_int_eq(dyn_leaf_end(&data, TREE, LEAF_BYTES, &bytes), DYN_OK);
    ck_assert_uint_gt(bytes.size_bytes, LEAF_BYTES);
    rows_of(bytes);
    for (int i = 0; i < 20; i++) /* more than two bytes of size can tell */
        dyn_leaf_add(&data, (dyn_bytes){NULL, 0}, &row);
    ck_assert_int_eq(dyn_leaf_end(&data, TREE, LEAF_BYTES, &bytes),
                     DYN_CORRUPT);
}
END_TEST

/* ----------------------------------------------------------------- cutting --
 */

static model *random_model(uint64_t *state, uint32_t rows);

static dyn_bytes written_of(const model *m, size_t first, size_t end)
{
    model part = {.count = end - first};
    memcpy(part.rows, &m->rows[first], part.count * sizeof(dyn_row));
    return rows_of(written(&part));
}

/* Where the rows of a model are to be cut, going by their sizes in the leaf. */
static size_t model_cut(const model *m, size_t from, size_t to)
{
    size_t best = 1;
    size_t best_shared = SIZE_MAX;
    for (size_t i = 1; i < m->count; i++) {
        size_t left = written_of(m, 0, i).size_bytes;
        size_t shared = dyn_bytes_shared(m->rows[i - 1].key, m->rows[i].key);
        if (i > 1 && left > to) break;
        if (left < from || shared < best_shared) best = i;
        if (left >= from && shared < best_shared) best_shared = shared;
    }
    return best;
}

static void assert_cut(const model *m, dyn_bytes rows, size_t from, size_t to)
{
    dyn_leaf_cut cut;
    dyn_buffer right;
    dyn_buffer all;
    size_t at = model_cut(m, from, to);
    ck_assert_int_eq(dyn_leaf_cut_rows(&call, rows, from, to, &cut), DYN_OK);
    ck_assert(dyn_bytes_equal(cut.left, written_of(m, 0, at)));
    ck_assert(dyn_bytes_equal(cut.key, m->rows[at].key));
    dyn_buffer_begin(&right, &call, 1);
    dyn_leaf_add_right(&right, &cut);
    dyn_bytes bytes = {right.data, right.size_bytes};
    ck_assert(dyn_bytes_equal(bytes, written_of(m, at, m->count)));
    dyn_buffer_begin(&all, &call, 1);
    ck_assert_int_eq(dyn_leaf_join(&call, cut.left, bytes, &all), DYN_OK);
    ck_assert(dyn_bytes_equal((dyn_bytes){all.data, all.size_bytes}, rows));
}

START_TEST(rows_are_cut_where_they_share_least_and_joined_again)
{
    uint64_t state = (uint64_t)_i;
    for (int round = 0; round < 40; round++) {
        const model *m = random_model(&state, 2 + unit_random(&state, 50));
        if (m->count < 2) continue;
        dyn_bytes rows = written_of(m, 0, m->count);
        uint32_t size = (uint32_t)rows.size_bytes;
        size_t from = unit_random(&state, size);
        assert_cut(m, rows, from, from);
        assert_cut(m, rows, from, from + unit_random(&state, size));
        assert_cut(m, rows, size / 8 * 3, size / 8 * 5);
        dyn_call_end(&call);
        dyn_call_begin(&call);
    }
}
END_TEST

START_TEST(one_row_is_not_cut)
{
    uint64_t state = 1;
    dyn_leaf_cut cut;
    dyn_bytes rows = rows_of(written(random_model(&state, 1)));
    ck_assert_int_eq(dyn_leaf_cut_rows(&call, rows, 1, 2, &cut), DYN_OK);
    ck_assert_uint_eq(cut.key.size_bytes, 0);
    ck_assert(dyn_bytes_equal(cut.left, rows));
}
END_TEST

START_TEST(what_is_not_behind_is_not_joined)
{
    uint64_t state = 1;
    dyn_buffer all;
    dyn_bytes rows = rows_of(written(random_model(&state, 5)));
    dyn_buffer_begin(&all, &call, 1);
    ck_assert_int_eq(dyn_leaf_join(&call, rows, rows, &all), DYN_CORRUPT);
    dyn_buffer_begin(&all, &call, 1);
    ck_assert_int_eq(dyn_leaf_join(&call, dyn_bytes_text(""), rows, &all),
                     DYN_OK);
    ck_assert(dyn_bytes_equal((dyn_bytes){all.data, all.size_bytes}, rows));
}
END_TEST

/* ------------------------------------------------------------------ damage --
 */

static void try_cut(dyn_call *inner, dyn_bytes rows)
{
    dyn_leaf_cut cut;
    dyn_buffer all;
    size_t half = rows.size_bytes / 2;
    if (dyn_leaf_cut_rows(inner, rows, half, half, &cut) != DYN_OK ||
        cut.key.size_bytes == 0)
        return;
    ck_assert_uint_lt(cut.first.shared, cut.key.size_bytes);
    dyn_buffer_begin(&all, inner, rows.size_bytes);
    dyn_leaf_add_right(&all, &cut);
    (void)dyn_leaf_join(inner, rows, (dyn_bytes){all.data, all.size_bytes},
                        &all);
}

/* Whatever is done with them, bytes lead nobody outside of them (the sanitizers
 * see that), and keys come in order. */
static void try_rows(dyn_bytes rows, dyn_bytes key)
{
    dyn_call inner;
    dyn_leaf_place place;
    dyn_leaf_cursor cursor;
    dyn_row row = {.key = key, .large_id = 1};
    dyn_bytes last = {NULL, 0};
    int64_t count = 0;
    dyn_leaf_heads heads;
    dyn_leaf leaf = {.rows = rows};
    if (dyn_leaf_make_heads(rows, &heads)) leaf.heads = &heads;
    dyn_call_begin(&inner);
    (void)dyn_leaf_count(rows, &count);
    if (dyn_leaf_seek(rows, NULL, key, &place)) {
        dyn_buffer data;
        dyn_bytes out;
        dyn_leaf_begin(&data, &inner, LEAF_BYTES, &whole);
        dyn_leaf_splice(&data, &place, &row, false);
        if (place.is_found) dyn_leaf_splice(&data, &place, &row, true);
        (void)dyn_leaf_end(&data, TREE, LEAF_BYTES, &out);
    }
    try_cut(&inner, rows);
    bool is_there = dyn_leaf_cursor_begin(&leaf, key, &cursor);
    while (is_there &&
           dyn_leaf_cursor_next(&inner, &cursor, &is_there, &row) == DYN_OK &&
           is_there) {
        ck_assert_int_lt(dyn_bytes_compare(last, row.key), 0);
        last = row.key;
    }
    dyn_call_end(&inner);
}

static model *random_model(uint64_t *state, uint32_t rows)
{
    static model m;
    m.count = 0;
    for (uint32_t i = 0; i < rows; i++) {
        dyn_row row = random_row(state);
        model_put(&m, &row);
    }
    return &m;
}

START_TEST(a_changed_byte_is_noticed)
{
    uint64_t state = (uint64_t)_i;
    dyn_bytes data = written(random_model(&state, 30));
    unsigned char *bytes = (unsigned char *)data.data;
    size_t used = DYN_LEAF_HEADER_BYTES + 2 + rows_of(data).size_bytes;
    dyn_leaf leaf;
    for (size_t i = 0; i < used; i++) {
        unsigned char change = (unsigned char)(1 + unit_random(&state, 255));
        bytes[i] ^= change;
        ck_assert(!dyn_leaf_open(data, TREE, &leaf));
        bytes[i] ^= change;
    }
    for (size_t size = 0; size < used; size++)
        ck_assert(!dyn_leaf_open((dyn_bytes){bytes, size}, TREE, &leaf));
    ck_assert(dyn_leaf_open((dyn_bytes){bytes, used}, TREE, &leaf));
}
END_TEST

START_TEST(damage_that_is_not_noticed_is_harmless)
{
    uint64_t state = (uint64_t)_i;
    for (int round = 0; round < 2000; round++) {
        dyn_bytes data =
            written(random_model(&state, 1 + (uint32_t)round % 40));
        dyn_bytes rows = rows_of(data);
        unsigned char *bytes = (unsigned char *)rows.data;
        uint32_t changes = unit_random(&state, 4);
        for (uint32_t i = 0; i < changes; i++) {
            bytes[unit_random(&state, (uint32_t)rows.size_bytes)] =
                (unsigned char)unit_random(&state, 256);
        }
        if (unit_random(&state, 4) == 0)
            rows.size_bytes = unit_random(&state, (uint32_t)rows.size_bytes);
        /* at the end of memory of its own */
        unsigned char *copy = malloc(rows.size_bytes + 1);
        memcpy(copy + 1, rows.data, rows.size_bytes);
        rows.data = copy + 1;
        try_rows(rows, random_row(&state).key);
        free(copy);
        dyn_call_end(&call);
        dyn_call_begin(&call);
    }
}
END_TEST

/* Bounds that end nowhere, under a check that is right. */
START_TEST(bounds_end_in_the_leaf)
{
    static const char bodies[][2] = {"\x05", {0, 9}, {'\xff', '\xff'}, "\x01"};
    unsigned char data[64] = {0};
    size_t size = bodies[_i][1] == 0 ? 1 : 2;
    dyn_leaf leaf;
    data[4] = (unsigned char)size;
    data[6] = TREE;
    memcpy(data + DYN_LEAF_HEADER_BYTES, bodies[_i], size);
    uint64_t check = XXH3_64bits(data + 4, DYN_LEAF_HEADER_BYTES - 4 + size);
    for (int i = 0; i < 4; i++)
        data[i] = (unsigned char)(check >> 8 * i);
    ck_assert(!dyn_leaf_open((dyn_bytes){data, sizeof(data)}, TREE, &leaf));
}
END_TEST

/* Whatever allocation fails, that is told. */
static void assert_survives(dyn_status (*run)(dyn_call *, dyn_bytes))
{
    uint64_t state = 1;
    dyn_bytes rows = rows_of(written(random_model(&state, 200)));
    for (int countdown = 0; countdown < 20; countdown++) {
        dyn_call inner;
        dyn_call_begin(&inner);
        fault_set(countdown);
        dyn_status status = run(&inner, rows);
        fault_set_off();
        ck_assert_int_eq(status, fault_hit() ? DYN_NOMEM : DYN_OK);
        dyn_call_end(&inner);
        if (!fault_hit()) return;
    }
    ck_abort_msg("never succeeded");
}

static dyn_status read_all(dyn_call *inner, dyn_bytes rows)
{
    dyn_leaf_cursor cursor;
    dyn_row row;
    bool is_there = true;
    const dyn_leaf leaf = {.rows = rows};
    ck_assert(dyn_leaf_cursor_begin(&leaf, (dyn_bytes){NULL, 0}, &cursor));
    while (is_there)
        DYN_TRY(dyn_leaf_cursor_next(inner, &cursor, &is_there, &row));
    return DYN_OK;
}

static dyn_status cut_and_join(dyn_call *inner, dyn_bytes rows)
{
    dyn_leaf_cut cut;
    dyn_buffer right;
    dyn_buffer all;
    dyn_bytes bytes;
    size_t half = rows.size_bytes / 2;
    DYN_TRY(dyn_leaf_cut_rows(inner, rows, half, half, &cut));
    dyn_buffer_begin(&right, inner, 1);
    dyn_leaf_add_right(&right, &cut);
    DYN_TRY(dyn_buffer_end(&right, &bytes));
    dyn_buffer_begin(&all, inner, 1);
    return dyn_leaf_join(inner, cut.left, bytes, &all);
}

START_TEST(lack_of_memory_is_told)
{
    assert_survives(read_all);
    assert_survives(cut_and_join);
}
END_TEST

int main(void)
{
    fault_install();
    TCase *tests = tcase_create("leaf");
    tcase_set_timeout(tests, 60);
    tcase_add_checked_fixture(tests, call_setup, call_teardown);
    tcase_add_loop_test(tests, random_changes_are_those_of_a_model, 0, 8);
    tcase_add_loop_test(tests, changed_heads_are_enough, 0,
                        sizeof(arrivals) / sizeof(arrivals[0]));
    tcase_add_loop_test(tests, heads_lead_to_the_same_places, 0,
                        COUNT_OF(headed));
    tcase_add_test(tests, a_leaf_knows_its_keys);
    tcase_add_test(tests, what_does_not_fit_stays_longer);
    tcase_add_loop_test(
        tests, rows_are_cut_where_they_share_least_and_joined_again, 0, 8);
    tcase_add_test(tests, one_row_is_not_cut);
    tcase_add_test(tests, what_is_not_behind_is_not_joined);
    tcase_add_loop_test(tests, a_changed_byte_is_noticed, 0, 4);
    tcase_add_loop_test(tests, damage_that_is_not_noticed_is_harmless, 0, 4);
    tcase_add_loop_test(tests, bounds_end_in_the_leaf, 0, 4);
    tcase_add_test(tests, lack_of_memory_is_told);
    return unit_run("leaf", tests);
}
