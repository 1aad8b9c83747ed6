/*
 * Reading declarations; the grammar is in declaration.h. A recursive-descent
 * parser over the tokens of one argument at a time; indexes come last, for they
 * name columns.
 */
#include "engine/declaration.h"

#include "base/arn.h"
#include "engine/declaration_index.h"
#include "engine/declaration_options.h"

#include <assert.h>

/* --------------------------------------------------------------- columns -- */

/* What stands there is often meant to be no column at all. */
static dyn_status fail_type(dyn_parser *p, const dyn_column *column)
{
    const char *advice =
        "use TEXT, NUMBER or BLOB, then PARTITION KEY or SORT KEY";
    if (dyn_parser_at_word(p, "KEY")) {
        advice = "keys are declared at their columns, as in id TEXT PARTITION "
                 "KEY and day TEXT SORT KEY";
    } else if (dyn_parser_at_word(p, "INDEX") ||
               dyn_bytes_equal_nocase(column->name, dyn_bytes_text("INDEX"))) {
        advice = "an index begins with LOCAL INDEX or GLOBAL INDEX";
    }
    return dyn_fail(p->call, DYN_INVALID,
                    "\"%.*s\" is no type of column \"%.*s\": %s",
                    DYN_SHOWN(p->token), DYN_SHOWN(column->name), advice);
}

static dyn_status parse_type(dyn_parser *p, dyn_column *column)
{
    DYN_TRY(dyn_parser_skip_type(p, &column->type, &column->has_type));
    if (column->has_type || p->type == DYN_LEXEME_END ||
        dyn_parser_at_word(p, "PARTITION") || dyn_parser_at_word(p, "SORT")) {
        return DYN_OK;
    }
    return fail_type(p, column);
}

/* Behind a type: any other word before KEY. */
static dyn_status check_other_key(dyn_parser *p, const dyn_column *column)
{
    dyn_parser ahead = *p;
    if (p->type != DYN_LEXEME_WORD || dyn_parser_next(&ahead) != DYN_OK ||
        !dyn_parser_at_word(&ahead, "KEY")) {
        return DYN_OK;
    }
    const char *type = dyn_type_word(column->type);
    return dyn_fail(p->call, DYN_INVALID,
                    "\"%.*s KEY\" is no key of column \"%.*s\": write \"%.*s\" "
                    "%s PARTITION KEY or \"%.*s\" %s SORT KEY",
                    DYN_SHOWN(p->token), DYN_SHOWN(column->name),
                    DYN_SHOWN(column->name), type, DYN_SHOWN(column->name),
                    type);
}

/* Take up column number as the partition or sort key of the table. */
static dyn_status add_key(dyn_parser *p, size_t number, const char *kind,
                          uint16_t *columns, uint16_t *count)
{
    const dyn_column *column = &p->out->columns[number];
    if (!column->has_type) {
        return dyn_fail(p->call, DYN_INVALID,
                        "%s key \"%.*s\" needs a type: TEXT, NUMBER or BLOB",
                        kind, DYN_SHOWN(column->name));
    }
    if (column->name.size_bytes > DYN_KEY_NAME_BYTES_MAX) {
        return dyn_fail(p->call, DYN_INVALID,
                        "the name of %s key \"%.*s\" is longer than %d bytes",
                        kind, DYN_SHOWN(column->name), DYN_KEY_NAME_BYTES_MAX);
    }
    if (*count > 0) {
        return dyn_fail(p->call, DYN_INVALID,
                        "\"%.*s\" is a second %s key: a table has one",
                        DYN_SHOWN(column->name), kind);
    }
    columns[(*count)++] = (uint16_t)number;
    return DYN_OK;
}

static dyn_status parse_column(dyn_parser *p)
{
    dyn_definition *out = p->out;
    size_t number = out->column_count;
    if (number == DYN_COLUMNS_MAX) {
        return dyn_fail(p->call, DYN_INVALID, "more than %d columns",
                        DYN_COLUMNS_MAX);
    }
    dyn_column *column = &out->columns[number];
    *column = (dyn_column){.type = DYN_TYPE_S};
    DYN_TRY(dyn_parser_expect_name(p, "a column or an option", &column->name));
    assert(column->name.data != NULL);
    if (dyn_definition_column(out, column->name) >= 0) {
        return dyn_fail(p->call, DYN_INVALID,
                        "column \"%.*s\" is declared twice",
                        DYN_SHOWN(column->name));
    }
    out->attribute_count = ++out->column_count;
    DYN_TRY(parse_type(p, column));
    bool is_partition = false;
    bool is_sort = false;
    DYN_TRY(dyn_parser_skip_word(p, "PARTITION", &is_partition));
    if (!is_partition) DYN_TRY(dyn_parser_skip_word(p, "SORT", &is_sort));
    if (is_partition || is_sort) DYN_TRY(dyn_parser_expect_word(p, "KEY"));
    if (is_partition) {
        return add_key(p, number, "partition", out->key.partition,
                       &out->key.partition_count);
    }
    if (is_sort) {
        return add_key(p, number, "sort", out->key.sort, &out->key.sort_count);
    }
    return check_other_key(p, column);
}

/* ---------------------------------------------------------------- checks -- */

