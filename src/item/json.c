/*
 * A recursive descent through JSON. The text is checked to be UTF-8 once, at
 * the beginning, so that strings are then read by looking for the few ASCII
 * bytes that matter in them.
 */
#include "item/json.h"

#include "base/utf8.h"

#include <assert.h>

typedef struct reader {
    dyn_call *call;
    const unsigned char *start;
    const unsigned char *next;
    const unsigned char *end;
    size_t depth; /* of the arrays and objects that next is in */
    size_t depth_max;
} reader;

/* ----------------------------------------------------- bytes of a string -- */

/* Whether a byte of word is '"', '\\' or a control character. Each term has
 * the high bit of a byte that is; what a borrow sets besides is above one. */
static bool has_special(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quotes = word ^ (ones * '"');
    uint64_t backslashes = word ^ (ones * '\\');
    uint64_t special = ((word - ones * 0x20) & ~word) |
                       ((quotes - ones) & ~quotes) |
                       ((backslashes - ones) & ~backslashes);
    return (special & (ones * 0x80)) != 0;
}

/* The first byte from next on that does not stand for itself in a string, or
 * end. */
static const unsigned char *skip_plain(const unsigned char *next,
                                       const unsigned char *end)
{
    while ((size_t)(end - next) >= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, next, sizeof(word));
        if (has_special(word)) break;
        next += sizeof(word);
    }
    while (next < end && *next >= 0x20 && *next != '"' && *next != '\\')
        next++;
    return next;
}

/* --------------------------------------------------------------- reading -- */

static dyn_status fail_at(const reader *in, const unsigned char *at,
                          const char *what)
{
    return dyn_fail(in->call, DYN_INVALID, "malformed JSON at byte %zu: %s",
                    (size_t)(at - in->start), what);
}

/* The next byte; at the end a zero byte, which is never a part of JSON. */
static unsigned char peek(const reader *in)
{
    return in->next < in->end ? *in->next : '\0';
}

static bool take(reader *in, unsigned char byte)
{
    if (peek(in) != byte) return false;
    in->next++;
    return true;
}

static void skip_blanks(reader *in)
{
    while (in->next < in->end && (*in->next == ' ' || *in->next == '\n' ||
                                  *in->next == '\t' || *in->next == '\r')) {
        in->next++;
    }
}

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

/* Move over digits. Returns false when there are none. */
static bool skip_digits(reader *in)
{
    const unsigned char *start = in->next;
    while (is_digit(peek(in)))
        in->next++;
    return in->next > start;
}

static dyn_status read_number(reader *in, dyn_json *out)
{
    const unsigned char *start = in->next;
    take(in, '-');
    if (!take(in, '0') && !skip_digits(in)) {
        return fail_at(in, in->next, "expected a digit");
    }
    if (take(in, '.') && !skip_digits(in)) {
        return fail_at(in, in->next, "expected a digit");
    }
    if (take(in, 'e') || take(in, 'E')) {
        if (!take(in, '+')) take(in, '-');
        if (!skip_digits(in)) {
            return fail_at(in, in->next, "expected a digit");
        }
    }
    out->type = DYN_JSON_NUMBER;
    out->text = (dyn_bytes){start, (size_t)(in->next - start)};
    return DYN_OK;
}

/* Read four hexadecimal digits. */
static bool read_hex(reader *in, uint32_t *out)
{
    if (in->end - in->next < 4) return false;
    uint32_t number = 0;
    for (int i = 0; i < 4; i++) {
        unsigned char byte = in->next[i];
        unsigned char letter = byte | 0x20;
        if (is_digit(byte)) {
            number = number << 4 | (uint32_t)(byte - '0');
        } else if (letter >= 'a' && letter <= 'f') {
            number = number << 4 | (uint32_t)(letter - 'a' + 10);
        } else {
            return false;
        }
    }
    in->next += 4;
    *out = number;
    return true;
}

static bool is_surrogate(uint32_t unit)
{
    return unit >= 0xd800 && unit <= 0xdfff;
}

/* Read what follows \u, in the escape that begins at start. Two escapes that
 * are a pair of surrogates are one code point. */
static dyn_status read_unicode_escape(reader *in, const unsigned char *start,
                                      unsigned char **to)
{
    uint32_t unit = 0;
    if (!read_hex(in, &unit)) return fail_at(in, start, "invalid escape");
    if (is_surrogate(unit)) {
        uint32_t low = 0;
        if (unit >= 0xdc00 || !take(in, '\\') || !take(in, 'u') ||
            !read_hex(in, &low) || low < 0xdc00 || low > 0xdfff) {
            return fail_at(in, start, "unpaired surrogate");
        }
        unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
    }
    *to += dyn_utf8_encode(unit, *to);
    return DYN_OK;
}

