/*
 * The log of a table: a record of each change of an item that somebody wants to
 * hear of, in the order of commits, written in the transaction of the change.
 * Who reads it remembers the sequence of the last record that was read.
 *
 * A sequence is the time of a change in ms since 1970, and in its low bits a
 * number that tells changes of one millisecond apart. Sequences rise also when
 * the clock goes back, and when all records have been removed: a time is a
 * place in the log.
 *
 * Functions fail as store.h says. What they give is in the memory of call.
 *
 * Layer: engine. Speaks SQL, as the catalogue does.
 */
#ifndef DYN_ENGINE_LOG_H
#define DYN_ENGINE_LOG_H

#include "engine/store.h"

enum { DYN_LOG_NUMBER_BITS = 20 }; /* of a sequence, below its time */

/* What happened to an item, and who did it. Stored. */
typedef enum dyn_log_event {
    DYN_LOG_INSERT = 1,
    DYN_LOG_MODIFY = 2,
    DYN_LOG_REMOVE = 3,
} dyn_log_event;

typedef enum dyn_actor {
    DYN_ACTOR_USER = 0,
    DYN_ACTOR_TTL = 1,     /* the item has expired */
    DYN_ACTOR_REPLICA = 2, /* the change was made in another region */
    DYN_ACTORS
} dyn_actor;

typedef struct dyn_log_record {
    int64_t sequence; /* of one that is there */
    dyn_log_event event;
    dyn_actor actor;
    dyn_bytes key;
    dyn_bytes before; /* stored items, without bytes where there is none or it
                       * is not kept */
    dyn_bytes after;
} dyn_log_record;

/* Where the log begins and ends. */
typedef struct dyn_log_bounds {
    bool is_empty;
    int64_t first; /* the sequence of the first record, unless is_empty */
    int64_t last;  /* no sequence has been higher */
} dyn_log_bounds;

/* The least sequence of a time, in ms since 1970; and the time of a sequence.
 * Times before 1970 and far behind today are those of the first and the last
 * sequence. */
int64_t dyn_log_sequence_at(int64_t time_ms);
int64_t dyn_log_time_ms(int64_t sequence);

/* Add a record. *sequence becomes its sequence, which is at least that, and
 * above all before it. */
dyn_status dyn_log_append(dyn_call *call, dyn_store *store, int64_t least,
                          const dyn_log_record *record, int64_t *sequence);

/* The highest sequence that a record can have had up to now. */
int64_t dyn_log_last_by_now(const dyn_log_bounds *log);

dyn_status dyn_log_read_bounds(dyn_call *call, dyn_store *store,
                               dyn_log_bounds *out);

/* How many records are behind a sequence; and the first of them, unless there
 * are none. */
dyn_status dyn_log_count_behind(dyn_call *call, dyn_store *store,
                                int64_t sequence, int64_t *count,
                                int64_t *first);

/* The same, of the records that are not of an actor. */
dyn_status dyn_log_count_others(dyn_call *call, dyn_store *store,
                                int64_t sequence, dyn_actor actor,
                                int64_t *count, int64_t *first);

/* Records from low to high, both included, or down from high. */
typedef struct dyn_log_range {
    int64_t low;
    int64_t high;
    bool down;
    size_t records_max; /* at least 1 */
    size_t bytes_max;   /* no more are read once they come to more than this */
} dyn_log_range;

typedef struct dyn_log_records {
    const dyn_log_record *all;
    size_t count;
    bool is_end; /* there are no more in the range */
} dyn_log_records;

/* The first records of a range. Fails with DYN_CORRUPT when one of them is not
 * as it was written. */
dyn_status dyn_log_read(dyn_call *call, dyn_store *store,
                        const dyn_log_range *range, dyn_log_records *out);

/* Look at all records behind a sequence, in their order. The bytes of a record
 * live until visit returns; what that does may read rows, but not the log.
 * Fails as dyn_log_read(), and as visit does. */
typedef dyn_status dyn_log_visit(dyn_call *call, void *context,
                                 const dyn_log_record *record);
dyn_status dyn_log_walk(dyn_call *call, dyn_store *store, int64_t after,
                        dyn_log_visit *visit, void *context);

/* A number that stays the same while the log is the same for this connection.
 */
int64_t dyn_log_state(const dyn_store *store);

/* Whether there have been records from low on that are below a limit: they are
 * still there, or have been removed. */
dyn_status dyn_log_has_had(dyn_call *call, dyn_store *store, int64_t low,
                           int64_t below, bool *out);

/* Remove the first records whose sequence is below a limit, at most so many.
 * *removed tells whether there were any. */
dyn_status dyn_log_trim(dyn_call *call, dyn_store *store, int64_t below,
                        size_t records_max, bool *removed);

#endif
