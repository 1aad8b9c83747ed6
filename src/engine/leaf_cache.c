/* Leaves that are kept: a table of fixed size, with a place for each end of an
 * id. The contracts are in leaf_cache.h. */
#include "engine/leaf_cache.h"

#include "base/sqlite.h"

#include <stdatomic.h>

enum { PLACES = 4096, LEAF_BYTES_MAX = 64 * 1024 };

/* A leaf, and behind it its bytes. */
typedef struct kept {
    int64_t tree;
    int64_t changes; /* of the connection, when it was read */
    uint64_t epoch;  /* those of another one are forgotten */
    size_t room;     /* for bytes */
    dyn_leaf leaf;
    unsigned char bytes[];
} kept;

struct dyn_leaf_cache {
    uint64_t epoch;
    kept *all[PLACES];
};

static atomic_size_t all_bytes; /* of the process */

dyn_leaf_cache *dyn_leaf_cache_open(void)
{
    dyn_leaf_cache *cache = sqlite3_malloc64(sizeof(*cache));
    if (cache != NULL) memset(cache, 0, sizeof(*cache));
    return cache;
}

static void drop(kept **place)
{
    if (*place == NULL) return;
    atomic_fetch_sub(&all_bytes, sizeof(kept) + (*place)->room);
    sqlite3_free(*place);
    *place = NULL;
}

void dyn_leaf_cache_close(dyn_leaf_cache *cache)
{
    if (cache == NULL) return;
    for (size_t i = 0; i < PLACES; i++)
        drop(&cache->all[i]);
    sqlite3_free(cache);
}

void dyn_leaf_cache_forget(dyn_leaf_cache *cache)
{
    if (cache != NULL) cache->epoch++;
}

static size_t place_of(int64_t id)
{
    return (size_t)id % PLACES;
}

const dyn_leaf *dyn_leaf_cache_find(const dyn_leaf_cache *cache, int64_t tree,
                                    int64_t id, int64_t changes)
{
    if (cache == NULL) return NULL;
    const kept *k = cache->all[place_of(id)];
    bool is_known = k != NULL && k->leaf.id == id && k->tree == tree &&
                    k->epoch == cache->epoch && k->changes == changes;
    return is_known ? &k->leaf : NULL;
}

/* Room for so many bytes at a place. */
static kept *make_room(kept **place, size_t bytes)
{
    if (*place != NULL && (*place)->room >= bytes) return *place;
    drop(place);
    size_t more = sizeof(kept) + bytes;
    if (atomic_fetch_add(&all_bytes, more) + more <= DYN_LEAF_CACHE_BYTES_MAX)
        *place = sqlite3_malloc64(more);
    if (*place == NULL) {
        atomic_fetch_sub(&all_bytes, more);
        return NULL;
    }
    (*place)->room = bytes;
    return *place;
}

/* Copy bytes behind those that are there; *at is where they end. */
static dyn_bytes put(kept *k, size_t *at, dyn_bytes bytes)
{
    unsigned char *to = k->bytes + *at;
    if (bytes.size_bytes > 0) memcpy(to, bytes.data, bytes.size_bytes);
    *at += bytes.size_bytes;
    return (dyn_bytes){to, bytes.size_bytes};
}

void dyn_leaf_cache_add(dyn_leaf_cache *cache, int64_t tree,
                        const dyn_leaf *leaf, int64_t changes)
{
    size_t at = 0;
    size_t bytes =
        leaf->low.size_bytes + leaf->high.size_bytes + leaf->rows.size_bytes;
    if (cache == NULL || bytes > LEAF_BYTES_MAX) return;
    kept *k = make_room(&cache->all[place_of(leaf->id)], bytes);
    if (k == NULL) return;
    k->tree = tree;
    k->changes = changes;
    k->epoch = cache->epoch;
    k->leaf.id = leaf->id;
    k->leaf.low = put(k, &at, leaf->low);
    k->leaf.high = put(k, &at, leaf->high);
    k->leaf.rows = put(k, &at, leaf->rows);
}
