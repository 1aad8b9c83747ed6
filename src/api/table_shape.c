/* Shapes and rules of tables; the contracts are in table_shape.h. */
#include "api/table_shape.h"

#include "api/request.h"
#include "base/exception.h"
#include "engine/declaration.h"
#include "engine/peak.h"

#include <inttypes.h>
#include <stdio.h>

#define INVALID      "One or more parameter values were invalid: "
#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* ---------------------------------------------------------------- shapes -- */

const dyn_shape dyn_shape_own_table = {.kind = DYN_SHAPE_STRING,
                                       .has_min = true,
                                       .min = 3,
                                       .has_max = true,
                                       .max = 255,
                                       .is_resource = true,
                                       .is_first = true};

static const dyn_shape key_name = {.kind = DYN_SHAPE_STRING,
                                   .has_min = true,
                                   .min = 1,
                                   .has_max = true,
                                   .max = 255};
static const char *const type_words[] = {"B", "N", "S", NULL};
static const dyn_shape type = {.kind = DYN_SHAPE_STRING, .words = type_words};
static const dyn_shape_member definition_members[] = {
    {"AttributeName", &key_name, true},
    {"AttributeType", &type, true},
    {NULL, NULL, false},
};
static const dyn_shape definition = {.kind = DYN_SHAPE_STRUCTURE,
                                     .class_name = "AttributeDefinition",
                                     .members = definition_members};
const dyn_shape dyn_shape_definitions = {.kind = DYN_SHAPE_LIST,
                                         .element = &definition};

static const char *const key_words[] = {"HASH", "RANGE", NULL};
static const dyn_shape key_type = {.kind = DYN_SHAPE_STRING,
                                   .words = key_words};
static const dyn_shape_member key_members[] = {
    {"AttributeName", &key_name, true},
    {"KeyType", &key_type, true},
    {NULL, NULL, false},
};
static const dyn_shape key = {.kind = DYN_SHAPE_STRUCTURE,
                              .class_name = "KeySchemaElement",
                              .members = key_members};
const dyn_shape dyn_shape_key_schema = {.kind = DYN_SHAPE_LIST,
                                        .has_min = true,
                                        .min = 1,
                                        .has_max = true,
                                        .max = 2,
                                        .element = &key};
const dyn_shape dyn_shape_index_schema = {.kind = DYN_SHAPE_LIST,
                                          .has_min = true,
                                          .min = 1,
                                          .has_max = true,
                                          .max = 8,
                                          .element = &key};

const dyn_shape dyn_shape_index_name = {.kind = DYN_SHAPE_STRING,
                                        .has_min = true,
                                        .min = 3,
                                        .has_max = true,
                                        .max = 255,
                                        .is_name = true};

static const char *const billing_words[] = {"PROVISIONED", "PAY_PER_REQUEST",
                                            NULL};
const dyn_shape dyn_shape_billing = {.kind = DYN_SHAPE_STRING,
                                     .words = billing_words};

static const dyn_shape units = {
    .kind = DYN_SHAPE_LONG, .has_min = true, .min = 1};
static const dyn_shape_member throughput_members[] = {
    {"WriteCapacityUnits", &units, true},
    {"ReadCapacityUnits", &units, true},
    {NULL, NULL, false},
};
const dyn_shape dyn_shape_throughput = {.kind = DYN_SHAPE_STRUCTURE,
                                        .class_name = "ProvisionedThroughput",
                                        .members = throughput_members};

static const dyn_shape any_long = {.kind = DYN_SHAPE_LONG, .is_free = true};
static const dyn_shape_member on_demand_members[] = {
    {"MaxReadRequestUnits", &any_long, false},
    {"MaxWriteRequestUnits", &any_long, false},
    {NULL, NULL, false},
};
const dyn_shape dyn_shape_on_demand = {.kind = DYN_SHAPE_STRUCTURE,
                                       .class_name = "OnDemandThroughput",
                                       .members = on_demand_members};

