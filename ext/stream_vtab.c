/* dynamo_stream; what it is is in stream_vtab.h. A cursor reads the log a page
 * at a time, and finds the table anew for each: what happens to the table
 * between two pages is the user's. */
#include "stream_vtab.h"

#include "base/buffer.h"
#include "base/calendar.h"
#include "base/time_text.h"
#include "bridge.h"
#include "item/item_json.h"
#include "ops/change.h"
#include "ops/record.h"
#include "tables.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    COLUMN_SEQUENCE,
    COLUMN_TIME,
    COLUMN_SHARD,
    COLUMN_EVENT,
    COLUMN_KEY,
    COLUMN_OLD,
    COLUMN_NEW,
    COLUMN_ACTOR,
    COLUMN_ARGUMENT,

    PAGE_RECORDS_MIN = 32,
    PAGE_RECORDS_MAX = 1024,
    PAGE_BYTES = 32 * 1024,
};

#define DECLARATION                                                            \
    "CREATE TABLE x(sequence, time, shard, event, key, old, new, actor, "      \
    "argument HIDDEN)"

typedef struct stream_vtab {
    sqlite3_vtab base;    /* first, as SQLite requires */
    dyn_session *session; /* borrowed from the module */
} stream_vtab;

/* What is asked for, in the memory of the cursor's query. */
typedef struct stream_request {
    const char *table;
    int64_t low; /* sequences, both included */
    int64_t high;
    bool down;
    dyn_bytes shard; /* empty: of all */
    dyn_bytes key;   /* JSON */
    bool has_shard;
    bool has_key;
    bool is_nothing; /* a condition is NULL, or cannot hold */
} stream_request;

typedef struct stream_cursor {
    sqlite3_vtab_cursor base; /* first, as SQLite requires */
    dyn_call query;           /* the memory of request */
    dyn_call page;            /* and of the changes */
    stream_request request;
    bool is_end; /* there is no other page */
    size_t records_max;
    const dyn_change *changes;
    size_t count;
    size_t at;
} stream_cursor;

/* -------------------------------------------------------------- planning -- */

/* The plan is a text with two characters for each argument of xFilter: a column
 * and an operator. */
static char column_letter(int column)
{
    switch (column) {
    case COLUMN_ARGUMENT:
        return 'a';
    case COLUMN_SEQUENCE:
        return 's';
    case COLUMN_TIME:
        return 't';
    case COLUMN_SHARD:
        return 'p';
    case COLUMN_KEY:
        return 'k';
    default:
        return 0;
    }
}

static char operator_letter(unsigned char op)
{
    switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ:
        return '=';
    case SQLITE_INDEX_CONSTRAINT_GT:
    case SQLITE_INDEX_CONSTRAINT_GE:
        return '>';
    case SQLITE_INDEX_CONSTRAINT_LT:
    case SQLITE_INDEX_CONSTRAINT_LE:
        return '<';
    default:
        return 0;
    }
}

static bool is_of_use(const struct sqlite3_index_constraint *constraint)
{
    bool is_range = constraint->iColumn == COLUMN_SEQUENCE ||
                    constraint->iColumn == COLUMN_TIME;
    char op = operator_letter(constraint->op);
    return constraint->usable && column_letter(constraint->iColumn) != 0 &&
           op != 0 && (is_range || op == '=');
}

/* SQLite looks at sequences and times again: what is read is a range around
 * them. */
