/* Looking things up in definitions; the contracts are in definition.h. */
#include "engine/definition.h"

#include "engine/peak.h"
#include "engine/units.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

int dyn_definition_column(const dyn_definition *definition, dyn_bytes name)
{
    for (size_t i = 0; i < definition->attribute_count; i++) {
        if (dyn_bytes_equal(definition->columns[i].name, name)) return (int)i;
    }
    return -1;
}

void dyn_order_names(const dyn_bytes *names, size_t count, uint16_t *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        for (; at > 0; at--) {
            if (dyn_bytes_compare(names[out[at - 1]], names[i]) <= 0) break;
            out[at] = out[at - 1];
        }
        out[at] = (uint16_t)i;
    }
}

dyn_status dyn_definition_order(dyn_call *call, dyn_definition *definition)
{
    size_t count = definition->attribute_count;
    dyn_bytes *names = dyn_alloc(call, count * sizeof(*names));
    uint16_t *order = dyn_alloc(call, count * sizeof(*order));
    if (names == NULL || order == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++)
        names[i] = definition->columns[i].name;
    dyn_order_names(names, count, order);
    definition->by_name = order;
    return DYN_OK;
}

static bool has_same_column(const dyn_definition *a, const dyn_definition *b,
                            size_t number)
{
    const dyn_column *left = &a->columns[number];
    const dyn_column *right = &b->columns[number];
    return left->has_type == right->has_type &&
           (!left->has_type || left->type == right->type) &&
           dyn_bytes_equal(left->name, right->name);
}

bool dyn_definition_has_columns(const dyn_definition *a,
                                const dyn_definition *b)
{
    if (a->column_count != b->column_count ||
        a->key.partition[0] != b->key.partition[0] ||
        a->key.sort_count != b->key.sort_count ||
        (a->key.sort_count > 0 && a->key.sort[0] != b->key.sort[0])) {
        return false;
    }
    for (size_t i = 0; i < a->column_count; i++) {
        if (!has_same_column(a, b, i)) return false;
    }
    return true;
}

int dyn_definition_index(const dyn_definition *definition, dyn_bytes name)
{
    for (size_t i = 0; i < definition->index_count; i++) {
        if (dyn_bytes_equal(definition->indexes[i].name, name)) return (int)i;
    }
    return -1;
}

static void mix(uint64_t *digest, dyn_bytes bytes)
{
    *digest = XXH3_64bits_withSeed(bytes.data, bytes.size_bytes, *digest);
}

static void mix_key(uint64_t *digest, const dyn_definition *definition,
                    const uint16_t *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const dyn_column *column = &definition->columns[columns[i]];
        mix(digest, column->name);
        mix(digest, dyn_bytes_text(dyn_type_name(column->type)));
    }
    mix(digest, dyn_bytes_text(""));
}

uint64_t dyn_index_shape(const dyn_definition *definition,
                         const dyn_index *index)
{
    uint64_t digest = 0;
    const unsigned char project = (unsigned char)index->project;
    mix(&digest, index->name);
    mix_key(&digest, definition, index->key.partition,
            index->key.partition_count);
    mix_key(&digest, definition, index->key.sort, index->key.sort_count);
    mix(&digest, (dyn_bytes){&project, 1});
    for (size_t i = 0; i < index->included_count; i++)
        mix(&digest, index->included[i]);
    return digest >> 1;
}

dyn_throughput dyn_index_throughput(const dyn_definition *definition,
                                    const dyn_index *index)
{
    const dyn_throughput *table = &definition->throughput;
    dyn_throughput out = index->throughput;
    if (definition->billing == DYN_ON_DEMAND) {
        out.read_units = 0;
        out.write_units = 0;
        return out;
    }
    if (out.read_units == 0) out.read_units = table->read_units;
    if (out.write_units == 0) out.write_units = table->write_units;
    out.max_read_units = 0;
    out.max_write_units = 0;
    return out;
}

dyn_warm_units dyn_definition_warm(const dyn_definition *definition,
                                   const dyn_index *index)
{
    bool is_on_demand = definition->billing == DYN_ON_DEMAND;
    dyn_throughput units = index == NULL
                               ? definition->throughput
                               : dyn_index_throughput(definition, index);
    return (dyn_warm_units){
        dyn_larger(units.warm_read_units,
                   is_on_demand ? DYN_ON_DEMAND_READ_UNITS : units.read_units),
        dyn_larger(units.warm_write_units, is_on_demand
                                               ? DYN_ON_DEMAND_WRITE_UNITS
                                               : units.write_units),
    };
}

size_t dyn_definition_local_count(const dyn_definition *definition)
{
    size_t count = 0;
    while (count < definition->index_count &&
           definition->indexes[count].is_local) {
        count++;
    }
    return count;
}

