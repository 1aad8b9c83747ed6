/*
 * Eponymous tables; what they are is in look_vtab.h. Each has a function that
 * adds the rows of one dynamo table, or all of them; a cursor holds them all.
 */
#include "look_vtab.h"

#include "base/buffer.h"
#include "base/calendar.h"
#include "base/clock.h"
#include "base/time_text.h"
#include "bridge.h"
#include "dax.h"
#include "engine/scaling_record.h"
#include "engine/table_capacity.h"
#include "engine/table_hot_keys.h"
#include "engine/table_partitions.h"
#include "jobs.h"
#include "ops/backup.h"
#include "ops/handler.h"
#include "replicas.h"
#include "tables.h"

#include <inttypes.h>
#include <stdio.h>

enum { COLUMNS_MAX = 17 };

typedef enum cell_type {
    CELL_NULL,
    CELL_NUMBER,
    CELL_TEXT,
    CELL_REAL,
    CELL_VALUE,
} cell_type;

typedef struct cell {
    cell_type type;
    int64_t number;
    int64_t halves; /* beside number, of a half unit */
    const char *text;
    double real;
    const dyn_value *value; /* of an attribute */
} cell;

typedef struct row {
    cell cells[COLUMNS_MAX];
} row;

typedef dyn_status add_rows(dyn_call *call, dyn_table *table, dyn_buffer *rows);

typedef dyn_status add_others(dyn_call *call, dyn_session *session,
                              const char *name, dyn_buffer *rows);

typedef struct look {
    const char *name;
    const char *declaration; /* the argument is the last, hidden column */
    int columns;
    add_rows *add;
    add_rows *add_damaged;  /* of a table that cannot be read, when all tables
                             * are listed; NULL: none */
    add_others *add_others; /* in place of add: rows of no open table; name is
                             * the argument, or NULL */
} look;

typedef struct look_vtab {
    sqlite3_vtab base; /* first, as SQLite requires */
    const look *look;
    dyn_session *session; /* borrowed from the module */
} look_vtab;

typedef struct look_cursor {
    sqlite3_vtab_cursor base; /* first, as SQLite requires */
    dyn_call call;
    const row *rows;
    size_t count;
    size_t at;
} look_cursor;

/* What a module is registered with. */
typedef struct look_module {
    const look *look;
    dyn_session *session; /* a reference */
} look_module;

/* ------------------------------------------------------------------ rows -- */

static cell number_cell(int64_t number)
{
    return (cell){.type = CELL_NUMBER, .number = number};
}

static cell text_cell(const char *text)
{
    return (cell){.type = text == NULL ? CELL_NULL : CELL_TEXT, .text = text};
}

static cell units_cell(int64_t halves)
{
    return (cell){
        .type = CELL_NUMBER, .number = halves / 2, .halves = halves % 2};
}

static cell real_cell(double real)
{
    return (cell){.type = CELL_REAL, .real = real};
}

static cell value_cell(const dyn_value *value)
{
    return (cell){.type = CELL_VALUE, .value = value};
}

static dyn_status copy_name(dyn_call *call, const dyn_table *table,
                            const char **out)
{
    *out = dyn_format(call, "%s", dyn_table_name(table));
    return *out != NULL ? DYN_OK : DYN_NOMEM;
}

/* The name of an index, in the memory of call. */
static dyn_status copy_index(dyn_call *call, const dyn_index *index,
                             const char **out)
{
    dyn_bytes copy = {NULL, 0};
    DYN_TRY(dyn_copy(call, index->name, &copy));
    *out = (const char *)copy.data;
    return DYN_OK;
}

