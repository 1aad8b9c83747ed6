/*
 * What is stored of auto scaling; the contracts are in scaling_record.h. In
 * _meta, "scaling read i" and "scaling write i" have the past of index i, or of
 * the table, and "scaled m read i" has the decision of minute m.
 */
#include "engine/scaling_record.h"

#include "base/buffer.h"
#include "engine/catalogue.h"
#include "engine/numbers.h"
#include "engine/table_internal.h"

#include <inttypes.h>

enum { ROW_MINUTES_KEPT = 15 * 24 * 60 };

static const char past_word[] = "scaling";
static const char decision_word[] = "scaled";
static const char *const direction_words[DYN_DIRECTIONS] = {
    [DYN_READING] = "read",
    [DYN_WRITING] = "write",
};
static const char *const change_words[] = {
    [DYN_SCALING_NONE] = NULL,
    [DYN_SCALING_UP] = "up",
    [DYN_SCALING_DOWN] = "down",
};
static const char *const hold_words[] = {
    [DYN_SCALING_FREE] = NULL,
    [DYN_SCALING_AT_MAXIMUM] = "maximum",
    [DYN_SCALING_COOLDOWN] = "cooldown",
    [DYN_SCALING_NO_DECREASES] = "no decreases left",
};

enum {
    CHANGES = sizeof(change_words) / sizeof(change_words[0]),
    HOLDS = sizeof(hold_words) / sizeof(hold_words[0]),
};

const char *dyn_scaling_change_word(dyn_scaling_change change)
{
    return change_words[change];
}

const char *dyn_scaling_hold_word(dyn_scaling_hold hold)
{
    return hold_words[hold];
}

#define MINUTE_MAX (INT64_C(1) << 50)
#define MILLI_MAX  (INT64_C(1) << 50)

static int64_t next_minute(dyn_numbers *r)
{
    return dyn_numbers_next(r, -MINUTE_MAX, MINUTE_MAX);
}

/* -------------------------------------------------------------- the past -- */

static char *name_of_past(dyn_call *call, const dyn_scaled *what)
{
    return dyn_format(
        call, "%s %s %.*s", past_word, direction_words[what->direction],
        (int)what->name.size_bytes, (const char *)what->name.data);
}

static bool read_past(const char *text, dyn_scaling_past *out)
{
    dyn_numbers r = {text, true};
    dyn_scaling *s = &out->scaling;
    *out = (dyn_scaling_past){.scaling = {.count = 0}};
    int64_t last = next_minute(&r);
    int64_t count = dyn_numbers_next(&r, 0, DYN_SCALING_DOWN_MINUTES);
    s->was_up = dyn_numbers_next(&r, 0, 1) != 0;
    s->up_minute = next_minute(&r);
    s->was_down = dyn_numbers_next(&r, 0, 1) != 0;
    s->down_minute = next_minute(&r);
    out->wanted = (dyn_scaling_change)dyn_numbers_next(&r, 0, CHANGES - 1);
    out->hold = (dyn_scaling_hold)dyn_numbers_next(&r, 0, HOLDS - 1);
    s->last_minute = last - count;
    for (int64_t i = 1; r.is_sound && i <= count; i++) {
        dyn_scaling_minute minute;
        minute.consumed_milli = dyn_numbers_next(&r, 0, MILLI_MAX);
        minute.provisioned_units = dyn_numbers_next(&r, 0, DYN_TABLE_UNITS_MAX);
        dyn_scaling_add_minute(s, last - count + i, minute);
    }
    return dyn_numbers_are_read(&r);
}

static void print_past(dyn_buffer *out, const dyn_scaling_past *p)
{
    const dyn_scaling *s = &p->scaling;
    dyn_numbers_add(out, s->last_minute);
    dyn_numbers_add(out, s->count);
    dyn_numbers_add(out, s->was_up);
    dyn_numbers_add(out, s->up_minute);
    dyn_numbers_add(out, s->was_down);
    dyn_numbers_add(out, s->down_minute);
    dyn_numbers_add(out, (int64_t)p->wanted);
    dyn_numbers_add(out, (int64_t)p->hold);
    for (int64_t ago = s->count - 1; ago >= 0; ago--) {
        const dyn_scaling_minute *minute = dyn_scaling_ago(s, ago);
        dyn_numbers_add(out, minute->consumed_milli);
        dyn_numbers_add(out, minute->provisioned_units);
    }
}

dyn_status dyn_scaling_load_past(dyn_call *call, dyn_table *table,
                                 const dyn_scaled *what, bool *found,
                                 dyn_scaling_past *out)
{
    dyn_bytes text = {NULL, 0};
    int64_t number = 0;
    char *name = name_of_past(call, what);
    if (name == NULL) return DYN_NOMEM;
    DYN_TRY(
        dyn_catalogue_meta(call, table->store, name, found, &text, &number));
    *found =
        *found && text.data != NULL && read_past((const char *)text.data, out);
    return DYN_OK;
}

