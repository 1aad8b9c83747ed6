/* Making the shadow tables of a table and of an index; the contracts are in
 * table.h and table_internal.h. */
#include "engine/table_internal.h"

#include "base/clock.h"
#include "engine/catalogue.h"
#include "engine/declaration.h"
#include "engine/names.h"
#include "engine/stream.h"
#include "engine/table_capacity.h"

#include <inttypes.h>

size_t dyn_index_partitions(const dyn_definition *definition,
                            const dyn_index *index)
{
    dyn_definition own = *definition;
    if (index->is_local) return 1;
    own.throughput = dyn_index_throughput(definition, index);
    return dyn_partitions_initial(&own);
}

dyn_status dyn_index_create(dyn_call *call, dyn_store *store,
                            const dyn_definition *definition, size_t number,
                            int64_t tree, bool is_filling)
{
    const dyn_index *index = &definition->indexes[number];
    dyn_index_row row = {.tree = tree, .is_filling = is_filling};
    DYN_TRY(
        dyn_declaration_print_index(call, definition, index, &row.declaration));
    DYN_TRY(dyn_catalogue_index_insert(call, store, &row));
    return dyn_partitions_create(call, store, tree,
                                 dyn_index_partitions(definition, index));
}

dyn_status dyn_definition_write(dyn_call *call, dyn_store *store,
                                const dyn_definition *definition)
{
    const char *const *arguments = NULL;
    size_t count = 0;
    bool found = false;
    dyn_bytes text = {NULL, 0};
    int64_t old_count = 0;
    DYN_TRY(dyn_catalogue_meta(call, store, "arguments", &found, &text,
                               &old_count));
    DYN_TRY(dyn_declaration_print(call, definition, &arguments, &count));
    DYN_TRY(dyn_catalogue_meta_set_number(call, store, "arguments",
                                          (int64_t)count));
    for (size_t i = 0; i < count; i++) {
        char *name = dyn_format(call, "argument %04zu", i);
        if (name == NULL) return DYN_NOMEM;
        DYN_TRY(dyn_catalogue_meta_set_text(call, store, name, arguments[i]));
    }
    for (int64_t i = (int64_t)count; i < old_count; i++) {
        char *name = dyn_format(call, "argument %04" PRId64, i);
        if (name == NULL) return DYN_NOMEM;
        DYN_TRY(dyn_catalogue_meta_delete(call, store, name));
    }
    return DYN_OK;
}

static dyn_status begin_stream(dyn_call *call, dyn_store *store,
                               dyn_stream_view view)
{
    dyn_partitions map = {.tree = DYN_TREE_ITEMS};
    if (view == DYN_STREAM_OFF) return DYN_OK;
    dyn_status status = dyn_partitions_load(call, store, &map);
    if (status == DYN_OK) status = dyn_stream_begin(call, store, &map, view);
    dyn_partitions_free(&map);
    return status;
}

static dyn_status fill_store(dyn_call *call, dyn_store *store,
                             const dyn_definition *definition)
{
    dyn_log_keep keep = dyn_log_keep_of(definition, false);
    dyn_bytes names = {NULL, 0};
    DYN_TRY(dyn_store_create(call, store));
    DYN_TRY(dyn_catalogue_meta_set_number(call, store, "format", DYN_FORMAT));
    DYN_TRY(dyn_catalogue_meta_set_number(call, store, "generation", 1));
    DYN_TRY(dyn_catalogue_meta_set_number(call, store, "created_ms",
                                          dyn_clock_now_ms()));
    DYN_TRY(dyn_definition_write(call, store, definition));
    DYN_TRY(dyn_names_print(call, definition, &names));
    DYN_TRY(dyn_catalogue_meta_set_bytes(call, store, "names", names));
    DYN_TRY(dyn_partitions_create(call, store, DYN_TREE_ITEMS,
                                  dyn_partitions_initial(definition)));
    for (size_t i = 0; i < definition->index_count; i++) {
        DYN_TRY(dyn_index_create(call, store, definition, i, (int64_t)i + 1,
                                 false));
    }
    DYN_TRY(dyn_provisioned_note(call, store, definition));
    DYN_TRY(begin_stream(call, store, definition->stream));
    DYN_TRY(dyn_log_keep_begin(call, store, &keep));
    return definition->ttl.size_bytes > 0
               ? dyn_expiry_create(call, store, false)
               : DYN_OK;
}

dyn_status dyn_table_create(dyn_call *call, dyn_session *session,
                            const char *schema, const char *name,
                            const dyn_definition *definition)
{
    DYN_TRY(dyn_name_check(call, "table", dyn_bytes_text(name)));
    dyn_store *store = NULL;
    DYN_TRY(dyn_store_open(call, session->db, schema, name, &store));
    dyn_status status = fill_store(call, store, definition);
    dyn_store_close(store);
    return status;
}

dyn_status dyn_table_begin(dyn_call *call, dyn_table *table,
                           const dyn_definition *definition)
{
    dyn_birth birth;
    DYN_TRY(dyn_table_birth(call, table, &birth));
    memcpy(table->made_id, birth.id.data, DYN_TABLE_ID_BYTES);
    if (!dyn_definition_throttles(definition)) return DYN_OK;
    DYN_TRY(dyn_table_refresh(call, table));
    return dyn_table_save_gates(call, table);
}
