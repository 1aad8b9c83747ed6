/* Values: order, equality, size; the contracts are in value.h. */
#include "item/value.h"

#include "base/base64.h"
#include "base/buffer.h"

#include <assert.h>

static const char *const type_names[DYN_TYPE_COUNT] = {
    "NULL", "BOOL", "N", "S", "B", "L", "M", "SS", "NS", "BS",
};

const char *dyn_type_name(dyn_type type)
{
    return type_names[type];
}

bool dyn_type_from_name(dyn_bytes name, dyn_type *out)
{
    for (int i = 0; i < DYN_TYPE_COUNT; i++) {
        if (dyn_bytes_equal_text(name, type_names[i])) {
            *out = (dyn_type)i;
            return true;
        }
    }
    return false;
}

bool dyn_type_is_set(dyn_type type)
{
    return type >= DYN_TYPE_SS;
}

dyn_type dyn_type_of_member(dyn_type set)
{
    assert(dyn_type_is_set(set));
    if (set == DYN_TYPE_SS) return DYN_TYPE_S;
    return set == DYN_TYPE_NS ? DYN_TYPE_N : DYN_TYPE_B;
}

dyn_value *dyn_map_find(const dyn_map *map, dyn_bytes name)
{
    size_t low = 0;
    size_t high = map->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = dyn_bytes_compare(map->attributes[middle].name, name);
        if (order == 0) return &map->attributes[middle].value;
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* ------------------------------------------------------- canonical order -- */

static int compare_attributes(const void *a, const void *b)
{
    const dyn_attribute *left = a;
    const dyn_attribute *right = b;
    return dyn_bytes_compare(left->name, right->name);
}

static int compare_values(const void *a, const void *b)
{
    return dyn_value_compare(a, b);
}

/* Merge sort, for libc's qsort() may allocate behind our back and takes
 * quadratic time nowhere promised otherwise. spare has room for all. */
static void merge_sort(unsigned char *base, size_t count, size_t width,
                       unsigned char *spare,
                       int (*compare)(const void *, const void *))
{
    if (count < 2) return;
    size_t half = count / 2;
    unsigned char *right = base + half * width;
    merge_sort(base, half, width, spare, compare);
    merge_sort(right, count - half, width, spare, compare);
    if (compare(right - width, right) <= 0) return;

    memcpy(spare, base, half * width);
    unsigned char *left = spare;
    unsigned char *left_end = spare + half * width;
    unsigned char *right_end = base + count * width;
    unsigned char *out = base;
    while (left < left_end) {
        bool take_left = right == right_end || compare(left, right) <= 0;
        unsigned char **from = take_left ? &left : &right;
        memmove(out, *from, width);
        *from += width;
        out += width;
    }
}

static bool is_sorted(const unsigned char *base, size_t count, size_t width,
                      int (*compare)(const void *, const void *))
{
    for (size_t i = 1; i < count; i++) {
        if (compare(base + (i - 1) * width, base + i * width) > 0) return false;
    }
    return true;
}

static dyn_status sort(dyn_call *call, void *base, size_t count, size_t width,
                       int (*compare)(const void *, const void *))
{
    if (is_sorted(base, count, width, compare)) return DYN_OK;
    unsigned char *spare = dyn_alloc(call, count / 2 * width);
    if (spare == NULL) return DYN_NOMEM;
    merge_sort(base, count, width, spare, compare);
    return DYN_OK;
}

dyn_status dyn_map_sort(dyn_call *call, dyn_map *map)
{
    DYN_TRY(sort(call, map->attributes, map->count, sizeof(dyn_attribute),
                 compare_attributes));
    for (size_t i = 1; i < map->count; i++) {
        const dyn_bytes *name = &map->attributes[i].name;
        if (dyn_bytes_equal(map->attributes[i - 1].name, *name)) {
            return dyn_fail(call, DYN_INVALID,
                            "attribute %.*s is given more than once",
                            (int)name->size_bytes, (const char *)name->data);
        }
    }
    return DYN_OK;
}

static void add_base64(dyn_call *call, dyn_buffer *out, dyn_bytes bytes)
{
    size_t size_bytes = dyn_base64_encoded_bytes(bytes.size_bytes);
    char *text = dyn_alloc(call, size_bytes);
    if (text == NULL) {
        out->failed = true;
        return;
    }
    dyn_base64_encode(bytes, text);
    dyn_buffer_add(out, text, size_bytes);
}

/* The service has three texts for that; texts and binary values are shown in
 * the order in which they were given. */
static dyn_status fail_duplicates(dyn_call *call, dyn_type type,
                                  const dyn_value *members, size_t count)
{
    enum { SHOWN_BYTES_MAX = 400 };
    dyn_buffer text;
    dyn_bytes shown = {NULL, 0};
    if (type == DYN_TYPE_NS) {
        return dyn_fail_reason(call, DYN_INVALID, DYN_REASON_DUPLICATES,
                               "Input collection contains duplicates");
    }
    dyn_buffer_begin(&text, call, SHOWN_BYTES_MAX);
    for (size_t i = 0; i < count && text.size_bytes < SHOWN_BYTES_MAX; i++) {
        if (i > 0) dyn_buffer_add_text(&text, ", ");
        if (type == DYN_TYPE_SS) {
            dyn_buffer_add_bytes(&text, members[i].bytes);
        } else {
            add_base64(call, &text, members[i].bytes);
        }
    }
    DYN_TRY(dyn_buffer_end(&text, &shown));
    return dyn_fail_reason(call, DYN_INVALID, DYN_REASON_DUPLICATES,
                           "One or more parameter values were invalid: Input "
                           "collection [%.*s]%s contains duplicates.",
                           (int)shown.size_bytes, (const char *)shown.data,
                           type == DYN_TYPE_BS ? "of type BS" : "");
}

static dyn_status fail_empty(dyn_call *call, dyn_type type)
{
    if (type == DYN_TYPE_BS) {
        return dyn_fail(call, DYN_INVALID,
                        "One or more parameter values were invalid: Binary "
                        "sets should not be empty");
    }
    bool is_texts = type == DYN_TYPE_SS;
    return dyn_fail_reason(
        call, DYN_INVALID, is_texts ? DYN_REASON_NONE : DYN_REASON_NUMBER_SET,
        "One or more parameter values were invalid: An %s set  may not be "
        "empty",
        is_texts ? "string" : "number");
}

dyn_status dyn_set_sort(dyn_call *call, dyn_value *set)
{
    dyn_list *list = &set->list;
    if (list->count == 0) return fail_empty(call, set->type);
    dyn_value *given = list->elements;
    dyn_value *sorted = dyn_alloc(call, list->count * sizeof(dyn_value));
    if (sorted == NULL) return DYN_NOMEM;
    memcpy(sorted, given, list->count * sizeof(dyn_value));
    DYN_TRY(sort(call, sorted, list->count, sizeof(dyn_value), compare_values));
    for (size_t i = 1; i < list->count; i++) {
        if (dyn_value_compare(&sorted[i - 1], &sorted[i]) == 0) {
            return fail_duplicates(call, set->type, given, list->count);
        }
    }
    list->elements = sorted;
    return DYN_OK;
}

/* -------------------------------------------------- comparison and size -- */

int dyn_value_compare(const dyn_value *a, const dyn_value *b)
{
    assert(a->type == b->type);
    if (a->type == DYN_TYPE_N) {
        return dyn_number_compare(&a->number, &b->number);
    }
    return dyn_bytes_compare(a->bytes, b->bytes);
}

static bool lists_equal(const dyn_list *a, const dyn_list *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!dyn_value_equal(&a->elements[i], &b->elements[i])) return false;
    }
    return true;
}

