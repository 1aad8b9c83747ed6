/* Handlers, as they are stored; the contracts are in handler.h. */
#include "ops/handler.h"

#include "engine/handler_trigger.h"
#include "item/codec.h"

#include <stddef.h>

/* ----------------------------------------------------------- their bytes -- */

/* A member of a struct that is stored as an attribute of an item. */
typedef struct field {
    const char *name;
    size_t offset;
    bool is_text; /* dyn_bytes; else int64_t */
} field;

enum { FIELDS_MAX = 6 };

static const field settings_fields[] = {
    {"batch", offsetof(dyn_handler_settings, batch_records), false},
    {"filter", offsetof(dyn_handler_settings, filter), true},
    {"retries", offsetof(dyn_handler_settings, retries), false},
    {"retry_ms", offsetof(dyn_handler_settings, retry_ms), false},
    {"sql", offsetof(dyn_handler_settings, sql), true},
    {"trigger", offsetof(dyn_handler_settings, trigger), true},
};

static const field state_fields[] = {
    {"dead", offsetof(dyn_handler_state, dead), false},
    {"error", offsetof(dyn_handler_state, error), true},
    {"failures", offsetof(dyn_handler_state, failures), false},
    {"handled", offsetof(dyn_handler_state, handled), false},
    {"limit", offsetof(dyn_handler_state, limit_records), false},
    {"next_ms", offsetof(dyn_handler_state, next_ms), false},
};

/* The fields are in the order of their names. */
static dyn_status write_fields(dyn_call *call, const field *fields,
                               size_t count, const void *from, dyn_bytes *out)
{
    dyn_attribute attributes[FIELDS_MAX];
    dyn_map item = {attributes, count};
    for (size_t i = 0; i < count; i++) {
        const void *member = (const char *)from + fields[i].offset;
        dyn_value *value = &attributes[i].value;
        attributes[i].name = dyn_bytes_text(fields[i].name);
        value->type = fields[i].is_text ? DYN_TYPE_S : DYN_TYPE_N;
        if (fields[i].is_text) {
            value->bytes = *(const dyn_bytes *)member;
        } else {
            dyn_number_from_int64(*(const int64_t *)member, &value->number);
        }
    }
    return dyn_item_encode(call, NULL, &item, dyn_map_size_bytes(&item), out);
}

static dyn_status read_field(dyn_call *call, const dyn_view *view,
                             const field *from, void *to, bool *is_right)
{
    bool found = false;
    dyn_value value;
    void *member = (char *)to + from->offset;
    DYN_TRY(
        dyn_view_find(call, view, dyn_bytes_text(from->name), &found, &value));
    dyn_type type = from->is_text ? DYN_TYPE_S : DYN_TYPE_N;
    *is_right = *is_right && found && value.type == type;
    if (!*is_right) return DYN_OK;
    if (from->is_text) return dyn_copy(call, value.bytes, member);
    *is_right = dyn_number_to_int64(&value.number, member);
    return DYN_OK;
}

static dyn_status read_fields(dyn_call *call, const field *fields, size_t count,
                              dyn_bytes from, void *to)
{
    dyn_view view;
    bool is_right = true;
    dyn_status status = dyn_view_open(call, from, &view);
    for (size_t i = 0; i < count && status == DYN_OK; i++)
        status = read_field(call, &view, &fields[i], to, &is_right);
    if (status == DYN_NOMEM || (status == DYN_OK && is_right)) return status;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: a handler in _readers is of no "
                    "known form");
}

#define COUNT_OF(fields) (sizeof(fields) / sizeof((fields)[0]))

/* --------------------------------------------------------------- reading -- */

static dyn_status read_handler(dyn_call *call, const dyn_log_reader *reader,
                               dyn_handler *out)
{
    *out = (dyn_handler){
        .name = reader->name,
        .is_sync = reader->kind == DYN_READER_SYNC_HANDLER,
        .position = reader->position,
    };
    DYN_TRY(read_fields(call, settings_fields, COUNT_OF(settings_fields),
                        reader->settings, &out->settings));
    DYN_TRY(read_fields(call, state_fields, COUNT_OF(state_fields),
                        reader->state, &out->state));
    if (out->settings.batch_records >= 1 && out->settings.retry_ms >= 0 &&
        out->settings.trigger.size_bytes > 0 && out->state.failures >= 0)
        return DYN_OK;
    return dyn_fail(call, DYN_CORRUPT,
                    "shadow tables are damaged: a handler in _readers has "
                    "impossible settings");
}

dyn_status dyn_handlers(dyn_call *call, dyn_table *table,
                        dyn_handler **handlers, size_t *count)
{
    static const dyn_log_reader_kind kinds[] = {DYN_READER_SYNC_HANDLER,
                                                DYN_READER_HANDLER};
    dyn_log_reader *readers[2] = {NULL, NULL};
    size_t counts[2] = {0, 0};
    *count = 0;
    for (size_t k = 0; k < 2; k++) {
        DYN_TRY(dyn_log_readers(call, dyn_table_store(table), kinds[k],
                                &readers[k], &counts[k]));
    }
    *handlers = dyn_alloc(call, (counts[0] + counts[1]) * sizeof(dyn_handler));
    if (*handlers == NULL) return DYN_NOMEM;
    for (size_t k = 0; k < 2; k++) {
        for (size_t i = 0; i < counts[k]; i++) {
            DYN_TRY(read_handler(call, &readers[k][i], &(*handlers)[*count]));
            (*count)++;
        }
    }
    return DYN_OK;
}

