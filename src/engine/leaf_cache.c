/* Leaves in memory: a hash table by their ids, and a list in the order of their
 * use. The contracts are in leaf_cache.h. */
#include "engine/leaf_cache.h"

#include "base/sqlite.h"

#include <stdatomic.h>
#include <stdlib.h>

enum {
    PLACES_LEAST = 64,
    ASKED_PLACES = 1024, /* leaves that were asked for lately */
    ROOM_LEAST = 4096,   /* of a changed leaf, which is likely to grow */
    SPARE_MAX = 256,     /* what a leaf that was read may have for that */
    KEPT_BYTES_MAX = 512 * 1024
};

/* A leaf, and behind it its bytes. */
struct dyn_leaf_entry {
    dyn_shared shared; /* first, as it has to be */
    dyn_changed_leaf kept;
    dyn_leaf_cache *of;
    bool is_changed;
    bool is_used; /* since it is in its list */
    bool was_read;
    bool was_only_read;    /* not to be changed */
    bool is_surveyed;      /* for heads */
    bool is_dense;         /* it has many rows, of which one was changed */
    size_t head_room;      /* for so many heads; 0: it has none */
    int64_t changes;       /* when it was read or written */
    uint64_t epoch;        /* those of another one are forgotten */
    dyn_leaf_entry *next;  /* of its place */
    dyn_leaf_entry *newer; /* in its list */
    dyn_leaf_entry *older;
    size_t room; /* for bytes, and a zero behind them */
    unsigned char bytes[];
};

typedef dyn_leaf_entry entry;

struct dyn_leaf_cache {
    dyn_leaf_pool *pool; /* borrowed */
    uint64_t epoch;
    entry **places;
    size_t place_count;           /* a power of two */
    uint32_t asked[ASKED_PLACES]; /* ids, or what they end with */
    dyn_leaf_list changed;
    int64_t last_new; /* the highest id of a leaf that was new; 0: none */
    dyn_leaf_cache_counts counts;
};

/* Of the process. */
static atomic_llong limit = DYN_LEAF_CACHE_BYTES;
static atomic_llong all_bytes;
static atomic_llong changed_bytes;
static atomic_int pools; /* that have leaves */

int64_t dyn_leaf_cache_limit(void)
{
    return atomic_load(&limit);
}

void dyn_leaf_cache_set_limit(int64_t bytes)
{
    atomic_store(&limit, bytes);
}

dyn_leaf_cache *dyn_leaf_cache_open(dyn_leaf_pool *pool)
{
    dyn_leaf_cache *cache = sqlite3_malloc64(sizeof(*cache));
    if (cache == NULL) return NULL;
    memset(cache, 0, sizeof(*cache));
    cache->pool = pool;
    return cache;
}

void dyn_leaf_cache_close(dyn_leaf_cache *cache)
{
    if (cache == NULL) return;
    dyn_leaf_cache_discard(cache);
    sqlite3_free(cache);
}

dyn_leaf_cache_counts dyn_leaf_cache_counts_of(const dyn_leaf_cache *cache)
{
    return cache == NULL ? (dyn_leaf_cache_counts){.entries = 0}
                         : cache->counts;
}

static int64_t bytes_of(const entry *e)
{
    size_t more = e->head_room == 0 ? 0 : dyn_leaf_heads_bytes(e->head_room);
    return (int64_t)(sizeof(*e) + e->room + 1 + more);
}

/* --------------------------------------------------------- order of use -- */

static size_t size_of(const dyn_leaf *leaf)
{
    return leaf->low.size_bytes + leaf->high.size_bytes + leaf->rows.size_bytes;
}

static bool has_spare(const entry *e)
{
    return e->room > size_of(&e->kept.leaf) + SPARE_MAX;
}

/* What it depends on changes only while the entry is in none. */
static dyn_leaf_list *list_of(const entry *e)
{
    dyn_leaf_pool *pool = e->of->pool;
    if (e->is_changed) return &e->of->changed;
    return has_spare(e) ? &pool->spare : &pool->read;
}

