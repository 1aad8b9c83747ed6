/* Printing declarations; the contracts are in declaration.h. */
#include "engine/declaration.h"

#include "base/arn.h"
#include "engine/declaration_scaling.h"
#include "engine/declaration_tokens.h"

#include <inttypes.h>
#include <stdio.h>

void dyn_declaration_print_name(dyn_buffer *out, dyn_bytes name)
{
    dyn_buffer_add_byte(out, '"');
    for (size_t i = 0; i < name.size_bytes; i++) {
        if (name.data[i] == '"') dyn_buffer_add_byte(out, '"');
        dyn_buffer_add_byte(out, name.data[i]);
    }
    dyn_buffer_add_byte(out, '"');
}

void dyn_declaration_print_key(dyn_buffer *out, dyn_bytes name, dyn_type type)
{
    dyn_declaration_print_name(out, name);
    dyn_buffer_add_byte(out, ' ');
    dyn_buffer_add_text(out, dyn_type_word(type));
}

static void print_column(dyn_buffer *out, const dyn_definition *definition,
                         size_t number)
{
    const dyn_column *column = &definition->columns[number];
    dyn_declaration_print_name(out, column->name);
    if (column->has_type) {
        dyn_buffer_add_byte(out, ' ');
        dyn_buffer_add_text(out, dyn_type_word(column->type));
    }
    if (number == definition->key.partition[0]) {
        dyn_buffer_add_text(out, " PARTITION KEY");
    } else if (definition->key.sort_count > 0 &&
               number == definition->key.sort[0]) {
        dyn_buffer_add_text(out, " SORT KEY");
    }
}

typedef struct printer {
    dyn_call *call;
    const char **arguments;
    size_t count;
} printer;

static dyn_status add_argument(printer *out, dyn_buffer *text)
{
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(dyn_buffer_end(text, &bytes));
    out->arguments[out->count++] = (const char *)bytes.data;
    return DYN_OK;
}

static dyn_status print_number(printer *out, const char *name, int64_t number)
{
    char *text = dyn_format(out->call, "%s = %lld", name, (long long)number);
    if (text == NULL) return DYN_NOMEM;
    out->arguments[out->count++] = text;
    return DYN_OK;
}

static dyn_status print_scaling(printer *out, const char *words,
                                const dyn_scaling_settings *settings)
{
    dyn_buffer text;
    if (settings->maximum_units == 0) return DYN_OK;
    dyn_buffer_begin(&text, out->call, 64);
    dyn_buffer_add_text(&text, words);
    dyn_scaling_print(&text, settings);
    return add_argument(out, &text);
}

static dyn_status print_units(printer *out, const dyn_throughput *units)
{
    const struct {
        const char *name;
        int64_t number;
    } all[] = {
        {"read_units", units->read_units},
        {"write_units", units->write_units},
        {"max_read_units", units->max_read_units},
        {"max_write_units", units->max_write_units},
        {"warm_read_units", units->warm_read_units},
        {"warm_write_units", units->warm_write_units},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (all[i].number == 0) continue;
        DYN_TRY(print_number(out, all[i].name, all[i].number));
    }
    DYN_TRY(print_scaling(out, "read_scaling = ", &units->read_scaling));
    return print_scaling(out, "write_scaling = ", &units->write_scaling);
}

static dyn_status print_columns(printer *out, const dyn_definition *definition)
{
    for (size_t i = 0; i < definition->column_count; i++) {
        dyn_buffer text;
        dyn_buffer_begin(&text, out->call, 64);
        print_column(&text, definition, i);
        DYN_TRY(add_argument(out, &text));
    }
    return DYN_OK;
}

/* A word of an option that is only printed when it is so. */
static void print_if(printer *out, bool is_so, const char *argument)
{
    if (is_so) out->arguments[out->count++] = argument;
}

static dyn_status print_capacity(printer *out, const dyn_definition *definition)
{
    print_if(out, definition->billing == DYN_PROVISIONED,
             "billing = 'provisioned'");
    DYN_TRY(print_units(out, &definition->throughput));
    if (definition->partition_bytes != DYN_PARTITION_BYTES_DEFAULT) {
        DYN_TRY(
            print_number(out, "partition_bytes", definition->partition_bytes));
    }
    print_if(out, definition->throttle == DYN_THROTTLE_ON, "throttle = 'on'");
    print_if(out, definition->throttle == DYN_THROTTLE_OFF, "throttle = 'off'");
    return definition->throttle_wait_ms == 0
               ? DYN_OK
               : print_number(out, "throttle_wait_ms",
                              definition->throttle_wait_ms);
}

