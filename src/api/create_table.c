/* CreateTable. The request becomes the arguments of CREATE VIRTUAL TABLE. */
#include "api/create_table.h"
#include "api/operation.h"
#include "api/request.h"
#include "api/table_description.h"
#include "api/table_shape.h"
#include "engine/declaration.h"
#include "engine/tags.h"

#include <inttypes.h>
#include <stdio.h>

#define INVALID      "One or more parameter values were invalid: "
#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* ----------------------------------------------------------------- shape -- */

static const dyn_shape_member members[] = {
    {"AttributeDefinitions", &dyn_shape_definitions, true},
    {"TableName", &dyn_shape_own_table, true},
    {"BillingMode", &dyn_shape_billing, false},
    {"ProvisionedThroughput", &dyn_shape_throughput, false},
    {"KeySchema", &dyn_shape_key_schema, true},
    {"LocalSecondaryIndexes", &dyn_shape_locals, false},
    {"GlobalSecondaryIndexes", &dyn_shape_globals, false},
    {"StreamSpecification", &dyn_shape_stream, false},
    {"SSESpecification", &dyn_shape_encryption, false},
    {"Tags", &dyn_shape_tags, false},
    {"TableClass", &dyn_shape_table_class, false},
    {"DeletionProtectionEnabled", &dyn_shape_boolean, false},
    {"WarmThroughput", &dyn_shape_warm, false},
    {"ResourcePolicy", &dyn_shape_string, false},
    {"OnDemandThroughput", &dyn_shape_on_demand, false},
    {"GlobalTableSourceArn", &dyn_shape_string, false},
    {"GlobalTableSettingsReplicationMode", &dyn_shape_settings_replication,
     false},
    {"VectorIndexes", &dyn_shape_any_list, false},
    {NULL, NULL, false},
};

static const dyn_shape_member creation_members[] = {
    {"TableName", &dyn_shape_own_table, true},
    {"AttributeDefinitions", &dyn_shape_definitions, true},
    {"KeySchema", &dyn_shape_key_schema, true},
    {"BillingMode", &dyn_shape_billing, false},
    {"ProvisionedThroughput", &dyn_shape_throughput, false},
    {"OnDemandThroughput", &dyn_shape_on_demand, false},
    {"SSESpecification", &dyn_shape_encryption, false},
    {"GlobalSecondaryIndexes", &dyn_shape_globals, false},
    {"VectorIndexes", &dyn_shape_any_list, false},
    {NULL, NULL, false},
};
const dyn_shape dyn_shape_creation = {.kind = DYN_SHAPE_STRUCTURE,
                                      .class_name = "TableCreationParameters",
                                      .members = creation_members};

static const dyn_shape input = {.kind = DYN_SHAPE_STRUCTURE,
                                .class_name = "CreateTableInput",
                                .members = members};

/* ----------------------------------------------------------------- rules -- */

static bool is_on_demand(const dyn_json *request)
{
    return dyn_request_is(request, "BillingMode", "PAY_PER_REQUEST");
}

static dyn_status check_billing(dyn_call *call, const dyn_json *request)
{
    const dyn_json *throughput =
        dyn_request_member(request, "ProvisionedThroughput");
    if (is_on_demand(request)) {
        if (throughput == NULL) return DYN_OK;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Neither ReadCapacityUnits nor "
                                "WriteCapacityUnits can be specified when "
                                "BillingMode is PAY_PER_REQUEST");
    }
    if (throughput == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "ReadCapacityUnits and WriteCapacityUnits must "
                                "both be specified when BillingMode is "
                                "PROVISIONED");
    }
    if (dyn_request_member(request, "OnDemandThroughput") != NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "OnDemandThroughput goes with BillingMode "
                                "PAY_PER_REQUEST");
    }
    return dyn_table_check_new_units(call, throughput, (dyn_bytes){NULL, 0});
}

static bool has_key(const dyn_json *schema, dyn_bytes name)
{
    for (const dyn_json *c = schema->first; c != NULL; c = c->next) {
        if (dyn_bytes_equal(dyn_request_text(c, "AttributeName"), name))
            return true;
    }
    return false;
}

