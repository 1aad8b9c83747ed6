/*
 * A table for each tree, with a place for each beginning of a key's hash, which
 * grows as long as leaves drive each other out. What it remembers of a leaf are
 * the hashes that are in it for certain: the first bytes of its bounds are all
 * that is compared.
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
    KEY_BITS_MOST = 16
};

typedef struct hint {
    uint64_t low;  /* hashes from here on */
    uint64_t high; /* to less than this; 0: there is no hint */
    int64_t leaf;
} hint;

typedef struct table {
    hint *all;     /* NULL: there are none yet */
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
    return (int64_t)(places(bits) * sizeof(hint));
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

static uint64_t beginning_of(const table *t, uint64_t hash)
{
    return hash >> (64 - t->bits);
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
    hint *more = sqlite3_realloc64(t->all, 2 * count * sizeof(hint));
    if (more == NULL) return;
    for (size_t i = count; i > 0; i--) {
        more[2 * i - 1] = more[i - 1];
        more[2 * i - 2] = more[i - 1];
    }
    atomic_fetch_add(&all_bytes, bytes_of(t->bits));
    t->all = more;
    t->bits++;
}

/* Grow when more than a sixth of what was asked was driven out. */
static void grow_if_crowded(table *t)
{
    if (t->asked < places(t->bits)) return;
    bool is_crowded = t->driven_out > t->asked / 6;
    t->asked = 0;
    t->driven_out = 0;
    if (is_crowded && t->bits < t->bits_most &&
        atomic_load(&all_bytes) + bytes_of(t->bits) <=
            dyn_leaf_cache_limit() / 8)
        grow(t);
}

/* ----------------------------------------------------------------- asking --
 */

static bool has_hash(const hint *h, uint64_t hash)
{
    return hash >= h->low && hash < h->high;
}

static int64_t find(table *t, uint64_t hash)
{
    const hint *h = &t->all[beginning_of(t, hash)];
    t->asked++;
    return has_hash(h, hash) ? h->leaf : 0;
}

static bool has_tree(const dyn_hints *hints, int64_t tree)
{
    return hints != NULL && tree >= 0 && tree < TREES;
}

static bool is_known(const dyn_hints *hints, int64_t tree, dyn_bytes key)
{
    return has_tree(hints, tree) && key.size_bytes >= DYN_KEY_HASH_BYTES;
}

int64_t dyn_hints_find(dyn_hints *hints, int64_t tree, dyn_bytes key)
{
    int64_t leaf = 0;
    if (!is_known(hints, tree, key)) return 0;
    table *by_hash = &hints->by_hash[tree];
    table *by_key = &hints->by_key[tree];
    if (by_hash->all != NULL) leaf = find(by_hash, dyn_key_hash(key));
    if (leaf == 0 && by_key->all != NULL)
        leaf = find(by_key, dyn_key_digest(key));
    return leaf;
}

/* The first bytes of a bound. *is_whole tells whether it has no more. */
static uint64_t first_bytes(dyn_bytes bound, bool *is_whole)
{
    unsigned char bytes[DYN_KEY_HASH_BYTES] = {0};
    *is_whole = bound.size_bytes <= sizeof(bytes);
    if (bound.size_bytes > 0)
        memcpy(bytes, bound.data, *is_whole ? bound.size_bytes : sizeof(bytes));
    return dyn_key_hash((dyn_bytes){bytes, sizeof(bytes)});
}

static hint hint_of(const dyn_leaf *leaf)
{
    bool is_whole = false;
    hint h = {.leaf = leaf->id, .high = UINT64_MAX};
    h.low = first_bytes(leaf->low, &is_whole);
    if (!is_whole && h.low < UINT64_MAX) h.low++;
    if (leaf->high.size_bytes > 0) h.high = first_bytes(leaf->high, &is_whole);
    return h;
}

/* Fill the places beside one, all of whose hashes are in the leaf, too. */
static void add_beside(table *t, const hint *h, uint64_t beginning)
{
    enum { BESIDE_MOST = 4 };
    uint64_t first = beginning_of(t, h->low) + 1;
    uint64_t end = beginning_of(t, h->high);
    if (beginning > first + BESIDE_MOST) first = beginning - BESIDE_MOST;
    if (end > beginning + BESIDE_MOST) end = beginning + BESIDE_MOST;
    for (uint64_t i = first; i < end; i++)
        t->all[i] = *h;
}

static void add(table *t, const hint *h, uint64_t hash)
{
    if (!begin(t)) return;
    grow_if_crowded(t);
    uint64_t beginning = beginning_of(t, hash);
    hint *place = &t->all[beginning];
    if (place->high != 0 && place->leaf != h->leaf) t->driven_out++;
    *place = *h;
    add_beside(t, h, beginning);
}

/* A hash is in several leaves: what told of one is out of date, and would go
 * before what is told of its keys. */
static void forget(table *t, uint64_t hash)
{
    if (t->all == NULL) return;
    hint *place = &t->all[beginning_of(t, hash)];
    if (has_hash(place, hash)) place->high = 0;
}

static void add_by_key(dyn_hints *hints, int64_t tree, dyn_bytes key,
                       int64_t leaf)
{
    uint64_t digest = dyn_key_digest(key);
    const hint h = {digest, digest + 1, leaf};
    forget(&hints->by_hash[tree], dyn_key_hash(key));
    add(&hints->by_key[tree], &h, digest);
}

void dyn_hints_add(dyn_hints *hints, int64_t tree, dyn_bytes key,
                   const dyn_leaf *leaf)
{
    if (!is_known(hints, tree, key)) return;
    const hint h = hint_of(leaf);
    uint64_t hash = dyn_key_hash(key);
    if (has_hash(&h, hash))
        add(&hints->by_hash[tree], &h, hash);
    else
        add_by_key(hints, tree, key, leaf->id);
}

void dyn_hints_add_new(dyn_hints *hints, int64_t tree, const dyn_leaf *leaf)
{
    if (!has_tree(hints, tree)) return;
    const hint h = hint_of(leaf);
    if (h.low < h.high)
        add(&hints->by_hash[tree], &h, h.low + (h.high - h.low) / 2);
    if (leaf->low.size_bytes > DYN_KEY_HASH_BYTES)
        add_by_key(hints, tree, leaf->low, leaf->id);
}