/* Read the escape at next and write what it stands for to *to, which moves
 * behind it: never more bytes than the escape has. */
static dyn_status read_escape(reader *in, unsigned char **to)
{
    const unsigned char *start = in->next++;
    unsigned char letter = peek(in);
    if (letter == 'u') {
        in->next++;
        return read_unicode_escape(in, start, to);
    }
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    const char *found = letter == '\0' ? NULL : strchr(letters, letter);
    if (found == NULL) return fail_at(in, start, "invalid escape");
    in->next++;
    *(*to)++ = (unsigned char)meanings[found - letters];
    return DYN_OK;
}

/* The byte behind the string whose bytes begin at next, escapes unchecked. */
static const unsigned char *string_end(const unsigned char *next,
                                       const unsigned char *end)
{
    for (;;) {
        next = skip_plain(next, end);
        if (end - next < 2 || *next == '"') return next;
        next += *next == '\\' ? 2 : 1;
    }
}

/* What is wrong where a string neither goes on nor ends. */
static dyn_status fail_in_string(const reader *in)
{
    return fail_at(in, in->next,
                   in->next == in->end ? "expected '\"' at the end of a string"
                                       : "control character in a string");
}

/* Read the rest of a string that has escapes. */
static dyn_status read_escaped(reader *in, dyn_bytes *out)
{
    const unsigned char *limit = string_end(in->next, in->end);
    unsigned char *data = dyn_alloc(in->call, (size_t)(limit - in->next));
    if (data == NULL) return DYN_NOMEM;
    unsigned char *to = data;
    for (;;) {
        const unsigned char *run = in->next;
        in->next = skip_plain(run, in->end);
        memcpy(to, run, (size_t)(in->next - run));
        to += in->next - run;
        if (take(in, '"')) break;
        if (peek(in) != '\\') return fail_in_string(in);
        DYN_TRY(read_escape(in, &to));
    }
    *out = (dyn_bytes){data, (size_t)(to - data)};
    return DYN_OK;
}

/* Read the string whose opening quote is at next. */
static dyn_status read_string(reader *in, dyn_bytes *out)
{
    const unsigned char *start = ++in->next;
    const unsigned char *stop = skip_plain(start, in->end);
    if (stop < in->end && *stop == '\\') return read_escaped(in, out);
    in->next = stop;
    if (!take(in, '"')) return fail_in_string(in);
    *out = (dyn_bytes){start, (size_t)(stop - start)};
    return DYN_OK;
}

static dyn_status read_word(reader *in, const char *word, dyn_json_type type,
                            dyn_json *out)
{
    size_t size_bytes = strlen(word);
    if ((size_t)(in->end - in->next) < size_bytes ||
        memcmp(in->next, word, size_bytes) != 0) {
        return fail_at(in, in->next, "expected a value");
    }
    in->next += size_bytes;
    out->type = type;
    return DYN_OK;
}

static dyn_status read_value(reader *in, dyn_json *out);

/* Read the name of a member and the colon behind it. */
static dyn_status read_name(reader *in, dyn_bytes *out)
{
    if (peek(in) != '"') return fail_at(in, in->next, "expected a name");
    DYN_TRY(read_string(in, out));
    skip_blanks(in);
    if (!take(in, ':')) return fail_at(in, in->next, "expected ':'");
    skip_blanks(in);
    return DYN_OK;
}

/* ----------------------------------------------------- names that repeat -- */

enum { PAIRWISE_MAX = 8 };

/* The order only has to bring equal names together; lengths tell most apart. */
static int compare_names(dyn_bytes a, dyn_bytes b)
{
    if (a.size_bytes != b.size_bytes) {
        return a.size_bytes < b.size_bytes ? -1 : 1;
    }
    return memcmp(a.data, b.data, a.size_bytes);
}

/* Merge sort. Names are chosen by whoever sends them, so the worst case counts:
 * a hash could be made to collide. spare has room for half of them. */
static void sort_names(dyn_bytes *names, size_t count, dyn_bytes *spare)
{
    if (count < 2) return;
    size_t half = count / 2;
    sort_names(names, half, spare);
    sort_names(names + half, count - half, spare);
    memcpy(spare, names, half * sizeof(*names));
    size_t left = 0;
    size_t right = half;
    for (size_t i = 0; left < half; i++) {
        bool take_left =
            right == count || compare_names(spare[left], names[right]) <= 0;
        names[i] = take_left ? spare[left++] : names[right++];
    }
}

