/* The words of the mode column; the contract is in read_mode.h. */
#include "ops/read_mode.h"

#include "base/words.h"

/* i of n, after the word segment. */
static dyn_status parse_segment(dyn_call *call, dyn_bytes *rest,
                                dyn_read_mode *out)
{
    enum { SEGMENTS_MAX = 1000000 };
    dyn_bytes word;
    bool is_right =
        dyn_next_word(rest, &word) && dyn_word_number(word, &out->segment) &&
        dyn_next_word(rest, &word) && dyn_bytes_equal_text(word, "of") &&
        dyn_next_word(rest, &word) &&
        dyn_word_number(word, &out->segment_count);
    if (!is_right || out->segment_count < 1 ||
        out->segment_count > SEGMENTS_MAX ||
        out->segment >= out->segment_count) {
        return dyn_fail(call, DYN_INVALID,
                        "mode: segment needs i of n, 0 <= i < n <= %d, as in "
                        "'scan segment 0 of 4'",
                        SEGMENTS_MAX);
    }
    out->has_segment = true;
    return DYN_OK;
}

/* NAME, after the word index. */
static dyn_status parse_index(dyn_call *call, dyn_bytes *rest,
                              dyn_read_mode *out)
{
    if (dyn_next_word(rest, &out->index)) return DYN_OK;
    return dyn_fail(call, DYN_INVALID,
                    "mode: index needs a name, as in 'index by_status'");
}

dyn_status dyn_read_mode_parse(dyn_call *call, dyn_bytes text,
                               dyn_read_mode *out)
{
    dyn_bytes word;
    *out = (dyn_read_mode){.is_scan = false};
    while (dyn_next_word(&text, &word)) {
        if (dyn_bytes_equal_text(word, "scan")) {
            out->is_scan = true;
        } else if (dyn_bytes_equal_text(word, "strong")) {
            out->is_strong = true;
        } else if (dyn_bytes_equal_text(word, "live")) {
            out->is_live = true;
        } else if (dyn_bytes_equal_text(word, "segment")) {
            DYN_TRY(parse_segment(call, &text, out));
        } else if (dyn_bytes_equal_text(word, "index")) {
            DYN_TRY(parse_index(call, &text, out));
        } else {
            return dyn_fail(
                call, DYN_INVALID,
                "unknown mode \"%.*s\": there are 'strong', 'live', 'scan', "
                "'scan segment 0 of 4' and 'index NAME'",
                (int)word.size_bytes, (const char *)word.data);
        }
    }
    if (out->has_segment && !out->is_scan) {
        return dyn_fail(call, DYN_INVALID,
                        "mode: segment goes with scan, as in 'scan segment 0 "
                        "of 4'");
    }
    return DYN_OK;
}
