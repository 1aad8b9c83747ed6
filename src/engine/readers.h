/*
 * The readers of a table's log that remember how far they are: handlers, and
 * replicas in other files. Each has a row of _readers. What no reader has read
 * is not trimmed.
 *
 * Functions fail as store.h says, and those that write as a write does. What
 * they give is in the memory of call.
 *
 * Layer: engine. Speaks SQL, as the catalogue does.
 */
#ifndef DYN_ENGINE_READERS_H
#define DYN_ENGINE_READERS_H

#include "engine/store.h"

typedef enum dyn_log_reader_kind { /* stored */
                                   DYN_READER_HANDLER = 1,
                                   DYN_READER_REPLICA = 2,
                                   DYN_READER_SYNC_HANDLER =
                                       3, /* that runs in the statement that
                                           * writes
                                           */
                                   DYN_READER_STRONG_REPLICA = 4, /* the same */
                                   DYN_READER_KINDS
} dyn_log_reader_kind;

typedef struct dyn_log_reader {
    dyn_log_reader_kind kind;
    dyn_bytes name;     /* UTF-8, one of its kind */
    int64_t position;   /* it has read the records up to this sequence */
    dyn_bytes settings; /* what its owner keeps of it: as it was made, */
    dyn_bytes state;    /* and how it goes */
} dyn_log_reader;

/* Those of a kind, by name. */
dyn_status dyn_log_readers(dyn_call *call, dyn_store *store,
                           dyn_log_reader_kind kind, dyn_log_reader **readers,
                           size_t *count);

/* How many there are of all kinds, and the position of the slowest one;
 * INT64_MAX without any. */
typedef struct dyn_log_readers_summary {
    int64_t count;
    int64_t position;
    bool has_sync; /* there is a handler that runs in the writing statement, */
    bool has_replicas; /* a replica, */
    bool has_strong;   /* one that is written in the writing statement */
} dyn_log_readers_summary;
dyn_status dyn_log_readers_summarize(dyn_call *call, dyn_store *store,
                                     dyn_log_readers_summary *out);

/* Write a reader in place of the one of this kind and name, if there is one. */
dyn_status dyn_log_reader_write(dyn_call *call, dyn_store *store,
                                const dyn_log_reader *reader);

/* Write how far a reader is, and its state. */
dyn_status dyn_log_reader_move(dyn_call *call, dyn_store *store,
                               const dyn_log_reader *reader);

dyn_status dyn_log_reader_remove(dyn_call *call, dyn_store *store,
                                 dyn_log_reader_kind kind, dyn_bytes name);

#endif