static void print_hot_keys(printer *out, dyn_hot_keys_option option)
{
    static const char *const texts[] = {
        [DYN_HOT_KEYS_OFF] = "hot_keys = 'off'",
        [DYN_HOT_KEYS_THROTTLED] = "hot_keys = 'throttled'",
        [DYN_HOT_KEYS_ON] = "hot_keys = 'on'",
    };
    print_if(out, option != DYN_HOT_KEYS_DEFAULT, texts[option]);
}

static dyn_status print_stream(printer *out, dyn_stream_view view)
{
    if (view == DYN_STREAM_OFF) return DYN_OK;
    char *text =
        dyn_format(out->call, "stream = '%s'", dyn_stream_view_name(view));
    if (text == NULL) return DYN_NOMEM;
    print_if(out, true, text);
    return DYN_OK;
}

/* A text in quotes, as in ttl = 'Owner''s'. */
static dyn_status print_ttl(printer *out, const dyn_definition *definition)
{
    dyn_buffer text;
    dyn_bytes name = definition->ttl;
    if (name.size_bytes == 0) return DYN_OK;
    dyn_buffer_begin(&text, out->call, 64);
    dyn_buffer_add_text(&text, "ttl = '");
    for (size_t i = 0; i < name.size_bytes; i++) {
        if (name.data[i] == '\'') dyn_buffer_add_byte(&text, '\'');
        dyn_buffer_add_byte(&text, name.data[i]);
    }
    dyn_buffer_add_byte(&text, '\'');
    DYN_TRY(add_argument(out, &text));
    return definition->ttl_delay_seconds == 0
               ? DYN_OK
               : print_number(out, "ttl_delay", definition->ttl_delay_seconds);
}

static dyn_status print_delays(printer *out, const dyn_definition *definition)
{
    if (definition->replica_delay_ms > 0) {
        DYN_TRY(print_number(out, "replica_delay_ms",
                             definition->replica_delay_ms));
    }
    return definition->index_delay_ms == 0
               ? DYN_OK
               : print_number(out, "index_delay_ms",
                              definition->index_delay_ms);
}

static dyn_status print_region(printer *out, const dyn_definition *definition)
{
    dyn_bytes region = definition->region;
    if (!dyn_bytes_equal_text(region, DYN_ARN_REGION)) {
        char *text = dyn_format(out->call, "region = '%.*s'",
                                (int)region.size_bytes, region.data);
        if (text == NULL) return DYN_NOMEM;
        print_if(out, true, text);
    }
    return definition->replication_delay_ms == 0
               ? DYN_OK
               : print_number(out, "replication_delay_ms",
                              definition->replication_delay_ms);
}

dyn_status dyn_declaration_print(dyn_call *call,
                                 const dyn_definition *definition,
                                 const char *const **arguments, size_t *count)
{
    enum { OPTIONS_MAX = 26 };
    printer out = {.call = call};
    out.arguments = dyn_alloc(call, (definition->column_count + OPTIONS_MAX) *
                                        sizeof(char *));
    if (out.arguments == NULL) return DYN_NOMEM;
    DYN_TRY(print_columns(&out, definition));
    DYN_TRY(print_capacity(&out, definition));
    print_hot_keys(&out, definition->hot_keys);
    DYN_TRY(print_region(&out, definition));
    DYN_TRY(print_stream(&out, definition->stream));
    if (definition->point_in_time_days > 0) {
        DYN_TRY(print_number(&out, "point_in_time",
                             definition->point_in_time_days));
    }
    DYN_TRY(print_ttl(&out, definition));
    DYN_TRY(print_delays(&out, definition));
    print_if(&out, definition->strict_plan, "strict = 'plan'");
    print_if(&out, definition->is_protected, "deletion_protection = 'on'");
    print_if(&out, definition->is_infrequent,
             "table_class = 'infrequent_access'");
    *arguments = out.arguments;
    *count = out.count;
    return DYN_OK;
}

/* ----------------------------------------------------------------- index -- */

