/* The columns of a virtual table with the columns of a definition. */
#ifndef EXT_TABLE_COLUMNS_H
#define EXT_TABLE_COLUMNS_H

#include "base/sqlite.h"
#include "engine/definition.h"

/* Columns behind the declared ones, all hidden. mode is the first, so that
 * FROM orders('scan') finds it; and what would be a second argument, which
 * there is none of, falls on condition, which is refused. Behind them, hidden
 * too, is a column for each key of an index that is not declared as one. */
typedef enum hidden_column {
    HIDDEN_MODE,
    HIDDEN_CONDITION,
    HIDDEN_ITEM,
    HIDDEN_KEY, /* the stored key: the primary key in SQLite's eyes */
    HIDDEN_COUNT,
} hidden_column;

enum { TABLE_NO_ATTRIBUTE = -1 };

/* The attribute of a definition that a column shows, or TABLE_NO_ATTRIBUTE. */
static inline int table_attribute(const dyn_definition *declared, int column)
{
    int count = (int)declared->column_count;
    if (column < count) return column;
    return column < count + HIDDEN_COUNT ? TABLE_NO_ATTRIBUTE
                                         : column - HIDDEN_COUNT;
}

/* The column that shows an attribute. */
static inline size_t table_column_of(const dyn_definition *declared,
                                     size_t attribute)
{
    return attribute < declared->column_count ? attribute
                                              : attribute + HIDDEN_COUNT;
}

/* Tell SQLite the columns of a table. The collation is that of declared ones:
 * SQLite 3.40 takes the collation of a hidden column for another one. Fails as
 * bridge_fail() does. */
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
