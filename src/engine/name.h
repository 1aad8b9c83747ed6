/*
 * Names of tables and indexes.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_NAME_H
#define DYN_ENGINE_NAME_H

#include "base/call.h"

/* Check a name of a table or an index (docs/semantics.md 1): letters, digits, _
 * . -, and at most 255 of them. what says what it names, for the message. Fails
 * with DYN_INVALID. */
dyn_status dyn_name_check(dyn_call *call, const char *what, dyn_bytes name);

#endif