dyn_status dyn_scaling_save_past(dyn_call *call, dyn_table *table,
                                 const dyn_scaled *what,
                                 const dyn_scaling_past *p)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    char *name = name_of_past(call, what);
    if (name == NULL) return DYN_NOMEM;
    dyn_buffer_begin(&text, call, 256);
    print_past(&text, p);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    return dyn_catalogue_meta_set_text(call, table->store, name,
                                       (const char *)bytes.data);
}

dyn_status dyn_scaling_forget(dyn_call *call, dyn_table *table, dyn_bytes index)
{
    for (int i = 0; i < DYN_DIRECTIONS; i++) {
        dyn_scaled what = {.name = index, .direction = (dyn_direction)i};
        char *name = name_of_past(call, &what);
        if (name == NULL) return DYN_NOMEM;
        DYN_TRY(dyn_catalogue_meta_delete(call, table->store, name));
    }
    return DYN_OK;
}

/* ------------------------------------------------------------- decisions -- */

dyn_status dyn_scaling_add_decision(dyn_call *call, dyn_table *table,
                                    const dyn_scaling_row *row)
{
    char *name = dyn_format(call, "%s %010" PRId64 " %s %.*s", decision_word,
                            row->minute, direction_words[row->what.direction],
                            (int)row->what.name.size_bytes,
                            (const char *)row->what.name.data);
    char *text = dyn_format(call, "%" PRId64 " %" PRId64 " %" PRId64 " %d %d",
                            row->minute, row->before_units, row->after_units,
                            (int)row->wanted, (int)row->hold);
    if (name == NULL || text == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_catalogue_meta_set_text(call, table->store, name, text));
    return dyn_catalogue_meta_prune(call, table->store, decision_word,
                                    row->minute - ROW_MINUTES_KEPT);
}

/* `0029446561 read by_status` */
static bool read_decision_name(dyn_bytes name, dyn_scaling_row *out)
{
    dyn_numbers r = {(const char *)name.data, true};
    next_minute(&r);
    for (int i = 0; r.is_sound && i < DYN_DIRECTIONS; i++) {
        size_t size = strlen(direction_words[i]);
        if (r.rest[0] != ' ' ||
            strncmp(r.rest + 1, direction_words[i], size) != 0 ||
            r.rest[1 + size] != ' ')
            continue;
        out->what.direction = (dyn_direction)i;
        out->what.name = dyn_bytes_text(r.rest + 1 + size + 1);
        return true;
    }
    return false;
}

static bool read_decision(const dyn_meta_row *row, dyn_scaling_row *out)
{
    if (row->name.data == NULL || row->text.data == NULL) return false;
    dyn_numbers r = {(const char *)row->text.data, true};
    out->minute = next_minute(&r);
    out->before_units = dyn_numbers_next(&r, 0, DYN_TABLE_UNITS_MAX);
    out->after_units = dyn_numbers_next(&r, 0, DYN_TABLE_UNITS_MAX);
    out->wanted = (dyn_scaling_change)dyn_numbers_next(&r, 1, CHANGES - 1);
    out->hold = (dyn_scaling_hold)dyn_numbers_next(&r, 0, HOLDS - 1);
    return dyn_numbers_are_read(&r) && read_decision_name(row->name, out);
}

dyn_status dyn_scaling_decisions(dyn_call *call, dyn_table *table,
                                 dyn_scaling_row **rows, size_t *count)
{
    dyn_meta_row *stored = NULL;
    DYN_TRY(dyn_catalogue_meta_list(call, table->store, decision_word, &stored,
                                    count));
    *rows = dyn_alloc(call, (*count + 1) * sizeof(dyn_scaling_row));
    if (*rows == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < *count; i++) {
        if (!read_decision(&stored[i], &(*rows)[i]))
            return dyn_table_fail_meta(call, "scaled");
    }
    return DYN_OK;
}

dyn_status dyn_scaling_check_record(dyn_call *call, dyn_table *table)
{
    dyn_meta_row *stored = NULL;
    dyn_scaling_row *rows = NULL;
    size_t count = 0;
    dyn_scaling_past unused;
    DYN_TRY(dyn_scaling_decisions(call, table, &rows, &count));
    DYN_TRY(dyn_catalogue_meta_list(call, table->store, past_word, &stored,
                                    &count));
    for (size_t i = 0; i < count; i++) {
        if (stored[i].text.data == NULL ||
            !read_past((const char *)stored[i].text.data, &unused))
            return dyn_table_fail_meta(call, "scaling");
    }
    return DYN_OK;
}
