/*
 * A table with a place for each beginning of a key's hash, which grows as long
 * as leaves drive each other out. What it remembers of a leaf are the hashes
 * that are in it for certain: the first bytes of its bounds are all that is
 * compared.
 */
#include "engine/hints.h"

#include "base/sqlite.h"
#include "engine/leaf_cache.h"
#include "item/key.h"

#include <stdatomic.h>

enum { BITS_LEAST = 8, BITS_MOST = 20 };

typedef struct hint {
    uint64_t low;  /* hashes from here on */
    uint64_t high; /* to less than this; 0: there is no hint */
    int64_t leaf;
    int64_t tree;
} hint;

struct dyn_hints {
    unsigned bits; /* of a hash, that tell the place */
    hint *all;
    size_t asked;      /* since the table is of this size */
    size_t driven_out; /* hints, by those of other leaves */
};

static atomic_llong all_bytes; /* of the process */

static size_t places(unsigned bits)
{
    return (size_t)1 << bits;
}

/* Begin an empty table. Returns false, having changed nothing, when there is no
 * memory for it. */
static bool begin(dyn_hints *hints, unsigned bits)
{
    size_t bytes = places(bits) * sizeof(hint);
    hint *all = sqlite3_malloc64(bytes);
    if (all == NULL) return false;
    memset(all, 0, bytes);
    sqlite3_free(hints->all);
    *hints = (dyn_hints){.bits = bits, .all = all};
    return true;
}

static int64_t bytes_of(const dyn_hints *hints)
{
    return (int64_t)(places(hints->bits) * sizeof(hint));
}

dyn_hints *dyn_hints_open(void)
{
    dyn_hints *hints = sqlite3_malloc64(sizeof(*hints));
    if (hints == NULL) return NULL;
    hints->all = NULL;
    if (!begin(hints, BITS_LEAST)) {
        sqlite3_free(hints);
        return NULL;
    }
    atomic_fetch_add(&all_bytes, bytes_of(hints));
    return hints;
}

void dyn_hints_close(dyn_hints *hints)
{
    if (hints == NULL) return;
    atomic_fetch_sub(&all_bytes, bytes_of(hints));
    sqlite3_free(hints->all);
    sqlite3_free(hints);
}

/* Twice as many places, when an eighth of what was asked was driven out, and
 * there is room. What is remembered is found again soon enough. */
static void grow_if_crowded(dyn_hints *hints)
{
    int64_t bytes = bytes_of(hints);
    if (hints->asked < places(hints->bits)) return;
    bool is_crowded = hints->driven_out > hints->asked / 8;
    hints->asked = 0;
    hints->driven_out = 0;
    if (is_crowded && hints->bits < BITS_MOST &&
        atomic_load(&all_bytes) + bytes <= dyn_leaf_cache_limit() / 8 &&
        begin(hints, hints->bits + 1))
        atomic_fetch_add(&all_bytes, bytes);
}

/* Hashes are spread evenly in every tree. So each tree begins at another place,
 * or the hints of several trees would drive each other out. */
static hint *place_of(const dyn_hints *hints, int64_t tree, uint64_t beginning)
{
    size_t count = places(hints->bits);
    size_t apart = count / 32 + 1;
    return &hints
                ->all[((size_t)beginning + (size_t)tree * apart) & (count - 1)];
}

static uint64_t beginning_of(const dyn_hints *hints, uint64_t hash)
{
    return hash >> (64 - hints->bits);
}

int64_t dyn_hints_find(dyn_hints *hints, int64_t tree, dyn_bytes key)
{
    if (hints == NULL || key.size_bytes < DYN_KEY_HASH_BYTES) return 0;
    uint64_t hash = dyn_key_hash(key);
    hints->asked++;
    const hint *h = place_of(hints, tree, beginning_of(hints, hash));
    bool is_there = h->tree == tree && hash >= h->low && hash < h->high;
    return is_there ? h->leaf : 0;
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

static hint hint_of(int64_t tree, const dyn_leaf *leaf)
{
    bool is_whole = false;
    hint h = {.leaf = leaf->id, .tree = tree, .high = UINT64_MAX};
    h.low = first_bytes(leaf->low, &is_whole);
    if (!is_whole && h.low < UINT64_MAX) h.low++;
    if (leaf->high.size_bytes > 0) h.high = first_bytes(leaf->high, &is_whole);
    return h;
}

/* Fill the places beside one, all of whose hashes are in the leaf, too. */
static void add_beside(dyn_hints *hints, const hint *h, uint64_t beginning)
{
    enum { BESIDE_MOST = 4 };
    uint64_t first = beginning_of(hints, h->low) + 1;
    uint64_t end = beginning_of(hints, h->high);
    if (beginning > first + BESIDE_MOST) first = beginning - BESIDE_MOST;
    if (end > beginning + BESIDE_MOST) end = beginning + BESIDE_MOST;
    for (uint64_t i = first; i < end; i++)
        *place_of(hints, h->tree, i) = *h;
}

void dyn_hints_add(dyn_hints *hints, int64_t tree, dyn_bytes key,
                   const dyn_leaf *leaf)
{
    if (hints == NULL || key.size_bytes < DYN_KEY_HASH_BYTES) return;
    hint h = hint_of(tree, leaf);
    if (h.low >= h.high) return; /* it has but a part of one hash */
    grow_if_crowded(hints);
    uint64_t beginning = beginning_of(hints, dyn_key_hash(key));
    hint *place = place_of(hints, tree, beginning);
    if (place->high != 0 && (place->tree != tree || place->leaf != leaf->id))
        hints->driven_out++;
    *place = h;
    add_beside(hints, &h, beginning);
}
