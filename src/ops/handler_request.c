/* What a person asks of a handler: its options, and its SQL, whose parameters
 * become columns of NEW in a trigger. The contract is in handler.h. */
#include "ops/handler.h"

#include "engine/declaration_tokens.h"
#include "expr/condition.h"

#include <ctype.h>
#include <stdlib.h>

enum {
    BATCH_RECORDS = 100,
    BATCH_RECORDS_MAX = 10000,
    RETRIES = 3,
    RETRIES_MAX = 1000,
    RETRY_MS = 1000,
    RETRY_MS_MAX = 3600000,
    NAME_BYTES_MAX = 200,
};

/* --------------------------------------------------------------- options -- */

static dyn_status fail_option(dyn_parser *p, const char *name,
                              const char *expected)
{
    return dyn_fail(p->call, DYN_INVALID, "%s = %.*s: expected %s", name,
                    DYN_SHOWN(p->token), expected);
}

static dyn_status read_number(dyn_parser *p, const char *name, int64_t least,
                              int64_t most, int64_t *out)
{
    char *end = NULL;
    bool is_number = p->type == DYN_LEXEME_NUMBER && p->token.size_bytes <= 10;
    *out = is_number ? strtoll((const char *)p->token.data, &end, 10) : 0;
    is_number =
        is_number && end == (const char *)p->token.data + p->token.size_bytes;
    if (is_number && *out >= least && *out <= most) return dyn_parser_next(p);
    return dyn_fail(p->call, DYN_INVALID,
                    "%s = %.*s: expected a whole number from %lld to %lld",
                    name, DYN_SHOWN(p->token), (long long)least,
                    (long long)most);
}

static dyn_status read_choice(dyn_parser *p, const char *name, const char *no,
                              const char *yes, bool *out)
{
    bool is_text = p->type == DYN_LEXEME_STRING;
    *out = is_text && dyn_bytes_equal_text(p->content, yes);
    if (*out || (is_text && dyn_bytes_equal_text(p->content, no)))
        return dyn_parser_next(p);
    return dyn_fail(p->call, DYN_INVALID, "%s = %.*s: expected '%s' or '%s'",
                    name, DYN_SHOWN(p->token), no, yes);
}

static dyn_status read_filter(dyn_parser *p, dyn_bytes *out)
{
    dyn_condition condition;
    if (p->type != DYN_LEXEME_STRING || p->content.size_bytes == 0) {
        return fail_option(p, "filter",
                           "a condition, as in 'event = ''INSERT'''");
    }
    DYN_TRY(dyn_copy(p->call, p->content, out));
    DYN_TRY(dyn_condition_parse(p->call, DYN_EXPRESSION_SQL_CONDITION, *out,
                                NULL, &condition));
    return dyn_parser_next(p);
}

static dyn_status read_value(dyn_parser *p, const char *name,
                             dyn_handler_request *out)
{
    dyn_handler_settings *settings = &out->settings;
    if (strcmp(name, "sync") == 0)
        return read_choice(p, name, "off", "on", &out->is_sync);
    if (strcmp(name, "start") == 0)
        return read_choice(p, name, "now", "oldest", &out->is_from_oldest);
    if (strcmp(name, "batch") == 0)
        return read_number(p, name, 1, BATCH_RECORDS_MAX,
                           &settings->batch_records);
    if (strcmp(name, "retries") == 0)
        return read_number(p, name, 0, RETRIES_MAX, &settings->retries);
    if (strcmp(name, "retry_ms") == 0)
        return read_number(p, name, 0, RETRY_MS_MAX, &settings->retry_ms);
    return read_filter(p, &settings->filter);
}

static dyn_status read_option(dyn_parser *p, dyn_handler_request *out)
{
    static const char *const names[] = {"sync",    "start",    "batch",
                                        "retries", "retry_ms", "filter"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!dyn_parser_at_word(p, names[i])) continue;
        DYN_TRY(dyn_parser_next(p));
        DYN_TRY(dyn_parser_expect_mark(p, '='));
        return read_value(p, names[i], out);
    }
    return dyn_fail(p->call, DYN_INVALID,
                    "unknown option \"%.*s\": there are sync, start, batch, "
                    "retries, retry_ms and filter",
                    DYN_SHOWN(p->token));
}

static dyn_status read_options(dyn_call *call, dyn_bytes text,
                               dyn_handler_request *out)
{
    bool goes_on = true;
    dyn_parser p = {.call = call, .next = (const char *)text.data};
    if (text.data == NULL) return DYN_OK;
    DYN_TRY(dyn_parser_next(&p));
    if (p.type == DYN_LEXEME_END) return DYN_OK;
    while (goes_on) {
        DYN_TRY(read_option(&p, out));
        DYN_TRY(dyn_parser_skip_mark(&p, ',', &goes_on));
    }
    if (p.type == DYN_LEXEME_END) return DYN_OK;
    return dyn_parser_fail(&p, "a comma, or the end of the options");
}