static void unlink_use(const entry *e)
{
    dyn_leaf_list *in = list_of(e);
    *(e->newer != NULL ? &e->newer->older : &in->newest) = e->older;
    *(e->older != NULL ? &e->older->newer : &in->oldest) = e->newer;
    in->count--;
    if (e->is_changed) atomic_fetch_sub(&changed_bytes, bytes_of(e));
}

static void link_newest(entry *e)
{
    dyn_leaf_list *in = list_of(e);
    e->newer = NULL;
    e->older = in->newest;
    *(in->newest != NULL ? &in->newest->newer : &in->oldest) = e;
    in->newest = e;
    in->count++;
    if (e->is_changed) atomic_fetch_add(&changed_bytes, bytes_of(e));
}

/* Moving it to the front now would write to its neighbours as well, which are
 * seldom in the processor's cache. */
static void use(entry *e)
{
    e->is_used = true;
    e->was_read = true;
}

/* The one of a list whose turn it is; NULL: there is none. What was used is
 * passed by, to the front. */
static entry *find_oldest(const dyn_leaf_list *list)
{
    entry *oldest = list->oldest;
    for (; oldest != NULL && oldest->is_used; oldest = list->oldest) {
        unlink_use(oldest);
        oldest->is_used = false;
        link_newest(oldest);
    }
    return oldest;
}

/* --------------------------------------------------------------- places -- */

/* Ids follow upon each other, and fill the places evenly. */
static entry **place_of(const dyn_leaf_cache *cache, int64_t id)
{
    return &cache->places[(size_t)id & (cache->place_count - 1)];
}

/* The link to the entry of an id, or to where it would be. */
static entry **find_link(const dyn_leaf_cache *cache, int64_t id)
{
    entry **link = place_of(cache, id);
    while (*link != NULL && (*link)->kept.leaf.id != id)
        link = &(*link)->next;
    return link;
}

static void count_bytes(dyn_leaf_cache *cache, int64_t bytes)
{
    bool had_any = cache->pool->bytes > 0;
    cache->pool->bytes += bytes;
    cache->counts.bytes += bytes;
    atomic_fetch_add(&all_bytes, bytes);
    if (had_any != (cache->pool->bytes > 0))
        atomic_fetch_add(&pools, had_any ? -1 : 1);
}

/* The entry owns its heads, which have room for so many. */
static void set_heads(entry *e, const dyn_leaf_heads *heads, size_t room)
{
    int64_t before = bytes_of(e);
    sqlite3_free((void *)e->kept.leaf.heads);
    e->kept.leaf.heads = heads;
    e->head_room = room;
    count_bytes(e->of, bytes_of(e) - before);
    if (e->is_changed) atomic_fetch_add(&changed_bytes, bytes_of(e) - before);
}

static void forget_heads(entry *e)
{
    e->is_surveyed = false;
    if (e->kept.leaf.heads != NULL) set_heads(e, NULL, 0);
}

static void drop(dyn_leaf_cache *cache, entry **link)
{
    entry *gone = *link;
    *link = gone->next;
    forget_heads(gone);
    unlink_use(gone);
    count_bytes(cache, -bytes_of(gone));
    cache->counts.entries--;
    dyn_shared_let_go(&gone->shared);
}

/* At least as many places as entries, where there is memory for them. */
static bool make_places(dyn_leaf_cache *cache)
{
    if ((size_t)cache->counts.entries < cache->place_count) return true;
    dyn_leaf_cache more = *cache;
    more.place_count =
        cache->place_count == 0 ? (size_t)PLACES_LEAST : 2 * cache->place_count;
    more.places = sqlite3_malloc64(more.place_count * sizeof(entry *));
    if (more.places == NULL) return cache->place_count > 0;
    memset(more.places, 0, more.place_count * sizeof(entry *));
    for (size_t i = 0; i < cache->place_count; i++) {
        while (cache->places[i] != NULL) {
            entry *first = cache->places[i];
            cache->places[i] = first->next;
            entry **place = place_of(&more, first->kept.leaf.id);
            first->next = *place;
            *place = first;
        }
    }
    sqlite3_free(cache->places);
    cache->places = more.places;
    cache->place_count = more.place_count;
    return true;
}

