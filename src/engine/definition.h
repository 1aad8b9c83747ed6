/*
 * What a table is: its attributes, keys, indexes and options.
 *
 * Layer: engine. Plain data; everything points into the memory of one call.
 */
#ifndef DYN_ENGINE_DEFINITION_H
#define DYN_ENGINE_DEFINITION_H

#include "engine/scaling.h"
#include "item/value.h"

/* An attribute that the declaration names. */
typedef struct dyn_column {
    dyn_bytes name; /* followed by a zero byte */
    dyn_type type;  /* S, N or B */
    bool has_type;  /* false: declared without one, values stay as they are */
    bool is_index_typed; /* it has none, and type is what the added indexes say
                          * whose key it is */
} dyn_column;

/* Numbers of columns. A table has one partition key and at most one sort key, a
 * global index up to four of each; together they are the key. */
typedef struct dyn_key_schema {
    uint16_t partition[DYN_KEY_ATTRIBUTES_MAX];
    uint16_t sort[DYN_KEY_ATTRIBUTES_MAX];
    uint16_t partition_count;
    uint16_t sort_count;
} dyn_key_schema;

typedef enum dyn_project {
    DYN_PROJECT_ALL,
    DYN_PROJECT_KEYS, /* of the table and of the index */
    DYN_PROJECT_SOME, /* the keys, and what included names */
} dyn_project;

/* What a table or a global index may take a second; 0: not said. In a change, 0
 * leaves what there is. Settings of auto scaling that are not said have 0
 * maximum_units. */
typedef struct dyn_throughput {
    int64_t read_units; /* provisioned */
    int64_t write_units;
    int64_t max_read_units; /* on demand */
    int64_t max_write_units;
    int64_t warm_read_units; /* that it is prepared for */
    int64_t warm_write_units;
    dyn_scaling_settings read_scaling; /* of what is provisioned; they stay on
                                        * demand, and wait */
    dyn_scaling_settings write_scaling;
} dyn_throughput;

/* Given for a throughput that is to be taken away; as maximum_units, for
 * settings of auto scaling. */
enum { DYN_UNITS_NONE = -1 };

typedef struct dyn_index {
    dyn_bytes name; /* followed by a zero byte */
    bool is_local;
    dyn_key_schema key; /* the whole key; a local index has the partition key of
                         * the table */
    dyn_project project;
    dyn_bytes *included; /* names, in the order of the declaration; no keys */
    size_t included_count;
    dyn_throughput throughput; /* of a global index; see dyn_index_throughput()
                                */
} dyn_index;

/* docs/semantics.md 6: 10 GB. */
#define DYN_PARTITION_BYTES_DEFAULT (INT64_C(10) << 30)

typedef enum dyn_billing { DYN_ON_DEMAND, DYN_PROVISIONED } dyn_billing;

/* Whether limits are enforced: by default those of provisioned tables are. */
typedef enum dyn_throttle {
    DYN_THROTTLE_DEFAULT,
    DYN_THROTTLE_OFF,
    DYN_THROTTLE_ON,
} dyn_throttle;

/* Which load is counted by key: by default none, but all where limits are
 * enforced. */
typedef enum dyn_hot_keys_option {
    DYN_HOT_KEYS_DEFAULT,
    DYN_HOT_KEYS_OFF,
    DYN_HOT_KEYS_THROTTLED, /* what is refused */
    DYN_HOT_KEYS_ON,        /* and what is consumed */
} dyn_hot_keys_option;

/* What a stream has of each change beside the key; its stored number. */
typedef enum dyn_stream_view {
    DYN_STREAM_OFF, /* there is no stream */
    DYN_STREAM_KEYS_ONLY,
    DYN_STREAM_NEW_IMAGE,
    DYN_STREAM_OLD_IMAGE,
    DYN_STREAM_NEW_AND_OLD_IMAGES,
    DYN_STREAM_VIEWS
} dyn_stream_view;

typedef struct dyn_definition {
    dyn_column *columns;
    size_t column_count;     /* columns of the SQL table */
    size_t attribute_count;  /* and, behind them, keys of indexes that are not
                              * declared as columns */
    const uint16_t *by_name; /* the numbers of all attributes in the order of
                              * their names; NULL: nobody has asked for it */
    const dyn_bytes *names;  /* of other attributes, that have a number in the
                              * store (names.h), by that */
    size_t name_count;
    dyn_key_schema key;
    dyn_index *indexes; /* the local ones first, else as declared */
    size_t index_count;

    dyn_billing billing;
    dyn_throughput throughput; /* provisioned units, or limits on demand */
    dyn_throttle throttle;
    int64_t throttle_wait_ms; /* that a statement waits before it is refused */
    dyn_hot_keys_option hot_keys;
    dyn_stream_view stream;
    int64_t point_in_time_days; /* so far back the table can be restored */
    dyn_bytes ttl; /* the attribute that says when an item expires, followed by
                    * a zero byte; no bytes: none */
    int64_t ttl_delay_seconds; /* from then to the sweep */
    int64_t replica_delay_ms;  /* of the later follower (source.h) behind the
                                * table; 0: there are none */
    int64_t index_delay_ms;    /* the same of its global indexes */
    dyn_bytes region; /* where the table is, of its replicas; followed by a zero
                       * byte; no bytes: DYN_ARN_REGION */
    int64_t replication_delay_ms; /* before changes go to other regions */
    int64_t partition_bytes;      /* a partition beyond this is split */
    bool strict_plan;   /* refuse at prepare, not when the loop starts */
    bool is_protected;  /* from being dropped */
    bool is_infrequent; /* TableClass STANDARD_INFREQUENT_ACCESS */
} dyn_definition;