dyn_status dyn_handler_find(dyn_call *call, dyn_table *table, dyn_bytes name,
                            bool *found, dyn_handler *out)
{
    dyn_handler *all = NULL;
    size_t count = 0;
    *found = false;
    DYN_TRY(dyn_handlers(call, table, &all, &count));
    for (size_t i = 0; i < count && !*found; i++) {
        *found = dyn_bytes_equal(all[i].name, name);
        if (*found) *out = all[i];
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- writing -- */

static dyn_log_reader_kind kind_of(bool is_sync)
{
    return is_sync ? DYN_READER_SYNC_HANDLER : DYN_READER_HANDLER;
}

static dyn_status to_reader(dyn_call *call, const dyn_handler *handler,
                            dyn_log_reader *out)
{
    *out = (dyn_log_reader){
        .kind = kind_of(handler->is_sync),
        .name = handler->name,
        .position = handler->position,
    };
    DYN_TRY(write_fields(call, settings_fields, COUNT_OF(settings_fields),
                         &handler->settings, &out->settings));
    return write_fields(call, state_fields, COUNT_OF(state_fields),
                        &handler->state, &out->state);
}

dyn_status dyn_handler_save(dyn_call *call, dyn_table *table,
                            const dyn_handler *handler)
{
    dyn_log_reader reader;
    DYN_TRY(to_reader(call, handler, &reader));
    return dyn_table_move_reader(call, table, &reader);
}

/* Where a new handler begins: behind the last record, or where the log has
 * whole records from. */
static dyn_status find_start(dyn_call *call, dyn_table *table, bool is_oldest,
                             int64_t *out)
{
    dyn_log_bounds log;
    const dyn_log_keep *keep = dyn_table_log_keep(table);
    DYN_TRY(dyn_log_read_bounds(call, dyn_table_store(table), &log));
    *out = log.last;
    if (!is_oldest) return DYN_OK;
    *out = keep->whole_from;
    if (keep->whole_from < INT64_MAX) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "start = 'oldest': the table has no log of whole records "
                    "yet; stream = 'NEW_AND_OLD_IMAGES' or a handler begins "
                    "one");
}

static dyn_status remove_handler(dyn_call *call, dyn_table *table,
                                 const dyn_handler *handler)
{
    DYN_TRY(dyn_handler_trigger_drop(call, dyn_table_store(table),
                                     handler->settings.trigger));
    return dyn_table_remove_reader(call, table, kind_of(handler->is_sync),
                                   handler->name);
}

/* A trigger may name what is not there; a handler is to run from now on. */
static dyn_status check_program(dyn_call *call, dyn_store *store,
                                const dyn_handler *handler)
{
    const char *error = NULL;
    dyn_handler_program program;
    DYN_TRY(dyn_handler_program_open(call, store, handler->settings.trigger,
                                     &program, &error));
    dyn_handler_program_close(&program);
    return error == NULL ? DYN_OK : dyn_fail(call, DYN_INVALID, "%s", error);
}

dyn_status dyn_handler_make(dyn_call *call, dyn_table *table,
                            const dyn_handler_request *request)
{
    bool found = false;
    dyn_log_reader reader;
    dyn_handler handler = {.name = request->name};
    dyn_store *store = dyn_table_store(table);
    dyn_store_begin_write(store);
    DYN_TRY(dyn_handler_find(call, table, request->name, &found, &handler));
    bool was_sync = handler.is_sync;
    DYN_TRY(
        found ? dyn_handler_trigger_drop(call, store, handler.settings.trigger)
              : find_start(call, table, request->is_from_oldest,
                           &handler.position));
    handler.settings = request->settings;
    handler.is_sync = request->is_sync;
    DYN_TRY(dyn_handler_trigger_create(
        call, store, request->name, request->body, &handler.settings.trigger));
    DYN_TRY(check_program(call, store, &handler));
    DYN_TRY(to_reader(call, &handler, &reader));
    DYN_TRY(dyn_table_add_reader(call, table, &reader));
    return found && was_sync != handler.is_sync
               ? dyn_table_remove_reader(call, table, kind_of(was_sync),
                                         handler.name)
               : DYN_OK;
}

dyn_status dyn_handler_remove(dyn_call *call, dyn_table *table, dyn_bytes name)
{
    bool found = false;
    dyn_handler handler;
    dyn_store_begin_write(dyn_table_store(table));
    DYN_TRY(dyn_handler_find(call, table, name, &found, &handler));
    if (found) return remove_handler(call, table, &handler);
    return dyn_fail(call, DYN_NOT_FOUND,
                    "there is no handler %.*s: dynamo_handlers lists those "
                    "there are",
                    (int)name.size_bytes, (const char *)name.data);
}

/* Those of a table that has been renamed are known by what is stored, those of
 * a damaged one by its name. */
dyn_status dyn_handlers_drop(dyn_call *call, dyn_table *table)
{
    dyn_handler *handlers = NULL;
    size_t count = 0;
    dyn_store *store = dyn_table_store(table);
    dyn_status status = dyn_handlers(call, table, &handlers, &count);
    if (status != DYN_OK && status != DYN_CORRUPT) return status;
    for (size_t i = 0; status == DYN_OK && i < count; i++) {
        DYN_TRY(dyn_handler_trigger_drop(call, store,
                                         handlers[i].settings.trigger));
    }
    return dyn_handler_triggers_drop(call, store);
}