static int64_t share(void)
{
    int count = atomic_load(&pools);
    return atomic_load(&limit) / (count > 0 ? count : 1);
}

static bool has_room(const dyn_leaf_pool *pool, int64_t bytes)
{
    return atomic_load(&all_bytes) + bytes <= atomic_load(&limit) ||
           pool->bytes + bytes <= share();
}

/* --------------------------------------------------------------- entries -- */

/* Copy bytes behind those that are there; *at is where they end. */
static dyn_bytes copy(entry *e, size_t *at, dyn_bytes bytes)
{
    unsigned char *to = e->bytes + *at;
    if (bytes.size_bytes > 0) memcpy(to, bytes.data, bytes.size_bytes);
    *at += bytes.size_bytes;
    return (dyn_bytes){to, bytes.size_bytes};
}

static void fill(entry *e, const dyn_changed_leaf *kept)
{
    const dyn_leaf *leaf = &kept->leaf;
    size_t at = 0;
    forget_heads(e);
    e->is_dense = false;
    e->kept.tree = kept->tree;
    e->kept.is_new = kept->is_new;
    e->kept.leaf.id = leaf->id;
    e->kept.leaf.low = copy(e, &at, leaf->low);
    e->kept.leaf.high = copy(e, &at, leaf->high);
    e->kept.leaf.rows = copy(e, &at, leaf->rows);
    e->bytes[at] = '\0';
}

/* A new entry, which is not in its place yet. */
static entry *make_entry(dyn_leaf_cache *cache, const dyn_changed_leaf *kept,
                         bool is_changed)
{
    size_t bytes = size_of(&kept->leaf);
    size_t room = is_changed && bytes < ROOM_LEAST ? (size_t)ROOM_LEAST : bytes;
    entry *made = sqlite3_malloc64(sizeof(*made) + room + 1);
    if (made == NULL) return NULL;
    memset(made, 0, sizeof(*made));
    made->shared.owners = 1;
    made->room = room;
    made->of = cache;
    made->is_changed = is_changed;
    fill(made, kept);
    count_bytes(cache, bytes_of(made));
    cache->counts.entries++;
    return made;
}

/* Put it there, in place of the one of its id. */
static void place(dyn_leaf_cache *cache, entry *made)
{
    entry **link = find_link(cache, made->kept.leaf.id);
    if (*link != NULL) drop(cache, link);
    made->next = *link;
    *link = made;
    link_newest(made);
}

/* Give up the room that an entry has for changes. Without memory to do so, it
 * goes. */
static void shrink(entry *e)
{
    dyn_leaf_cache *cache = e->of;
    entry *made = make_entry(cache, &e->kept, false);
    if (made == NULL) {
        dyn_leaf_cache_remove(cache, e->kept.leaf.id);
        return;
    }
    made->was_read = e->was_read;
    made->was_only_read = e->was_only_read;
    made->changes = e->changes;
    made->epoch = e->epoch;
    place(cache, made);
}

/* Let those that were not used for longest shrink until so many bytes more fit
 * in, or none can. */
static bool find_spare(const dyn_leaf_pool *pool, int64_t bytes)
{
    while (!has_room(pool, bytes)) {
        entry *oldest = find_oldest(&pool->spare);
        if (oldest == NULL) return false;
        shrink(oldest);
    }
    return true;
}

/* Let go what was not used for longest until so many bytes more fit in, or no
 * more can go. */
