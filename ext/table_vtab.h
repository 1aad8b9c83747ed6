/* Module `dynamo`: CREATE VIRTUAL TABLE t USING dynamo(...). */
#ifndef EXT_TABLE_VTAB_H
#define EXT_TABLE_VTAB_H

#include "base/sqlite.h"
#include "engine/table.h"

/* Columns behind the declared ones, all hidden. mode is the first, so that
 * FROM orders('scan') finds it. */
typedef enum hidden_column {
    HIDDEN_MODE,
    HIDDEN_ITEM,
    HIDDEN_CONDITION,
    HIDDEN_KEY, /* the stored key: the primary key in SQLite's eyes */
    HIDDEN_COUNT,
} hidden_column;

typedef struct table_vtab {
    sqlite3_vtab base;       /* first, as SQLite requires */
    dyn_session *session;    /* borrowed; table refers to it */
    dyn_table *table;        /* owned */
    dyn_call *memory;        /* owned; of declared */
    dyn_definition declared; /* as the schema has it: what the columns are */
} table_vtab;

/* Takes over the reference to session, also when it fails. */
int table_vtab_register(sqlite3 *db, dyn_session *session);

#endif
