/*
 * The sketch of hot_keys.h. The counters of a generation are in a heap by
 * weight, the least first, and those that have a key are in chains by its
 * digest. A counter that has none yet weighs 0, so that taking it over leaves
 * no error: filling the sketch is no case of its own.
 *
 * Weights only grow until all counters are cleared, so a counter only ever
 * sinks in the heap.
 */
#include "engine/hot_keys.h"

#include "base/sqlite.h"
#include "item/key.h"

#include <assert.h>
#include <stdlib.h>

enum {
    COUNTERS = DYN_HOT_KEYS_COUNTERS,
    CHAINS = 2 * COUNTERS,
    NONE = 0xff, /* no counter */
};

typedef struct counter {
    uint64_t digest;
    int64_t error;
    int64_t reads;
    int64_t writes;
    uint32_t key_bytes; /* 0: it has no key */
    uint8_t next;       /* in its chain */
    unsigned char key[DYN_HOT_KEY_BYTES_MAX];
} counter;

typedef struct node {
    int64_t weight;
    uint8_t number; /* of the counter that weighs this */
} node;

typedef struct generation {
    int64_t number; /* time / DYN_HOT_KEYS_GENERATION_MS */
    int64_t since_ms;
    int64_t reads; /* of all keys */
    int64_t writes;
    node heap[COUNTERS];
    uint8_t places[COUNTERS]; /* in the heap, of each counter */
    uint8_t chains[CHAINS];
    counter counters[COUNTERS];
} generation;

struct dyn_hot_keys {
    dyn_hot_factors factors;
    int current; /* which of them is filled; the other is the one before */
    generation generations[2];
};

_Static_assert(sizeof(dyn_hot_keys) <= DYN_HOT_KEYS_BYTES_MAX,
               "the maximum that the header states");

/* ----------------------------------------------------------- generations -- */

static void clear(generation *g, int64_t number, int64_t since_ms)
{
    g->number = number;
    g->since_ms = since_ms;
    g->reads = 0;
    g->writes = 0;
    memset(g->chains, NONE, sizeof(g->chains));
    for (int i = 0; i < COUNTERS; i++) {
        g->heap[i] = (node){.weight = 0, .number = (uint8_t)i};
        g->places[i] = (uint8_t)i;
        g->counters[i].key_bytes = 0;
    }
}

static int64_t generation_of(int64_t now_ms)
{
    static const int64_t length = DYN_HOT_KEYS_GENERATION_MS;
    return now_ms / length - (now_ms % length < 0);
}

/* The generation of a time, made the one that is filled. */
static generation *current_at(dyn_hot_keys *hot, int64_t now_ms)
{
    int64_t number = generation_of(now_ms);
    generation *current = &hot->generations[hot->current];
    if (number == current->number || number == current->number - 1)
        return current;
    bool is_next = number == current->number + 1;
    if (!is_next) clear(current, number - 1, now_ms);
    hot->current = !hot->current;
    current = &hot->generations[hot->current];
    clear(current, number,
          is_next ? number * DYN_HOT_KEYS_GENERATION_MS : now_ms);
    return current;
}

dyn_hot_keys *dyn_hot_keys_open(dyn_hot_factors factors)
{
    dyn_hot_keys *hot = sqlite3_malloc64(sizeof(*hot));
    if (hot == NULL) return NULL;
    memset(hot, 0, sizeof(*hot));
    hot->factors = factors;
    clear(&hot->generations[0], INT64_MIN / 2, 0);
    clear(&hot->generations[1], INT64_MIN / 2, 0);
    return hot;
}

void dyn_hot_keys_close(dyn_hot_keys *hot)
{
    sqlite3_free(hot);
}

/* ---------------------------------------------------------------- adding -- */

static size_t kept_bytes(size_t key_bytes)
{
    return key_bytes < DYN_HOT_KEY_BYTES_MAX ? key_bytes
                                             : DYN_HOT_KEY_BYTES_MAX;
}

static bool is_of(const counter *c, uint64_t digest, dyn_bytes key)
{
    return c->digest == digest && c->key_bytes == key.size_bytes &&
           memcmp(c->key, key.data, kept_bytes(key.size_bytes)) == 0;
}

/* The number of the counter of a key, or NONE. */
static uint8_t find(const generation *g, uint64_t digest, dyn_bytes key)
{
    uint8_t number = g->chains[digest % CHAINS];
    while (number != NONE && !is_of(&g->counters[number], digest, key))
        number = g->counters[number].next;
    return number;
}

static void unchain(generation *g, const counter *c)
{
    uint8_t number = (uint8_t)(c - g->counters);
    uint8_t *link = &g->chains[c->digest % CHAINS];
    while (*link != number)
        link = &g->counters[*link].next;
    *link = c->next;
}

