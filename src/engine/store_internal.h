/*
 * What the files of the store share: store.c has the statements and the small
 * tables, store_read.c and store_write.c the trees of rows.
 *
 * Layer: engine, private to the store.
 */
#ifndef DYN_ENGINE_STORE_INTERNAL_H
#define DYN_ENGINE_STORE_INTERNAL_H

#include "engine/store.h"

#include "engine/hints.h"

#include "base/sqlite.h"
#include "sql.h"

struct dyn_store {
    sqlite3 *db; /* borrowed */
    char *schema;
    char *table;
    char *leaves;      /* the table of the leaves */
    size_t leaf_bytes; /* of one that fills a page; 0: not known yet */
    dyn_hints *hints;  /* NULL: none */
    bool has_written;  /* since dyn_store_begin_write() */
    sqlite3_stmt *statements[DYN_SQL_COUNT]; /* NULL: not prepared yet */
};

/* Where a row was found, in the memory of a call. */
struct dyn_found {
    dyn_leaf leaf;
    int64_t changes; /* of the connection: while there are no more, the leaf
                      * is as it was, in a transaction */
};

/* Copy a leaf into the memory of call. */
dyn_status dyn_store_copy_leaf(dyn_call *call, const dyn_leaf *in,
                               dyn_leaf *out);

/* Leave SQLite's own message in call. What the shadow tables cannot answer
 * because they are not as they should be is damage. */
dyn_status dyn_store_fail(dyn_call *call, dyn_store *store, int code);

/* A row of a shadow table is of no known form. */
dyn_status dyn_store_fail_damaged(dyn_call *call, dyn_store *store,
                                  const char *table);

/* The statement, ready to be bound. Owned by the store. */
dyn_status dyn_store_statement(dyn_call *call, dyn_store *store,
                               enum dyn_sql number, sqlite3_stmt **out);

/* Run a statement that returns no rows, and take note that it wrote. */
dyn_status dyn_store_write(dyn_call *call, dyn_store *store,
                           sqlite3_stmt *statement);

void dyn_store_bind(sqlite3_stmt *statement, int position, dyn_bytes bytes);

/* A column's bytes, until the statement moves on. */
dyn_bytes dyn_store_column(sqlite3_stmt *statement, int column);

/* A leaf is damaged; or is not where those beside it say. */
dyn_status dyn_store_fail_leaf(dyn_call *call, dyn_store *store);
dyn_status dyn_store_fail_directory(dyn_call *call, dyn_store *store);

/* Go to the leaf in which a key would be: there is one unless the tree is
 * empty. It lives until *statement moves on; the caller resets that in any
 * case. */
dyn_status dyn_store_find_leaf(dyn_call *call, dyn_store *store, int64_t tree,
                               dyn_bytes key, sqlite3_stmt **statement,
                               bool *found, dyn_leaf *out);

/* The same by the directory alone: DYN_SQL_LEAF_FIND goes to the leaf in which
 * the edge would be, DYN_SQL_LEAF_UP to the one that begins with it and then
 * up, DYN_SQL_LEAF_DOWN to the one that ends with it and then down. The
 * directory may be damaged, so the caller checks that the leaf begins or ends
 * there. */
dyn_status dyn_store_go_to_leaf(dyn_call *call, dyn_store *store,
                                enum dyn_sql number, int64_t tree,
                                dyn_bytes edge, sqlite3_stmt **statement,
                                bool *found, dyn_leaf *out);

/* What is stored in _large is an item, and behind it what that and its key are
 * recognized by: the lowest 32 bits of their digests (key.h), each other's
 * exclusive or, the least byte first. */
enum { DYN_STORE_SEAL_BYTES = 4 };
void dyn_store_seal(dyn_bytes key, dyn_bytes item,
                    unsigned char out[DYN_STORE_SEAL_BYTES]);

#endif