static bool make_room(const dyn_leaf_pool *pool, int64_t bytes)
{
    while (!find_spare(pool, bytes)) {
        entry *oldest = find_oldest(&pool->read);
        if (oldest == NULL) return false;
        oldest->of->counts.evictions++;
        dyn_leaf_cache_remove(oldest->of, oldest->kept.leaf.id);
    }
    return true;
}

/* From here on, searching the leaf is to be quick. Where it is to be changed,
 * there will be more heads. */
static void make_heads(entry *e)
{
    dyn_leaf_heads heads;
    e->is_surveyed = true;
    if (!dyn_leaf_make_heads(e->kept.leaf.rows, &heads)) return;
    size_t room = e->is_changed ? (size_t)DYN_LEAF_HEADS_MAX : heads.count;
    dyn_leaf_heads *made = sqlite3_malloc64(dyn_leaf_heads_bytes(room));
    if (made == NULL) return;
    memcpy(made, &heads, dyn_leaf_heads_bytes(heads.count));
    set_heads(e, made, room);
}

static bool is_known(const dyn_leaf_cache *cache, const entry *e,
                     int64_t changes)
{
    return e->is_changed || (e->epoch == cache->epoch && e->changes == changes);
}

const dyn_leaf *dyn_leaf_cache_find(dyn_leaf_cache *cache, int64_t tree,
                                    int64_t id, int64_t changes)
{
    if (cache == NULL || cache->counts.entries == 0) return NULL;
    make_room(cache->pool, 0); /* the limit may have been lowered */
    if (cache->counts.entries == 0) return NULL;
    entry *found = *find_link(cache, id);
    if (found == NULL || found->kept.tree != tree ||
        !is_known(cache, found, changes)) {
        cache->counts.misses++;
        return NULL;
    }
    cache->counts.hits++;
    if (!found->is_changed) use(found);
    if (found->is_dense && !found->is_surveyed) make_heads(found);
    return &found->kept.leaf;
}

static entry *entry_of(const dyn_leaf *kept)
{
    size_t behind = offsetof(entry, kept) + offsetof(dyn_changed_leaf, leaf);
    return (entry *)(void *)((char *)kept - behind);
}

void dyn_leaf_cache_only_reads(const dyn_leaf *kept)
{
    entry *e = entry_of(kept);
    if (e->is_changed) return;
    if (e->was_only_read && !e->is_surveyed) make_heads(e);
    e->was_only_read = true;
}

/* Whether a leaf was asked for lately; it is from here on. */
static bool was_asked(dyn_leaf_cache *cache, int64_t id)
{
    uint32_t *place = &cache->asked[(size_t)id % ASKED_PLACES];
    bool is_there = *place == (uint32_t)id;
    *place = (uint32_t)id;
    return is_there;
}

/* Whether a leaf is worth the one that goes for it: not when it is asked for
 * once in a while, unless that has never been read at all. */
static bool is_worth_room(dyn_leaf_cache *cache, const dyn_leaf *leaf,
                          bool is_read)
{
    int64_t bytes = (int64_t)(sizeof(entry) + size_of(leaf));
    if (find_spare(cache->pool, bytes)) return true;
    const entry *oldest = find_oldest(&cache->pool->read);
    return is_read && (was_asked(cache, leaf->id) ||
                       (oldest != NULL && !oldest->was_read));
}

/* Whether an entry can have another content of so many bytes. */
static bool can_refill(const entry *e, size_t bytes)
{
    return e != NULL && e->room >= bytes && e->shared.owners == 1;
}

