/*
 * What of a table's log is kept, and how long: all that its readers want of it
 * together. Those are streams, by their view; followers and the restore to a
 * point in time, by options; and those that remember how far they are
 * (readers.h). A table that has none of them writes no log.
 *
 * Layer: engine. Plain data; table.h has it of a table.
 */
#ifndef DYN_ENGINE_LOG_KEEP_H
#define DYN_ENGINE_LOG_KEEP_H

#include "engine/definition.h"

typedef struct dyn_log_keep {
    bool is_logging; /* there is a record of each change, */
    bool has_before; /* with the item before it */
    bool has_after;  /* and the one after it */
    bool has_readers;
    bool has_sync; /* one of them is a handler that runs in the statement that
                    * writes */
    bool has_replicas;  /* one of them is a replica: of each item it is known
                         * which change was the last (versions.h) */
    bool has_strong;    /* one that is written in the statement that writes */
    int64_t kept_ms;    /* a record is kept so long, */
    int64_t read_to;    /* and longer if it is behind this sequence, up to which
                         * all readers have read. INT64_MAX: there are none */
    int64_t whole_from; /* each change behind this sequence has a record, with
                         * both items. INT64_MAX: not so */
} dyn_log_keep;

/* What is wanted from now on; without what is stored: read_to and whole_from.
 */
dyn_log_keep dyn_log_keep_of(const dyn_definition *definition,
                             bool has_readers);

/* Whether records have both items. */
bool dyn_log_keep_is_whole(const dyn_log_keep *keep);

#endif
