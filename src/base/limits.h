/*
 * Every limit of the engine, with its unit in its name (docs/semantics.md 1,
 * 5).
 *
 * Layer: base. Includes nothing of ours.
 */
#ifndef DYN_BASE_LIMITS_H
#define DYN_BASE_LIMITS_H

enum {
    DYN_PARTITION_KEY_BYTES_MAX = 2048,
    DYN_SORT_KEY_BYTES_MAX = 1024,
    DYN_ITEM_BYTES_MAX = 400 * 1024,
    DYN_NESTING_LEVELS_MAX = 32,
    DYN_ATTRIBUTE_NAME_BYTES_MAX = 65535,
    DYN_KEY_NAME_BYTES_MAX = 255,
    DYN_NUMBER_DIGITS_MAX = 38,
    DYN_TABLE_NAME_BYTES_MIN = 3,
    DYN_TABLE_NAME_BYTES_MAX = 255,

    DYN_LOCAL_INDEXES_MAX = 5,
    DYN_GLOBAL_INDEXES_MAX = 20,
    DYN_INDEXES_MAX = DYN_LOCAL_INDEXES_MAX + DYN_GLOBAL_INDEXES_MAX,
    DYN_KEY_ATTRIBUTES_MAX = 4, /* per key of a global index, each of the two */
    DYN_PROJECTED_NAMES_MAX = 20,
    DYN_PROJECTED_NAMES_TOTAL_MAX = 100,
    DYN_COLUMNS_MAX = 1000,
    DYN_TABLE_UNITS_MAX = 40000, /* a second, read or written */
    DYN_THROTTLE_WAIT_MS_MAX = 10 * 60 * 1000,
    DYN_DELAY_MS_MAX = 60 * 60 * 1000, /* of followers */
    DYN_TTL_DELAY_SECONDS_MAX = 30 * 24 * 60 * 60,
    DYN_POINT_IN_TIME_DAYS_MAX = 35,
    DYN_TAGS_MAX = 50,
    DYN_REGION_BYTES_MAX = 32,
    DYN_REPLICATION_DELAY_MS_MAX = 24 * 60 * 60 * 1000,

    DYN_READ_UNIT_BYTES = 4096,
    DYN_WRITE_UNIT_BYTES = 1024,
    DYN_PAGE_BYTES_MAX = 1024 * 1024, /* evaluated, per page of a read */

    DYN_EXPRESSION_BYTES_MAX = 4096, /* before substitution */
    DYN_STATEMENT_BYTES_MAX = 8192,  /* of PartiQL */
    DYN_EXPRESSION_OPERATORS_MAX = 300,
    DYN_IN_OPERANDS_MAX = 100,
    DYN_IN_PARTITIONS_MAX = 50,       /* of a statement, on the partition key */
    DYN_PARSED_TREES_MAX = 16,        /* that a connection keeps */
    DYN_PARSED_BYTES_MAX = 64 * 1024, /* of one of them */
    DYN_SUBSTITUTE_TOKEN_BYTES_MAX = 255, /* #name, :value */
    DYN_SUBSTITUTE_VALUES_BYTES_MAX = 2 * 1024 * 1024,

    DYN_BATCH_GET_KEYS_MAX = 100,
    DYN_BATCH_WRITES_MAX = 25,
    DYN_BATCH_BYTES_MAX = 16 * 1024 * 1024,
    DYN_TRANSACTION_ACTIONS_MAX = 100,
    DYN_TRANSACTION_BYTES_MAX = 4 * 1024 * 1024,

    DYN_JSON_DEPTH_MAX = 100,
    DYN_LINE_BYTES_MAX = 16 * 1024 * 1024, /* of a file that is imported */
    DYN_ERROR_MESSAGE_BYTES = 1024,
};

#endif
