/*
 * Any text as a statement of PartiQL; what is accepted is taken apart, and
 * applied to an item: a libFuzzer entry point.
 *
 * The first byte says how many parameters there are; the rest is the text.
 */
#include "item/codec.h"
#include "item/item_json.h"
#include "partiql/parse.h"
#include "partiql/where.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char item_json[] =
    "{\"a\":1,\"b\":\"text\",\"l\":[10,11,[12]],\"m\":{\"x\":{\"y\":2}},"
    "\"ns\":{\"NS\":[\"1\",\"2\"]},\"t\":true,\"nil\":null}";

static void begin(dyn_call *call, dyn_map *item, dyn_view *view)
{
    dyn_bytes stored = {NULL, 0};
    dyn_status status =
        dyn_item_from_text(call, dyn_bytes_text(item_json), item);
    assert(status == DYN_OK);
    status =
        dyn_item_encode(call, NULL, item, dyn_map_size_bytes(item), &stored);
    assert(status == DYN_OK);
    status = dyn_view_open(call, stored, view);
    assert(status == DYN_OK);
    (void)status;
}

static void try_where(dyn_call *call, const dyn_statement *statement,
                      const dyn_view *view)
{
    static const dyn_key_attribute attributes[] = {
        {{(const unsigned char *)"a", 1}, DYN_TYPE_N},
        {{(const unsigned char *)"b", 1}, DYN_TYPE_S},
    };
    const dyn_key_attributes key = {attributes, 1, attributes + 1, 1};
    dyn_where where;
    dyn_condition condition;
    bool holds = false;
    if (dyn_where_split(call, &statement->where, &key, &where) != DYN_OK)
        return;
    dyn_status status =
        dyn_where_and_exists(call, &where.rest, attributes[0].name, &condition);
    assert(status == DYN_OK);
    status = dyn_condition_matches(call, &condition, view, &holds);
    assert(status == DYN_OK);
    status = dyn_condition_matches(call, &condition, NULL, &holds);
    assert(status == DYN_OK && !holds);
    (void)status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dyn_call call;
    dyn_map item = {NULL, 0};
    dyn_map out = {NULL, 0};
    dyn_view view;
    dyn_statement statement;
    if (size == 0) return 0;
    dyn_call_begin(&call);
    begin(&call, &item, &view);
    dyn_value values[] = {item.attributes[0].value, item.attributes[1].value,
                          item.attributes[4].value};
    const dyn_list parameters = {values, data[0] % 4};
    const dyn_bytes text = {data + 1, size - 1};
    if (dyn_statement_parse(&call, text, &parameters, &statement) == DYN_OK) {
        try_where(&call, &statement, &view);
        (void)dyn_update_apply(&call, &statement.update, &item, &out);
        (void)dyn_projection_apply(&call, &statement.projection, &view, &out);
    }
    dyn_call_end(&call);
    return 0;
}
