/*
 * Reading and printing declarations; the grammar is in declaration.h. A
 * recursive-descent parser over the tokens of one argument at a time.
 */
#include "engine/declaration.h"

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <stdlib.h>

static const int64_t PARTITION_BYTES_DEFAULT = INT64_C(10) << 30;
static const int64_t UNITS_MAX = 40000; /* SEMANTICS 5 */

/* ---------------------------------------------------------------- tokens -- */

typedef enum token_type {
    TOKEN_END,
    TOKEN_WORD,   /* bare */
    TOKEN_QUOTED, /* "name", `name` or [name]: always a name */
    TOKEN_STRING, /* 'text' */
    TOKEN_NUMBER,
    TOKEN_MARK, /* ( ) , = or any other character */
} token_type;

typedef struct parser {
    dyn_call *call;
    const char *next;
    token_type type;   /* the token that is looked at */
    dyn_bytes token;   /* as it stands in the text */
    dyn_bytes content; /* a name or string without its quotes */
    dyn_definition *out;
} parser;

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static void skip_blanks(parser *p)
{
    for (;;) {
        while (isspace((unsigned char)*p->next))
            p->next++;
        if (p->next[0] == '-' && p->next[1] == '-') {
            while (*p->next != '\0' && *p->next != '\n')
                p->next++;
        } else if (p->next[0] == '/' && p->next[1] == '*') {
            const char *end = strstr(p->next + 2, "*/");
            p->next = end != NULL ? end + 2 : p->next + strlen(p->next);
        } else {
            return;
        }
    }
}

/* A token between quotes; a closing quote that is doubled stands for itself. */
static dyn_status next_quoted(parser *p, char close, token_type type)
{
    const char *from = p->next + 1;
    unsigned char *content = dyn_alloc(p->call, strlen(from) + 1);
    if (content == NULL) return DYN_NOMEM;
    size_t size = 0;
    for (; *from != '\0'; from++) {
        if (*from == close) {
            if (from[1] != close || close == ']') break;
            from++;
        }
        content[size++] = (unsigned char)*from;
    }
    if (*from == '\0') {
        return dyn_fail(p->call, DYN_INVALID, "unfinished quote: %s", p->next);
    }
    p->type = type;
    p->content = (dyn_bytes){content, size};
    p->token.size_bytes = (size_t)(from + 1 - p->next);
    return DYN_OK;
}

static dyn_status next_token(parser *p)
{
    skip_blanks(p);
    const char *start = p->next;
    p->token = (dyn_bytes){(const unsigned char *)start, 1};
    p->type = TOKEN_MARK;
    if (*start == '\0') {
        p->type = TOKEN_END;
        p->token.size_bytes = 0;
    } else if (*start == '"' || *start == '`') {
        DYN_TRY(next_quoted(p, *start, TOKEN_QUOTED));
    } else if (*start == '[') {
        DYN_TRY(next_quoted(p, ']', TOKEN_QUOTED));
    } else if (*start == '\'') {
        DYN_TRY(next_quoted(p, '\'', TOKEN_STRING));
    } else if (is_word_byte(*start)) {
        while (is_word_byte(*p->next))
            p->next++;
        p->token.size_bytes = (size_t)(p->next - start);
        p->content = p->token;
        p->type = isdigit((unsigned char)*start) ? TOKEN_NUMBER : TOKEN_WORD;
    }
    p->next = start + p->token.size_bytes;
    return DYN_OK;
}

/* %.*s of a token or name */
#define SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

static bool equal_nocase(dyn_bytes a, const char *b)
{
    if (a.size_bytes != strlen(b)) return false;
    for (size_t i = 0; i < a.size_bytes; i++) {
        if (tolower(a.data[i]) != tolower((unsigned char)b[i])) return false;
    }
    return true;
}

static bool at_word(const parser *p, const char *word)
{
    return p->type == TOKEN_WORD && equal_nocase(p->token, word);
}

static dyn_status fail_at(parser *p, const char *expected)
{
    if (p->type == TOKEN_END) {
        return dyn_fail(p->call, DYN_INVALID, "expected %s at the end",
                        expected);
    }
    return dyn_fail(p->call, DYN_INVALID, "unexpected \"%.*s\": expected %s",
                    SHOWN(p->token), expected);
}

/* Skip word when it is there; *is_there tells. */
static dyn_status skip_word(parser *p, const char *word, bool *is_there)
{
    *is_there = at_word(p, word);
    return *is_there ? next_token(p) : DYN_OK;
}

static dyn_status expect_word(parser *p, const char *word)
{
    return at_word(p, word) ? next_token(p) : fail_at(p, word);
}

