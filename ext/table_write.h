/* Writing rows of a table. */
#ifndef EXT_TABLE_WRITE_H
#define EXT_TABLE_WRITE_H

#include "table.h"

/* xUpdate. */
int table_write(sqlite3_vtab *vtab, int argc, sqlite3_value **argv,
                sqlite3_int64 *rowid);

/* Free the condition that was read last. */
void table_forget_condition(table_vtab *table);

#endif
