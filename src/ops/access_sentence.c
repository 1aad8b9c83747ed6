/* The sentences of access paths; the contract is in access_sentence.h. */
#include "ops/access_sentence.h"

#include "base/buffer.h"
#include "engine/cost.h"
#include "engine/units.h"

enum { SENTENCE_BYTES = 256 };

static void add_column(dyn_buffer *text, const dyn_definition *definition,
                       int column, const char *after)
{
    dyn_buffer_add_bytes(text, definition->columns[column].name);
    dyn_buffer_add_text(text, after);
}

/* An index of that number, between two texts. */
static void add_index(dyn_buffer *text, const dyn_access_request *request,
                      const char *before, size_t index, const char *after)
{
    dyn_buffer_add_text(text, before);
    dyn_buffer_add_bytes(text, request->definition->indexes[index].name);
    dyn_buffer_add_text(text, after);
}

/* -------------------------------------------------------------- refusals -- */

/* a = ? and b = ? */
static void add_partition(dyn_buffer *text, const dyn_definition *definition,
                          const dyn_key_schema *key)
{
    for (int i = 0; i < key->partition_count; i++) {
        if (i > 0) dyn_buffer_add_text(text, " and ");
        add_column(text, definition, key->partition[i], " = ?");
    }
}

/* Why an index is not read, where something stands in the way; returns whether
 * that is so. */
static bool add_obstacle(dyn_buffer *text, const dyn_access_request *request,
                         size_t index)
{
    dyn_bytes missing = {NULL, 0};
    switch (dyn_access_obstacle(request, index, &missing)) {
    case DYN_OBSTACLE_NONE:
        return false;
    case DYN_OBSTACLE_PROJECTION:
        add_index(text, request, "index ", index, " does not project ");
        dyn_buffer_add_bytes(text, missing);
        return true;
    case DYN_OBSTACLE_FILLING:
        add_index(text, request, "index ", index,
                  " is still being created (dynamo_maintain() goes on with "
                  "that)");
        return true;
    case DYN_OBSTACLE_STRONG:
        add_index(text, request,
                  "Consistent reads are not supported on global secondary "
                  "indexes (index ",
                  index, ")");
        return true;
    }
    return false;
}

static bool has_equality(const dyn_access_request *request, int column)
{
    for (size_t i = 0; i < request->term_count; i++) {
        const dyn_term *term = &request->terms[i];
        if (term->is_usable && term->comparison == DYN_COMPARE_EQUAL &&
            term->column == column)
            return true;
    }
    return false;
}

/* Whether the statement has an equality on each partition key of an index. */
static bool is_asked_for(const dyn_access_request *request, size_t index)
{
    const dyn_key_schema *key = &request->definition->indexes[index].key;
    for (int i = 0; i < key->partition_count; i++) {
        if (!has_equality(request, key->partition[i])) return false;
    }
    return true;
}

/* Why an index whose partition key is fixed is not read. */
static void add_reason(dyn_buffer *text, const dyn_access_request *request,
                       size_t index)
{
    int sparse = dyn_access_sparse(request, index);
    if (!add_obstacle(text, request, index)) {
        if (sparse < 0) return;
        add_index(text, request, "index ", index, " has no items without ");
        add_column(text, request->definition, sparse, "");
    }
    dyn_buffer_add_text(text, "; ");
}

/* What a query must ask for, that the index leaves no items out. */
static void add_optional(dyn_buffer *text, const dyn_definition *definition,
                         const dyn_key_schema *key)
{
    for (int i = 0; i < key->sort_count; i++) {
        if (!dyn_access_is_optional(definition, key->sort[i])) continue;
        dyn_buffer_add_text(text, " and ");
        add_column(text, definition, key->sort[i], " IS NOT NULL");
    }
}

