/*
 * Options of a table and the throughput of its indexes: reading them, and the
 * rules between options.
 *
 * Layer: engine, for the files that read declarations. What fails does so as
 * dyn_declaration_parse() does.
 */
#ifndef DYN_ENGINE_DECLARATION_OPTIONS_H
#define DYN_ENGINE_DECLARATION_OPTIONS_H

#include "engine/declaration_tokens.h"

/* Whether option = value is looked at: a word, then "=". Read it into p->out.
 */
bool dyn_parser_at_option(const dyn_parser *p);
dyn_status dyn_parser_option(dyn_parser *p);

/* Read an option that changes p->out; NULL gives it its default. A change of
 * billing ends what only went with the billing before: it counts before the
 * units that may stand behind it. */
dyn_status dyn_parser_change_option(dyn_parser *p);

/* Check the name of a region. */
dyn_status dyn_region_check(dyn_call *call, dyn_bytes name);

/* Check the rules between options. */
dyn_status dyn_options_check(dyn_call *call, const dyn_definition *out);

/* Check that the units of a table, or of an index, are within their limit. */
dyn_status dyn_throughput_check(dyn_call *call, const dyn_throughput *units,
                                bool is_index);

/* Read READ UNITS n, MAX READ UNITS n, WARM READ UNITS n, READ SCALING 'text',
 * and the same of WRITE, as far as they are there, in any order. */
dyn_status dyn_parser_throughput(dyn_parser *p, dyn_throughput *out);

#endif
