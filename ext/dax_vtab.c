/*
 * Module `dynamo_dax`: a table with the columns of a dynamo table, that reads
 * and writes through a cache. The cache is below it, in dax.c and dax_read.c.
 */
#include "dax_vtab.h"

#include "base/clock.h"
#include "bridge.h"
#include "dax_read.h"
#include "engine/expiry.h"
#include "ops/access_path.h"
#include "ops/access_sentence.h"
#include "ops/write.h"
#include "table_columns.h"
#include "table_write.h"

typedef struct dax_cursor dax_cursor;

typedef struct dax_vtab {
    table_vtab
        shared;     /* first. Its table is open only while a row is written */
    dax_table *dax; /* a reference */
    dax_cursor *spare; /* one that is closed, for the next to be opened, with
                        * its statement; owned, or NULL */
    dax_join join;
} dax_vtab;

/* A cursor holds two calls, as that of a dynamo table does: one for the range,
 * one for the rows of a page. */
struct dax_cursor {
    sqlite3_vtab_cursor base; /* first, as SQLite requires */
    dyn_call range;
    dyn_call page;
    dax_reader reader;
    dyn_bytes mode;    /* as given: SQLite compares it again behind an OR */
    const bool *holds; /* which columns are in rows; NULL: rows are items */
    bool is_range;     /* there may be more pages */
    bool is_strong;
    dax_page rows;
    bool is_end;
    dyn_bytes key; /* of the current row */
    dyn_view item; /* or what an index has of it */
    bool is_whole; /* it is the item */
};

/* -------------------------------------------------------------- lifetime -- */

static void free_cursor(dax_cursor *cursor)
{
    if (cursor != NULL) sqlite3_finalize(cursor->reader.hold);
    sqlite3_free(cursor);
}

static int dax_disconnect(sqlite3_vtab *base)
{
    dax_vtab *vtab = (dax_vtab *)base;
    row_forget_condition(&vtab->shared.condition);
    free_cursor(vtab->spare);
    sqlite3_finalize(vtab->join.statement);
    dax_release(vtab->dax);
    sqlite3_free(vtab);
    return SQLITE_OK;
}

/* The columns stay those of the first time: SQLite may open the table again
 * while that behind it is locked, or gone. */
static dyn_status open_dax(dyn_call *call, int argc, const char *const *argv,
                           bool creates, dax_vtab *vtab)
{
    enum { FIRST_ARGUMENT = 3 };
    dyn_session *session = vtab->shared.session;
    dax_table *dax = creates ? NULL : dax_find(session, argv[2]);
    if (strcmp(argv[1], "temp") != 0) {
        return dyn_fail(call, DYN_INVALID,
                        "what is cached belongs to a connection: CREATE "
                        "VIRTUAL TABLE temp.\"%s\" USING dynamo_dax(...)",
                        argv[2]);
    }
    if (dax == NULL) {
        DYN_TRY(dax_create(call, session, argv[2], argv + FIRST_ARGUMENT,
                           (size_t)(argc - FIRST_ARGUMENT), &dax));
    }
    dax->references++;
    vtab->dax = dax;
    vtab->shared.declared = dax->declared;
    vtab->shared.collation = dax->known.collation;
    return table_declare(call, session->db, &dax->declared,
                         dax->known.collation);
}

static int open_vtab(sqlite3 *db, void *aux, int argc, const char *const *argv,
                     bool creates, sqlite3_vtab **out, char **message)
{
    dax_vtab *vtab = sqlite3_malloc64(sizeof(*vtab));
    if (vtab == NULL) return SQLITE_NOMEM;
    memset(vtab, 0, sizeof(*vtab));
    vtab->shared.session = aux;
    dyn_call call;
    dyn_call_begin(&call);
    const char *name = dyn_format(&call, "%s", argv[2]);
    dyn_status status =
        name == NULL ? DYN_NOMEM : open_dax(&call, argc, argv, creates, vtab);
    int rc = bridge_error(&call, status, name, message);
    dyn_call_end(&call);
    if (rc != SQLITE_OK) {
        if (creates && vtab->dax != NULL) dax_remove(aux, vtab->dax);
        dax_disconnect(&vtab->shared.base);
        return rc;
    }
    sqlite3_vtab_config(db, SQLITE_VTAB_CONSTRAINT_SUPPORT, 1);
    sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
    *out = &vtab->shared.base;
    return SQLITE_OK;
}