static bool has_index_key(const dyn_json *indexes, dyn_bytes name)
{
    if (indexes == NULL) return false;
    for (const dyn_json *c = indexes->first; c != NULL; c = c->next) {
        if (has_key(dyn_request_member(c, "KeySchema"), name)) return true;
    }
    return false;
}

static bool is_used(const dyn_json *request, dyn_bytes name)
{
    return has_key(dyn_request_member(request, "KeySchema"), name) ||
           has_index_key(dyn_request_member(request, "LocalSecondaryIndexes"),
                         name) ||
           has_index_key(dyn_request_member(request, "GlobalSecondaryIndexes"),
                         name);
}

/* An attribute has one definition, which is used. */
static dyn_status check_definitions(dyn_call *call, const dyn_json *request)
{
    const dyn_json *definitions =
        dyn_request_member(request, "AttributeDefinitions");
    for (const dyn_json *c = definitions->first; c != NULL; c = c->next) {
        dyn_bytes name = dyn_request_text(c, "AttributeName");
        if (memchr(name.data, 0, name.size_bytes) != NULL) {
            return dyn_fail(call, DYN_INVALID,
                            INVALID "the name of a key attribute cannot have "
                                    "a zero character");
        }
        for (const dyn_json *o = definitions->first; o != c; o = o->next) {
            if (!dyn_bytes_equal(dyn_request_text(o, "AttributeName"), name))
                continue;
            return dyn_fail(call, DYN_INVALID,
                            INVALID "Duplicate AttributeName in "
                                    "AttributeDefinitions: %.*s",
                            SHOWN(name));
        }
        if (is_used(request, name)) continue;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Some AttributeDefinitions are not used: %.*s "
                                "is in no KeySchema",
                        SHOWN(name));
    }
    return DYN_OK;
}

static dyn_status check_keys(dyn_call *call, const dyn_json *request)
{
    const dyn_json *schema = dyn_request_member(request, "KeySchema");
    const dyn_json *definitions =
        dyn_request_member(request, "AttributeDefinitions");
    bool has_indexes =
        dyn_request_member(request, "LocalSecondaryIndexes") != NULL ||
        dyn_request_member(request, "GlobalSecondaryIndexes") != NULL;
    if (schema->count > definitions->count) {
        return dyn_fail(call, DYN_INVALID,
                        "Invalid KeySchema: Some index key attribute have no "
                        "definition");
    }
    DYN_TRY(dyn_table_check_keys(call, schema, definitions));
    if (has_indexes || schema->count == definitions->count) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    INVALID "Number of attributes in KeySchema does not "
                            "exactly match number of attributes defined in "
                            "AttributeDefinitions");
}

static dyn_status check_request(dyn_call *call, const dyn_json *request)
{
    const dyn_json *tags = dyn_request_member(request, "Tags");
    DYN_TRY(check_billing(call, request));
    DYN_TRY(check_keys(call, request));
    DYN_TRY(dyn_table_check_local_indexes(call, request));
    DYN_TRY(dyn_table_check_global_indexes(call, request));
    DYN_TRY(check_definitions(call, request));
    if (tags != NULL) DYN_TRY(dyn_table_check_tags(call, tags));
    DYN_TRY(dyn_table_check_new_warm(call, request, "table"));
    DYN_TRY(dyn_table_check_stream(call, request));
    return dyn_table_check_unsupported(call, request);
}

/* ----------------------------------------------------------- declaration -- */

/* Texts that are collected one by one. */
typedef struct arguments {
    dyn_call *call;
    const char **texts;
    size_t count;
} arguments;

static dyn_status add_text(arguments *in, dyn_buffer *text)
{
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(dyn_buffer_end(text, &bytes));
    in->texts[in->count++] = (const char *)bytes.data;
    return DYN_OK;
}

static dyn_status add_option(arguments *in, const char *name,
                             const dyn_json *object, const char *member)
{
    int64_t number = dyn_request_integer(object, member, -1);
    if (number < 0) return DYN_OK;
    char *text = dyn_format(in->call, "%s = %" PRId64, name, number);
    if (text == NULL) return DYN_NOMEM;
    in->texts[in->count++] = text;
    return DYN_OK;
}

