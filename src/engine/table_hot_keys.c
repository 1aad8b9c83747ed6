/* Hot keys as rows; the contract is in table_hot_keys.h. */
#include "engine/table_hot_keys.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "engine/table_internal.h"
#include "item/key.h"

/* ----------------------------------------------------------------- keys -- */

/* A text of which only the beginning is kept, without half a character. */
static dyn_status cut_text(dyn_call *call, dyn_bytes kept, dyn_bytes *out)
{
    dyn_buffer text;
    kept.size_bytes = dyn_utf8_valid_bytes(kept);
    dyn_buffer_begin(&text, call, kept.size_bytes + 4);
    dyn_buffer_add_bytes(&text, kept);
    dyn_buffer_add_text(&text, "\xe2\x80\xa6");
    return dyn_buffer_end(&text, out);
}

/* The attribute that is cut, in what is left of a key. False: there is nothing
 * to show of it. */
static dyn_status read_cut(dyn_call *call, dyn_bytes rest, dyn_type type,
                           dyn_value *out, bool *is_shown)
{
    enum { LENGTH_BYTES = 2 };
    *is_shown = rest.size_bytes > LENGTH_BYTES && type != DYN_TYPE_N;
    if (!*is_shown) return DYN_OK;
    dyn_bytes kept = {rest.data + LENGTH_BYTES, rest.size_bytes - LENGTH_BYTES};
    *out = (dyn_value){.type = type, .bytes = kept};
    return type == DYN_TYPE_S ? cut_text(call, kept, &out->bytes) : DYN_OK;
}

/* Whether the next attribute is kept whole. */
static bool is_whole(dyn_bytes rest)
{
    return rest.size_bytes >= 2 &&
           rest.size_bytes - 2 >= ((size_t)rest.data[0] << 8 | rest.data[1]);
}

static dyn_status read_attributes(dyn_call *call,
                                  const dyn_definition *definition,
                                  const dyn_key_schema *schema,
                                  const dyn_hot_key *key, dyn_list *out)
{
    dyn_bytes rest = {key->key.data + DYN_KEY_HASH_BYTES,
                      key->key.size_bytes - DYN_KEY_HASH_BYTES};
    bool is_cut = key->key_bytes > key->key.size_bytes;
    for (size_t i = 0; i < schema->partition_count; i++) {
        dyn_value *value = &out->elements[out->count];
        dyn_type type = definition->columns[schema->partition[i]].type;
        if (is_cut && !is_whole(rest)) {
            bool is_shown = false;
            DYN_TRY(read_cut(call, rest, type, value, &is_shown));
            out->count += is_shown;
            return DYN_OK;
        }
        DYN_TRY(dyn_key_next_partition(call, &rest, type, value));
        out->count++;
    }
    return DYN_OK;
}

static dyn_status read_key(dyn_call *call, const dyn_definition *definition,
                           const dyn_key_schema *schema, const dyn_hot_key *key,
                           dyn_value *out)
{
    dyn_list list = {NULL, 0};
    list.elements =
        dyn_alloc(call, schema->partition_count * sizeof(dyn_value));
    if (list.elements == NULL) return DYN_NOMEM;
    DYN_TRY(read_attributes(call, definition, schema, key, &list));
    *out = schema->partition_count == 1 && list.count == 1
               ? list.elements[0]
               : (dyn_value){.type = DYN_TYPE_L, .list = list};
    return DYN_OK;
}

/* ----------------------------------------------------------------- rows -- */

static double part_of(int64_t weight, const dyn_hot_key_list *list)
{
    int64_t total =
        list->reads * dyn_hot_units.read + list->writes * dyn_hot_units.write;
    return (double)weight / (double)total;
}

static dyn_status add_list(dyn_call *call, const dyn_table *table,
                           const dyn_hot_key_list *list, const dyn_hot_row *all,
                           dyn_buffer *rows)
{
    const dyn_definition *definition = &table->definition;
    const dyn_key_schema *schema =
        all->index == NULL ? &definition->key : &all->index->key;
    for (size_t i = 0; i < list->count; i++) {
        const dyn_hot_key *key = &list->keys[i];
        dyn_hot_row row = *all;
        DYN_TRY(read_key(call, definition, schema, key, &row.key));
        row.read_halves = key->reads;
        row.write_units = key->writes;
        row.share = part_of(key->weight - key->error, list);
        row.error = part_of(key->error, list);
        row.since_ms = list->since_ms;
        dyn_buffer_add(rows, &row, sizeof(row));
    }
    return DYN_OK;
}

static dyn_status add_tree(dyn_call *call, const dyn_table *table, int64_t tree,
                           const dyn_index *index, dyn_buffer *rows)
{
    dyn_hot_keys_option option = dyn_definition_hot_keys(&table->definition);
    int64_t now_ms = dyn_clock_now_ms();
    for (int kind = 0; kind < DYN_HOT_KINDS; kind++) {
        dyn_hot_key_list list;
        dyn_hot_row row = {.index = index, .kind = (dyn_hot_kind)kind};
        if (option == DYN_HOT_KEYS_OFF) continue;
        if (kind == DYN_HOT_CONSUMED && option != DYN_HOT_KEYS_ON) continue;
        DYN_TRY(dyn_account_hot_keys(call, table->account, tree, row.kind,
                                     now_ms, &list));
        DYN_TRY(add_list(call, table, &list, &row, rows));
    }
    return DYN_OK;
}

dyn_status dyn_table_hot_keys(dyn_call *call, dyn_table *table,
                              dyn_hot_row **rows, size_t *count)
{
    dyn_buffer buffer;
    dyn_bytes bytes = {NULL, 0};
    const dyn_definition *definition = &table->definition;
    dyn_buffer_begin(&buffer, call, 8 * sizeof(dyn_hot_row));
    DYN_TRY(add_tree(call, table, DYN_TREE_ITEMS, NULL, &buffer));
    for (size_t i = 0; i < definition->index_count; i++) {
        const dyn_index *index = &definition->indexes[i];
        if (index->is_local) continue;
        DYN_TRY(add_tree(call, table, table->indexes[i].tree, index, &buffer));
    }
    DYN_TRY(dyn_buffer_end(&buffer, &bytes));
    *rows = (dyn_hot_row *)(void *)bytes.data;
    *count = bytes.size_bytes / sizeof(dyn_hot_row);
    return DYN_OK;
}