static int dax_vtab_create(sqlite3 *db, void *aux, int argc,
                           const char *const *argv, sqlite3_vtab **out,
                           char **message)
{
    return open_vtab(db, aux, argc, argv, true, out, message);
}

static int dax_vtab_connect(sqlite3 *db, void *aux, int argc,
                            const char *const *argv, sqlite3_vtab **out,
                            char **message)
{
    return open_vtab(db, aux, argc, argv, false, out, message);
}

static int dax_vtab_destroy(sqlite3_vtab *base)
{
    dax_vtab *vtab = (dax_vtab *)base;
    dax_remove(vtab->shared.session, vtab->dax);
    return dax_disconnect(base);
}

/* Report how an operation ended, with the name of the table behind in front, as
 * that itself does. */
static int dax_result(dax_vtab *vtab, const dyn_call *call, dyn_status status)
{
    return bridge_error(call, status, vtab->dax->base_name,
                        &vtab->shared.base.zErrMsg);
}

static int dax_vtab_rename(sqlite3_vtab *base, const char *name)
{
    dax_vtab *vtab = (dax_vtab *)base;
    dyn_call call;
    dyn_call_begin(&call);
    int rc = dax_result(vtab, &call, dax_rename(&call, vtab->dax, name));
    dyn_call_end(&call);
    return rc;
}

/* -------------------------------------------------------------- planning -- */

/* Whether a query is refused with all its conditions at hand. */
static bool is_refused(int rc, const sqlite3_index_info *info)
{
    for (int i = 0; i < info->nConstraint; i++) {
        if (!info->aConstraint[i].usable) return false;
    }
    return rc == SQLITE_CONSTRAINT ||
           (rc == SQLITE_OK && strncmp(info->idxStr, DYN_ACCESS_REFUSED,
                                       strlen(DYN_ACCESS_REFUSED)) == 0);
}

static void unplan(sqlite3_index_info *info)
{
    if (info->needToFreeIdxStr) sqlite3_free(info->idxStr);
    info->idxStr = NULL;
    info->needToFreeIdxStr = 0;
    info->orderByConsumed = 0;
    info->idxFlags = 0;
    for (int i = 0; i < info->nConstraint; i++)
        info->aConstraintUsage[i] =
            (struct sqlite3_index_constraint_usage){.argvIndex = 0};
}

/* Find out what there is behind by now; where that cannot be had, what was
 * known stays. */
static void look_again(dax_vtab *vtab)
{
    dyn_call call;
    sqlite3_stmt *hold = NULL;
    dyn_table *table = NULL;
    dyn_call_begin(&call);
    dax_open_to_read(&call, vtab->shared.session, vtab->dax, &hold, &table);
    sqlite3_finalize(hold);
    dyn_call_end(&call);
}

/* A plan goes by what is known, so that it takes no lock. What is refused is
 * planned with what there is: an index may be new. */
static int dax_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    dax_vtab *vtab = (dax_vtab *)base;
    int64_t load = vtab->dax->load;
    int rc = plan_best_index(&vtab->dax->known, info);
    if (!is_refused(rc, info)) return rc;
    look_again(vtab);
    if (vtab->dax->load == load) return rc;
    unplan(info);
    return plan_best_index(&vtab->dax->known, info);
}

/* --------------------------------------------------------------- reading -- */

static dax_cursor *new_cursor(dax_vtab *vtab)
{
    dax_cursor *cursor = sqlite3_malloc64(sizeof(*cursor));
    if (cursor == NULL) return NULL;
    cursor->base.pVtab = &vtab->shared.base;
    cursor->reader.session = vtab->shared.session;
    cursor->reader.dax = vtab->dax;
    cursor->reader.join = &vtab->join;
    cursor->reader.hold = NULL;
    cursor->reader.is_query = false;
    return cursor;
}

