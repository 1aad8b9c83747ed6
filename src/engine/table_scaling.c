/*
 * Auto scaling of a table and of its global indexes (docs/semantics.md 8), as
 * due work; the contracts are in table_internal.h. scaling.h has the rules, the
 * definition the settings, and scaling_record.h what is stored.
 *
 * The minutes that have ended are looked at together, by the first transaction
 * that writes after them or by dynamo_maintain(): then one decision is made.
 * Each of them counts with what was provisioned at its end.
 */
#include "engine/table_internal.h"

#include "base/clock.h"
#include "engine/decreases.h"
#include "engine/due_kinds.h"
#include "engine/scaling_record.h"
#include "engine/table_capacity.h"
#include "engine/throughput_history.h"

enum {
    MINUTE_MS = 60 * 1000,
    HALF_MILLI = 500, /* thousandths of a unit in half a read unit */
    UNIT_MILLI = 1000,
};

/* -------------------------------------------------------- what is scaled -- */

typedef struct scaled {
    dyn_scaled what;
    bool is_index;
    dyn_scaling_settings settings;
    int64_t units; /* provisioned now */
} scaled;

/* How many there could be. */
static size_t count_scaled(const dyn_table *table)
{
    return (1 + table->definition.index_count) * DYN_DIRECTIONS;
}

/* One of them, by its number; false when it is not scaled. */
static bool find_scaled(const dyn_table *table, size_t number, scaled *out)
{
    const dyn_definition *definition = &table->definition;
    size_t place = number / DYN_DIRECTIONS;
    const dyn_index *index =
        place == 0 ? NULL : &definition->indexes[place - 1];
    if (definition->billing != DYN_PROVISIONED) return false;
    if (index != NULL && index->is_local) return false;
    dyn_throughput units = index == NULL
                               ? definition->throughput
                               : dyn_index_throughput(definition, index);
    bool is_read = number % DYN_DIRECTIONS == DYN_READING;
    *out = (scaled){
        .what = {index == NULL ? dyn_bytes_text("") : index->name,
                 is_read ? DYN_READING : DYN_WRITING},
        .is_index = index != NULL,
        .settings = is_read ? units.read_scaling : units.write_scaling,
        .units = is_read ? units.read_units : units.write_units,
    };
    return out->settings.maximum_units != 0;
}

static bool is_any_scaled(const dyn_table *table)
{
    scaled unused;
    for (size_t i = 0; i < count_scaled(table); i++) {
        if (find_scaled(table, i, &unused)) return true;
    }
    return false;
}

/* -------------------------------------------------------------- changing -- */

/* As dynamo_alter() and UpdateTable do it. */
static dyn_status provision(dyn_call *call, dyn_table *table, const scaled *s,
                            int64_t units)
{
    bool is_read = s->what.direction == DYN_READING;
    dyn_throughput given = {0};
    dyn_definition changed = table->definition;
    if (s->is_index) {
        *(is_read ? &given.read_units : &given.write_units) = units;
        return dyn_table_change_index(call, table, s->what.name, &given);
    }
    *(is_read ? &changed.throughput.read_units
              : &changed.throughput.write_units) = units;
    return dyn_table_change_options(call, table, &changed);
}

static dyn_status count_decreases_left(dyn_call *call, dyn_table *table,
                                       const scaled *s, int64_t *out)
{
    dyn_throughput_history history;
    DYN_TRY(dyn_throughput_history_read(call, table, s->what.name, &history));
    const dyn_decreases decreases = {history.decreases_today,
                                     history.decreased_ms};
    *out = dyn_decreases_left(&decreases, dyn_clock_now_ms());
    return DYN_OK;
}

/* -------------------------------------------------------- end of minutes -- */

static int64_t minute_now(void)
{
    return dyn_clock_now_ms() / MINUTE_MS;
}

/* What is known of the minutes that have ended: units by minute, name and use,
 * and what was provisioned. */
typedef struct ended_minutes {
    dyn_usage_row *rows;
    size_t count;
    dyn_provisioned_history provisioned;
} ended_minutes;

/* Of all uses together. */
static int64_t consumed_milli(const ended_minutes *ended, const scaled *s,
                              int64_t minute)
{
    int64_t milli = 0;
    for (size_t i = 0; i < ended->count; i++) {
        const dyn_usage_row *row = &ended->rows[i];
        if (row->minute != minute || !dyn_bytes_equal(row->name, s->what.name))
            continue;
        milli += s->what.direction == DYN_READING
                     ? row->read_halves * HALF_MILLI
                     : row->write_units * UNIT_MILLI;
    }
    return milli;
}