static const dyn_shape_member warm_members[] = {
    {"ReadUnitsPerSecond", &any_long, false},
    {"WriteUnitsPerSecond", &any_long, false},
    {NULL, NULL, false},
};
const dyn_shape dyn_shape_warm = {.kind = DYN_SHAPE_STRUCTURE,
                                  .class_name = "WarmThroughput",
                                  .members = warm_members};

static const char *const projection_words[] = {"ALL", "INCLUDE", "KEYS_ONLY",
                                               NULL};
static const dyn_shape projection_type = {.kind = DYN_SHAPE_STRING,
                                          .words = projection_words};
static const dyn_shape projected = {.kind = DYN_SHAPE_LIST,
                                    .has_min = true,
                                    .min = 1,
                                    .has_max = true,
                                    .max = 20,
                                    .element = &key_name};
static const dyn_shape_member projection_members[] = {
    {"ProjectionType", &projection_type, false},
    {"NonKeyAttributes", &projected, false},
    {NULL, NULL, false},
};
const dyn_shape dyn_shape_projection = {.kind = DYN_SHAPE_STRUCTURE,
                                        .class_name = "Projection",
                                        .members = projection_members};

static const dyn_shape_member local_members[] = {
    {"IndexName", &dyn_shape_index_name, true},
    {"KeySchema", &dyn_shape_key_schema, true},
    {"Projection", &dyn_shape_projection, true},
    {NULL, NULL, false},
};
static const dyn_shape local_index = {.kind = DYN_SHAPE_STRUCTURE,
                                      .class_name = "LocalSecondaryIndex",
                                      .members = local_members};
const dyn_shape dyn_shape_locals = {.kind = DYN_SHAPE_LIST,
                                    .element = &local_index};

static const dyn_shape_member global_members[] = {
    {"IndexName", &dyn_shape_index_name, true},
    {"KeySchema", &dyn_shape_index_schema, true},
    {"Projection", &dyn_shape_projection, true},
    {"ProvisionedThroughput", &dyn_shape_throughput, false},
    {"OnDemandThroughput", &dyn_shape_on_demand, false},
    {"WarmThroughput", &dyn_shape_warm, false},
    {NULL, NULL, false},
};
static const dyn_shape global_index = {.kind = DYN_SHAPE_STRUCTURE,
                                       .class_name = "GlobalSecondaryIndex",
                                       .members = global_members};
const dyn_shape dyn_shape_globals = {.kind = DYN_SHAPE_LIST,
                                     .element = &global_index};

static const char *const class_words[] = {"STANDARD",
                                          "STANDARD_INFREQUENT_ACCESS", NULL};
const dyn_shape dyn_shape_table_class = {.kind = DYN_SHAPE_STRING,
                                         .words = class_words};

static const char *const view_words[] = {
    "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY", NULL};
static const dyn_shape view_type = {.kind = DYN_SHAPE_STRING,
                                    .words = view_words};
static const dyn_shape_member stream_members[] = {
    {"StreamEnabled", &dyn_shape_boolean, true},
    {"StreamViewType", &view_type, false},
    {NULL, NULL, false},
};
const dyn_shape dyn_shape_stream = {.kind = DYN_SHAPE_STRUCTURE,
                                    .class_name = "StreamSpecification",
                                    .members = stream_members};

static const char *const encryption_words[] = {"AES256", "KMS", NULL};
static const dyn_shape encryption_type = {.kind = DYN_SHAPE_STRING,
                                          .words = encryption_words};
static const dyn_shape_member encryption_members[] = {
    {"Enabled", &dyn_shape_boolean, false},
    {"SSEType", &encryption_type, false},
    {"KMSMasterKeyId", &dyn_shape_string, false},
    {NULL, NULL, false},
};
const dyn_shape dyn_shape_encryption = {.kind = DYN_SHAPE_STRUCTURE,
                                        .class_name = "SSESpecification",
                                        .members = encryption_members};

