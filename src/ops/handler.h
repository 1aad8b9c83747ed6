/*
 * Handlers of changes: readers of a table's log that run SQL for each of its
 * records.
 *
 * Layer: ops.
 */
#ifndef DYN_OPS_HANDLER_H
#define DYN_OPS_HANDLER_H

#include "engine/table.h"

/* What a handler is made with. */
typedef struct dyn_handler_settings {
    dyn_bytes sql;         /* as it was given */
    dyn_bytes trigger;     /* the trigger that it is kept as */
    dyn_bytes filter;      /* a condition over the record; empty: none */
    int64_t batch_records; /* that are read and handled in one transaction */
    int64_t retries;       /* of a record whose handling fails */
    int64_t retry_ms;      /* from the first failure to the next attempt; it
                            * doubles */
} dyn_handler_settings;

/* How it goes. */
typedef struct dyn_handler_state {
    int64_t failures;      /* in a row, of the record that is next */
    int64_t next_ms;       /* no attempt before; since 1970 */
    int64_t limit_records; /* of the next batch, after a failure; 0: none */
    int64_t handled;       /* records so far, without those filtered out */
    int64_t dead;          /* records that were given up */
    dyn_bytes error;       /* of the last failure; empty: the last attempt went
                            * well */
} dyn_handler_state;

typedef struct dyn_handler {
    dyn_bytes name;
    bool is_sync;
    int64_t position; /* it has handled the records up to this sequence */
    dyn_handler_settings settings;
    dyn_handler_state state;
} dyn_handler;

/*
 * What a person asks for, in the memory of call:
 *
 *   options   option , ...
 *   option    sync = 'on' | 'off'        at the end of each row that is written
 *           | batch = N                  1 to 10,000; 100 by default
 *           | retries = N                0 to 1,000; 3 by default
 *           | retry_ms = N               0 to 3,600,000; 1000 by default
 *           | filter = 'condition'       over event, keys, old, new, sequence,
 *                                        time, actor
 *           | start = 'now' | 'oldest'   where a new handler begins
 *
 * Fails with DYN_INVALID, DYN_NOMEM.
 */
typedef struct dyn_handler_request {
    dyn_bytes name;
    dyn_bytes
        body; /* the SQL as that of a trigger, with NEW.event for :event */
    bool is_sync;
    bool is_from_oldest;
    dyn_handler_settings settings;
} dyn_handler_request;
dyn_status dyn_handler_request_read(dyn_call *call, dyn_bytes name,
                                    dyn_bytes sql, dyn_bytes options,
                                    dyn_handler_request *out);

/* Make a handler of a table that is up to date, or give one that is there other
 * SQL and options: it goes on where it is. Fails with DYN_INVALID, also when
 * SQLite refuses the SQL, and as a write does. */
dyn_status dyn_handler_make(dyn_call *call, dyn_table *table,
                            const dyn_handler_request *request);

/* Fails with DYN_NOT_FOUND when there is no such handler; as a write does. */
dyn_status dyn_handler_remove(dyn_call *call, dyn_table *table, dyn_bytes name);

/* The table goes: drop the triggers of its handlers. Fails as a write does. */
dyn_status dyn_handlers_drop(dyn_call *call, dyn_table *table);

/* Those of a table, in the memory of call. Fails as the store does. */
dyn_status dyn_handlers(dyn_call *call, dyn_table *table,
                        dyn_handler **handlers, size_t *count);

/* The one of a name; *found tells. */
dyn_status dyn_handler_find(dyn_call *call, dyn_table *table, dyn_bytes name,
                            bool *found, dyn_handler *out);

/* Write how far one is, and how it goes. Fails as a write does. */
dyn_status dyn_handler_save(dyn_call *call, dyn_table *table,
                            const dyn_handler *handler);

#endif
