/*
 * The declaration of a table as text: the arguments of CREATE VIRTUAL TABLE
 * (DESIGN, "The SQL surface").
 *
 *   argument    column | index | option = value
 *   column      name [type] [PARTITION KEY | SORT KEY]
 *   type        TEXT | NUMBER | BLOB
 *   index       LOCAL INDEX name (key) [project]
 *             | GLOBAL INDEX name keys [project]
 *   keys        (key [, key])             a partition key, and a sort key
 *             | PARTITION KEY (key, ...) [SORT KEY (key, ...)]
 *   key         name [type]               the type where no column says it
 *   project     PROJECT ALL | PROJECT KEYS | PROJECT (name, ...)
 *   option      billing | partition_bytes | read_units | strict | write_units
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_DECLARATION_H
#define DYN_ENGINE_DECLARATION_H

#include "base/buffer.h"
#include "engine/definition.h"

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
 * with definition.
 *
 * Fails as dyn_declaration_parse() does.
 */
dyn_status dyn_declaration_add_index(dyn_call *call,
                                     const dyn_definition *definition,
                                     const char *text, dyn_definition *out);

/* The arguments, one text each, that give definition again without its
 * indexes. Fails with DYN_NOMEM. */
dyn_status dyn_declaration_print(dyn_call *call,
                                 const dyn_definition *definition,
                                 const char *const **arguments, size_t *count);

/* The text that dyn_declaration_add_index() reads as that index; keys that are
 * no columns have their types in it. Fails with DYN_NOMEM. */
dyn_status dyn_declaration_print_index(dyn_call *call,
                                       const dyn_definition *definition,
                                       const dyn_index *index,
                                       const char **out);

/* Check a name of a table or an index (SEMANTICS 1): letters, digits, _ . -,
 * and at most 255 of them. what says what it names, for the message. */
dyn_status dyn_name_check(dyn_call *call, const char *what, dyn_bytes name);

#endif