static const dyn_shape tag_key = {.kind = DYN_SHAPE_STRING,
                                  .has_min = true,
                                  .min = 1,
                                  .has_max = true,
                                  .max = 128};
static const dyn_shape tag_value = {
    .kind = DYN_SHAPE_STRING, .has_max = true, .max = 256};
static const dyn_shape_member tag_members[] = {
    {"Key", &tag_key, true},
    {"Value", &tag_value, true},
    {NULL, NULL, false},
};
static const dyn_shape tag = {
    .kind = DYN_SHAPE_STRUCTURE, .class_name = "Tag", .members = tag_members};
const dyn_shape dyn_shape_tags = {.kind = DYN_SHAPE_LIST, .element = &tag};

const dyn_shape dyn_shape_tag_keys = {.kind = DYN_SHAPE_LIST,
                                      .element = &tag_key};
const dyn_shape dyn_shape_resource_arn = {
    .kind = DYN_SHAPE_STRING, .has_max = true, .max = 1283};

static const char *const settings_words[] = {"ENABLED", "DISABLED",
                                             "ENABLED_WITH_OVERRIDES", NULL};
const dyn_shape dyn_shape_settings_replication = {.kind = DYN_SHAPE_STRING,
                                                  .words = settings_words};

static const dyn_shape_member no_members[] = {{NULL, NULL, false}};
static const dyn_shape any_structure = {.kind = DYN_SHAPE_STRUCTURE,
                                        .is_free = true,
                                        .class_name = "Object",
                                        .members = no_members};
const dyn_shape dyn_shape_any_list = {
    .kind = DYN_SHAPE_LIST, .is_free = true, .element = &any_structure};

/* ----------------------------------------------------------- unsupported -- */

static dyn_status fail_unsupported(dyn_call *call, const char *what)
{
    return dyn_fail(call, DYN_INVALID,
                    INVALID "this version of dynamo does not have %s", what);
}

dyn_status dyn_table_check_on_demand(dyn_call *call, const dyn_json *object)
{
    static const char *const names[] = {"MaxReadRequestUnits",
                                        "MaxWriteRequestUnits"};
    const dyn_json *limits = dyn_request_member(object, "OnDemandThroughput");
    for (size_t i = 0; limits != NULL && i < 2; i++) {
        int64_t given = dyn_request_integer(limits, names[i], -1);
        if (given == -1 || given > 0) continue;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "%s is to be above 0, or -1 for no limit: "
                                "%" PRId64,
                        names[i], given);
    }
    return DYN_OK;
}

static dyn_status check_warm(dyn_call *call, const dyn_json *warm,
                             const char *member, const char *of, int64_t there)
{
    int64_t given = dyn_request_integer(warm, member, there);
    if (given > DYN_TABLE_UNITS_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Requested %s for WarmThroughput for %s is "
                                "above the limit of %d",
                        member, of, DYN_TABLE_UNITS_MAX);
    }
    if (given >= there) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    INVALID "Requested %s for WarmThroughput for %s is lower "
                            "than current WarmThroughput, decreasing "
                            "WarmThroughput is not supported: %" PRId64
                            " is lower than %" PRId64,
                    member, of, given, there);
}

dyn_status dyn_table_check_warm(dyn_call *call, const dyn_json *object,
                                const char *of, dyn_warm_units there)
{
    const dyn_json *warm = dyn_request_member(object, "WarmThroughput");
    if (warm == NULL) return DYN_OK;
    DYN_TRY(check_warm(call, warm, "ReadUnitsPerSecond", of, there.read_units));
    return check_warm(call, warm, "WriteUnitsPerSecond", of, there.write_units);
}

