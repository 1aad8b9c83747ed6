/*
 * What a table is: its attributes, keys and options.
 *
 * Layer: engine. Plain data; everything points into the memory of one call.
 */
#ifndef DYN_ENGINE_DEFINITION_H
#define DYN_ENGINE_DEFINITION_H

#include "item/value.h"

/* An attribute that the declaration names: a column of the SQL table. */
typedef struct dyn_column {
    dyn_bytes name; /* followed by a zero byte */
    dyn_type type;  /* S, N or B */
    bool has_type;  /* false: declared without one, values stay as they are */
} dyn_column;

/* Numbers of columns: one partition key, at most one sort key. */
typedef struct dyn_key_schema {
    uint16_t partition[1];
    uint16_t sort[1];
    uint16_t partition_count;
    uint16_t sort_count;
} dyn_key_schema;

typedef enum dyn_billing { DYN_ON_DEMAND, DYN_PROVISIONED } dyn_billing;

typedef struct dyn_definition {
    dyn_column *columns;
    size_t column_count;
    dyn_key_schema key;

    dyn_billing billing;
    int64_t read_units; /* a second; 0 on demand */
    int64_t write_units;
    int64_t partition_bytes; /* a partition beyond this is split */
    bool strict_plan;        /* refuse at prepare, not when the loop starts */
} dyn_definition;

/* The number of the column of exactly that name, or -1. */
int dyn_definition_column(const dyn_definition *definition, dyn_bytes name);

#endif
