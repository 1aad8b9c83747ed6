/* The cost of a statement; the contracts are in cost.h. */
#include "engine/cost.h"

#include "base/sqlite.h"

#include <inttypes.h>
#include <stdio.h>

void dyn_cost_reset(dyn_cost *cost)
{
    for (size_t i = 0; i < cost->count; i++) {
        cost->lines[i].is_used = false;
        cost->lines[i].read_halves = 0;
        cost->lines[i].write_units = 0;
        cost->lines[i].served_by = NULL;
        cost->lines[i].cache_hits = 0;
    }
}

dyn_status dyn_cost_save(dyn_call *call, const dyn_cost *cost, dyn_cost *out)
{
    size_t size_bytes = cost->count * sizeof(dyn_cost_line);
    *out = (dyn_cost){dyn_alloc(call, size_bytes), cost->count};
    if (out->lines == NULL) return DYN_NOMEM;
    if (size_bytes > 0) memcpy(out->lines, cost->lines, size_bytes);
    return DYN_OK;
}

/* The names stay those of cost, which the saved lines borrow. */
void dyn_cost_restore(dyn_cost *cost, const dyn_cost *saved)
{
    dyn_cost_reset(cost);
    if (saved->count == 0) return;
    memcpy(cost->lines, saved->lines, saved->count * sizeof(dyn_cost_line));
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

void dyn_cost_add_hit(dyn_cost *cost, size_t line)
{
    cost->lines[line].is_used = true;
    cost->lines[line].cache_hits++;
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

static void write_copy_json(dyn_buffer *out, const dyn_cost_line *line)
{
    char text[64];
    if (line->served_by == NULL) return;
    snprintf(text, sizeof(text), ",\"served_by\":\"%s\",\"lag_ms\":%" PRId64,
             line->served_by, line->lag_ms);
    dyn_buffer_add_text(out, text);
}

static void write_hits_json(dyn_buffer *out, int64_t cache_hits)
{
    char text[48];
    if (cache_hits == 0) return;
    snprintf(text, sizeof(text), ",\"cache_hits\":%" PRId64, cache_hits);
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
        write_copy_json(out, &cost->lines[i]);
        write_hits_json(out, cost->lines[i].cache_hits);
        dyn_buffer_add_byte(out, '}');
        comma = ",";
    }
    dyn_buffer_add_text(out, "]}");
}
