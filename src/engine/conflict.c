/* Conflicts of replicas; the contracts are in conflict.h. */
#include "engine/conflict.h"

#include "engine/store_internal.h"

static void bind_text(sqlite3_stmt *statement, int position, dyn_bytes text)
{
    if (text.data == NULL) {
        sqlite3_bind_null(statement, position);
    } else {
        sqlite3_bind_text64(statement, position, (const char *)text.data,
                            text.size_bytes, SQLITE_STATIC, SQLITE_UTF8);
    }
}

static void bind_side(sqlite3_stmt *statement, int position,
                      const dyn_conflict_side *side)
{
    bind_text(statement, position, side->item);
    bind_text(statement, position + 1, side->region);
    bind_text(statement, position + 2, dyn_bytes_text(side->time));
}

dyn_status dyn_conflict_write(dyn_call *call, dyn_store *store,
                              const dyn_conflict *conflict)
{
    enum { KEPT = 3, LOST = 6 };
    sqlite3_stmt *statement = NULL;
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_CONFLICTS_CREATE, &statement));
    DYN_TRY(dyn_store_write(call, store, statement));
    DYN_TRY(
        dyn_store_statement(call, store, DYN_SQL_CONFLICT_INSERT, &statement));
    bind_text(statement, 1, dyn_bytes_text(conflict->time));
    bind_text(statement, 2, conflict->keys);
    bind_side(statement, KEPT, &conflict->kept);
    bind_side(statement, LOST, &conflict->lost);
    return dyn_store_write(call, store, statement);
}
