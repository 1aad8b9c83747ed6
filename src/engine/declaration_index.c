/* Reading indexes of declarations; the contract is in declaration_index.h. */
#include "engine/declaration_index.h"

#include "engine/declaration_options.h"
#include "engine/name.h"

bool dyn_parser_at_index(const dyn_parser *p)
{
    if (!dyn_parser_at_word(p, "LOCAL") && !dyn_parser_at_word(p, "GLOBAL"))
        return false;
    dyn_parser ahead = *p;
    return dyn_parser_next(&ahead) == DYN_OK &&
           dyn_parser_at_word(&ahead, "INDEX");
}

dyn_status dyn_definition_reserve(dyn_call *call, dyn_definition *definition,
                                  size_t count)
{
    enum { KEYS = 2 * DYN_KEY_ATTRIBUTES_MAX };
    dyn_column *columns =
        dyn_alloc(call, (definition->attribute_count + count * KEYS) *
                            sizeof(dyn_column));
    dyn_index *indexes =
        dyn_alloc(call, (definition->index_count + count) * sizeof(dyn_index));
    if (columns == NULL || indexes == NULL) return DYN_NOMEM;
    memcpy(columns, definition->columns,
           definition->attribute_count * sizeof(dyn_column));
    if (definition->index_count > 0) {
        memcpy(indexes, definition->indexes,
               definition->index_count * sizeof(dyn_index));
    }
    definition->columns = columns;
    definition->indexes = indexes;
    return DYN_OK;
}

/* ------------------------------------------------------------------ keys -- */

static dyn_status fail_key_type(dyn_parser *p, const dyn_index *index,
                                dyn_bytes name)
{
    return dyn_fail(
        p->call, DYN_INVALID,
        "index %.*s: key \"%.*s\" needs a type: declare a column "
        "\"%.*s\" with one, or write it behind the name here, as in "
        "\"%.*s\" TEXT",
        DYN_SHOWN(index->name), DYN_SHOWN(name), DYN_SHOWN(name),
        DYN_SHOWN(name));
}

/* The number of the attribute that a key names; a new one, behind the columns,
 * when there is none. A column without a type gets that of the key. */
static dyn_status find_attribute(dyn_parser *p, const dyn_index *index,
                                 const dyn_new_key *key, uint16_t *number)
{
    dyn_definition *out = p->out;
    int found = dyn_definition_column(out, key->name);
    if (found < 0) {
        if (!key->has_type) return fail_key_type(p, index, key->name);
        found = (int)out->attribute_count++;
        out->columns[found] = (dyn_column){
            .name = key->name, .type = key->type, .has_type = true};
    }
    dyn_column *column = &out->columns[found];
    bool is_typed = column->has_type || column->is_index_typed;
    if (!is_typed && key->has_type) {
        column->type = key->type;
        column->is_index_typed = true;
    } else if (!is_typed) {
        return dyn_fail(
            p->call, DYN_INVALID,
            "index %.*s: column \"%.*s\" is a key and needs a type: "
            "TEXT, NUMBER or BLOB",
            DYN_SHOWN(index->name), DYN_SHOWN(key->name));
    }
    if (key->has_type && key->type != column->type) {
        return dyn_fail(p->call, DYN_INVALID,
                        "index %.*s: key \"%.*s\" is %s elsewhere",
                        DYN_SHOWN(index->name), DYN_SHOWN(key->name),
                        dyn_type_word(column->type));
    }
    *number = (uint16_t)found;
    return DYN_OK;
}

/* Where the attributes of one part of a key go. */
typedef struct key_part {
    uint16_t *columns;
    uint16_t *count;
    size_t count_max;
} key_part;

