/* DAX; the contracts are in dax.h. */
#include "ops/dax.h"

#include "base/clock.h"
#include "base/sqlite.h"

/* An item that is written and not committed. */
typedef struct written {
    struct written *before; /* the one written before it */
    int level;              /* how many savepoints it can be rolled back to */
    int64_t halves;
    size_t key_bytes;
    size_t value_bytes;
    unsigned char data[]; /* the key, then the value */
} written;

struct dyn_dax {
    dyn_cache *cache;
    int64_t bytes_max;
    bool is_writing;
    bool is_unknown;       /* something is written that is not in last */
    int level;             /* how many savepoints there are */
    written *last;         /* the list of what is written */
    int64_t written_bytes; /* all of it */
};

dyn_dax *dyn_dax_open(const dyn_cache_settings *settings)
{
    dyn_cache *cache = dyn_cache_open(settings);
    dyn_dax *dax = sqlite3_malloc64(sizeof(*dax));
    if (cache == NULL || dax == NULL) {
        dyn_cache_close(cache);
        sqlite3_free(dax);
        return NULL;
    }
    *dax = (dyn_dax){.cache = cache, .bytes_max = settings->bytes_max};
    return dax;
}

void dyn_dax_close(dyn_dax *dax)
{
    if (dax == NULL) return;
    dyn_dax_rollback(dax);
    dyn_cache_close(dax->cache);
    sqlite3_free(dax);
}

const dyn_cache_counts *dyn_dax_counts(const dyn_dax *dax, dyn_cache_kind kind)
{
    return dyn_cache_counts_of(dax->cache, kind);
}

bool dyn_dax_find(dyn_dax *dax, dyn_cache_kind kind, dyn_bytes key,
                  dyn_bytes *value)
{
    return dyn_cache_find(dax->cache, kind, key, dyn_clock_now_ms(), value);
}

void dyn_dax_add(dyn_dax *dax, dyn_cache_kind kind, dyn_bytes key,
                 dyn_bytes value, int64_t halves)
{
    dyn_cache_put(dax->cache, kind, key, value, halves, dyn_clock_now_ms());
}

void dyn_dax_missed(dyn_dax *dax, dyn_cache_kind kind)
{
    dyn_cache_missed(dax->cache, kind);
}

/* ---------------------------------------------------------- transactions -- */

static int64_t size_of(size_t key_bytes, size_t value_bytes)
{
    return (int64_t)(sizeof(written) + key_bytes + value_bytes);
}

static void drop_last(dyn_dax *dax)
{
    written *last = dax->last;
    dax->written_bytes -= size_of(last->key_bytes, last->value_bytes);
    dax->last = last->before;
    sqlite3_free(last);
}

void dyn_dax_begin(dyn_dax *dax)
{
    dax->is_writing = true;
}

bool dyn_dax_is_writing(const dyn_dax *dax)
{
    return dax->is_writing;
}

void dyn_dax_write_unknown(dyn_dax *dax)
{
    dax->is_unknown = true;
}

/* More than the cache would keep is not remembered; then no item is. */
void dyn_dax_write(dyn_dax *dax, dyn_bytes key, dyn_bytes value, int64_t halves)
{
    int64_t size_bytes = size_of(key.size_bytes, value.size_bytes);
    written *item = NULL;
    if (dax->written_bytes + size_bytes <= dax->bytes_max)
        item = sqlite3_malloc64((size_t)size_bytes);
    if (item == NULL) {
        dyn_dax_write_unknown(dax);
        return;
    }
    *item = (written){
        .before = dax->last,
        .level = dax->level,
        .halves = halves,
        .key_bytes = key.size_bytes,
        .value_bytes = value.size_bytes,
    };
    memcpy(item->data, key.data, key.size_bytes);
    if (value.size_bytes > 0)
        memcpy(item->data + key.size_bytes, value.data, value.size_bytes);
    dax->last = item;
    dax->written_bytes += size_bytes;
}

void dyn_dax_savepoint(dyn_dax *dax, int number)
{
    dax->level = number + 1;
}

void dyn_dax_release(dyn_dax *dax, int number)
{
    for (written *w = dax->last; w != NULL && w->level > number; w = w->before)
        w->level = number;
    dax->level = number;
}

void dyn_dax_rollback_to(dyn_dax *dax, int number)
{
    while (dax->last != NULL && dax->last->level > number)
        drop_last(dax);
    dax->level = number + 1;
}

/* The order in which they were written. */
static void reverse(dyn_dax *dax)
{
    written *reversed = NULL;
    while (dax->last != NULL) {
        written *w = dax->last;
        dax->last = w->before;
        w->before = reversed;
        reversed = w;
    }
    dax->last = reversed;
}

/* Items that are written twice get their last value. */
static void add_written(dyn_dax *dax)
{
    reverse(dax);
    for (const written *w = dax->last; w != NULL; w = w->before) {
        dyn_bytes key = {w->data, w->key_bytes};
        dyn_bytes value = {w->data + w->key_bytes, w->value_bytes};
        dyn_dax_add(dax, DYN_CACHE_ITEMS, key, value, w->halves);
    }
}

static void end(dyn_dax *dax)
{
    while (dax->last != NULL)
        drop_last(dax);
    dax->is_writing = false;
    dax->is_unknown = false;
    dax->level = 0;
}

void dyn_dax_commit(dyn_dax *dax)
{
    if (dax->is_unknown) {
        dyn_cache_clear(dax->cache, DYN_CACHE_ITEMS);
    } else {
        add_written(dax);
    }
    end(dax);
}

void dyn_dax_rollback(dyn_dax *dax)
{
    end(dax);
}
