/* Descriptions of backups; the contract is in backup_description.h. */
#include "api/backup_description.h"

#include "api/response.h"
#include "api/table_description.h"

const dyn_shape dyn_shape_backup_arn = {.kind = DYN_SHAPE_STRING,
                                        .has_min = true,
                                        .min = 37,
                                        .has_max = true,
                                        .max = 1024};

static void begin(dyn_buffer *out, const char *name, char bracket)
{
    dyn_response_name(out, name);
    dyn_buffer_add_byte(out, (unsigned char)bracket);
}

dyn_status dyn_backup_table_arn(dyn_call *call, const dyn_backup *backup,
                                const char **out)
{
    const char *label = NULL;
    DYN_TRY(dyn_backup_label(call, backup, &label));
    *out = dyn_format(call, DYN_ARN_PREFIX "%s", label);
    return *out == NULL ? DYN_NOMEM : DYN_OK;
}

/* Members of a summary, and of the details. */
static dyn_status write_backup(dyn_call *call, dyn_buffer *out,
                               const dyn_backup *backup, const char *status)
{
    const char *arn = NULL;
    DYN_TRY(dyn_backup_arn(call, backup, &arn));
    dyn_response_text(out, "BackupArn", dyn_bytes_text(arn));
    dyn_response_text(out, "BackupName", backup->name);
    dyn_response_integer(out, "BackupSizeBytes", backup->size_bytes);
    dyn_response_text(out, "BackupStatus", dyn_bytes_text(status));
    dyn_response_text(out, "BackupType", dyn_bytes_text("USER"));
    dyn_response_time(out, "BackupCreationDateTime", backup->created_ms);
    return DYN_OK;
}

dyn_status dyn_backup_write_details(dyn_call *call, dyn_buffer *out,
                                    const dyn_backup *backup,
                                    const char *status)
{
    begin(out, "BackupDetails", '{');
    DYN_TRY(write_backup(call, out, backup, status));
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

static dyn_status write_table(dyn_call *call, dyn_buffer *out,
                              const dyn_backup *backup)
{
    const char *label = NULL;
    const char *arn = NULL;
    const char *uuid = NULL;
    DYN_TRY(dyn_backup_label(call, backup, &label));
    DYN_TRY(dyn_backup_table_arn(call, backup, &arn));
    DYN_TRY(dyn_table_uuid(call, backup->table_id, &uuid));
    dyn_response_text(out, "TableName", dyn_bytes_text(label));
    dyn_response_text(out, "TableId", dyn_bytes_text(uuid));
    dyn_response_text(out, "TableArn", dyn_bytes_text(arn));
    return DYN_OK;
}

dyn_status dyn_backup_write_summary(dyn_call *call, dyn_buffer *out,
                                    const dyn_backup *backup)
{
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    DYN_TRY(write_table(call, out, backup));
    DYN_TRY(write_backup(call, out, backup, "AVAILABLE"));
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

/* --------------------------------------------------------- what it was -- */

static void write_throughput(dyn_buffer *out, const dyn_throughput *units)
{
    begin(out, "ProvisionedThroughput", '{');
    dyn_response_integer(out, "ReadCapacityUnits", units->read_units);
    dyn_response_integer(out, "WriteCapacityUnits", units->write_units);
    dyn_buffer_add_byte(out, '}');
}

static int64_t limit(int64_t units)
{
    return units == 0 ? -1 : units;
}

static void write_limits(dyn_buffer *out, const dyn_throughput *units)
{
    if (units->max_read_units == 0 && units->max_write_units == 0) return;
    begin(out, "OnDemandThroughput", '{');
    dyn_response_integer(out, "MaxReadRequestUnits",
                         limit(units->max_read_units));
    dyn_response_integer(out, "MaxWriteRequestUnits",
                         limit(units->max_write_units));
    dyn_buffer_add_byte(out, '}');
}

static dyn_status write_source(dyn_call *call, dyn_buffer *out,
                               const dyn_backup *backup,
                               const dyn_definition *definition)
{
    bool is_on_demand = definition->billing == DYN_ON_DEMAND;
    begin(out, "SourceTableDetails", '{');
    DYN_TRY(write_table(call, out, backup));
    dyn_response_integer(out, "TableSizeBytes", backup->size_bytes);
    dyn_table_describe_key(out, definition, &definition->key);
    dyn_response_time(out, "TableCreationDateTime", backup->table_created_ms);
    write_throughput(out, &definition->throughput);
    write_limits(out, &definition->throughput);
    dyn_response_integer(out, "ItemCount", backup->items);
    dyn_response_text(
        out, "BillingMode",
        dyn_bytes_text(is_on_demand ? "PAY_PER_REQUEST" : "PROVISIONED"));
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}

static void write_index(dyn_buffer *out, const dyn_definition *definition,
                        const dyn_index *index)
{
    dyn_throughput units = dyn_index_throughput(definition, index);
    dyn_response_element(out);
    dyn_buffer_add_byte(out, '{');
    dyn_table_describe_index(out, definition, index);
    if (!index->is_local) {
        write_throughput(out, &units);
        write_limits(out, &units);
    }
    dyn_buffer_add_byte(out, '}');
}

static void write_indexes(dyn_buffer *out, const dyn_definition *definition,
                          bool is_local)
{
    size_t locals = dyn_definition_local_count(definition);
    size_t first = is_local ? 0 : locals;
    size_t end = is_local ? locals : definition->index_count;
    if (first == end) return;
    begin(out, is_local ? "LocalSecondaryIndexes" : "GlobalSecondaryIndexes",
          '[');
    for (size_t i = first; i < end; i++)
        write_index(out, definition, &definition->indexes[i]);
    dyn_buffer_add_byte(out, ']');
}

static void write_features(dyn_buffer *out, const dyn_definition *definition)
{
    begin(out, "SourceTableFeatureDetails", '{');
    write_indexes(out, definition, true);
    write_indexes(out, definition, false);
    if (definition->stream != DYN_STREAM_OFF) {
        begin(out, "StreamDescription", '{');
        dyn_response_flag(out, "StreamEnabled", true);
        dyn_response_text(
            out, "StreamViewType",
            dyn_bytes_text(dyn_stream_view_name(definition->stream)));
        dyn_buffer_add_byte(out, '}');
    }
    if (definition->ttl.size_bytes > 0) {
        begin(out, "TimeToLiveDescription", '{');
        dyn_response_text(out, "TimeToLiveStatus", dyn_bytes_text("ENABLED"));
        dyn_response_text(out, "AttributeName", definition->ttl);
        dyn_buffer_add_byte(out, '}');
    }
    dyn_buffer_add_byte(out, '}');
}

dyn_status dyn_backup_describe(dyn_call *call, dyn_buffer *out,
                               const dyn_backup *backup, const char *status)
{
    dyn_definition definition;
    DYN_TRY(dyn_backup_definition(call, backup, &definition));
    begin(out, "BackupDescription", '{');
    DYN_TRY(dyn_backup_write_details(call, out, backup, status));
    DYN_TRY(write_source(call, out, backup, &definition));
    write_features(out, &definition);
    dyn_buffer_add_byte(out, '}');
    return DYN_OK;
}