dyn_status dyn_table_check_new_warm(dyn_call *call, const dyn_json *object,
                                    const char *of)
{
    dyn_warm_units there = {DYN_ON_DEMAND_READ_UNITS,
                            DYN_ON_DEMAND_WRITE_UNITS};
    const dyn_json *provisioned =
        dyn_request_member(object, "ProvisionedThroughput");
    if (provisioned != NULL) {
        there.read_units =
            dyn_request_integer(provisioned, "ReadCapacityUnits", 1);
        there.write_units =
            dyn_request_integer(provisioned, "WriteCapacityUnits", 1);
    }
    return dyn_table_check_warm(call, object, of, there);
}

dyn_status dyn_table_check_stream(dyn_call *call, const dyn_json *request)
{
    const dyn_json *stream = dyn_request_member(request, "StreamSpecification");
    if (stream == NULL) return DYN_OK;
    bool is_enabled = dyn_request_flag(stream, "StreamEnabled", false);
    if (is_enabled == (dyn_request_member(stream, "StreamViewType") != NULL))
        return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    is_enabled
                        ? INVALID "StreamEnabled: true needs a StreamViewType"
                        : INVALID "StreamViewType goes with StreamEnabled: "
                                  "true");
}

dyn_stream_view dyn_table_read_stream(const dyn_json *request)
{
    const dyn_json *stream = dyn_request_member(request, "StreamSpecification");
    dyn_stream_view view = DYN_STREAM_OFF;
    if (stream != NULL)
        dyn_stream_view_of(dyn_request_text(stream, "StreamViewType"), &view);
    return view;
}

static dyn_status check_encryption(dyn_call *call, const dyn_json *encryption)
{
    if (encryption == NULL) return DYN_OK;
    if (!dyn_request_flag(encryption, "Enabled", false) &&
        dyn_request_member(encryption, "SSEType") == NULL &&
        dyn_request_member(encryption, "KMSMasterKeyId") == NULL) {
        return DYN_OK;
    }
    return fail_unsupported(call, "encryption with a key (SSESpecification)");
}

dyn_status dyn_table_check_unsupported(dyn_call *call, const dyn_json *request)
{
    static const struct {
        const char *member;
        const char *what;
    } unsupported[] = {
        {"ResourcePolicy", "resource policies (ResourcePolicy)"},
        {"GlobalTableSourceArn", "global tables (GlobalTableSourceArn)"},
        {"GlobalTableSettingsReplicationMode",
         "global tables (GlobalTableSettingsReplicationMode)"},
        {"GlobalTableWitnessUpdates",
         "global tables (GlobalTableWitnessUpdates)"},
        {"VectorIndexes", "vector indexes (VectorIndexes)"},
        {"VectorIndexUpdates", "vector indexes (VectorIndexUpdates)"},
    };
    DYN_TRY(check_encryption(call,
                             dyn_request_member(request, "SSESpecification")));
    DYN_TRY(dyn_table_check_on_demand(call, request));
    for (size_t i = 0; i < sizeof(unsupported) / sizeof(unsupported[0]); i++) {
        if (dyn_request_member(request, unsupported[i].member) != NULL)
            return fail_unsupported(call, unsupported[i].what);
    }
    return DYN_OK;
}

/* ------------------------------------------------------------------ keys -- */

static dyn_bytes name_of(const dyn_json *element)
{
    return dyn_request_text(element, "AttributeName");
}

static const dyn_json *find_name(const dyn_json *list, dyn_bytes name)
{
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        if (dyn_bytes_equal(name_of(c), name)) return c;
    }
    return NULL;
}

static void write_names(dyn_buffer *out, const dyn_json *list)
{
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        if (c != list->first) dyn_buffer_add_text(out, ", ");
        dyn_buffer_add_bytes(out, name_of(c));
    }
}

