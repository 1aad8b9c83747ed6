/* A node of a dqlite cluster whose connections have dynamo.
 *
 * usage: dqlite_node ID ADDRESS DIRECTORY
 *
 * ID is a number that is the node's own, and that of the first node is 1.
 * ADDRESS is HOST:PORT, where clients and the other nodes find it. DIRECTORY,
 * which exists, is what the node keeps, from one start to the next. It prints
 * a line when it is ready, and stops at SIGTERM. */
#include "dynamo.h"

#include <dqlite.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

/* Entries of the Raft log between two snapshots, and kept behind one. Both
 * are small, so that a node that was away for a while needs a snapshot. */
#define SNAPSHOT_THRESHOLD 64
#define SNAPSHOT_TRAILING  64

/* What a message takes to another node, and so how long the others wait for a
 * leader before they choose another one: some 15 times that. */
#define NETWORK_LATENCY_MS 50

static int fail(dqlite_node *node, const char *what)
{
    fprintf(stderr, "dqlite_node: %s: %s\n", what,
            node == NULL ? "no memory" : dqlite_node_errmsg(node));
    return 1;
}

/* The thread of the node inherits that they are blocked. */
static void block_signals(sigset_t *signals)
{
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(signals);
    sigaddset(signals, SIGTERM);
    sigaddset(signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, signals, NULL);
}

static int run(dqlite_node *node, const char *id, const char *address)
{
    sigset_t signals;
    int signal_number = 0;
    block_signals(&signals);
    if (dqlite_node_set_bind_address(node, address) != 0)
        return fail(node, "address");
    if (dqlite_node_set_network_latency_ms(node, NETWORK_LATENCY_MS) != 0)
        return fail(node, "latency");
    if (dqlite_node_set_snapshot_params(node, SNAPSHOT_THRESHOLD,
                                        SNAPSHOT_TRAILING) != 0)
        return fail(node, "snapshots");
    if (dqlite_node_start(node) != 0) return fail(node, "start");
    printf("node %s is ready at %s\n", id, address);
    fflush(stdout);
    sigwait(&signals, &signal_number);
    return dqlite_node_stop(node) == 0 ? 0 : fail(node, "stop");
}

/* Keeps a node from an end that a client could bring about. dqlite 1.11
 * replicates what the request EXEC writes. It does not look at what QUERY
 * writes outside of a transaction, as by INSERT ... RETURNING or by SELECT of a
 * function that writes: the node aborts at the next statement. Only a statement
 * with columns can do so, for QUERY refuses others. So nothing is committed
 * while one runs, but for the pragmas of dqlite itself. */
static int refuse_commit_of_query(void *db)
{
    sqlite3_stmt *statement = NULL;
    while ((statement = sqlite3_next_stmt(db, statement)) != NULL)
        if (sqlite3_stmt_busy(statement) &&
            sqlite3_column_count(statement) > 0 &&
            sqlite3_strnicmp(sqlite3_sql(statement), "PRAGMA", 6) != 0)
            return 1;
    return 0;
}

/* dqlite opens its connections in this process. Each of them begins here. */
static int open_connection(sqlite3 *db, char **message,
                           const struct sqlite3_api_routines *api)
{
    sqlite3_commit_hook(db, refuse_commit_of_query, db);
    return sqlite3_dynamo_init(db, message, api);
}

int main(int count, char **arguments)
{
    if (count != 4) {
        fprintf(stderr, "usage: dqlite_node ID ADDRESS DIRECTORY\n");
        return 2;
    }
    if (sqlite3_auto_extension((void (*)(void))open_connection) != SQLITE_OK)
        return fail(NULL, "SQLite");

    dqlite_node *node = NULL;
    dqlite_node_id id = strtoull(arguments[1], NULL, 10);
    if (dqlite_node_create(id, arguments[2], arguments[3], &node) != 0)
        return fail(node, "create");
    int status = run(node, arguments[1], arguments[2]);
    dqlite_node_destroy(node);
    return status;
}
