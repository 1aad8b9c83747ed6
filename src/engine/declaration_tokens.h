/*
 * The tokens of declarations: a parser that looks at one of them at a time.
 *
 * Layer: engine, for the files that read and print declarations.
 */
#ifndef DYN_ENGINE_DECLARATION_TOKENS_H
#define DYN_ENGINE_DECLARATION_TOKENS_H

#include "engine/definition.h"

typedef enum dyn_lexeme_type {
    DYN_LEXEME_END,
    DYN_LEXEME_WORD,   /* bare */
    DYN_LEXEME_QUOTED, /* "name", `name` or [name]: always a name */
    DYN_LEXEME_STRING, /* 'text' */
    DYN_LEXEME_NUMBER, /* a digit, behind a sign or point or both, and so on */
    DYN_LEXEME_MARK,   /* ( ) , = or any other character */
} dyn_lexeme_type;

/* A text and the token in it that is looked at. */
typedef struct dyn_parser {
    dyn_call *call;
    const char *next;
    dyn_lexeme_type type;
    dyn_bytes token;   /* as it stands in the text */
    dyn_bytes content; /* a name or string without its quotes */
    dyn_definition *out;
    unsigned options_given; /* a bit for each */
} dyn_parser;

/* %.*s of a token or name */
#define DYN_SHOWN(bytes) (int)(bytes).size_bytes, (const char *)(bytes).data

/* Look at the next token. Fails with DYN_INVALID at an unfinished quote. */
dyn_status dyn_parser_next(dyn_parser *p);

/* Whether the next token, behind this one, begins with that character. */
bool dyn_parser_is_before(const dyn_parser *p, char c);

bool dyn_parser_at_word(const dyn_parser *p, const char *word);
bool dyn_parser_at_mark(const dyn_parser *p, char mark);

/* `unexpected "x": expected ...`. */
dyn_status dyn_parser_fail(dyn_parser *p, const char *expected);

/* Skip a word or mark when it is there; *is_there tells. */
dyn_status dyn_parser_skip_word(dyn_parser *p, const char *word,
                                bool *is_there);
dyn_status dyn_parser_skip_mark(dyn_parser *p, char mark, bool *is_there);

dyn_status dyn_parser_expect_word(dyn_parser *p, const char *word);
dyn_status dyn_parser_expect_mark(dyn_parser *p, char mark);

/* A name, copied. what says what it names, for the message. */
dyn_status dyn_parser_expect_name(dyn_parser *p, const char *what,
                                  dyn_bytes *out);

/* TEXT, NUMBER or BLOB, when it is there; *is_there tells. */
dyn_status dyn_parser_skip_type(dyn_parser *p, dyn_type *type, bool *is_there);

/* TEXT for S ... */
const char *dyn_type_word(dyn_type type);

#endif
