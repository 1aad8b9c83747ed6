/*
 * Any text as an expression of each kind, and what is accepted applied to an
 * item: a libFuzzer entry point.
 *
 * The first byte says which kind; the rest is the text.
 */
#include "expr/condition.h"
#include "expr/key_condition.h"
#include "expr/parse_cache.h"
#include "expr/update.h"
#include "item/codec.h"
#include "item/item_json.h"

#include <assert.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char item_json[] =
    "{\"a\":1,\"b\":\"text\",\"l\":[10,11,[12]],\"m\":{\"x\":{\"y\":2}},"
    "\"ns\":{\"NS\":[\"1\",\"2\"]},\"t\":true,\"nil\":null}";
static const char names_json[] = "{\"#a\":\"a\",\"#l\":\"l\",\"#m\":\"m\"}";
static const char values_json[] = "{\":n\":1,\":s\":\"te\",\":l\":[1],\":ns\":{"
                                  "\"NS\":[\"2\"]},\":t\":\"NS\"}";

typedef struct given {
    dyn_map item;
    dyn_view view;
    dyn_substitutes substitutes;
    dyn_map names;
    dyn_map values;
} given;

static void begin(dyn_call *call, given *out)
{
    dyn_bytes stored = {NULL, 0};
    dyn_status status =
        dyn_item_from_text(call, dyn_bytes_text(item_json), &out->item);
    assert(status == DYN_OK);
    status = dyn_item_from_text(call, dyn_bytes_text(names_json), &out->names);
    assert(status == DYN_OK);
    status =
        dyn_item_from_text(call, dyn_bytes_text(values_json), &out->values);
    assert(status == DYN_OK);
    status = dyn_item_encode(call, NULL, &out->item,
                             dyn_map_size_bytes(&out->item), &stored);
    assert(status == DYN_OK);
    status = dyn_view_open(call, stored, &out->view);
    assert(status == DYN_OK);
    status = dyn_substitutes_begin(call, &out->names, &out->values,
                                   &out->substitutes);
    assert(status == DYN_OK);
    (void)status;
}

static void try_condition(dyn_call *call, given *with, dyn_expression_kind kind,
                          dyn_bytes text)
{
    static const dyn_key_attribute attributes[] = {
        {{(const unsigned char *)"a", 1}, DYN_TYPE_N},
        {{(const unsigned char *)"b", 1}, DYN_TYPE_S},
    };
    dyn_key_attributes key = {attributes, 1, attributes + 1, 1};
    dyn_condition condition;
    dyn_key_list asked;
    dyn_key_terms terms;
    bool holds = false;
    dyn_status status =
        dyn_condition_parse(call, kind, text, &with->substitutes, &condition);
    if (status != DYN_OK) return;
    status = dyn_condition_matches(call, &condition, &with->view, &holds);
    assert(status == DYN_OK);
    status = dyn_condition_matches(call, &condition, NULL, &holds);
    assert(status == DYN_OK);
    (void)status;
    if (dyn_key_condition_read(call, &condition, &asked) != DYN_OK) return;
    for (size_t i = 0; i < 2; i++) {
        if (dyn_key_terms_take(call, &asked, &key, i, &terms) != DYN_OK) return;
    }
}

static void try_update(dyn_call *call, given *with, dyn_bytes text)
{
    dyn_update update;
    dyn_map out;
    if (dyn_update_parse(call, text, &with->substitutes, &update) != DYN_OK) {
        return;
    }
    if (dyn_update_apply(call, &update, &with->item, &out) != DYN_OK) return;
    for (size_t i = 1; i < out.count; i++) {
        assert(dyn_bytes_compare(out.attributes[i - 1].name,
                                 out.attributes[i].name) < 0);
    }
    (void)dyn_map_size_bytes(&out);
}

static void try_projection(dyn_call *call, given *with, dyn_bytes text)
{
    dyn_projection projection;
    dyn_map out;
    dyn_map same;
    dyn_status status =
        dyn_projection_parse(call, text, &with->substitutes, &projection);
    if (status != DYN_OK) return;
    status = dyn_projection_apply(call, &projection, &with->view, &out);
    assert(status == DYN_OK);
    status = dyn_projection_apply_map(call, &projection, &with->item, &same);
    assert(status == DYN_OK);
    assert(out.count == same.count);
    (void)status;
}

static void try_text(dyn_parse_cache *cache, dyn_expression_kind kind,
                     dyn_bytes text)
{
    dyn_call call;
    given with;
    dyn_call_begin(&call);
    dyn_parse_cache_begin_call(cache, &call);
    begin(&call, &with);
    if (kind == DYN_EXPRESSION_UPDATE) {
        try_update(&call, &with, text);
    } else if (kind == DYN_EXPRESSION_PROJECTION) {
        try_projection(&call, &with, text);
    } else {
        try_condition(&call, &with, kind, text);
    }
    dyn_call_end(&call);
}

/* Twice: parsed, and with the tree that was kept. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    dyn_parse_cache cache = {.uses = 0};
    if (size == 0) return 0;
    dyn_expression_kind kind =
        (dyn_expression_kind)(data[0] % (DYN_EXPRESSION_SQL_CONDITION + 1));
    dyn_bytes text = {data + 1, size - 1};
    try_text(&cache, kind, text);
    try_text(&cache, kind, text);
    dyn_parse_cache_clear(&cache);
    return 0;
}