static dyn_status add_key(dyn_parser *p, dyn_index *index, key_part part,
                          const dyn_new_key *key)
{
    uint16_t number = 0;
    if (key->name.size_bytes > DYN_KEY_NAME_BYTES_MAX) {
        return dyn_fail(
            p->call, DYN_INVALID,
            "index %.*s: the name of key \"%.*s\" is longer than %d "
            "bytes",
            DYN_SHOWN(index->name), DYN_SHOWN(key->name),
            DYN_KEY_NAME_BYTES_MAX);
    }
    if (*part.count == part.count_max) {
        return dyn_fail(
            p->call, DYN_INVALID,
            "index %.*s: key \"%.*s\" is one too many: there may be "
            "%zu here",
            DYN_SHOWN(index->name), DYN_SHOWN(key->name), part.count_max);
    }
    DYN_TRY(find_attribute(p, index, key, &number));
    if (dyn_key_schema_has(&index->key, number)) {
        return dyn_fail(p->call, DYN_INVALID,
                        "index %.*s: \"%.*s\" is in its key twice",
                        DYN_SHOWN(index->name), DYN_SHOWN(key->name));
    }
    part.columns[(*part.count)++] = number;
    return DYN_OK;
}

/* name [type], as the next one of a part. */
static dyn_status parse_key(dyn_parser *p, dyn_index *index, key_part part)
{
    dyn_new_key key = {.type = DYN_TYPE_S};
    DYN_TRY(dyn_parser_expect_name(p, "the name of a key", &key.name));
    DYN_TRY(dyn_parser_skip_type(p, &key.type, &key.has_type));
    return add_key(p, index, part, &key);
}

static key_part partition_of(dyn_index *index, size_t count_max)
{
    return (key_part){index->key.partition, &index->key.partition_count,
                      count_max};
}

static key_part sort_of(dyn_index *index, size_t count_max)
{
    return (key_part){index->key.sort, &index->key.sort_count, count_max};
}

/* (key, ...) */
static dyn_status parse_keys(dyn_parser *p, dyn_index *index, key_part part)
{
    bool is_more = true;
    DYN_TRY(dyn_parser_expect_mark(p, '('));
    while (is_more) {
        DYN_TRY(parse_key(p, index, part));
        DYN_TRY(dyn_parser_skip_mark(p, ',', &is_more));
    }
    return dyn_parser_expect_mark(p, ')');
}

/* (key) or (key, key): a partition and a sort key. */
static dyn_status parse_short_keys(dyn_parser *p, dyn_index *index)
{
    bool has_sort = false;
    DYN_TRY(dyn_parser_expect_mark(p, '('));
    DYN_TRY(parse_key(p, index, partition_of(index, 1)));
    DYN_TRY(dyn_parser_skip_mark(p, ',', &has_sort));
    if (has_sort) DYN_TRY(parse_key(p, index, sort_of(index, 1)));
    if (dyn_parser_at_mark(p, ',')) {
        return dyn_fail(p->call, DYN_INVALID,
                        "index %.*s: (a, b) is a partition and a sort key; for "
                        "more of them write PARTITION KEY (a, ...) SORT KEY "
                        "(b, ...)",
                        DYN_SHOWN(index->name));
    }
    return dyn_parser_expect_mark(p, ')');
}

static dyn_status parse_global_keys(dyn_parser *p, dyn_index *index)
{
    bool is_long = false;
    bool has_sort = false;
    DYN_TRY(dyn_parser_skip_word(p, "PARTITION", &is_long));
    if (!is_long) return parse_short_keys(p, index);
    DYN_TRY(dyn_parser_expect_word(p, "KEY"));
    DYN_TRY(parse_keys(p, index, partition_of(index, DYN_KEY_ATTRIBUTES_MAX)));
    DYN_TRY(dyn_parser_skip_word(p, "SORT", &has_sort));
    if (!has_sort) return DYN_OK;
    DYN_TRY(dyn_parser_expect_word(p, "KEY"));
    return parse_keys(p, index, sort_of(index, DYN_KEY_ATTRIBUTES_MAX));
}

static dyn_status parse_local_keys(dyn_parser *p, dyn_index *index)
{
    dyn_key_schema *key = &index->key;
    if (p->out->key.sort_count == 0) {
        return dyn_fail(p->call, DYN_INVALID,
                        "index %.*s: a table without a sort key has no local "
                        "indexes",
                        DYN_SHOWN(index->name));
    }
    key->partition[0] = p->out->key.partition[0];
    key->partition_count = 1;
    return parse_keys(p, index, sort_of(index, 1));
}

/* ----------------------------------------------------------- projections -- */

/* The names of a list, keys among them. They differ, so there are no more than
 * a list may have, and the keys of table and index. */