/* ------------------------------------------------------------------- SQL -- */

/* How many bytes from here on are a quoted name, a text or a comment; 0: none.
 */
static size_t opaque_bytes(const char *sql)
{
    static const char quotes[] = "'\"`[";
    const char *end = NULL;
    size_t end_bytes = 1;
    if (*sql != '\0' && strchr(quotes, *sql) != NULL) {
        end = strchr(sql + 1, *sql == '[' ? ']' : *sql);
    } else if (strncmp(sql, "--", 2) == 0) {
        end = strchr(sql, '\n');
    } else if (strncmp(sql, "/*", 2) == 0) {
        end = strstr(sql + 2, "*/");
        end_bytes = 2;
    } else {
        return 0;
    }
    return end == NULL ? strlen(sql) : (size_t)(end - sql) + end_bytes;
}

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '$' ||
           (unsigned char)c >= 0x80;
}

/* A parameter stands here: the column of NEW that it means. */
static dyn_status add_parameter(dyn_call *call, const char **sql,
                                dyn_buffer *out)
{
    static const char *const names[] = {"event",    "keys", "old",  "new",
                                        "sequence", "time", "actor"};
    const char *name = *sql + 1;
    size_t size = 0;
    while (is_word_byte(name[size]))
        size++;
    dyn_bytes word = {(const unsigned char *)name, size};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (**sql != ':' || !dyn_bytes_equal_text(word, names[i])) continue;
        dyn_buffer_add_text(out, "NEW.");
        dyn_buffer_add_text(out, names[i]);
        *sql = name + size;
        return DYN_OK;
    }
    return dyn_fail(call, DYN_INVALID,
                    "there is no parameter %.*s: the SQL of a handler has "
                    ":event, :keys, :old, :new, :sequence, :time and :actor",
                    (int)size + 1, *sql);
}

static bool is_comment(const char *sql)
{
    return *sql == '-' || *sql == '/';
}

/* Copy SQL with its parameters rewritten. *end is where the last token of it
 * ends in out, and *last its last byte; @ and $ begin parameters, too, but for
 * a $ within a word. */
static dyn_status add_rewritten(dyn_call *call, const char *sql,
                                dyn_buffer *out, size_t *end, char *last)
{
    bool is_in_word = false;
    while (*sql != '\0') {
        size_t opaque = opaque_bytes(sql);
        bool is_token =
            !isspace((unsigned char)*sql) && !(opaque > 0 && is_comment(sql));
        if (is_token) *last = *sql;
        if (opaque > 0) {
            dyn_buffer_add(out, sql, opaque);
            sql += opaque;
            is_in_word = false;
        } else if (!is_in_word && strchr(":@$?#", *sql) != NULL) {
            DYN_TRY(add_parameter(call, &sql, out));
        } else {
            is_in_word = is_word_byte(*sql);
            dyn_buffer_add_byte(out, (unsigned char)*sql++);
        }
        if (is_token) *end = out->size_bytes;
    }
    return DYN_OK;
}

/* Without the semicolon behind the last statement. */
static dyn_status rewrite(dyn_call *call, dyn_bytes sql, dyn_bytes *out)
{
    dyn_buffer text;
    size_t end = 0;
    char last = '\0';
    dyn_buffer_begin(&text, call, 2 * sql.size_bytes + 16);
    DYN_TRY(add_rewritten(call, (const char *)sql.data, &text, &end, &last));
    DYN_TRY(dyn_buffer_end(&text, out));
    out->size_bytes = last == ';' ? end - 1 : end;
    if (out->size_bytes > 0) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "the SQL of a handler has no statement; NULL removes one");
}

dyn_status dyn_handler_request_read(dyn_call *call, dyn_bytes name,
                                    dyn_bytes sql, dyn_bytes options,
                                    dyn_handler_request *out)
{
    *out = (dyn_handler_request){
        .name = name,
        .settings = {.sql = sql,
                     .batch_records = BATCH_RECORDS,
                     .retries = RETRIES,
                     .retry_ms = RETRY_MS},
    };
    if (name.size_bytes == 0 || name.size_bytes > NAME_BYTES_MAX) {
        return dyn_fail(call, DYN_INVALID,
                        "the name of a handler has 1 to %d bytes",
                        NAME_BYTES_MAX);
    }
    DYN_TRY(rewrite(call, sql, &out->body));
    return read_options(call, options, out);
}
