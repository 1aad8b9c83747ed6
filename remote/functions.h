/*
 * SQL functions:
 *   dynamo_remote_cost()                           as dynamo_cost(), of remote
 *                                                  tables
 *   dynamo_remote_api(endpoint, operation, request)
 *   dynamo_copy(source, target [, pages])          copy.h
 */
#ifndef REMOTE_FUNCTIONS_H
#define REMOTE_FUNCTIONS_H

#include "session.h"

/* Returns a SQLite code. */
int functions_register(sqlite3 *db, remote_session *session);

#endif
