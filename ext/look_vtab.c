/*
 * The list of looking tables, and the module that shows them to SQLite. A
 * cursor holds all rows.
 */
#include "look_vtab.h"

#include "base/buffer.h"
#include "bridge.h"
#include "look.h"
#include "tables.h"

static const looking_table *const looks[] = {
    &look_tables,   &look_indexes, &look_partitions, &look_capacity,
    &look_hot_keys, &look_scaling, &look_handlers,   &look_replicas,
    &look_jobs,     &look_backups, &look_caches,
};

typedef struct look_vtab {
    sqlite3_vtab base; /* first, as SQLite requires */
    const looking_table *look;
    dyn_session *session; /* borrowed from the module */
} look_vtab;

typedef struct look_cursor {
    sqlite3_vtab_cursor base; /* first, as SQLite requires */
    dyn_call call;
    const look_row *rows;
    size_t count;
    size_t at;
} look_cursor;

/* What a module is registered with. */
typedef struct look_module {
    const looking_table *look;
    dyn_session *session; /* a reference */
} look_module;

static int look_connect(sqlite3 *db, void *aux, int argc,
                        const char *const *argv, sqlite3_vtab **out,
                        char **message)
{
    (void)argc, (void)argv, (void)message;
    const look_module *module = aux;
    int rc = sqlite3_declare_vtab(db, module->look->declaration);
    if (rc != SQLITE_OK) return rc;
    look_vtab *vtab = sqlite3_malloc64(sizeof(*vtab));
    if (vtab == NULL) return SQLITE_NOMEM;
    memset(vtab, 0, sizeof(*vtab));
    vtab->look = module->look;
    vtab->session = module->session;
    *out = &vtab->base;
    return SQLITE_OK;
}

static int look_disconnect(sqlite3_vtab *vtab)
{
    sqlite3_free(vtab);
    return SQLITE_OK;
}

/* Only the argument is of use. */
static int look_best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    int argument = ((look_vtab *)base)->look->columns;
    info->estimatedCost = 100;
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].iColumn != argument ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) {
            continue;
        }
        if (!info->aConstraint[i].usable) return SQLITE_CONSTRAINT;
        info->aConstraintUsage[i].argvIndex = 1;
        info->aConstraintUsage[i].omit = 1;
        info->estimatedCost = 10;
        info->idxNum = 1;
        break;
    }
    return SQLITE_OK;
}

static int look_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    (void)vtab;
    look_cursor *cursor = sqlite3_malloc64(sizeof(*cursor));
    if (cursor == NULL) return SQLITE_NOMEM;
    memset(cursor, 0, sizeof(*cursor));
    dyn_call_begin(&cursor->call);
    *out = &cursor->base;
    return SQLITE_OK;
}

static int look_close(sqlite3_vtab_cursor *base)
{
    dyn_call_end(&((look_cursor *)base)->call);
    sqlite3_free(base);
    return SQLITE_OK;
}

static dyn_status add_one(dyn_call *call, const look_vtab *vtab,
                          const char *name, bool is_all, dyn_buffer *rows)
{
    dyn_table *table = NULL;
    const looking_table *what = vtab->look;
    DYN_TRY(tables_find(call, vtab->session, name, &table));
    dyn_status status = dyn_table_refresh(call, table);
    if (status == DYN_CORRUPT && is_all) {
        return what->add_damaged != NULL ? what->add_damaged(call, table, rows)
                                         : DYN_OK;
    }
    if (status == DYN_OK) status = what->add(call, table, rows);
    return tables_name_failure(call, table, status);
}

static dyn_status add_all(dyn_call *call, const look_vtab *vtab,
                          dyn_buffer *rows)
{
    const table_name *names = NULL;
    size_t count = 0;
    DYN_TRY(tables_list(call, vtab->session, &names, &count));
    for (size_t i = 0; i < count; i++) {
        char *name = dyn_format(call, "%s.%s", names[i].schema, names[i].name);
        if (name == NULL) return DYN_NOMEM;
        DYN_TRY(add_one(call, vtab, name, true, rows));
    }
    return DYN_OK;
}