dyn_status dyn_index_check(dyn_call *call, const dyn_definition *definition,
                           const dyn_index *index)
{
    const dyn_throughput *units = &index->throughput;
    bool has_units = units->read_units > 0 || units->write_units > 0;
    bool has_limits = units->max_read_units > 0 || units->max_write_units > 0;
    bool has_others = units->warm_read_units > 0 ||
                      units->warm_write_units > 0 ||
                      units->read_scaling.maximum_units > 0 ||
                      units->write_scaling.maximum_units > 0;
    bool is_provisioned = definition->billing == DYN_PROVISIONED;
    const char *problem = NULL;
    if (index->is_local && (has_units || has_limits || has_others)) {
        problem = "a local index has the units of its table";
    } else if (has_units && !is_provisioned) {
        problem = "READ UNITS and WRITE UNITS go with billing = 'provisioned'";
    } else if (has_limits && is_provisioned) {
        problem = "MAX READ UNITS and MAX WRITE UNITS go with billing = "
                  "'on_demand'";
    }
    if (problem == NULL) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, "index %.*s: %s", DYN_SHOWN(index->name),
                    problem);
}

/* What is declared with its table is the declaration of a column, too. */
static void take_types(dyn_definition *out)
{
    for (size_t i = 0; i < out->column_count; i++) {
        dyn_column *column = &out->columns[i];
        column->has_type = column->has_type || column->is_index_typed;
        column->is_index_typed = false;
    }
}

static dyn_status check_indexes(dyn_call *call, const dyn_definition *out)
{
    for (size_t i = 0; i < out->index_count; i++)
        DYN_TRY(dyn_index_check(call, out, &out->indexes[i]));
    return DYN_OK;
}

/* -------------------------------------------------------------- argument -- */

static dyn_status begin_argument(dyn_parser *p, const char *text)
{
    p->next = text;
    DYN_TRY(dyn_parser_next(p));
    if (p->type != DYN_LEXEME_END) return DYN_OK;
    return dyn_fail(p->call, DYN_INVALID,
                    "an argument is empty: is there a comma too many?");
}

static dyn_status end_argument(dyn_parser *p)
{
    return p->type == DYN_LEXEME_END ? DYN_OK : dyn_parser_fail(p, "a comma");
}

/* A column or an option; an index is only counted. */
static dyn_status parse_argument(dyn_parser *p, const char *text,
                                 size_t *index_count)
{
    DYN_TRY(begin_argument(p, text));
    if (dyn_parser_at_index(p)) {
        (*index_count)++;
        return DYN_OK;
    }
    if (dyn_parser_at_option(p)) {
        DYN_TRY(dyn_parser_option(p));
    } else {
        DYN_TRY(parse_column(p));
    }
    return end_argument(p);
}

/* An index, once all columns are known. */
static dyn_status parse_index(dyn_parser *p, const char *text)
{
    DYN_TRY(begin_argument(p, text));
    if (!dyn_parser_at_index(p)) return DYN_OK;
    DYN_TRY(dyn_parser_index(p));
    return end_argument(p);
}

static dyn_status check_definition(dyn_call *call, dyn_definition *out)
{
    if (out->key.partition_count == 0) {
        return dyn_fail(call, DYN_INVALID,
                        "a table needs a partition key, as in: dynamo(id TEXT "
                        "PARTITION KEY)");
    }
    return dyn_options_check(call, out);
}

dyn_status dyn_declaration_parse(dyn_call *call, const char *const *arguments,
                                 size_t count, dyn_definition *out)
{
    *out = (dyn_definition){.partition_bytes = DYN_PARTITION_BYTES_DEFAULT,
                            .region = dyn_bytes_text(DYN_ARN_REGION)};
    out->columns = dyn_alloc_zero(call, count, sizeof(dyn_column));
    if (out->columns == NULL) return DYN_NOMEM;
    dyn_parser p = {.call = call, .out = out};
    size_t index_count = 0;
    for (size_t i = 0; i < count; i++) {
        DYN_TRY(parse_argument(&p, arguments[i], &index_count));
    }
    out->attribute_count = out->column_count;
    DYN_TRY(check_definition(call, out));
    DYN_TRY(dyn_definition_reserve(call, out, index_count));
    for (size_t i = 0; i < count && index_count > 0; i++) {
        DYN_TRY(parse_index(&p, arguments[i]));
    }
    take_types(out);
    return check_indexes(call, out);
}

dyn_status dyn_declaration_add_index(dyn_call *call,
                                     const dyn_definition *definition,
                                     const char *text, dyn_definition *out)
{
    dyn_bytes copy = {NULL, 0};
    DYN_TRY(dyn_copy(call, dyn_bytes_text(text), &copy));
    *out = *definition;
    out->by_name = NULL;
    DYN_TRY(dyn_definition_reserve(call, out, 1));
    dyn_parser p = {.call = call, .out = out};
    DYN_TRY(begin_argument(&p, (const char *)copy.data));
    if (!dyn_parser_at_index(&p)) {
        return dyn_parser_fail(&p, "LOCAL INDEX or GLOBAL INDEX");
    }
    DYN_TRY(dyn_parser_index(&p));
    return end_argument(&p);
}
