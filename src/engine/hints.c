/*
 * A table of fixed size, with a place for each beginning of a key's hash. What
 * it remembers of a leaf are the hashes that are in it for certain: the first
 * bytes of its bounds are all that is compared.
 */
#include "engine/hints.h"

#include "base/sqlite.h"
#include "item/key.h"

enum { HINTS_BITS = 12, HINTS = 1 << HINTS_BITS };

typedef struct hint {
    uint64_t low;  /* hashes from here on */
    uint64_t high; /* to less than this */
    int64_t leaf;
    int32_t tree;
    uint32_t epoch; /* those of another one are forgotten */
} hint;

struct dyn_hints {
    uint32_t epoch;
    hint all[HINTS];
};

dyn_hints *dyn_hints_open(void)
{
    dyn_hints *hints = sqlite3_malloc64(sizeof(*hints));
    if (hints == NULL) return NULL;
    memset(hints, 0, sizeof(*hints));
    hints->epoch = 1;
    return hints;
}

void dyn_hints_close(dyn_hints *hints)
{
    sqlite3_free(hints);
}

void dyn_hints_forget(dyn_hints *hints)
{
    if (hints != NULL) hints->epoch++;
}

/* Hashes are spread evenly in every tree. So each tree begins at another place,
 * or the hints of several trees would drive each other out. */
static size_t place_of(int64_t tree, uint64_t hash)
{
    static const size_t apart = HINTS / 32 + 1;
    return ((size_t)(hash >> (64 - HINTS_BITS)) + (size_t)tree * apart) % HINTS;
}

int64_t dyn_hints_find(const dyn_hints *hints, int64_t tree, dyn_bytes key)
{
    if (hints == NULL || key.size_bytes < DYN_KEY_HASH_BYTES) return 0;
    uint64_t hash = dyn_key_hash(key);
    const hint *h = &hints->all[place_of(tree, hash)];
    bool is_there = h->epoch == hints->epoch && h->tree == tree &&
                    hash >= h->low && hash < h->high;
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

void dyn_hints_add(dyn_hints *hints, int64_t tree, dyn_bytes key,
                   const dyn_leaf *leaf)
{
    bool is_whole = false;
    if (hints == NULL || key.size_bytes < DYN_KEY_HASH_BYTES) return;
    hint h = {.leaf = leaf->id,
              .tree = (int32_t)tree,
              .epoch = hints->epoch,
              .high = UINT64_MAX};
    h.low = first_bytes(leaf->low, &is_whole);
    if (!is_whole && h.low < UINT64_MAX) h.low++;
    if (leaf->high.size_bytes > 0) h.high = first_bytes(leaf->high, &is_whole);
    hints->all[place_of(tree, dyn_key_hash(key))] = h;
}