static dyn_status expect_name(parser *p, const char *what, dyn_bytes *out)
{
    if (p->type != TOKEN_WORD && p->type != TOKEN_QUOTED) {
        return fail_at(p, what);
    }
    if (p->content.size_bytes == 0) {
        return dyn_fail(p->call, DYN_INVALID, "%s must not be empty", what);
    }
    DYN_TRY(dyn_copy(p->call, p->content, out));
    return next_token(p);
}

/* --------------------------------------------------------------- columns -- */

int dyn_definition_column(const dyn_definition *definition, dyn_bytes name)
{
    for (size_t i = 0; i < definition->column_count; i++) {
        if (dyn_bytes_equal(definition->columns[i].name, name)) return (int)i;
    }
    return -1;
}

static const struct {
    const char *word;
    dyn_type type;
} column_types[] = {
    {"TEXT", DYN_TYPE_S},
    {"NUMBER", DYN_TYPE_N},
    {"BLOB", DYN_TYPE_B},
};

static dyn_status parse_type(parser *p, dyn_column *column)
{
    for (size_t i = 0; i < sizeof(column_types) / sizeof(*column_types); i++) {
        if (at_word(p, column_types[i].word)) {
            column->type = column_types[i].type;
            column->has_type = true;
            return next_token(p);
        }
    }
    if (p->type == TOKEN_END || at_word(p, "PARTITION") || at_word(p, "SORT")) {
        return DYN_OK;
    }
    return dyn_fail(p->call, DYN_INVALID,
                    "\"%.*s\" is no type of column \"%.*s\": use TEXT, NUMBER "
                    "or BLOB, then PARTITION KEY or SORT KEY",
                    SHOWN(p->token), SHOWN(column->name));
}

/* Take up column number as the partition or sort key of the table. */
static dyn_status add_key(parser *p, size_t number, const char *kind,
                          uint16_t *columns, uint16_t *count)
{
    const dyn_column *column = &p->out->columns[number];
    if (!column->has_type) {
        return dyn_fail(p->call, DYN_INVALID,
                        "%s key \"%.*s\" needs a type: TEXT, NUMBER or BLOB",
                        kind, SHOWN(column->name));
    }
    if (column->name.size_bytes > DYN_KEY_NAME_BYTES_MAX) {
        return dyn_fail(p->call, DYN_INVALID,
                        "the name of %s key \"%.*s\" is longer than %d bytes",
                        kind, SHOWN(column->name), DYN_KEY_NAME_BYTES_MAX);
    }
    if (*count > 0) {
        return dyn_fail(p->call, DYN_INVALID,
                        "\"%.*s\" is a second %s key: a table has one",
                        SHOWN(column->name), kind);
    }
    columns[(*count)++] = (uint16_t)number;
    return DYN_OK;
}

static dyn_status parse_column(parser *p)
{
    dyn_definition *out = p->out;
    size_t number = out->column_count;
    if (number == DYN_COLUMNS_MAX) {
        return dyn_fail(p->call, DYN_INVALID, "more than %d columns",
                        DYN_COLUMNS_MAX);
    }
    dyn_column *column = &out->columns[number];
    *column = (dyn_column){.type = DYN_TYPE_S};
    DYN_TRY(expect_name(p, "a column or an option", &column->name));
    assert(column->name.data != NULL);
    if (dyn_definition_column(out, column->name) >= 0) {
        return dyn_fail(p->call, DYN_INVALID,
                        "column \"%.*s\" is declared twice",
                        SHOWN(column->name));
    }
    out->column_count++;
    DYN_TRY(parse_type(p, column));
    bool is_partition = false;
    bool is_sort = false;
    DYN_TRY(skip_word(p, "PARTITION", &is_partition));
    if (!is_partition) DYN_TRY(skip_word(p, "SORT", &is_sort));
    if (is_partition || is_sort) DYN_TRY(expect_word(p, "KEY"));
    if (is_partition) {
        return add_key(p, number, "partition", out->key.partition,
                       &out->key.partition_count);
    }
    if (is_sort) {
        return add_key(p, number, "sort", out->key.sort, &out->key.sort_count);
    }
    return DYN_OK;
}

/* --------------------------------------------------------------- options -- */

static dyn_status fail_option(parser *p, const char *name, const char *expected)
{
    return dyn_fail(p->call, DYN_INVALID, "%s = %.*s: expected %s", name,
                    SHOWN(p->token), expected);
}

