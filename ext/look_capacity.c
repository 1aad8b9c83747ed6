/*
 * dynamo_partitions, dynamo_capacity, dynamo_hot_keys and dynamo_scaling: what
 * capacity tables have, and where and when it is used.
 */
#include "look.h"

#include "base/calendar.h"
#include "engine/scaling_record.h"
#include "engine/table_capacity.h"
#include "engine/table_hot_keys.h"
#include "engine/table_partitions.h"

#include <inttypes.h>

enum { MINUTE_MS = 60 * 1000 };

/* YYYY-MM-DD HH:MM of a minute since 1970. */
static const char *minute_text(dyn_call *call, int64_t minute)
{
    static const int64_t most = INT64_C(1) << 40; /* beyond the calendar */
    if (minute < -most || minute > most) minute = minute < 0 ? -most : most;
    dyn_date date = dyn_date_of(minute * MINUTE_MS);
    return dyn_format(call, "%04d-%02d-%02d %02d:%02d", date.year, date.month,
                      date.day, date.hour, date.minute);
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
static look_cell hundredths_cell(int64_t hundredths)
{
    return look_real((double)hundredths / 100);
}

/* The average second of a minute, rounded. */
static look_cell second_cell(int64_t halves)
{
    return hundredths_cell((halves * 100 + 60) / 120);
}

static dyn_status add_partition(dyn_call *call, const char *table,
                                const dyn_partition_look *seen,
                                dyn_buffer *rows)
{
    enum { HUNDREDTH_MILLI = 10 };
    const dyn_partition *p = seen->partition;
    const int64_t *burst = seen->burst.milli;
    const char *index = NULL;
    char *low = dyn_format(call, "0x%016" PRIx64, p->stored.low);
    char *high = dyn_format(call, "0x%016" PRIx64, seen->last);
    if (low == NULL || high == NULL) return DYN_NOMEM;
    if (seen->index != NULL)
        DYN_TRY(look_index_name(call, seen->index, &index));
    look_row out = {{
        look_text(table),
        look_text(index),
        look_number(p->stored.partition),
        look_text(low),
        look_text(high),
        look_number(p->stored.items + p->pending.items),
        look_number(p->stored.bytes + p->pending.bytes),
        second_cell(seen->now.read_halves),
        second_cell(2 * seen->now.write_units),
        second_cell(seen->peak.read_halves),
        second_cell(2 * seen->peak.write_units),
        seen->has_burst ? hundredths_cell(burst[DYN_READING] / HUNDREDTH_MILLI)
                        : look_null(),
        seen->has_burst ? hundredths_cell(burst[DYN_WRITING] / HUNDREDTH_MILLI)
                        : look_null(),
        look_number(seen->peak.throttled),
        p->stored.parent != 0 ? look_number(p->stored.parent) : look_null(),
        look_text(reason_text(p->stored.reason)),
        look_text(minute_text(call, p->stored.since_ms / MINUTE_MS)),
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
    DYN_TRY(look_table_name(call, table, &name));
    DYN_TRY(dyn_table_partitions(call, table, &looks_at, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_partition(call, name, &looks_at[i], rows));
    return DYN_OK;
}

const looking_table look_partitions = {
    .name = "dynamo_partitions",
    .declaration =
        "CREATE TABLE x(table_name, index_name, partition, low_hash, "
        "high_hash, items, bytes, read_units, write_units, peak_read_units, "
        "peak_write_units, read_burst, write_burst, throttled, parent, "
        "reason, since, argument HIDDEN)",
    .columns = 17,
    .add = add_partitions,
};

static look_cell provisioned_cell(const dyn_capacity_row *capacity,
                                  int64_t units)
{
    return capacity->is_on_demand ? look_null() : look_number(units);
}

static dyn_status add_capacity_row(dyn_call *call, const char *name,
                                   const dyn_capacity_row *capacity,
                                   dyn_buffer *rows)
{
    const dyn_usage_row *usage = &capacity->usage;
    bool is_read = dyn_use_is_read(usage->use);
    dyn_bytes index = {NULL, 0};
    DYN_TRY(dyn_copy(call, usage->name, &index));
    look_row out = {{
        look_text(name),
        look_text(index.size_bytes > 0 ? (const char *)index.data : NULL),
        look_text(minute_text(call, usage->minute)),
        look_text(dyn_use_name(usage->use)),
        look_units(usage->read_halves),
        look_units(2 * usage->write_units),
        look_number(is_read ? usage->throttled : 0),
        look_number(is_read ? 0 : usage->throttled),
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
    DYN_TRY(look_table_name(call, table, &name));
    DYN_TRY(dyn_table_capacity(call, table, &capacity, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_capacity_row(call, name, &capacity[i], rows));
    return DYN_OK;
}

const looking_table look_capacity = {
    .name = "dynamo_capacity",
    .declaration =
        "CREATE TABLE x(table_name, index_name, minute, operation, "
        "read_units, write_units, throttled_reads, throttled_writes, "
        "provisioned_read_units, provisioned_write_units, argument HIDDEN)",
    .columns = 10,
    .add = add_capacity,
};

static dyn_status add_hot_key(dyn_call *call, const char *name,
                              const dyn_hot_row *hot, dyn_buffer *rows)
{
    const char *index = NULL;
    if (hot->index != NULL) DYN_TRY(look_index_name(call, hot->index, &index));
    look_row out = {{
        look_text(name),
        look_text(index),
        look_text(hot->kind == DYN_HOT_CONSUMED ? "consumed" : "throttled"),
        look_value(&hot->key),
        look_units(hot->read_halves),
        look_units(2 * hot->write_units),
        look_real(hot->share),
        look_real(hot->error),
        look_text(minute_text(call, hot->since_ms / MINUTE_MS)),
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
    DYN_TRY(look_table_name(call, table, &name));
    DYN_TRY(dyn_table_hot_keys(call, table, &hot, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_hot_key(call, name, &hot[i], rows));
    return DYN_OK;
}

const looking_table look_hot_keys = {
    .name = "dynamo_hot_keys",
    .declaration =
        "CREATE TABLE x(table_name, index_name, kind, key, read_units, "
        "write_units, share, error, since, argument HIDDEN)",
    .columns = 9,
    .add = add_hot_keys,
};

static dyn_status add_decision(dyn_call *call, const char *name,
                               const dyn_scaling_row *decision,
                               dyn_buffer *rows)
{
    dyn_bytes index = {NULL, 0};
    bool is_index = decision->what.name.size_bytes > 0;
    if (is_index) DYN_TRY(dyn_copy(call, decision->what.name, &index));
    look_row out = {{
        look_text(name),
        look_text((const char *)index.data),
        look_text(minute_text(call, decision->minute)),
        look_text(decision->what.direction == DYN_READING ? "read" : "write"),
        look_number(decision->before_units),
        look_number(decision->after_units),
        look_text(dyn_scaling_change_word(decision->wanted)),
        look_text(dyn_scaling_hold_word(decision->hold)),
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
    DYN_TRY(look_table_name(call, table, &name));
    DYN_TRY(dyn_scaling_decisions(call, table, &decisions, &count));
    for (size_t i = 0; i < count; i++)
        DYN_TRY(add_decision(call, name, &decisions[i], rows));
    return DYN_OK;
}

const looking_table look_scaling = {
    .name = "dynamo_scaling",
    .declaration =
        "CREATE TABLE x(table_name, index_name, minute, direction, "
        "units_before, units_after, wanted, held_by, argument HIDDEN)",
    .columns = 8,
    .add = add_scaling,
};
