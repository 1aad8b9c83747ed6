/* SQL functions of items: dynamo_json, dynamo_matches, ... */
#ifndef EXT_ITEM_FUNCTIONS_H
#define EXT_ITEM_FUNCTIONS_H

#include "base/sqlite.h"

int item_functions_register(sqlite3 *db);

#endif