/* On demand nothing was: such a minute counts with what is now. */
static int64_t provisioned_units(const ended_minutes *ended, const scaled *s,
                                 int64_t minute)
{
    const dyn_provisioned_row *row =
        dyn_provisioned_at(&ended->provisioned, s->what.name, minute);
    if (row == NULL || row->is_on_demand) return s->units;
    return s->what.direction == DYN_READING ? row->read_units
                                            : row->write_units;
}

/* No more minutes than a decision looks at: what lies before them is left out,
 * and begins a new row. */
static void add_minutes(dyn_scaling_past *p, const ended_minutes *ended,
                        const scaled *s, int64_t last)
{
    int64_t first = last - DYN_SCALING_DOWN_MINUTES + 1;
    if (first <= p->scaling.last_minute) first = p->scaling.last_minute + 1;
    for (int64_t minute = first; minute <= last; minute++) {
        dyn_scaling_minute one = {
            .consumed_milli = consumed_milli(ended, s, minute),
            .provisioned_units = provisioned_units(ended, s, minute),
        };
        dyn_scaling_add_minute(&p->scaling, minute, one);
    }
}

/* Tell of a decision, but not again of what is still held back. */
static dyn_status note(dyn_call *call, dyn_table *table, const scaled *s,
                       const dyn_scaling_decision *decision,
                       dyn_scaling_past *p)
{
    bool is_change = decision->change != DYN_SCALING_NONE;
    bool is_known = p->wanted == decision->wanted && p->hold == decision->hold;
    p->wanted = decision->wanted;
    p->hold = decision->hold;
    if (!is_change && (is_known || decision->wanted == DYN_SCALING_NONE))
        return DYN_OK;
    dyn_scaling_row row = {
        .minute = minute_now(),
        .what = s->what,
        .before_units = s->units,
        .after_units = is_change ? decision->units : s->units,
        .wanted = decision->wanted,
        .hold = decision->hold,
    };
    return dyn_scaling_add_decision(call, table, &row);
}

/* Minutes until last have ended. Where nothing is known of the past, or time
 * went backwards, it begins now. */
static dyn_status end_minutes(dyn_call *call, dyn_table *table, scaled s,
                              const ended_minutes *ended, int64_t last,
                              int64_t *done)
{
    dyn_scaling_past p;
    bool found = false;
    int64_t decreases_left = 0;
    DYN_TRY(dyn_copy(call, s.what.name, &s.what.name)); /* as in ended */
    DYN_TRY(dyn_scaling_load_past(call, table, &s.what, &found, &p));
    if (!found || p.scaling.last_minute > last) {
        p = (dyn_scaling_past){.scaling = {.last_minute = last}};
        return dyn_scaling_save_past(call, table, &s.what, &p);
    }
    if (p.scaling.last_minute == last) return DYN_OK;
    add_minutes(&p, ended, &s, last);
    DYN_TRY(count_decreases_left(call, table, &s, &decreases_left));
    dyn_scaling_decision decision =
        dyn_scaling_decide(&p.scaling, &s.settings, s.units, decreases_left);
    if (decision.change != DYN_SCALING_NONE) {
        DYN_TRY(provision(call, table, &s, decision.units));
        (*done)++;
    }
    DYN_TRY(note(call, table, &s, &decision, &p));
    return dyn_scaling_save_past(call, table, &s.what, &p);
}

int64_t dyn_scaling_due_ms(dyn_table *table)
{
    if (!is_any_scaled(table)) return DYN_DUE_NEVER;
    if (table->scaled_minute != minute_now() - 1) return DYN_DUE_NOW;
    return (table->scaled_minute + 2) * MINUTE_MS;
}

/* The names are copied: those of a definition go when units are changed. */
static dyn_status read_ended(dyn_call *call, dyn_table *table, int64_t minute,
                             ended_minutes *out)
{
    DYN_TRY(dyn_provisioned_read(call, table->store, &out->provisioned));
    DYN_TRY(
        dyn_table_usage_since(call, table, minute, &out->rows, &out->count));
    for (size_t i = 0; i < out->count; i++)
        DYN_TRY(dyn_copy(call, out->rows[i].name, &out->rows[i].name));
    return DYN_OK;
}

/* Another connection may have done it. */
dyn_status dyn_scaling_step(dyn_call *call, dyn_table *table, size_t rows_max,
                            int64_t *done)
{
    (void)rows_max;
    ended_minutes ended = {.rows = NULL};
    int64_t last = minute_now() - 1;
    DYN_TRY(
        read_ended(call, table, last - DYN_SCALING_DOWN_MINUTES + 1, &ended));
    for (size_t i = 0; i < count_scaled(table); i++) {
        scaled s;
        if (!find_scaled(table, i, &s)) continue;
        DYN_TRY(end_minutes(call, table, s, &ended, last, done));
    }
    table->scaled_minute = last;
    return DYN_OK;
}
