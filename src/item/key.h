/*
 * Keys as bytes: memcmp() of two stored keys of one table is DynamoDB's order
 * of the items in a partition key, under the order of its hash
 * (docs/semantics.md 1).
 *
 *   table key     hash:8  partition  sort
 *   index key     hash:8  partition  sort  what else the table key has behind
 *                 its hash
 *   hash          XXH3-64 of partition, the most significant byte first
 *   partition     (bytes:2, the most significant first  component) for each of
 *                 the attributes: only ever compared for equality
 *   sort          ordered component for each of the attributes
 *   component     S, B: the bytes;  N: the number of number.h
 *   ordered       S, B: the bytes, 0x00 as 0x00 0xFF, then 0x00 0x01
 *                 N: the number, then 0x00 if positive, 0xFF if negative
 *
 * No component is a prefix of another one, so a range of keys is always
 * "at least low and less than high", and high of one that begins with some
 * bytes is their successor (dyn_key_after).
 *
 * Layer: item. Knows nothing of tables.
 */
#ifndef DYN_ITEM_KEY_H
#define DYN_ITEM_KEY_H

#include "base/buffer.h"
#include "item/value.h"

enum {
    DYN_KEY_HASH_BYTES = 8,
    /* of a table key: each byte of a sort key may need two */
    DYN_KEY_BYTES_MAX = DYN_KEY_HASH_BYTES + 2 + DYN_PARTITION_KEY_BYTES_MAX +
                        2 * DYN_SORT_KEY_BYTES_MAX + 2,
    /* of an index key: up to four attributes in each, which together keep the
     * limits, and a table key */
    DYN_INDEX_KEY_BYTES_MAX = DYN_KEY_BYTES_MAX + 3 * (2 + 2) +
                              DYN_KEY_BYTES_MAX - DYN_KEY_HASH_BYTES,
};

/* Add a component of a partition key. value is S, N or B. */
void dyn_key_add_partition(dyn_buffer *key, const dyn_value *value);

/* Add a component of a sort key. value is S, N or B. */
void dyn_key_add_sort(dyn_buffer *key, const dyn_value *value);

/* Add the beginning of a sort key that is S or B: what all sort keys that
 * begin with these bytes begin with. */
void dyn_key_add_sort_prefix(dyn_buffer *key, dyn_bytes prefix);

/* Begin a key: leave room for the hash. */
void dyn_key_begin(dyn_buffer *key, dyn_call *call);

/* Fill in the hash of the partition key that has been added since
 * dyn_key_begin(). */
void dyn_key_set_hash(dyn_buffer *key);

/* The hash in the first bytes of a key of at least those. */
uint64_t dyn_key_hash(dyn_bytes key);
void dyn_key_write_hash(uint64_t hash, unsigned char out[DYN_KEY_HASH_BYTES]);

/* The hash and the first count components behind it, which are the partition
 * key; none where the bytes, of a bound, end before that. */
dyn_bytes dyn_key_partition(dyn_bytes key, size_t count);

/* A hash of a whole key, to recognize it. */
uint64_t dyn_key_digest(dyn_bytes key);

/* What all keys are less than: no length of a partition key begins with 0xFF.
 * A literal. */
dyn_bytes dyn_key_end(void);

/* The least bytes greater than everything that begins with bytes. Empty when
 * there are none such, that is, when all are 0xFF. Fails with DYN_NOMEM. */
dyn_status dyn_key_after(dyn_call *call, dyn_bytes bytes, dyn_bytes *out);

/* Read the next component at *rest and move *rest behind it; value points into
 * the key or memory of call, and is not read when out is NULL. Fails with
 * DYN_CORRUPT, DYN_NOMEM. */
dyn_status dyn_key_next_partition(dyn_call *call, dyn_bytes *rest,
                                  dyn_type type, dyn_value *out);
dyn_status dyn_key_next_sort(dyn_call *call, dyn_bytes *rest, dyn_type type,
                             dyn_value *out);

#endif
