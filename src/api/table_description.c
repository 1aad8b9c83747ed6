/* Descriptions of tables; the contract is in table_description.h. */
#include "api/table_description.h"

#include "api/replica_updates.h"
#include "api/response.h"
#include "api/stream_shape.h"
#include "engine/restore.h"
#include "engine/throughput_history.h"
#include "item/json.h"

#include <inttypes.h>
#include <stdio.h>

static void begin(dyn_buffer *out, const char *name, char bracket)
{
    dyn_response_name(out, name);
    dyn_buffer_add_byte(out, (unsigned char)bracket);
}

/* ------------------------------------------------------------------ keys -- */

static void write_definitions(dyn_buffer *out, const dyn_definition *definition)
{
    begin(out, "AttributeDefinitions", '[');
    for (size_t i = 0; i < definition->attribute_count; i++) {
        bool is_key = dyn_key_schema_has(&definition->key, i);
        for (size_t x = 0; x < definition->index_count; x++) {
            is_key =
                is_key || dyn_key_schema_has(&definition->indexes[x].key, i);
        }
        if (!is_key) continue;
        dyn_response_element(out);
        dyn_buffer_add_byte(out, '{');
        dyn_response_text(out, "AttributeName", definition->columns[i].name);
        dyn_response_text(
            out, "AttributeType",
            dyn_bytes_text(dyn_type_name(definition->columns[i].type)));
        dyn_buffer_add_byte(out, '}');
    }
    dyn_buffer_add_byte(out, ']');
}

static void write_keys(dyn_buffer *out, const dyn_definition *definition,
                       const uint16_t *columns, size_t count, const char *type)
{
    for (size_t i = 0; i < count; i++) {
        dyn_response_element(out);
        dyn_buffer_add_byte(out, '{');
        dyn_response_text(out, "AttributeName",
                          definition->columns[columns[i]].name);
        dyn_response_text(out, "KeyType", dyn_bytes_text(type));
        dyn_buffer_add_byte(out, '}');
    }
}

void dyn_table_describe_key(dyn_buffer *out, const dyn_definition *definition,
                            const dyn_key_schema *key)
{
    begin(out, "KeySchema", '[');
    write_keys(out, definition, key->partition, key->partition_count, "HASH");
    write_keys(out, definition, key->sort, key->sort_count, "RANGE");
    dyn_buffer_add_byte(out, ']');
}

/* ------------------------------------------------------------ throughput -- */

static dyn_status read_units(dyn_call *call, dyn_table *table, dyn_bytes name,
                             const dyn_throughput *units, dyn_units *out)
{
    dyn_throughput_history history;
    DYN_TRY(dyn_throughput_history_read(call, table, name, &history));
    out->throughput = *units;
    out->decreases_today = history.decreases_today;
    return dyn_copy(call, name, &out->name);
}

dyn_status dyn_table_units_read(dyn_call *call, dyn_table *table,
                                dyn_table_units *out)
{
    const dyn_definition *definition = dyn_table_definition(table);
    out->count = 1 + definition->index_count;
    out->all = dyn_alloc(call, out->count * sizeof(dyn_units));
    if (out->all == NULL) return DYN_NOMEM;
    DYN_TRY(read_units(call, table, dyn_bytes_text(""), &definition->throughput,
                       &out->all[0]));
    for (size_t i = 0; i < definition->index_count; i++) {
        const dyn_index *index = &definition->indexes[i];
        dyn_throughput units = dyn_index_throughput(definition, index);
        DYN_TRY(read_units(call, table, index->name, &units, &out->all[1 + i]));
    }
    return DYN_OK;
}

/* What a table or an index had before, if it was there. */
static const dyn_units *find_units(const dyn_table_units *before,
                                   dyn_bytes name)
{
    for (size_t i = 0; before != NULL && i < before->count; i++) {
        if (dyn_bytes_equal(before->all[i].name, name)) return &before->all[i];
    }
    return NULL;
}

