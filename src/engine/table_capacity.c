/* Capacity by minute; the contracts are in table_capacity.h. */
#include "engine/table_capacity.h"

#include "base/clock.h"
#include "engine/catalogue.h"

#include <stdlib.h>

enum { MINUTE_MS = 60 * 1000 };

static int compare_rows(const void *left, const void *right)
{
    const dyn_provisioned_row *a = left;
    const dyn_provisioned_row *b = right;
    int order = dyn_bytes_compare(a->name, b->name);
    if (order != 0) return order;
    if (a->minute == b->minute) return 0;
    return a->minute < b->minute ? -1 : 1;
}

/* SQLite's order of names depends on the encoding. */
dyn_status dyn_provisioned_read(dyn_call *call, dyn_store *store,
                                dyn_provisioned_history *out)
{
    DYN_TRY(dyn_catalogue_provisioned(call, store, &out->rows, &out->count));
    if (out->count > 1) {
        qsort(out->rows, out->count, sizeof(dyn_provisioned_row), compare_rows);
    }
    return DYN_OK;
}

const dyn_provisioned_row *
dyn_provisioned_at(const dyn_provisioned_history *all, dyn_bytes name,
                   int64_t minute)
{
    const dyn_provisioned_row wanted = {.name = name, .minute = minute};
    size_t low = 0;
    size_t high = all->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_rows(&all->rows[middle], &wanted) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == 0 || !dyn_bytes_equal(all->rows[low - 1].name, name))
        return NULL;
    return &all->rows[low - 1];
}

/* ------------------------------------------------------------------- now -- */

/* What is provisioned now, a line for the table and for each global index. */
static dyn_status list_now(dyn_call *call, const dyn_definition *definition,
                           dyn_provisioned_history *out)
{
    int64_t minute = dyn_clock_now_ms() / MINUTE_MS;
    bool is_on_demand = definition->billing == DYN_ON_DEMAND;
    size_t most = 1 + definition->index_count;
    out->count = 0;
    out->rows = dyn_alloc(call, most * sizeof(dyn_provisioned_row));
    if (out->rows == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < most; i++) {
        const dyn_index *index = i == 0 ? NULL : &definition->indexes[i - 1];
        dyn_throughput units = index == NULL
                                   ? definition->throughput
                                   : dyn_index_throughput(definition, index);
        if (index != NULL && index->is_local) continue;
        out->rows[out->count++] = (dyn_provisioned_row){
            .minute = minute,
            .name = index == NULL ? dyn_bytes_text("") : index->name,
            .is_on_demand = is_on_demand,
            .read_units = is_on_demand ? 0 : units.read_units,
            .write_units = is_on_demand ? 0 : units.write_units,
        };
    }
    return DYN_OK;
}

/* Whether the last change that is stored is what is provisioned now. */
static bool is_noted(const dyn_provisioned_history *all,
                     const dyn_provisioned_row *row)
{
    const dyn_provisioned_row *last =
        dyn_provisioned_at(all, row->name, INT64_MAX);
    return last != NULL && last->is_on_demand == row->is_on_demand &&
           last->read_units == row->read_units &&
           last->write_units == row->write_units;
}

dyn_status dyn_provisioned_note(dyn_call *call, dyn_store *store,
                                const dyn_definition *definition)
{
    dyn_provisioned_history all = {NULL, 0};
    dyn_provisioned_history now = {NULL, 0};
    DYN_TRY(dyn_provisioned_read(call, store, &all));
    DYN_TRY(list_now(call, definition, &now));
    for (size_t i = 0; i < now.count; i++) {
        if (is_noted(&all, &now.rows[i])) continue;
        DYN_TRY(dyn_catalogue_provisioned_put(call, store, &now.rows[i]));
    }
    return DYN_OK;
}

dyn_status dyn_provisioned_check(dyn_call *call, dyn_store *store,
                                 const dyn_definition *definition,
                                 bool *is_sound)
{
    dyn_provisioned_history all = {NULL, 0};
    dyn_provisioned_history now = {NULL, 0};
    DYN_TRY(dyn_provisioned_read(call, store, &all));
    DYN_TRY(list_now(call, definition, &now));
    *is_sound = true;
    for (size_t i = 0; i < now.count; i++)
        *is_sound = *is_sound && is_noted(&all, &now.rows[i]);
    return DYN_OK;
}

/* --------------------------------------------------------------- reading -- */

dyn_status dyn_table_capacity(dyn_call *call, dyn_table *table,
                              dyn_capacity_row **rows, size_t *count)
{
    dyn_provisioned_history all = {NULL, 0};
    dyn_usage_row *usage = NULL;
    DYN_TRY(dyn_table_usage(call, table, &usage, count));
    DYN_TRY(dyn_provisioned_read(call, dyn_table_store(table), &all));
    *rows = dyn_alloc_zero(call, *count + 1, sizeof(dyn_capacity_row));
    if (*rows == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < *count; i++) {
        const dyn_provisioned_row *row =
            dyn_provisioned_at(&all, usage[i].name, usage[i].minute);
        bool is_known = row != NULL && !row->is_on_demand;
        (*rows)[i] = (dyn_capacity_row){
            .usage = usage[i],
            .is_on_demand = !is_known,
            .read_units = is_known ? row->read_units : 0,
            .write_units = is_known ? row->write_units : 0,
        };
    }
    return DYN_OK;
}
