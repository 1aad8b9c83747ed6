/*
 * The parts that requests about tables consist of: key schemas, indexes,
 * throughput, tags. Their shapes, the rules between them, and the declaration
 * of a table (engine/declaration.h) that they mean.
 *
 * Layer: api.
 */
#ifndef DYN_API_TABLE_SHAPE_H
#define DYN_API_TABLE_SHAPE_H

#include "api/shape.h"
#include "engine/definition.h"

extern const dyn_shape dyn_shape_own_table;   /* TableName */
extern const dyn_shape dyn_shape_definitions; /* AttributeDefinitions */
extern const dyn_shape dyn_shape_key_schema;  /* of a table */
extern const dyn_shape dyn_shape_index_schema;
extern const dyn_shape dyn_shape_index_name;
extern const dyn_shape dyn_shape_billing;
extern const dyn_shape dyn_shape_throughput;
extern const dyn_shape dyn_shape_on_demand;
extern const dyn_shape dyn_shape_projection;
extern const dyn_shape dyn_shape_locals;  /* LocalSecondaryIndexes */
extern const dyn_shape dyn_shape_globals; /* GlobalSecondaryIndexes */
extern const dyn_shape dyn_shape_table_class;
extern const dyn_shape dyn_shape_stream;
extern const dyn_shape dyn_shape_encryption;
extern const dyn_shape dyn_shape_warm;
extern const dyn_shape dyn_shape_tags;
extern const dyn_shape dyn_shape_tag_keys;
extern const dyn_shape dyn_shape_resource_arn;
extern const dyn_shape dyn_shape_settings_replication;

/* What is refused whatever it says. */
extern const dyn_shape dyn_shape_any_list;

/* Check StreamSpecification, if it is there. Fails with DYN_INVALID. */
dyn_status dyn_table_check_stream(dyn_call *call, const dyn_json *request);

/* The view that a StreamSpecification which has been checked asks for;
 * DYN_STREAM_OFF also without one. */
dyn_stream_view dyn_table_read_stream(const dyn_json *request);

/* Fail with DYN_INVALID for what this version does not have: encryption,
 * resource policies, replicas, vector indexes. */
dyn_status dyn_table_check_unsupported(dyn_call *call, const dyn_json *request);

/* Check the key schema of a table, or of a local index unless name is without
 * data, against AttributeDefinitions. Fails with DYN_INVALID. */
dyn_status dyn_table_check_keys(dyn_call *call, const dyn_json *schema,
                                const dyn_json *definitions);

/* Check LocalSecondaryIndexes and GlobalSecondaryIndexes. Fails with
 * DYN_INVALID. */
dyn_status dyn_table_check_local_indexes(dyn_call *call,
                                         const dyn_json *request);
dyn_status dyn_table_check_global_indexes(dyn_call *call,
                                          const dyn_json *request);

/* Check what a global index is to be, an element of GlobalSecondaryIndexes or a
 * Create. Fails with DYN_INVALID. */
dyn_status dyn_table_check_global_index(dyn_call *call, const dyn_json *index,
                                        const dyn_json *definitions);

/* Check that a global index of a provisioned table has units, within the limit,
 * and one on demand none. Fails with DYN_INVALID. */
dyn_status dyn_table_check_index_units(dyn_call *call, const dyn_json *index,
                                       bool is_provisioned);

/* Check OnDemandThroughput, a member of object, if it is there. Fails with
 * DYN_INVALID. */
dyn_status dyn_table_check_on_demand(dyn_call *call, const dyn_json *object);

/* Check WarmThroughput, a member of object, if it is there: it is not below
 * what there is. of is `table`, or names the index. Fails with DYN_INVALID. */
dyn_status dyn_table_check_warm(dyn_call *call, const dyn_json *object,
                                const char *of, dyn_warm_units there);

/* The same of a table or index that is made, which has what is provisioned, or
 * the floors on demand. */
dyn_status dyn_table_check_new_warm(dyn_call *call, const dyn_json *object,
                                    const char *of);

/* Check the units of ProvisionedThroughput of a table that is made, or of an
 * index of it, unless index is without data. Fails with DYN_INVALID. */
dyn_status dyn_table_check_new_units(dyn_call *call, const dyn_json *throughput,
                                     dyn_bytes index);

/* Check units that a table or index is to be changed to. Fails with
 * DYN_INVALID, a LimitExceededException when they are above the limit. */
dyn_status dyn_table_check_units(dyn_call *call, const dyn_json *throughput);

/* Check tags. Fails with DYN_INVALID. */
dyn_status dyn_table_check_tags(dyn_call *call, const dyn_json *tags);

/* Read an index that has been checked, in the memory of call. Fails with
 * DYN_NOMEM. */
dyn_status dyn_table_read_index(dyn_call *call, const dyn_json *index,
                                const dyn_json *definitions,
                                dyn_new_index *out);

/* The units that an index is given, of any kind. */
dyn_throughput dyn_table_read_units(const dyn_json *index);

/* The type of an attribute that is defined. */
dyn_type dyn_table_type_of(const dyn_json *definitions, dyn_bytes name);

#endif