static dyn_status fail_undefined(dyn_call *call, const dyn_json *schema,
                                 const dyn_json *definitions)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    dyn_buffer_begin(&text, call, 256);
    write_names(&text, schema);
    dyn_buffer_add_text(&text, "], AttributeDefinitions: [");
    write_names(&text, definitions);
    DYN_TRY(dyn_buffer_end(&text, &bytes));
    return dyn_fail(call, DYN_INVALID,
                    INVALID "Some index key attributes are not defined in "
                            "AttributeDefinitions. Keys: [%.*s]",
                    SHOWN(bytes));
}

static dyn_status check_defined(dyn_call *call, const dyn_json *schema,
                                const dyn_json *definitions)
{
    for (const dyn_json *c = schema->first; c != NULL; c = c->next) {
        if (find_name(definitions, name_of(c)) == NULL)
            return fail_undefined(call, schema, definitions);
    }
    return DYN_OK;
}

static bool is_hash(const dyn_json *element)
{
    return dyn_request_is(element, "KeyType", "HASH");
}

static dyn_status check_distinct(dyn_call *call, const dyn_json *schema)
{
    for (const dyn_json *c = schema->first; c != NULL; c = c->next) {
        if (find_name(schema, name_of(c)) == c) continue;
        return dyn_fail(call, DYN_INVALID,
                        "Both the Hash Key and the Range Key element in the "
                        "KeySchema have the same name");
    }
    return DYN_OK;
}

dyn_status dyn_table_check_keys(dyn_call *call, const dyn_json *schema,
                                const dyn_json *definitions)
{
    const dyn_json *second = schema->first->next;
    DYN_TRY(check_defined(call, schema, definitions));
    DYN_TRY(check_distinct(call, schema));
    if (!is_hash(schema->first)) {
        return dyn_fail(call, DYN_INVALID,
                        "Invalid KeySchema: The first KeySchemaElement is not "
                        "a HASH key type");
    }
    if (second == NULL || !is_hash(second)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "Invalid KeySchema: The second KeySchemaElement is not a "
                    "RANGE key type");
}

/* Up to four of each, those of the partition key first. */
static dyn_status check_index_keys(dyn_call *call, const dyn_json *schema,
                                   const dyn_json *definitions)
{
    size_t counts[2] = {0, 0};
    DYN_TRY(check_defined(call, schema, definitions));
    DYN_TRY(check_distinct(call, schema));
    if (!is_hash(schema->first)) {
        return dyn_fail(call, DYN_INVALID,
                        "Invalid KeySchema: The first KeySchemaElement is not "
                        "a HASH key type");
    }
    for (const dyn_json *c = schema->first; c != NULL; c = c->next) {
        bool is_range = !is_hash(c);
        if (!is_range && counts[true] > 0) {
            return dyn_fail(call, DYN_INVALID,
                            "Invalid KeySchema: the HASH elements come before "
                            "the RANGE elements");
        }
        if (++counts[is_range] > DYN_KEY_ATTRIBUTES_MAX) {
            return dyn_fail(call, DYN_INVALID,
                            "Invalid KeySchema: more than %d %s elements",
                            DYN_KEY_ATTRIBUTES_MAX,
                            is_range ? "RANGE" : "HASH");
        }
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- indexes -- */

static dyn_status check_names(dyn_call *call, const dyn_json *projection)
{
    const dyn_json *names = dyn_request_member(projection, "NonKeyAttributes");
    for (const dyn_json *c = names == NULL ? NULL : names->first; c != NULL;
         c = c->next) {
        if (memchr(c->text.data, 0, c->text.size_bytes) == NULL) continue;
        return dyn_fail(call, DYN_INVALID,
                        INVALID "the name of a projected attribute cannot have "
                                "a zero character");
    }
    return DYN_OK;
}

static dyn_status check_projection(dyn_call *call, const dyn_json *index)
{
    const dyn_json *projection = dyn_request_member(index, "Projection");
    dyn_bytes word = dyn_request_text(projection, "ProjectionType");
    bool is_include = dyn_bytes_equal_text(word, "INCLUDE");
    bool has_names = dyn_request_member(projection, "NonKeyAttributes") != NULL;
    if (word.data == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Unknown ProjectionType: null");
    }
    if (has_names == is_include) return check_names(call, projection);
    return dyn_fail(call, DYN_INVALID,
                    INVALID "ProjectionType is %.*s, but NonKeyAttributes is "
                            "%sspecified",
                    SHOWN(word), is_include ? "not " : "");
}

static dyn_status check_name(dyn_call *call, const dyn_json *list,
                             const dyn_json *index)
{
    dyn_bytes name = dyn_request_text(index, "IndexName");
    for (const dyn_json *c = list->first; c != NULL && c != index;
         c = c->next) {
        if (!dyn_bytes_equal_nocase(dyn_request_text(c, "IndexName"), name))
            continue;
        return dyn_fail(call, DYN_INVALID, INVALID "Duplicate index name: %.*s",
                        SHOWN(name));
    }
    return DYN_OK;
}

static dyn_status check_local_index(dyn_call *call, const dyn_json *request,
                                    const dyn_json *index)
{
    const dyn_json *schema = dyn_request_member(index, "KeySchema");
    const dyn_json *table = dyn_request_member(request, "KeySchema");
    dyn_bytes name = dyn_request_text(index, "IndexName");
    DYN_TRY(dyn_table_check_keys(
        call, schema, dyn_request_member(request, "AttributeDefinitions")));
    if (schema->count < 2) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Index KeySchema does not have a range key for "
                                "index: %.*s",
                        SHOWN(name));
    }
    dyn_bytes own = name_of(schema->first);
    dyn_bytes hash = name_of(table->first);
    if (!dyn_bytes_equal(own, hash)) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Index KeySchema does not have the same "
                                "leading hash key as table KeySchema for "
                                "index: %.*s. index hash key: %.*s, table hash "
                                "key: %.*s",
                        SHOWN(name), SHOWN(own), SHOWN(hash));
    }
    return check_projection(call, index);
}

