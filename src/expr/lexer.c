/* Words of expressions. A word that there is not becomes an ILLEGAL token, and
 * so a syntax error of the grammar. */
#include "expr/lexer.h"

#include "base/utf8.h"
#include "grammar.h"

typedef struct lexer {
    const unsigned char *next;
    const unsigned char *end;
    dyn_expression_kind kind;
} lexer;

typedef struct keyword {
    const char *text; /* in lower case */
    int kind;
} keyword;

static const keyword condition_keywords[] = {
    {"and", DYN_TOKEN_AND},         {"or", DYN_TOKEN_OR},
    {"in", DYN_TOKEN_IN},           {"not", DYN_TOKEN_NOT},
    {"between", DYN_TOKEN_BETWEEN}, {NULL, 0},
};

static const keyword sql_keywords[] = {
    {"true", DYN_TOKEN_TRUE},
    {"false", DYN_TOKEN_FALSE},
    {"null", DYN_TOKEN_NULL},
    {NULL, 0},
};

static const keyword update_keywords[] = {
    {"set", DYN_TOKEN_SET},
    {"add", DYN_TOKEN_ADD},
    {"remove", DYN_TOKEN_REMOVE},
    {"delete", DYN_TOKEN_DELETE},
    {NULL, 0},
};

static bool is_sql(const lexer *in)
{
    return in->kind == DYN_EXPRESSION_SQL_CONDITION;
}

static size_t bytes_left(const lexer *in)
{
    return (size_t)(in->end - in->next);
}