/* Each global index that would do; a local one has the key of the table. */
static void add_indexes(dyn_buffer *text, const dyn_access_request *request)
{
    const dyn_definition *definition = request->definition;
    for (size_t i = 0; i < request->index_count; i++) {
        const dyn_index *index = &definition->indexes[i];
        if (index->is_local ||
            dyn_access_obstacle(request, i, NULL) != DYN_OBSTACLE_NONE)
            continue;
        dyn_buffer_add_text(text, ", or ");
        add_partition(text, definition, &index->key);
        add_optional(text, definition, &index->key);
        add_index(text, request, " (index ", i, ")");
    }
}

/* What there is in place of an index that there is not. */
static void add_names(dyn_buffer *text, const dyn_access_request *request)
{
    const dyn_definition *definition = request->definition;
    if (request->index_count == 0) dyn_buffer_add_text(text, "; it has none");
    for (size_t i = 0; i < request->index_count; i++) {
        dyn_buffer_add_text(text, i == 0 ? "; it has " : ", ");
        dyn_buffer_add_bytes(text, definition->indexes[i].name);
    }
}

/* The index that the mode names, which the statement gives no key of. */
static void add_named(dyn_buffer *text, const dyn_access_request *request)
{
    const dyn_definition *definition = request->definition;
    int named = request->index_count == 0
                    ? -1
                    : dyn_definition_index(definition, request->mode.index);
    if (named < 0) {
        dyn_buffer_add_text(text,
                            "The table does not have the specified index: ");
        dyn_buffer_add_bytes(text, request->mode.index);
        add_names(text, request);
        return;
    }
    size_t index = (size_t)named;
    if (add_obstacle(text, request, index)) return;
    add_index(text, request, "a query of index ", index, " needs ");
    add_partition(text, definition, &definition->indexes[index].key);
    dyn_buffer_add_text(text, "; to read the whole index: FROM ");
    dyn_buffer_add_text(text, request->table_name);
    add_index(text, request, "('scan index ", index, "')");
}

/* What is compared with it may be a second argument of the table. */
static void add_misplaced(dyn_buffer *text, const dyn_access_request *request)
{
    dyn_buffer_add_text(
        text, "condition is set by INSERT and UPDATE, and has no place in "
              "WHERE; the words of a mode are one text: FROM ");
    dyn_buffer_add_text(text, request->table_name);
    dyn_buffer_add_text(text, "('scan strong')");
}

static void add_refusal(dyn_buffer *text, const dyn_access_request *request)
{
    const dyn_definition *definition = request->definition;
    if (request->has_condition) {
        add_misplaced(text, request);
        return;
    }
    if (request->mode.index.data != NULL) {
        add_named(text, request);
        return;
    }
    for (size_t i = 0; i < request->index_count; i++) {
        if (is_asked_for(request, i)) add_reason(text, request, i);
    }
    dyn_buffer_add_text(text, "a query needs ");
    add_partition(text, definition, &definition->key);
    add_indexes(text, request);
    dyn_buffer_add_text(text, "; to read the whole table: FROM ");
    dyn_buffer_add_text(text, request->table_name);
    dyn_buffer_add_text(text, "('scan'), or WHERE mode = 'scan'");
}

dyn_status dyn_access_explain(dyn_call *call, const dyn_access_request *request,
                              dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, SENTENCE_BYTES);
    add_refusal(&text, request);
    return dyn_buffer_end(&text, out);
}

/* ------------------------------------------------------------- sentences -- */

static void add_range(dyn_buffer *text, const dyn_access_request *request,
                      const dyn_access_path *path)
{
    static const char *const texts[] = {
        [DYN_COMPARE_ABOVE] = " > ?",
        [DYN_COMPARE_AT_LEAST] = " >= ?",
        [DYN_COMPARE_BELOW] = " < ?",
        [DYN_COMPARE_AT_MOST] = " <= ?",
        [DYN_COMPARE_LIKE] = " LIKE ?",
        [DYN_COMPARE_GLOB] = " GLOB ?",
        [DYN_COMPARE_BEGINS_WITH] = " beginning with ?",
    };
    for (int slot = DYN_SLOT_LOWER; slot < DYN_SLOTS; slot++) {
        if (!dyn_access_has(path, slot)) continue;
        const dyn_term *term = &request->terms[path->terms[slot]];
        dyn_buffer_add_text(text, " and ");
        add_column(text, request->definition, term->column,
                   texts[term->comparison]);
    }
}

