/*
 * Restoring: a new table is given the items of another one, of a backup or of
 * an earlier time. It consumes no units, and leaves no records in a log.
 *
 * It is made as any table is, of what dyn_restore_definition() says; items are
 * put into it, changes of the source taken back, and then its indexes are
 * filled. All of that is in one transaction.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_RESTORE_H
#define DYN_ENGINE_RESTORE_H

#include "engine/table.h"

/* The definition of a table that is restored, in the memory of call: that of
 * the source, without what a restore leaves out (docs/semantics.md 21). Fails
 * with DYN_NOMEM. */
dyn_status dyn_restore_definition(dyn_call *call, const dyn_definition *source,
                                  dyn_definition *out);

/* Put an item into the table, by its key and its stored form. They come in the
 * order of their keys. Fails with DYN_CORRUPT when it is no item of the table,
 * and as a write does. */
dyn_status dyn_restore_item(dyn_call *call, dyn_table *table, dyn_bytes key,
                            dyn_bytes stored);

/* Take a change of the source back: what was there after it becomes what was
 * there before it. Fails with DYN_CORRUPT when the table does not have what was
 * there after it, and as a write does. */
dyn_status dyn_restore_undo(dyn_call *call, dyn_table *table,
                            const dyn_log_record *change);

/* Fill the indexes, when all items are there: begin, and take steps of up to
 * rows_max items until *is_end. Fail as a write does. */
dyn_status dyn_restore_begin_indexes(dyn_call *call, dyn_table *table);
dyn_status dyn_restore_indexes(dyn_call *call, dyn_table *table,
                               size_t rows_max, bool *is_end);

/* Where a table was restored from. */
typedef struct dyn_origin {
    int64_t time_ms;      /* the items are of that time, since 1970 */
    dyn_bytes table_arn;  /* of the source */
    dyn_bytes backup_arn; /* no bytes: from an earlier time of the source */
} dyn_origin;

/* Write it; read it, unless the table was not restored. Fail as a write and the
 * store do. */
dyn_status dyn_restore_set_origin(dyn_call *call, dyn_table *table,
                                  const dyn_origin *origin);
dyn_status dyn_restore_origin(dyn_call *call, dyn_table *table, bool *found,
                              dyn_origin *out);

#endif
