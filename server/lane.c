/* Which operations read; the contract is in lane.h. */
#include "lane.h"

#include <string.h>

/* Operations that no rule below finds by its name. An export reads for long,
 * and writes little. */
static const struct {
    const char *operation;
    server_lane lane;
} lanes[] = {
    {"GetItem", LANE_QUICK},
    {"BatchGetItem", LANE_READ},
    {"Query", LANE_READ},
    {"Scan", LANE_READ},
    {"TransactGetItems", LANE_READ},
    {"GetRecords", LANE_READ},
    {"GetShardIterator", LANE_READ},
    {"ExportTableToPointInTime", LANE_READ},
    {"PutItem", LANE_WRITE},
    {"UpdateItem", LANE_WRITE},
    {"DeleteItem", LANE_WRITE},
    {"BatchWriteItem", LANE_WRITE},
    {"TransactWriteItems", LANE_WRITE},
    {"ImportTable", LANE_STEPS},
};

static const char *const statements[] = {
    "ExecuteStatement", "BatchExecuteStatement", "ExecuteTransaction"};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool is_statement(dyn_bytes operation)
{
    for (size_t i = 0; i < COUNT_OF(statements); i++) {
        if (dyn_bytes_equal_text(operation, statements[i])) return true;
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
    for (size_t i = 0; i < COUNT_OF(lanes); i++) {
        if (dyn_bytes_equal_text(operation, lanes[i].operation))
            return lanes[i].lane;
    }
    if (begins_with(operation, "Describe") || begins_with(operation, "List"))
        return LANE_READ;
    if (!is_statement(operation)) return LANE_ALONE;
    return has_writing_word(request) ? LANE_WRITE : LANE_READ;
}
