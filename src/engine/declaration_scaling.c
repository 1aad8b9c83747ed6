/* Settings of auto scaling as text; the contracts are in declaration_scaling.h.
 */
#include "engine/declaration_scaling.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

/* --------------------------------------------------------------- reading -- */

/* What is left of a text. */
typedef struct reader {
    const unsigned char *next;
    const unsigned char *end;
} reader;

static void skip_blanks(reader *r)
{
    while (r->next < r->end && isspace(*r->next))
        r->next++;
}

/* A word, in any case, or the two points; false when it is not there. */
static bool skip_word(reader *r, const char *word)
{
    size_t size = strlen(word);
    skip_blanks(r);
    if ((size_t)(r->end - r->next) < size) return false;
    dyn_bytes there = {r->next, size};
    if (!dyn_bytes_equal_nocase(there, dyn_bytes_text(word))) return false;
    bool is_part =
        r->next + size < r->end && isalpha(word[0]) && isalnum(r->next[size]);
    if (is_part) return false;
    r->next += size;
    return true;
}

static bool read_number(reader *r, int64_t *out)
{
    static const int64_t most = INT64_C(1) << 40;
    skip_blanks(r);
    const unsigned char *first = r->next;
    for (*out = 0; r->next < r->end && isdigit(*r->next); r->next++) {
        if (*out < most) *out = *out * 10 + (*r->next - '0');
    }
    return r->next > first;
}

static bool read_seconds(reader *r, int64_t *out)
{
    return skip_word(r, "every") && read_number(r, out);
}

static bool read_settings(reader *r, dyn_scaling_settings *out)
{
    *out = (dyn_scaling_settings){.target_percent = DYN_SCALING_TARGET_DEFAULT};
    if (!read_number(r, &out->minimum_units) || !skip_word(r, "..") ||
        !read_number(r, &out->maximum_units)) {
        return false;
    }
    if (skip_word(r, "at") && !read_number(r, &out->target_percent))
        return false;
    if (skip_word(r, "up") && !read_seconds(r, &out->up_cooldown_seconds))
        return false;
    if (skip_word(r, "down")) {
        out->is_up_only = skip_word(r, "never");
        if (!out->is_up_only && !read_seconds(r, &out->down_cooldown_seconds))
            return false;
    }
    skip_blanks(r);
    return r->next == r->end;
}

/* ----------------------------------------------------------------- rules -- */

static dyn_status fail_settings(dyn_call *call, const char *name,
                                const dyn_scaling_settings *settings,
                                const char *problem)
{
    return dyn_fail(call, DYN_INVALID,
                    "%s = '%" PRId64 "..%" PRId64 " at %" PRId64 "': %s", name,
                    settings->minimum_units, settings->maximum_units,
                    settings->target_percent, problem);
}

dyn_status dyn_scaling_check(dyn_call *call, const char *name,
                             const dyn_scaling_settings *settings)
{
    enum { COOLDOWN_SECONDS_MAX = 7 * 24 * 60 * 60 };
    const dyn_scaling_settings *s = settings;
    const char *problem = NULL;
    if (s->minimum_units < 1) {
        problem = "the minimum is to be 1 or more";
    } else if (s->maximum_units < s->minimum_units) {
        problem = "the maximum is less than the minimum";
    } else if (s->maximum_units > DYN_TABLE_UNITS_MAX) {
        problem = "a table or index has 40000 units a second at most";
    } else if (s->target_percent < DYN_SCALING_TARGET_MIN ||
               s->target_percent > DYN_SCALING_TARGET_MAX) {
        problem = "the target is to be 20 to 90 percent";
    } else if (s->up_cooldown_seconds < 0 || s->down_cooldown_seconds < 0 ||
               s->up_cooldown_seconds > COOLDOWN_SECONDS_MAX ||
               s->down_cooldown_seconds > COOLDOWN_SECONDS_MAX) {
        problem = "a cooldown is to be 0 to 604800 seconds, which are 7 days";
    }
    return problem == NULL ? DYN_OK : fail_settings(call, name, s, problem);
}

dyn_status dyn_scaling_parse(dyn_call *call, const char *name, dyn_bytes text,
                             dyn_scaling_settings *out)
{
    reader r = {text.data, text.data + text.size_bytes};
    if (dyn_bytes_equal_nocase(text, dyn_bytes_text("off"))) {
        *out = (dyn_scaling_settings){.maximum_units = DYN_UNITS_NONE};
        return DYN_OK;
    }
    if (read_settings(&r, out)) return dyn_scaling_check(call, name, out);
    return dyn_fail(call, DYN_INVALID,
                    "%s = '%.*s': expected 'MIN..MAX', and behind it, as far "
                    "as wanted, 'at PERCENT up every SECONDS down every "
                    "SECONDS' or 'down never'; or 'off'",
                    name, (int)text.size_bytes, (const char *)text.data);
}

/* -------------------------------------------------------------- printing -- */

static void add_number(dyn_buffer *out, const char *words, int64_t number)
{
    char text[32];
    snprintf(text, sizeof(text), "%" PRId64, number);
    dyn_buffer_add_text(out, words);
    dyn_buffer_add_text(out, text);
}

void dyn_scaling_print(dyn_buffer *out, const dyn_scaling_settings *settings)
{
    add_number(out, "'", settings->minimum_units);
    add_number(out, "..", settings->maximum_units);
    add_number(out, " at ", settings->target_percent);
    if (settings->up_cooldown_seconds > 0)
        add_number(out, " up every ", settings->up_cooldown_seconds);
    if (settings->is_up_only) {
        dyn_buffer_add_text(out, " down never");
    } else if (settings->down_cooldown_seconds > 0) {
        add_number(out, " down every ", settings->down_cooldown_seconds);
    }
    dyn_buffer_add_byte(out, '\'');
}
