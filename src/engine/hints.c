/*
 * A table for each tree, with a place for each beginning of a key's hash, which
 * grows as long as leaves drive each other out. A place has room for two of
 * them, for leaves begin and end within places. What it remembers of a leaf are
 * the hashes that are in it for certain, by their first four bytes; those at
 * its edges may be there, too.
 *
 * Where items of one partition key fill several leaves, its hash does not tell
 * which one is meant. Then another table remembers the key itself, by a hash of
 * all of it.
 */
#include "engine/hints.h"

#include "base/sqlite.h"
#include "engine/leaf_cache.h"
#include "item/key.h"

#include <stdatomic.h>

enum {
    TREES = 32, /* as store.h has them, which needs this */
    BITS_LEAST = 6,
    BITS_MOST = 20,
    KEY_BITS_MOST = 16,
    WAYS = 2
};

typedef struct hint {
    uint32_t low;  /* hashes that begin with this */
    uint32_t high; /* to less than this; 0: there is no hint */
    int64_t leaf;
} hint;

typedef struct place {
    hint ways[WAYS]; /* the last one first */
} place;

typedef struct table {
    place *all;    /* NULL: there are none yet */
    unsigned bits; /* of a hash, that tell the place */
    unsigned bits_most;
    size_t asked;      /* since the table is of this size, or was not crowded */
    size_t driven_out; /* hints, by those of other leaves */
} table;

struct dyn_hints {
    table by_hash[TREES];
    table by_key[TREES];
};

static atomic_llong all_bytes; /* of the process */

dyn_hints *dyn_hints_open(void)
{
    dyn_hints *hints = sqlite3_malloc64(sizeof(*hints));
    if (hints == NULL) return NULL;
    memset(hints, 0, sizeof(*hints));
    for (int i = 0; i < TREES; i++) {
        hints->by_hash[i].bits_most = BITS_MOST;
        hints->by_key[i].bits_most = KEY_BITS_MOST;
    }
    return hints;
}

static size_t places(unsigned bits)
{
    return (size_t)1 << bits;
}

static int64_t bytes_of(unsigned bits)
{
    return (int64_t)(places(bits) * sizeof(place));
}

static void end(table *t)
{
    if (t->all == NULL) return;
    atomic_fetch_sub(&all_bytes, bytes_of(t->bits));
    sqlite3_free(t->all);
}

void dyn_hints_close(dyn_hints *hints)
{
    if (hints == NULL) return;
    for (int i = 0; i < TREES; i++) {
        end(&hints->by_hash[i]);
        end(&hints->by_key[i]);
    }
    sqlite3_free(hints);
}

static uint32_t first_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

static size_t place_of(const table *t, uint32_t first)
{
    return first >> (32 - t->bits);
}

static bool has(const hint *h, uint32_t first)
{
    return first >= h->low && first < h->high;
}

/* ---------------------------------------------------------------- growing --
 */

/* Returns false when there is no memory, and nothing is changed. */
static bool begin(table *t)
{
    size_t bytes = (size_t)bytes_of(BITS_LEAST);
    if (t->all != NULL) return true;
    t->all = sqlite3_malloc64(bytes);
    if (t->all == NULL) return false;
    memset(t->all, 0, bytes);
    t->bits = BITS_LEAST;
    atomic_fetch_add(&all_bytes, (int64_t)bytes);
    return true;
}

/* Twice as many places, as far as there is memory for them. */
static void grow(table *t)
{
    size_t count = places(t->bits);
    place *more = sqlite3_realloc64(t->all, 2 * count * sizeof(place));
    if (more == NULL) return;
    for (size_t i = count; i > 0; i--) {
        more[2 * i - 1] = more[i - 1];
        more[2 * i - 2] = more[i - 1];
    }
    atomic_fetch_add(&all_bytes, bytes_of(t->bits));
    t->all = more;
    t->bits++;
}

/* Grow when more than a part of what was asked was driven out. */
static void grow_if_crowded(table *t)
{
    enum { PART = 32 };
    if (t->asked < places(t->bits)) return;
    bool is_crowded = t->driven_out > t->asked / PART;
    t->asked = 0;
    t->driven_out = 0;
    if (is_crowded && t->bits < t->bits_most &&
        atomic_load(&all_bytes) + bytes_of(t->bits) <=
            dyn_leaf_cache_limit() / 8)
        grow(t);
}

/* ----------------------------------------------------------------- asking --
 */

/* Whether a leaf that begins or ends there may have it, too. */
static bool may_have(const hint *h, uint32_t first)
{
    return h->high > 0 && first + UINT64_C(1) >= h->low && first <= h->high;
}

static bool has_tree(const dyn_hints *hints, int64_t tree)
{
    return hints != NULL && tree >= 0 && tree < TREES;
}

/* The first bytes of a key or bound. *is_whole tells whether it has no more. */
static uint64_t first_bytes(dyn_bytes bound, bool *is_whole)
{
    unsigned char bytes[DYN_KEY_HASH_BYTES] = {0};
    *is_whole = bound.size_bytes <= sizeof(bytes);
    if (bound.size_bytes > 0)
        memcpy(bytes, bound.data, *is_whole ? bound.size_bytes : sizeof(bytes));
    return dyn_key_hash((dyn_bytes){bytes, sizeof(bytes)});
}

typedef struct asking {
    dyn_hint *out;
    size_t count;
} asking;

static void tell(asking *a, int64_t leaf, bool is_certain)
{
    a->out[a->count++] = (dyn_hint){leaf, is_certain};
}

