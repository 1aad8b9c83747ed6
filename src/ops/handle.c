/* Running handlers; the contracts are in handle.h. */
#include "ops/handle.h"

#include "base/clock.h"
#include "base/time_text.h"
#include "engine/handler_trigger.h"
#include "expr/condition.h"
#include "item/codec.h"
#include "item/item_json.h"
#include "ops/change.h"
#include "ops/record.h"

enum {
    BATCH_BYTES = 4 * 1024 * 1024,
    SYNC_ROUNDS_MAX = 1000,
    RETRY_MS_MAX = 3600000,
};

/* ---------------------------------------------------------------- events -- */

/* A record as SQL and filters see it. */
typedef struct event {
    dyn_handler_event sql;
    dyn_map keys;
    dyn_map old_item;
    dyn_map new_item;
    bool has_old;
    bool has_new;
} event;

static dyn_status json_of(dyn_call *call, const dyn_map *item, dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, 256);
    dyn_item_to_json(&text, item, DYN_JSON_PLAIN);
    return dyn_buffer_end(&text, out);
}

static dyn_status read_item(dyn_call *call, const dyn_table *table,
                            const dyn_log_record *record, dyn_bytes stored,
                            bool *is_there, dyn_map *out, dyn_bytes *json)
{
    size_t size_bytes = 0;
    *is_there = stored.size_bytes > 0;
    if (!*is_there) return DYN_OK;
    DYN_TRY(
        dyn_record_item(call, table, record->key, stored, out, &size_bytes));
    return json_of(call, out, json);
}

static dyn_status read_event(dyn_call *call, const dyn_table *table,
                             const dyn_log_record *record, event *out)
{
    *out = (event){.sql = {.event = dyn_change_event_name(record->event),
                           .sequence = record->sequence,
                           .actor = dyn_actor_name(record->actor)}};
    DYN_TRY(
        dyn_time_text(call, dyn_log_time_ms(record->sequence), &out->sql.time));
    DYN_TRY(dyn_record_keys(call, table, record->key, &out->keys));
    DYN_TRY(json_of(call, &out->keys, &out->sql.keys));
    DYN_TRY(read_item(call, table, record, record->before, &out->has_old,
                      &out->old_item, &out->sql.old_item));
    return read_item(call, table, record, record->after, &out->has_new,
                     &out->new_item, &out->sql.new_item);
}

/* ---------------------------------------------------------------- filter -- */

static void add_text(dyn_map *item, const char *name, const char *text)
{
    dyn_attribute *attribute = &item->attributes[item->count++];
    attribute->name = dyn_bytes_text(name);
    attribute->value =
        (dyn_value){.type = DYN_TYPE_S, .bytes = dyn_bytes_text(text)};
}

static void add_map(dyn_map *item, const char *name, const dyn_map *map)
{
    dyn_attribute *attribute = &item->attributes[item->count++];
    attribute->name = dyn_bytes_text(name);
    attribute->value = (dyn_value){.type = DYN_TYPE_M, .map = *map};
}

static void add_number(dyn_map *item, const char *name, int64_t number)
{
    dyn_attribute *attribute = &item->attributes[item->count++];
    attribute->name = dyn_bytes_text(name);
    attribute->value = (dyn_value){.type = DYN_TYPE_N};
    dyn_number_from_int64(number, &attribute->value.number);
}

/* The record as an item, to be met by a condition. */
static dyn_status item_of(dyn_call *call, const event *from, dyn_view *out)
{
    dyn_attribute attributes[7];
    dyn_map item = {attributes, 0};
    dyn_bytes stored = {NULL, 0};
    add_text(&item, "actor", from->sql.actor);
    add_text(&item, "event", from->sql.event);
    add_map(&item, "keys", &from->keys);
    if (from->has_new) add_map(&item, "new", &from->new_item);
    if (from->has_old) add_map(&item, "old", &from->old_item);
    add_number(&item, "sequence", from->sql.sequence);
    add_text(&item, "time", from->sql.time);
    DYN_TRY(
        dyn_item_encode(call, NULL, &item, dyn_map_size_bytes(&item), &stored));
    return dyn_view_open(call, stored, out);
}

static dyn_status parse_filter(dyn_call *call, const dyn_handler *handler,
                               dyn_condition *out)
{
    if (handler->settings.filter.size_bytes == 0) return DYN_OK;
    return dyn_condition_parse(call, DYN_EXPRESSION_SQL_CONDITION,
                               handler->settings.filter, NULL, out);
}

static dyn_status passes(dyn_call *call, const dyn_handler *handler,
                         const dyn_condition *filter, const event *e, bool *out)
{
    dyn_view item;
    *out = true;
    if (handler->settings.filter.size_bytes == 0) return DYN_OK;
    DYN_TRY(item_of(call, e, &item));
    return dyn_condition_matches(call, filter, &item, out);
}

