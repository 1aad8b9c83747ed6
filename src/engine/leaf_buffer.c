/* Changed leaves: a hash table by their ids. The contracts are in
 * leaf_buffer.h. */
#include "engine/leaf_buffer.h"

#include "base/sqlite.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { PLACES_LEAST = 64, ROOM_LEAST = 4096 };

/* A leaf, and behind it its bytes. */
typedef struct entry {
    dyn_changed_leaf changed; /* first, for entries are found by it */
    struct entry *next;       /* of its place */
    size_t room;              /* for bytes */
    unsigned char bytes[];
} entry;

struct dyn_leaf_buffer {
    entry **places;
    size_t place_count; /* a power of two */
    size_t count;
};

static atomic_size_t all_bytes; /* of the process */

dyn_leaf_buffer *dyn_leaf_buffer_open(void)
{
    dyn_leaf_buffer *buffer = sqlite3_malloc64(sizeof(*buffer));
    if (buffer != NULL) memset(buffer, 0, sizeof(*buffer));
    return buffer;
}

void dyn_leaf_buffer_close(dyn_leaf_buffer *buffer)
{
    if (buffer == NULL) return;
    dyn_leaf_buffer_clear(buffer);
    sqlite3_free(buffer);
}

/* Ids follow upon each other, and fill the places evenly. */
static entry **place_of(const dyn_leaf_buffer *buffer, int64_t id)
{
    return &buffer->places[(size_t)id & (buffer->place_count - 1)];
}

/* The link to the entry of an id, or to where it would be. */
static entry **find_link(const dyn_leaf_buffer *buffer, int64_t id)
{
    entry **link = place_of(buffer, id);
    while (*link != NULL && (*link)->changed.leaf.id != id)
        link = &(*link)->next;
    return link;
}

const dyn_changed_leaf *dyn_leaf_buffer_find(const dyn_leaf_buffer *buffer,
                                             int64_t id)
{
    if (buffer == NULL || buffer->count == 0) return NULL;
    const entry *found = *find_link(buffer, id);
    return found == NULL ? NULL : &found->changed;
}

static void free_entry(entry *e)
{
    atomic_fetch_sub(&all_bytes, sizeof(*e) + e->room);
    sqlite3_free(e);
}

void dyn_leaf_buffer_remove(dyn_leaf_buffer *buffer, int64_t id)
{
    if (buffer == NULL || buffer->count == 0) return;
    entry **link = find_link(buffer, id);
    entry *found = *link;
    if (found == NULL) return;
    *link = found->next;
    buffer->count--;
    free_entry(found);
}

void dyn_leaf_buffer_clear(dyn_leaf_buffer *buffer)
{
    if (buffer == NULL) return;
    for (size_t i = 0; i < buffer->place_count; i++) {
        while (buffer->places[i] != NULL) {
            entry *first = buffer->places[i];
            buffer->places[i] = first->next;
            free_entry(first);
        }
    }
    sqlite3_free(buffer->places);
    *buffer = (dyn_leaf_buffer){.count = 0};
}

bool dyn_leaf_buffer_is_full(const dyn_leaf_buffer *buffer)
{
    return buffer != NULL && buffer->count > 0 &&
           atomic_load(&all_bytes) > DYN_LEAF_BUFFER_BYTES_MAX;
}

/* At least as many places as entries, where there is memory for them. */
static bool make_places(dyn_leaf_buffer *buffer)
{
    if (buffer->count < buffer->place_count) return true;
    dyn_leaf_buffer more = {.count = buffer->count};
    more.place_count = buffer->place_count == 0 ? (size_t)PLACES_LEAST
                                                : 2 * buffer->place_count;
    more.places = sqlite3_malloc64(more.place_count * sizeof(entry *));
    if (more.places == NULL) return buffer->place_count > 0;
    memset(more.places, 0, more.place_count * sizeof(entry *));
    for (size_t i = 0; i < buffer->place_count; i++) {
        while (buffer->places[i] != NULL) {
            entry *first = buffer->places[i];
            buffer->places[i] = first->next;
            entry **place = place_of(&more, first->changed.leaf.id);
            first->next = *place;
            *place = first;
        }
    }
    sqlite3_free(buffer->places);
    *buffer = more;
    return true;
}

/* An entry at a link with room for so many bytes; NULL when there is no memory
 * for it, and what is there stays. */
static entry *make_entry(dyn_leaf_buffer *buffer, entry **link, size_t bytes)
{
    entry *old = *link;
    if (old != NULL && old->room >= bytes) return old;
    size_t room = bytes < ROOM_LEAST ? (size_t)ROOM_LEAST : bytes;
    entry *made = sqlite3_malloc64(sizeof(*made) + room);
    if (made == NULL) return NULL;
    atomic_fetch_add(&all_bytes, sizeof(*made) + room);
    made->room = room;
    made->next = old == NULL ? NULL : old->next;
    *link = made;
    buffer->count += old == NULL;
    if (old != NULL) free_entry(old);
    return made;
}

/* Copy bytes behind those that are there; *at is where they end. */
static dyn_bytes copy(entry *e, size_t *at, dyn_bytes bytes)
{
    unsigned char *to = e->bytes + *at;
    if (bytes.size_bytes > 0) memcpy(to, bytes.data, bytes.size_bytes);
    *at += bytes.size_bytes;
    return (dyn_bytes){to, bytes.size_bytes};
}

bool dyn_leaf_buffer_put(dyn_leaf_buffer *buffer, int64_t tree,
                         const dyn_leaf *leaf)
{
    size_t at = 0;
    size_t bytes =
        leaf->low.size_bytes + leaf->high.size_bytes + leaf->rows.size_bytes;
    if (buffer == NULL || !make_places(buffer)) return false;
    entry *e = make_entry(buffer, find_link(buffer, leaf->id), bytes);
    if (e == NULL) return false;
    e->changed.tree = tree;
    e->changed.leaf.id = leaf->id;
    e->changed.leaf.low = copy(e, &at, leaf->low);
    e->changed.leaf.high = copy(e, &at, leaf->high);
    e->changed.leaf.rows = copy(e, &at, leaf->rows);
    return true;
}

static int compare_ids(const void *left, const void *right)
{
    const dyn_changed_leaf *const *a = left;
    const dyn_changed_leaf *const *b = right;
    return ((*a)->leaf.id > (*b)->leaf.id) - ((*a)->leaf.id < (*b)->leaf.id);
}

dyn_status dyn_leaf_buffer_list(dyn_call *call, const dyn_leaf_buffer *buffer,
                                const dyn_changed_leaf ***out, size_t *count)
{
    *count = 0;
    *out = NULL;
    if (buffer == NULL || buffer->count == 0) return DYN_OK;
    *out = dyn_alloc(call, buffer->count * sizeof(**out));
    if (*out == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < buffer->place_count; i++) {
        for (const entry *e = buffer->places[i]; e != NULL; e = e->next)
            (*out)[(*count)++] = &e->changed;
    }
    qsort((void *)*out, *count, sizeof(**out), compare_ids);
    return DYN_OK;
}