static dyn_status parse_count(parser *p, const char *name, int64_t max,
                              int64_t *out)
{
    if (p->type != TOKEN_NUMBER && p->type != TOKEN_STRING) {
        return fail_option(p, name, "a whole number above 0");
    }
    int64_t number = 0;
    for (size_t i = 0; i < p->content.size_bytes; i++) {
        unsigned char digit = p->content.data[i];
        if (!isdigit(digit) || number > (INT64_MAX - 9) / 10) {
            return fail_option(p, name, "a whole number above 0");
        }
        number = number * 10 + (digit - '0');
    }
    if (number < 1) return fail_option(p, name, "a whole number above 0");
    if (number > max) {
        return dyn_fail(p->call, DYN_INVALID, "%s = %.*s: the limit is %lld",
                        name, SHOWN(p->token), (long long)max);
    }
    *out = number;
    return next_token(p);
}

static dyn_status parse_billing(parser *p, const char *name)
{
    if (p->type == TOKEN_STRING &&
        dyn_bytes_equal_text(p->content, "on_demand")) {
        p->out->billing = DYN_ON_DEMAND;
    } else if (p->type == TOKEN_STRING &&
               dyn_bytes_equal_text(p->content, "provisioned")) {
        p->out->billing = DYN_PROVISIONED;
    } else {
        return fail_option(p, name, "'on_demand' or 'provisioned'");
    }
    return next_token(p);
}

static dyn_status parse_strict(parser *p, const char *name)
{
    if (p->type == TOKEN_STRING && dyn_bytes_equal_text(p->content, "plan")) {
        p->out->strict_plan = true;
    } else if (p->type == TOKEN_STRING &&
               dyn_bytes_equal_text(p->content, "off")) {
        p->out->strict_plan = false;
    } else {
        return fail_option(p, name, "'plan' or 'off'");
    }
    return next_token(p);
}

static dyn_status parse_read_units(parser *p, const char *name)
{
    return parse_count(p, name, UNITS_MAX, &p->out->read_units);
}

static dyn_status parse_write_units(parser *p, const char *name)
{
    return parse_count(p, name, UNITS_MAX, &p->out->write_units);
}

static dyn_status parse_partition_bytes(parser *p, const char *name)
{
    return parse_count(p, name, INT64_MAX, &p->out->partition_bytes);
}

static const struct {
    const char *name;
    dyn_status (*parse)(parser *p, const char *name);
} options[] = {
    {"billing", parse_billing},
    {"partition_bytes", parse_partition_bytes},
    {"read_units", parse_read_units},
    {"strict", parse_strict},
    {"write_units", parse_write_units},
};

static dyn_status parse_option(parser *p, dyn_bytes name)
{
    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        if (equal_nocase(name, options[i].name)) {
            return options[i].parse(p, options[i].name);
        }
    }
    return dyn_fail(p->call, DYN_INVALID,
                    "unknown option \"%.*s\": there are billing, "
                    "partition_bytes, read_units, strict, write_units",
                    SHOWN(name));
}

/* -------------------------------------------------------------- argument -- */

/* Whether the argument is option = value: a word, then "=". */
static bool looks_like_option(const parser *p)
{
    if (p->type != TOKEN_WORD) return false;
    parser ahead = *p;
    skip_blanks(&ahead);
    return *ahead.next == '=';
}

static bool looks_like_index(const parser *p)
{
    if (!at_word(p, "LOCAL") && !at_word(p, "GLOBAL")) return false;
    parser ahead = *p;
    return next_token(&ahead) == DYN_OK && at_word(&ahead, "INDEX");
}

static dyn_status parse_argument(parser *p, const char *text)
{
    p->next = text;
    DYN_TRY(next_token(p));
    if (p->type == TOKEN_END) {
        return dyn_fail(p->call, DYN_INVALID,
                        "an argument is empty: is there a comma too many?");
    }
    if (looks_like_index(p)) {
        return dyn_fail(p->call, DYN_INVALID,
                        "\"%.*s INDEX\": this version of dynamo has no "
                        "indexes",
                        SHOWN(p->token));
    }
    if (looks_like_option(p)) {
        dyn_bytes name = p->token;
        DYN_TRY(next_token(p));
        DYN_TRY(next_token(p));
        DYN_TRY(parse_option(p, name));
    } else {
        DYN_TRY(parse_column(p));
    }
    return p->type == TOKEN_END ? DYN_OK : fail_at(p, "a comma");
}

/* Rules that hold between arguments. */
static dyn_status check_definition(dyn_call *call, dyn_definition *out)
{
    if (out->key.partition_count == 0) {
        return dyn_fail(call, DYN_INVALID,
                        "a table needs a partition key, as in: dynamo(id TEXT "
                        "PARTITION KEY)");
    }
    bool has_units = out->read_units > 0 || out->write_units > 0;
    if (out->billing == DYN_ON_DEMAND && has_units) {
        return dyn_fail(call, DYN_INVALID,
                        "read_units and write_units go with billing = "
                        "'provisioned'");
    }
    if (out->billing == DYN_PROVISIONED &&
        (out->read_units == 0 || out->write_units == 0)) {
        return dyn_fail(call, DYN_INVALID,
                        "billing = 'provisioned' needs read_units = and "
                        "write_units =");
    }
    return DYN_OK;
}

