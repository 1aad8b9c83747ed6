/* Exports; the contract is in export_table.h. */
#include "ops/export_table.h"

#include "engine/past.h"
#include "engine/row.h"
#include "item/item_json.h"
#include "item/key.h"
#include "ops/export_changes.h"
#include "ops/steps.h"

enum { PAGE_ROWS = 256, PAGE_BYTES_MAX = 256 * 1024 };

/* Where the next page begins. */
typedef struct position {
    size_t size_bytes;
    unsigned char bytes[DYN_INDEX_KEY_BYTES_MAX + 1];
} position;

static dyn_status write_row(dyn_call *call, const dyn_table *table,
                            const dyn_row *row, dyn_export_files *files)
{
    enum { ROOM_BYTES = 512 };
    dyn_view view;
    dyn_map item = {NULL, 0};
    dyn_buffer line;
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(dyn_row_open(call, dyn_table_layout(table), DYN_TREE_ITEMS,
                         row->key, row->item, &view));
    DYN_TRY(dyn_view_decode(call, &view, &item));
    dyn_buffer_begin(&line, call, ROOM_BYTES);
    dyn_buffer_add_text(&line, "{\"Item\":");
    dyn_item_to_json(&line, &item, DYN_JSON_TYPED);
    dyn_buffer_add_text(&line, "}\n");
    DYN_TRY(dyn_buffer_end(&line, &bytes));
    return dyn_export_add(call, files, bytes);
}

/* No key is between a key and the position behind it. */
static dyn_status move_behind(dyn_call *call, position *at, dyn_bytes key)
{
    if (key.size_bytes > DYN_INDEX_KEY_BYTES_MAX) {
        return dyn_fail(call, DYN_CORRUPT, "a stored key has %zu bytes",
                        key.size_bytes);
    }
    memcpy(at->bytes, key.data, key.size_bytes);
    at->bytes[key.size_bytes] = 0;
    at->size_bytes = key.size_bytes + 1;
    return DYN_OK;
}

/* What is written in steps. */
typedef struct writing {
    dyn_table *table;
    dyn_export_files *files;
    dyn_past *past; /* NULL: of now */
    position at;
} writing;

static dyn_status read_page(dyn_call *call, writing *w, dyn_rows *out)
{
    const dyn_range range = {
        .tree = DYN_TREE_ITEMS,
        .low = {w->at.bytes, w->at.size_bytes},
        .high = dyn_key_end(),
        .rows_max = PAGE_ROWS,
        .bytes_max = PAGE_BYTES_MAX,
    };
    return w->past != NULL
               ? dyn_past_range(call, w->past, &range, out)
               : dyn_rows_range(call, dyn_table_store(w->table), &range, out);
}

static dyn_status write_page(dyn_call *call, void *work, bool *is_end)
{
    writing *w = work;
    dyn_rows rows;
    DYN_TRY(read_page(call, w, &rows));
    *is_end = rows.is_end || rows.count == 0;
    for (size_t i = 0; i < rows.count; i++)
        DYN_TRY(write_row(call, w->table, &rows.all[i], w->files));
    return *is_end ? DYN_OK
                   : move_behind(call, &w->at, rows.all[rows.count - 1].key);
}

static dyn_status write_items(dyn_call *call, dyn_table *table, int64_t time_ms,
                              dyn_export_files *files)
{
    dyn_past past;
    writing w = {.table = table, .files = files};
    if (time_ms == 0) return dyn_work_run(call, write_page, &w);
    dyn_past_begin(&past, table, dyn_past_position(time_ms));
    w.past = &past;
    dyn_status status = dyn_work_run(call, write_page, &w);
    dyn_past_end(&past);
    return status;
}

static dyn_status write_all(dyn_call *call, dyn_table *table,
                            const dyn_export_request *request, dyn_job *job,
                            dyn_export_files *files)
{
    DYN_TRY(dyn_export_begin(call, request, job, files));
    if (request->period == NULL) {
        DYN_TRY(write_items(call, table, request->time_ms, files));
    } else {
        DYN_TRY(dyn_export_changes(call, table, request->period, files));
    }
    return dyn_export_end(files);
}

dyn_status dyn_export_table(dyn_call *call, dyn_table *table,
                            const dyn_export_request *request, dyn_job *job)
{
    dyn_export_files files = {.writer = NULL};
    dyn_status status = write_all(call, table, request, job, &files);
    dyn_export_discard(&files);
    return status;
}
