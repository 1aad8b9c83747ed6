/* Sums of consumed units; the contracts are in meter.h. */
#include "engine/meter.h"

#include "base/sqlite.h"

#include <inttypes.h>
#include <stdio.h>

int64_t dyn_read_halves(size_t size_bytes, bool is_strong)
{
    int64_t units =
        (int64_t)((size_bytes + DYN_READ_UNIT_BYTES - 1) / DYN_READ_UNIT_BYTES);
    if (units == 0) units = 1;
    return is_strong ? 2 * units : units;
}

int64_t dyn_write_units(size_t old_bytes, size_t new_bytes)
{
    size_t larger = old_bytes > new_bytes ? old_bytes : new_bytes;
    int64_t units =
        (int64_t)((larger + DYN_WRITE_UNIT_BYTES - 1) / DYN_WRITE_UNIT_BYTES);
    return units == 0 ? 1 : units;
}

/* ------------------------------------------------------------- statement -- */

void dyn_cost_reset(dyn_cost *cost)
{
    for (size_t i = 0; i < cost->count; i++) {
        cost->lines[i].is_used = false;
        cost->lines[i].read_halves = 0;
        cost->lines[i].write_units = 0;
    }
}

void dyn_cost_free(dyn_cost *cost)
{
    for (size_t i = 0; i < cost->count; i++) {
        sqlite3_free(cost->lines[i].table);
        sqlite3_free(cost->lines[i].index);
    }
    sqlite3_free(cost->lines);
    *cost = (dyn_cost){NULL, 0};
}

static bool is_line_of(const dyn_cost_line *line, const char *table,
                       const char *index)
{
    if (strcmp(line->table, table) != 0) return false;
    if (line->index == NULL || index == NULL) return line->index == index;
    return strcmp(line->index, index) == 0;
}

dyn_status dyn_cost_line_of(dyn_call *call, dyn_cost *cost, const char *table,
                            const char *index, size_t *line)
{
    for (*line = 0; *line < cost->count; (*line)++) {
        if (is_line_of(&cost->lines[*line], table, index)) return DYN_OK;
    }
    dyn_cost_line *lines = sqlite3_realloc64(
        cost->lines, (cost->count + 1) * sizeof(dyn_cost_line));
    if (lines == NULL) return dyn_fail_nomem(call);
    cost->lines = lines;
    dyn_cost_line made = {.table = sqlite3_mprintf("%s", table)};
    if (index != NULL) made.index = sqlite3_mprintf("%s", index);
    if (made.table == NULL || (index != NULL && made.index == NULL)) {
        sqlite3_free(made.table);
        sqlite3_free(made.index);
        return dyn_fail_nomem(call);
    }
    lines[cost->count++] = made;
    return DYN_OK;
}

void dyn_halves_to_text(dyn_buffer *out, int64_t halves)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64 "%s", halves / 2,
             halves % 2 != 0 ? ".5" : "");
    dyn_buffer_add_text(out, text);
}

static void write_units_json(dyn_buffer *out, int64_t read_halves,
                             int64_t write_units)
{
    char text[32];
    dyn_buffer_add_text(out, "\"read_units\":");
    dyn_halves_to_text(out, read_halves);
    snprintf(text, sizeof(text), ",\"write_units\":%" PRId64, write_units);
    dyn_buffer_add_text(out, text);
}

void dyn_cost_to_json(dyn_buffer *out, const dyn_cost *cost)
{
    int64_t read_halves = 0;
    int64_t write_units = 0;
    for (size_t i = 0; i < cost->count; i++) {
        read_halves += cost->lines[i].read_halves;
        write_units += cost->lines[i].write_units;
    }
    dyn_buffer_add_byte(out, '{');
    write_units_json(out, read_halves, write_units);
    dyn_buffer_add_text(out, ",\"tables\":[");
    const char *comma = "";
    for (size_t i = 0; i < cost->count; i++) {
        if (!cost->lines[i].is_used) continue;
        dyn_buffer_add_text(out, comma);
        dyn_buffer_add_text(out, "{\"table\":\"");
        dyn_buffer_add_text(out, cost->lines[i].table);
        if (cost->lines[i].index != NULL) {
            dyn_buffer_add_text(out, "\",\"index\":\"");
            dyn_buffer_add_text(out, cost->lines[i].index);
        }
        dyn_buffer_add_text(out, "\",");
        write_units_json(out, cost->lines[i].read_halves,
                         cost->lines[i].write_units);
        dyn_buffer_add_byte(out, '}');
        comma = ",";
    }
    dyn_buffer_add_text(out, "]}");
}

/* ---------------------------------------------------------------- minute -- */

dyn_status dyn_usage_prepare(dyn_call *call, dyn_usage *usage, size_t count)
{
    if (usage->count + count <= usage->room) return DYN_OK;
    size_t room = 2 * usage->room + 4 + count;
    dyn_usage_line *lines =
        sqlite3_realloc64(usage->lines, room * sizeof(dyn_usage_line));
    if (lines == NULL) return dyn_fail_nomem(call);
    usage->lines = lines;
    usage->room = room;
    return DYN_OK;
}

/* The line to add to; NULL when there is none of it and no room. */
static dyn_usage_line *usage_line(dyn_usage *usage, int64_t minute,
                                  int64_t tree)
{
    dyn_usage_line *newest = NULL;
    for (size_t i = 0; i < usage->count; i++) {
        dyn_usage_line *line = &usage->lines[i];
        if (line->tree != tree) continue;
        if (line->minute == minute) return line;
        newest = line;
    }
    if (usage->count == usage->room) return newest;
    newest = &usage->lines[usage->count++];
    *newest = (dyn_usage_line){.minute = minute, .tree = tree};
    return newest;
}

void dyn_usage_add(dyn_usage *usage, int64_t minute, int64_t tree,
                   int64_t read_halves, int64_t write_units)
{
    dyn_usage_line *line = usage_line(usage, minute, tree);
    if (line == NULL) return;
    line->read_halves += read_halves;
    line->write_units += write_units;
}

void dyn_usage_free(dyn_usage *usage)
{
    sqlite3_free(usage->lines);
    *usage = (dyn_usage){NULL, 0, 0};
}
