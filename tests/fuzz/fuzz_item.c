/*
 * Any text as the JSON of an item. What is accepted, and an item by its size
 * and nesting, is printed and read again, and stored and decoded again, and is
 * the same each time; any bytes as a stored item are refused or decode: a
 * libFuzzer entry point.
 *
 * The first byte says which: 0 text, 1 text of typed form, 2 stored bytes.
 */
#include "item/codec.h"
#include "item/item_json.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_same(const dyn_map *a, const dyn_map *b)
{
    dyn_value left = {.type = DYN_TYPE_M, .map = *a};
    dyn_value right = {.type = DYN_TYPE_M, .map = *b};
    return dyn_value_equal(&left, &right);
}

static void check_printed(dyn_call *call, const dyn_map *item,
                          dyn_json_form form)
{
    dyn_buffer text;
    dyn_bytes bytes = {NULL, 0};
    dyn_map again = {NULL, 0};
    dyn_buffer_begin(&text, call, 64);
    dyn_item_to_json(&text, item, form);
    dyn_status status = dyn_buffer_end(&text, &bytes);
    assert(status == DYN_OK);
    status = dyn_item_from_text(call, bytes, &again);
    assert(status == DYN_OK && is_same(item, &again));
    (void)status;
}

/* What has no key, and numbers for two names. */
static const dyn_bytes texts[] = {{(const unsigned char *)"name", 4},
                                  {(const unsigned char *)"b", 1}};
static const uint16_t order[] = {1, 0};
static const dyn_names names[] = {{NULL, NULL, 0}, {texts, order, 2}};
static const dyn_layout layouts[] = {{.names = &names[0]},
                                     {.names = &names[1]}};

static void check_stored(dyn_call *call, const dyn_layout *layout,
                         const dyn_map *item, size_t size_bytes)
{
    dyn_view view;
    dyn_bytes stored = {NULL, 0};
    dyn_map again = {NULL, 0};
    dyn_status status =
        dyn_item_encode(call, layout->names, item, size_bytes, &stored);
    assert(status == DYN_OK);
    status = dyn_view_open(call, stored, &view);
    assert(status == DYN_OK);
    view.layout = layout;
    status = dyn_view_decode(call, &view, &again);
    assert(status == DYN_OK && is_same(item, &again));
    (void)status;
}

static void try_text(dyn_call *call, dyn_bytes text, bool is_typed)
{
    enum { DEPTH_MAX = 100 };
    size_t size_bytes = 0;
    dyn_map item = {NULL, 0};
    const dyn_json *json = NULL;
    if (!is_typed) {
        if (dyn_item_from_text(call, text, &item) != DYN_OK) return;
    } else if (dyn_json_parse(call, text, DEPTH_MAX, &json) != DYN_OK ||
               json->type != DYN_JSON_OBJECT ||
               dyn_item_from_typed(call, json, &item) != DYN_OK) {
        return;
    }
    if (dyn_item_check(call, &item, &size_bytes) != DYN_OK) return;
    check_printed(call, &item, DYN_JSON_PLAIN);
    check_printed(call, &item, DYN_JSON_TYPED);
    check_stored(call, &layouts[0], &item, size_bytes);
    check_stored(call, &layouts[1], &item, size_bytes);
}

/* Without its checksum, which a fuzzer does not guess. */
static void try_stored(dyn_call *call, dyn_bytes stored)
{
    dyn_view view = {.attributes = stored, .layout = &layouts[1]};
    dyn_map item = {NULL, 0};
    dyn_value value;
    bool found = false;
    if (stored.size_bytes == 0) return;
    view.count = stored.data[0];
    view.attributes.data++;
    view.attributes.size_bytes--;
    (void)dyn_view_find(call, &view, dyn_bytes_text("b"), &found, &value);
    if (dyn_view_decode(call, &view, &item) == DYN_OK)
        (void)dyn_map_size_bytes(&item);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dyn_call call;
    if (size == 0) return 0;
    const dyn_bytes rest = {data + 1, size - 1};
    dyn_call_begin(&call);
    if (data[0] % 3 == 2) {
        try_stored(&call, rest);
    } else {
        try_text(&call, rest, data[0] % 3 == 1);
    }
    dyn_call_end(&call);
    return 0;
}