/* --------------------------------------------------------------- batches -- */

static dyn_status read_records(dyn_call *call, dyn_table *table,
                               const dyn_handler *handler, int64_t records_max,
                               dyn_log_records *out)
{
    const dyn_log_range range = {
        .low = handler->position + 1,
        .high = INT64_MAX,
        .records_max = (size_t)records_max,
        .bytes_max = BATCH_BYTES,
    };
    return dyn_log_read(call, dyn_table_store(table), &range, out);
}

dyn_status dyn_handle_is_due(dyn_call *call, dyn_table *table,
                             const dyn_handler *handler, bool *out)
{
    dyn_log_bounds log;
    *out = false;
    if (handler->state.next_ms > dyn_clock_now_ms()) return DYN_OK;
    DYN_TRY(dyn_log_read_bounds(call, dyn_table_store(table), &log));
    *out = !log.is_empty && log.last > handler->position;
    return DYN_OK;
}

/* A handler at work. */
typedef struct work {
    dyn_table *table;
    dyn_handler *handler; /* as it will be */
    dyn_condition filter;
    dyn_handler_program program;
} work;

static dyn_status run_sql(dyn_call *call, const work *w, const event *e,
                          const char **error)
{
    dyn_session *session = dyn_table_session(w->table);
    bool was_handling = session->is_handling;
    session->is_handling = true;
    dyn_status status = dyn_handler_program_run(call, dyn_table_store(w->table),
                                                &w->program, &e->sql, error);
    session->is_handling = was_handling;
    return status;
}

/* Run the SQL of a handler for a record, unless its filter leaves that out. */
static dyn_status handle_record(dyn_call *call, work *w,
                                const dyn_log_record *record,
                                const char **error)
{
    event e;
    bool is_wanted = false;
    DYN_TRY(read_event(call, w->table, record, &e));
    DYN_TRY(passes(call, w->handler, &w->filter, &e, &is_wanted));
    if (!is_wanted) return DYN_OK;
    DYN_TRY(run_sql(call, w, &e, error));
    w->handler->state.handled += *error == NULL;
    return DYN_OK;
}

static dyn_status handle_records(dyn_call *call, work *w,
                                 const dyn_log_records *records,
                                 dyn_handle_outcome *out)
{
    for (size_t i = 0; i < records->count && out->error == NULL; i++) {
        DYN_TRY(handle_record(call, w, &records->all[i], &out->error));
        out->failed_at = i;
        w->handler->position = records->all[i].sequence;
    }
    return DYN_OK;
}

int64_t dyn_handle_batch_size(const dyn_handler *handler)
{
    int64_t limit = handler->state.limit_records;
    int64_t batch = handler->settings.batch_records;
    return limit > 0 && limit < batch ? limit : batch;
}

/* After a batch that went well the next one is longer again. */
static void note_success(dyn_handler *handler, int64_t size)
{
    handler->state.failures = 0;
    handler->state.next_ms = 0;
    handler->state.error.size_bytes = 0;
    if (handler->state.limit_records > 0 && size > 0)
        handler->state.limit_records =
            size < handler->settings.batch_records ? 2 * size : 0;
}

dyn_status dyn_handle_batch(dyn_call *call, dyn_table *table,
                            const dyn_handler *handler, int64_t records_max,
                            dyn_handle_outcome *out)
{
    dyn_log_records records;
    dyn_handler next = *handler;
    work w = {.table = table, .handler = &next};
    *out = (dyn_handle_outcome){.records = 0};
    DYN_TRY(parse_filter(call, handler, &w.filter));
    DYN_TRY(read_records(call, table, handler, records_max, &records));
    out->records = records.count;
    if (records.count == 0) return DYN_OK;
    dyn_store_begin_write(dyn_table_store(table));
    dyn_status status = dyn_handler_program_open(call, dyn_table_store(table),
                                                 handler->settings.trigger,
                                                 &w.program, &out->error);
    if (status == DYN_OK) status = handle_records(call, &w, &records, out);
    dyn_handler_program_close(&w.program);
    if (status != DYN_OK || out->error != NULL) return status;
    note_success(&next, records_max);
    return dyn_handler_save(call, table, &next);
}

/* --------------------------------------------------------------- failing -- */

static int64_t wait_ms(const dyn_handler *handler)
{
    int64_t wait = handler->settings.retry_ms;
    for (int64_t i = 1; i < handler->state.failures; i++) {
        wait *= 2;
        if (wait >= RETRY_MS_MAX) return RETRY_MS_MAX;
    }
    return wait;
}

