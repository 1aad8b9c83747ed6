/* The SQL function dynamo_api(operation, request). */
#ifndef EXT_API_FUNCTION_H
#define EXT_API_FUNCTION_H

#include "base/sqlite.h"
#include "engine/session.h"

int api_function_register(sqlite3 *db, dyn_session *session);

#endif
