/*
 * Encoding and decoding of stored items; the layout is in codec.h.
 *
 * Stored bytes are not trusted: every length is checked against what is left,
 * every count against the bytes that it would need, before anything is read or
 * allocated for it.
 */
#include "item/codec.h"

#include "base/varint.h"
#include "item/key.h"

#include <assert.h>

enum {
    TAG_NULL = 0x00,
    TAG_FALSE = 0x01,
    TAG_TRUE = 0x02,
    TAG_S = 0x03,
    TAG_B = 0x04,
    TAG_L = 0x05,
    TAG_M = 0x06,
    TAG_SS = 0x07,
    TAG_NS = 0x08,
    TAG_BS = 0x09,
    TAG_N = 0x20,       /* | bytes */
    TAG_SHORT_S = 0x80, /* | bytes */
    SHORT_S_BYTES_MAX = 0x7f,
    VARINT_BYTES_MAX = 5,
};

static const dyn_names no_names = {NULL, NULL, 0};

/* --------------------------------------------------------------- writing -- */

static void write_bytes(dyn_buffer *out, dyn_bytes bytes)
{
    dyn_varint_add(out, bytes.size_bytes);
    dyn_buffer_add_bytes(out, bytes);
}

static void write_value(dyn_buffer *out, const dyn_value *value);

/* What a name begins with. */
static size_t head_of_number(size_t number)
{
    return 2 * number + 1;
}

static size_t head_of_text(dyn_bytes name)
{
    return 2 * name.size_bytes;
}

static void write_name(dyn_buffer *out, dyn_bytes name)
{
    dyn_varint_add(out, head_of_text(name));
    dyn_buffer_add_bytes(out, name);
}

bool dyn_names_seek(const dyn_names *names, dyn_bytes name, size_t *at)
{
    for (; *at < names->count; ++*at) {
        dyn_bytes here = names->all[names->order[*at]];
        if (dyn_bytes_equal(here, name)) return true;
        if (dyn_bytes_compare(here, name) > 0) return false;
    }
    return false;
}

/* Whether a number is that of a column in the key. */
static bool is_in_key(const dyn_layout *layout, size_t number)
{
    return layout != NULL && number < layout->column_count &&
           layout->part_of[number] != DYN_NO_PART;
}

/* All attributes, or with a layout those that are not in the key, which the map
 * has, too. Returns how many names have no number. */
static size_t write_attributes(dyn_buffer *out, const dyn_names *names,
                               const dyn_layout *layout, const dyn_map *map)
{
    size_t at = 0;
    size_t texts = 0;
    size_t in_key = layout != NULL ? layout->part_count : 0;
    assert(map->count >= in_key);
    dyn_varint_add(out, map->count - in_key);
    for (size_t i = 0; i < map->count; i++) {
        const dyn_attribute *attribute = &map->attributes[i];
        if (dyn_names_seek(names, attribute->name, &at)) {
            assert(names->order != NULL);
            size_t number = names->order[at];
            if (is_in_key(layout, number)) continue;
            dyn_varint_add(out, head_of_number(number));
        } else {
            write_name(out, attribute->name);
            texts++;
        }
        write_value(out, &attribute->value);
    }
    return texts;
}

static void write_members(dyn_buffer *out, const dyn_value *set)
{
    dyn_varint_add(out, set->list.count);
    for (size_t i = 0; i < set->list.count; i++) {
        const dyn_value *member = &set->list.elements[i];
        if (set->type == DYN_TYPE_NS) {
            unsigned char number[DYN_NUMBER_ENCODED_BYTES];
            size_t size = dyn_number_encode(&member->number, number);
            write_bytes(out, (dyn_bytes){number, size});
        } else {
            write_bytes(out, member->bytes);
        }
    }
}

static void write_body(dyn_buffer *out, const dyn_value *value)
{
    if (value->type == DYN_TYPE_M) {
        write_attributes(out, &no_names, NULL, &value->map);
    } else if (value->type == DYN_TYPE_L) {
        dyn_varint_add(out, value->list.count);
        for (size_t i = 0; i < value->list.count; i++) {
            write_value(out, &value->list.elements[i]);
        }
    } else {
        write_members(out, value);
    }
}