/* Those of a place that have it for certain, or those that may have it. */
static void find(const table *t, uint32_t first, bool is_certain, asking *a)
{
    if (t->all == NULL) return;
    const hint *ways = t->all[place_of(t, first)].ways;
    for (int i = 0; i < WAYS; i++) {
        if (has(&ways[i], first) == is_certain && may_have(&ways[i], first))
            tell(a, ways[i].leaf, is_certain);
    }
}

size_t dyn_hints_find(dyn_hints *hints, int64_t tree, dyn_bytes key,
                      dyn_hint out[DYN_HINTS_MAX])
{
    bool is_whole = false;
    asking a = {out, 0};
    if (!has_tree(hints, tree)) return 0;
    table *by_hash = &hints->by_hash[tree];
    table *by_key = &hints->by_key[tree];
    uint32_t first = first_of(first_bytes(key, &is_whole));
    by_hash->asked++;
    find(by_hash, first, true, &a);
    if (a.count > 0) return a.count;
    by_key->asked++;
    if (by_key->all != NULL)
        find(by_key, first_of(dyn_key_digest(key)), true, &a);
    find(by_hash, first, false, &a);
    return a.count;
}

/* A leaf: what it has for certain, and with that what it has a part of. */
typedef struct extent {
    hint sure; /* nothing if high is not more than low */
    hint all;
} extent;

/* Whether a bound, with its first bytes, is behind some of the hashes that
 * begin as it does. */
static bool is_between(uint64_t first, bool is_whole)
{
    return !is_whole || (first & UINT32_MAX) > 0;
}

static extent extent_of(const dyn_leaf *leaf)
{
    bool is_whole = false;
    uint64_t first = first_bytes(leaf->low, &is_whole);
    extent e = {.all = {first_of(first), UINT32_MAX, leaf->id}};
    e.sure = e.all;
    if (is_between(first, is_whole) && e.sure.low < UINT32_MAX) e.sure.low++;
    if (leaf->high.size_bytes == 0) return e;
    first = first_bytes(leaf->high, &is_whole);
    e.sure.high = first_of(first);
    e.all.high = e.sure.high + is_between(first, is_whole);
    return e;
}

/* Take out of a hint what is now in another leaf. One of the same leaf is out
 * of date. */
static void correct(hint *h, const hint *newer)
{
    bool is_apart = h->low >= newer->high || h->high <= newer->low;
    if (is_apart) return;
    if (h->leaf != newer->leaf && h->low < newer->low)
        h->high = newer->low;
    else if (h->leaf != newer->leaf && h->high > newer->high)
        h->low = newer->high;
    else
        h->high = 0;
}

/* The places of the hashes that a leaf has or may have. */
static size_t first_place(const table *t, const hint *h)
{
    return place_of(t, h->low > 0 ? h->low - 1 : 0);
}

static size_t last_place(const table *t, const hint *h)
{
    return place_of(t, h->high);
}

static bool is_of_place(const table *t, const hint *h, size_t number)
{
    return h->high > 0 && first_place(t, h) <= number &&
           last_place(t, h) >= number;
}

static void add_at(table *t, size_t number, const extent *e)
{
    hint *ways = t->all[number].ways;
    for (int i = 0; i < WAYS; i++)
        correct(&ways[i], &e->all);
    if (e->sure.high <= e->sure.low) return;
    if (is_of_place(t, &ways[0], number)) {
        if (is_of_place(t, &ways[1], number)) t->driven_out++;
        ways[1] = ways[0];
    }
    ways[0] = e->sure;
}

/* Add a hint where a hash has its place, and beside that. */
static void add(table *t, const extent *e, uint32_t at)
{
    enum { BESIDE_MOST = 4 };
    if (!begin(t)) return;
    grow_if_crowded(t);
    size_t number = place_of(t, at);
    size_t first = first_place(t, &e->sure);
    size_t last = last_place(t, &e->sure);
    if (number > first + BESIDE_MOST) first = number - BESIDE_MOST;
    if (last > number + BESIDE_MOST) last = number + BESIDE_MOST;
    for (size_t i = first; i <= last; i++)
        add_at(t, i, e);
}

static void add_by_key(dyn_hints *hints, int64_t tree, dyn_bytes key,
                       int64_t leaf)
{
    uint64_t digest = dyn_key_digest(key);
    uint32_t first = first_of(digest);
    if (first == UINT32_MAX) return;
    const hint h = {first, first + 1, leaf};
    const extent e = {h, h};
    add(&hints->by_key[tree], &e, first);
}

void dyn_hints_add(dyn_hints *hints, int64_t tree, dyn_bytes key,
                   const dyn_leaf *leaf)
{
    bool is_whole = false;
    if (!has_tree(hints, tree)) return;
    const extent e = extent_of(leaf);
    uint32_t first = first_of(first_bytes(key, &is_whole));
    add(&hints->by_hash[tree], &e, first);
    if (!has(&e.sure, first)) add_by_key(hints, tree, key, leaf->id);
}

void dyn_hints_add_new(dyn_hints *hints, int64_t tree, const dyn_leaf *leaf)
{
    if (!has_tree(hints, tree)) return;
    const extent e = extent_of(leaf);
    add(&hints->by_hash[tree], &e, e.all.low + (e.all.high - e.all.low) / 2);
    if (leaf->low.size_bytes > DYN_KEY_HASH_BYTES)
        add_by_key(hints, tree, leaf->low, leaf->id);
}
