/*
 * What the files that speak SQL share: store.c has the statements, catalogue.c
 * the small tables, rows_*.c the trees of rows.
 *
 * Layer: engine, private to the store, its rows and its catalogue.
 */
#ifndef DYN_ENGINE_STORE_INTERNAL_H
#define DYN_ENGINE_STORE_INTERNAL_H

#include "engine/store.h"

#include "engine/hints.h"
#include "engine/leaf_cache.h"

#include "base/sqlite.h"
#include "sql.h"

enum { MARK_KEY_BYTES_MAX = 128 };

/* The row that was inserted last into a leaf in memory, while there is no other
 * edit: the next one often goes behind it. */
typedef struct insert_mark {
    int64_t leaf_id;   /* 0: there is none */
    int64_t edits;     /* of the store */
    dyn_leaf_mark row; /* with its key in: */
    unsigned char key[MARK_KEY_BYTES_MAX];
} insert_mark;

struct dyn_store {
    sqlite3 *db;              /* borrowed */
    dyn_store_shared *shared; /* borrowed, or alone */
    dyn_store_shared alone;
    char *schema;
    char *table;
    char *leaves;          /* the table of the leaves */
    char *large;           /* that of large items */
    size_t leaf_bytes;     /* of one that fills a page; 0: not known yet */
    dyn_hints *hints;      /* NULL: none */
    dyn_leaf_cache *cache; /* NULL: none */
    int64_t edits;         /* of leaves in there, and of shadow tables */
    insert_mark mark;
    bool is_deferring;   /* changes of leaves are kept in there */
    bool has_written;    /* since dyn_store_begin_write() */
    int64_t inserted_id; /* the rowid after the last dyn_store_write() */
    int64_t log_state;   /* changes with the log (log.h) */
    sqlite3_stmt *statements[DYN_SQL_COUNT]; /* NULL: not prepared yet */
};

/* Leave SQLite's own message in call. What the shadow tables cannot answer
 * because they are not as they should be is damage. */
dyn_status dyn_store_fail(dyn_call *call, dyn_store *store, int code);

/* A row of a shadow table is of no known form. */
dyn_status dyn_store_fail_damaged(dyn_call *call, dyn_store *store,
                                  const char *table);

/* The statement, ready to be bound. Owned by the store. */
dyn_status dyn_store_statement(dyn_call *call, dyn_store *store,
                               enum dyn_sql number, sqlite3_stmt **out);

/* Run statements without parameters, which are not kept. */
dyn_status dyn_store_run(dyn_call *call, dyn_store *store, enum dyn_sql number);

/* Step a statement to the one row that it always has. It is reset when there is
 * none, which is a failure; its columns are not to be read then, for that would
 * put another message in the place of SQLite's. */
dyn_status dyn_store_get_row(dyn_call *call, dyn_store *store,
                             sqlite3_stmt *statement);

/* Run a statement that returns no rows, and take note that it wrote. The rowid
 * of what it inserts is in store->inserted_id: last_insert_rowid() of the
 * connection stays that of the user's tables. */
dyn_status dyn_store_write(dyn_call *call, dyn_store *store,
                           sqlite3_stmt *statement);

void dyn_store_bind(sqlite3_stmt *statement, int position, dyn_bytes bytes);

/* Bind a text, in the encoding of the database; or NULL for one without data.
 * It lives until the statement is run. Fails with DYN_NOMEM. */
dyn_status dyn_store_bind_text(dyn_call *call, dyn_store *store,
                               sqlite3_stmt *statement, int position,
                               dyn_bytes text);
dyn_status dyn_store_bind_text_or_null(dyn_call *call, dyn_store *store,
                                       sqlite3_stmt *statement, int position,
                                       dyn_bytes text);

/* Read a row of a statement, as a value of an array. */
typedef dyn_status dyn_store_read_row(dyn_call *call, dyn_store *store,
                                      sqlite3_stmt *statement, void *row);

/* All rows of a statement as an array, in the memory of call. */
dyn_status dyn_store_read_all(dyn_call *call, dyn_store *store,
                              sqlite3_stmt *statement, dyn_store_read_row *read,
                              size_t row_bytes, void **rows, size_t *count);

/* What keeps leaves in memory; NULL when there is no memory for that. */
dyn_leaf_cache *dyn_store_cache(dyn_store *store);

/* A column's bytes, until the statement moves on. */
dyn_bytes dyn_store_column(sqlite3_stmt *statement, int column);

#endif