/* Give the counter of the least weight to a key. Returns its number. */
static uint8_t take_over(generation *g, uint64_t digest, dyn_bytes key)
{
    uint8_t number = g->heap[0].number;
    uint8_t *chain = &g->chains[digest % CHAINS];
    counter *c = &g->counters[number];
    if (c->key_bytes > 0) unchain(g, c);
    c->digest = digest;
    c->error = g->heap[0].weight;
    c->reads = 0;
    c->writes = 0;
    c->key_bytes = (uint32_t)key.size_bytes;
    memcpy(c->key, key.data, kept_bytes(key.size_bytes));
    c->next = *chain;
    *chain = number;
    return number;
}

/* Add to the weight of a counter, which sinks to its place in the heap. */
static void sink(generation *g, uint8_t number, int64_t weight)
{
    size_t place = g->places[number];
    node sinking = {g->heap[place].weight + weight, number};
    for (size_t child; (child = 2 * place + 1) < COUNTERS; place = child) {
        if (child + 1 < COUNTERS &&
            g->heap[child + 1].weight < g->heap[child].weight) {
            child++;
        }
        if (g->heap[child].weight >= sinking.weight) break;
        g->heap[place] = g->heap[child];
        g->places[g->heap[place].number] = (uint8_t)place;
    }
    g->heap[place] = sinking;
    g->places[number] = (uint8_t)place;
}

void dyn_hot_keys_add(dyn_hot_keys *hot, int64_t now_ms, dyn_bytes key,
                      int64_t reads, int64_t writes)
{
    if (hot == NULL || key.size_bytes == 0) return;
    assert(reads >= 0 && writes >= 0);
    int64_t weight = reads * hot->factors.read + writes * hot->factors.write;
    if (weight == 0) return;
    generation *g = current_at(hot, now_ms);
    uint64_t digest = dyn_key_digest(key);
    uint8_t number = find(g, digest, key);
    if (number == NONE) number = take_over(g, digest, key);
    counter *c = &g->counters[number];
    c->reads += reads;
    c->writes += writes;
    sink(g, number, weight);
    g->reads += reads;
    g->writes += writes;
}

/* --------------------------------------------------------------- listing -- */

/* What a key without a counter weighs at most. */
static int64_t least_weight(const generation *g)
{
    return g->heap[0].weight;
}

static int64_t weight_of(const generation *g, uint8_t number)
{
    return g->heap[g->places[number]].weight;
}

/* Add what a generation has of a key, whose counter there has that number or is
 * NONE. */
static void add_part(const generation *g, uint8_t number, dyn_hot_key *key)
{
    if (number == NONE) {
        key->weight += least_weight(g);
        key->error += least_weight(g);
        return;
    }
    const counter *c = &g->counters[number];
    key->reads += c->reads;
    key->writes += c->writes;
    key->weight += weight_of(g, number);
    key->error += c->error;
}

/* The highest certain weight first; those alike in an order that does not
 * depend on how they came. */
static int compare_keys(const void *left, const void *right)
{
    const dyn_hot_key *a = left;
    const dyn_hot_key *b = right;
    int64_t a_weight = a->weight - a->error;
    int64_t b_weight = b->weight - b->error;
    if (a_weight != b_weight) return a_weight > b_weight ? -1 : 1;
    int order = dyn_bytes_compare(a->key, b->key);
    if (order != 0) return order;
    return (a->digest > b->digest) - (a->digest < b->digest);
}

/* List the keys of a generation; of the second one those that the first one
 * has not listed. */
static dyn_status list_generation(dyn_call *call, const generation *g,
                                  const generation *other, bool is_second,
                                  dyn_hot_key_list *out)
{
    for (int i = 0; i < COUNTERS; i++) {
        const counter *c = &g->counters[i];
        dyn_bytes kept = {c->key, kept_bytes(c->key_bytes)};
        if (c->key_bytes == 0) continue;
        uint8_t number =
            find(other, c->digest, (dyn_bytes){c->key, c->key_bytes});
        if (is_second && number != NONE) continue;
        dyn_hot_key *key = &out->keys[out->count++];
        *key = (dyn_hot_key){.key_bytes = c->key_bytes, .digest = c->digest};
        add_part(g, (uint8_t)i, key);
        add_part(other, number, key);
        DYN_TRY(dyn_copy(call, kept, &key->key));
    }
    out->reads += g->reads;
    out->writes += g->writes;
    out->unlisted += least_weight(g);
    return DYN_OK;
}

dyn_status dyn_hot_keys_list(dyn_call *call, dyn_hot_keys *hot, int64_t now_ms,
                             dyn_hot_key_list *out)
{
    *out = (dyn_hot_key_list){.since_ms = now_ms};
    if (hot == NULL) return DYN_OK;
    const generation *current = current_at(hot, now_ms);
    const generation *before = &hot->generations[!hot->current];
    out->keys = dyn_alloc(call, sizeof(dyn_hot_key) * 2 * COUNTERS);
    if (out->keys == NULL) return DYN_NOMEM;
    DYN_TRY(list_generation(call, current, before, false, out));
    DYN_TRY(list_generation(call, before, current, true, out));
    if (before->since_ms < out->since_ms) out->since_ms = before->since_ms;
    qsort(out->keys, out->count, sizeof(*out->keys), compare_keys);
    return DYN_OK;
}