static int use_constraints(sqlite3_index_info *info)
{
    enum { LETTERS_MAX = 64 };
    char plan[LETTERS_MAX + 1];
    size_t letters = 0;
    int used = 0;
    for (int i = 0; i < info->nConstraint && letters < LETTERS_MAX; i++) {
        const struct sqlite3_index_constraint *constraint =
            &info->aConstraint[i];
        if (!is_of_use(constraint)) continue;
        plan[letters++] = column_letter(constraint->iColumn);
        plan[letters++] = operator_letter(constraint->op);
        info->aConstraintUsage[i].argvIndex = ++used;
        info->aConstraintUsage[i].omit =
            constraint->iColumn == COLUMN_ARGUMENT ||
            constraint->iColumn == COLUMN_KEY;
    }
    plan[letters] = '\0';
    info->idxStr = sqlite3_mprintf("%s", plan);
    info->needToFreeIdxStr = 1;
    info->estimatedCost = used > 1 ? 100 : 10000;
    info->estimatedRows = used > 1 ? 100 : 10000;
    return info->idxStr != NULL ? SQLITE_OK : SQLITE_NOMEM;
}

/* Whether the table is named: by now, or in another order of the join. */
static int find_argument(sqlite3_vtab *vtab, const sqlite3_index_info *info)
{
    bool is_there = false;
    for (int i = 0; i < info->nConstraint; i++) {
        if (info->aConstraint[i].iColumn != COLUMN_ARGUMENT ||
            info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
            continue;
        if (info->aConstraint[i].usable) return SQLITE_OK;
        is_there = true;
    }
    if (is_there) return SQLITE_CONSTRAINT;
    sqlite3_free(vtab->zErrMsg);
    vtab->zErrMsg = sqlite3_mprintf("dynamo_stream: name a table, as in "
                                    "dynamo_stream('orders')");
    return SQLITE_ERROR;
}

static int stream_best_index(sqlite3_vtab *vtab, sqlite3_index_info *info)
{
    int rc = find_argument(vtab, info);
    if (rc != SQLITE_OK) return rc;
    if (info->nOrderBy == 1 && info->aOrderBy[0].iColumn == COLUMN_SEQUENCE) {
        info->orderByConsumed = 1;
        info->idxNum = info->aOrderBy[0].desc;
    }
    return use_constraints(info);
}

/* ------------------------------------------------------------- arguments -- */

static void raise_low(stream_request *request, int64_t low)
{
    if (low > request->low) request->low = low;
}

static void lower_high(stream_request *request, int64_t high)
{
    if (high < request->high) request->high = high;
}

static void take_sequence(stream_request *request, char op,
                          sqlite3_value *value)
{
    if (sqlite3_value_type(value) != SQLITE_INTEGER) return;
    if (op != '<') raise_low(request, sqlite3_value_int64(value));
    if (op != '>') lower_high(request, sqlite3_value_int64(value));
}

/* The beginning of a time is as far from others as the time whose missing parts
 * are the least: '2026-01-20' stands before every time of that day. */
static bool read_time(const char *text, int64_t *time_ms)
{
    dyn_date date = {.month = 1, .day = 1};
    int read = sscanf(text, "%4d-%2d-%2d %2d:%2d:%2d.%3d", &date.year,
                      &date.month, &date.day, &date.hour, &date.minute,
                      &date.second, &date.millisecond);
    bool is_date = read >= 3 && date.year >= 0 && date.month >= 1 &&
                   date.month <= 12 && date.day >= 1 && date.day <= 31;
    *time_ms = is_date ? dyn_date_ms(&date) : 0;
    return is_date;
}

/* Dates are compared as texts: only one in the form of the column says where in
 * the log it is. */
static void take_time(stream_request *request, char op, dyn_bytes text)
{
    char form[] = "0000-00-00 00:00:00.000";
    int64_t time_ms = 0;
    if (text.size_bytes > sizeof(form) - 1) return;
    for (size_t i = 0; i < text.size_bytes; i++) {
        bool is_digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (form[i] == '0' ? !is_digit : text.data[i] != (unsigned char)form[i])
            return;
        form[i] = (char)text.data[i];
    }
    if (text.size_bytes < sizeof("0000-00-00") - 1 ||
        !read_time(form, &time_ms)) {
        return;
    }
    if (op != '<') raise_low(request, dyn_log_sequence_at(time_ms));
    if (op != '>') lower_high(request, dyn_log_sequence_at(time_ms + 1) - 1);
}

static dyn_status take_text(dyn_call *call, stream_request *request,
                            char column, char op, sqlite3_value *value)
{
    dyn_bytes text = {NULL, 0};
    DYN_TRY(bridge_text(call, value, &text));
    if (column == 'a') request->table = (const char *)text.data;
    if (column == 't') take_time(request, op, text);
    if (column == 'p') {
        request->has_shard = true;
        request->shard = text;
    }
    if (column == 'k') {
        request->has_key = true;
        request->key = text;
    }
    return DYN_OK;
}

static dyn_status take_arguments(dyn_call *call, const char *plan,
                                 sqlite3_value **argv, stream_request *request)
{
    for (size_t i = 0; plan[2 * i] != '\0'; i++) {
        char column = plan[2 * i];
        char op = plan[2 * i + 1];
        if (sqlite3_value_type(argv[i]) == SQLITE_NULL) {
            request->is_nothing = true;
        } else if (column == 's') {
            take_sequence(request, op, argv[i]);
        } else {
            DYN_TRY(take_text(call, request, column, op, argv[i]));
        }
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- reading -- */

static dyn_status check_stream(dyn_call *call, const dyn_table *table,
                               const dyn_streams_of *streams)
{
    if (streams->stream_count > 0) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "the table has no stream; to begin one: SELECT "
                    "dynamo_alter('%s', 'stream = ''NEW_AND_OLD_IMAGES''')",
                    dyn_table_label(table));
}

/* The stored key that a request asks for. */
static dyn_status find_key(dyn_call *call, const dyn_table *table,
                           const stream_request *request, dyn_bytes *out)
{
    dyn_map item = {NULL, 0};
    if (!request->has_key) return DYN_OK;
    DYN_TRY(dyn_item_from_text(call, request->key, &item));
    return dyn_table_key(call, table, &item, out);
}

/* Of a page of the log, the changes that are asked for. */
static dyn_status add_changes(stream_cursor *cursor, const dyn_table *table,
                              const dyn_streams_of *streams,
                              const dyn_log_records *records)
{
    dyn_call *call = &cursor->page;
    const stream_request *request = &cursor->request;
    dyn_bytes key = {NULL, 0};
    dyn_change *changes =
        dyn_alloc(call, (records->count + 1) * sizeof(*changes));
    const dyn_shard *only =
        request->has_shard ? dyn_shard_find(streams, request->shard) : NULL;
    if (changes == NULL) return DYN_NOMEM;
    cursor->changes = changes;
    DYN_TRY(find_key(call, table, request, &key));
    for (size_t i = 0; i < records->count; i++) {
        const dyn_log_record *record = &records->all[i];
        const dyn_shard *shard = dyn_change_shard(streams, record);
        if (shard == NULL || (request->has_shard && shard != only)) continue;
        if (request->has_key && !dyn_bytes_equal(record->key, key)) continue;
        DYN_TRY(dyn_change_read(call, table, streams, record, shard,
                                &changes[cursor->count]));
        cursor->count++;
    }
    return DYN_OK;
}

/* Too old records may still be there. */
static dyn_log_range range_of(const stream_cursor *cursor)
{
    int64_t horizon = dyn_stream_horizon();
    dyn_log_range range = {
        .low = cursor->request.low > horizon ? cursor->request.low : horizon,
        .high = cursor->request.high,
        .down = cursor->request.down,
        .records_max = cursor->records_max,
        .bytes_max = PAGE_BYTES,
    };
    return range;
}

static dyn_status read_log(stream_cursor *cursor, dyn_table *table)
{
    dyn_call *call = &cursor->page;
    dyn_streams_of streams;
    dyn_log_records records;
    dyn_log_range range = range_of(cursor);
    DYN_TRY(dyn_table_refresh(call, table));
    DYN_TRY(dyn_streams_read(call, table, &streams));
    DYN_TRY(check_stream(call, table, &streams));
    DYN_TRY(dyn_log_read(call, dyn_table_store(table), &range, &records));
    cursor->is_end = records.is_end;
    if (records.count > 0) {
        int64_t last = records.all[records.count - 1].sequence;
        if (range.down) {
            cursor->request.high = last - 1;
        } else {
            cursor->request.low = last + 1;
        }
    }
    return add_changes(cursor, table, &streams, &records);
}

/* A page, in place of the one before. */
static dyn_status read_page(stream_cursor *cursor, dyn_session *session)
{
    sqlite3_stmt *hold = NULL;
    dyn_table *table = NULL;
    dyn_call *call = &cursor->page;
    dyn_call_end(call);
    dyn_call_begin(call);
    cursor->count = 0;
    cursor->at = 0;
    DYN_TRY(tables_hold(call, session, &hold));
    dyn_status status =
        tables_find(call, session, cursor->request.table, &table);
    if (status == DYN_OK) {
        status = tables_name_failure(call, table, read_log(cursor, table));
    }
    sqlite3_finalize(hold);
    if (cursor->records_max < PAGE_RECORDS_MAX) cursor->records_max *= 2;
    return status;
}

/* Until there is a change to be shown, or the end. */
static int read_pages(stream_cursor *cursor)
{
    stream_vtab *vtab = (stream_vtab *)cursor->base.pVtab;
    while (cursor->at >= cursor->count && !cursor->is_end) {
        dyn_tables_pin(vtab->session);
        dyn_status status = read_page(cursor, vtab->session);
        dyn_tables_unpin(vtab->session);
        if (status == DYN_OK) continue;
        cursor->is_end = true;
        cursor->count = 0;
        return bridge_error(&cursor->page, status, "dynamo_stream",
                            &vtab->base.zErrMsg);
    }
    return SQLITE_OK;
}

/* ---------------------------------------------------------------- module -- */

static int stream_connect(sqlite3 *db, void *aux, int argc,
                          const char *const *argv, sqlite3_vtab **out,
                          char **message)
{
    (void)argc, (void)argv, (void)message;
    int rc = sqlite3_declare_vtab(db, DECLARATION);
    if (rc != SQLITE_OK) return rc;
    stream_vtab *vtab = sqlite3_malloc64(sizeof(*vtab));
    if (vtab == NULL) return SQLITE_NOMEM;
    *vtab = (stream_vtab){.session = aux};
    *out = &vtab->base;
    return SQLITE_OK;
}

static int stream_disconnect(sqlite3_vtab *vtab)
{
    sqlite3_free(vtab);
    return SQLITE_OK;
}

static int stream_open(sqlite3_vtab *vtab, sqlite3_vtab_cursor **out)
{
    (void)vtab;
    stream_cursor *cursor = sqlite3_malloc64(sizeof(*cursor));
    if (cursor == NULL) return SQLITE_NOMEM;
    memset(cursor, 0, sizeof(*cursor));
    dyn_call_begin(&cursor->query);
    dyn_call_begin(&cursor->page);
    *out = &cursor->base;
    return SQLITE_OK;
}

static int stream_close(sqlite3_vtab_cursor *base)
{
    stream_cursor *cursor = (stream_cursor *)base;
    dyn_call_end(&cursor->query);
    dyn_call_end(&cursor->page);
    sqlite3_free(cursor);
    return SQLITE_OK;
}

static int stream_filter(sqlite3_vtab_cursor *base, int is_down,
                         const char *plan, int argc, sqlite3_value **argv)
{
    (void)argc;
    stream_cursor *cursor = (stream_cursor *)base;
    dyn_call_end(&cursor->query);
    dyn_call_begin(&cursor->query);
    cursor->request = (stream_request){.high = INT64_MAX, .down = is_down != 0};
    cursor->records_max = PAGE_RECORDS_MIN;
    cursor->count = 0;
    cursor->at = 0;
    dyn_status status =
        take_arguments(&cursor->query, plan, argv, &cursor->request);
    cursor->is_end = status != DYN_OK || cursor->request.is_nothing;
    if (status != DYN_OK) {
        return bridge_error(&cursor->query, status, "dynamo_stream",
                            &base->pVtab->zErrMsg);
    }
    return read_pages(cursor);
}

static int stream_next(sqlite3_vtab_cursor *base)
{
    stream_cursor *cursor = (stream_cursor *)base;
    cursor->at++;
    return read_pages(cursor);
}

static int stream_eof(sqlite3_vtab_cursor *base)
{
    const stream_cursor *cursor = (stream_cursor *)base;
    return cursor->at >= cursor->count;
}

/* --------------------------------------------------------------- columns -- */

static void result_time(sqlite3_context *context, dyn_call *call,
                        int64_t time_ms)
{
    const char *text = NULL;
    if (dyn_time_text(call, time_ms, &text) != DYN_OK) {
        sqlite3_result_error_nomem(context);
        return;
    }
    bridge_result_text(context, dyn_bytes_text(text));
}

static void result_shard(sqlite3_context *context, dyn_call *call,
                         const dyn_shard *shard)
{
    const char *name = NULL;
    if (dyn_shard_name(call, shard, &name) != DYN_OK) {
        sqlite3_result_error_nomem(context);
        return;
    }
    bridge_result_text(context, dyn_bytes_text(name));
}

static void result_item(sqlite3_context *context, dyn_call *call,
                        const dyn_map *item, bool is_there)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    if (!is_there) return;
    dyn_buffer_begin(&text, call, 256);
    dyn_item_to_json(&text, item, DYN_JSON_PLAIN);
    if (dyn_buffer_end(&text, &bytes) != DYN_OK) {
        sqlite3_result_error_nomem(context);
        return;
    }
    bridge_result_text(context, bytes);
}

static int stream_column(sqlite3_vtab_cursor *base, sqlite3_context *context,
                         int column)
{
    stream_cursor *cursor = (stream_cursor *)base;
    const dyn_change *change = &cursor->changes[cursor->at];
    dyn_call call;
    dyn_call_begin(&call);
    switch (column) {
    case COLUMN_SEQUENCE:
        sqlite3_result_int64(context, change->sequence);
        break;
    case COLUMN_TIME:
        result_time(context, &call, change->time_ms);
        break;
    case COLUMN_SHARD:
        result_shard(context, &call, change->shard);
        break;
    case COLUMN_EVENT:
        bridge_result_text(
            context, dyn_bytes_text(dyn_change_event_name(change->event)));
        break;
    case COLUMN_KEY:
        result_item(context, &call, &change->keys, true);
        break;
    case COLUMN_OLD:
        result_item(context, &call, &change->old_image, change->has_old);
        break;
    case COLUMN_NEW:
        result_item(context, &call, &change->new_image, change->has_new);
        break;
    case COLUMN_ACTOR:
        bridge_result_text(context,
                           dyn_bytes_text(dyn_actor_name(change->actor)));
        break;
    default:
        break;
    }
    dyn_call_end(&call);
    return SQLITE_OK;
}

static int stream_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *rowid)
{
    const stream_cursor *cursor = (stream_cursor *)base;
    *rowid = cursor->changes[cursor->at].sequence;
    return SQLITE_OK;
}

/* No xCreate: the table is there without being created. */
static const sqlite3_module stream_methods = {
    .iVersion = 0,
    .xConnect = stream_connect,
    .xBestIndex = stream_best_index,
    .xDisconnect = stream_disconnect,
    .xOpen = stream_open,
    .xClose = stream_close,
    .xFilter = stream_filter,
    .xNext = stream_next,
    .xEof = stream_eof,
    .xColumn = stream_column,
    .xRowid = stream_rowid,
};

static void release_session(void *aux)
{
    dyn_session_release(aux);
}

int stream_vtab_register(sqlite3 *db, dyn_session *session)
{
    session->references++;
    return sqlite3_create_module_v2(db, "dynamo_stream", &stream_methods,
                                    session, release_session);
}
