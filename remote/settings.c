/* Reading arguments; the contracts are in settings.h. */
#include "settings.h"

#include "base/arn.h"
#include "engine/declaration_options.h"

#include <stdlib.h>

enum {
    TIMEOUT_MS_DEFAULT = 10000,
    TIMEOUT_MS_MAX = 10 * 60 * 1000,
    ATTEMPTS_DEFAULT = 8,
    ATTEMPTS_MAX = 20,
};

static dyn_status fail_value(dyn_parser *p, const char *name,
                             const char *expected)
{
    return dyn_fail(p->call, DYN_INVALID, "%s = %.*s: expected %s", name,
                    DYN_SHOWN(p->token), expected);
}

static dyn_status read_text(dyn_parser *p, const char *name, const char **out)
{
    dyn_bytes text = {NULL, 0};
    if (p->type != DYN_LEXEME_STRING || p->content.size_bytes == 0)
        return fail_value(p, name, "a text in quotes");
    DYN_TRY(dyn_copy(p->call, p->content, &text));
    *out = (const char *)text.data;
    return dyn_parser_next(p);
}

static dyn_status read_number(dyn_parser *p, const char *name, int64_t max,
                              int64_t *out)
{
    enum { DIGITS_MAX = 9 };
    dyn_bytes digits = p->content;
    int64_t number = 0;
    bool is_number =
        p->type == DYN_LEXEME_NUMBER && digits.size_bytes <= DIGITS_MAX;
    for (size_t i = 0; is_number && i < digits.size_bytes; i++) {
        is_number = isdigit(digits.data[i]);
        number = number * 10 + (digits.data[i] - '0');
    }
    if (!is_number || number < 1 || number > max) {
        return dyn_fail(p->call, DYN_INVALID,
                        "%s = %.*s: expected a whole number from 1 to %lld",
                        name, DYN_SHOWN(p->token), (long long)max);
    }
    *out = number;
    return dyn_parser_next(p);
}

static dyn_status read_value(dyn_parser *p, dyn_bytes name,
                             remote_settings *out)
{
    const struct {
        const char *name;
        const char **text;
        int64_t *number;
        int64_t max;
    } options[] = {
        {"table", &out->table, NULL, 0},
        {"endpoint", &out->endpoint, NULL, 0},
        {"region", &out->region, NULL, 0},
        {"profile", &out->profile, NULL, 0},
        {"timeout_ms", NULL, &out->timeout_ms, TIMEOUT_MS_MAX},
        {"attempts", NULL, &out->attempts, ATTEMPTS_MAX},
    };
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        if (!dyn_bytes_equal_nocase(name, dyn_bytes_text(options[i].name)))
            continue;
        if (options[i].text != NULL)
            return read_text(p, options[i].name, options[i].text);
        return read_number(p, options[i].name, options[i].max,
                           options[i].number);
    }
    return dyn_fail(p->call, DYN_INVALID,
                    "unknown option \"%.*s\": there are table, endpoint, "
                    "region, profile, timeout_ms, attempts and strict. All "
                    "else is known by the server",
                    DYN_SHOWN(name));
}

/* An option, of which the name is looked at. */
static dyn_status read_option(dyn_parser *p, remote_settings *out)
{
    dyn_bytes name = p->token;
    DYN_TRY(dyn_parser_next(p));
    DYN_TRY(dyn_parser_next(p));
    DYN_TRY(read_value(p, name, out));
    return p->type == DYN_LEXEME_END ? DYN_OK : dyn_parser_fail(p, "a comma");
}

/* What is no option is looked at when the table is known. */
static dyn_status read_argument(dyn_call *call, const char *text,
                                remote_settings *out)
{
    dyn_bytes copy = {NULL, 0};
    DYN_TRY(dyn_copy(call, dyn_bytes_text(text), &copy));
    dyn_parser p = {.call = call, .next = (const char *)copy.data};
    DYN_TRY(dyn_parser_next(&p));
    if (dyn_parser_at_option(&p) && !dyn_parser_at_word(&p, "strict"))
        return read_option(&p, out);
    out->columns[out->column_count++] = (const char *)copy.data;
    return DYN_OK;
}

dyn_status remote_settings_begin(dyn_call *call, remote_settings *out)
{
    const char *region = getenv("AWS_REGION");
    if (region == NULL || region[0] == '\0') region = DYN_ARN_REGION;
    *out = (remote_settings){.timeout_ms = TIMEOUT_MS_DEFAULT,
                             .attempts = ATTEMPTS_DEFAULT};
    out->region = dyn_format(call, "%s", region);
    return out->region == NULL ? DYN_NOMEM : DYN_OK;
}

static bool is_address(dyn_bytes endpoint)
{
    return dyn_bytes_begin_with(endpoint, dyn_bytes_text("http://")) ||
           dyn_bytes_begin_with(endpoint, dyn_bytes_text("https://"));
}

dyn_status remote_settings_end(dyn_call *call, remote_settings *settings)
{
    DYN_TRY(dyn_region_check(call, dyn_bytes_text(settings->region)));
    if (settings->endpoint == NULL) {
        settings->endpoint = dyn_format(
            call, "https://dynamodb.%s.amazonaws.com", settings->region);
        return settings->endpoint == NULL ? DYN_NOMEM : DYN_OK;
    }
    if (is_address(dyn_bytes_text(settings->endpoint))) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "endpoint = '%s': expected an address, as in "
                    "'http://127.0.0.1:8000'",
                    settings->endpoint);
}

dyn_status remote_settings_read(dyn_call *call, const char *const *arguments,
                                size_t count, remote_settings *out)
{
    DYN_TRY(remote_settings_begin(call, out));
    out->columns = dyn_alloc(call, count * sizeof(char *));
    if (out->columns == NULL) return DYN_NOMEM;
    for (size_t i = 0; i < count; i++)
        DYN_TRY(read_argument(call, arguments[i], out));
    if (out->table == NULL) {
        return dyn_fail(call, DYN_INVALID,
                        "the name of the table there is missing, as in: "
                        "dynamo_remote(table = 'orders', endpoint = "
                        "'http://127.0.0.1:8000')");
    }
    return remote_settings_end(call, out);
}
