/* Units of requests; the contracts are in capacity.h. */
#include "api/capacity.h"

#include "api/request.h"
#include "api/response.h"

#include <inttypes.h>
#include <stdio.h>

/* Read units count in halves, and so do write units here. */
typedef struct units {
    int64_t read_halves;
    int64_t write_halves;
} units;

dyn_status dyn_capacity_begin(dyn_call *call, const dyn_session *session,
                              const dyn_json *request, dyn_capacity *out)
{
    static const char member[] = "ReturnConsumedCapacity";
    bool has_indexes = dyn_request_is(request, member, "INDEXES");
    *out = (dyn_capacity){.has_indexes = has_indexes};
    if (!has_indexes && !dyn_request_is(request, member, "TOTAL"))
        return DYN_OK;
    out->session = session;
    out->before_count = session->cost.count;
    size_t size_bytes = out->before_count * sizeof(dyn_cost_line);
    out->before = dyn_alloc(call, size_bytes);
    if (out->before == NULL) return DYN_NOMEM;
    if (size_bytes > 0) memcpy(out->before, session->cost.lines, size_bytes);
    return DYN_OK;
}

/* What the request was charged on a line. */
static units line_units(const dyn_capacity *capacity, size_t number)
{
    const dyn_cost_line *now = &capacity->session->cost.lines[number];
    units out = {now->read_halves, 2 * now->write_units};
    if (number < capacity->before_count) {
        out.read_halves -= capacity->before[number].read_halves;
        out.write_halves -= 2 * capacity->before[number].write_units;
    }
    return out;
}

static void write_number(dyn_buffer *out, const char *name, int64_t halves)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64 ".%d", halves / 2,
             halves % 2 == 0 ? 0 : 5);
    dyn_response_name(out, name);
    dyn_buffer_add_text(out, text);
}

static void write_units(dyn_buffer *out, const dyn_capacity *capacity,
                        units amount)
{
    if (capacity->is_split && amount.read_halves != 0) {
        write_number(out, "ReadCapacityUnits", amount.read_halves);
    }
    if (capacity->is_split && amount.write_halves != 0) {
        write_number(out, "WriteCapacityUnits", amount.write_halves);
    }
    write_number(out, "CapacityUnits",
                 amount.read_halves + amount.write_halves);
}

/* Units of the lines of a table: of all, of the table itself, or of an index.
 */
static units sum(const dyn_capacity *capacity, const dyn_table *table,
                 bool is_all, const char *index)
{
    units out = {0, 0};
    const dyn_cost *cost = &capacity->session->cost;
    for (size_t i = 0; i < cost->count; i++) {
        const dyn_cost_line *line = &cost->lines[i];
        if (strcmp(line->table, dyn_table_label(table)) != 0) continue;
        bool is_named = line->index == NULL || index == NULL
                            ? line->index == index
                            : strcmp(line->index, index) == 0;
        if (!is_all && !is_named) continue;
        units more = line_units(capacity, i);
        out.read_halves += more.read_halves;
        out.write_halves += more.write_halves;
    }
    return out;
}

static void write_indexes(dyn_buffer *out, const dyn_capacity *capacity,
                          const dyn_table *table, bool is_local)
{
    const dyn_definition *definition = dyn_table_definition(table);
    bool has_any = false;
    for (size_t i = 0; i < definition->index_count; i++) {
        const dyn_index *index = &definition->indexes[i];
        if (index->is_local != is_local) continue;
        const char *name = (const char *)index->name.data;
        units amount = sum(capacity, table, false, name);
        if (amount.read_halves == 0 && amount.write_halves == 0) continue;
        if (!has_any) {
            dyn_response_name(out, is_local ? "LocalSecondaryIndexes"
                                            : "GlobalSecondaryIndexes");
            dyn_buffer_add_byte(out, '{');
        }
        has_any = true;
        dyn_response_name(out, name);
        dyn_buffer_add_byte(out, '{');
        write_units(out, capacity, amount);
        dyn_buffer_add_byte(out, '}');
    }
    if (has_any) dyn_buffer_add_byte(out, '}');
}

void dyn_capacity_write(dyn_buffer *out, const dyn_capacity *capacity,
                        const dyn_table *table)
{
    if (capacity->session == NULL) return;
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    dyn_response_text(out, "TableName", dyn_bytes_text(dyn_table_label(table)));
    /* in the order of ConsumedCapacity */
    units all = sum(capacity, table, true, NULL);
    write_number(out, "CapacityUnits", all.read_halves + all.write_halves);
    if (capacity->is_split && all.read_halves != 0) {
        write_number(out, "ReadCapacityUnits", all.read_halves);
    }
    if (capacity->is_split && all.write_halves != 0) {
        write_number(out, "WriteCapacityUnits", all.write_halves);
    }
    if (capacity->has_indexes) {
        dyn_response_name(out, "Table");
        dyn_buffer_add_byte(out, '{');
        write_units(out, capacity, sum(capacity, table, false, NULL));
        dyn_buffer_add_byte(out, '}');
        write_indexes(out, capacity, table, true);
        write_indexes(out, capacity, table, false);
    }
    dyn_buffer_add_byte(out, '}');
}

void dyn_capacity_write_member(dyn_buffer *out, const dyn_capacity *capacity,
                               const dyn_table *table)
{
    if (capacity->session == NULL) return;
    dyn_response_name(out, "ConsumedCapacity");
    dyn_capacity_write(out, capacity, table);
}

void dyn_capacity_begin_list(dyn_buffer *out, const dyn_capacity *capacity)
{
    if (capacity->session == NULL) return;
    dyn_response_name(out, "ConsumedCapacity");
    dyn_buffer_add_byte(out, '[');
}

void dyn_capacity_end_list(dyn_buffer *out, const dyn_capacity *capacity)
{
    if (capacity->session == NULL) return;
    dyn_buffer_add_byte(out, ']');
}
