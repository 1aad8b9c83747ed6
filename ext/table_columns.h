/* The columns of a virtual table with the columns of a definition. */
#ifndef EXT_TABLE_COLUMNS_H
#define EXT_TABLE_COLUMNS_H

#include "base/sqlite.h"
#include "engine/definition.h"

/* Columns behind the declared ones, all hidden. mode is the first, so that
 * FROM orders('scan') finds it; and what would be a second argument, which
 * there is none of, falls on condition, which is refused. */
typedef enum hidden_column {
    HIDDEN_MODE,
    HIDDEN_CONDITION,
    HIDDEN_ITEM,
    HIDDEN_KEY, /* the stored key: the primary key in SQLite's eyes */
    HIDDEN_COUNT,
} hidden_column;

/* Tell SQLite the columns of a table. Fails as bridge_fail() does. */
dyn_status table_declare(dyn_call *call, sqlite3 *db,
                         const dyn_definition *declared, const char *collation);

/* Operator of begins_with(column, text) as a constraint. */
enum { COLUMN_OP_BEGINS_WITH = SQLITE_INDEX_CONSTRAINT_FUNCTION };

/* xFindFunction. */
int table_find_function(sqlite3_vtab *vtab, int argc, const char *name,
                        void (**function)(sqlite3_context *, int,
                                          sqlite3_value **),
                        void **argument);

/* Register what statements about these columns call. SQLite changes no
 * function while a statement runs, as it does for load_extension(): then the
 * one that another extension of ours has registered stays. Returns a SQLite
 * code. */
int table_columns_register(sqlite3 *db);

#endif