static bool maps_equal(const dyn_map *a, const dyn_map *b)
{
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        if (!dyn_bytes_equal(a->attributes[i].name, b->attributes[i].name) ||
            !dyn_value_equal(&a->attributes[i].value,
                             &b->attributes[i].value)) {
            return false;
        }
    }
    return true;
}

bool dyn_value_equal(const dyn_value *a, const dyn_value *b)
{
    if (a->type != b->type) return false;
    switch (a->type) {
    case DYN_TYPE_NULL:
        return true;
    case DYN_TYPE_BOOL:
        return a->boolean == b->boolean;
    case DYN_TYPE_N:
        return dyn_number_equal(&a->number, &b->number);
    case DYN_TYPE_S:
    case DYN_TYPE_B:
        return dyn_bytes_equal(a->bytes, b->bytes);
    case DYN_TYPE_M:
        return maps_equal(&a->map, &b->map);
    case DYN_TYPE_L:
    case DYN_TYPE_SS:
    case DYN_TYPE_NS:
    case DYN_TYPE_BS:
        break;
    }
    return lists_equal(&a->list, &b->list);
}

enum { CONTAINER_BYTES = 3, ELEMENT_BYTES = 1 };

static size_t list_size_bytes(const dyn_list *list, size_t element_bytes)
{
    size_t size = list->count * element_bytes;
    for (size_t i = 0; i < list->count; i++) {
        size += dyn_value_size_bytes(&list->elements[i]);
    }
    return size;
}