static void write_throughput(dyn_buffer *out, const dyn_throughput *now,
                             const dyn_throughput_history *history,
                             const dyn_units *before)
{
    const dyn_throughput *units = before == NULL ? now : &before->throughput;
    begin(out, "ProvisionedThroughput", '{');
    if (history->increased_ms != 0)
        dyn_response_time(out, "LastIncreaseDateTime", history->increased_ms);
    if (history->decreased_ms != 0)
        dyn_response_time(out, "LastDecreaseDateTime", history->decreased_ms);
    dyn_response_integer(out, "NumberOfDecreasesToday",
                         before == NULL ? history->decreases_today
                                        : before->decreases_today);
    dyn_response_integer(out, "ReadCapacityUnits", units->read_units);
    dyn_response_integer(out, "WriteCapacityUnits", units->write_units);
    dyn_buffer_add_byte(out, '}');
}

static void write_limits(dyn_buffer *out, const dyn_throughput *units)
{
    if (units->max_read_units == 0 && units->max_write_units == 0) return;
    begin(out, "OnDemandThroughput", '{');
    dyn_response_integer(out, "MaxReadRequestUnits",
                         units->max_read_units == 0 ? -1
                                                    : units->max_read_units);
    dyn_response_integer(out, "MaxWriteRequestUnits",
                         units->max_write_units == 0 ? -1
                                                     : units->max_write_units);
    dyn_buffer_add_byte(out, '}');
}

static void write_warm(dyn_buffer *out, dyn_warm_units units)
{
    begin(out, "WarmThroughput", '{');
    dyn_response_integer(out, "ReadUnitsPerSecond", units.read_units);
    dyn_response_integer(out, "WriteUnitsPerSecond", units.write_units);
    dyn_response_text(out, "Status", dyn_bytes_text("ACTIVE"));
    dyn_buffer_add_byte(out, '}');
}

/* --------------------------------------------------------------- indexes -- */

static void write_projection(dyn_buffer *out, const dyn_index *index)
{
    static const char *const words[] = {[DYN_PROJECT_ALL] = "ALL",
                                        [DYN_PROJECT_KEYS] = "KEYS_ONLY",
                                        [DYN_PROJECT_SOME] = "INCLUDE"};
    begin(out, "Projection", '{');
    dyn_response_text(out, "ProjectionType",
                      dyn_bytes_text(words[index->project]));
    if (index->project == DYN_PROJECT_SOME) {
        begin(out, "NonKeyAttributes", '[');
        for (size_t i = 0; i < index->included_count; i++) {
            dyn_response_element(out);
            dyn_json_write_string(out, index->included[i]);
        }
        dyn_buffer_add_byte(out, ']');
    }
    dyn_buffer_add_byte(out, '}');
}

void dyn_table_describe_index(dyn_buffer *out, const dyn_definition *definition,
                              const dyn_index *index)
{
    dyn_response_text(out, "IndexName", index->name);
    dyn_table_describe_key(out, definition, &index->key);
    write_projection(out, index);
}

/* How a table is told of. */
typedef struct manner {
    const char *status;
    const dyn_table_units *before;
} manner;

static dyn_status write_global(dyn_call *call, dyn_buffer *out,
                               dyn_table *table, size_t number, manner as)
{
    dyn_throughput_history history;
    const dyn_index *index = &dyn_table_definition(table)->indexes[number];
    bool is_filling = dyn_table_index(table, number)->is_filling;
    dyn_throughput units =
        dyn_index_throughput(dyn_table_definition(table), index);
    dyn_response_text(out, "IndexStatus",
                      dyn_bytes_text(is_filling ? "CREATING" : as.status));
    if (is_filling) dyn_response_flag(out, "Backfilling", true);
    DYN_TRY(dyn_throughput_history_read(call, table, index->name, &history));
    write_throughput(out, &units, &history, find_units(as.before, index->name));
    write_limits(out, &units);
    write_warm(out, dyn_definition_warm(dyn_table_definition(table), index));
    return DYN_OK;
}

