/* A virtual table of module `dynamo`, as SQLite has it open. */
#ifndef EXT_TABLE_H
#define EXT_TABLE_H

#include "base/sqlite.h"
#include "engine/bill.h"
#include "row_input.h"

typedef struct table_cursor table_cursor;

typedef struct table_vtab {
    sqlite3_vtab base;        /* first, as SQLite requires */
    dyn_session *session;     /* borrowed; table refers to it */
    dyn_table *table;         /* owned */
    dyn_call *memory;         /* owned; of declared */
    dyn_definition declared;  /* as the schema has it: what the columns are */
    const char *collation;    /* of the columns: the order of keys */
    row_condition *condition; /* owned; that of the last write that had one, or
                               * NULL */
    table_cursor *spare;      /* owned; one that was closed, or NULL */
    dyn_lookup lookup;        /* the last point read, */
    int64_t lookup_statement; /* by this statement (session.h) */
} table_vtab;

#endif
