/* Conflicts of replicas; the contracts are in conflict.h. */
#include "engine/conflict.h"

#include "engine/store_internal.h"

static dyn_status bind_side(dyn_call *call, dyn_store *store,
                            sqlite3_stmt *statement, int position,
                            const dyn_conflict_side *side)
{
    const dyn_bytes texts[] = {side->item, side->region,
                               dyn_bytes_text(side->time)};
    for (int i = 0; i < 3; i++) {
        DYN_TRY(dyn_store_bind_text_or_null(call, store, statement,
                                            position + i, texts[i]));
    }
    return DYN_OK;
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
    DYN_TRY(dyn_store_bind_text(call, store, statement, 1,
                                dyn_bytes_text(conflict->time)));
    DYN_TRY(dyn_store_bind_text(call, store, statement, 2, conflict->keys));
    DYN_TRY(bind_side(call, store, statement, KEPT, &conflict->kept));
    DYN_TRY(bind_side(call, store, statement, LOST, &conflict->lost));
    return dyn_store_write(call, store, statement);
}
