/* Restoring; the contracts are in restore.h. */
#include "ops/restore.h"

#include "base/clock.h"
#include "engine/restore.h"
#include "engine/rows.h"
#include "item/key.h"
#include "ops/steps.h"

/* A row that is written takes several times the memory of a leaf, and a step is
 * to take little: so it has few of them. */
enum { STEP_ROWS = 20, STEP_BYTES = 1024 * 1024 };

/* --------------------------------------------------------------- indexes -- */

static dyn_status fill_indexes(dyn_call *call, void *work, bool *is_end)
{
    return dyn_restore_indexes(call, work, STEP_ROWS, is_end);
}

static dyn_status restore_indexes(dyn_call *call, dyn_table *table)
{
    DYN_TRY(dyn_restore_begin_indexes(call, table));
    return dyn_work_run(call, fill_indexes, table);
}

/* --------------------------------------------------------------- backups -- */

typedef struct restoring {
    dyn_table *table;
    dyn_store *archive;
    const dyn_backup *backup;
    int64_t part;
    dyn_bytes rest; /* of the part: what is not restored yet */
    int64_t items;
} restoring;

static dyn_status restore_items(dyn_call *call, void *work, bool *is_end)
{
    restoring *r = work;
    dyn_bytes key = {NULL, 0};
    dyn_bytes item = {NULL, 0};
    for (int i = 0; i < STEP_ROWS; i++) {
        *is_end = !dyn_backup_take(&r->rest, &key, &item);
        if (*is_end) return DYN_OK;
        DYN_TRY(dyn_restore_item(call, r->table, key, item));
        r->items++;
    }
    return DYN_OK;
}

static dyn_status restore_part(dyn_call *call, void *work, bool *is_end)
{
    restoring *r = work;
    *is_end = r->part == r->backup->parts;
    if (*is_end) return DYN_OK;
    DYN_TRY(dyn_backup_read(call, r->archive, r->backup, r->part, &r->rest));
    DYN_TRY(dyn_work_run(call, restore_items, r));
    r->part++;
    return r->rest.size_bytes == 0 ? DYN_OK : dyn_backup_fail(call, r->backup);
}

dyn_status dyn_restore_backup(dyn_call *call, const dyn_backup *backup,
                              dyn_table *table)
{
    restoring r = {.table = table, .backup = backup};
    dyn_definition source;
    DYN_TRY(dyn_backup_definition(call, backup, &source));
    DYN_TRY(dyn_table_take_names(call, table, &source));
    DYN_TRY(dyn_backup_open(call, dyn_table_session(table)->db, backup->schema,
                            &r.archive));
    dyn_status status = dyn_work_run(call, restore_part, &r);
    dyn_store_close(r.archive);
    if (status != DYN_OK) return status;
    if (r.items != backup->items) return dyn_backup_fail(call, backup);
    return restore_indexes(call, table);
}

/* -------------------------------------------------------------- the past -- */

dyn_restore_window dyn_restore_window_of(const dyn_table *table)
{
    const dyn_log_keep *keep = dyn_table_log_keep(table);
    int64_t now_ms = dyn_clock_now_ms();
    if (keep->kept_ms == 0 || keep->whole_from == INT64_MAX)
        return (dyn_restore_window){.is_there = false};
    int64_t whole_ms = dyn_log_time_ms(keep->whole_from + 1);
    int64_t kept_ms = now_ms - keep->kept_ms;
    return (dyn_restore_window){
        .is_there = true,
        .earliest_ms = whole_ms > kept_ms ? whole_ms : kept_ms,
        .latest_ms = now_ms,
    };
}

/* The items of now, and then what has changed since, from the last change on:
 * so no more of it is in memory than a step takes. */
typedef struct rewinding {
    dyn_table *source;
    dyn_table *table;
    dyn_buffer position; /* behind the last key that is copied */
    int64_t after;       /* changes behind this sequence are taken back, */
    int64_t high;        /* up from this one */
} rewinding;

static dyn_status copy_rows(dyn_call *call, void *work, bool *is_end)
{
    rewinding *r = work;
    const dyn_range range = {
        .tree = DYN_TREE_ITEMS,
        .low = {r->position.data, r->position.size_bytes},
        .high = dyn_key_end(),
        .rows_max = STEP_ROWS,
        .bytes_max = STEP_BYTES,
    };
    dyn_rows rows;
    DYN_TRY(dyn_rows_range(call, dyn_table_store(r->source), &range, &rows));
    for (size_t i = 0; i < rows.count; i++) {
        DYN_TRY(dyn_restore_item(call, r->table, rows.all[i].key,
                                 rows.all[i].item));
    }
    *is_end = rows.is_end;
    if (rows.count == 0) return DYN_OK;
    r->position.size_bytes = 0;
    dyn_buffer_add_bytes(&r->position, rows.all[rows.count - 1].key);
    dyn_buffer_add_byte(&r->position, 0);
    return DYN_OK;
}

static dyn_status take_back(dyn_call *call, void *work, bool *is_end)
{
    rewinding *r = work;
    const dyn_log_range range = {
        .low = r->after + 1,
        .high = r->high,
        .down = true,
        .records_max = STEP_ROWS,
        .bytes_max = STEP_BYTES,
    };
    dyn_log_records changes;
    DYN_TRY(dyn_log_read(call, dyn_table_store(r->source), &range, &changes));
    for (size_t i = 0; i < changes.count; i++)
        DYN_TRY(dyn_restore_undo(call, r->table, &changes.all[i]));
    *is_end = changes.is_end;
    if (changes.count > 0)
        r->high = changes.all[changes.count - 1].sequence - 1;
    return DYN_OK;
}

dyn_status dyn_restore_past(dyn_call *call, dyn_table *source, int64_t time_ms,
                            dyn_table *table, int64_t *items)
{
    int64_t size_bytes = 0;
    rewinding r = {.source = source, .table = table, .high = INT64_MAX};
    bool is_now = time_ms == INT64_MAX;
    r.after = is_now ? INT64_MAX : dyn_log_sequence_at(time_ms + 1) - 1;
    dyn_buffer_begin(&r.position, call, DYN_KEY_BYTES_MAX + 1);
    if (r.position.failed) return DYN_NOMEM;
    DYN_TRY(dyn_table_take_names(call, table, dyn_table_definition(source)));
    DYN_TRY(dyn_work_run(call, copy_rows, &r));
    if (!is_now) DYN_TRY(dyn_work_run(call, take_back, &r));
    dyn_partitions_sum(dyn_table_map(table), items, &size_bytes);
    return restore_indexes(call, table);
}