const dyn_index *dyn_definition_told_index(const dyn_definition *definition,
                                           size_t at)
{
    size_t first = dyn_definition_local_count(definition);
    return &definition->indexes[(at + first) % definition->index_count];
}

size_t dyn_key_schema_count(const dyn_key_schema *key)
{
    return (size_t)key->partition_count + key->sort_count;
}

size_t dyn_key_schema_column(const dyn_key_schema *key, size_t at)
{
    return at < key->partition_count ? key->partition[at]
                                     : key->sort[at - key->partition_count];
}

bool dyn_key_schema_has(const dyn_key_schema *key, size_t column)
{
    for (size_t i = 0; i < key->partition_count; i++) {
        if (key->partition[i] == column) return true;
    }
    for (size_t i = 0; i < key->sort_count; i++) {
        if (key->sort[i] == column) return true;
    }
    return false;
}

static bool is_key_name(const dyn_definition *definition,
                        const dyn_key_schema *key, dyn_bytes name)
{
    for (size_t i = 0; i < key->partition_count; i++) {
        if (dyn_bytes_equal(definition->columns[key->partition[i]].name, name))
            return true;
    }
    for (size_t i = 0; i < key->sort_count; i++) {
        if (dyn_bytes_equal(definition->columns[key->sort[i]].name, name))
            return true;
    }
    return false;
}

bool dyn_definition_is_key(const dyn_definition *definition, dyn_bytes name)
{
    return is_key_name(definition, &definition->key, name);
}

bool dyn_index_has_key(const dyn_definition *definition, const dyn_index *index,
                       dyn_bytes name)
{
    return is_key_name(definition, &definition->key, name) ||
           is_key_name(definition, &index->key, name);
}

bool dyn_index_includes(const dyn_index *index, dyn_bytes name)
{
    if (index->project == DYN_PROJECT_ALL) return true;
    for (size_t i = 0; i < index->included_count; i++) {
        if (dyn_bytes_equal(index->included[i], name)) return true;
    }
    return false;
}

bool dyn_index_projects(const dyn_definition *definition,
                        const dyn_index *index, dyn_bytes name)
{
    return dyn_index_includes(index, name) ||
           dyn_index_has_key(definition, index, name);
}

void dyn_definition_set_ttl(dyn_definition *definition, dyn_bytes name)
{
    definition->ttl = name;
    if (name.size_bytes == 0) definition->ttl_delay_seconds = 0;
}

bool dyn_definition_throttles(const dyn_definition *definition)
{
    return definition->throttle == DYN_THROTTLE_DEFAULT
               ? definition->billing == DYN_PROVISIONED
               : definition->throttle == DYN_THROTTLE_ON;
}

dyn_hot_keys_option dyn_definition_hot_keys(const dyn_definition *definition)
{
    if (definition->hot_keys != DYN_HOT_KEYS_DEFAULT)
        return definition->hot_keys;
    return dyn_definition_throttles(definition) ? DYN_HOT_KEYS_ON
                                                : DYN_HOT_KEYS_OFF;
}

void dyn_definition_set_billing(dyn_definition *definition, dyn_billing billing)
{
    dyn_throughput *units = &definition->throughput;
    if (definition->billing == billing) return;
    definition->billing = billing;
    if (billing == DYN_ON_DEMAND) {
        units->read_units = 0;
        units->write_units = 0;
    } else {
        units->max_read_units = 0;
        units->max_write_units = 0;
    }
}

static const char *const view_names[DYN_STREAM_VIEWS] = {
    [DYN_STREAM_OFF] = "off",
    [DYN_STREAM_KEYS_ONLY] = "KEYS_ONLY",
    [DYN_STREAM_NEW_IMAGE] = "NEW_IMAGE",
    [DYN_STREAM_OLD_IMAGE] = "OLD_IMAGE",
    [DYN_STREAM_NEW_AND_OLD_IMAGES] = "NEW_AND_OLD_IMAGES",
};

const char *dyn_stream_view_name(dyn_stream_view view)
{
    return view_names[view];
}

bool dyn_stream_view_of(dyn_bytes name, dyn_stream_view *out)
{
    for (int i = 0; i < DYN_STREAM_VIEWS; i++) {
        if (!dyn_bytes_equal_text(name, view_names[i])) continue;
        *out = (dyn_stream_view)i;
        return true;
    }
    return false;
}

bool dyn_stream_view_has_old(dyn_stream_view view)
{
    return view == DYN_STREAM_OLD_IMAGE ||
           view == DYN_STREAM_NEW_AND_OLD_IMAGES;
}

bool dyn_stream_view_has_new(dyn_stream_view view)
{
    return view == DYN_STREAM_NEW_IMAGE ||
           view == DYN_STREAM_NEW_AND_OLD_IMAGES;
}
