/*
 * What the API needs from whoever runs it: tables by their names, and a place
 * in SQLite's transaction. ext/api_host.c fills it in.
 *
 * An operation asks for each of its tables with dyn_host_read() or
 * dyn_host_write(). What these begin (a read transaction that keeps the schema,
 * a transaction of the operation's own where there is none) ends with the
 * operation: dyn_api_call() sees to that, and an operation that fails has
 * written nothing in the first case, and what it wrote is rolled back in the
 * second one.
 *
 * Layer: api.
 */
#ifndef DYN_API_HOST_H
#define DYN_API_HOST_H

#include "engine/table.h"
#include "ops/export_table.h"
#include "ops/import_table.h"
#include "ops/replica.h"

typedef struct dyn_host {
    void *context;
    dyn_session *session;

    /* The table of exactly that name, `orders` or `schema.orders`, to be read
     * or written. Fail with DYN_NOT_FOUND; with DYN_INVALID where a statement
     * that is being run does not allow writing; DYN_SQLITE, DYN_NOMEM. */
    dyn_status (*read)(void *context, dyn_call *call, const char *name,
                       dyn_table **out);
    dyn_status (*write)(void *context, dyn_call *call, const char *name,
                        dyn_table **out);

    /* From here on, what the operation writes is undone if it fails, also
     * within a transaction. To be called before write(); a second call does
     * nothing. Fails as write() does. */
    dyn_status (*begin_atomic)(void *context, dyn_call *call);

    /* Make a table of that name, where none is, with the arguments of CREATE
     * VIRTUAL TABLE; it is to be written then. Remove a table. Both as
     * write(), after begin_atomic(), and fail also as SQLite does. */
    dyn_status (*create)(void *context, dyn_call *call, const char *name,
                         const char *const *arguments, size_t count);
    dyn_status (*drop)(void *context, dyn_call *call, const dyn_table *table);

    /* Make or remove a replica of a table that is to be written, of a region
     * whose file is attached. As write(), after begin_atomic(). */
    dyn_status (*change_replica)(void *context, dyn_call *call,
                                 dyn_table *table,
                                 const dyn_replica_request *request);

    /* The names of all tables, in the order of their bytes, in the memory of
     * call. Fails with DYN_SQLITE, DYN_NOMEM. */
    dyn_status (*list)(void *context, dyn_call *call, const char ***names,
                       size_t *count);

    /* From here on, all that is read is of one moment, and tables that have
     * been found stay as they are. Fails with DYN_SQLITE, DYN_NOMEM. */
    dyn_status (*snapshot)(void *context, dyn_call *call);

    /* Export a table of that name, or import into it; what has been begun is
     * over, and committed, before that. Outside of a transaction an import
     * commits each of its steps. *job is in the memory of call. Fail with
     * DYN_INVALID where no file may be opened; as the functions of those
     * headers, and as write(). */
    dyn_status (*export_table)(void *context, dyn_call *call, const char *name,
                               const dyn_export_request *request,
                               const dyn_job_origin *origin, dyn_job *job);
    dyn_status (*import_table)(void *context, dyn_call *call, const char *name,
                               dyn_import *import, const dyn_job_origin *origin,
                               dyn_job *job);

    /* All exports and imports that are told of, the oldest first, in the memory
     * of call. Fails with DYN_SQLITE, DYN_NOMEM. */
    dyn_status (*list_jobs)(void *context, dyn_call *call, dyn_job **jobs,
                            size_t *count);

    /* The operation is over, and how: DYN_OK, or what it failed with, in call.
     * Returns that, or why it could not be committed. */
    dyn_status (*end)(void *context, dyn_call *call, dyn_status status);
} dyn_host;

/*
 * The table that a request names, by its name or its ARN, with its definition
 * read. Fail with DYN_NOT_FOUND `Requested resource not found`, and as read()
 * and write() and dyn_table_refresh() do.
 */
dyn_status dyn_host_read(dyn_call *call, const dyn_host *host, dyn_bytes name,
                         dyn_table **out);
dyn_status dyn_host_write(dyn_call *call, const dyn_host *host, dyn_bytes name,
                          dyn_table **out);

/* The same for operations on tables, which say `Requested resource not found:
 * Table: t not found`. */
dyn_status dyn_host_find(dyn_call *call, const dyn_host *host, dyn_bytes name,
                         bool is_write, dyn_table **out);

/* The same for operations on backups: a TableNotFoundException. */
dyn_status dyn_host_find_source(dyn_call *call, const dyn_host *host,
                                dyn_bytes name, bool is_write, dyn_table **out);

/* A table that is to be made. */
typedef struct dyn_new_table {
    dyn_bytes name;        /* followed by a zero byte */
    const char *exception; /* that another table of this name is; a literal */
    const char *const *arguments; /* of CREATE VIRTUAL TABLE */
    size_t count;
} dyn_new_table;

/* Make a table, after begin_atomic(): *out is to be written. Fails with
 * DYN_INVALID, and as create() and dyn_host_write() do. */
dyn_status dyn_host_create(dyn_call *call, const dyn_host *host,
                           const dyn_new_table *made, dyn_table **out);

/* Fail with DYN_INVALID because RequestItems has no table. */
dyn_status dyn_host_fail_no_items(dyn_call *call, const char *operation);

/* Fail with DYN_INVALID because a request names a table twice. */
dyn_status dyn_host_fail_twice(dyn_call *call, const dyn_table *table);

/* The name of a table in its ARN; what is no ARN is the name itself. */
dyn_bytes dyn_host_table_name(dyn_bytes resource);

#endif