static int dax_open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    dax_vtab *vtab = (dax_vtab *)base;
    dax_cursor *cursor = vtab->spare != NULL ? vtab->spare : new_cursor(vtab);
    if (cursor == NULL) return SQLITE_NOMEM;
    vtab->spare = NULL;
    dyn_call_begin(&cursor->range);
    dyn_call_begin(&cursor->page);
    cursor->mode = (dyn_bytes){NULL, 0};
    cursor->is_end = true;
    dyn_statement_read_begins(vtab->shared.session);
    *out = &cursor->base;
    return SQLITE_OK;
}

static int dax_close_cursor(sqlite3_vtab_cursor *base)
{
    dax_cursor *cursor = (dax_cursor *)base;
    dax_vtab *vtab = (dax_vtab *)base->pVtab;
    dax_reader_finish(&cursor->reader);
    sqlite3_reset(cursor->reader.hold);
    dyn_statement_read_ends(vtab->shared.session);
    dax_prepare_anew(vtab->shared.session, vtab->dax);
    dyn_call_end(&cursor->range);
    dyn_call_end(&cursor->page);
    free_cursor(vtab->spare);
    vtab->spare = cursor;
    return SQLITE_OK;
}

static dyn_status open_item(dax_cursor *cursor, dyn_bytes item)
{
    return dyn_view_open(&cursor->page, item, &cursor->item);
}

/* The item of a point read is the row, unless it has expired and only live ones
 * are asked for. */
static dyn_status show_got(dax_cursor *cursor, const plan_range *range,
                           dyn_bytes item)
{
    dyn_expiry expiry = {false, 0};
    const dax_table *dax = cursor->reader.dax;
    if (item.size_bytes == 0) return DYN_OK;
    DYN_TRY(open_item(cursor, item));
    cursor->is_end = false;
    if (range->request.is_live) {
        DYN_TRY(dyn_expiry_of_view(&cursor->page, dax->known.definition,
                                   &cursor->item, &expiry));
        cursor->is_end = dyn_expiry_is_over(&expiry, dyn_clock_now_ms());
    }
    cursor->key = range->request.low;
    cursor->is_whole = true;
    return DYN_OK;
}

/* Make the next row of the page the current one; *is_there tells. */
static dyn_status take_row(dax_cursor *cursor, bool *is_there)
{
    dyn_bytes item = {NULL, 0};
    *is_there = dax_page_take(&cursor->rows, &cursor->key, &item);
    if (!*is_there) return DYN_OK;
    cursor->is_whole = cursor->holds == NULL;
    cursor->is_end = false;
    return open_item(cursor, item);
}

/* The same, from the next page if need be. */
static dyn_status show_row(dax_cursor *cursor)
{
    bool is_there = false;
    bool is_hit = false;
    dyn_table *table = NULL;
    dax_reader *reader = &cursor->reader;
    DYN_TRY(take_row(cursor, &is_there));
    while (!is_there && !cursor->rows.is_last) {
        dyn_call_end(&cursor->page);
        dyn_call_begin(&cursor->page);
        if (dax_reader_is_cached(reader, cursor->is_strong))
            DYN_TRY(
                dax_find_page(&cursor->page, reader, &is_hit, &cursor->rows));
        if (!is_hit) {
            DYN_TRY(dax_reader_open(&cursor->page, reader, &table));
            DYN_TRY(dax_read_page(&cursor->page, reader, table, &cursor->rows));
        }
        DYN_TRY(take_row(cursor, &is_there));
    }
    cursor->is_end = !is_there;
    return DYN_OK;
}

/* Which declared attributes the rows of a range have. */
static dyn_status find_holds(dax_cursor *cursor, const plan_range *range)
{
    const plan_table *known = &cursor->reader.dax->known;
    const dyn_definition *declared = known->declared;
    cursor->holds = NULL;
    if (range->request.index < 0 || range->request.is_fetching) return DYN_OK;
    const dyn_index *index = &known->definition->indexes[range->request.index];
    if (index->project == DYN_PROJECT_ALL) return DYN_OK;
    bool *holds =
        dyn_alloc(&cursor->range, declared->attribute_count * sizeof(bool));
    if (holds == NULL) return dyn_fail_nomem(&cursor->page);
    for (size_t i = 0; i < declared->attribute_count; i++) {
        holds[i] = dyn_index_projects(known->definition, index,
                                      declared->columns[i].name);
    }
    cursor->holds = holds;
    return DYN_OK;
}

