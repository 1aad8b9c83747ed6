/* Writing rows of a table. */
#ifndef EXT_TABLE_WRITE_H
#define EXT_TABLE_WRITE_H

#include "table.h"

/* xUpdate. */
int table_write(sqlite3_vtab *vtab, int argc, sqlite3_value **argv,
                sqlite3_int64 *rowid);

/* Write one row of xUpdate; *key is the stored key of the item, in the memory
 * of call. Fails as the operations of ops/ do. */
typedef dyn_status table_writer(dyn_call *call, table_vtab *table, int argc,
                                sqlite3_value **argv, dyn_bytes *key);
table_writer table_write_row;

/* xUpdate, with a writer; name is that of the table in messages. */
int table_write_with(table_vtab *table, const char *name, table_writer *writer,
                     int argc, sqlite3_value **argv);

#endif