/* Where a name stands for the second time in the object that begins at start.
 * It has been read, and is read again: trees do not have places. */
static dyn_status find_second(const reader *in, const unsigned char *start,
                              dyn_bytes name, const unsigned char **at)
{
    reader again = *in;
    int count = 0;
    again.next = start + 1;
    do {
        dyn_json member = {0};
        skip_blanks(&again);
        *at = again.next;
        DYN_TRY(read_name(&again, &member.key));
        DYN_TRY(read_value(&again, &member));
        skip_blanks(&again);
        if (dyn_bytes_equal(member.key, name)) count++;
    } while (count < 2 && take(&again, ','));
    return DYN_OK;
}

static dyn_status fail_repeated(const reader *in, const unsigned char *object,
                                dyn_bytes name)
{
    const unsigned char *at = object;
    int shown = name.size_bytes < DYN_ERROR_MESSAGE_BYTES
                    ? (int)name.size_bytes
                    : (int)DYN_ERROR_MESSAGE_BYTES;
    DYN_TRY(find_second(in, object, name, &at));
    return dyn_fail(in->call, DYN_INVALID,
                    "malformed JSON at byte %zu: duplicate name \"%.*s\"",
                    (size_t)(at - in->start), shown, (const char *)name.data);
}

static dyn_status check_many_names(const reader *in, const unsigned char *start,
                                   const dyn_json *object)
{
    size_t count = object->count;
    dyn_bytes *names =
        dyn_alloc(in->call, (count + count / 2) * sizeof(*names));
    if (names == NULL) return DYN_NOMEM;
    size_t added = 0;
    for (const dyn_json *m = object->first; m != NULL; m = m->next) {
        names[added++] = m->key;
    }
    sort_names(names, count, names + count);
    for (size_t i = 1; i < count; i++) {
        if (compare_names(names[i - 1], names[i]) == 0) {
            return fail_repeated(in, start, names[i]);
        }
    }
    return DYN_OK;
}

/* Check the names of the object that begins at start. */
static dyn_status check_names(const reader *in, const unsigned char *start,
                              const dyn_json *object)
{
    if (object->count > PAIRWISE_MAX) {
        return check_many_names(in, start, object);
    }
    for (const dyn_json *a = object->first; a != NULL; a = a->next) {
        for (const dyn_json *b = a->next; b != NULL; b = b->next) {
            if (compare_names(a->key, b->key) == 0) {
                return fail_repeated(in, start, b->key);
            }
        }
    }
    return DYN_OK;
}

/* ---------------------------------------------------------------- values -- */

/* Read elements or members, of which there is at least one. */
static dyn_status read_children(reader *in, dyn_json *out)
{
    dyn_json **link = &out->first;
    do {
        skip_blanks(in);
        dyn_json *child = dyn_alloc(in->call, sizeof(*child));
        if (child == NULL) return DYN_NOMEM;
        *child = (dyn_json){0};
        if (out->type == DYN_JSON_OBJECT) DYN_TRY(read_name(in, &child->key));
        DYN_TRY(read_value(in, child));
        *link = child;
        link = &child->next;
        out->count++;
        skip_blanks(in);
    } while (take(in, ','));
    return DYN_OK;
}

static dyn_status read_array(reader *in, dyn_json *out)
{
    out->type = DYN_JSON_ARRAY;
    skip_blanks(in);
    if (take(in, ']')) return DYN_OK;
    DYN_TRY(read_children(in, out));
    if (!take(in, ']')) return fail_at(in, in->next, "expected ',' or ']'");
    return DYN_OK;
}

static dyn_status read_object(reader *in, dyn_json *out)
{
    const unsigned char *start = in->next - 1;
    out->type = DYN_JSON_OBJECT;
    skip_blanks(in);
    if (take(in, '}')) return DYN_OK;
    DYN_TRY(read_children(in, out));
    if (!take(in, '}')) return fail_at(in, in->next, "expected ',' or '}'");
    return check_names(in, start, out);
}

/* Depth is bounded because every level takes stack. */
static dyn_status read_nested(reader *in, dyn_json *out)
{
    if (in->depth == in->depth_max) {
        return dyn_fail(in->call, DYN_INVALID,
                        "malformed JSON at byte %zu: nested more than %zu "
                        "levels deep",
                        (size_t)(in->next - in->start), in->depth_max);
    }
    in->depth++;
    unsigned char opening = *in->next++;
    DYN_TRY(opening == '{' ? read_object(in, out) : read_array(in, out));
    in->depth--;
    return DYN_OK;
}