/* The keys of the table first, then those of indexes. */
static dyn_status add_columns(arguments *in, const dyn_json *request)
{
    const dyn_json *schema = dyn_request_member(request, "KeySchema");
    const dyn_json *definitions =
        dyn_request_member(request, "AttributeDefinitions");
    for (int is_other = 0; is_other <= 1; is_other++) {
        const dyn_json *list = is_other ? definitions : schema;
        for (const dyn_json *c = list->first; c != NULL; c = c->next) {
            dyn_buffer text;
            dyn_bytes name = dyn_request_text(c, "AttributeName");
            if (is_other && has_key(schema, name)) continue;
            dyn_buffer_begin(&text, in->call, 64);
            dyn_declaration_print_key(&text, name,
                                      dyn_table_type_of(definitions, name));
            if (!is_other) {
                dyn_buffer_add_text(&text, c == schema->first ? " PARTITION KEY"
                                                              : " SORT KEY");
            }
            DYN_TRY(add_text(in, &text));
        }
    }
    return DYN_OK;
}

static void print_keys(dyn_buffer *out, const char *words,
                       const dyn_new_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        dyn_buffer_add_text(out, i == 0 ? words : ", ");
        dyn_declaration_print_key(out, keys[i].name, keys[i].type);
    }
    if (count > 0) dyn_buffer_add_byte(out, ')');
}

static void print_projection(dyn_buffer *out, const dyn_new_index *index)
{
    if (index->project == DYN_PROJECT_KEYS)
        dyn_buffer_add_text(out, " PROJECT KEYS");
    if (index->project != DYN_PROJECT_SOME) return;
    for (size_t i = 0; i < index->included_count; i++) {
        dyn_buffer_add_text(out, i == 0 ? " PROJECT (" : ", ");
        dyn_declaration_print_name(out, index->included[i]);
    }
    dyn_buffer_add_byte(out, ')');
}

static void print_number(dyn_buffer *out, const char *words, int64_t number)
{
    char text[32];
    if (number == 0) return;
    snprintf(text, sizeof(text), "%" PRId64, number);
    dyn_buffer_add_text(out, words);
    dyn_buffer_add_text(out, number == DYN_UNITS_NONE ? "NULL" : text);
}

/* The partition key of a local index is that of its table. */
static void print_index(dyn_buffer *out, const dyn_new_index *index,
                        bool is_local)
{
    const dyn_throughput *units = &index->throughput;
    dyn_buffer_add_text(out, is_local ? "LOCAL INDEX " : "GLOBAL INDEX ");
    dyn_declaration_print_name(out, index->name);
    if (!is_local) {
        print_keys(out, " PARTITION KEY (", index->partition,
                   index->partition_count);
    }
    print_keys(out, is_local ? " (" : " SORT KEY (", index->sort,
               index->sort_count);
    print_projection(out, index);
    print_number(out, " READ UNITS ", units->read_units);
    print_number(out, " WRITE UNITS ", units->write_units);
    print_number(out, " MAX READ UNITS ", units->max_read_units);
    print_number(out, " MAX WRITE UNITS ", units->max_write_units);
    print_number(out, " WARM READ UNITS ", units->warm_read_units);
    print_number(out, " WARM WRITE UNITS ", units->warm_write_units);
}

static dyn_status add_indexes(arguments *in, const dyn_json *request,
                              bool is_local)
{
    const dyn_json *list = dyn_request_member(
        request, is_local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes");
    if (list == NULL) return DYN_OK;
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        dyn_buffer text;
        dyn_new_index index;
        DYN_TRY(dyn_table_read_index(
            in->call, c, dyn_request_member(request, "AttributeDefinitions"),
            &index));
        dyn_buffer_begin(&text, in->call, 128);
        print_index(&text, &index, is_local);
        DYN_TRY(add_text(in, &text));
    }
    return DYN_OK;
}