/* The body goes first to a place that leaves room for the longest length in
 * front of it, and is then moved up to the length it has. */
static void write_container(dyn_buffer *out, unsigned char tag,
                            const dyn_value *value)
{
    dyn_buffer_add_byte(out, tag);
    size_t start = out->size_bytes;
    dyn_buffer_reserve(out, VARINT_BYTES_MAX);
    size_t body = out->size_bytes;
    write_body(out, value);
    if (out->failed) return;
    size_t body_bytes = out->size_bytes - body;
    out->size_bytes = start;
    dyn_varint_add(out, body_bytes);
    memmove(out->data + out->size_bytes, out->data + body, body_bytes);
    out->size_bytes += body_bytes;
}

static void write_number(dyn_buffer *out, const dyn_number *number)
{
    unsigned char encoded[1 + DYN_NUMBER_ENCODED_BYTES];
    size_t size = dyn_number_encode(number, encoded + 1);
    encoded[0] = (unsigned char)(TAG_N | size);
    dyn_buffer_add(out, encoded, size + 1);
}

static void write_string(dyn_buffer *out, dyn_bytes text)
{
    if (text.size_bytes <= SHORT_S_BYTES_MAX) {
        dyn_buffer_add_byte(out,
                            (unsigned char)(TAG_SHORT_S | text.size_bytes));
        dyn_buffer_add_bytes(out, text);
    } else {
        dyn_buffer_add_byte(out, TAG_S);
        write_bytes(out, text);
    }
}

static void write_value(dyn_buffer *out, const dyn_value *value)
{
    switch (value->type) {
    case DYN_TYPE_NULL:
        dyn_buffer_add_byte(out, TAG_NULL);
        break;
    case DYN_TYPE_BOOL:
        dyn_buffer_add_byte(out, value->boolean ? TAG_TRUE : TAG_FALSE);
        break;
    case DYN_TYPE_N:
        write_number(out, &value->number);
        break;
    case DYN_TYPE_S:
        write_string(out, value->bytes);
        break;
    case DYN_TYPE_B:
        dyn_buffer_add_byte(out, TAG_B);
        write_bytes(out, value->bytes);
        break;
    case DYN_TYPE_L:
        write_container(out, TAG_L, value);
        break;
    case DYN_TYPE_M:
        write_container(out, TAG_M, value);
        break;
    case DYN_TYPE_SS:
        write_container(out, TAG_SS, value);
        break;
    case DYN_TYPE_NS:
        write_container(out, TAG_NS, value);
        break;
    case DYN_TYPE_BS:
        write_container(out, TAG_BS, value);
        break;
    }
}

/* Begin with the size, with room for attributes that are not much but texts. */
static void begin_item(dyn_buffer *out, dyn_call *call, const dyn_map *item,
                       size_t size_bytes)
{
    size_t most = (size_t)2 * VARINT_BYTES_MAX;
    if (item != NULL) most += size_bytes + 8 * item->count;
    dyn_buffer_begin(out, call, most);
    dyn_varint_add(out, size_bytes);
}

dyn_status dyn_item_encode(dyn_call *call, const dyn_names *names,
                           const dyn_map *item, size_t size_bytes,
                           dyn_bytes *out)
{
    dyn_buffer buffer;
    begin_item(&buffer, call, item, size_bytes);
    if (names == NULL) names = &no_names;
    if (item != NULL) write_attributes(&buffer, names, NULL, item);
    return dyn_buffer_end(&buffer, out);
}

dyn_status dyn_item_encode_rest(dyn_call *call, const dyn_layout *layout,
                                const dyn_map *item, size_t size_bytes,
                                size_t *texts, dyn_bytes *out)
{
    dyn_buffer buffer;
    begin_item(&buffer, call, item, size_bytes);
    *texts = write_attributes(&buffer, layout->names, layout, item);
    return dyn_buffer_end(&buffer, out);
}

/* --------------------------------------------------------------- reading -- */