typedef struct name_list {
    dyn_bytes names[DYN_PROJECTED_NAMES_MAX + 2 + 2 * DYN_KEY_ATTRIBUTES_MAX];
    size_t count;
} name_list;

static bool is_key(const dyn_definition *definition, const dyn_index *index,
                   dyn_bytes name)
{
    int column = dyn_definition_column(definition, name);
    return column >= 0 &&
           (dyn_key_schema_has(&index->key, (size_t)column) ||
            dyn_key_schema_has(&definition->key, (size_t)column));
}

static dyn_status add_included(dyn_parser *p, dyn_index *index, dyn_bytes name)
{
    if (index->included_count == DYN_PROJECTED_NAMES_MAX) {
        return dyn_fail(p->call, DYN_INVALID,
                        "index %.*s: \"%.*s\" is one too many: %d attributes "
                        "can be projected by name",
                        DYN_SHOWN(index->name), DYN_SHOWN(name),
                        DYN_PROJECTED_NAMES_MAX);
    }
    index->included[index->included_count++] = name;
    return DYN_OK;
}

/* Take up a name of the list; a key is projected anyway. */
static dyn_status add_name(dyn_parser *p, dyn_index *index, name_list *list,
                           dyn_bytes name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (!dyn_bytes_equal(list->names[i], name)) continue;
        return dyn_fail(p->call, DYN_INVALID,
                        "index %.*s: \"%.*s\" is projected twice",
                        DYN_SHOWN(index->name), DYN_SHOWN(name));
    }
    if (!is_key(p->out, index, name)) DYN_TRY(add_included(p, index, name));
    list->names[list->count++] = name;
    return DYN_OK;
}

static dyn_status begin_included(dyn_parser *p, dyn_index *index)
{
    index->project = DYN_PROJECT_SOME;
    index->included =
        dyn_alloc(p->call, DYN_PROJECTED_NAMES_MAX * sizeof(dyn_bytes));
    return index->included == NULL ? DYN_NOMEM : DYN_OK;
}

/* (name, ...) */
static dyn_status parse_included(dyn_parser *p, dyn_index *index)
{
    name_list list = {.count = 0};
    bool is_more = true;
    DYN_TRY(begin_included(p, index));
    DYN_TRY(dyn_parser_expect_mark(p, '('));
    while (is_more) {
        dyn_bytes name = {NULL, 0};
        DYN_TRY(dyn_parser_expect_name(p, "the name of an attribute", &name));
        DYN_TRY(add_name(p, index, &list, name));
        DYN_TRY(dyn_parser_skip_mark(p, ',', &is_more));
    }
    if (index->included_count == 0) index->project = DYN_PROJECT_KEYS;
    return dyn_parser_expect_mark(p, ')');
}

static dyn_status parse_projection(dyn_parser *p, dyn_index *index)
{
    bool has_projection = false;
    bool is_word = false;
    DYN_TRY(dyn_parser_skip_word(p, "PROJECT", &has_projection));
    if (!has_projection) return DYN_OK;
    DYN_TRY(dyn_parser_skip_word(p, "ALL", &is_word));
    if (is_word) return DYN_OK;
    DYN_TRY(dyn_parser_skip_word(p, "KEYS", &is_word));
    if (is_word) {
        index->project = DYN_PROJECT_KEYS;
        return DYN_OK;
    }
    if (!dyn_parser_at_mark(p, '('))
        return dyn_parser_fail(p,
                               "ALL, KEYS or a list of names behind PROJECT");
    return parse_included(p, index);
}

/* ----------------------------------------------------------------- index -- */

static dyn_status check_name(dyn_parser *p, dyn_bytes name)
{
    DYN_TRY(dyn_name_check(p->call, "index", name));
    for (size_t i = 0; i < p->out->index_count; i++) {
        if (!dyn_bytes_equal_nocase(p->out->indexes[i].name, name)) continue;
        return dyn_fail(p->call, DYN_INVALID,
                        "index \"%.*s\" is declared twice", DYN_SHOWN(name));
    }
    return DYN_OK;
}

