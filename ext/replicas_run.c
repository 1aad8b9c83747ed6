/* Replication in dynamo_maintain(); the contract is in replicas.h. */
#include "replicas.h"

#include "base/buffer.h"
#include "bridge.h"
#include "change_table.h"
#include "ops/replicate.h"
#include "ops/steps.h"

enum { BATCHES_MAX = 1000 }; /* of one pair of tables, in one call */

/* Two tables by their names, which may be gone meanwhile. */
typedef struct pair {
    const char *from;
    const char *to;
} pair;

/* --------------------------------------------------------------- batches -- */

static dyn_status find_table(dyn_call *call, dyn_session *session,
                             const char *name, dyn_table **out)
{
    dyn_status status = tables_find(call, session, name, out);
    if (status == DYN_NOT_FOUND) *out = NULL;
    if (status == DYN_NOT_FOUND) return DYN_OK;
    return status == DYN_OK ? dyn_table_refresh(call, *out) : status;
}

/* Both tables, if they are there and replicas of each other. */
static dyn_status find_pair(dyn_call *call, dyn_session *session,
                            const pair *tables, bool *found,
                            dyn_replication *out)
{
    dyn_table *from = NULL;
    dyn_table *to = NULL;
    *found = false;
    DYN_TRY(find_table(call, session, tables->from, &from));
    DYN_TRY(find_table(call, session, tables->to, &to));
    if (from == NULL || to == NULL) return DYN_OK;
    return dyn_replication_begin(call, from, to, found, out);
}

/* A step of a pair, in a transaction of the table that it writes to. */
typedef struct step {
    dyn_session *session;
    const pair *tables;
    int64_t *changes;
    int batches; /* so far */
} step;

static dyn_status receive(dyn_call *call, dyn_table *table, const void *context)
{
    bool found = false;
    bool is_due = false;
    bool is_end = false;
    dyn_replication replication;
    const step *taken = context;
    DYN_TRY(find_pair(call, dyn_table_session(table), taken->tables, &found,
                      &replication));
    if (found) DYN_TRY(dyn_replication_is_due(call, &replication, &is_due));
    return is_due ? dyn_replication_receive(call, &replication, taken->changes,
                                            &is_end)
                  : DYN_OK;
}

static dyn_status confirm(dyn_call *call, dyn_table *table, const void *context)
{
    bool found = false;
    dyn_replication replication;
    const step *taken = context;
    DYN_TRY(find_pair(call, dyn_table_session(table), taken->tables, &found,
                      &replication));
    return found ? dyn_replication_confirm(call, &replication) : DYN_OK;
}

/* What a pair has to do, found out without writing. */
typedef struct pair_work {
    bool is_due;
    bool is_unconfirmed;
} pair_work;

static dyn_status find_work(dyn_call *call, dyn_session *session,
                            const pair *tables, pair_work *out)
{
    bool found = false;
    dyn_replication replication;
    sqlite3_stmt *hold = NULL;
    *out = (pair_work){false, false};
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status = find_pair(call, session, tables, &found, &replication);
    if (status == DYN_OK && found)
        status = dyn_replication_is_due(call, &replication, &out->is_due);
    if (status == DYN_OK && found)
        status = dyn_replication_is_unconfirmed(call, &replication,
                                                &out->is_unconfirmed);
    sqlite3_finalize(hold);
    return status;
}

/* Receive first: what is confirmed is committed. */
static dyn_status take_step(dyn_call *call, void *context, bool *is_end)
{
    static const char function[] = "dynamo_maintain";
    pair_work work;
    step *taken = context;
    dyn_session *session = taken->session;
    const pair *tables = taken->tables;
    DYN_TRY(find_work(call, session, tables, &work));
    *is_end = !work.is_due || ++taken->batches == BATCHES_MAX;
    if (work.is_due)
        return change_table(call, session, function, tables->to, receive,
                            taken);
    bool is_committed = sqlite3_get_autocommit(session->db) != 0;
    return work.is_unconfirmed && is_committed
               ? change_table(call, session, function, tables->from, confirm,
                              taken)
               : DYN_OK;
}

static dyn_status run_pair(dyn_call *call, dyn_session *session,
                           const pair *tables, int64_t *work)
{
    step taken = {session, tables, work, 0};
    return dyn_work_run(call, take_step, &taken);
}

/* ----------------------------------------------------------------- pairs -- */

/* A table that has replicas. */
typedef struct region {
    const char *name;
    dyn_bytes id;
    const dyn_replica *replicas;
    size_t count;
} region;

static bool knows(const region *table, const region *other)
{
    for (size_t i = 0; i < table->count; i++) {
        if (dyn_bytes_equal(table->replicas[i].id, other->id)) return true;
    }
    return false;
}

static dyn_status add_region(dyn_call *call, dyn_session *session,
                             const char *name, dyn_buffer *out)
{
    dyn_birth birth;
    dyn_replica *replicas = NULL;
    dyn_table *table = NULL;
    region made = {.name = name};
    DYN_TRY(find_table(call, session, name, &table));
    if (table == NULL || !dyn_table_log_keep(table)->has_replicas)
        return DYN_OK;
    DYN_TRY(dyn_table_birth(call, table, &birth));
    DYN_TRY(dyn_replicas(call, table, &replicas, &made.count));
    made.id = birth.id;
    made.replicas = replicas;
    dyn_buffer_add(out, &made, sizeof(made));
    return DYN_OK;
}

/* A damaged table is told of by the work that is due of it. */
static dyn_status add_regions(dyn_call *call, dyn_session *session,
                              dyn_buffer *out)
{
    const table_name *names = NULL;
    size_t count = 0;
    DYN_TRY(tables_list(call, session, &names, &count));
    for (size_t i = 0; i < count; i++) {
        char *name = dyn_format(call, "%s.%s", names[i].schema, names[i].name);
        if (name == NULL) return DYN_NOMEM;
        dyn_status status = add_region(call, session, name, out);
        if (status != DYN_OK && status != DYN_CORRUPT) return status;
    }
    return DYN_OK;
}

static dyn_status list_regions(dyn_call *call, dyn_session *session,
                               const region **regions, size_t *count)
{
    dyn_buffer all;
    dyn_bytes bytes = {NULL, 0};
    sqlite3_stmt *hold = NULL;
    dyn_buffer_begin(&all, call, 8 * sizeof(region));
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status = add_regions(call, session, &all);
    sqlite3_finalize(hold);
    if (status != DYN_OK) return status;
    DYN_TRY(dyn_buffer_end(&all, &bytes));
    *regions = (const region *)(const void *)bytes.data;
    *count = bytes.size_bytes / sizeof(region);
    return DYN_OK;
}

dyn_status replicas_run(dyn_call *call, dyn_session *session, int64_t *work)
{
    const region *all = NULL;
    size_t count = 0;
    dyn_error first = {.status = DYN_OK};
    DYN_TRY(list_regions(call, session, &all, &count));
    for (size_t i = 0; i < count * count; i++) {
        const region *from = &all[i / count];
        const region *to = &all[i % count];
        const pair tables = {from->name, to->name};
        if (!knows(from, to) || !knows(to, from)) continue;
        dyn_status status = run_pair(call, session, &tables, work);
        if (status == DYN_NOMEM) return status;
        if (status != DYN_OK && first.status == DYN_OK) first = call->error;
    }
    if (first.status != DYN_OK) call->error = first;
    return first.status;
}