typedef struct reader {
    const unsigned char *next;
    const unsigned char *end;
} reader;

static reader reader_of(dyn_bytes bytes)
{
    return (reader){bytes.data, bytes.data + bytes.size_bytes};
}

static size_t bytes_left(const reader *in)
{
    return (size_t)(in->end - in->next);
}

static bool read_varint(reader *in, size_t *out)
{
    static const uint64_t end = UINT64_C(1) << (7 * VARINT_BYTES_MAX);
    uint64_t number = 0;
    if (!dyn_varint_read(&in->next, in->end, &number) || number >= end)
        return false;
    *out = (size_t)number;
    return true;
}

static bool read_run(reader *in, size_t size_bytes, dyn_bytes *out)
{
    if (size_bytes > bytes_left(in)) return false;
    *out = (dyn_bytes){in->next, size_bytes};
    in->next += size_bytes;
    return true;
}

static bool read_bytes(reader *in, dyn_bytes *out)
{
    size_t size_bytes = 0;
    return read_varint(in, &size_bytes) && read_run(in, size_bytes, out);
}

/* A value as it lies: its tag and the bytes that belong to it. */
typedef struct raw_value {
    unsigned char tag; /* the length of N and short S taken out */
    dyn_bytes body;
} raw_value;

static bool read_raw(reader *in, raw_value *out)
{
    if (in->next == in->end) return false;
    unsigned char tag = *in->next++;
    if (tag >= TAG_SHORT_S) {
        out->tag = TAG_S;
        return read_run(in, tag & SHORT_S_BYTES_MAX, &out->body);
    }
    if (tag >= TAG_N) {
        out->tag = TAG_N;
        return tag <= (TAG_N | DYN_NUMBER_ENCODED_BYTES) &&
               read_run(in, (size_t)(tag - TAG_N), &out->body);
    }
    out->tag = tag;
    if (tag <= TAG_TRUE) {
        out->body = (dyn_bytes){in->next, 0};
        return true;
    }
    if (tag > TAG_BS) return false;
    return read_bytes(in, &out->body) &&
           (tag != TAG_S || out->body.size_bytes > SHORT_S_BYTES_MAX);
}

static dyn_status fail_corrupt(dyn_call *call)
{
    return dyn_fail(call, DYN_CORRUPT, "a stored item does not decode");
}

static dyn_status decode_value(dyn_call *call, const raw_value *raw, int levels,
                               dyn_value *out);

static bool read_name(reader *in, const dyn_names *names, dyn_bytes *out)
{
    size_t head = 0;
    if (!read_varint(in, &head)) return false;
    if (head % 2 == 0) return read_run(in, head / 2, out);
    if (head / 2 >= names->count) return false;
    *out = names->all[head / 2];
    return true;
}

/* Levels are bounded because damaged bytes could nest for ever. */
static dyn_status decode_attributes(dyn_call *call, reader *in,
                                    const dyn_names *names, size_t count,
                                    int levels, dyn_map *out)
{
    out->count = count;
    out->attributes = dyn_alloc(call, count * sizeof(dyn_attribute));
    if (out->attributes == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        dyn_attribute *attribute = &out->attributes[i];
        raw_value raw;
        if (!read_name(in, names, &attribute->name) || !read_raw(in, &raw)) {
            return fail_corrupt(call);
        }
        if (i > 0 &&
            dyn_bytes_compare(attribute[-1].name, attribute->name) >= 0) {
            return fail_corrupt(call);
        }
        DYN_TRY(decode_value(call, &raw, levels, &attribute->value));
    }
    return in->next == in->end ? DYN_OK : fail_corrupt(call);
}

static dyn_status decode_elements(dyn_call *call, reader *in, int levels,
                                  dyn_list *out)
{
    for (size_t i = 0; i < out->count; i++) {
        raw_value raw;
        if (!read_raw(in, &raw)) return fail_corrupt(call);
        DYN_TRY(decode_value(call, &raw, levels, &out->elements[i]));
    }
    return DYN_OK;
}

