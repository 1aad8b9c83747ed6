/*
 * From the text of a statement to what it says.
 *
 * Layer: partiql.
 */
#ifndef DYN_PARTIQL_PARSE_H
#define DYN_PARTIQL_PARSE_H

#include "partiql/statement.h"

/*
 * Read a statement. *out is in the memory of call and points into text and
 * parameters, which may be NULL.
 *
 * Fails with DYN_INVALID: `Statement wasn't well formed, can't be processed:
 * unexpected "x" at byte 12`; `Number of parameters in request and statement
 * don't match.`; `Invalid statement: ...` with what DynamoDB says of
 * expressions; a value that breaks a rule (docs/semantics.md 1, 14). DYN_NOMEM.
 */
dyn_status dyn_statement_parse(dyn_call *call, dyn_bytes text,
                               const dyn_list *parameters, dyn_statement *out);

#endif
