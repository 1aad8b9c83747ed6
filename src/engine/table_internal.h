/*
 * What the files of an open table share.
 *
 * Layer: engine, private to it.
 */
#ifndef DYN_ENGINE_TABLE_INTERNAL_H
#define DYN_ENGINE_TABLE_INTERNAL_H

#include "engine/catalogue.h"
#include "engine/rows.h"
#include "engine/table.h"
#include "item/key.h"

enum { DYN_FORMAT = 9 }; /* docs/format.md */

/* The memory of a definition. That of earlier ones stays while a cursor may
 * show what was read with them. */
typedef struct dyn_memory {
    dyn_call call;
    struct dyn_memory *older;
} dyn_memory;

/* The tree of the times of expiry (expiry.h). What it begins with is known only
 * as far as nobody else has written. */
typedef struct dyn_expiry_tree {
    bool is_there;
    bool is_ended;   /* it is of an earlier option, and is emptied */
    bool is_filling; /* only items whose key is less than position are in it */
    unsigned char position[DYN_KEY_BYTES_MAX + 1];
    size_t position_bytes;
    bool is_known;
    int64_t first; /* second: no row from looked_from on is earlier */
    int64_t looked_from;
} dyn_expiry_tree;

#define DYN_EXPIRY_NEVER INT64_MAX /* there is no such row */

/*
 * Invariants:
 *   1. while is_fresh is set, definition, map and indexes are what the current
 *      transaction sees
 *   2. counters of the map are pending here until dyn_table_flush()
 *   3. a change of the stored definition or map raises the generation in _meta
 */
struct dyn_table {
    dyn_session *session;
    dyn_table *next; /* of the session */
    char *schema;    /* owned, as are the members below */
    char *name;
    char *label; /* what people call it: its name, or schema.name when it is in
                  * an attached database */
    dyn_store *store;
    dyn_definition definition;
    const dyn_definition *declared; /* borrowed; NULL, or what the stored one
                                     * is to have the columns of */
    dyn_memory *memory;             /* of the definition */
    int64_t load;                   /* the number of its loading */
    dyn_partitions map;
    const dyn_layout *layout; /* of the items */
    dyn_names *names;         /* that have numbers: those of all layouts, in the
                               * memory of the definition */
    dyn_log_bounds log;       /* as far as this connection knows */
    bool is_superseded;       /* there is a newer object of the table */
    char made_id[DYN_TABLE_ID_BYTES + 1]; /* of a table that the transaction has
                                           * made; else empty */
    int savepoint;                        /* the latest one */
    int64_t logged_ms; /* when the transaction logged its first change, which is
                        * the time of all of them; 0: it has none */
    unsigned logged_version;   /* of the file, then */
    int64_t savepoint_changes; /* dyn_store_changes() when it began */
    dyn_log_keep keep;         /* of the log; read_to also only so far */
    dyn_index_state *indexes;  /* of each index of the definition */
    dyn_expiry_tree expiry;
    dyn_account *account; /* a reference; NULL: the table was never read */
    size_t cost_line;     /* of the session's cost; or DYN_NO_LINE */

    bool has_joined;     /* SQLite's transaction: it will be told of its end */
    bool is_writing;     /* the transaction has begun to write to it */
    unsigned turn;       /* of reads by copies (source.h): of the table, */
    unsigned index_turn; /* and of its global indexes */
    bool is_fresh;
    bool commits_fresh;      /* is_fresh, when the transaction began to end */
    unsigned version;        /* of the file, when it was found fresh */
    int64_t foreign_changes; /* dyn_store_foreign_changes(), then */
    int64_t generation;      /* of the stored definition and map */
    int64_t scaled_minute; /* the last that auto scaling is known to have seen;
                            * or DYN_NO_MINUTE */
};

#define DYN_NO_LINE   SIZE_MAX /* of the session's cost */
#define DYN_NO_MINUTE INT64_MIN

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

/* Read what is kept of the log, and where it begins. is_same: the definition
 * and which readers there are have not changed. Fails as the store does. */
dyn_status dyn_table_load_log(dyn_call *call, dyn_table *table, bool is_same);

/* What is kept is to change, or to begin with: note from where on records have
 * both items. Fail as a write does. */