static dyn_status resolve(dax_cursor *cursor, int plan, const char *sentence,
                          sqlite3_value **argv, plan_range *range)
{
    dyn_status status = plan_resolve(&cursor->range, &cursor->reader.dax->known,
                                     plan, sentence, argv, range);
    if (status != DYN_OK) {
        dyn_call_take_error(&cursor->page, &cursor->range);
        look_again((dax_vtab *)cursor->base.pVtab); /* for the next time */
        return status;
    }
    cursor->mode = range->mode;
    cursor->is_strong = range->request.is_strong;
    dax_reader_set(&cursor->reader, &range->request);
    cursor->reader.mode = range->mode;
    return find_holds(cursor, range);
}

/* What is cached of the range, or of its first page. */
static dyn_status find(dax_cursor *cursor, const plan_range *range,
                       bool *is_hit)
{
    dyn_call *call = &cursor->page;
    dyn_bytes item = {NULL, 0};
    *is_hit = false;
    if (!dax_reader_is_cached(&cursor->reader, cursor->is_strong))
        return DYN_OK;
    if (range->access == PLAN_RANGE)
        return dax_find_page(call, &cursor->reader, is_hit, &cursor->rows);
    DYN_TRY(dax_find_item(call, &cursor->reader, range->request.low, is_hit,
                          &item));
    return *is_hit ? show_got(cursor, range, item) : DYN_OK;
}

static dyn_status read_item(dax_cursor *cursor, dyn_table *table,
                            const plan_range *range)
{
    table_vtab *shared = (table_vtab *)cursor->base.pVtab;
    dyn_get_request request = {.key = range->request.low,
                               .is_strong = range->request.is_strong};
    dyn_bytes item = {NULL, 0};
    DYN_TRY(dax_read_item(&cursor->page, &cursor->reader, table, &request,
                          &item, &shared->lookup));
    shared->lookup_statement = shared->session->statement;
    return show_got(cursor, range, item);
}

/* When what is known turns out to be old, the range is resolved again. */
static dyn_status start(dax_cursor *cursor, int plan, const char *sentence,
                        sqlite3_value **argv)
{
    dyn_call *call = &cursor->page;
    dax_reader *reader = &cursor->reader;
    plan_range range;
    dyn_table *table = NULL;
    bool is_hit = false;
    int64_t load = 0;
    do {
        load = reader->dax->load;
        DYN_TRY(resolve(cursor, plan, sentence, argv, &range));
        if (range.access != PLAN_NOTHING)
            DYN_TRY(find(cursor, &range, &is_hit));
        if (!is_hit) DYN_TRY(dax_reader_open(call, reader, &table));
    } while (!is_hit && reader->dax->load != load);
    if (range.access == PLAN_NOTHING) return DYN_OK;
    if (range.access == PLAN_GET)
        return is_hit ? DYN_OK : read_item(cursor, table, &range);
    if (!is_hit) DYN_TRY(dax_read_page(call, reader, table, &cursor->rows));
    return show_row(cursor);
}

static int cursor_result(dax_cursor *cursor, dyn_status status)
{
    return dax_result((dax_vtab *)cursor->base.pVtab, &cursor->page, status);
}

static int dax_filter(sqlite3_vtab_cursor *base, int plan, const char *sentence,
                      int argc, sqlite3_value **argv)
{
    (void)argc;
    dax_cursor *cursor = (dax_cursor *)base;
    dyn_session *session = cursor->reader.session;
    dax_reader_finish(&cursor->reader);
    dyn_call_end(&cursor->range);
    dyn_call_begin(&cursor->range);
    dyn_call_end(&cursor->page);
    dyn_call_begin(&cursor->page);
    cursor->rows = (dax_page){.is_last = true};
    cursor->is_end = true;
    dyn_tables_pin(session);
    dyn_status status = start(cursor, plan, sentence, argv);
    dyn_tables_unpin(session);
    if (status != DYN_OK) cursor->is_end = true;
    return cursor_result(cursor, status);
}