static dyn_status decode_members(dyn_call *call, reader *in, dyn_type type,
                                 dyn_list *out)
{
    for (size_t i = 0; i < out->count; i++) {
        dyn_value *member = &out->elements[i];
        dyn_bytes bytes;
        if (!read_bytes(in, &bytes)) return fail_corrupt(call);
        member->type = type;
        member->bytes = bytes;
        if (type == DYN_TYPE_N && !dyn_number_decode(bytes, &member->number)) {
            return fail_corrupt(call);
        }
        if (i > 0 && dyn_value_compare(member - 1, member) >= 0) {
            return fail_corrupt(call);
        }
    }
    return out->count > 0 ? DYN_OK : fail_corrupt(call);
}

static dyn_status decode_container(dyn_call *call, const raw_value *raw,
                                   int levels, dyn_value *out)
{
    reader in = reader_of(raw->body);
    size_t count = 0;
    if (levels == 0 || !read_varint(&in, &count) || count > bytes_left(&in)) {
        return fail_corrupt(call);
    }
    if (out->type == DYN_TYPE_M) {
        return decode_attributes(call, &in, &no_names, count, levels - 1,
                                 &out->map);
    }
    out->list.count = count;
    out->list.elements = dyn_alloc(call, count * sizeof(dyn_value));
    if (out->list.elements == NULL) return DYN_NOMEM;
    if (out->type == DYN_TYPE_L) {
        DYN_TRY(decode_elements(call, &in, levels - 1, &out->list));
    } else {
        DYN_TRY(decode_members(call, &in, dyn_type_of_member(out->type),
                               &out->list));
    }
    return in.next == in.end ? DYN_OK : fail_corrupt(call);
}

static dyn_type type_of_tag(unsigned char tag)
{
    switch (tag) {
    case TAG_NULL:
        return DYN_TYPE_NULL;
    case TAG_FALSE:
    case TAG_TRUE:
        return DYN_TYPE_BOOL;
    case TAG_S:
        return DYN_TYPE_S;
    case TAG_B:
        return DYN_TYPE_B;
    case TAG_L:
        return DYN_TYPE_L;
    case TAG_M:
        return DYN_TYPE_M;
    case TAG_SS:
        return DYN_TYPE_SS;
    case TAG_NS:
        return DYN_TYPE_NS;
    case TAG_BS:
        return DYN_TYPE_BS;
    default:
        return DYN_TYPE_N;
    }
}

static dyn_status decode_value(dyn_call *call, const raw_value *raw, int levels,
                               dyn_value *out)
{
    out->type = type_of_tag(raw->tag);
    switch (out->type) {
    case DYN_TYPE_NULL:
        return DYN_OK;
    case DYN_TYPE_BOOL:
        out->boolean = raw->tag == TAG_TRUE;
        return DYN_OK;
    case DYN_TYPE_N:
        return dyn_number_decode(raw->body, &out->number) ? DYN_OK
                                                          : fail_corrupt(call);
    case DYN_TYPE_S:
    case DYN_TYPE_B:
        out->bytes = raw->body;
        return DYN_OK;
    case DYN_TYPE_L:
    case DYN_TYPE_M:
    case DYN_TYPE_SS:
    case DYN_TYPE_NS:
    case DYN_TYPE_BS:
        break;
    }
    return decode_container(call, raw, levels, out);
}

/* Sets may stand below the deepest list or map. */
enum { LEVELS_MAX = DYN_NESTING_LEVELS_MAX + 1 };

dyn_status dyn_view_open(dyn_call *call, dyn_bytes stored, dyn_view *out)
{
    reader in = reader_of(stored);
    if (!read_varint(&in, &out->size_bytes)) return fail_corrupt(call);
    out->count = 0;
    out->is_reference = bytes_left(&in) == 0;
    if (!out->is_reference &&
        (!read_varint(&in, &out->count) || out->count > bytes_left(&in))) {
        return fail_corrupt(call);
    }
    out->attributes = (dyn_bytes){in.next, bytes_left(&in)};
    out->key = (dyn_bytes){NULL, 0};
    out->layout = NULL;
    return DYN_OK;
}

