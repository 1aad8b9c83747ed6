/* Tags, as texts of _meta; the contracts are in tags.h. */
#include "engine/tags.h"

#define PREFIX "tag"

static dyn_status name_of(dyn_call *call, dyn_bytes key, const char **out)
{
    *out = dyn_format(call, PREFIX " %.*s", (int)key.size_bytes,
                      (const char *)key.data);
    return *out == NULL ? DYN_NOMEM : DYN_OK;
}

dyn_status dyn_tags_list(dyn_call *call, dyn_table *table, dyn_meta_row **rows,
                         size_t *count)
{
    return dyn_catalogue_meta_list(call, dyn_table_store(table), PREFIX, rows,
                                   count);
}

dyn_status dyn_tag_set(dyn_call *call, dyn_table *table, dyn_bytes key,
                       dyn_bytes value)
{
    const char *name = NULL;
    dyn_bytes text = {NULL, 0};
    DYN_TRY(name_of(call, key, &name));
    DYN_TRY(dyn_copy(call, value, &text));
    return dyn_catalogue_meta_set_text(call, dyn_table_store(table), name,
                                       (const char *)text.data);
}

dyn_status dyn_tag_remove(dyn_call *call, dyn_table *table, dyn_bytes key)
{
    const char *name = NULL;
    if (memchr(key.data, 0, key.size_bytes) != NULL) return DYN_OK;
    DYN_TRY(name_of(call, key, &name));
    return dyn_catalogue_meta_delete(call, dyn_table_store(table), name);
}
