/* Cells, and the names of tables and indexes as texts for them. */
#include "look.h"

look_cell look_null(void)
{
    return (look_cell){.type = LOOK_NULL};
}

look_cell look_number(int64_t number)
{
    return (look_cell){.type = LOOK_NUMBER, .number = number};
}

look_cell look_text(const char *text)
{
    return (look_cell){.type = text == NULL ? LOOK_NULL : LOOK_TEXT,
                       .text = text};
}

look_cell look_units(int64_t halves)
{
    return (look_cell){
        .type = LOOK_NUMBER, .number = halves / 2, .halves = halves % 2};
}

look_cell look_real(double real)
{
    return (look_cell){.type = LOOK_REAL, .real = real};
}

look_cell look_value(const dyn_value *value)
{
    return (look_cell){.type = LOOK_VALUE, .value = value};
}

dyn_status look_table_name(dyn_call *call, const dyn_table *table,
                           const char **out)
{
    *out = dyn_format(call, "%s", dyn_table_name(table));
    return *out != NULL ? DYN_OK : DYN_NOMEM;
}

dyn_status look_index_name(dyn_call *call, const dyn_index *index,
                           const char **out)
{
    dyn_bytes copy = {NULL, 0};
    DYN_TRY(dyn_copy(call, index->name, &copy));
    *out = (const char *)copy.data;
    return DYN_OK;
}
