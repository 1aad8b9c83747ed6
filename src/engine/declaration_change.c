/* Changing options and the throughput of indexes; the contracts are in
 * declaration.h. */
#include "engine/declaration.h"
#include "engine/declaration_index.h"
#include "engine/declaration_options.h"

dyn_status dyn_declaration_change(dyn_call *call,
                                  const dyn_definition *definition,
                                  const char *text, dyn_definition *out)
{
    bool is_more = true;
    *out = *definition;
    dyn_parser p = {.call = call, .next = text, .out = out};
    DYN_TRY(dyn_parser_next(&p));
    while (is_more) {
        DYN_TRY(dyn_parser_change_option(&p));
        DYN_TRY(dyn_parser_skip_mark(&p, ',', &is_more));
    }
    if (p.type != DYN_LEXEME_END) return dyn_parser_fail(&p, "a comma");
    return dyn_options_check(call, out);
}

static int64_t changed_units(int64_t before, int64_t given)
{
    if (given == 0) return before;
    return given == DYN_UNITS_NONE ? 0 : given;
}

static void change_scaling(dyn_scaling_settings *settings,
                           const dyn_scaling_settings *given)
{
    if (given->maximum_units == 0) return;
    *settings = *given;
    if (given->maximum_units == DYN_UNITS_NONE)
        *settings = (dyn_scaling_settings){0};
}

/* What is not given stays, but for what went with another billing. */
static dyn_throughput change_throughput(const dyn_definition *definition,
                                        const dyn_throughput *before,
                                        const dyn_throughput *given)
{
    bool is_provisioned = definition->billing == DYN_PROVISIONED;
    dyn_throughput out = *before;
    if (is_provisioned) {
        out.max_read_units = 0;
        out.max_write_units = 0;
    } else {
        out.read_units = 0;
        out.write_units = 0;
    }
    out.read_units = changed_units(out.read_units, given->read_units);
    out.write_units = changed_units(out.write_units, given->write_units);
    out.max_read_units =
        changed_units(out.max_read_units, given->max_read_units);
    out.max_write_units =
        changed_units(out.max_write_units, given->max_write_units);
    out.warm_read_units =
        changed_units(out.warm_read_units, given->warm_read_units);
    out.warm_write_units =
        changed_units(out.warm_write_units, given->warm_write_units);
    change_scaling(&out.read_scaling, &given->read_scaling);
    change_scaling(&out.write_scaling, &given->write_scaling);
    return out;
}

dyn_status dyn_declaration_change_index(dyn_call *call,
                                        const dyn_definition *definition,
                                        const char *text, dyn_bytes *name,
                                        dyn_throughput *given)
{
    dyn_parser p = {.call = call, .next = text};
    *given = (dyn_throughput){0};
    DYN_TRY(dyn_parser_next(&p));
    DYN_TRY(dyn_parser_expect_name(&p, "the name of an index", name));
    if (dyn_definition_index(definition, *name) < 0) {
        return dyn_fail(call, DYN_NOT_FOUND,
                        "The table does not have the specified index: %.*s",
                        DYN_SHOWN(*name));
    }
    bool is_nothing = p.type == DYN_LEXEME_END;
    DYN_TRY(dyn_parser_throughput(&p, given));
    if (!is_nothing && p.type == DYN_LEXEME_END) return DYN_OK;
    return dyn_parser_fail(&p, "READ UNITS n, MAX READ UNITS n, WARM READ "
                               "UNITS n, READ SCALING 'MIN..MAX', or the same "
                               "of WRITE");
}

dyn_status dyn_definition_check(dyn_call *call,
                                const dyn_definition *definition)
{
    DYN_TRY(dyn_throughput_check(call, &definition->throughput, false));
    return dyn_options_check(call, definition);
}

dyn_status dyn_index_change(dyn_call *call, const dyn_definition *definition,
                            size_t number, const dyn_throughput *given,
                            dyn_index *out)
{
    *out = definition->indexes[number];
    DYN_TRY(dyn_throughput_check(call, given, true));
    out->throughput = change_throughput(definition, &out->throughput, given);
    return dyn_index_check(call, definition, out);
}

dyn_status dyn_definition_add_index(dyn_call *call,
                                    const dyn_definition *definition,
                                    const dyn_new_index *index,
                                    dyn_definition *out)
{
    dyn_parser p = {.call = call, .out = out};
    *out = *definition;
    DYN_TRY(dyn_definition_reserve(call, out, 1));
    return dyn_parser_add_index(&p, index);
}
