/*
 * Entries of indexes: what an item has in an index, and back.
 *
 * An item that lacks a key attribute of an index has no entry in it (sparse).
 * An entry holds the attributes that the index projects, the keys of table and
 * index among them: those lie in its key and not in its item. One that is too
 * large for a tree of keys is stored as a reference, which has its size and
 * nothing else: it is then what the index projects of the item, which is always
 * that of the same moment.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_INDEX_H
#define DYN_ENGINE_INDEX_H

#include "engine/definition.h"
#include "engine/store.h"
#include "item/codec.h"

typedef struct dyn_entry {
    bool is_there;
    dyn_bytes key;     /* stored form */
    dyn_map item;      /* what is projected; shares all with the whole item */
    dyn_map rest;      /* of that, what does not lie in the key */
    size_t size_bytes; /* DynamoDB's size of item */
} dyn_entry;

/*
 * What the item that is stored under table_key has in an index, in the memory
 * of call.
 *
 * Fails with DYN_INVALID and the texts of docs/semantics.md 14 when a key
 * attribute of the index has the wrong type, is empty or too long; DYN_NOMEM.
 */
dyn_status dyn_entry_of(dyn_call *call, const dyn_definition *definition,
                        const dyn_index *index, const dyn_map *item,
                        dyn_bytes table_key, dyn_entry *out);

/* Fail with DYN_INVALID and DYN_REASON_INDEX_KEY_TYPE because a key attribute
 * of an index is not of its type. */
dyn_status dyn_entry_fail_type(dyn_call *call, const dyn_index *index,
                               const dyn_column *column, dyn_type actual);

/* The stored form of an entry, with the names of the layouts of its table: a
 * reference when it would take too much of a leaf. Fails as the store does. */
dyn_status dyn_entry_encode(dyn_call *call, dyn_store *store,
                            const dyn_names *names, const dyn_entry *entry,
                            dyn_bytes *out);

/* The key in the table of the item that a stored index key is of. Fails with
 * DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_entry_table_key(dyn_call *call, const dyn_definition *definition,
                               const dyn_index *index, dyn_bytes key,
                               dyn_bytes *out);

#endif
