/*
 * Rows that are written: an INSERT, UPDATE or DELETE of a row is a PutItem, an
 * UpdateItem or PutItem, or a DeleteItem, which is done at once. There is no
 * transaction over the wire: what was written stays, whatever becomes of the
 * statement and of SQLite's transaction.
 */
#ifndef REMOTE_ROW_WRITE_H
#define REMOTE_ROW_WRITE_H

#include "table.h"

/* xUpdate. Fails with DYN_EXISTS, and as remote_service_call(). */
dyn_status remote_write_row(dyn_call *call, remote_table *table, int argc,
                            sqlite3_value **argv);

#endif