static dyn_status check_count(dyn_call *call, const dyn_json *list,
                              const char *name)
{
    if (list->count > 0) return DYN_OK;
    return dyn_fail(call, DYN_INVALID, INVALID "List of %s is empty", name);
}

dyn_status dyn_table_check_local_indexes(dyn_call *call,
                                         const dyn_json *request)
{
    static const char member[] = "LocalSecondaryIndexes";
    const dyn_json *list = dyn_request_member(request, member);
    if (list == NULL) return DYN_OK;
    DYN_TRY(check_count(call, list, member));
    if (dyn_request_member(request, "KeySchema")->count < 2) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Table KeySchema does not have a range key, "
                                "which is required when specifying a "
                                "LocalSecondaryIndex");
    }
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        DYN_TRY(check_local_index(call, request, c));
        DYN_TRY(check_name(call, list, c));
    }
    if (list->count <= DYN_LOCAL_INDEXES_MAX) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    INVALID "Number of LocalSecondaryIndexes exceeds "
                            "per-table limit of %d",
                    DYN_LOCAL_INDEXES_MAX);
}

dyn_status dyn_table_check_global_index(dyn_call *call, const dyn_json *index,
                                        const dyn_json *definitions)
{
    dyn_bytes name = dyn_request_text(index, "IndexName");
    const char *of = dyn_format(call, "index %.*s", SHOWN(name));
    if (of == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_table_check_new_warm(call, index, of));
    DYN_TRY(dyn_table_check_on_demand(call, index));
    DYN_TRY(check_index_keys(call, dyn_request_member(index, "KeySchema"),
                             definitions));
    return check_projection(call, index);
}

