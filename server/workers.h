/*
 * Threads with a connection each, and what waits for them.
 *
 * Several threads read. One thread writes, so that no write ever finds the
 * database locked by another one of the process. It also does the maintenance,
 * once a second, on a connection of its own, and work in steps on that
 * connection; between two transactions of those, it serves writes that wait.
 */
#ifndef SERVER_WORKERS_H
#define SERVER_WORKERS_H

#include "base/call.h"
#include "database.h"
#include "lane.h"

typedef struct server_workers server_workers;

/* One piece of work, which whoever hands it in keeps until run is called. It is
 * called once, on some thread. */
typedef struct server_work server_work;
struct server_work {
    server_work *next; /* of those that wait */
    void (*run)(server_work *work, server_database *database);
};

/* Open the connections of a database, and begin. *out is to be stopped. Fails
 * as database_open() does, and with DYN_INVALID when threads cannot be had. */
dyn_status workers_start(dyn_call *call, const char *path,
                         const char *synchronous, int readers,
                         server_workers **out);

/* Hand work in. Returns false when the workers are stopping. */
bool workers_submit(server_workers *workers, server_lane lane,
                    server_work *work);

/* Take no more work, do all that waits, close the connections, and free
 * workers. */
void workers_stop(server_workers *workers);

#endif
