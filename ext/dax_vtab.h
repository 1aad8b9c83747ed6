/* Module `dynamo_dax`: CREATE VIRTUAL TABLE temp.t USING dynamo_dax(...). */
#ifndef EXT_DAX_VTAB_H
#define EXT_DAX_VTAB_H

#include "base/sqlite.h"
#include "engine/session.h"

int dax_vtab_register(sqlite3 *db, dyn_session *session);

#endif
