/* Which operations read; the contract is in lane.h. */
#include "lane.h"

#include <string.h>

static const char *const reads[] = {
    "GetItem",          "Query",      "BatchGetItem",    "Scan",
    "TransactGetItems", "GetRecords", "GetShardIterator"};

/* An export reads for long, and writes little. */
static const char *const exports[] = {"ExportTableToPointInTime"};

static const char *const statements[] = {
    "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"};

static const char *const steps[] = {"ImportTable"};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool is_among(dyn_bytes name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (dyn_bytes_equal_text(name, names[i])) return true;
    }
    return false;
}

static bool begins_with(dyn_bytes name, const char *prefix)
{
    return dyn_bytes_begin_with(name, dyn_bytes_text(prefix));
}

static bool is_word_at(dyn_bytes text, size_t at, const char *word)
{
    size_t size = strlen(word);
    return text.size_bytes - at >= size &&
           dyn_bytes_equal_nocase((dyn_bytes){text.data + at, size},
                                  dyn_bytes_text(word));
}

/* Whether a word that begins a statement which writes is in it anywhere. */
static bool has_writing_word(dyn_bytes text)
{
    for (size_t at = 0; at < text.size_bytes; at++) {
        if (is_word_at(text, at, "insert") || is_word_at(text, at, "update") ||
            is_word_at(text, at, "delete"))
            return true;
    }
    return false;
}

server_lane lane_of(dyn_bytes operation, dyn_bytes request)
{
    if (is_among(operation, reads, COUNT_OF(reads)) ||
        is_among(operation, exports, COUNT_OF(exports)) ||
        begins_with(operation, "Describe") || begins_with(operation, "List"))
        return LANE_READ;
    if (is_among(operation, steps, COUNT_OF(steps))) return LANE_STEPS;
    if (is_among(operation, statements, COUNT_OF(statements)))
        return has_writing_word(request) ? LANE_WRITE : LANE_READ;
    return LANE_WRITE;
}
