/* Names that have numbers; the contracts are in names.h. */
#include "engine/names.h"

dyn_status dyn_names_print(dyn_call *call, const dyn_definition *definition,
                           dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 64);
    dyn_buffer_add_byte(&text, '[');
    for (size_t i = 0; i < definition->name_count; i++) {
        if (i > 0) dyn_buffer_add_byte(&text, ',');
        dyn_json_write_string(&text, definition->names[i]);
    }
    dyn_buffer_add_byte(&text, ']');
    return dyn_buffer_end(&text, out);
}

/* In the order of names, no two are the same. */
static bool are_different(const dyn_names *names)
{
    for (size_t i = 1; i < names->count; i++) {
        if (dyn_bytes_equal(names->all[names->order[i - 1]],
                            names->all[names->order[i]]))
            return false;
    }
    return true;
}

dyn_status dyn_names_read(dyn_call *call, const dyn_json *list,
                          dyn_definition *definition)
{
    dyn_names all;
    size_t count = 0;
    if (list->type != DYN_JSON_ARRAY || list->count > DYN_NAMES_LEARNED_MAX)
        return DYN_CORRUPT;
    dyn_bytes *names = dyn_alloc(call, list->count * sizeof(*names));
    if (names == NULL) return DYN_NOMEM;
    for (const dyn_json *name = list->first; name != NULL; name = name->next) {
        if (name->type != DYN_JSON_STRING) return DYN_CORRUPT;
        names[count++] = name->text;
    }
    definition->names = names;
    definition->name_count = count;
    DYN_TRY(dyn_names_of(call, definition, &all));
    return are_different(&all) ? DYN_OK : DYN_CORRUPT;
}

dyn_status dyn_names_of(dyn_call *call, const dyn_definition *definition,
                        dyn_names *out)
{
    size_t columns = definition->column_count;
    size_t count = columns + definition->name_count;
    dyn_bytes *all = dyn_alloc(call, count * sizeof(*all));
    uint16_t *order = dyn_alloc(call, count * sizeof(*order));
    if (all == NULL || order == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        all[i] = i < columns ? definition->columns[i].name
                             : definition->names[i - columns];
    }
    dyn_order_names(all, count, order);
    *out = (dyn_names){all, order, count};
    return DYN_OK;
}
