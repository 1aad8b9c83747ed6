/* Words of statements; the contracts are in words.h. */
#include "partiql/words.h"

#include "base/utf8.h"
#include "partiql.h"

static const struct {
    const char *text;
    int kind;
} keywords[] = {
    {"all", DYN_PARTIQL_ALL},         {"and", DYN_PARTIQL_AND},
    {"asc", DYN_PARTIQL_ASC},         {"between", DYN_PARTIQL_BETWEEN},
    {"by", DYN_PARTIQL_BY},           {"delete", DYN_PARTIQL_DELETE},
    {"desc", DYN_PARTIQL_DESC},       {"exists", DYN_PARTIQL_EXISTS},
    {"false", DYN_PARTIQL_FALSE},     {"from", DYN_PARTIQL_FROM},
    {"in", DYN_PARTIQL_IN},           {"insert", DYN_PARTIQL_INSERT},
    {"into", DYN_PARTIQL_INTO},       {"is", DYN_PARTIQL_IS},
    {"missing", DYN_PARTIQL_MISSING}, {"modified", DYN_PARTIQL_MODIFIED},
    {"new", DYN_PARTIQL_NEW},         {"not", DYN_PARTIQL_NOT},
    {"null", DYN_PARTIQL_NULL},       {"old", DYN_PARTIQL_OLD},
    {"or", DYN_PARTIQL_OR},           {"order", DYN_PARTIQL_ORDER},
    {"remove", DYN_PARTIQL_REMOVE},   {"returning", DYN_PARTIQL_RETURNING},
    {"select", DYN_PARTIQL_SELECT},   {"set", DYN_PARTIQL_SET},
    {"set_add", DYN_PARTIQL_SET_ADD}, {"set_delete", DYN_PARTIQL_SET_DELETE},
    {"true", DYN_PARTIQL_TRUE},       {"update", DYN_PARTIQL_UPDATE},
    {"value", DYN_PARTIQL_VALUE},     {"where", DYN_PARTIQL_WHERE},
};

static const struct {
    const char *text;
    int kind;
} marks[] = {
    /* those of two bytes first */
    {"<<", DYN_PARTIQL_LEFT_SET},     {">>", DYN_PARTIQL_RIGHT_SET},
    {"<>", DYN_PARTIQL_NOT_EQUAL},    {"!=", DYN_PARTIQL_NOT_EQUAL},
    {"<=", DYN_PARTIQL_LESS_EQUAL},   {">=", DYN_PARTIQL_GREATER_EQUAL},
    {"=", DYN_PARTIQL_EQUAL},         {"<", DYN_PARTIQL_LESS},
    {">", DYN_PARTIQL_GREATER},       {"(", DYN_PARTIQL_LEFT},
    {")", DYN_PARTIQL_RIGHT},         {"[", DYN_PARTIQL_LEFT_BRACKET},
    {"]", DYN_PARTIQL_RIGHT_BRACKET}, {"{", DYN_PARTIQL_LEFT_BRACE},
    {"}", DYN_PARTIQL_RIGHT_BRACE},   {".", DYN_PARTIQL_DOT},
    {",", DYN_PARTIQL_COMMA},         {":", DYN_PARTIQL_COLON},
    {"+", DYN_PARTIQL_PLUS},          {"-", DYN_PARTIQL_MINUS},
    {"*", DYN_PARTIQL_STAR},          {"?", DYN_PARTIQL_PARAMETER},
};