/* Keep a leaf that is as in the file, if it is worth the room. */
static entry *add(dyn_leaf_cache *cache, const dyn_changed_leaf *leaf,
                  int64_t changes, bool is_read)
{
    size_t bytes = size_of(&leaf->leaf);
    if (cache == NULL || bytes > KEPT_BYTES_MAX || !make_places(cache))
        return NULL;
    entry *kept = *find_link(cache, leaf->leaf.id);
    if (kept != NULL && is_known(cache, kept, changes)) return kept;
    if (kept == NULL && !is_worth_room(cache, &leaf->leaf, is_read))
        return NULL;
    if (can_refill(kept, bytes)) {
        unlink_use(kept);
        fill(kept, leaf);
        link_newest(kept);
    } else {
        if (!make_room(cache->pool, (int64_t)(sizeof(entry) + bytes)))
            return NULL;
        kept = make_entry(cache, leaf, false);
        if (kept == NULL) return NULL;
        place(cache, kept);
    }
    kept->was_read = is_read;
    kept->was_only_read = is_read;
    kept->changes = changes;
    kept->epoch = cache->epoch;
    return kept;
}

const dyn_leaf *dyn_leaf_cache_add(dyn_leaf_cache *cache, int64_t tree,
                                   const dyn_leaf *leaf, int64_t changes)
{
    const dyn_changed_leaf read = {tree, *leaf, false};
    const entry *kept = add(cache, &read, changes, true);
    return kept == NULL ? NULL : &kept->kept.leaf;
}

void dyn_leaf_cache_add_written(dyn_leaf_cache *cache, int64_t tree,
                                const dyn_leaf *leaf, int64_t changes)
{
    const dyn_changed_leaf written = {tree, *leaf, false};
    dyn_leaf_cache_remove(cache, leaf->id);
    add(cache, &written, changes, false);
}

dyn_status dyn_leaf_cache_hold(dyn_call *call, const dyn_leaf *kept)
{
    return dyn_call_hold(call, &entry_of(kept)->shared);
}

void dyn_leaf_cache_forget(dyn_leaf_cache *cache)
{
    if (cache != NULL) cache->epoch++;
}

/* --------------------------------------------------------------- changes -- */

/* A leaf that was read is going to be changed. */
static void set_changed(entry *e)
{
    if (e->is_changed) return;
    unlink_use(e);
    forget_heads(e);
    e->was_only_read = false;
    e->is_changed = true;
    link_newest(e);
}

/* Put it where the leaf of its id is, or would be. */
static bool keep_changed(dyn_leaf_cache *cache, entry *found,
                         const dyn_changed_leaf *changed)
{
    size_t bytes = size_of(&changed->leaf);
    if (found != NULL && found->room >= bytes &&
        (found->is_changed || found->room >= ROOM_LEAST)) {
        set_changed(found);
        fill(found, changed);
        return true;
    }
    make_room(cache->pool, (int64_t)(sizeof(entry) + bytes));
    entry *made = make_entry(cache, changed, true);
    if (made != NULL) place(cache, made);
    return made != NULL;
}

bool dyn_leaf_cache_change(dyn_leaf_cache *cache,
                           const dyn_changed_leaf *changed)
{
    dyn_changed_leaf kept = *changed;
    if (cache == NULL || !make_places(cache)) return false;
    entry *found = *find_link(cache, kept.leaf.id);
    kept.is_new = kept.is_new || (found != NULL && found->kept.is_new);
    if (!keep_changed(cache, found, &kept)) return false;
    if (kept.is_new && cache->last_new < kept.leaf.id)
        cache->last_new = kept.leaf.id;
    return true;
}

bool dyn_leaf_cache_is_new(const dyn_leaf_cache *cache, int64_t id)
{
    if (cache == NULL || cache->changed.count == 0) return false;
    const entry *found = *find_link(cache, id);
    return found != NULL && found->kept.is_new;
}

int64_t dyn_leaf_cache_last_new(const dyn_leaf_cache *cache)
{
    return cache == NULL ? 0 : cache->last_new;
}

void dyn_leaf_cache_pass_new(dyn_leaf_cache *cache, int64_t id)
{
    if (cache == NULL || cache->last_new == 0) return; /* the file is asked */
    if (cache->last_new < id) cache->last_new = id;
}

/* The rows of an entry are not what they were. It is worth having heads where
 * a search would pass by many of them. */
