/*
 * What the files of an open table share.
 *
 * Layer: engine, private to it.
 */
#ifndef DYN_ENGINE_TABLE_INTERNAL_H
#define DYN_ENGINE_TABLE_INTERNAL_H

#include "engine/table.h"

enum { DYN_FORMAT = 4 }; /* docs/format.md */

/* NULL when out of memory; freed with those that are older. */
dyn_memory *dyn_memory_new(void);
void dyn_memory_free(dyn_memory *memory);

/* Read definition, maps and indexes in place of what table holds, which stays
 * as it is when that fails. Fails with DYN_CORRUPT, DYN_SQLITE, DYN_NOMEM. */
dyn_status dyn_table_load(dyn_call *call, dyn_table *table);

/* The same for maps and indexes alone, whose definition is loaded. */
dyn_status dyn_table_load_state(dyn_call *call, dyn_table *table);

/* Write the declaration of a table, but for its indexes, in place of the one
 * that is stored. Fails as a write does. */
dyn_status dyn_definition_write(dyn_call *call, dyn_store *store,
                                const dyn_definition *definition);

/* Write pending units, of a table that is fresh: before a tree that they are of
 * is gone. Fails as a write does. */
dyn_status dyn_table_flush_usage(dyn_call *call, dyn_table *table);

/* A number of _meta, which must be there. */
dyn_status dyn_table_meta_number(dyn_call *call, dyn_table *table,
                                 const char *name, int64_t *out);

/* Free count states; NULL is allowed. */
void dyn_index_states_free(dyn_index_state *states, size_t count);

/* Take the position from which on an index is to be filled. Fails with
 * DYN_NOMEM. */
dyn_status dyn_index_state_move(dyn_call *call, dyn_index_state *state,
                                dyn_bytes position);

/* Write the index number of definition, empty, on tree. */
dyn_status dyn_index_create(dyn_call *call, dyn_store *store,
                            const dyn_definition *definition, size_t number,
                            int64_t tree, bool is_filling);

/* How many ranges the map of a new index has. */
size_t dyn_index_partitions(const dyn_definition *definition,
                            const dyn_index *index);

/* Raise the generation: the stored definition or a map has changed. */
dyn_status dyn_table_change_generation(dyn_call *call, dyn_table *table);

/* Put up to rows_max more items into an index that is being filled; *rows tells
 * how many it looked at. Fails as a write does. */
dyn_status dyn_fill_step(dyn_call *call, dyn_table *table, size_t number,
                         size_t rows_max, int64_t *rows);

#endif