static dyn_status next_part(dyn_call *call, const dyn_key_part *part,
                            dyn_bytes *rest, dyn_value *out)
{
    return part->is_sort ? dyn_key_next_sort(call, rest, part->type, out)
                         : dyn_key_next_partition(call, rest, part->type, out);
}

static const dyn_names *names_of(const dyn_view *view)
{
    return view->layout != NULL ? view->layout->names : &no_names;
}

/* The value of a part of the key. */
static dyn_status read_part(dyn_call *call, const dyn_view *view, size_t part,
                            dyn_value *out)
{
    const dyn_key_part *parts = view->layout->parts;
    dyn_bytes rest = view->key;
    for (size_t i = 0; i < part; i++)
        DYN_TRY(next_part(call, &parts[i], &rest, NULL));
    return next_part(call, &parts[part], &rest, out);
}

/* The value of the attribute of that name in the key. */
static dyn_status find_key(dyn_call *call, const dyn_view *view, dyn_bytes name,
                           bool *found, dyn_value *out)
{
    const dyn_layout *layout = view->layout;
    size_t at = 0;
    *found = false;
    if (layout == NULL) return DYN_OK;
    while (at < layout->part_count &&
           !dyn_bytes_equal(layout->parts[at].name, name)) {
        at++;
    }
    *found = at < layout->part_count;
    return *found ? read_part(call, view, at, out) : DYN_OK;
}

/* A name as it is stored. */
typedef struct stored_name {
    size_t head;
    dyn_bytes text; /* where it has no number */
} stored_name;

static stored_name name_of_number(size_t number)
{
    return (stored_name){head_of_number(number), {NULL, 0}};
}

static stored_name name_of_text(dyn_bytes text)
{
    return (stored_name){head_of_text(text), text};
}

/* By halves. */
static stored_name name_among(const dyn_names *names, dyn_bytes name)
{
    size_t first = 0;
    size_t end = names->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        size_t number = names->order[middle];
        int order = dyn_bytes_compare(names->all[number], name);
        if (order == 0) return name_of_number(number);
        if (order < 0) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return name_of_text(name);
}

/* Read a name, and tell whether it is this one. */
static inline bool read_if_name(reader *in, const stored_name *name,
                                bool *is_it)
{
    size_t head = 0;
    if (!read_varint(in, &head)) return false;
    *is_it = head == name->head;
    if (head % 2 != 0) return true;
    if (head / 2 > bytes_left(in)) return false;
    if (*is_it) *is_it = memcmp(in->next, name->text.data, head / 2) == 0;
    in->next += head / 2;
    return true;
}

/* The value of the attribute of that name out of count ones. */
static dyn_status find_raw(dyn_call *call, reader in, size_t count,
                           const stored_name *name, bool *found, raw_value *out)
{
    *found = false;
    for (; count > 0 && !*found; count--) {
        if (!read_if_name(&in, name, found) || !read_raw(&in, out))
            return fail_corrupt(call);
    }
    return DYN_OK;
}

/* The value one step below raw. */
static dyn_status step_down(dyn_call *call, const dyn_step *step, bool *found,
                            raw_value *raw)
{
    *found = false;
    if (raw->tag != (step->is_index ? TAG_L : TAG_M)) return DYN_OK;
    reader in = reader_of(raw->body);
    size_t count = 0;
    if (!read_varint(&in, &count)) return fail_corrupt(call);
    if (!step->is_index) {
        stored_name name = name_of_text(step->name);
        return find_raw(call, in, count, &name, found, raw);
    }
    if (step->index >= count) return DYN_OK;
    for (size_t i = 0; i <= step->index; i++) {
        if (!read_raw(&in, raw)) return fail_corrupt(call);
    }
    *found = true;
    return DYN_OK;
}

/* What a path leads to below an attribute that is in no key. */
static dyn_status find_stored(dyn_call *call, const dyn_view *view,
                              const stored_name *name, const dyn_step *steps,
                              size_t step_count, bool *found, dyn_value *out)
{
    raw_value raw = {0};
    DYN_TRY(find_raw(call, reader_of(view->attributes), view->count, name,
                     found, &raw));
    for (size_t i = 0; i < step_count && *found; i++) {
        DYN_TRY(step_down(call, &steps[i], found, &raw));
    }
    return *found ? decode_value(call, &raw, LEVELS_MAX, out) : DYN_OK;
}