static void change_heads(entry *e, const dyn_leaf_change *change)
{
    enum { ROWS_LEAST = 24 };
    dyn_bytes rows = e->kept.leaf.rows;
    dyn_leaf_heads *heads = (dyn_leaf_heads *)e->kept.leaf.heads;
    if (heads != NULL && !dyn_leaf_change_heads(heads, rows, change))
        forget_heads(e);
    e->is_dense = rows.size_bytes >= ROWS_LEAST * change->added_bytes;
}

bool dyn_leaf_cache_splice(dyn_leaf_cache *cache, int64_t id,
                           size_t before_bytes, dyn_bytes middle,
                           size_t after_bytes)
{
    if (cache == NULL || cache->changed.count == 0) return false;
    entry *found = *find_link(cache, id);
    if (found == NULL || !found->is_changed) return false;
    dyn_bytes *rows = &found->kept.leaf.rows;
    unsigned char *data = found->bytes + (rows->data - found->bytes);
    size_t size = before_bytes + middle.size_bytes + after_bytes;
    if (size_of(&found->kept.leaf) - rows->size_bytes + size > found->room)
        return false;
    dyn_leaf_change change = {before_bytes,
                              rows->size_bytes - before_bytes - after_bytes,
                              middle.size_bytes};
    memmove(data + before_bytes + middle.size_bytes,
            data + rows->size_bytes - after_bytes, after_bytes);
    if (middle.size_bytes > 0)
        memcpy(data + before_bytes, middle.data, middle.size_bytes);
    rows->size_bytes = size;
    change_heads(found, &change);
    return true;
}

bool dyn_leaf_cache_is_full(const dyn_leaf_cache *cache)
{
    return cache != NULL && cache->changed.count > 0 &&
           atomic_load(&changed_bytes) > atomic_load(&limit) / 8 * 7;
}

static int compare_ids(const void *left, const void *right)
{
    const dyn_changed_leaf *const *a = left;
    const dyn_changed_leaf *const *b = right;
    return ((*a)->leaf.id > (*b)->leaf.id) - ((*a)->leaf.id < (*b)->leaf.id);
}

dyn_status dyn_leaf_cache_changed(dyn_call *call, const dyn_leaf_cache *cache,
                                  const dyn_changed_leaf ***out, size_t *count)
{
    *count = 0;
    *out = NULL;
    if (cache == NULL || cache->changed.count == 0) return DYN_OK;
    *out = dyn_alloc(call, cache->changed.count * sizeof(dyn_changed_leaf *));
    if (*out == NULL) return DYN_NOMEM;
    for (const entry *e = cache->changed.newest; e != NULL; e = e->older)
        (*out)[(*count)++] = &e->kept;
    qsort((void *)*out, *count, sizeof(dyn_changed_leaf *), compare_ids);
    return DYN_OK;
}

void dyn_leaf_cache_written(dyn_leaf_cache *cache, int64_t changes)
{
    if (cache == NULL) return;
    for (entry *e = cache->changed.oldest; e != NULL;
         e = cache->changed.oldest) {
        unlink_use(e);
        e->is_changed = false;
        e->kept.is_new = false;
        e->changes = changes;
        e->epoch = cache->epoch;
        link_newest(e);
    }
    cache->last_new = 0;
    make_room(cache->pool, 0);
}

void dyn_leaf_cache_remove(dyn_leaf_cache *cache, int64_t id)
{
    if (cache == NULL || cache->counts.entries == 0) return;
    entry **link = find_link(cache, id);
    if (*link != NULL) drop(cache, link);
}

void dyn_leaf_cache_discard(dyn_leaf_cache *cache)
{
    if (cache == NULL) return;
    for (size_t i = 0; i < cache->place_count; i++) {
        while (cache->places[i] != NULL)
            drop(cache, &cache->places[i]);
    }
    sqlite3_free(cache->places);
    cache->places = NULL;
    cache->place_count = 0;
    cache->last_new = 0;
}
