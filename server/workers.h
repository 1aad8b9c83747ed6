/*
 * Threads with a connection each, and what waits for them.
 *
 * Several threads read. One thread at a time writes, so that no write ever
 * finds the database locked by another one of the process: that of the writer,
 * or, while that has nothing to do, one that would hand in work. Writes of
 * items that wait at the same time share a transaction, and so what it costs to
 * have that on the disk; each is done, or fails, for itself.
 *
 * The thread that writes also does the maintenance, once a second, on a
 * connection of its own, and work in steps on that connection. Between two
 * transactions of those, it serves writes that wait.
 */
#ifndef SERVER_WORKERS_H
#define SERVER_WORKERS_H

#include "base/call.h"
#include "database.h"
#include "lane.h"

typedef struct server_workers server_workers;

/* One piece of work, which whoever hands it in keeps until it is done. */
typedef struct server_work server_work;
struct server_work {
    server_work *next; /* of those that wait */
    /* Called on some thread; and once more, when what it wrote had to be rolled
     * back together with other work. */
    void (*run)(server_work *work, server_database *database);
    /* Called once, when what it has written is committed. */
    void (*done)(server_work *work);
};

enum { WORKERS_SUBMITTERS_MAX = 8 };

typedef struct workers_settings {
    const char *path;        /* of the database */
    const char *synchronous; /* as the PRAGMA has it */
    bool is_private;         /* nobody else has the database, and no commit
                              * waits for the disk */
    int readers;             /* threads */
    int submitters;          /* threads that may call workers_quick():
                              * those of HTTP */
} workers_settings;

/* Open the connections of a database, and begin. *out is to be stopped and
 * closed. Fails as database_open() does, and with DYN_INVALID when threads
 * cannot be had. */
dyn_status workers_start(dyn_call *call, const workers_settings *settings,
                         server_workers **out);

/* A connection that reads, the same one for each call of a thread. */
server_database *workers_quick(server_workers *workers);

/* Hand work in, of any lane but LANE_QUICK. Returns false when the workers are
 * stopping. */
bool workers_submit(server_workers *workers, server_lane lane,
                    server_work *work);

/* Do a write of LANE_WRITE on the thread that calls, all but its done(): in a
 * private database, where it waits for nothing long, that takes less than
 * handing it in. Returns false, having done nothing, when that cannot be. */
bool workers_write_here(server_workers *workers, server_work *work);

/* Take no more work, and do all that waits. */
void workers_stop(server_workers *workers);

/* Close the connections, and free workers, which have stopped, when nobody
 * hands in work any more. */
void workers_close(server_workers *workers);

#endif
