/* What a person asks of the replicas of a table. The contract is in replica.h.
 */
#include "ops/replica.h"

#include "base/buffer.h"
#include "engine/declaration_options.h"

#include <ctype.h>

static void skip_blanks(const char **text)
{
    while (isspace((unsigned char)**text))
        (*text)++;
}

/* What stands between blanks. */
static dyn_bytes next_word(const char **text)
{
    skip_blanks(text);
    dyn_bytes word = {(const unsigned char *)*text, 0};
    while ((*text)[word.size_bytes] != '\0' &&
           !isspace((unsigned char)(*text)[word.size_bytes]))
        word.size_bytes++;
    *text += word.size_bytes;
    skip_blanks(text);
    return word;
}

static bool skip_word(const char **text, const char *word)
{
    const char *rest = *text;
    if (!dyn_bytes_equal_nocase(next_word(&rest), dyn_bytes_text(word)))
        return false;
    *text = rest;
    return true;
}

static dyn_status fail(dyn_call *call, const char *rest)
{
    return dyn_fail(call, DYN_INVALID,
                    "unexpected \"%s\": expected ADD REPLICA region [IN "
                    "'file'] [STRONG], or DROP REPLICA region",
                    rest);
}

/* A text in single quotes, which are doubled within it. */
static dyn_status read_file(dyn_call *call, const char **text, dyn_bytes *out)
{
    dyn_buffer file;
    const char *next = *text;
    if (*next++ != '\'') return fail(call, *text);
    dyn_buffer_begin(&file, call, 64);
    for (; *next != '\'' || next[1] == '\''; next++) {
        if (*next == '\0') return fail(call, *text);
        if (*next == '\'') next++;
        dyn_buffer_add_byte(&file, (unsigned char)*next);
    }
    *text = next + 1;
    skip_blanks(text);
    return dyn_buffer_end(&file, out);
}

/* A name, which may be quoted. */
static dyn_status read_region(dyn_call *call, const char **text, dyn_bytes *out)
{
    dyn_bytes word = next_word(text);
    if (word.size_bytes > 2 && word.data[0] == '"' &&
        word.data[word.size_bytes - 1] == '"')
        word = (dyn_bytes){word.data + 1, word.size_bytes - 2};
    DYN_TRY(dyn_region_check(call, word));
    return dyn_copy(call, word, out);
}

dyn_status dyn_replica_request_read(dyn_call *call, dyn_bytes text,
                                    bool *is_one, dyn_replica_request *out)
{
    const char *rest = (const char *)text.data;
    *out = (dyn_replica_request){.is_strong = false};
    bool is_add = skip_word(&rest, "ADD");
    out->is_drop = !is_add && skip_word(&rest, "DROP");
    *is_one = (is_add || out->is_drop) && skip_word(&rest, "REPLICA");
    if (!*is_one) return DYN_OK;
    DYN_TRY(read_region(call, &rest, &out->region));
    if (is_add && skip_word(&rest, "IN"))
        DYN_TRY(read_file(call, &rest, &out->file));
    if (is_add) out->is_strong = skip_word(&rest, "STRONG");
    return *rest == '\0' ? DYN_OK : fail(call, rest);
}