/* The names of key attributes; with the types of those that are no columns. */
static void print_keys(dyn_buffer *out, const char *words,
                       const dyn_definition *definition,
                       const uint16_t *columns, size_t count)
{
    dyn_buffer_add_text(out, words);
    for (size_t i = 0; i < count; i++) {
        const dyn_column *column = &definition->columns[columns[i]];
        if (i > 0) dyn_buffer_add_text(out, ", ");
        dyn_declaration_print_name(out, column->name);
        if (columns[i] < definition->column_count && column->has_type) continue;
        dyn_buffer_add_byte(out, ' ');
        dyn_buffer_add_text(out, dyn_type_word(column->type));
    }
    dyn_buffer_add_byte(out, ')');
}

static void print_projection(dyn_buffer *out, const dyn_index *index)
{
    if (index->project == DYN_PROJECT_KEYS)
        dyn_buffer_add_text(out, " PROJECT KEYS");
    if (index->project != DYN_PROJECT_SOME) return;
    dyn_buffer_add_text(out, " PROJECT (");
    for (size_t i = 0; i < index->included_count; i++) {
        if (i > 0) dyn_buffer_add_text(out, ", ");
        dyn_declaration_print_name(out, index->included[i]);
    }
    dyn_buffer_add_byte(out, ')');
}

static void print_index_scaling(dyn_buffer *out, const char *words,
                                const dyn_scaling_settings *settings)
{
    if (settings->maximum_units == 0) return;
    dyn_buffer_add_text(out, words);
    dyn_scaling_print(out, settings);
}

/* An index keeps what it was given under the other billing of its table, which
 * a declaration may not have. */
static void print_throughput(dyn_buffer *out, dyn_billing billing,
                             const dyn_throughput *units)
{
    bool is_on_demand = billing == DYN_ON_DEMAND;
    const struct {
        const char *words;
        int64_t number;
        bool is_shown;
    } all[] = {
        {" READ UNITS ", units->read_units, !is_on_demand},
        {" WRITE UNITS ", units->write_units, !is_on_demand},
        {" MAX READ UNITS ", units->max_read_units, is_on_demand},
        {" MAX WRITE UNITS ", units->max_write_units, is_on_demand},
        {" WARM READ UNITS ", units->warm_read_units, true},
        {" WARM WRITE UNITS ", units->warm_write_units, true},
    };
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        char number[32];
        if (all[i].number == 0 || !all[i].is_shown) continue;
        snprintf(number, sizeof(number), "%" PRId64, all[i].number);
        dyn_buffer_add_text(out, all[i].words);
        dyn_buffer_add_text(out, number);
    }
    print_index_scaling(out, " READ SCALING ", &units->read_scaling);
    print_index_scaling(out, " WRITE SCALING ", &units->write_scaling);
}

dyn_status dyn_declaration_print_index(dyn_call *call,
                                       const dyn_definition *definition,
                                       const dyn_index *index, const char **out)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    const dyn_key_schema *key = &index->key;
    dyn_buffer_begin(&text, call, 128);
    dyn_buffer_add_text(&text,
                        index->is_local ? "LOCAL INDEX " : "GLOBAL INDEX ");
    dyn_declaration_print_name(&text, index->name);
    if (!index->is_local) {
        print_keys(&text, " PARTITION KEY (", definition, key->partition,
                   key->partition_count);
    }
    if (key->sort_count > 0) {
        print_keys(&text, index->is_local ? " (" : " SORT KEY (", definition,
                   key->sort, key->sort_count);
    }
    print_projection(&text, index);
    print_throughput(&text, definition->billing, &index->throughput);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    *out = (const char *)bytes.data;
    return DYN_OK;
}

dyn_status dyn_declaration_print_all(dyn_call *call,
                                     const dyn_definition *definition,
                                     const char *const **arguments,
                                     size_t *count)
{
    const char *const *options = NULL;
    DYN_TRY(dyn_declaration_print(call, definition, &options, count));
    const char **all =
        dyn_alloc(call, (*count + definition->index_count) * sizeof(char *));
    if (all == NULL) return DYN_NOMEM;
    memcpy(all, options, *count * sizeof(char *));
    for (size_t i = 0; i < definition->index_count; i++) {
        DYN_TRY(dyn_declaration_print_index(
            call, definition, &definition->indexes[i], &all[(*count)++]));
    }
    *arguments = all;
    return DYN_OK;
}