static void add_query(dyn_buffer *text, const dyn_access_request *request,
                      const dyn_access_path *path)
{
    const dyn_definition *definition = request->definition;
    if (path->index >= 0) {
        add_index(text, request, "query index ", (size_t)path->index,
                  " for the items with ");
    } else {
        dyn_buffer_add_text(text, dyn_access_is_point(path)
                                      ? "get the item with "
                                      : "query the items with ");
    }
    add_partition(text, definition, path->key);
    for (int i = 0; i < path->sort_count; i++) {
        dyn_buffer_add_text(text, " and ");
        add_column(text, definition, path->key->sort[i], " = ?");
    }
    add_range(text, request, path);
    if (path->is_down) dyn_buffer_add_text(text, ", last first");
    if (path->is_limited) dyn_buffer_add_text(text, ", limited");
}

static void add_read(dyn_buffer *text, const dyn_access_request *request,
                     const dyn_access_path *path)
{
    if (dyn_access_has(path, DYN_SLOT_STORED_KEY)) {
        dyn_buffer_add_text(text, "get the item with the key ?");
    } else if (path->is_fixed) {
        add_query(text, request, path);
    } else if (!request->is_mode_known) {
        dyn_buffer_add_text(text, "scan if mode says so, or refuse");
    } else if (path->index < 0) {
        dyn_buffer_add_text(text, "scan the whole table");
    } else {
        add_index(text, request, "scan index ", (size_t)path->index, "");
    }
}

static void add_consistency(dyn_buffer *text, const dyn_access_request *request)
{
    const char *word = "eventually consistent";
    if (request->mode.is_strong) word = "strongly consistent";
    if (!request->is_mode_known) word = "consistent as mode says";
    dyn_buffer_add_text(text, ", ");
    dyn_buffer_add_text(text, word);
}

bool dyn_access_is_whole(const dyn_access_request *request,
                         const dyn_access_path *path)
{
    return request->is_mode_known && dyn_access_is_scan(request, path) &&
           !request->mode.has_segment && !path->is_fetching &&
           !path->is_limited;
}

/* A scan rounds up what it reads by page. Where the mode is not known, the read
 * is at least eventually consistent. */
static void add_units(dyn_buffer *text, const dyn_access_request *request,
                      const dyn_access_path *path, int64_t bytes)
{
    bool is_strong = request->is_mode_known && request->mode.is_strong;
    bool is_whole = dyn_access_is_whole(request, path);
    if (!request->is_mode_known && !path->is_fixed) return;
    dyn_buffer_add_text(text, ", read units: ");
    if (is_whole) dyn_buffer_add_text(text, "about ");
    dyn_halves_to_text(
        text, dyn_read_halves(is_whole ? (size_t)bytes : 0, is_strong));
    dyn_buffer_add_text(text, is_whole ? " to its end" : " or more");
}

dyn_status dyn_access_describe(dyn_call *call,
                               const dyn_access_request *request,
                               const dyn_access_path *path, int64_t bytes,
                               dyn_bytes *out)
{
    dyn_buffer text;
    dyn_buffer_begin(&text, call, SENTENCE_BYTES);
    if (dyn_access_is_refused(request, path)) {
        dyn_buffer_add_text(&text, DYN_ACCESS_REFUSED);
        add_refusal(&text, request);
        return dyn_buffer_end(&text, out);
    }
    add_read(&text, request, path);
    if (path->is_fetching)
        dyn_buffer_add_text(&text, ", fetching the items from the table");
    add_consistency(&text, request);
    add_units(&text, request, path, bytes);
    return dyn_buffer_end(&text, out);
}
