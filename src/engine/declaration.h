/*
 * The declaration of a table as text: the arguments of CREATE VIRTUAL TABLE
 * (DESIGN, "The SQL surface").
 *
 *   argument    column | option = value
 *   column      name [TEXT | NUMBER | BLOB] [PARTITION KEY | SORT KEY]
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
 * comments included. *out is in the memory of call.
 *
 * Fails with DYN_INVALID and a message that quotes the offending word and
 * says what would be right; DYN_NOMEM.
 */
dyn_status dyn_declaration_parse(dyn_call *call, const char *const *arguments,
                                 size_t count, dyn_definition *out);

/* The arguments, one text each, that give definition again. Fails with
 * DYN_NOMEM. */
dyn_status dyn_declaration_print(dyn_call *call,
                                 const dyn_definition *definition,
                                 const char *const **arguments, size_t *count);

/* Check a name of a table (SEMANTICS 1): letters, digits, _ . -, and
 * at most 255 of them. what says what it names, for the message. */
dyn_status dyn_name_check(dyn_call *call, const char *what, dyn_bytes name);

#endif