/* A global index as somebody asks for it. A key attribute that the table knows
 * need not have its type. */
typedef struct dyn_new_key {
    dyn_bytes name; /* followed by a zero byte */
    dyn_type type;
    bool has_type;
} dyn_new_key;

typedef struct dyn_new_index {
    dyn_bytes name; /* followed by a zero byte */
    dyn_new_key partition[DYN_KEY_ATTRIBUTES_MAX];
    dyn_new_key sort[DYN_KEY_ATTRIBUTES_MAX];
    size_t partition_count;
    size_t sort_count;
    dyn_project project;
    const dyn_bytes *included; /* with DYN_PROJECT_SOME */
    size_t included_count;
    dyn_throughput throughput;
} dyn_new_index;

/* The number of the attribute of exactly that name, or -1. */
int dyn_definition_column(const dyn_definition *definition, dyn_bytes name);

/* The numbers of names in the order of these. */
void dyn_order_names(const dyn_bytes *names, size_t count, uint16_t *out);

/* Put the attributes in the order of their names, in the memory of call. Fails
 * with DYN_NOMEM. */
dyn_status dyn_definition_order(dyn_call *call, dyn_definition *definition);

/* The attribute that is at a place in the order of names, or of numbers where
 * nobody has asked for that. */
static inline size_t dyn_definition_by_name(const dyn_definition *definition,
                                            size_t at)
{
    return definition->by_name != NULL ? definition->by_name[at] : at;
}

/* A digest of what an index is: its name, its key and its projection, in 63
 * bits. One that takes the place of another in the store is told from it by
 * that. */
uint64_t dyn_index_shape(const dyn_definition *definition,
                         const dyn_index *index);

/* What a global index may take: its own throughput, or that of the table where
 * it has none; of what goes with the billing of the table. */
dyn_throughput dyn_index_throughput(const dyn_definition *definition,
                                    const dyn_index *index);

/* What a table (NULL), or a global index, can take at once: what it is prepared
 * for, and at least what is provisioned, or the floor on demand (peak.h). */
typedef struct dyn_warm_units {
    int64_t read_units;
    int64_t write_units;
} dyn_warm_units;
dyn_warm_units dyn_definition_warm(const dyn_definition *definition,
                                   const dyn_index *index);

/* Change the billing. It ends what only went with the billing before. */
void dyn_definition_set_billing(dyn_definition *definition,
                                dyn_billing billing);

/* Set the attribute of time to live; without bytes there is none, and no delay.
 */
void dyn_definition_set_ttl(dyn_definition *definition, dyn_bytes name);

/* Whether the limits of the table and its indexes are enforced. */
bool dyn_definition_throttles(const dyn_definition *definition);

/* Which load is counted by key; not DYN_HOT_KEYS_DEFAULT. */
dyn_hot_keys_option dyn_definition_hot_keys(const dyn_definition *definition);

/* The word for a view, as the service has it; "off" for none. */
const char *dyn_stream_view_name(dyn_stream_view view);
bool dyn_stream_view_of(dyn_bytes name, dyn_stream_view *out);

/* Whether a view has the item before a change, and the item after it. */
bool dyn_stream_view_has_old(dyn_stream_view view);
bool dyn_stream_view_has_new(dyn_stream_view view);

/* Whether two definitions have the same columns, as they are declared, and the
 * same key. */
bool dyn_definition_has_columns(const dyn_definition *a,
                                const dyn_definition *b);

/* The number of the index of exactly that name, or -1. */
int dyn_definition_index(const dyn_definition *definition, dyn_bytes name);

/* An index by its place in the order in which the service tells which of them
 * cannot have an item: the global ones come first. */
const dyn_index *dyn_definition_told_index(const dyn_definition *definition,
                                           size_t at);

/* How many of the indexes are local; those come first. */
size_t dyn_definition_local_count(const dyn_definition *definition);

/* How many attributes a key has, and the column of one of them; those of the
 * partition key come first. */
size_t dyn_key_schema_count(const dyn_key_schema *key);
size_t dyn_key_schema_column(const dyn_key_schema *key, size_t at);

/* Whether a column is a key attribute of a key schema. */
bool dyn_key_schema_has(const dyn_key_schema *key, size_t column);

/* Whether an attribute is a key of the table; of the index or its table. */
bool dyn_definition_is_key(const dyn_definition *definition, dyn_bytes name);
bool dyn_index_has_key(const dyn_definition *definition, const dyn_index *index,
                       dyn_bytes name);

/* Whether an index projects an attribute that is no key. */
bool dyn_index_includes(const dyn_index *index, dyn_bytes name);

/* Whether an index holds the attribute of that name, in items that have it. */
bool dyn_index_projects(const dyn_definition *definition,
                        const dyn_index *index, dyn_bytes name);

#endif