static bool is_blank(unsigned char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

static bool is_digit(unsigned char byte)
{
    return byte >= '0' && byte <= '9';
}

static bool is_letter(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
}

static bool is_word_byte(unsigned char byte)
{
    return is_letter(byte) || is_digit(byte) || byte == '_';
}

/* The byte that many places ahead; 0 behind the end. */
static unsigned char peek(const lexer *in, size_t ahead)
{
    return ahead < bytes_left(in) ? in->next[ahead] : 0;
}

/* How many bytes of one kind begin that many places ahead. */
static size_t run(const lexer *in, size_t ahead, bool (*is)(unsigned char))
{
    size_t count = 0;
    while (ahead + count < bytes_left(in) && is(in->next[ahead + count]))
        count++;
    return count;
}

static dyn_token take(lexer *in, int kind, size_t size_bytes)
{
    dyn_token token = {kind, {in->next, size_bytes}};
    in->next += size_bytes;
    return token;
}

static bool is_keyword(dyn_bytes word, const char *text)
{
    if (word.size_bytes != strlen(text)) return false;
    for (size_t i = 0; i < word.size_bytes; i++) {
        /* Letters differ from their capitals by this bit. */
        if ((word.data[i] | 0x20) != (unsigned char)text[i]) return false;
    }
    return true;
}

static int find_keyword(dyn_bytes word, const keyword *keywords)
{
    for (; keywords->text != NULL; keywords++) {
        if (is_keyword(word, keywords->text)) return keywords->kind;
    }
    return DYN_TOKEN_IDENTIFIER;
}

static int kind_of_word(const lexer *in, dyn_bytes word)
{
    if (in->kind == DYN_EXPRESSION_PROJECTION) return DYN_TOKEN_IDENTIFIER;
    if (in->kind == DYN_EXPRESSION_UPDATE) {
        return find_keyword(word, update_keywords);
    }
    int kind = find_keyword(word, condition_keywords);
    if (kind != DYN_TOKEN_IDENTIFIER || !is_sql(in)) return kind;
    return find_keyword(word, sql_keywords);
}

static dyn_token take_word(lexer *in)
{
    size_t size = run(in, 0, is_word_byte);
    return take(in, kind_of_word(in, (dyn_bytes){in->next, size}), size);
}

/* #name or :value. */
static dyn_token take_substitute(lexer *in, int kind)
{
    size_t size = run(in, 1, is_word_byte);
    return take(in, size == 0 ? DYN_TOKEN_ILLEGAL : kind, 1 + size);
}

/* Text between marks; a mark within is doubled. before counts what comes ahead
 * of the first mark. */
static dyn_token take_quoted(lexer *in, int kind, size_t before)
{
    unsigned char mark = in->next[before];
    for (size_t i = before + 1; i < bytes_left(in); i++) {
        if (in->next[i] != mark) continue;
        if (peek(in, i + 1) != mark) return take(in, kind, i + 1);
        i++;
    }
    return take(in, DYN_TOKEN_ILLEGAL, bytes_left(in));
}

/* How many bytes of an exponent are there. */
static size_t exponent_bytes(const lexer *in, size_t ahead)
{
    if ((peek(in, ahead) | 0x20) != 'e') return 0;
    size_t sign = peek(in, ahead + 1) == '-' || peek(in, ahead + 1) == '+';
    size_t digits = run(in, ahead + 1 + sign, is_digit);
    return digits == 0 ? 0 : 1 + sign + digits;
}

/* How many bytes of a number of SQL are there: sign, digits, point, exponent.
 */
static size_t number_bytes(const lexer *in)
{
    size_t size = peek(in, 0) == '-' || peek(in, 0) == '+';
    size_t digits = run(in, size, is_digit);
    size += digits;
    if (peek(in, size) == '.') {
        size_t fraction = run(in, size + 1, is_digit);
        if (digits + fraction == 0) return 0;
        size += 1 + fraction;
    } else if (digits == 0) {
        return 0;
    }
    return size + exponent_bytes(in, size);
}

/* Digits are an index or, in SQL, a number. */
static dyn_token take_digits(lexer *in)
{
    size_t digits = run(in, 0, is_digit);
    size_t size = is_sql(in) ? number_bytes(in) : digits;
    size_t word = run(in, size, is_word_byte);
    if (word > 0) return take(in, DYN_TOKEN_ILLEGAL, size + word);
    return take(in, size == digits ? DYN_TOKEN_DIGITS : DYN_TOKEN_NUMBER, size);
}

static dyn_token take_comparison(lexer *in)
{
    unsigned char first = peek(in, 0);
    unsigned char second = peek(in, 1);
    if (first == '=') {
        bool is_double = is_sql(in) && second == '=';
        return take(in, DYN_TOKEN_EQUAL, is_double ? 2 : 1);
    }
    if (first == '<' && second == '>') return take(in, DYN_TOKEN_NOT_EQUAL, 2);
    if (second == '=') {
        return take(
            in, first == '<' ? DYN_TOKEN_LESS_EQUAL : DYN_TOKEN_GREATER_EQUAL,
            2);
    }
    return take(in, first == '<' ? DYN_TOKEN_LESS : DYN_TOKEN_GREATER, 1);
}

/* What is no word: a code point, or a byte that is not of one. */
static dyn_token take_illegal(lexer *in)
{
    size_t size = 1;
    while (size < bytes_left(in) && (in->next[size] & 0xc0) == 0x80)
        size++;
    if (size > DYN_UTF8_BYTES_MAX ||
        !dyn_utf8_valid((dyn_bytes){in->next, size})) {
        size = 1;
    }
    return take(in, DYN_TOKEN_ILLEGAL, size);
}

/* A token that only SQL has. */
static dyn_token take_sql(lexer *in)
{
    unsigned char first = peek(in, 0);
    unsigned char second = peek(in, 1);
    if (first == '"') return take_quoted(in, DYN_TOKEN_QUOTED, 0);
    if (first == '\'') return take_quoted(in, DYN_TOKEN_STRING, 0);
    if (first == '!' && second == '=') {
        return take(in, DYN_TOKEN_NOT_EQUAL, 2);
    }
    return take_illegal(in);
}

static dyn_token take_mark(lexer *in)
{
    switch (peek(in, 0)) {
    case '(':
        return take(in, DYN_TOKEN_LEFT, 1);
    case ')':
        return take(in, DYN_TOKEN_RIGHT, 1);
    case '[':
        return take(in, DYN_TOKEN_LEFT_BRACKET, 1);
    case ']':
        return take(in, DYN_TOKEN_RIGHT_BRACKET, 1);
    case '.':
        return take(in, DYN_TOKEN_DOT, 1);
    case ',':
        return take(in, DYN_TOKEN_COMMA, 1);
    case '+':
        return take(in, DYN_TOKEN_PLUS, 1);
    case '-':
        return take(in, DYN_TOKEN_MINUS, 1);
    case '=':
    case '<':
    case '>':
        return take_comparison(in);
    case '#':
        return take_substitute(in, DYN_TOKEN_NAME);
    case ':':
        return take_substitute(in, DYN_TOKEN_VALUE);
    default:
        return is_sql(in) ? take_sql(in) : take_illegal(in);
    }
}

static dyn_token take_token(lexer *in)
{
    in->next += run(in, 0, is_blank);
    if (in->next == in->end) return (dyn_token){0, {in->end, 0}};
    unsigned char first = peek(in, 0);
    if (is_sql(in) && (first | 0x20) == 'x' && peek(in, 1) == '\'') {
        return take_quoted(in, DYN_TOKEN_BLOB, 1);
    }
    if (is_letter(first)) return take_word(in);
    if (is_digit(first)) return take_digits(in);
    size_t number = is_sql(in) ? number_bytes(in) : 0;
    if (number > 0) return take(in, DYN_TOKEN_NUMBER, number);
    return take_mark(in);
}

const dyn_token *dyn_lex(dyn_expression *expression)
{
    lexer counted = {expression->text.data,
                     expression->text.data + expression->text.size_bytes,
                     expression->kind};
    lexer in = counted;
    size_t count = 1;
    while (take_token(&counted).kind != 0)
        count++;
    dyn_token *tokens = dyn_alloc(expression->call, count * sizeof(dyn_token));
    if (tokens == NULL) {
        expression->status = DYN_NOMEM;
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
        tokens[i] = take_token(&in);
    return tokens;
}