static dyn_status add_stream(arguments *in, const dyn_json *request)
{
    dyn_stream_view view = dyn_table_read_stream(request);
    if (view == DYN_STREAM_OFF) return DYN_OK;
    char *text =
        dyn_format(in->call, "stream = '%s'", dyn_stream_view_name(view));
    if (text == NULL) return DYN_NOMEM;
    in->texts[in->count++] = text;
    return DYN_OK;
}

static dyn_status add_options(arguments *in, const dyn_json *request)
{
    const dyn_json *throughput =
        dyn_request_member(request, "ProvisionedThroughput");
    const dyn_json *limits = dyn_request_member(request, "OnDemandThroughput");
    const dyn_json *warm = dyn_request_member(request, "WarmThroughput");
    if (throughput != NULL) {
        in->texts[in->count++] = "billing = 'provisioned'";
        DYN_TRY(add_option(in, "read_units", throughput, "ReadCapacityUnits"));
        DYN_TRY(
            add_option(in, "write_units", throughput, "WriteCapacityUnits"));
    }
    if (limits != NULL) {
        DYN_TRY(
            add_option(in, "max_read_units", limits, "MaxReadRequestUnits"));
        DYN_TRY(
            add_option(in, "max_write_units", limits, "MaxWriteRequestUnits"));
    }
    if (warm != NULL) {
        DYN_TRY(add_option(in, "warm_read_units", warm, "ReadUnitsPerSecond"));
        DYN_TRY(
            add_option(in, "warm_write_units", warm, "WriteUnitsPerSecond"));
    }
    DYN_TRY(add_stream(in, request));
    if (dyn_request_flag(request, "DeletionProtectionEnabled", false))
        in->texts[in->count++] = "deletion_protection = 'on'";
    if (dyn_request_is(request, "TableClass", "STANDARD_INFREQUENT_ACCESS"))
        in->texts[in->count++] = "table_class = 'infrequent_access'";
    return DYN_OK;
}

static dyn_status declare(dyn_call *call, const dyn_json *request,
                          arguments *out)
{
    enum { OTHERS = 2 + DYN_INDEXES_MAX + 10 };
    const dyn_json *definitions =
        dyn_request_member(request, "AttributeDefinitions");
    *out = (arguments){.call = call};
    out->texts =
        dyn_alloc(call, (definitions->count + OTHERS) * sizeof(char *));
    if (out->texts == NULL) return DYN_NOMEM;
    DYN_TRY(add_columns(out, request));
    DYN_TRY(add_indexes(out, request, true));
    DYN_TRY(add_indexes(out, request, false));
    return add_options(out, request);
}

/* ------------------------------------------------------------- operation -- */

dyn_status dyn_create_table(dyn_call *call, const dyn_host *host,
                            const dyn_json *request, dyn_table **out)
{
    arguments all;
    dyn_bytes name = {NULL, 0};
    DYN_TRY(check_request(call, request));
    DYN_TRY(dyn_copy(
        call, dyn_host_table_name(dyn_request_text(request, "TableName")),
        &name));
    DYN_TRY(declare(call, request, &all));
    const dyn_new_table made = {name, "ResourceInUseException", all.texts,
                                all.count};
    DYN_TRY(host->begin_atomic(host->context, call));
    return dyn_host_create(call, host, &made, out);
}

static dyn_status create_table(dyn_call *call, const dyn_host *host,
                               const dyn_json *request, dyn_buffer *response)
{
    dyn_table *table = NULL;
    const dyn_json *tags = dyn_request_member(request, "Tags");
    DYN_TRY(dyn_create_table(call, host, request, &table));
    for (const dyn_json *c = tags == NULL ? NULL : tags->first; c != NULL;
         c = c->next) {
        DYN_TRY(dyn_tag_set(call, table, dyn_request_text(c, "Key"),
                            dyn_request_text(c, "Value")));
    }
    return dyn_table_describe(call, response, "TableDescription", table,
                              "CREATING", NULL);
}

const dyn_operation dyn_operation_create_table = {"CreateTable", &input,
                                                  create_table};
