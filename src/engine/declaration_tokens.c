/* The tokens of declarations; the contracts are in declaration_tokens.h. */
#include "engine/declaration_tokens.h"

#include <ctype.h>

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

static void skip_blanks(dyn_parser *p)
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
static dyn_status next_quoted(dyn_parser *p, char close, dyn_lexeme_type type)
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

static bool is_number(const char *text)
{
    if (*text == '-' || *text == '+') text++;
    if (*text == '.') text++;
    return isdigit((unsigned char)*text);
}

static bool is_number_byte(char c)
{
    return is_word_byte(c) || c == '.';
}

/* The token is of size_bytes and what follows them of a kind. */
static void take_while(dyn_parser *p, size_t size_bytes, bool (*is)(char c))
{
    while (is(p->next[size_bytes]))
        size_bytes++;
    p->token.size_bytes = size_bytes;
    p->content = p->token;
}

dyn_status dyn_parser_next(dyn_parser *p)
{
    skip_blanks(p);
    const char *start = p->next;
    p->token = (dyn_bytes){(const unsigned char *)start, 1};
    p->type = DYN_LEXEME_MARK;
    if (*start == '\0') {
        p->type = DYN_LEXEME_END;
        p->token.size_bytes = 0;
    } else if (*start == '"' || *start == '`') {
        DYN_TRY(next_quoted(p, *start, DYN_LEXEME_QUOTED));
    } else if (*start == '[') {
        DYN_TRY(next_quoted(p, ']', DYN_LEXEME_QUOTED));
    } else if (*start == '\'') {
        DYN_TRY(next_quoted(p, '\'', DYN_LEXEME_STRING));
    } else if (is_number(start)) {
        take_while(p, 1, is_number_byte);
        p->type = DYN_LEXEME_NUMBER;
    } else if (is_word_byte(*start)) {
        take_while(p, 1, is_word_byte);
        p->type = DYN_LEXEME_WORD;
    }
    p->next = start + p->token.size_bytes;
    return DYN_OK;
}

bool dyn_parser_at_word(const dyn_parser *p, const char *word)
{
    return p->type == DYN_LEXEME_WORD &&
           dyn_bytes_equal_nocase(p->token, dyn_bytes_text(word));
}

dyn_status dyn_parser_fail(dyn_parser *p, const char *expected)
{
    if (p->type == DYN_LEXEME_END) {
        return dyn_fail(p->call, DYN_INVALID, "expected %s at the end",
                        expected);
    }
    return dyn_fail(p->call, DYN_INVALID, "unexpected \"%.*s\": expected %s",
                    DYN_SHOWN(p->token), expected);
}

/* Skip word when it is there; *is_there tells. */
dyn_status dyn_parser_skip_word(dyn_parser *p, const char *word, bool *is_there)
{
    *is_there = dyn_parser_at_word(p, word);
    return *is_there ? dyn_parser_next(p) : DYN_OK;
}

dyn_status dyn_parser_expect_word(dyn_parser *p, const char *word)
{
    return dyn_parser_at_word(p, word) ? dyn_parser_next(p)
                                       : dyn_parser_fail(p, word);
}

dyn_status dyn_parser_expect_name(dyn_parser *p, const char *what,
                                  dyn_bytes *out)
{
    if (p->type != DYN_LEXEME_WORD && p->type != DYN_LEXEME_QUOTED) {
        return dyn_parser_fail(p, what);
    }
    if (p->content.size_bytes == 0) {
        return dyn_fail(p->call, DYN_INVALID, "%s must not be empty", what);
    }
    DYN_TRY(dyn_copy(p->call, p->content, out));
    return dyn_parser_next(p);
}

bool dyn_parser_is_before(const dyn_parser *p, char c)
{
    dyn_parser ahead = *p;
    skip_blanks(&ahead);
    return *ahead.next == c;
}

bool dyn_parser_at_mark(const dyn_parser *p, char mark)
{
    return p->type == DYN_LEXEME_MARK &&
           p->token.data[0] == (unsigned char)mark;
}

dyn_status dyn_parser_skip_mark(dyn_parser *p, char mark, bool *is_there)
{
    *is_there = dyn_parser_at_mark(p, mark);
    return *is_there ? dyn_parser_next(p) : DYN_OK;
}

dyn_status dyn_parser_expect_mark(dyn_parser *p, char mark)
{
    const char expected[] = {mark, '\0'};
    return dyn_parser_at_mark(p, mark) ? dyn_parser_next(p)
                                       : dyn_parser_fail(p, expected);
}

/* ----------------------------------------------------------------- types -- */

static const struct {
    const char *word;
    dyn_type type;
} types[] = {
    {"TEXT", DYN_TYPE_S},
    {"NUMBER", DYN_TYPE_N},
    {"BLOB", DYN_TYPE_B},
};

dyn_status dyn_parser_skip_type(dyn_parser *p, dyn_type *type, bool *is_there)
{
    *is_there = false;
    for (size_t i = 0; i < sizeof(types) / sizeof(*types) && !*is_there; i++) {
        *is_there = dyn_parser_at_word(p, types[i].word);
        if (*is_there) *type = types[i].type;
    }
    return *is_there ? dyn_parser_next(p) : DYN_OK;
}

const char *dyn_type_word(dyn_type type)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (types[i].type == type) return types[i].word;
    }
    return "";
}
