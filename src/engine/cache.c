/*
 * Caches; the contracts are in cache.h. Entries are found by chains of their
 * hashes, and lie in one list in the order of their last use.
 */
#include "engine/cache.h"

#include "base/sqlite.h"

#include <assert.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

typedef struct entry {
    struct entry *next; /* of the chain */
    struct entry *newer;
    struct entry *older;
    uint64_t hash;
    int64_t begin_ms; /* since 1970 */
    uint32_t halves;
    uint32_t key_bytes;
    uint32_t value_bytes;
    uint8_t kind;
    unsigned char data[]; /* the key, then the value */
} entry;

struct dyn_cache {
    dyn_cache_settings settings;
    dyn_cache_counts counts[DYN_CACHE_KINDS];
    entry *newest;
    entry *oldest;
    entry **chains;
    size_t chain_count; /* a power of two */
    size_t entry_count;
};

enum { CHAINS_FIRST = 64 };

dyn_cache *dyn_cache_open(const dyn_cache_settings *settings)
{
    size_t chains_bytes = CHAINS_FIRST * sizeof(entry *);
    dyn_cache *cache = sqlite3_malloc64(sizeof(*cache));
    entry **chains = sqlite3_malloc64(chains_bytes);
    if (cache == NULL || chains == NULL) {
        sqlite3_free(cache);
        sqlite3_free(chains);
        return NULL;
    }
    memset(chains, 0, chains_bytes);
    *cache = (dyn_cache){
        .settings = *settings,
        .chains = chains,
        .chain_count = CHAINS_FIRST,
    };
    return cache;
}

void dyn_cache_close(dyn_cache *cache)
{
    if (cache == NULL) return;
    for (int kind = 0; kind < DYN_CACHE_KINDS; kind++)
        dyn_cache_clear(cache, (dyn_cache_kind)kind);
    sqlite3_free(cache->chains);
    sqlite3_free(cache);
}

const dyn_cache_counts *dyn_cache_counts_of(const dyn_cache *cache,
                                            dyn_cache_kind kind)
{
    return &cache->counts[kind];
}

/* --------------------------------------------------------------- entries -- */

static entry **chain_of(const dyn_cache *cache, uint64_t hash)
{
    return &cache->chains[hash & (cache->chain_count - 1)];
}

/* With what it takes of the chains, of which there is one or two for each. */
static int64_t size_of(size_t key_bytes, size_t value_bytes)
{
    return (int64_t)(sizeof(entry) + 2 * sizeof(entry *) + key_bytes +
                     value_bytes);
}

static dyn_bytes value_of(const entry *e)
{
    return (dyn_bytes){e->data + e->key_bytes, e->value_bytes};
}

static void list(dyn_cache *cache, entry *e)
{
    e->newer = NULL;
    e->older = cache->newest;
    if (cache->newest != NULL) cache->newest->newer = e;
    cache->newest = e;
    if (cache->oldest == NULL) cache->oldest = e;
}

static void unlist(dyn_cache *cache, const entry *e)
{
    *(e->newer != NULL ? &e->newer->older : &cache->newest) = e->older;
    *(e->older != NULL ? &e->older->newer : &cache->oldest) = e->newer;
}

static void count(dyn_cache *cache, const entry *e, int64_t entries)
{
    dyn_cache_counts *counts = &cache->counts[e->kind];
    counts->entries += entries;
    counts->bytes += entries * size_of(e->key_bytes, e->value_bytes);
    cache->entry_count += (size_t)entries;
}

/* The link of a chain to the entry of a key, or to the end of the chain. */
static entry **find_link(const dyn_cache *cache, dyn_cache_kind kind,
                         dyn_bytes key, uint64_t hash)
{
    entry **link = chain_of(cache, hash);
    for (; *link != NULL; link = &(*link)->next) {
        const entry *e = *link;
        if (e->hash == hash && e->kind == kind &&
            dyn_bytes_equal((dyn_bytes){e->data, e->key_bytes}, key)) {
            break;
        }
    }
    return link;
}

static void remove_at(dyn_cache *cache, entry **link)
{
    entry *e = *link;
    *link = e->next;
    unlist(cache, e);
    count(cache, e, -1);
    sqlite3_free(e);
}

static void remove_entry(dyn_cache *cache, const entry *e)
{
    entry **link = chain_of(cache, e->hash);
    while (*link != e)
        link = &(*link)->next;
    remove_at(cache, link);
}

static uint64_t hash_of(dyn_cache_kind kind, dyn_bytes key)
{
    return XXH3_64bits_withSeed(key.data, key.size_bytes, (uint64_t)kind);
}

