/*
 * Operations of the API: a name, the shape of its request, and what does it.
 *
 * To add one: a file api/<operation>.c that defines it, a line here, and a line
 * in the table of api.c.
 *
 * Layer: api.
 */
#ifndef DYN_API_OPERATION_H
#define DYN_API_OPERATION_H

#include "api/host.h"
#include "api/shape.h"

typedef struct dyn_operation {
    const char *name;
    const dyn_shape *input;

    /* Do what a request says, which has been checked against the shape, and
     * write the members of the response. */
    dyn_status (*run)(dyn_call *call, const dyn_host *host,
                      const dyn_json *request, dyn_buffer *response);
} dyn_operation;

extern const dyn_operation dyn_operation_batch_execute_statement;
extern const dyn_operation dyn_operation_batch_get_item;
extern const dyn_operation dyn_operation_batch_write_item;
extern const dyn_operation dyn_operation_create_backup;
extern const dyn_operation dyn_operation_create_table;
extern const dyn_operation dyn_operation_delete_backup;
extern const dyn_operation dyn_operation_delete_item;
extern const dyn_operation dyn_operation_delete_table;
extern const dyn_operation dyn_operation_describe_backup;
extern const dyn_operation dyn_operation_describe_continuous_backups;
extern const dyn_operation dyn_operation_describe_contributor_insights;
extern const dyn_operation dyn_operation_describe_endpoints;
extern const dyn_operation dyn_operation_describe_export;
extern const dyn_operation dyn_operation_describe_import;
extern const dyn_operation dyn_operation_describe_limits;
extern const dyn_operation dyn_operation_describe_stream;
extern const dyn_operation dyn_operation_describe_table;
extern const dyn_operation dyn_operation_describe_table_replica_auto_scaling;
extern const dyn_operation dyn_operation_describe_time_to_live;
extern const dyn_operation dyn_operation_execute_statement;
extern const dyn_operation dyn_operation_execute_transaction;
extern const dyn_operation dyn_operation_export_table_to_point_in_time;
extern const dyn_operation dyn_operation_get_item;
extern const dyn_operation dyn_operation_get_records;
extern const dyn_operation dyn_operation_get_shard_iterator;
extern const dyn_operation dyn_operation_list_backups;
extern const dyn_operation dyn_operation_list_contributor_insights;
extern const dyn_operation dyn_operation_list_streams;
extern const dyn_operation dyn_operation_import_table;
extern const dyn_operation dyn_operation_list_contributor_insights;
extern const dyn_operation dyn_operation_list_exports;
extern const dyn_operation dyn_operation_list_imports;
extern const dyn_operation dyn_operation_list_tables;
extern const dyn_operation dyn_operation_list_tags_of_resource;
extern const dyn_operation dyn_operation_put_item;
extern const dyn_operation dyn_operation_query;
extern const dyn_operation dyn_operation_restore_table_from_backup;
extern const dyn_operation dyn_operation_restore_table_to_point_in_time;
extern const dyn_operation dyn_operation_scan;
extern const dyn_operation dyn_operation_tag_resource;
extern const dyn_operation dyn_operation_transact_get_items;
extern const dyn_operation dyn_operation_transact_write_items;
extern const dyn_operation dyn_operation_untag_resource;
extern const dyn_operation dyn_operation_update_continuous_backups;
extern const dyn_operation dyn_operation_update_contributor_insights;
extern const dyn_operation dyn_operation_update_item;
extern const dyn_operation dyn_operation_update_table;
extern const dyn_operation dyn_operation_update_table_replica_auto_scaling;
extern const dyn_operation dyn_operation_update_time_to_live;

#endif