static dyn_status fill(look_cursor *cursor, const look_vtab *vtab,
                       sqlite3_value *argument)
{
    dyn_call *call = &cursor->call;
    dyn_buffer rows;
    dyn_bytes bytes = {NULL, 0};
    sqlite3_stmt *hold = NULL;
    dyn_buffer_begin(&rows, call, 8 * sizeof(look_row));
    bool is_all = argument == NULL;
    if (!is_all && sqlite3_value_type(argument) == SQLITE_NULL) return DYN_OK;
    if (!is_all) DYN_TRY(bridge_text(call, argument, &bytes));
    DYN_TRY(tables_hold(call, vtab->session, &hold));
    const char *name = (const char *)bytes.data;
    dyn_status status =
        vtab->look->add_others != NULL
            ? vtab->look->add_others(call, vtab->session, name, &rows)
        : is_all ? add_all(call, vtab, &rows)
                 : add_one(call, vtab, name, false, &rows);
    sqlite3_finalize(hold);
    if (status != DYN_OK) return status;
    DYN_TRY(dyn_buffer_end(&rows, &bytes));
    cursor->rows = (const look_row *)(const void *)bytes.data;
    cursor->count = bytes.size_bytes / sizeof(look_row);
    return DYN_OK;
}

static int look_filter(sqlite3_vtab_cursor *base, int plan, const char *text,
                       int argc, sqlite3_value **argv)
{
    (void)plan, (void)text;
    look_cursor *cursor = (look_cursor *)base;
    look_vtab *vtab = (look_vtab *)base->pVtab;
    dyn_call_end(&cursor->call);
    dyn_call_begin(&cursor->call);
    cursor->count = 0;
    cursor->at = 0;
    dyn_tables_pin(vtab->session);
    dyn_status status = fill(cursor, vtab, argc > 0 ? argv[0] : NULL);
    dyn_tables_unpin(vtab->session);
    return bridge_error(&cursor->call, status, vtab->look->name,
                        &base->pVtab->zErrMsg);
}

static int look_next(sqlite3_vtab_cursor *base)
{
    ((look_cursor *)base)->at++;
    return SQLITE_OK;
}

static int look_eof(sqlite3_vtab_cursor *base)
{
    const look_cursor *cursor = (look_cursor *)base;
    return cursor->at >= cursor->count;
}

static int look_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                       int column)
{
    look_cursor *cursor = (look_cursor *)base;
    if (column >= ((look_vtab *)base->pVtab)->look->columns) return SQLITE_OK;
    const look_cell *shown = &cursor->rows[cursor->at].cells[column];
    if (shown->type == LOOK_NULL) return SQLITE_OK;
    if (shown->type == LOOK_TEXT) {
        bridge_result_text(context, dyn_bytes_text(shown->text));
    } else if (shown->type == LOOK_REAL) {
        sqlite3_result_double(context, shown->real);
    } else if (shown->type == LOOK_VALUE) {
        bridge_result_value(context, &cursor->call, shown->value);
    } else if (shown->halves != 0) {
        sqlite3_result_double(context, (double)shown->number + 0.5);
    } else {
        sqlite3_result_int64(context, shown->number);
    }
    return SQLITE_OK;
}

static int look_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    *rowid = (sqlite3_int64)((look_cursor *)base)->at + 1;
    return SQLITE_OK;
}

/* No xCreate: the tables are there without being created. */
static const sqlite3_module look_methods = {
    .iVersion = 0,
    .xConnect = look_connect,
    .xBestIndex = look_best_index,
    .xDisconnect = look_disconnect,
    .xOpen = look_open,
    .xClose = look_close,
    .xFilter = look_filter,
    .xNext = look_next,
    .xEof = look_eof,
    .xColumn = look_column,
    .xRowid = look_rowid,
};

static void free_module(void *aux)
{
    look_module *module = aux;
    dyn_session_release(module->session);
    sqlite3_free(module);
}

int look_vtab_register(sqlite3 *db, dyn_session *session)
{
    for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        look_module *module = sqlite3_malloc64(sizeof(*module));
        if (module == NULL) return SQLITE_NOMEM;
        *module = (look_module){looks[i], session};
        session->references++;
        int rc = sqlite3_create_module_v2(db, looks[i]->name, &look_methods,
                                          module, free_module);
        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}