static dyn_status read_value(reader *in, dyn_json *out)
{
    switch (peek(in)) {
    case '{':
    case '[':
        return read_nested(in, out);
    case '"':
        out->type = DYN_JSON_STRING;
        return read_string(in, &out->text);
    case 'n':
        return read_word(in, "null", DYN_JSON_NULL, out);
    case 'f':
        return read_word(in, "false", DYN_JSON_FALSE, out);
    case 't':
        return read_word(in, "true", DYN_JSON_TRUE, out);
    default:
        if (peek(in) == '-' || is_digit(peek(in))) return read_number(in, out);
        return fail_at(in, in->next, "expected a value");
    }
}

dyn_status dyn_json_parse(dyn_call *call, dyn_bytes text, size_t depth_max,
                          const dyn_json **out)
{
    if (text.size_bytes == 0) text = dyn_bytes_text("");
    reader in = {
        .call = call,
        .start = text.data,
        .next = text.data,
        .end = text.data + text.size_bytes,
        .depth_max = depth_max,
    };
    size_t valid_bytes = dyn_utf8_valid_bytes(text);
    if (valid_bytes < text.size_bytes) {
        return fail_at(&in, text.data + valid_bytes, "invalid UTF-8");
    }

    dyn_json *root = dyn_alloc(call, sizeof(*root));
    if (root == NULL) return DYN_NOMEM;
    *root = (dyn_json){0};
    skip_blanks(&in);
    DYN_TRY(read_value(&in, root));
    skip_blanks(&in);
    if (in.next < in.end) return fail_at(&in, in.next, "text after the value");
    *out = root;
    return DYN_OK;
}

const dyn_json *dyn_json_member(const dyn_json *object, const char *name)
{
    if (object->type != DYN_JSON_OBJECT) return NULL;
    dyn_bytes wanted = dyn_bytes_text(name);
    for (const dyn_json *m = object->first; m != NULL; m = m->next) {
        if (dyn_bytes_equal(m->key, wanted)) return m;
    }
    return NULL;
}

/* --------------------------------------------------------------- writing -- */

static void write_escape(dyn_buffer *buffer, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    static const char letters[] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n',  ['\f'] = 'f',
        ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\',
    };
    assert(byte < sizeof(letters));
    dyn_buffer_add_byte(buffer, '\\');
    if (letters[byte] != '\0') {
        dyn_buffer_add_byte(buffer, (unsigned char)letters[byte]);
    } else {
        dyn_buffer_add_text(buffer, "u00");
        dyn_buffer_add_byte(buffer, (unsigned char)hex[byte >> 4]);
        dyn_buffer_add_byte(buffer, (unsigned char)hex[byte & 0x0f]);
    }
}

void dyn_json_write_string(dyn_buffer *buffer, dyn_bytes text)
{
    if (text.size_bytes == 0) text = dyn_bytes_text("");
    const unsigned char *next = text.data;
    const unsigned char *end = text.data + text.size_bytes;
    dyn_buffer_add_byte(buffer, '"');
    for (;;) {
        const unsigned char *run = next;
        next = skip_plain(run, end);
        dyn_buffer_add(buffer, run, (size_t)(next - run));
        if (next == end) break;
        write_escape(buffer, *next++);
    }
    dyn_buffer_add_byte(buffer, '"');
}

static void write_children(dyn_buffer *buffer, const dyn_json *json)
{
    bool is_object = json->type == DYN_JSON_OBJECT;
    dyn_buffer_add_byte(buffer, is_object ? '{' : '[');
    for (const dyn_json *c = json->first; c != NULL; c = c->next) {
        if (c != json->first) dyn_buffer_add_byte(buffer, ',');
        if (is_object) {
            dyn_json_write_string(buffer, c->key);
            dyn_buffer_add_byte(buffer, ':');
        }
        dyn_json_write(buffer, c);
    }
    dyn_buffer_add_byte(buffer, is_object ? '}' : ']');
}

/* As deep as it was parsed. */
void dyn_json_write(dyn_buffer *buffer, const dyn_json *json)
{
    switch (json->type) {
    case DYN_JSON_NULL:
        dyn_buffer_add_text(buffer, "null");
        return;
    case DYN_JSON_FALSE:
        dyn_buffer_add_text(buffer, "false");
        return;
    case DYN_JSON_TRUE:
        dyn_buffer_add_text(buffer, "true");
        return;
    case DYN_JSON_NUMBER:
        dyn_buffer_add_bytes(buffer, json->text);
        return;
    case DYN_JSON_STRING:
        dyn_json_write_string(buffer, json->text);
        return;
    case DYN_JSON_ARRAY:
    case DYN_JSON_OBJECT:
        write_children(buffer, json);
        return;
    }
}