/* Give up the next record. */
static dyn_status bury(dyn_call *call, dyn_table *table, dyn_handler *handler)
{
    event e;
    dyn_log_records records;
    const char *now = NULL;
    DYN_TRY(read_records(call, table, handler, 1, &records));
    if (records.count == 0) return DYN_OK;
    DYN_TRY(read_event(call, table, &records.all[0], &e));
    DYN_TRY(dyn_time_text(call, dyn_clock_now_ms(), &now));
    DYN_TRY(dyn_dead_letter_write(call, dyn_table_store(table), handler->name,
                                  &e.sql, now, handler->state.error));
    handler->position = records.all[0].sequence;
    handler->state.dead++;
    handler->state.failures = 0;
    handler->state.next_ms = 0;
    return DYN_OK;
}

/* The next record has failed by itself. */
static dyn_status fail_record(dyn_call *call, dyn_table *table,
                              dyn_handler *handler)
{
    handler->state.limit_records = 1;
    handler->state.failures++;
    if (handler->state.failures > handler->settings.retries)
        return bury(call, table, handler);
    handler->state.next_ms = dyn_clock_now_ms() + wait_ms(handler);
    return DYN_OK;
}

dyn_status dyn_handle_failed(dyn_call *call, dyn_table *table,
                             const dyn_handler *handler,
                             const dyn_handle_outcome *outcome)
{
    dyn_handler next = *handler;
    bool is_known = outcome->failed_at < outcome->records;
    next.state.error = dyn_bytes_text(outcome->error);
    dyn_store_begin_write(dyn_table_store(table));
    if (outcome->records == 1 || (is_known && outcome->failed_at == 0)) {
        DYN_TRY(fail_record(call, table, &next));
    } else {
        next.state.limit_records = is_known ? (int64_t)outcome->failed_at
                                            : (int64_t)outcome->records / 2;
    }
    return dyn_handler_save(call, table, &next);
}

/* ------------------------------------------------------------------ sync -- */

/* Then the statement that writes is gone, too, and must not say that it was
 * done. */
static dyn_status fail_rolled_back(dyn_call *call, const dyn_handler *handler)
{
    return dyn_fail(call, DYN_INVALID,
                    "handler %.*s has rolled back the whole transaction: have "
                    "its SQL use ABORT in place of ROLLBACK, or sync = 'off'",
                    (int)handler->name.size_bytes,
                    (const char *)handler->name.data);
}

/* A record at a time: SQLite undoes what fails by itself. */
static dyn_status handle_next(dyn_call *call, dyn_table *table,
                              const dyn_handler *handler, bool *is_over)
{
    const dyn_store *store = dyn_table_store(table);
    bool is_due = false;
    dyn_handle_outcome outcome;
    *is_over = true;
    if (!handler->is_sync || handler->state.failures > 0) return DYN_OK;
    DYN_TRY(dyn_handle_is_due(call, table, handler, &is_due));
    if (!is_due) return DYN_OK;
    *is_over = false;
    bool was_written = dyn_store_is_written(store);
    dyn_status status = dyn_handle_batch(call, table, handler, 1, &outcome);
    if (was_written && !dyn_store_is_written(store))
        return fail_rolled_back(call, handler);
    DYN_TRY(status);
    return outcome.error == NULL
               ? DYN_OK
               : dyn_handle_failed(call, table, handler, &outcome);
}

/* What a handler writes to its own table is for the next round. */
static dyn_status handle_round(dyn_call *call, dyn_table *table, bool *are_over)
{
    dyn_handler *handlers = NULL;
    size_t count = 0;
    DYN_TRY(dyn_handlers(call, table, &handlers, &count));
    *are_over = true;
    for (size_t i = 0; i < count; i++) {
        bool is_over = true;
        DYN_TRY(handle_next(call, table, &handlers[i], &is_over));
        *are_over = *are_over && is_over;
    }
    return DYN_OK;
}

static dyn_status handle_all(dyn_call *call, dyn_table *table)
{
    for (int round = 0; round < SYNC_ROUNDS_MAX; round++) {
        bool are_over = false;
        DYN_TRY(dyn_table_refresh(call, table));
        DYN_TRY(handle_round(call, table, &are_over));
        if (are_over) return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID,
                    "its handlers write to the table itself, again and again");
}

dyn_status dyn_handle_sync(dyn_call *call, dyn_table *table)
{
    if (!dyn_table_log_keep(table)->has_sync ||
        dyn_table_session(table)->is_handling)
        return DYN_OK;
    dyn_status status = handle_all(call, table);
    if (status != DYN_OK) call->error.torn = true;
    return status;
}