dyn_status dyn_table_change_log(dyn_call *call, dyn_table *table,
                                const dyn_log_keep *changed);
dyn_status dyn_log_keep_begin(dyn_call *call, dyn_store *store,
                              const dyn_log_keep *keep);

/* Tell the account which partitions there are, of a generation of the stored
 * map, and what is stored of its balances. Fails as the store does. */
dyn_status dyn_table_adopt(dyn_call *call, dyn_table *table,
                           int64_t generation);

/* Write the balances of the account, if limits are enforced. Fails as a write
 * does. */
dyn_status dyn_table_save_gates(dyn_call *call, dyn_table *table);

/* The same, when what is in memory of the table may not be what is stored: the
 * balances that are stored are replaced by those of the account. */
dyn_status dyn_table_replace_gates(dyn_call *call, dyn_table *table);

/* Write the pending units, and the pending counters. is_fresh: the map in
 * memory is what is stored. Fail as a write does. */
dyn_status dyn_table_flush_usage(dyn_call *call, dyn_table *table,
                                 bool is_fresh);
dyn_status dyn_table_flush_counters(dyn_call *call, dyn_table *table);

/* Whether two objects are of one table. When the schema changes within a
 * transaction, SQLite goes on with another object for the table, and ends the
 * transaction of both. */
bool dyn_table_is_same(const dyn_table *table, const dyn_table *other);

/* Whether the shadow tables are there to be written to, and the counters in
 * memory are those that the transaction sees. Fails as the store does. */
dyn_status dyn_table_check_state(dyn_call *call, const dyn_table *table,
                                 bool *exists, bool *is_fresh);

/* Rename the shadow tables and the table in memory. Fails as a write does. */
dyn_status dyn_table_take_name(dyn_call *call, dyn_table *table,
                               const char *name);

/* The map of a tree, and the name that its units are written under: none for
 * the table itself. NULL when there is no such index any more. */
dyn_partitions *dyn_table_map_of(dyn_table *table, int64_t tree,
                                 dyn_bytes *name);

/* Fail with DYN_CORRUPT because of a line of _meta. */
dyn_status dyn_table_fail_meta(dyn_call *call, const char *name);

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

/* Raise the generation: the stored definition or a map has changed. The second
 * is for what somebody asks for: there is no estimate of that. */
dyn_status dyn_table_raise_generation(dyn_call *call, dyn_table *table);
dyn_status dyn_table_change_generation(dyn_call *call, dyn_table *table);

/* Read up to rows_max items from *position on, the key behind the last one that
 * was read, which it then is again. Fails as the store does. */
dyn_status dyn_fill_read(dyn_call *call, const dyn_table *table,
                         size_t rows_max, dyn_bytes *position, dyn_rows *items);

/* Read the line of the tree of the times of expiry; NULL: there is none. Fails
 * with DYN_CORRUPT. */
dyn_status dyn_expiry_read(dyn_call *call, const dyn_index_row *row,
                           dyn_expiry_tree *out);

/* Make that tree, empty; and note that the option becomes that of another
 * definition. Fail as a write does. */
dyn_status dyn_expiry_create(dyn_call *call, dyn_store *store, bool is_filling);
dyn_status dyn_expiry_change(dyn_call *call, dyn_table *table,
                             const dyn_definition *changed);

/* Add the row of an item that expires. Fails as a write does. */
dyn_status dyn_expiry_insert(dyn_call *call, dyn_table *table,
                             dyn_bytes item_key, int64_t second);

/* Put up to rows_max more items into an index that is being filled, and add to
 * *rows how many it looked at. is_charged: the units of its writes are counted.
 * Fails as a write does. */
dyn_status dyn_fill_index(dyn_call *call, dyn_table *table, size_t number,
                          bool is_charged, size_t rows_max, int64_t *rows);

/* The table's transaction has ended; or comes to a savepoint; or goes back to
 * one, which is the latest or an earlier one. */
void dyn_usage_committed(dyn_table *table);
void dyn_usage_rolled_back(dyn_table *table);
void dyn_usage_savepoint(dyn_table *table);
void dyn_usage_rolled_back_to(dyn_table *table, bool is_latest);

#endif
