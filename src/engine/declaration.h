/*
 * The declaration of a table as text: the arguments of CREATE VIRTUAL TABLE
 * (docs/reference.md, "Declaring").
 *
 *   argument    column | index | option = value
 *   column      name [type] [PARTITION KEY | SORT KEY]
 *   type        TEXT | NUMBER | BLOB
 *   index       LOCAL INDEX name (key) [project]
 *             | GLOBAL INDEX name keys [project] units
 *   keys        (key [, key])             a partition key, and a sort key
 *             | PARTITION KEY (key, ...) [SORT KEY (key, ...)]
 *   key         name [type]               the type where no column says it; it
 *                                         becomes that of a column without one
 *   project     PROJECT ALL | PROJECT KEYS | PROJECT (name, ...)
 *   units       READ UNITS n | MAX READ UNITS n | WARM READ UNITS n
 *             | READ SCALING 'text'        and the same of WRITE: any of them,
 *                                          in any order; n or the text may be
 *                                          NULL: none
 *   option      one of those of declaration_options.c
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_DECLARATION_H
#define DYN_ENGINE_DECLARATION_H

#include "base/buffer.h"
#include "engine/definition.h"
#include "engine/name.h"

/*
 * Read a declaration of count arguments, as SQLite hands them over: raw text,
 * comments included. *out is in the memory of call. Arguments may be in any
 * order: an index may stand before the columns that it names.
 *
 * Fails with DYN_INVALID and a message that quotes the offending word and
 * says what would be right; DYN_NOMEM.
 */
dyn_status dyn_declaration_parse(dyn_call *call, const char *const *arguments,
                                 size_t count, dyn_definition *out);

/*
 * Read one more index, as in `GLOBAL INDEX by_status (Status)`, into a
 * definition, whose rules it must keep: *out is definition with the index as
 * the last one of its kind. It is in the memory of call, and shares what it can
 * with definition. The type that it says of a column without one is the
 * index's: the column stays as it is.
 *
 * Fails as dyn_declaration_parse() does.
 */
dyn_status dyn_declaration_add_index(dyn_call *call,
                                     const dyn_definition *definition,
                                     const char *text, dyn_definition *out);

/*
 * Change options, as in `billing = 'provisioned', read_units = 20, write_units
 * = 5`; an option that is NULL gets its default. *out is definition with the
 * changes, and shares what it can with it.
 *
 * Fails as dyn_declaration_parse() does.
 */
dyn_status dyn_declaration_change(dyn_call *call,
                                  const dyn_definition *definition,
                                  const char *text, dyn_definition *out);

/* Read a change of the throughput of a global index, as in `by_status READ
 * UNITS 20`. Fails with DYN_NOT_FOUND, and as dyn_declaration_parse() does. */
dyn_status dyn_declaration_change_index(dyn_call *call,
                                        const dyn_definition *definition,
                                        const char *text, dyn_bytes *name,
                                        dyn_throughput *given);

/* Check the limits of options, and the rules between them. Fails with
 * DYN_INVALID. */
dyn_status dyn_definition_check(dyn_call *call,
                                const dyn_definition *definition);

/* An index with its throughput changed. Fails with DYN_INVALID. */
dyn_status dyn_index_change(dyn_call *call, const dyn_definition *definition,
                            size_t number, const dyn_throughput *given,
                            dyn_index *out);

/* definition with a global index that a program asks for, behind the others; in
 * the memory of call. Fails with DYN_INVALID, as dyn_declaration_add_index()
 * does; DYN_NOMEM. */
dyn_status dyn_definition_add_index(dyn_call *call,
                                    const dyn_definition *definition,
                                    const dyn_new_index *index,
                                    dyn_definition *out);

/* Check that the throughput of an index goes with the billing of its table.
 * Fails with DYN_INVALID. */
dyn_status dyn_index_check(dyn_call *call, const dyn_definition *definition,
                           const dyn_index *index);

/* Write a name in quotes, as a declaration has it. */
void dyn_declaration_print_name(dyn_buffer *out, dyn_bytes name);

/* Write a name, and the type behind it. */
void dyn_declaration_print_key(dyn_buffer *out, dyn_bytes name, dyn_type type);

/* The arguments, one text each, that give definition again without its
 * indexes. Fails with DYN_NOMEM. */
dyn_status dyn_declaration_print(dyn_call *call,
                                 const dyn_definition *definition,
                                 const char *const **arguments, size_t *count);

/* The text that dyn_declaration_add_index() reads as that index; keys that are
 * no columns, or columns without a type, have their types in it. Fails with
 * DYN_NOMEM. */
dyn_status dyn_declaration_print_index(dyn_call *call,
                                       const dyn_definition *definition,
                                       const dyn_index *index,
                                       const char **out);

/* Those of the whole declaration: the indexes are the last ones. */
dyn_status dyn_declaration_print_all(dyn_call *call,
                                     const dyn_definition *definition,
                                     const char *const **arguments,
                                     size_t *count);

#endif