/* Put the index behind the others of its kind. */
static dyn_status add_index(dyn_parser *p, const dyn_index *index)
{
    dyn_definition *out = p->out;
    size_t local_count = 0;
    size_t names = index->included_count;
    for (size_t i = 0; i < out->index_count; i++) {
        local_count += out->indexes[i].is_local;
        names += out->indexes[i].included_count;
    }
    size_t same_kind =
        index->is_local ? local_count : out->index_count - local_count;
    size_t most =
        index->is_local ? DYN_LOCAL_INDEXES_MAX : DYN_GLOBAL_INDEXES_MAX;
    if (same_kind == most) {
        return dyn_fail(p->call, DYN_INVALID,
                        "index %.*s is one too many: a table has up to %zu "
                        "%s indexes",
                        DYN_SHOWN(index->name), most,
                        index->is_local ? "local" : "global");
    }
    if (names > DYN_PROJECTED_NAMES_TOTAL_MAX) {
        return dyn_fail(p->call, DYN_INVALID,
                        "index %.*s: all indexes of a table together can "
                        "project %d attributes by name",
                        DYN_SHOWN(index->name), DYN_PROJECTED_NAMES_TOTAL_MAX);
    }
    size_t at = index->is_local ? local_count : out->index_count;
    memmove(&out->indexes[at + 1], &out->indexes[at],
            (out->index_count - at) * sizeof(dyn_index));
    out->indexes[at] = *index;
    out->index_count++;
    return DYN_OK;
}

static void forget_null(dyn_throughput *units)
{
    int64_t *all[] = {&units->read_units,      &units->write_units,
                      &units->max_read_units,  &units->max_write_units,
                      &units->warm_read_units, &units->warm_write_units};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (*all[i] == DYN_UNITS_NONE) *all[i] = 0;
    }
    if (units->read_scaling.maximum_units == DYN_UNITS_NONE)
        units->read_scaling = (dyn_scaling_settings){0};
    if (units->write_scaling.maximum_units == DYN_UNITS_NONE)
        units->write_scaling = (dyn_scaling_settings){0};
}

dyn_status dyn_parser_index(dyn_parser *p)
{
    dyn_index index = {.is_local = dyn_parser_at_word(p, "LOCAL")};
    DYN_TRY(dyn_parser_next(p));
    DYN_TRY(dyn_parser_expect_word(p, "INDEX"));
    DYN_TRY(dyn_parser_expect_name(p, "the name of the index", &index.name));
    DYN_TRY(check_name(p, index.name));
    DYN_TRY(index.is_local ? parse_local_keys(p, &index)
                           : parse_global_keys(p, &index));
    DYN_TRY(parse_projection(p, &index));
    DYN_TRY(dyn_parser_throughput(p, &index.throughput));
    forget_null(&index.throughput);
    return add_index(p, &index);
}

/* ------------------------------------------------------- without a text -- */

static dyn_status add_keys(dyn_parser *p, const dyn_new_index *given,
                           dyn_index *index)
{
    for (size_t i = 0; i < given->partition_count; i++) {
        DYN_TRY(add_key(p, index, partition_of(index, DYN_KEY_ATTRIBUTES_MAX),
                        &given->partition[i]));
    }
    for (size_t i = 0; i < given->sort_count; i++) {
        DYN_TRY(add_key(p, index, sort_of(index, DYN_KEY_ATTRIBUTES_MAX),
                        &given->sort[i]));
    }
    return DYN_OK;
}

static dyn_status add_projection(dyn_parser *p, const dyn_new_index *given,
                                 dyn_index *index)
{
    name_list list = {.count = 0};
    index->project = given->project;
    if (given->project != DYN_PROJECT_SOME) return DYN_OK;
    DYN_TRY(begin_included(p, index));
    for (size_t i = 0; i < given->included_count; i++)
        DYN_TRY(add_name(p, index, &list, given->included[i]));
    if (index->included_count == 0) index->project = DYN_PROJECT_KEYS;
    return DYN_OK;
}

dyn_status dyn_parser_add_index(dyn_parser *p, const dyn_new_index *given)
{
    dyn_index index = {.name = given->name, .throughput = given->throughput};
    DYN_TRY(check_name(p, index.name));
    DYN_TRY(add_keys(p, given, &index));
    DYN_TRY(add_projection(p, given, &index));
    DYN_TRY(dyn_throughput_check(p->call, &index.throughput, true));
    forget_null(&index.throughput);
    return add_index(p, &index);
}