dyn_status dyn_declaration_parse(dyn_call *call, const char *const *arguments,
                                 size_t count, dyn_definition *out)
{
    *out = (dyn_definition){.partition_bytes = PARTITION_BYTES_DEFAULT};
    out->columns = dyn_alloc_zero(call, count, sizeof(dyn_column));
    if (out->columns == NULL) return DYN_NOMEM;
    parser p = {.call = call, .out = out};
    for (size_t i = 0; i < count; i++) {
        DYN_TRY(parse_argument(&p, arguments[i]));
    }
    return check_definition(call, out);
}

dyn_status dyn_name_check(dyn_call *call, const char *what, dyn_bytes name)
{
    if (name.size_bytes == 0 || name.size_bytes > DYN_TABLE_NAME_BYTES_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "%s name \"%.*s\" has %zu characters: 1 to %d are "
                        "allowed",
                        what, SHOWN(name), name.size_bytes,
                        DYN_TABLE_NAME_BYTES_MAX);
    }
    for (size_t i = 0; i < name.size_bytes; i++) {
        unsigned char c = name.data[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!is_letter && !isdigit(c) && strchr("_.-", c) == NULL) {
            return dyn_fail(call, DYN_INVALID,
                            "%s name \"%.*s\": letters, digits, _ . and - are "
                            "allowed",
                            what, SHOWN(name));
        }
    }
    return DYN_OK;
}

/* -------------------------------------------------------------- printing -- */

static void print_name(dyn_buffer *out, dyn_bytes name)
{
    dyn_buffer_add_byte(out, '"');
    for (size_t i = 0; i < name.size_bytes; i++) {
        if (name.data[i] == '"') dyn_buffer_add_byte(out, '"');
        dyn_buffer_add_byte(out, name.data[i]);
    }
    dyn_buffer_add_byte(out, '"');
}

static const char *type_word(dyn_type type)
{
    for (size_t i = 0; i < sizeof(column_types) / sizeof(*column_types); i++) {
        if (column_types[i].type == type) return column_types[i].word;
    }
    return "";
}

static void print_column(dyn_buffer *out, const dyn_definition *definition,
                         size_t number)
{
    const dyn_column *column = &definition->columns[number];
    print_name(out, column->name);
    if (column->has_type) {
        dyn_buffer_add_byte(out, ' ');
        dyn_buffer_add_text(out, type_word(column->type));
    }
    if (number == definition->key.partition[0]) {
        dyn_buffer_add_text(out, " PARTITION KEY");
    } else if (definition->key.sort_count > 0 &&
               number == definition->key.sort[0]) {
        dyn_buffer_add_text(out, " SORT KEY");
    }
}

typedef struct printer {
    dyn_call *call;
    const char **arguments;
    size_t count;
} printer;

static dyn_status add_argument(printer *out, dyn_buffer *text)
{
    dyn_bytes bytes = {NULL, 0};
    DYN_TRY(dyn_buffer_end(text, &bytes));
    out->arguments[out->count++] = (const char *)bytes.data;
    return DYN_OK;
}

static dyn_status print_number(printer *out, const char *name, int64_t number)
{
    char *text = dyn_format(out->call, "%s = %lld", name, (long long)number);
    if (text == NULL) return DYN_NOMEM;
    out->arguments[out->count++] = text;
    return DYN_OK;
}

dyn_status dyn_declaration_print(dyn_call *call,
                                 const dyn_definition *definition,
                                 const char *const **arguments, size_t *count)
{
    enum { OPTIONS_MAX = sizeof(options) / sizeof(*options) };
    printer out = {.call = call};
    out.arguments = dyn_alloc(call, (definition->column_count + OPTIONS_MAX) *
                                        sizeof(char *));
    if (out.arguments == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < definition->column_count; i++) {
        dyn_buffer text;
        dyn_buffer_begin(&text, call, 64);
        print_column(&text, definition, i);
        DYN_TRY(add_argument(&out, &text));
    }
    if (definition->billing == DYN_PROVISIONED) {
        out.arguments[out.count++] = "billing = 'provisioned'";
        DYN_TRY(print_number(&out, "read_units", definition->read_units));
        DYN_TRY(print_number(&out, "write_units", definition->write_units));
    }
    if (definition->partition_bytes != PARTITION_BYTES_DEFAULT) {
        DYN_TRY(
            print_number(&out, "partition_bytes", definition->partition_bytes));
    }
    if (definition->strict_plan) out.arguments[out.count++] = "strict = 'plan'";
    *arguments = out.arguments;
    *count = out.count;
    return DYN_OK;
}
