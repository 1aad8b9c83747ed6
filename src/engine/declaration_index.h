/*
 * Reading an index of a declaration; the grammar is in declaration.h.
 *
 * Layer: engine, for the files that read declarations.
 */
#ifndef DYN_ENGINE_DECLARATION_INDEX_H
#define DYN_ENGINE_DECLARATION_INDEX_H

#include "engine/declaration_tokens.h"

/* Whether LOCAL INDEX or GLOBAL INDEX is looked at. */
bool dyn_parser_at_index(const dyn_parser *p);

/* Read an index at LOCAL or GLOBAL, and add it to p->out, which has all its
 * columns and room for one more index and its attributes. Fails with
 * DYN_INVALID, DYN_NOMEM. */
dyn_status dyn_parser_index(dyn_parser *p);

/* Give the definition room for count more indexes. Fails with DYN_NOMEM. */
dyn_status dyn_definition_reserve(dyn_call *call, dyn_definition *definition,
                                  size_t count);

/* Put a global index that a program asks for behind the others, by the same
 * rules. */
dyn_status dyn_parser_add_index(dyn_parser *p, const dyn_new_index *given);

#endif