static dyn_status write_index(dyn_call *call, dyn_buffer *out, dyn_table *table,
                              size_t number, manner as)
{
    const dyn_definition *definition = dyn_table_definition(table);
    const dyn_index *index = &definition->indexes[number];
    int64_t items = 0;
    int64_t bytes = 0;
    dyn_partitions_sum(&dyn_table_index(table, number)->map, &items, &bytes);
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    dyn_table_describe_index(out, definition, index);
    if (!index->is_local) DYN_TRY(write_global(call, out, table, number, as));
    dyn_response_integer(out, "IndexSizeBytes", bytes);
    dyn_response_integer(out, "ItemCount", items);
    const char *arn =
        dyn_format(call, DYN_ARN_PREFIX "%s/index/%s", dyn_table_label(table),
                   (const char *)index->name.data);
    if (arn == NULL) return DYN_NOMEM;
    dyn_response_text(out, "IndexArn", dyn_bytes_text(arn));
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

static dyn_status write_indexes(dyn_call *call, dyn_buffer *out,
                                dyn_table *table, bool is_local, manner as)
{
    bool has_any = false;
    for (size_t i = 0; i < dyn_table_definition(table)->index_count; i++) {
        if (dyn_table_definition(table)->indexes[i].is_local != is_local)
            continue;
        if (!has_any) {
            begin(out,
                  is_local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes",
                  '[');
        }
        has_any = true;
        DYN_TRY(write_index(call, out, table, i, as));
    }
    if (has_any) dyn_buffer_add_byte(out, ']');
    return DYN_OK;
}

/* ----------------------------------------------------------------- table -- */

static void write_billing(dyn_buffer *out, const dyn_definition *definition,
                          const dyn_throughput_history *history,
                          int64_t created_ms)
{
    bool is_on_demand = definition->billing == DYN_ON_DEMAND;
    if (!is_on_demand && history->on_demand_ms == 0) return;
    begin(out, "BillingModeSummary", '{');
    dyn_response_text(
        out, "BillingMode",
        dyn_bytes_text(is_on_demand ? "PAY_PER_REQUEST" : "PROVISIONED"));
    dyn_response_time(out, "LastUpdateToPayPerRequestDateTime",
                      history->on_demand_ms != 0 ? history->on_demand_ms
                                                 : created_ms);
    dyn_buffer_add_byte(out, '}');
}

dyn_status dyn_table_uuid(dyn_call *call, dyn_bytes birth_id, const char **out)
{
    enum { DIGITS = 32 };
    const char *id = (const char *)birth_id.data;
    if (birth_id.size_bytes != DIGITS) {
        return dyn_fail(call, DYN_CORRUPT,
                        "shadow tables are damaged: the id of a table has not "
                        "%d digits",
                        DIGITS);
    }
    char variant = "89ab"[(unsigned char)id[16] % 4];
    *out = dyn_format(call, "%.8s-%.4s-4%.3s-%c%.3s-%.12s", id, id + 8, id + 13,
                      variant, id + 17, id + 20);
    return *out == NULL ? DYN_NOMEM : DYN_OK;
}

static dyn_status write_identity(dyn_call *call, dyn_buffer *out,
                                 const dyn_table *table, const dyn_birth *birth)
{
    const char *uuid = NULL;
    const char *arn =
        dyn_format(call, DYN_ARN_PREFIX "%s", dyn_table_label(table));
    if (arn == NULL) return DYN_NOMEM;
    DYN_TRY(dyn_table_uuid(call, birth->id, &uuid));
    dyn_response_text(out, "TableArn", dyn_bytes_text(arn));
    dyn_response_text(out, "TableId", dyn_bytes_text(uuid));
    return DYN_OK;
}

static void write_class(dyn_buffer *out)
{
    begin(out, "TableClassSummary", '{');
    dyn_response_text(out, "TableClass",
                      dyn_bytes_text("STANDARD_INFREQUENT_ACCESS"));
    dyn_buffer_add_byte(out, '}');
}

/* The newest stream is told as long as it can be read. */
static dyn_status write_stream(dyn_call *call, dyn_buffer *out,
                               dyn_table *table)
{
    dyn_stream *streams = NULL;
    size_t count = 0;
    const char *label = NULL;
    const char *arn = NULL;
    DYN_TRY(dyn_streams(call, dyn_table_store(table), &streams, &count));
    if (count == 0) return DYN_OK;
    const dyn_stream *last = &streams[count - 1];
    if (last->is_open) {
        begin(out, "StreamSpecification", '{');
        dyn_response_flag(out, "StreamEnabled", true);
        dyn_response_text(out, "StreamViewType",
                          dyn_bytes_text(dyn_stream_view_name(last->view)));
        dyn_buffer_add_byte(out, '}');
    }
    DYN_TRY(dyn_stream_label(call, last->label_ms, &label));
    DYN_TRY(dyn_stream_arn(call, dyn_table_label(table), last->label_ms, &arn));
    dyn_response_text(out, "LatestStreamLabel", dyn_bytes_text(label));
    dyn_response_text(out, "LatestStreamArn", dyn_bytes_text(arn));
    return DYN_OK;
}

/* A table that is restored is CREATING until all is there. */
static dyn_status write_origin(dyn_call *call, dyn_buffer *out,
                               dyn_table *table, const char *status)
{
    bool found = false;
    dyn_origin origin;
    DYN_TRY(dyn_restore_origin(call, table, &found, &origin));
    if (!found) return DYN_OK;
    begin(out, "RestoreSummary", '{');
    if (origin.backup_arn.size_bytes > 0)
        dyn_response_text(out, "SourceBackupArn", origin.backup_arn);
    dyn_response_text(out, "SourceTableArn", origin.table_arn);
    dyn_response_time(out, "RestoreDateTime", origin.time_ms);
    dyn_response_flag(out, "RestoreInProgress",
                      strcmp(status, "CREATING") == 0);
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

static void write_sizes(dyn_buffer *out, const dyn_table *table)
{
    int64_t items = 0;
    int64_t bytes = 0;
    dyn_partitions_sum(dyn_table_map(table), &items, &bytes);
    dyn_response_integer(out, "TableSizeBytes", bytes);
    dyn_response_integer(out, "ItemCount", items);
}

dyn_status dyn_table_describe(dyn_call *call, dyn_buffer *out, const char *name,
                              dyn_table *table, const char *status,
                              const dyn_table_units *before)
{
    dyn_birth birth;
    const manner as = {status, before};
    dyn_throughput_history history;
    const dyn_definition *definition = dyn_table_definition(table);
    DYN_TRY(dyn_table_birth(call, table, &birth));
    DYN_TRY(
        dyn_throughput_history_read(call, table, dyn_bytes_text(""), &history));
    begin(out, name, '{');
    write_definitions(out, definition);
    dyn_response_text(out, "TableName", dyn_bytes_text(dyn_table_label(table)));
    dyn_table_describe_key(out, definition, &definition->key);
    dyn_response_text(out, "TableStatus", dyn_bytes_text(status));
    dyn_response_time(out, "CreationDateTime", birth.created_ms);
    write_throughput(out, &definition->throughput, &history,
                     find_units(before, dyn_bytes_text("")));
    write_sizes(out, table);
    DYN_TRY(write_identity(call, out, table, &birth));
    write_billing(out, definition, &history, birth.created_ms);
    DYN_TRY(write_indexes(call, out, table, true, as));
    if (strcmp(status, "DELETING") != 0) { /* these go first */
        DYN_TRY(write_indexes(call, out, table, false, as));
    }
    if (definition->is_infrequent) write_class(out);
    dyn_response_flag(out, "DeletionProtectionEnabled",
                      definition->is_protected);
    write_limits(out, &definition->throughput);
    write_warm(out, dyn_definition_warm(definition, NULL));
    DYN_TRY(write_stream(call, out, table));
    DYN_TRY(write_origin(call, out, table, status));
    DYN_TRY(dyn_replicas_describe(call, out, table));
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}