dyn_status dyn_table_check_index_units(dyn_call *call, const dyn_json *index,
                                       bool is_provisioned)
{
    dyn_bytes name = dyn_request_text(index, "IndexName");
    const dyn_json *throughput =
        dyn_request_member(index, "ProvisionedThroughput");
    if (throughput != NULL && !is_provisioned) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "ProvisionedThroughput should not be specified "
                                "for index: %.*s when BillingMode is "
                                "PAY_PER_REQUEST",
                        SHOWN(name));
    }
    if (throughput == NULL && is_provisioned) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "ProvisionedThroughput must be specified for "
                                "index: %.*s",
                        SHOWN(name));
    }
    return throughput == NULL
               ? DYN_OK
               : dyn_table_check_new_units(call, throughput, name);
}

dyn_status dyn_table_check_global_indexes(dyn_call *call,
                                          const dyn_json *request)
{
    static const char member[] = "GlobalSecondaryIndexes";
    const dyn_json *list = dyn_request_member(request, member);
    const dyn_json *local =
        dyn_request_member(request, "LocalSecondaryIndexes");
    bool is_provisioned =
        !dyn_request_is(request, "BillingMode", "PAY_PER_REQUEST");
    if (list == NULL) return DYN_OK;
    DYN_TRY(check_count(call, list, member));
    for (const dyn_json *c = list->first; c != NULL; c = c->next) {
        DYN_TRY(dyn_table_check_global_index(
            call, c, dyn_request_member(request, "AttributeDefinitions")));
        DYN_TRY(dyn_table_check_index_units(call, c, is_provisioned));
        DYN_TRY(check_name(call, list, c));
        if (local != NULL) DYN_TRY(check_name(call, local, c));
    }
    if (list->count <= DYN_GLOBAL_INDEXES_MAX) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    INVALID "GlobalSecondaryIndex count exceeds the per-table "
                            "limit of %d",
                    DYN_GLOBAL_INDEXES_MAX);
}

/* ------------------------------------------------------- units and tags -- */

static const char *const unit_members[] = {"ReadCapacityUnits",
                                           "WriteCapacityUnits"};

dyn_status dyn_table_check_new_units(dyn_call *call, const dyn_json *throughput,
                                     dyn_bytes index)
{
    for (size_t i = 0; i < 2; i++) {
        int64_t given = dyn_request_integer(throughput, unit_members[i], 1);
        if (given <= DYN_TABLE_UNITS_MAX) continue;
        return dyn_fail(call, DYN_INVALID,
                        "Given value %" PRId64 " for %s is out of bounds%s%.*s",
                        given, unit_members[i],
                        index.data == NULL ? "" : " for index ", SHOWN(index));
    }
    return DYN_OK;
}

dyn_status dyn_table_check_units(dyn_call *call, const dyn_json *throughput)
{
    static const int64_t bound = INT64_C(1000000000000);
    for (size_t i = 0; i < 2; i++) {
        int64_t given = dyn_request_integer(throughput, unit_members[i], 1);
        if (given > bound) {
            return dyn_fail(call, DYN_INVALID,
                            "Given value %" PRId64 " for %s is out of bounds",
                            given, unit_members[i]);
        }
        if (given > DYN_TABLE_UNITS_MAX) {
            return dyn_fail_as(call, "LimitExceededException",
                               "Subscriber limit exceeded: the limit of %s of "
                               "a table or index is %d",
                               unit_members[i], DYN_TABLE_UNITS_MAX);
        }
    }
    return DYN_OK;
}

