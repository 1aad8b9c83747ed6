/* Making, removing and writing replicas; the contracts are in replicas.h. */
#include "replicas.h"

#include "bridge.h"
#include "change_table.h"
#include "engine/declaration.h"
#include "ops/replicate.h"

#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* --------------------------------------------------------------- finding -- */

/* A table that cannot be read is none of the replicas. */
static dyn_status has_id(dyn_call *call, dyn_table *table, dyn_bytes id,
                         bool *out)
{
    dyn_birth birth;
    dyn_status status = dyn_table_birth(call, table, &birth);
    *out = status == DYN_OK && dyn_bytes_equal(birth.id, id);
    return status == DYN_CORRUPT ? DYN_OK : status;
}

dyn_status replicas_find(dyn_call *call, dyn_session *session, dyn_bytes id,
                         dyn_table **out)
{
    const table_name *names = NULL;
    size_t count = 0;
    bool is_it = false;
    *out = NULL;
    DYN_TRY(tables_list(call, session, &names, &count));
    for (size_t i = 0; i < count && !is_it; i++) {
        char *name = dyn_format(call, "%s.%s", names[i].schema, names[i].name);
        if (name == NULL) return DYN_NOMEM;
        DYN_TRY(tables_find(call, session, name, out));
        DYN_TRY(has_id(call, *out, id, &is_it));
    }
    if (is_it) return dyn_table_refresh(call, *out);
    *out = NULL;
    return DYN_OK;
}

static dyn_status fail_away(dyn_call *call, const dyn_replica *replica)
{
    return dyn_fail(call, DYN_INVALID,
                    "region %.*s is away: ATTACH its file first",
                    SHOWN(replica->region));
}

/* --------------------------------------------------------------- members -- */

/* A region that takes part in a change. */
typedef struct member {
    dyn_table *table;
    sqlite3_stmt *joined; /* keeps the table open; owned */
    int64_t received;     /* of its log, by the table that is changed */
} member;

typedef struct members {
    member *all; /* the table that is changed is the first */
    size_t count;
} members;

static dyn_status add_member(dyn_call *call, dyn_table *table, int64_t received,
                             members *out)
{
    member *made = &out->all[out->count++];
    *made = (member){.table = table, .received = received};
    return tables_join(call, table, &made->joined);
}

static void free_members(members *all)
{
    for (size_t i = 0; i < all->count; i++)
        sqlite3_finalize(all->all[i].joined);
}

/* Add those of the replicas that are attached. */
static dyn_status find_members(dyn_call *call, dyn_table *table,
                               const dyn_replica *replicas, size_t count,
                               bool needs_all, members *out)
{
    dyn_log_bounds log;
    out->count = 0;
    out->all = dyn_alloc(call, (count + 2) * sizeof(member));
    if (out->all == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_log_read_bounds(call, dyn_table_store(table), &log));
    DYN_TRY(add_member(call, table, log.last, out));
    for (size_t i = 0; i < count; i++) {
        dyn_table *other = NULL;
        DYN_TRY(replicas_find(call, dyn_table_session(table), replicas[i].id,
                              &other));
        if (other == NULL && needs_all) return fail_away(call, &replicas[i]);
        if (other == NULL) continue;
        DYN_TRY(add_member(call, other, replicas[i].received, out));
    }
    return DYN_OK;
}

/* ---------------------------------------------------------------- adding -- */

static dyn_status add_arguments(dyn_call *call,
                                const dyn_definition *definition,
                                sqlite3_str *sql)
{
    const char *const *arguments = NULL;
    size_t count = 0;
    DYN_TRY(dyn_declaration_print_all(call, definition, &arguments, &count));
    for (size_t i = 0; i < count; i++)
        sqlite3_str_appendf(sql, "%s%s", i > 0 ? ", " : "", arguments[i]);
    return DYN_OK;
}

/* CREATE VIRTUAL TABLE of the same declaration in another region. */
static dyn_status create_table(dyn_call *call, dyn_table *table,
                               const char *schema, dyn_bytes region)
{
    sqlite3 *db = dyn_table_session(table)->db;
    dyn_definition definition = *dyn_table_definition(table);
    sqlite3_str *sql = sqlite3_str_new(db);
    definition.region = region;
    sqlite3_str_appendf(sql, "CREATE VIRTUAL TABLE \"%w\".\"%w\" USING dynamo(",
                        schema, dyn_table_name(table));
    dyn_status status = add_arguments(call, &definition, sql);
    sqlite3_str_appendall(sql, ")");
    char *text = sqlite3_str_finish(sql);
    if (status == DYN_OK && text == NULL) status = dyn_fail_nomem(call);
    if (status == DYN_OK) status = bridge_run(call, db, text);
    sqlite3_free(text);
    return status;
}