static int dax_next(sqlite3_vtab_cursor *base)
{
    dax_cursor *cursor = (dax_cursor *)base;
    dyn_session *session = cursor->reader.session;
    dyn_tables_pin(session);
    dyn_status status = show_row(cursor);
    dyn_tables_unpin(session);
    return cursor_result(cursor, status);
}

static int dax_eof(sqlite3_vtab_cursor *base)
{
    return ((dax_cursor *)base)->is_end;
}

/* An UPDATE may read through an index and use what that does not hold. */
static dyn_status fetch_item(dax_cursor *cursor)
{
    dyn_call *call = &cursor->page;
    dax_reader *reader = &cursor->reader;
    bool is_hit = false;
    dyn_bytes item = {NULL, 0};
    dyn_table *table = NULL;
    dyn_lookup lookup;
    dyn_get_request request = {.key = cursor->key,
                               .is_strong = cursor->is_strong};
    if (cursor->is_whole) return DYN_OK;
    if (dax_reader_is_cached(reader, cursor->is_strong))
        DYN_TRY(dax_find_item(call, reader, cursor->key, &is_hit, &item));
    if (!is_hit) {
        DYN_TRY(dax_reader_open(call, reader, &table));
        DYN_TRY(dax_read_item(call, reader, table, &request, &item, &lookup));
    }
    cursor->is_whole = true;
    return item.size_bytes > 0 ? open_item(cursor, item) : DYN_OK;
}

static dyn_status show_attribute(sqlite3_context *context, dyn_call *call,
                                 dax_cursor *cursor, int attribute)
{
    const dyn_definition *declared = &cursor->reader.dax->declared;
    dyn_bytes name = declared->columns[attribute].name;
    bool found = false;
    dyn_value value;
    if (!cursor->is_whole && !cursor->holds[attribute])
        DYN_TRY(fetch_item(cursor));
    DYN_TRY(dyn_view_find(call, &cursor->item, name, &found, &value));
    if (found) bridge_result_value(context, call, &value);
    return DYN_OK;
}

static dyn_status show_column(sqlite3_context *context, dyn_call *call,
                              dax_cursor *cursor, int column)
{
    const dyn_definition *declared = &cursor->reader.dax->declared;
    int attribute = table_attribute(declared, column);
    int hidden = column - (int)declared->column_count;
    if (attribute != TABLE_NO_ATTRIBUTE)
        return show_attribute(context, call, cursor, attribute);
    if (hidden == HIDDEN_KEY) {
        sqlite3_result_blob64(context, cursor->key.data, cursor->key.size_bytes,
                              SQLITE_TRANSIENT);
    } else if (hidden == HIDDEN_ITEM) {
        DYN_TRY(fetch_item(cursor));
        return bridge_result_item(context, call, &cursor->item);
    } else if (hidden == HIDDEN_MODE && cursor->mode.data != NULL) {
        bridge_result_text(context, cursor->mode);
    }
    return DYN_OK;
}

static int dax_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                      int column)
{
    dax_cursor *cursor = (dax_cursor *)base;
    int hidden = column - (int)cursor->reader.dax->declared.column_count;
    if (hidden != HIDDEN_KEY && sqlite3_vtab_nochange(context))
        return SQLITE_OK;
    dyn_call call;
    dyn_call_begin(&call);
    dyn_status status = show_column(context, &call, cursor, column);
    if (status != DYN_OK) dyn_call_take_error(&call, &cursor->page);
    int rc = dax_result((dax_vtab *)base->pVtab, &call, status);
    dyn_call_end(&call);
    return rc;
}

static int dax_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    (void)base, (void)rowid;
    return SQLITE_ERROR; /* WITHOUT ROWID: never called */
}

/* --------------------------------------------------------------- writing -- */

/* The item as it is written; what cannot be had of it is not cached. */
static void note_written(dyn_call *call, dyn_dax *dax, dyn_table *table,
                         dyn_bytes key)
{
    dyn_before now;
    dyn_bytes item = {NULL, 0};
    dyn_status status = dyn_write_read(call, table, key, &now);
    if (status == DYN_OK && now.found)
        status = dax_encode(call, &now.view, &item);
    if (status == DYN_OK) {
        dyn_dax_write(dax, key, item,
                      dyn_read_halves(now.view.size_bytes, false));
    } else {
        dyn_dax_write_unknown(dax);
    }
}