size_t dyn_value_size_bytes(const dyn_value *value)
{
    switch (value->type) {
    case DYN_TYPE_NULL:
    case DYN_TYPE_BOOL:
        return 1;
    case DYN_TYPE_N:
        return dyn_number_size_bytes(&value->number);
    case DYN_TYPE_S:
    case DYN_TYPE_B:
        return value->bytes.size_bytes;
    case DYN_TYPE_M:
        return CONTAINER_BYTES + dyn_map_size_bytes(&value->map) +
               value->map.count * ELEMENT_BYTES;
    case DYN_TYPE_L:
        return CONTAINER_BYTES + list_size_bytes(&value->list, ELEMENT_BYTES);
    case DYN_TYPE_SS:
    case DYN_TYPE_NS:
    case DYN_TYPE_BS:
        break;
    }
    return list_size_bytes(&value->list, 0);
}

size_t dyn_map_size_bytes(const dyn_map *item)
{
    size_t size = 0;
    for (size_t i = 0; i < item->count; i++) {
        size += item->attributes[i].name.size_bytes +
                dyn_value_size_bytes(&item->attributes[i].value);
    }
    return size;
}

/* --------------------------------------------------------------- limits -- */

size_t dyn_value_nesting_levels(const dyn_value *value)
{
    size_t deepest = 0;
    if (value->type == DYN_TYPE_L) {
        for (size_t i = 0; i < value->list.count; i++) {
            size_t levels = dyn_value_nesting_levels(&value->list.elements[i]);
            if (levels > deepest) deepest = levels;
        }
        return deepest + 1;
    }
    if (value->type == DYN_TYPE_M) {
        for (size_t i = 0; i < value->map.count; i++) {
            size_t levels =
                dyn_value_nesting_levels(&value->map.attributes[i].value);
            if (levels > deepest) deepest = levels;
        }
        return deepest + 1;
    }
    return 0;
}

dyn_status dyn_item_check(dyn_call *call, const dyn_map *item,
                          size_t *size_bytes)
{
    for (size_t i = 0; i < item->count; i++) {
        const dyn_attribute *attribute = &item->attributes[i];
        if (attribute->name.size_bytes == 0) {
            return dyn_fail(call, DYN_INVALID,
                            "One or more parameter values were invalid: An "
                            "attribute name must not be empty");
        }
        if (attribute->name.size_bytes > DYN_ATTRIBUTE_NAME_BYTES_MAX) {
            return dyn_fail(call, DYN_INVALID,
                            "One or more parameter values were invalid: An "
                            "attribute name has %zu bytes; the limit is %d",
                            attribute->name.size_bytes,
                            DYN_ATTRIBUTE_NAME_BYTES_MAX);
        }
        if (dyn_value_nesting_levels(&attribute->value) >
            DYN_NESTING_LEVELS_MAX) {
            return dyn_fail(call, DYN_INVALID,
                            "Nesting Levels have exceeded supported limits: "
                            "Attributes in the item have nested levels beyond "
                            "supported limit");
        }
    }
    *size_bytes = dyn_map_size_bytes(item);
    if (*size_bytes > DYN_ITEM_BYTES_MAX) {
        return dyn_fail(call, DYN_TOO_LARGE,
                        "Item size has exceeded the maximum allowed size");
    }
    return DYN_OK;
}