/* The schema that is attached under the name of a region, as it is spelled. */
static dyn_status find_schema(dyn_call *call, dyn_session *session,
                              dyn_bytes region, const char **out)
{
    const char **schemas = NULL;
    size_t count = 0;
    *out = NULL;
    DYN_TRY(tables_schemas(call, session, &schemas, &count));
    for (size_t i = 0; i < count && *out == NULL; i++) {
        if (dyn_bytes_equal_nocase(dyn_bytes_text(schemas[i]), region))
            *out = schemas[i];
    }
    return DYN_OK;
}

static dyn_status check_no_table(dyn_call *call, dyn_session *session,
                                 const char *name)
{
    dyn_table *table = NULL;
    dyn_status status = tables_find(call, session, name, &table);
    if (status == DYN_NOT_FOUND) return DYN_OK;
    if (status != DYN_OK) return status;
    return dyn_fail(call, DYN_INVALID,
                    "there is a table %s already: a new replica is made from "
                    "this one",
                    name);
}

/* The table in the new region, which takes part in the transaction. */
static dyn_status make_table(dyn_call *call, dyn_table *table, dyn_bytes region,
                             members *all)
{
    const char *schema = NULL;
    dyn_table *made = NULL;
    dyn_session *session = dyn_table_session(table);
    DYN_TRY(find_schema(call, session, region, &schema));
    if (schema == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "no database is attached under the name of the region: "
                        "ATTACH its file AS \"%.*s\", or say ADD REPLICA %.*s "
                        "IN 'file'; both are SQL, and with dynamo-server a "
                        "table has no replicas",
                        SHOWN(region), SHOWN(region));
    }
    const char *name = dyn_format(call, "%s.%s", schema, dyn_table_name(table));
    if (name == NULL) return DYN_NOMEM;
    DYN_TRY(check_no_table(call, session, name));
    DYN_TRY(create_table(call, table, schema, region));
    DYN_TRY(tables_find(call, session, name, &made));
    DYN_TRY(dyn_table_refresh(call, made));
    return add_member(call, made, 0, all);
}

static dyn_status check_new(dyn_call *call, dyn_table *table,
                            const dyn_replica_request *request,
                            const dyn_replica *replicas, size_t count)
{
    bool found = dyn_bytes_equal_nocase(dyn_table_definition(table)->region,
                                        request->region);
    for (size_t i = 0; i < count; i++) {
        found = found ||
                dyn_bytes_equal_nocase(replicas[i].region, request->region);
        if (replicas[i].is_strong == request->is_strong) continue;
        return dyn_fail(call, DYN_INVALID,
                        "the replicas of a table are all STRONG, or none");
    }
    if (!found) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, "the table is in region %.*s already",
                    SHOWN(request->region));
}

/* The new region has received what the one it is copied from has. */
static dyn_status connect(dyn_call *call, const members *all, bool is_strong)
{
    dyn_log_bounds log;
    dyn_table *made = all->all[all->count - 1].table;
    DYN_TRY(dyn_log_read_bounds(call, dyn_table_store(made), &log));
    for (size_t i = 0; i + 1 < all->count; i++) {
        DYN_TRY(dyn_replica_connect(call, made, all->all[i].received,
                                    all->all[i].table, log.last, is_strong));
    }
    return DYN_OK;
}

static dyn_status add_among(dyn_call *call, dyn_table *table,
                            const dyn_replica_request *request, members *all)
{
    DYN_TRY(make_table(call, table, request->region, all));
    DYN_TRY(dyn_replica_copy(call, table, all->all[all->count - 1].table));
    return connect(call, all, request->is_strong);
}

static dyn_status add(dyn_call *call, dyn_table *table,
                      const dyn_replica_request *request)
{
    dyn_replica *replicas = NULL;
    size_t count = 0;
    members all = {.count = 0};
    dyn_session *session = dyn_table_session(table);
    DYN_TRY(dyn_session_check_change(call, session));
    DYN_TRY(dyn_replicas(call, table, &replicas, &count));
    DYN_TRY(check_new(call, table, request, replicas, count));
    dyn_tables_pin(session);
    dyn_status status = find_members(call, table, replicas, count, true, &all);
    if (status == DYN_OK) status = add_among(call, table, request, &all);
    free_members(&all);
    dyn_tables_unpin(session);
    return status;
}

/* -------------------------------------------------------------- removing -- */

static dyn_status remove_from(dyn_call *call, dyn_table *table,
                              dyn_bytes region)
{
    bool found = false;
    dyn_replica replica;
    DYN_TRY(dyn_replica_find(call, table, region, &found, &replica));
    return found ? dyn_replica_remove(call, table, &replica) : DYN_OK;
}