dyn_status dyn_table_check_tags(dyn_call *call, const dyn_json *tags)
{
    if (tags->count > DYN_TAGS_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        INVALID "Too many Tags: a table has up to %d",
                        DYN_TAGS_MAX);
    }
    for (const dyn_json *c = tags->first; c != NULL; c = c->next) {
        dyn_bytes name = dyn_request_text(c, "Key");
        dyn_bytes value = dyn_request_text(c, "Value");
        for (const dyn_json *o = tags->first; o != c; o = o->next) {
            if (!dyn_bytes_equal(dyn_request_text(o, "Key"), name)) continue;
            return dyn_fail(call, DYN_INVALID,
                            INVALID "Duplicate tag key: %.*s", SHOWN(name));
        }
        if (memchr(name.data, 0, name.size_bytes) != NULL ||
            (value.size_bytes > 0 &&
             memchr(value.data, 0, value.size_bytes) != NULL)) {
            return dyn_fail(call, DYN_INVALID,
                            INVALID "a tag cannot have a zero character");
        }
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- indexes -- */

dyn_type dyn_table_type_of(const dyn_json *definitions, dyn_bytes name)
{
    const dyn_json *found = find_name(definitions, name);
    if (dyn_request_is(found, "AttributeType", "S")) return DYN_TYPE_S;
    return dyn_request_is(found, "AttributeType", "N") ? DYN_TYPE_N
                                                       : DYN_TYPE_B;
}

static dyn_status read_keys(dyn_call *call, const dyn_json *schema,
                            const dyn_json *definitions, dyn_new_index *out)
{
    for (const dyn_json *c = schema->first; c != NULL; c = c->next) {
        size_t *count = is_hash(c) ? &out->partition_count : &out->sort_count;
        dyn_new_key *keys = is_hash(c) ? out->partition : out->sort;
        dyn_new_key *last = &keys[(*count)++];
        DYN_TRY(dyn_copy(call, name_of(c), &last->name));
        last->type = dyn_table_type_of(definitions, name_of(c));
        last->has_type = true;
    }
    return DYN_OK;
}

static dyn_status read_projection(dyn_call *call, const dyn_json *projection,
                                  dyn_new_index *out)
{
    const dyn_json *names = dyn_request_member(projection, "NonKeyAttributes");
    if (dyn_request_is(projection, "ProjectionType", "KEYS_ONLY"))
        out->project = DYN_PROJECT_KEYS;
    if (names == NULL) return DYN_OK;
    dyn_bytes *all = dyn_alloc(call, names->count * sizeof(dyn_bytes));
    if (all == NULL) return DYN_NOMEM;
    out->project = DYN_PROJECT_SOME;
    out->included = all;
    for (const dyn_json *c = names->first; c != NULL; c = c->next)
        DYN_TRY(dyn_copy(call, c->text, &all[out->included_count++]));
    return DYN_OK;
}

/* -1: no limit. */
static int64_t read_number(const dyn_json *object, const char *member)
{
    if (object == NULL || dyn_request_member(object, member) == NULL) return 0;
    int64_t number = dyn_request_integer(object, member, 0);
    return number < 0 ? DYN_UNITS_NONE : number;
}

dyn_throughput dyn_table_read_units(const dyn_json *index)
{
    const dyn_json *throughput =
        dyn_request_member(index, "ProvisionedThroughput");
    const dyn_json *on_demand = dyn_request_member(index, "OnDemandThroughput");
    const dyn_json *warm = dyn_request_member(index, "WarmThroughput");
    return (dyn_throughput){
        .read_units = read_number(throughput, "ReadCapacityUnits"),
        .write_units = read_number(throughput, "WriteCapacityUnits"),
        .max_read_units = read_number(on_demand, "MaxReadRequestUnits"),
        .max_write_units = read_number(on_demand, "MaxWriteRequestUnits"),
        .warm_read_units = read_number(warm, "ReadUnitsPerSecond"),
        .warm_write_units = read_number(warm, "WriteUnitsPerSecond"),
    };
}

dyn_status dyn_table_read_index(dyn_call *call, const dyn_json *index,
                                const dyn_json *definitions, dyn_new_index *out)
{
    *out = (dyn_new_index){.throughput = dyn_table_read_units(index)};
    DYN_TRY(dyn_copy(call, dyn_request_text(index, "IndexName"), &out->name));
    DYN_TRY(read_keys(call, dyn_request_member(index, "KeySchema"), definitions,
                      out));
    return read_projection(call, dyn_request_member(index, "Projection"), out);
}
