/*
 * What a looking table is: a name, columns, and a function that adds its rows.
 * A row is made of cells. Private to the files whose names begin with look_.
 */
#ifndef EXT_LOOK_H
#define EXT_LOOK_H

#include "base/buffer.h"
#include "engine/session.h"
#include "engine/table.h"

enum { LOOK_COLUMNS_MAX = 17 };

typedef enum look_cell_type {
    LOOK_NULL,
    LOOK_NUMBER,
    LOOK_TEXT,
    LOOK_REAL,
    LOOK_VALUE,
} look_cell_type;

typedef struct look_cell {
    look_cell_type type;
    int64_t number;
    int64_t halves; /* beside number, of a half unit */
    const char *text;
    double real;
    const dyn_value *value; /* of an attribute */
} look_cell;

typedef struct look_row {
    look_cell cells[LOOK_COLUMNS_MAX];
} look_row;

/* Add rows, each a look_row. What their cells borrow lives as long as the call.
 * Both fail as the operations do that they call. */

/* The rows of a table, which is up to date. */
typedef dyn_status look_add(dyn_call *call, dyn_table *table, dyn_buffer *rows);

/* The rows that a name stands for, or all when it is NULL. */
typedef dyn_status look_add_others(dyn_call *call, dyn_session *session,
                                   const char *name, dyn_buffer *rows);

typedef struct looking_table {
    const char *name;
    const char *declaration; /* the argument is the last, hidden column */
    int columns;             /* without the argument */
    look_add *add;
    look_add *add_damaged; /* of a table that cannot be read, when all tables
                            * are listed; NULL: none */
    look_add_others *add_others; /* in place of add: rows of no open table */
} looking_table;

extern const looking_table look_tables; /* look_tables.c */
extern const looking_table look_indexes;
extern const looking_table look_partitions; /* look_capacity.c */
extern const looking_table look_capacity;
extern const looking_table look_hot_keys;
extern const looking_table look_scaling;
extern const looking_table look_handlers; /* look_work.c */
extern const looking_table look_replicas;
extern const looking_table look_jobs;
extern const looking_table look_backups; /* look_copies.c */
extern const looking_table look_caches;

/* Cells. They borrow their text, which may be NULL, or their value. */
look_cell look_null(void);
look_cell look_number(int64_t number);
look_cell look_text(const char *text);
look_cell look_units(int64_t halves); /* half units, shown as units */
look_cell look_real(double real);
look_cell look_value(const dyn_value *value);

/* The name of a table, or of an index, in the memory of call. Both fail with
 * DYN_NOMEM. */
dyn_status look_table_name(dyn_call *call, const dyn_table *table,
                           const char **out);
dyn_status look_index_name(dyn_call *call, const dyn_index *index,
                           const char **out);

#endif
