/* Names that a table learns from what is written to it; the contracts are in
 * table.h. */
#include "engine/names.h"
#include "engine/table_internal.h"

/* An object of the table, and what it will know. */
typedef struct learner {
    dyn_table *table;
    const dyn_bytes *list;
    dyn_names names;
} learner;

/* ----------------------------------------------------------- what is new -- */

static bool is_worth_a_number(dyn_bytes name)
{
    return name.size_bytes >= DYN_NAME_LEARNED_BYTES_MIN &&
           name.size_bytes <= DYN_NAME_LEARNED_BYTES_MAX;
}

/* The number of names of an item that are to be learned, at most room; put into
 * out, unless that is NULL. */
static size_t find_new(const dyn_names *names, const dyn_map *item, size_t room,
                       dyn_bytes *out)
{
    size_t at = 0;
    size_t count = 0;
    for (size_t i = 0; i < item->count && count < room; i++) {
        dyn_bytes name = item->attributes[i].name;
        if (dyn_names_seek(names, name, &at) || !is_worth_a_number(name))
            continue;
        if (out != NULL) out[count] = name;
        count++;
    }
    return count;
}

/* -------------------------------------------------------------- learning -- */

/* All objects of the table have read its columns and use the same numbers:
 * statements that go on with an earlier one read what is written now. */
static bool has_loaded(const dyn_table *table, const dyn_table *other)
{
    return other->names != NULL &&
           (other == table || (dyn_table_is_same(table, other) &&
                               dyn_definition_has_columns(&table->definition,
                                                          &other->definition)));
}

/* Make what an object will know, in its own memory. */
static dyn_status prepare(dyn_call *call, const dyn_definition *changed,
                          learner *out)
{
    dyn_call *memory = &out->table->memory->call;
    dyn_definition own = out->table->definition;
    size_t count = changed->name_count;
    dyn_bytes *list = dyn_alloc(memory, count * sizeof(*list));
    if (list == NULL) return dyn_fail_nomem(call);
    for (size_t i = 0; i < count; i++) {
        if (dyn_copy(memory, changed->names[i], &list[i]) != DYN_OK)
            return dyn_fail_nomem(call);
    }
    own.names = list;
    own.name_count = count;
    out->list = list;
    return dyn_names_of(memory, &own, &out->names) == DYN_OK
               ? DYN_OK
               : dyn_fail_nomem(call);
}

static dyn_status prepare_all(dyn_call *call, dyn_table *table,
                              const dyn_definition *changed, dyn_bytes *out)
{
    dyn_buffer learners;
    dyn_buffer_begin(&learners, call, sizeof(learner));
    for (dyn_table *t = table->session->tables; t != NULL; t = t->next) {
        learner one = {.table = t};
        if (!has_loaded(table, t)) continue;
        DYN_TRY(prepare(call, changed, &one));
        dyn_buffer_add(&learners, &one, sizeof(one));
    }
    return dyn_buffer_end(&learners, out);
}

static void take(const learner *one)
{
    dyn_table *table = one->table;
    table->definition.names = one->list;
    table->definition.name_count =
        one->names.count - table->definition.column_count;
    *table->names = one->names;
}

/* What is in memory changes behind what is stored, and cannot fail then. Other
 * connections learn of it by the generation; what other objects know of the
 * rest of the definition may be older. */
static dyn_status change_names(dyn_call *call, dyn_table *table,
                               const dyn_definition *changed)
{
    dyn_bytes learners = {NULL, 0};
    dyn_bytes text = {NULL, 0};
    DYN_TRY(prepare_all(call, table, changed, &learners));
    DYN_TRY(dyn_names_print(call, changed, &text));
    DYN_TRY(dyn_catalogue_meta_set_bytes(call, table->store, "names", text));
    DYN_TRY(dyn_table_raise_generation(call, table));
    const learner *all = (const learner *)(const void *)learners.data;
    for (size_t i = 0; i < learners.size_bytes / sizeof(*all); i++)
        take(&all[i]);
    return DYN_OK;
}

dyn_status dyn_table_learn(dyn_call *call, dyn_table *table,
                           const dyn_map *item, bool *has_learned)
{
    dyn_definition changed = table->definition;
    size_t known = changed.name_count;
    size_t room = DYN_NAMES_LEARNED_MAX - known;
    size_t count = find_new(table->names, item, room, NULL);
    *has_learned = count > 0;
    if (count == 0) return DYN_OK;
    dyn_bytes *names = dyn_alloc(call, (known + count) * sizeof(*names));
    if (names == NULL) return DYN_NOMEM;
    if (known > 0) memcpy(names, changed.names, known * sizeof(*names));
    find_new(table->names, item, room, names + known);
    changed.names = names;
    changed.name_count = known + count;
    return change_names(call, table, &changed);
}

dyn_status dyn_table_take_names(dyn_call *call, dyn_table *table,
                                const dyn_definition *source)
{
    if (!dyn_definition_has_columns(&table->definition, source)) {
        return dyn_fail(call, DYN_CORRUPT,
                        "what is to be restored has other columns than the "
                        "table");
    }
    return change_names(call, table, source);
}
