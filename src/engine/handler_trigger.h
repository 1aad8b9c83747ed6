/*
 * The SQL of a handler: a trigger that stands for an insertion into a view. So
 * SQLite itself holds that SQL to the rules of triggers: what a file brings
 * along may do no more than its triggers may. View and trigger have one name,
 * and are the handler's alone: SQL that cannot be compiled any more keeps no
 * other handler from running.
 *
 * Functions fail as store.h says, and those that write as a write does.
 *
 * Layer: engine. Speaks SQL, as the catalogue does.
 */
#ifndef DYN_ENGINE_HANDLER_TRIGGER_H
#define DYN_ENGINE_HANDLER_TRIGGER_H

#include "engine/store.h"

/* Make the trigger of a handler, and its view. name is that of the handler,
 * body statements that use NEW.event and so on. *trigger is its name, in the
 * memory of call. Fails with DYN_INVALID and SQLite's message when it refuses
 * the SQL. */
dyn_status dyn_handler_trigger_create(dyn_call *call, dyn_store *store,
                                      dyn_bytes name, dyn_bytes body,
                                      dyn_bytes *trigger);

/* Drop both; what is gone is no failure. */
dyn_status dyn_handler_trigger_drop(dyn_call *call, dyn_store *store,
                                    dyn_bytes trigger);

/* Drop those whose names begin with that of the table, as they do unless it has
 * been renamed. */
dyn_status dyn_handler_triggers_drop(dyn_call *call, dyn_store *store);

/* A change, as the SQL sees it. Texts without data are NULL. */
typedef struct dyn_handler_event {
    const char *event;
    dyn_bytes keys; /* JSON */
    dyn_bytes old_item;
    dyn_bytes new_item;
    int64_t sequence;
    const char *time;
    const char *actor;
} dyn_handler_event;

/* The SQL of a handler, ready to be run. */
typedef struct dyn_handler_program {
    struct sqlite3_stmt *statement; /* owned */
} dyn_handler_program;

/* Compile it, and run it for a change. *error is SQLite's message when the SQL
 * itself fails, and else NULL; what it had done is then undone. A lock, a full
 * disk, an interrupt and the like are no failure of the SQL, and fail these. */
dyn_status dyn_handler_program_open(dyn_call *call, dyn_store *store,
                                    dyn_bytes trigger, dyn_handler_program *out,
                                    const char **error);
dyn_status dyn_handler_program_run(dyn_call *call, dyn_store *store,
                                   const dyn_handler_program *program,
                                   const dyn_handler_event *event,
                                   const char **error);
void dyn_handler_program_close(dyn_handler_program *program);

/* Keep a change that could not be handled, and why, in TABLE_dead_letters: an
 * ordinary table, which is made when it is first needed. time is that of the
 * last attempt. */
dyn_status dyn_dead_letter_write(dyn_call *call, dyn_store *store,
                                 dyn_bytes handler,
                                 const dyn_handler_event *event,
                                 const char *time, dyn_bytes error);

#endif