/* --------------------------------------------------------------- finding -- */

bool dyn_cache_find(dyn_cache *cache, dyn_cache_kind kind, dyn_bytes key,
                    int64_t now_ms, dyn_bytes *out)
{
    dyn_cache_counts *counts = &cache->counts[kind];
    entry **link = find_link(cache, kind, key, hash_of(kind, key));
    entry *e = *link;
    if (e == NULL) return false;
    if (now_ms < e->begin_ms ||
        now_ms - e->begin_ms >= cache->settings.keep_ms[kind]) {
        counts->expired++;
        remove_at(cache, link);
        return false;
    }
    if (e != cache->newest) {
        unlist(cache, e);
        list(cache, e);
    }
    counts->hits++;
    counts->halves_saved += e->halves;
    *out = value_of(e);
    return true;
}

void dyn_cache_missed(dyn_cache *cache, dyn_cache_kind kind)
{
    cache->counts[kind].misses++;
}

void dyn_cache_clear(dyn_cache *cache, dyn_cache_kind kind)
{
    entry *next = NULL;
    for (entry *e = cache->newest; e != NULL; e = next) {
        next = e->older;
        if (e->kind == kind) remove_entry(cache, e);
    }
}

/* --------------------------------------------------------------- keeping -- */

/* As many chains as entries, at least. Without memory they stay, and are
 * longer. */
static void grow(dyn_cache *cache)
{
    if (cache->entry_count < cache->chain_count) return;
    size_t chain_count = 2 * cache->chain_count;
    entry **chains = sqlite3_malloc64(chain_count * sizeof(entry *));
    if (chains == NULL) return;
    memset(chains, 0, chain_count * sizeof(entry *));
    sqlite3_free(cache->chains);
    cache->chains = chains;
    cache->chain_count = chain_count;
    for (entry *e = cache->newest; e != NULL; e = e->older) {
        entry **chain = chain_of(cache, e->hash);
        e->next = *chain;
        *chain = e;
    }
}

static int64_t bytes_of(const dyn_cache *cache)
{
    int64_t bytes = 0;
    for (int kind = 0; kind < DYN_CACHE_KINDS; kind++)
        bytes += cache->counts[kind].bytes;
    return bytes;
}

static void make_room(dyn_cache *cache, int64_t size_bytes)
{
    int64_t most = cache->settings.bytes_max - size_bytes;
    while (cache->oldest != NULL && bytes_of(cache) > most) {
        cache->counts[cache->oldest->kind].evictions++;
        remove_entry(cache, cache->oldest);
    }
}

static entry *new_entry(dyn_cache_kind kind, dyn_bytes key, dyn_bytes value)
{
    entry *e =
        sqlite3_malloc64(sizeof(entry) + key.size_bytes + value.size_bytes);
    if (e == NULL) return NULL;
    *e = (entry){
        .key_bytes = (uint32_t)key.size_bytes,
        .value_bytes = (uint32_t)value.size_bytes,
        .kind = (uint8_t)kind,
    };
    if (key.size_bytes > 0) memcpy(e->data, key.data, key.size_bytes);
    if (value.size_bytes > 0)
        memcpy(e->data + key.size_bytes, value.data, value.size_bytes);
    return e;
}

static bool has_place_for(const dyn_cache *cache, dyn_cache_kind kind,
                          dyn_bytes key, dyn_bytes value)
{
    return cache->settings.keep_ms[kind] > 0 && key.size_bytes <= UINT32_MAX &&
           value.size_bytes <= UINT32_MAX &&
           size_of(key.size_bytes, value.size_bytes) <=
               cache->settings.bytes_max;
}

void dyn_cache_put(dyn_cache *cache, dyn_cache_kind kind, dyn_bytes key,
                   dyn_bytes value, int64_t halves, int64_t now_ms)
{
    uint64_t hash = hash_of(kind, key);
    entry **link = find_link(cache, kind, key, hash);
    if (*link != NULL) remove_at(cache, link);
    if (!has_place_for(cache, kind, key, value)) return;
    make_room(cache, size_of(key.size_bytes, value.size_bytes));
    entry *e = new_entry(kind, key, value);
    if (e == NULL) return;
    grow(cache);
    e->hash = hash;
    e->begin_ms = now_ms;
    e->halves = (uint32_t)halves;
    e->next = *chain_of(cache, hash);
    *chain_of(cache, hash) = e;
    list(cache, e);
    count(cache, e, 1);
}