static dyn_status add_table(dyn_call *call, dyn_table *table, dyn_buffer *rows)
{
    const char *name = NULL;
    const char *schema = dyn_format(call, "%s", dyn_table_schema(table));
    DYN_TRY(copy_name(call, table, &name));
    if (schema == NULL) return DYN_NOMEM;
    dyn_bytes ttl = {NULL, 0};
    DYN_TRY(dyn_copy(call, dyn_table_definition(table)->ttl, &ttl));
    int64_t items = 0;
    int64_t bytes = 0;
    dyn_partitions_sum(dyn_table_map(table), &items, &bytes);
    const dyn_definition *definition = dyn_table_definition(table);
    row out = {{
        text_cell(schema),
        text_cell(name),
        text_cell(definition->billing == DYN_PROVISIONED ? "provisioned"
                                                         : "on_demand"),
        number_cell(definition->throughput.read_units),
        number_cell(definition->throughput.write_units),
        number_cell((int64_t)dyn_table_map(table)->count),
        number_cell(items),
        number_cell(bytes),
        text_cell(ttl.size_bytes == 0 ? NULL : (const char *)ttl.data),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

/* A table that cannot be read is listed with its name alone: it is there to be
 * checked, or dropped. */
static dyn_status add_damaged_table(dyn_call *call, dyn_table *table,
                                    dyn_buffer *rows)
{
    const char *name = NULL;
    const char *schema = dyn_format(call, "%s", dyn_table_schema(table));
    DYN_TRY(copy_name(call, table, &name));
    if (schema == NULL) return DYN_NOMEM;
    row out = {{text_cell(schema), text_cell(name)}};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static void add_separated(dyn_buffer *text, dyn_bytes name)
{
    if (text->size_bytes > 0) dyn_buffer_add_text(text, ", ");
    dyn_buffer_add_bytes(text, name);
}

/* The names of key attributes; NULL when there are none. */
static dyn_status key_text(dyn_call *call, const dyn_definition *definition,
                           const uint16_t *columns, size_t count,
                           const char **out)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    *out = NULL;
    if (count == 0) return DYN_OK;
    dyn_buffer_begin(&text, call, 64);
    for (size_t i = 0; i < count; i++)
        add_separated(&text, definition->columns[columns[i]].name);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    *out = (const char *)bytes.data;
    return DYN_OK;
}

static dyn_status projection_text(dyn_call *call, const dyn_index *index,
                                  const char **out)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    *out = index->project == DYN_PROJECT_ALL ? "ALL" : "KEYS";
    if (index->project != DYN_PROJECT_SOME) return DYN_OK;
    dyn_buffer_begin(&text, call, 64);
    for (size_t i = 0; i < index->included_count; i++)
        add_separated(&text, index->included[i]);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    *out = (const char *)bytes.data;
    return DYN_OK;
}

static dyn_status add_index(dyn_call *call, const dyn_table *table,
                            size_t number, const char *name, dyn_buffer *rows)
{
    const dyn_definition *definition = dyn_table_definition(table);
    const dyn_index *index = &definition->indexes[number];
    const dyn_index_state *state = dyn_table_index(table, number);
    const char *index_name = NULL;
    const char *partition = NULL;
    const char *sort = NULL;
    const char *projection = NULL;
    int64_t entries = 0;
    int64_t bytes = 0;
    DYN_TRY(copy_index(call, index, &index_name));
    DYN_TRY(key_text(call, definition, index->key.partition,
                     index->key.partition_count, &partition));
    DYN_TRY(key_text(call, definition, index->key.sort, index->key.sort_count,
                     &sort));
    DYN_TRY(projection_text(call, index, &projection));
    dyn_partitions_sum(&state->map, &entries, &bytes);
    row out = {{
        text_cell(name),
        text_cell(index_name),
        text_cell(index->is_local ? "local" : "global"),
        text_cell(state->is_filling ? "CREATING" : "ACTIVE"),
        text_cell(partition),
        text_cell(sort),
        text_cell(projection),
        number_cell(entries),
        number_cell(bytes),
        number_cell(state->skipped),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_indexes(dyn_call *call, dyn_table *table,
                              dyn_buffer *rows)
{
    const char *name = NULL;
    DYN_TRY(copy_name(call, table, &name));
    for (size_t i = 0; i < dyn_table_definition(table)->index_count; i++)
        DYN_TRY(add_index(call, table, i, name, rows));
    return DYN_OK;
}

/* YYYY-MM-DD HH:MM of a minute since 1970. */
static const char *minute_text(dyn_call *call, int64_t minute)
{
    static const int64_t most = INT64_C(1) << 40; /* beyond the calendar */
    enum { MINUTE_MS = 60 * 1000 };
    if (minute < -most || minute > most) minute = minute < 0 ? -most : most;
    dyn_date date = dyn_date_of(minute * MINUTE_MS);
    return dyn_format(call, "%04d-%02d-%02d %02d:%02d", date.year, date.month,
                      date.day, date.hour, date.minute);
}

static cell null_cell(void)
{
    return (cell){.type = CELL_NULL};
}

static const char *reason_text(dyn_partition_reason reason)
{
    static const char *const texts[DYN_PARTITION_REASONS] = {
        [DYN_PARTITION_CREATED] = "created",
        [DYN_PARTITION_SIZE] = "size",
        [DYN_PARTITION_HEAT] = "heat",
        [DYN_PARTITION_PROVISIONED] = "provisioned",
    };
    return texts[reason];
}

/* A number in hundredths. */
static cell hundredths_cell(int64_t hundredths)
{
    return real_cell((double)hundredths / 100);
}

/* The average second of a minute, rounded. */
static cell second_cell(int64_t halves)
{
    return hundredths_cell((halves * 100 + 60) / 120);
}

static dyn_status add_partition(dyn_call *call, const char *table,
                                const dyn_partition_look *seen,
                                dyn_buffer *rows)
{
    enum { MINUTE_MS = 60 * 1000, HUNDREDTH_MILLI = 10 };
    const dyn_partition *p = seen->partition;
    const int64_t *burst = seen->burst.milli;
    const char *index = NULL;
    char *low = dyn_format(call, "0x%016" PRIx64, p->stored.low);
    char *high = dyn_format(call, "0x%016" PRIx64, seen->last);
    if (low == NULL || high == NULL) return DYN_NOMEM;
    if (seen->index != NULL) DYN_TRY(copy_index(call, seen->index, &index));
    row out = {{
        text_cell(table),
        text_cell(index),
        number_cell(p->stored.partition),
        text_cell(low),
        text_cell(high),
        number_cell(p->stored.items + p->pending.items),
        number_cell(p->stored.bytes + p->pending.bytes),
        second_cell(seen->now.read_halves),
        second_cell(2 * seen->now.write_units),
        second_cell(seen->peak.read_halves),
        second_cell(2 * seen->peak.write_units),
        seen->has_burst ? hundredths_cell(burst[DYN_READING] / HUNDREDTH_MILLI)
                        : null_cell(),
        seen->has_burst ? hundredths_cell(burst[DYN_WRITING] / HUNDREDTH_MILLI)
                        : null_cell(),
        number_cell(seen->peak.throttled),
        p->stored.parent != 0 ? number_cell(p->stored.parent) : null_cell(),
        text_cell(reason_text(p->stored.reason)),
        text_cell(minute_text(call, p->stored.since_ms / MINUTE_MS)),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

/* A local index lies in the partitions of its table. */
static dyn_status add_partitions(dyn_call *call, dyn_table *table,
                                 dyn_buffer *rows)
{
    const char *name = NULL;
    dyn_partition_look *looks_at = NULL;
    size_t count = 0;
    DYN_TRY(copy_name(call, table, &name));
    DYN_TRY(dyn_table_partitions(call, table, &looks_at, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_partition(call, name, &looks_at[i], rows));
    return DYN_OK;
}

static cell provisioned_cell(const dyn_capacity_row *capacity, int64_t units)
{
    return capacity->is_on_demand ? null_cell() : number_cell(units);
}

static dyn_status add_capacity_row(dyn_call *call, const char *name,
                                   const dyn_capacity_row *capacity,
                                   dyn_buffer *rows)
{
    const dyn_usage_row *usage = &capacity->usage;
    bool is_read = dyn_use_is_read(usage->use);
    dyn_bytes index = {NULL, 0};
    DYN_TRY(dyn_copy(call, usage->name, &index));
    row out = {{
        text_cell(name),
        text_cell(index.size_bytes > 0 ? (const char *)index.data : NULL),
        text_cell(minute_text(call, usage->minute)),
        text_cell(dyn_use_name(usage->use)),
        units_cell(usage->read_halves),
        units_cell(2 * usage->write_units),
        number_cell(is_read ? usage->throttled : 0),
        number_cell(is_read ? 0 : usage->throttled),
        provisioned_cell(capacity, capacity->read_units),
        provisioned_cell(capacity, capacity->write_units),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_capacity(dyn_call *call, dyn_table *table,
                               dyn_buffer *rows)
{
    const char *name = NULL;
    dyn_capacity_row *capacity = NULL;
    size_t count = 0;
    DYN_TRY(copy_name(call, table, &name));
    DYN_TRY(dyn_table_capacity(call, table, &capacity, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_capacity_row(call, name, &capacity[i], rows));
    return DYN_OK;
}

static dyn_status add_hot_key(dyn_call *call, const char *name,
                              const dyn_hot_row *hot, dyn_buffer *rows)
{
    const char *index = NULL;
    enum { MINUTE_MS = 60 * 1000 };
    if (hot->index != NULL) DYN_TRY(copy_index(call, hot->index, &index));
    row out = {{
        text_cell(name),
        text_cell(index),
        text_cell(hot->kind == DYN_HOT_CONSUMED ? "consumed" : "throttled"),
        value_cell(&hot->key),
        units_cell(hot->read_halves),
        units_cell(2 * hot->write_units),
        real_cell(hot->share),
        real_cell(hot->error),
        text_cell(minute_text(call, hot->since_ms / MINUTE_MS)),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_hot_keys(dyn_call *call, dyn_table *table,
                               dyn_buffer *rows)
{
    const char *name = NULL;
    dyn_hot_row *hot = NULL;
    size_t count = 0;
    DYN_TRY(copy_name(call, table, &name));
    DYN_TRY(dyn_table_hot_keys(call, table, &hot, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_hot_key(call, name, &hot[i], rows));
    return DYN_OK;
}

static dyn_status add_decision(dyn_call *call, const char *name,
                               const dyn_scaling_row *decision,
                               dyn_buffer *rows)
{
    dyn_bytes index = {NULL, 0};
    bool is_index = decision->what.name.size_bytes > 0;
    if (is_index) DYN_TRY(dyn_copy(call, decision->what.name, &index));
    row out = {{
        text_cell(name),
        text_cell((const char *)index.data),
        text_cell(minute_text(call, decision->minute)),
        text_cell(decision->what.direction == DYN_READING ? "read" : "write"),
        number_cell(decision->before_units),
        number_cell(decision->after_units),
        text_cell(dyn_scaling_change_word(decision->wanted)),
        text_cell(dyn_scaling_hold_word(decision->hold)),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_scaling(dyn_call *call, dyn_table *table,
                              dyn_buffer *rows)
{
    const char *name = NULL;
    dyn_scaling_row *decisions = NULL;
    size_t count = 0;
    DYN_TRY(copy_name(call, table, &name));
    DYN_TRY(dyn_scaling_decisions(call, table, &decisions, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_decision(call, name, &decisions[i], rows));
    return DYN_OK;
}

static dyn_status add_handler(dyn_call *call, dyn_table *table,
                              const dyn_handler *handler, dyn_buffer *rows)
{
    const char *name = NULL;
    int64_t behind = 0;
    int64_t first = 0;
    const dyn_handler_state *state = &handler->state;
    DYN_TRY(copy_name(call, table, &name));
    DYN_TRY(dyn_log_count_behind(call, dyn_table_store(table),
                                 handler->position, &behind, &first));
    const char *next = NULL;
    if (state->failures > 0)
        DYN_TRY(dyn_time_text(call, state->next_ms, &next));
    int64_t lag_ms = dyn_clock_now_ms() - dyn_log_time_ms(first);
    row out = {{
        text_cell(name),
        text_cell((const char *)handler->name.data),
        number_cell(handler->is_sync),
        text_cell((const char *)handler->settings.sql.data),
        text_cell(handler->settings.filter.size_bytes == 0
                      ? NULL
                      : (const char *)handler->settings.filter.data),
        number_cell(handler->position),
        number_cell(behind),
        number_cell(behind == 0 || lag_ms < 0 ? 0 : lag_ms),
        number_cell(state->handled),
        number_cell(state->dead),
        number_cell(state->failures),
        text_cell(next),
        text_cell(state->error.size_bytes == 0
                      ? NULL
                      : (const char *)state->error.data),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_handlers(dyn_call *call, dyn_table *table,
                               dyn_buffer *rows)
{
    dyn_handler *handlers = NULL;
    size_t count = 0;
    DYN_TRY(dyn_handlers(call, table, &handlers, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_handler(call, table, &handlers[i], rows));
    return DYN_OK;
}

/* What is the matter with a replica. */
static dyn_status replica_state(dyn_call *call, dyn_table *table,
                                const dyn_replica *replica, const char **out)
{
    bool found = false;
    dyn_birth birth;
    dyn_replica known;
    dyn_table *other = NULL;
    *out = "away";
    DYN_TRY(replicas_find(call, dyn_table_session(table), replica->id, &other));
    if (other == NULL) return DYN_OK;
    DYN_TRY(dyn_table_birth(call, table, &birth));
    DYN_TRY(dyn_replica_find_id(call, other, birth.id, &found, &known));
    *out = found ? "ACTIVE" : "dropped";
    return DYN_OK;
}

/* How many changes that were made here wait for a region, and since when. */
static dyn_status add_replica(dyn_call *call, dyn_table *table,
                              const dyn_replica *replica, dyn_buffer *rows)
{
    const char *name = NULL;
    const char *schema = dyn_format(call, "%s", dyn_table_schema(table));
    const char *state = NULL;
    dyn_waiting waiting;
    if (schema == NULL) return DYN_NOMEM;
    DYN_TRY(copy_name(call, table, &name));
    DYN_TRY(replica_state(call, table, replica, &state));
    DYN_TRY(dyn_replica_waiting(call, table, replica, &waiting));
    int64_t lag_ms = dyn_clock_now_ms() - dyn_log_time_ms(waiting.first);
    row out = {{
        text_cell(schema),
        text_cell(name),
        text_cell((const char *)replica->region.data),
        text_cell(state),
        number_cell(replica->is_strong),
        number_cell(waiting.count),
        number_cell(waiting.count == 0 || lag_ms < 0 ? 0 : lag_ms),
        number_cell(replica->position),
        number_cell(replica->received),
        number_cell(replica->conflicts),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_replicas(dyn_call *call, dyn_table *table,
                               dyn_buffer *rows)
{
    dyn_replica *replicas = NULL;
    size_t count = 0;
    DYN_TRY(dyn_replicas(call, table, &replicas, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_replica(call, table, &replicas[i], rows));
    return DYN_OK;
}

/* NULL for a time that has not come. */
static dyn_status moment_cell(dyn_call *call, int64_t time_ms, cell *out)
{
    const char *text = NULL;
    if (time_ms != 0) DYN_TRY(dyn_time_text(call, time_ms, &text));
    *out = text_cell(text);
    return DYN_OK;
}

static dyn_status add_job(dyn_call *call, const dyn_job *job, dyn_buffer *rows)
{
    cell started;
    cell updated;
    cell ended;
    DYN_TRY(moment_cell(call, job->started_ms, &started));
    DYN_TRY(moment_cell(call, job->updated_ms, &updated));
    DYN_TRY(moment_cell(call, job->ended_ms, &ended));
    row out = {{
        text_cell(job->id),
        text_cell(jobs_kind_name(job->kind)),
        text_cell(job->table),
        text_cell(job->path),
        text_cell(jobs_state_name(job->state)),
        number_cell(job->items),
        number_cell(job->deletes),
        number_cell(job->errors),
        number_cell(job->bytes),
        text_cell(job->message),
        started,
        updated,
        ended,
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

/* Jobs stay when their table is gone. */
static dyn_status add_jobs(dyn_call *call, dyn_session *session,
                           const char *name, dyn_buffer *rows)
{
    dyn_job *jobs = NULL;
    size_t count = 0;
    DYN_TRY(jobs_list(call, session, &jobs, &count));
    for (size_t i = 0; i < count; i++) {
        if (name == NULL || sqlite3_stricmp(name, jobs[i].table) == 0)
            DYN_TRY(add_job(call, &jobs[i], rows));
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- backups -- */

static dyn_status add_backup(dyn_call *call, const dyn_backup *backup,
                             dyn_buffer *rows)
{
    const char *arn = NULL;
    const char *created = NULL;
    DYN_TRY(dyn_backup_arn(call, backup, &arn));
    DYN_TRY(dyn_time_text(call, backup->created_ms, &created));
    row out = {{
        text_cell(backup->schema),
        text_cell((const char *)backup->table_name.data),
        text_cell((const char *)backup->name.data),
        text_cell(arn),
        text_cell(created),
        text_cell("available"),
        number_cell(backup->items),
        number_cell(backup->size_bytes),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

/* Tables that are gone have backups, too. */
static dyn_status add_backups(dyn_call *call, dyn_session *session,
                              const char *name, dyn_buffer *rows)
{
    size_t count = 0;
    const dyn_backup *all = NULL;
    DYN_TRY(dyn_list_backups(call, session, &all, &count));
    for (size_t i = 0; i < count; i++) {
        const char *label = NULL;
        DYN_TRY(dyn_backup_label(call, &all[i], &label));
        if (name == NULL || strcmp(name, label) == 0 ||
            dyn_bytes_equal_text(all[i].table_name, name)) {
            DYN_TRY(add_backup(call, &all[i], rows));
        }
    }
    return DYN_OK;
}

/* ---------------------------------------------------------------- caches -- */

/* The leaves of a table that are in memory. */
static dyn_status add_leaf_cache(dyn_call *call, const dyn_table *table,
                                 dyn_buffer *rows)
{
    const char *name = NULL;
    const dyn_leaf_cache_counts counts =
        dyn_store_cache_counts(dyn_table_store(table));
    DYN_TRY(copy_name(call, table, &name));
    row out = {{
        text_cell(name),
        text_cell(name),
        text_cell("leaf"),
        number_cell(counts.entries),
        number_cell(counts.bytes),
        number_cell(counts.hits),
        number_cell(counts.misses),
        number_cell(counts.evictions),
        number_cell(0),
        units_cell(0),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

/* The names are copied: the rows may outlive the cache. */
static dyn_status add_cache(dyn_call *call, const dax_table *dax,
                            dyn_cache_kind kind, dyn_buffer *rows)
{
    static const char *const kinds[DYN_CACHE_KINDS] = {
        [DYN_CACHE_ITEMS] = "item", [DYN_CACHE_QUERIES] = "query"};
    const dyn_cache_counts *counts = dyn_dax_counts(dax->dax, kind);
    const char *name = dyn_format(call, "%s", dax->name);
    const char *base = dyn_format(call, "%s", dax->base_name);
    if (name == NULL || base == NULL) return DYN_NOMEM;
    row out = {{
        text_cell(name),
        text_cell(base),
        text_cell(kinds[kind]),
        number_cell(counts->entries),
        number_cell(counts->bytes),
        number_cell(counts->hits),
        number_cell(counts->misses),
        number_cell(counts->evictions),
        number_cell(counts->expired),
        units_cell(counts->halves_saved),
    }};
    dyn_buffer_add(rows, &out, sizeof(out));
    return DYN_OK;
}

static dyn_status add_caches(dyn_call *call, dyn_session *session,
                             const char *name, dyn_buffer *rows)
{
    for (const dax_table *d = session->dax_tables; d != NULL; d = d->next) {
        if (name != NULL && sqlite3_stricmp(name, d->name) != 0) continue;
        for (int kind = 0; kind < DYN_CACHE_KINDS; kind++)
            DYN_TRY(add_cache(call, d, (dyn_cache_kind)kind, rows));
    }
    for (const dyn_table *t = session->tables; t != NULL;
         t = dyn_table_next(t)) {
        if (name == NULL || sqlite3_stricmp(name, dyn_table_label(t)) == 0)
            DYN_TRY(add_leaf_cache(call, t, rows));
    }
    return DYN_OK;
}

static const look looks[] = {
    {"dynamo_tables",
     "CREATE TABLE x(schema_name, table_name, billing, read_units, "
     "write_units, partitions, items, bytes, ttl, argument HIDDEN)",
     9, add_table, add_damaged_table, NULL},
    {"dynamo_indexes",
     "CREATE TABLE x(table_name, name, kind, state, partition_key, sort_key, "
     "projection, entries, bytes, skipped, argument HIDDEN)",
     10, add_indexes, NULL, NULL},
    {"dynamo_partitions",
     "CREATE TABLE x(table_name, index_name, partition, low_hash, high_hash, "
     "items, bytes, read_units, write_units, peak_read_units, "
     "peak_write_units, read_burst, write_burst, throttled, parent, reason, "
     "since, argument HIDDEN)",
     17, add_partitions, NULL, NULL},
    {"dynamo_capacity",
     "CREATE TABLE x(table_name, index_name, minute, operation, read_units, "
     "write_units, throttled_reads, throttled_writes, "
     "provisioned_read_units, provisioned_write_units, argument HIDDEN)",
     10, add_capacity, NULL, NULL},
    {"dynamo_hot_keys",
     "CREATE TABLE x(table_name, index_name, kind, key, read_units, "
     "write_units, share, error, since, argument HIDDEN)",
     9, add_hot_keys, NULL, NULL},
    {"dynamo_scaling",
     "CREATE TABLE x(table_name, index_name, minute, direction, units_before, "
     "units_after, wanted, held_by, argument HIDDEN)",
     8, add_scaling, NULL, NULL},
    {"dynamo_handlers",
     "CREATE TABLE x(table_name, name, sync, sql, filter, sequence, "
     "behind, lag_ms, handled, dead, failures, next_attempt, error, "
     "argument HIDDEN)",
     13, add_handlers, NULL, NULL},
    {"dynamo_replicas",
     "CREATE TABLE x(schema_name, table_name, region, state, strong, behind, "
     "lag_ms, sequence, received, conflicts, argument HIDDEN)",
     10, add_replicas, NULL, NULL},
    {"dynamo_jobs",
     "CREATE TABLE x(id, kind, table_name, path, state, items, deletes, "
     "errors, "
     "bytes, message, started, updated, ended, argument HIDDEN)",
     13, NULL, NULL, add_jobs},
    {"dynamo_backups",
     "CREATE TABLE x(schema_name, table_name, name, arn, created, status, "
     "items, bytes, argument HIDDEN)",
     8, NULL, NULL, add_backups},
    {"dynamo_caches",
     "CREATE TABLE x(name, table_name, kind, entries, bytes, hits, misses, "
     "evictions, expired, units_saved, argument HIDDEN)",
     10, NULL, NULL, add_caches},
};

/* ------------------------------------------------------------ the module -- */

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
    const look *what = vtab->look;
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
    dyn_buffer_begin(&rows, call, 8 * sizeof(row));
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
    cursor->rows = (const row *)(const void *)bytes.data;
    cursor->count = bytes.size_bytes / sizeof(row);
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
    const cell *shown = &cursor->rows[cursor->at].cells[column];
    if (shown->type == CELL_NULL) return SQLITE_OK;
    if (shown->type == CELL_TEXT) {
        bridge_result_text(context, dyn_bytes_text(shown->text));
    } else if (shown->type == CELL_REAL) {
        sqlite3_result_double(context, shown->real);
    } else if (shown->type == CELL_VALUE) {
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
        *module = (look_module){&looks[i], session};
        session->references++;
        int rc = sqlite3_create_module_v2(db, looks[i].name, &look_methods,
                                          module, free_module);
        if (rc != SQLITE_OK) return rc;
    }
    return SQLITE_OK;
}
