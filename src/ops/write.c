/* What all writes share; the contracts are in write.h. */
#include "ops/write.h"

#include "item/key.h"

dyn_status dyn_write_read(dyn_call *call, dyn_table *table, dyn_bytes key,
                          dyn_before *out)
{
    *out = (dyn_before){.found = false};
    DYN_TRY(dyn_store_get(call, table->store, key, &out->found, &out->row));
    if (!out->found) return DYN_OK;
    return dyn_view_open(call, key, out->row.item, &out->view);
}

/* The lookup that found the item to write is part of the write: what it was
 * charged is taken back. */
static void absorb_point_read(dyn_table *table, dyn_meter *meter, dyn_bytes key)
{
    dyn_point_read *read = &table->session->point_read;
    if (read->table == table && read->key_hash == dyn_key_digest(key)) {
        int64_t minute = meter->minute;
        meter->minute = read->minute;
        dyn_table_charge(table, meter, -read->halves, 0);
        meter->minute = minute;
    }
    read->table = NULL;
}

static dyn_status change_rows(dyn_call *call, dyn_table *table, dyn_bytes key,
                              const dyn_before *before, const dyn_map *item,
                              size_t size_bytes)
{
    dyn_bytes stored = {NULL, 0};
    if (item == NULL) {
        return before->found
                   ? dyn_store_delete(call, table->store, &before->row)
                   : DYN_OK;
    }
    DYN_TRY(dyn_item_encode(call, item, size_bytes, key, &stored));
    return before->found
               ? dyn_store_replace(call, table->store, &before->row, stored)
               : dyn_store_insert(call, table->store, key, stored);
}

dyn_status dyn_write_item(dyn_call *call, dyn_table *table, dyn_bytes key,
                          const dyn_before *before, const dyn_map *item,
                          size_t size_bytes)
{
    dyn_meter meter;
    DYN_TRY(dyn_table_meter(call, table, &meter));
    dyn_store_begin_write(table->store);
    DYN_TRY(change_rows(call, table, key, before, item, size_bytes));

    absorb_point_read(table, &meter, key);
    size_t old_bytes = before->view.size_bytes;
    dyn_partitions_add(&table->map, dyn_key_hash(key),
                       (item != NULL) - (int)before->found,
                       (int64_t)size_bytes - (int64_t)old_bytes);
    dyn_table_charge(table, &meter, 0, dyn_write_units(old_bytes, size_bytes));
    return DYN_OK;
}

dyn_status dyn_write_new_item(dyn_call *call, dyn_table *table, dyn_bytes key,
                              const dyn_map *item, size_t size_bytes)
{
    static const dyn_before nothing;
    dyn_status status =
        dyn_write_item(call, table, key, &nothing, item, size_bytes);
    if (status != DYN_EXISTS) return status;

    dyn_before before;
    dyn_meter meter;
    DYN_TRY(dyn_write_read(call, table, key, &before));
    DYN_TRY(dyn_table_meter(call, table, &meter));
    dyn_table_charge(table, &meter, 0,
                     dyn_write_units(before.view.size_bytes, size_bytes));
    return dyn_fail(call, DYN_EXISTS,
                    "an item with this key is there already; INSERT OR REPLACE "
                    "puts the new one in its place");
}