dyn_status dyn_view_find_path(dyn_call *call, const dyn_view *view,
                              dyn_bytes name, const dyn_step *steps,
                              size_t step_count, bool *found, dyn_value *out)
{
    DYN_TRY(find_key(call, view, name, found, out));
    if (!*found) {
        stored_name stored = name_among(names_of(view), name);
        return find_stored(call, view, &stored, steps, step_count, found, out);
    }
    *found = step_count == 0; /* a scalar: no step leads below it */
    return DYN_OK;
}

dyn_status dyn_view_find(dyn_call *call, const dyn_view *view, dyn_bytes name,
                         bool *found, dyn_value *out)
{
    return dyn_view_find_path(call, view, name, NULL, 0, found, out);
}

dyn_status dyn_view_column(dyn_call *call, const dyn_view *view, size_t column,
                           dyn_bytes name, bool *found, dyn_value *out)
{
    const dyn_layout *layout = view->layout;
    if (layout == NULL || column >= layout->column_count)
        return dyn_view_find(call, view, name, found, out);
    uint8_t part = layout->part_of[column];
    *found = part != DYN_NO_PART;
    if (*found) return read_part(call, view, part, out);
    stored_name stored = name_of_number(column);
    return find_stored(call, view, &stored, NULL, 0, found, out);
}

/* Add an attribute in the order of names. */
static void add_attribute(dyn_map *map, const dyn_attribute *attribute)
{
    size_t at = map->count;
    while (at > 0 && dyn_bytes_compare(map->attributes[at - 1].name,
                                       attribute->name) > 0) {
        at--;
    }
    memmove(&map->attributes[at + 1], &map->attributes[at],
            (map->count - at) * sizeof(dyn_attribute));
    map->attributes[at] = *attribute;
    map->count++;
}

static dyn_status decode_key(dyn_call *call, const dyn_view *view, dyn_map *out)
{
    dyn_bytes rest = view->key;
    size_t count = view->layout->part_count;
    *out = (dyn_map){dyn_alloc(call, count * sizeof(dyn_attribute)), 0};
    if (out->attributes == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++) {
        const dyn_key_part *part = &view->layout->parts[i];
        dyn_attribute attribute = {.name = part->name};
        DYN_TRY(next_part(call, part, &rest, &attribute.value));
        add_attribute(out, &attribute);
    }
    return DYN_OK;
}

/* Merge two maps: an attribute is in one of them. */
static dyn_status merge(dyn_call *call, const dyn_map *keys, dyn_map *item)
{
    dyn_map all = {NULL, 0};
    const dyn_attribute *key = keys->attributes;
    const dyn_attribute *last_key = key + keys->count;
    size_t count = item->count + keys->count;
    all.attributes = dyn_alloc(call, count * sizeof(dyn_attribute));
    if (all.attributes == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < item->count; i++) {
        const dyn_attribute *attribute = &item->attributes[i];
        int order = -1;
        while (key < last_key &&
               (order = dyn_bytes_compare(key->name, attribute->name)) < 0) {
            all.attributes[all.count++] = *key++;
        }
        if (key < last_key && order == 0) return fail_corrupt(call);
        all.attributes[all.count++] = *attribute;
    }
    while (key < last_key)
        all.attributes[all.count++] = *key++;
    *item = all;
    return DYN_OK;
}

dyn_status dyn_view_decode(dyn_call *call, const dyn_view *view, dyn_map *out)
{
    dyn_map keys = {NULL, 0};
    reader in = reader_of(view->attributes);
    DYN_TRY(decode_attributes(call, &in, names_of(view), view->count,
                              LEVELS_MAX, out));
    if (view->layout == NULL) return DYN_OK;
    DYN_TRY(decode_key(call, view, &keys));
    return merge(call, &keys, out);
}
