/*
 * The hot keys of a table and of its global indexes, as people see them.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_TABLE_HOT_KEYS_H
#define DYN_ENGINE_TABLE_HOT_KEYS_H

#include "engine/account.h"
#include "engine/table.h"

typedef struct dyn_hot_row {
    const dyn_index *index; /* of the definition; NULL: the table itself */
    dyn_hot_kind kind;
    dyn_value key;       /* the partition key; of several attributes, a list */
    int64_t read_halves; /* these are certain */
    int64_t write_units;
    double share; /* of the weight (hot_keys.h) of all keys, at least */
    double error; /* by how much the share may be too low */
    int64_t since_ms;
} dyn_hot_row;

/*
 * The hot keys of now, in the memory of call: the table, then its global
 * indexes; of each what is consumed, then what is throttled; of that the
 * highest share first. A kind that the option hot_keys does not count has none.
 *
 * A sketch keeps the beginning of a long key. What is cut there is shown as
 * far as it is kept: a text ends in an ellipsis then, and a number is left out
 * of its list.
 *
 * Fails with DYN_NOMEM; DYN_CORRUPT for a key that does not decode.
 */
dyn_status dyn_table_hot_keys(dyn_call *call, dyn_table *table,
                              dyn_hot_row **rows, size_t *count);

#endif