/* The table that is no replica any more knows no others. */
static dyn_status remove_all(dyn_call *call, dyn_table *table)
{
    dyn_replica *replicas = NULL;
    size_t count = 0;
    DYN_TRY(dyn_replicas(call, table, &replicas, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(dyn_replica_remove(call, table, &replicas[i]));
    return DYN_OK;
}

static dyn_status drop_among(dyn_call *call, dyn_bytes region,
                             const members *all)
{
    for (size_t i = 0; i < all->count; i++) {
        dyn_table *table = all->all[i].table;
        bool is_it =
            dyn_bytes_equal_nocase(dyn_table_definition(table)->region, region);
        DYN_TRY(is_it ? remove_all(call, table)
                      : remove_from(call, table, region));
    }
    return DYN_OK;
}

static dyn_status drop(dyn_call *call, dyn_table *table,
                       const dyn_replica_request *request)
{
    bool found = false;
    dyn_replica replica;
    dyn_replica *replicas = NULL;
    size_t count = 0;
    members all = {.count = 0};
    DYN_TRY(dyn_replica_find(call, table, request->region, &found, &replica));
    if (!found) {
        return dyn_fail(call, DYN_NOT_FOUND,
                        "there is no replica in %.*s: dynamo_replicas lists "
                        "those there are",
                        SHOWN(request->region));
    }
    DYN_TRY(dyn_replicas(call, table, &replicas, &count));
    dyn_status status = find_members(call, table, replicas, count, false, &all);
    if (status == DYN_OK) status = drop_among(call, request->region, &all);
    free_members(&all);
    return status;
}

dyn_status replicas_change_table(dyn_call *call, dyn_table *table,
                                 const dyn_replica_request *request)
{
    return request->is_drop ? drop(call, table, request)
                            : add(call, table, request);
}

static dyn_status change(dyn_call *call, dyn_table *table, const void *context)
{
    return replicas_change_table(call, table, context);
}

/* ------------------------------------------------------------- attaching -- */

static dyn_status attach(dyn_call *call, dyn_session *session,
                         const dyn_replica_request *request)
{
    const char *schema = NULL;
    DYN_TRY(find_schema(call, session, request->region, &schema));
    if (schema != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "a database is attached as %s already: say ADD REPLICA "
                        "%s without IN",
                        schema, schema);
    }
    char *sql = sqlite3_mprintf("ATTACH %Q AS \"%w\"", request->file.data,
                                request->region.data);
    if (sql == NULL) return dyn_fail_nomem(call);
    dyn_status status = bridge_run(call, session->db, sql);
    sqlite3_free(sql);
    return status;
}

static void detach(dyn_session *session, const dyn_replica_request *request)
{
    char *sql = sqlite3_mprintf("DETACH \"%w\"", request->region.data);
    if (sql != NULL) sqlite3_exec(session->db, sql, NULL, NULL, NULL);
    sqlite3_free(sql);
}

dyn_status replicas_change(dyn_call *call, dyn_session *session,
                           const char *name, const dyn_replica_request *request)
{
    static const char function[] = "dynamo_alter";
    bool has_file = request->file.data != NULL;
    if (has_file) DYN_TRY(attach(call, session, request));
    dyn_status status =
        change_table(call, session, function, name, change, request);
    if (has_file && status != DYN_OK) detach(session, request);
    return status;
}

/* ------------------------------------------------------------------ sync -- */

/* A lock is that of somebody who writes in the other region. */
static dyn_status name_conflict(dyn_call *call, const dyn_replica *replica,
                                dyn_status status)
{
    if (status != DYN_SQLITE || (call->error.sqlite_code & 0xff) != SQLITE_BUSY)
        return status;
    return dyn_fail(call, DYN_REPLICA_CONFLICT,
                    "One or more items in this request are being modified by a "
                    "request in another Region: %.*s",
                    SHOWN(replica->region));
}

static dyn_status send_all(dyn_call *call, dyn_table *table, dyn_table *other)
{
    bool found = false;
    int64_t changes = 0;
    dyn_replication replication;
    DYN_TRY(dyn_replication_begin(call, table, other, &found, &replication));
    replication.is_at_once = true;
    for (bool is_end = !found; !is_end;)
        DYN_TRY(dyn_replication_receive(call, &replication, &changes, &is_end));
    return DYN_OK;
}

static dyn_status send_to(dyn_call *call, dyn_table *table,
                          const dyn_replica *replica)
{
    dyn_table *other = NULL;
    sqlite3_stmt *joined = NULL;
    DYN_TRY(replicas_find(call, dyn_table_session(table), replica->id, &other));
    if (other == NULL) return fail_away(call, replica);
    dyn_status status = tables_join(call, other, &joined);
    if (status == DYN_OK) status = dyn_table_refresh(call, other);
    if (status == DYN_OK) status = send_all(call, table, other);
    sqlite3_finalize(joined);
    return name_conflict(call, replica, status);
}

dyn_status replicas_sync(dyn_call *call, dyn_table *table)
{
    dyn_replica *replicas = NULL;
    size_t count = 0;
    if (!dyn_table_log_keep(table)->has_strong) return DYN_OK;
    dyn_status status = dyn_replicas(call, table, &replicas, &count);
    for (size_t i = 0; i < count && status == DYN_OK; i++)
        status = send_to(call, table, &replicas[i]);
    if (status != DYN_OK) call->error.torn = true;
    return status;
}