enum {
    KEYWORD_COUNT = sizeof(keywords) / sizeof(keywords[0]),
    MARK_COUNT = sizeof(marks) / sizeof(marks[0]),
};

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_word_byte(unsigned char byte)
{
    return is_digit(byte) || (byte >= 'a' && byte <= 'z') ||
           (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* The byte that many places ahead; 0 behind the end. */
static unsigned char peek(dyn_bytes rest, size_t ahead)
{
    return ahead < rest.size_bytes ? rest.data[ahead] : 0;
}

/* How many bytes of one kind begin that many places ahead. */
static size_t run(dyn_bytes rest, size_t ahead, bool (*is)(unsigned char))
{
    size_t count = 0;
    while (ahead + count < rest.size_bytes && is(rest.data[ahead + count]))
        count++;
    return count;
}

static dyn_token take(dyn_bytes *rest, int kind, size_t size_bytes)
{
    dyn_token token = {kind, {rest->data, size_bytes}};
    rest->data += size_bytes;
    rest->size_bytes -= size_bytes;
    return token;
}

static int kind_of_word(dyn_bytes word)
{
    for (size_t i = 0; i < KEYWORD_COUNT; i++) {
        if (dyn_bytes_equal_nocase(word, dyn_bytes_text(keywords[i].text)))
            return keywords[i].kind;
    }
    return DYN_PARTIQL_IDENTIFIER;
}

/* How many bytes the fraction and exponent have that begin there. */
static size_t fraction_bytes(dyn_bytes rest, size_t ahead)
{
    size_t size = 0;
    if (peek(rest, ahead) == '.') size = 1 + run(rest, ahead + 1, is_digit);
    if ((peek(rest, ahead + size) | 0x20) != 'e') return size;
    unsigned char sign = peek(rest, ahead + size + 1);
    size_t sign_bytes = sign == '-' || sign == '+';
    size_t digits = run(rest, ahead + size + 1 + sign_bytes, is_digit);
    return digits == 0 ? size : size + 1 + sign_bytes + digits;
}

static dyn_token take_number(dyn_bytes *rest)
{
    size_t digits = run(*rest, 0, is_digit);
    size_t fraction = fraction_bytes(*rest, digits);
    size_t word = run(*rest, digits + fraction, is_word_byte);
    int kind = word > 0       ? DYN_PARTIQL_ILLEGAL
               : fraction > 0 ? DYN_PARTIQL_NUMBER
                              : DYN_PARTIQL_DIGITS;
    return take(rest, kind, digits + fraction + word);
}

/* Text between marks; a mark within is doubled. */
static dyn_token take_quoted(dyn_bytes *rest, int kind)
{
    unsigned char mark = rest->data[0];
    for (size_t i = 1; i < rest->size_bytes; i++) {
        if (rest->data[i] != mark) continue;
        if (peek(*rest, i + 1) != mark) return take(rest, kind, i + 1);
        i++;
    }
    return take(rest, DYN_PARTIQL_ILLEGAL, rest->size_bytes);
}

static dyn_token take_mark(dyn_bytes *rest)
{
    for (size_t i = 0; i < MARK_COUNT; i++) {
        dyn_bytes mark = dyn_bytes_text(marks[i].text);
        if (!dyn_bytes_begin_with(*rest, mark)) continue;
        return take(rest, marks[i].kind, mark.size_bytes);
    }
    size_t size = 1; /* a code point */
    while ((peek(*rest, size) & 0xc0) == 0x80)
        size++;
    return take(rest, DYN_PARTIQL_ILLEGAL, size);
}

static bool is_line_end(unsigned char byte)
{
    return byte == '\n' || byte == '\r';
}

static void pass_blanks(dyn_bytes *rest)
{
    take(rest, 0, run(*rest, 0, is_blank));
    while (peek(*rest, 0) == '-' && peek(*rest, 1) == '-') {
        while (rest->size_bytes > 0 && !is_line_end(rest->data[0]))
            take(rest, 0, 1);
        take(rest, 0, run(*rest, 0, is_blank));
    }
}

static dyn_token take_token(dyn_bytes *rest)
{
    pass_blanks(rest);
    if (rest->size_bytes == 0) return take(rest, 0, 0);
    unsigned char first = rest->data[0];
    if (first == '"') return take_quoted(rest, DYN_PARTIQL_QUOTED);
    if (first == '\'') return take_quoted(rest, DYN_PARTIQL_STRING);
    if (is_digit(first)) return take_number(rest);
    if (!is_word_byte(first)) return take_mark(rest);
    size_t size = run(*rest, 0, is_word_byte);
    return take(rest, kind_of_word((dyn_bytes){rest->data, size}), size);
}

const dyn_token *dyn_words_read(dyn_call *call, dyn_bytes text)
{
    dyn_bytes counted = text;
    size_t count = 1;
    while (take_token(&counted).kind != 0)
        count++;
    dyn_token *tokens = dyn_alloc(call, count * sizeof(dyn_token));
    if (tokens == NULL) return NULL;
    for (size_t i = 0; i < count; i++)
        tokens[i] = take_token(&text);
    return tokens;
}

bool dyn_words_is_keyword(const dyn_token *token)
{
    return token->text.size_bytes > 0 &&
           kind_of_word(token->text) != DYN_PARTIQL_IDENTIFIER;
}
