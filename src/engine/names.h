/*
 * The names that have numbers in the items of a table (codec.h): its columns,
 * by theirs; and behind them the names of other attributes, in the order in
 * which it came to know them (dyn_table_learn()). A name that has none when an
 * item with it is stored never gets one, so that equal items have equal bytes.
 *
 * Layer: engine.
 */
#ifndef DYN_ENGINE_NAMES_H
#define DYN_ENGINE_NAMES_H

#include "engine/definition.h"
#include "item/codec.h"
#include "item/json.h"

enum {
    DYN_NAMES_LEARNED_MAX = 256, /* beside the columns */
    /* A shorter one takes hardly more than its number. A longer one is rare,
     * and would take memory in each connection. */
    DYN_NAME_LEARNED_BYTES_MIN = 3,
    DYN_NAME_LEARNED_BYTES_MAX = 255,
};

/* The names of a definition beside its columns as JSON, a list of strings.
 * Fails with DYN_NOMEM. */
dyn_status dyn_names_print(dyn_call *call, const dyn_definition *definition,
                           dyn_bytes *out);

/* Read them again, into a definition that has its columns; they point to where
 * the JSON does. Fails with DYN_CORRUPT, without a message, when it cannot have
 * them; DYN_NOMEM. */
dyn_status dyn_names_read(dyn_call *call, const dyn_json *list,
                          dyn_definition *definition);

/* All names of a definition, where its own are. Fails with DYN_NOMEM. */
dyn_status dyn_names_of(dyn_call *call, const dyn_definition *definition,
                        dyn_names *out);

#endif