static dyn_status write_through(dyn_call *call, table_vtab *shared, int argc,
                                sqlite3_value **argv, dyn_bytes *key)
{
    dax_vtab *vtab = (dax_vtab *)shared;
    dyn_session *session = shared->session;
    dyn_tables_pin(session);
    dyn_status status = dax_open_to_write(call, session, vtab->dax, &vtab->join,
                                          &shared->table);
    if (status == DYN_OK)
        status = table_write_row(call, shared, argc, argv, key);
    if (status == DYN_OK)
        note_written(call, vtab->dax->dax, shared->table, *key);
    shared->table = NULL;
    dyn_tables_unpin(session);
    return status;
}

static int dax_update(sqlite3_vtab *base, int argc, sqlite3_value **argv,
                      sqlite3_int64 *rowid)
{
    dax_vtab *vtab = (dax_vtab *)base;
    *rowid = sqlite3_last_insert_rowid(vtab->shared.session->db); /* stays */
    return table_write_with(&vtab->shared, vtab->dax->base_name, write_through,
                            argc, argv);
}

/* ---------------------------------------------------------- transactions -- */

static dax_table *dax_of(sqlite3_vtab *vtab)
{
    return ((dax_vtab *)vtab)->dax;
}

/* From here on, the table behind has to be told anew. */
static void part(sqlite3_vtab *vtab)
{
    ((dax_vtab *)vtab)->join.is_done = false;
}

static int dax_begin(sqlite3_vtab *vtab)
{
    part(vtab);
    dyn_dax_begin(dax_of(vtab)->dax);
    return SQLITE_OK;
}

static int dax_commit(sqlite3_vtab *vtab)
{
    dax_of(vtab)->is_new = false;
    dyn_dax_commit(dax_of(vtab)->dax);
    return SQLITE_OK;
}

static int dax_rollback(sqlite3_vtab *vtab)
{
    dax_table *dax = dax_of(vtab);
    dyn_dax_rollback(dax->dax);
    if (dax->is_new) dax_remove(((dax_vtab *)vtab)->shared.session, dax);
    return SQLITE_OK;
}

static int dax_savepoint(sqlite3_vtab *vtab, int number)
{
    part(vtab);
    dyn_dax_savepoint(dax_of(vtab)->dax, number);
    return SQLITE_OK;
}

static int dax_release_savepoint(sqlite3_vtab *vtab, int number)
{
    dyn_dax_release(dax_of(vtab)->dax, number);
    return SQLITE_OK;
}

static int dax_rollback_to(sqlite3_vtab *vtab, int number)
{
    part(vtab);
    dyn_dax_rollback_to(dax_of(vtab)->dax, number);
    return SQLITE_OK;
}

/* ---------------------------------------------------------------- module -- */

static const sqlite3_module dax_module = {
    .iVersion = 2,
    .xCreate = dax_vtab_create,
    .xConnect = dax_vtab_connect,
    .xBestIndex = dax_best_index,
    .xDisconnect = dax_disconnect,
    .xDestroy = dax_vtab_destroy,
    .xOpen = dax_open_cursor,
    .xClose = dax_close_cursor,
    .xFilter = dax_filter,
    .xNext = dax_next,
    .xEof = dax_eof,
    .xColumn = dax_column,
    .xRowid = dax_rowid,
    .xUpdate = dax_update,
    .xBegin = dax_begin,
    .xCommit = dax_commit,
    .xRollback = dax_rollback,
    .xFindFunction = table_find_function,
    .xRename = dax_vtab_rename,
    .xSavepoint = dax_savepoint,
    .xRelease = dax_release_savepoint,
    .xRollbackTo = dax_rollback_to,
};

static void free_module(void *aux)
{
    dyn_session *session = aux;
    while (session->dax_tables != NULL)
        dax_remove(session, session->dax_tables);
    dyn_session_release(session);
}

int dax_vtab_register(sqlite3 *db, dyn_session *session)
{
    session->references++;
    return sqlite3_create_module_v2(db, "dynamo_dax", &dax_module, session,
                                    free_module);
}
