/* Changing a table, its options or its handlers, in a function of SQL. */
#ifndef EXT_CHANGE_TABLE_H
#define EXT_CHANGE_TABLE_H

#include "engine/table.h"

/* A change of a table that is up to date and takes part in the transaction. */
typedef dyn_status change_of_table(dyn_call *call, dyn_table *table,
                                   const void *context);

/* Make a change of the table of that name, all of it or nothing. function is
 * the name of the SQL function, for messages. Fails as the change does, with
 * the name of the table before its message; with DYN_NOT_FOUND when there is no
 * such table, and DYN_INVALID within a statement that writes. */
dyn_status change_table(dyn_call *call, dyn_session *session,
                        const char *function, const char *name,
                        change_of_table *change, const void *context);

#endif
